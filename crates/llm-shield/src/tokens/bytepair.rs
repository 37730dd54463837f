//! Byte-pair encoding of one piece in linear time, by backtracking.
//!
//! The algorithm is GitHub's ("So many tokens, so little time", 2024, and the README of their `bpe` crate): a
//! sequence of tokens is the encoding exactly when each two neighbours are, so tokens are taken greedily, the
//! longest first, as long as each stays apart from the one before; where nothing fits, the last token is taken
//! back and the position remembered as a dead end. Each position is given up at most once.

use super::tables::Tables;

/// Encodes pieces; keeps its buffers between them.
pub(super) struct PieceEncoder<'a> {
    tables: &'a Tables,
    tokens: Vec<u32>,
    /// One bit a byte position: no encoding of the piece passes through it.
    dead_ends: Vec<u64>,
}

impl<'a> PieceEncoder<'a> {
    pub(super) const fn new(tables: &'a Tables) -> Self {
        Self { tables, tokens: Vec::new(), dead_ends: Vec::new() }
    }

    /// The tokens of one piece.
    pub(super) fn encode(&mut self, piece: &[u8]) -> &[u32] {
        self.tokens.clear();
        let mut candidate = self.tables.longest(piece);
        // Most words are one token.
        if let Some(token) = candidate.filter(|&token| self.tables.len(token) == piece.len()) {
            self.tokens.push(token);
            return &self.tokens;
        }
        self.dead_ends.clear();
        self.dead_ends.resize(piece.len() / 64 + 1, 0);
        let mut at = 0;
        while let Some(token) = candidate {
            if let Some(token) = self.fitting(token, at) {
                self.tokens.push(token);
                at += self.tables.len(token);
                candidate = self.tables.longest(&piece[at..]);
            } else {
                self.dead_ends[at / 64] |= 1 << (at % 64);
                // The candidate is then tried again, fails at the dead end, and gives way to a shorter one.
                candidate = self.tokens.pop();
                at -= candidate.map_or(0, |token| self.tables.len(token));
            }
        }
        &self.tokens
    }

    /// The longest of `token` and its prefixes that may follow the tokens so far, which end at byte `at`.
    fn fitting(&self, token: u32, at: usize) -> Option<u32> {
        let last = self.tokens.last();
        let mut candidate = Some(token);
        while let Some(token) = candidate {
            let end = at + self.tables.len(token);
            let is_dead_end = self.dead_ends[end / 64] >> (end % 64) & 1 == 1;
            if !is_dead_end && last.is_none_or(|&last| self.tables.stay_apart(last, token)) {
                return Some(token);
            }
            candidate = self.tables.shorter(token);
        }
        None
    }
}
