//! The tables of one encoding: a trie from bytes to tokens, and for each token how it was merged.
//!
//! Both embedded files are plain little-endian words, read in place, so loading costs only what is computed here:
//! the tokens' lengths and the index from a pair of tokens to what they merge into.

/// No token: wider than any token id, narrower than the 20 bits that a table entry has for one.
const NONE: u32 = 0xF_FFFF;
/// The first 256 ids of both encodings are the single bytes.
const BYTES: u32 = 256;

/// The root of the trie.
const ROOT: usize = 0;
/// A trie unit that belongs to no byte: it is empty, or holds the token of an inner node.
const VALUE: u32 = 1 << 31;
/// The unit has no children; its payload is a token.
const LEAF: u32 = 1 << 30;
/// The unit has children and is a token, which stands 256 units after its children's base.
const INNER_TOKEN: u32 = 1 << 29;
const PAYLOAD: u32 = (1 << 21) - 1;

/// The tables of one encoding.
#[derive(Debug)]
pub(super) struct Tables {
    /// A double-array trie. Bits 0–7 of a unit are the byte that leads to it, 8–28 its payload (the base of its
    /// children, or a token), 29–31 the flags above.
    trie: &'static [[u8; 4]],
    /// For each token, 20 bits each: its left half, its right half, its longest proper prefix that is a token.
    tokens: &'static [[u8; 8]],
    lengths: Vec<u8>,
    /// Open addressing with linear probing; a slot holds a merged token, whose halves are in `tokens`.
    merges: Vec<u32>,
}

impl Tables {
    pub(super) fn new(trie: &'static [u8], tokens: &'static [u8]) -> Self {
        let (trie, tokens) = (trie.as_chunks().0, tokens.as_chunks().0);
        let slots = (tokens.len() * 2).next_power_of_two();
        let mut tables = Self { trie, tokens, lengths: vec![1; tokens.len()], merges: vec![NONE; slots] };
        for token in BYTES..tokens.len() as u32 {
            let (left, right) = tables.halves(token);
            // Both halves are older than the token, so their lengths are known.
            tables.lengths[token as usize] = (tables.len(left) + tables.len(right)) as u8;
            let mut slot = tables.slot(left, right);
            while tables.merges[slot] != NONE {
                slot = (slot + 1) & (slots - 1);
            }
            tables.merges[slot] = token;
        }
        tables
    }

    /// Length of a token in bytes.
    pub(super) fn len(&self, token: u32) -> usize {
        usize::from(self.lengths[token as usize])
    }

    /// The longest token that begins `bytes`; `None` only for no bytes, as every byte is a token.
    pub(super) fn longest(&self, bytes: &[u8]) -> Option<u32> {
        let mut unit = self.unit(ROOT);
        let mut longest = None;
        for &byte in bytes {
            let base = payload(unit);
            unit = self.unit(base + usize::from(byte));
            if unit & (VALUE | 0xFF) != u32::from(byte) {
                break;
            }
            if unit & LEAF != 0 {
                return Some(payload(unit) as u32);
            }
            if unit & INNER_TOKEN != 0 {
                longest = Some(payload(unit) + 256);
            }
        }
        longest.map(|slot| payload(self.unit(slot)) as u32)
    }

    /// The longest token that is a proper prefix of `token`.
    pub(super) fn shorter(&self, token: u32) -> Option<u32> {
        let prefix = (self.entry(token) >> 40) as u32 & NONE;
        (prefix != NONE).then_some(prefix)
    }

    /// Whether byte-pair encoding leaves `left` and `right` next to each other as they are.
    ///
    /// Undoes the merges that made them, the latest first, and asks each time whether the two tokens then at the
    /// border would have been merged across it before.
    pub(super) fn stay_apart(&self, mut left: u32, mut right: u32) -> bool {
        // A merge across the border would have come first if its id is below this.
        let mut before = NONE;
        loop {
            if self.merged(left, right).is_some_and(|token| token < before) {
                return false;
            }
            if left.max(right) < BYTES {
                return true;
            }
            if left > right {
                before = left;
                left = self.halves(left).1;
            } else {
                // Equal merges are done from left to right, so one across the border precedes that of `right`.
                before = right + 1;
                right = self.halves(right).0;
            }
        }
    }

    /// What `left` and `right` merge into.
    fn merged(&self, left: u32, right: u32) -> Option<u32> {
        let mut slot = self.slot(left, right);
        loop {
            let token = self.merges[slot];
            if token == NONE {
                return None;
            }
            if self.halves(token) == (left, right) {
                return Some(token);
            }
            slot = (slot + 1) & (self.merges.len() - 1);
        }
    }

    fn slot(&self, left: u32, right: u32) -> usize {
        // Multiplication by an odd constant near 2^64 / golden ratio; the high bits are the well mixed ones.
        let hash = (u64::from(left) << 20 | u64::from(right)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (hash >> 40) as usize & (self.merges.len() - 1)
    }

    fn halves(&self, token: u32) -> (u32, u32) {
        let entry = self.entry(token);
        (entry as u32 & NONE, (entry >> 20) as u32 & NONE)
    }

    fn entry(&self, token: u32) -> u64 {
        u64::from_le_bytes(self.tokens[token as usize])
    }

    fn unit(&self, slot: usize) -> u32 {
        u32::from_le_bytes(self.trie[slot])
    }
}

const fn payload(unit: u32) -> usize {
    (unit >> 8 & PAYLOAD) as usize
}
