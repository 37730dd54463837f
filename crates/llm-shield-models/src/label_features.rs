//! Hashed n-grams for the detectors with several labels.
//!
//! `training/label_features.py` defines them and is the reference; `tests/parity.rs` holds the two equal. Each n-gram is
//! handed to a [`LabelSink`] as a hash of 32 bits, of which a model takes as many as it has buckets for.

// Odd constants without structure; any would do, but Python has the same.
const K: u64 = 0x9E37_79B9_7F4A_7C15;
const KW: u64 = 0xC2B2_AE3D_27D4_EB4F;
const M: [u64; 5] = [
    0xD6E8_FEB8_6659_FD93,
    0xA076_1D64_78BD_642F,
    0xE703_7ED1_A0B4_28DB,
    0x8EBC_6AF0_9C88_C6E3,
    0x5899_65CC_7537_4CC3,
];
const CHUNK_WORD_MAX: usize = 24;
const SPACE: u32 = 0x20;

/// How a text is cut into n-grams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Letters and words, for natural languages.
    Letters,
    /// Identifiers, punctuation and line breaks, for code.
    Tokens,
}

/// Where the hashes of the two lists go.
pub(crate) trait LabelSink {
    /// Letters of a chunk, or a token.
    fn first(&mut self, hash: u32);
    /// A whole chunk, or a pair or triple of tokens.
    fn second(&mut self, hash: u32);
}

/// The hashes of a text, as the Python side lists them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LabelHashes {
    /// Letters of chunks, or tokens.
    pub first: Vec<u32>,
    /// Whole chunks, or pairs and triples of tokens.
    pub second: Vec<u32>,
}

impl LabelSink for LabelHashes {
    fn first(&mut self, hash: u32) {
        self.first.push(hash);
    }

    fn second(&mut self, hash: u32) {
        self.second.push(hash);
    }
}

/// Lists the hashes of a text; scoring does not need the lists.
pub fn label_hashes(text: &str, reading: Reading) -> LabelHashes {
    let mut hashes = LabelHashes::default();
    walk_labels(text, reading, &mut hashes);
    hashes
}

/// Hands every n-gram of `text` to `sink`.
pub(crate) fn walk_labels(text: &str, reading: Reading, sink: &mut impl LabelSink) {
    match reading {
        Reading::Letters => letters(text, sink),
        Reading::Tokens => tokens(text, sink),
    }
}

const fn top(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Lower case of the Latin, Greek and Cyrillic letters whose forms are a fixed distance apart. A short rule that both
/// sides can hold to, where Unicode's own tables differ from version to version.
const fn lower(c: u32) -> u32 {
    match c {
        0x41..=0x5a | 0xc0..=0xde | 0x391..=0x3a9 | 0x410..=0x42f => c + 32,
        0x400..=0x40f => c + 80,
        0x100..=0x137 | 0x14a..=0x177 | 0x1e00..=0x1eff if c.is_multiple_of(2) => c + 1,
        0x139..=0x148 | 0x179..=0x17e if !c.is_multiple_of(2) => c + 1,
        _ => c,
    }
}

/// Whether a code point belongs to no word: ASCII but its letters, punctuation, symbols, emoji, digits.
const fn separates(c: u32) -> bool {
    match c {
        0x61..=0x7a | 0x41..=0x5a => false,
        ..0xc0
        | 0xd7
        | 0xf7
        | 0x60c
        | 0x61b
        | 0x61f
        | 0x660..=0x669
        | 0x6d4
        | 0x6f0..=0x6f9
        | 0x964..=0x965
        | 0x2000..=0x2bff
        | 0x2e00..=0x3004
        | 0x3008..=0x3030
        | 0x30fb
        | 0xfe00..=0xfe6f
        | 0xff00..=0xff20
        | 0xff3b..=0xff40
        | 0xff5b..=0xff65
        | 0x1f000..=0x1faff
        | 0xe0000.. => true,
        _ => false,
    }
}

fn letters(text: &str, sink: &mut impl LabelSink) {
    let (mut g1, mut g2, mut g3) = (0u64, 0u64, 0u64);
    let mut word = 0u64;
    // Code points of the chunk so far, its opening space included; 0 outside.
    let mut length = 0;
    for character in text.chars().map(u32::from).chain([SPACE]) {
        let c = lower(character);
        let ends = separates(c);
        if length == 0 {
            if ends {
                continue;
            }
            (g1, length, word) = (u64::from(SPACE), 1, 0);
        }
        let code = u64::from(if ends { SPACE } else { c });
        let g4 = g3.wrapping_mul(K).wrapping_add(code);
        (g3, g2, g1) = (g2.wrapping_mul(K).wrapping_add(code), g1.wrapping_mul(K).wrapping_add(code), code);
        length += 1;
        if !ends {
            sink.first(top((g1 + 1).wrapping_mul(M[0])));
        }
        if length >= 2 {
            sink.first(top(g2.wrapping_mul(M[1])));
        }
        if length >= 3 {
            sink.first(top(g3.wrapping_mul(M[2])));
        }
        if length >= 4 {
            sink.first(top(g4.wrapping_mul(M[3])));
        }
        if ends {
            if length - 2 <= CHUNK_WORD_MAX {
                sink.second(top((word ^ (word >> 29)).wrapping_mul(M[4])));
            }
            length = 0;
        } else {
            word = word.wrapping_add(code).wrapping_add(1).wrapping_mul(K);
        }
    }
}

const fn is_word(c: u32) -> bool {
    matches!(c, 0x30..=0x39 | 0x41..=0x5a | 0x61..=0x7a | 0x5f | 0x80..)
}

fn tokens(text: &str, sink: &mut impl LabelSink) {
    let (mut before, mut before_that) = (0u64, 0u64);
    let mut seen = 0usize;
    let mut characters = text.chars().map(u32::from).peekable();
    while let Some(c) = characters.next() {
        let hash = match c {
            _ if is_word(c) => {
                let number = matches!(c, 0x30..=0x39);
                let step =
                    |hash: u64, c: u32| hash.wrapping_add(u64::from(c)).wrapping_add(1).wrapping_mul(K);
                let mut hash = step(0, if number { 0x30 } else { c });
                while let Some(c) = characters.next_if(|&c| is_word(c)) {
                    if !number {
                        hash = step(hash, c);
                    }
                }
                hash
            }
            0x0a => {
                let mut indented = false;
                while let Some(c) = characters.next_if(|&c| c <= SPACE || c == 0x7f) {
                    indented = c != 0x0a && c != 0x0d;
                }
                if indented { KW.wrapping_mul(2) } else { KW }
            }
            ..=SPACE | 0x7f => continue,
            _ => (u64::from(c) + 1).wrapping_mul(K),
        };
        let token = hash ^ (hash >> 29);
        sink.first(top(token.wrapping_mul(M[0])));
        if seen >= 1 {
            sink.second(top(before.wrapping_mul(KW).wrapping_add(token).wrapping_mul(M[1])));
        }
        if seen >= 2 {
            let pair = before_that.wrapping_mul(KW).wrapping_add(before);
            sink.second(top(pair.wrapping_mul(KW).wrapping_add(token).wrapping_mul(M[2])));
        }
        (before_that, before) = (before, token);
        seen += 1;
    }
}
