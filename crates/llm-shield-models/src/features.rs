//! Hashed word and character n-grams of a folded text.
//!
//! `training/features.py` defines them and is the reference; here they are computed in one pass and handed to a
//! [`Sink`] as they come, without any memory of their own. `tests/parity.rs` holds the two equal.

/// Log2 of the number of buckets.
pub(crate) const BITS: u32 = 18;
/// Number of buckets, and of weights in a model.
pub(crate) const BUCKETS: usize = 1 << BITS;
/// Blocks in a window.
pub(crate) const WINDOW_BLOCKS: usize = 4;

const BLOCK_WORDS: u32 = 8;
const BLOCK_CODES: u32 = 64;
const SHIFT: u32 = 64 - BITS;

// Odd constants without structure; any would do, but Python has the same.
const K: u64 = 0x9E37_79B9_7F4A_7C15;
const KW: u64 = 0xC2B2_AE3D_27D4_EB4F;
const M3: u64 = 0xD6E8_FEB8_6659_FD93;
const M4: u64 = 0xA076_1D64_78BD_642F;
const M5: u64 = 0xE703_7ED1_A0B4_28DB;
const MW1: u64 = 0x8EBC_6AF0_9C88_C6E3;
const MW2: u64 = 0x5899_65CC_7537_4CC3;
const MW3: u64 = 0x1D8E_4E27_C47D_124F;

/// Where the n-grams of a text go, in the order of the text.
pub(crate) trait Sink {
    /// A word n-gram fell into this bucket.
    fn word(&mut self, bucket: usize);
    /// The character 3-, 4- and 5-gram that end here fell into these buckets; only the first `count` of them exist.
    fn characters(&mut self, buckets: [usize; 3], count: usize);
    /// A word ended; it began at the first and ended before the second byte. Its n-grams have come.
    fn word_end(&mut self, start: usize, end: usize);
    /// A block ended.
    fn block_end(&mut self);
}

/// The buckets of a text's n-grams, as the Python side lists them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Buckets {
    /// Of the words, their pairs and triples.
    pub words: Vec<u32>,
    /// Of the character 3-, 4- and 5-grams.
    pub characters: Vec<u32>,
    /// How many of both there were at the end of each block.
    pub blocks: Vec<(usize, usize)>,
}

/// Lists the buckets of a folded text; scoring does not need the lists.
pub fn buckets(folded: &str) -> Buckets {
    let mut buckets = Buckets::default();
    walk(folded, &mut buckets);
    buckets
}

impl Sink for Buckets {
    fn word(&mut self, bucket: usize) {
        self.words.push(bucket as u32);
    }

    fn characters(&mut self, buckets: [usize; 3], count: usize) {
        self.characters.extend(buckets[..count].iter().map(|&bucket| bucket as u32));
    }

    fn word_end(&mut self, _: usize, _: usize) {}

    fn block_end(&mut self) {
        self.blocks.push((self.words.len(), self.characters.len()));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Ends a chunk and a word.
    Separator,
    /// Ends a word, stays in the chunk.
    Mark,
    /// Goes on with a word.
    Letter,
    /// Is a word of its own: CJK, emoji, symbols.
    Single,
}

const ASCII: [Class; 128] = {
    let mut classes = [Class::Mark; 128];
    let mut code = 0;
    while code < 128u8 {
        if code <= b' ' {
            classes[code as usize] = Class::Separator;
        } else if code.is_ascii_alphanumeric() || code == b'_' || code == b'\'' {
            classes[code as usize] = Class::Letter;
        }
        code += 1;
    }
    classes
};

#[inline]
fn class_of(character: char) -> Class {
    match character {
        '\0'..='\x7f' => ASCII[character as usize & 127],
        '\u{2190}'..='\u{2bff}' | '\u{2e80}'.. => Class::Single,
        _ => Class::Letter,
    }
}

/// Hands every n-gram of `folded` to `sink`.
#[inline]
pub(crate) fn walk(folded: &str, sink: &mut impl Sink) {
    if folded.is_ascii() {
        // Most texts; one byte a character, and the class from a table.
        let characters = folded.bytes().enumerate();
        walk_over(
            characters.map(|(at, byte)| (at, 1, u32::from(byte), ASCII[usize::from(byte & 127)])),
            folded.len(),
            sink,
        );
    } else {
        let characters = folded.char_indices();
        walk_over(
            characters
                .map(|(at, character)| (at, character.len_utf8(), character.into(), class_of(character))),
            folded.len(),
            sink,
        );
    }
}

/// As [`walk`], over place, length in bytes, code point and class of each character of a text of `bytes` bytes.
#[inline]
fn walk_over(
    characters: impl Iterator<Item = (usize, usize, u32, Class)>,
    bytes: usize,
    sink: &mut impl Sink,
) {
    let mut chunk = Chunk::default();
    let mut words = Words::default();
    let mut block = Block::default();
    for (at, length, code, class) in characters {
        chunk.step(code, class == Class::Separator, sink);
        if class == Class::Letter {
            words.letter(at, code);
        } else {
            block.words += words.close(at, sink);
            if class == Class::Single {
                words.letter(at, code);
                block.words += words.close(at + length, sink);
            }
        }
        block.step(sink);
    }
    chunk.step(u32::from(b' '), true, sink);
    block.words += words.close(bytes, sink);
    block.step(sink);
    if block.codes > 0 {
        sink.block_end();
    }
}

/// The rolling hashes of the characters of a chunk.
#[derive(Default)]
struct Chunk {
    g1: u64,
    g2: u64,
    g3: u64,
    g4: u64,
    /// Code points so far, the space before the chunk included; 0 outside of chunks.
    length: usize,
}

impl Chunk {
    #[inline]
    fn step(&mut self, code: u32, separator: bool, sink: &mut impl Sink) {
        if self.length == 0 {
            if separator {
                return;
            }
            self.g1 = u64::from(b' ');
            self.length = 1;
        }
        let c = u64::from(if separator { u32::from(b' ') } else { code });
        let g5 = self.g4.wrapping_mul(K).wrapping_add(c);
        self.g4 = self.g3.wrapping_mul(K).wrapping_add(c);
        self.g3 = self.g2.wrapping_mul(K).wrapping_add(c);
        self.g2 = self.g1.wrapping_mul(K).wrapping_add(c);
        self.g1 = c;
        self.length += 1;
        // All three buckets, also those of n-grams that would reach back over the start: a branch on the length, which
        // is that of a word, would be guessed wrong more often than not.
        let buckets = [bucket(self.g3, M3), bucket(self.g4, M4), bucket(g5, M5)];
        sink.characters(buckets, self.length.saturating_sub(2).min(3));
        if separator {
            self.length = 0;
        }
    }
}

/// The hash of the word being read, and of the two before it.
#[derive(Default)]
struct Words {
    current: u64,
    start: usize,
    open: bool,
    before: u64,
    before_that: u64,
    seen: usize,
}

impl Words {
    #[inline]
    fn letter(&mut self, at: usize, code: u32) {
        if !self.open {
            self.open = true;
            self.start = at;
        }
        self.current = self.current.wrapping_add(u64::from(code)).wrapping_add(1).wrapping_mul(K);
    }

    /// Ends the word at the byte `end`, if one is open; answers how many ended.
    #[inline]
    fn close(&mut self, end: usize, sink: &mut impl Sink) -> u32 {
        if !self.open {
            return 0;
        }
        let word = self.current ^ (self.current >> 29);
        sink.word(bucket(word, MW1));
        if self.seen >= 1 {
            sink.word(bucket(self.before.wrapping_mul(KW).wrapping_add(word), MW2));
        }
        if self.seen >= 2 {
            let pair = self.before_that.wrapping_mul(KW).wrapping_add(self.before);
            sink.word(bucket(pair.wrapping_mul(KW).wrapping_add(word), MW3));
        }
        sink.word_end(self.start, end);
        self.before_that = self.before;
        self.before = word;
        self.current = 0;
        self.open = false;
        self.seen += 1;
        1
    }
}

/// How full the block is.
#[derive(Default)]
struct Block {
    words: u32,
    codes: u32,
}

impl Block {
    #[inline]
    fn step(&mut self, sink: &mut impl Sink) {
        self.codes += 1;
        if self.words >= BLOCK_WORDS || self.codes >= BLOCK_CODES {
            sink.block_end();
            *self = Self::default();
        }
    }
}

#[inline]
const fn bucket(hash: u64, multiplier: u64) -> usize {
    (hash.wrapping_mul(multiplier) >> SHIFT) as usize
}
