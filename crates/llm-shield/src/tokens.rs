//! The byte-pair encodings `cl100k_base` and `o200k_base`: exact token ids and counts in linear time.
//!
//! A text is first split into pieces by the encoding's published pattern, by hand and without a regex engine
//! (`pieces`); each piece is then encoded by itself (`bytepair`). The tables are embedded, read where they lie, and
//! set up on first use of the encoding. They are written by `tools/token-tables`, which also compares this code
//! with two reference encoders.

mod bytepair;
mod encoding;
mod pieces;
mod tables;

use std::sync::LazyLock;

use bytepair::PieceEncoder;
pub use encoding::{Encoding, UnknownTokenizer};
use tables::Tables;

static CL100K: LazyLock<Tables> = LazyLock::new(|| {
    Tables::new(include_bytes!("../data/cl100k_trie.bin"), include_bytes!("../data/cl100k_tokens.bin"))
});
static O200K: LazyLock<Tables> = LazyLock::new(|| {
    Tables::new(include_bytes!("../data/o200k_trie.bin"), include_bytes!("../data/o200k_tokens.bin"))
});

/// Where a text reaches a number of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenCount {
    /// The whole text has this many tokens, fewer than the limit.
    Below(usize),
    /// The text has at least as many tokens as the limit.
    Reached {
        /// The byte at which the last token within the limit ends; down to the start of the character when the
        /// token ends inside one.
        end: usize,
        /// Whether the token ends inside a character, of which the first bytes are then left out.
        inside_character: bool,
    },
}

impl Encoding {
    /// The token ids of `text`, as `tiktoken`'s `encode_ordinary` gives them: special tokens such as
    /// `<|endoftext|>` are ordinary text. Takes time linear in the length of `text`.
    ///
    /// ```
    /// use llm_shield::Encoding;
    ///
    /// assert_eq!(Encoding::Cl100kBase.encode("hello world"), [15339, 1917]);
    /// ```
    pub fn encode(self, text: &str) -> Vec<u32> {
        let mut encoder = PieceEncoder::new(self.tables());
        let mut tokens = Vec::with_capacity(text.len() / 4);
        for piece in pieces::Pieces::new(self, text) {
            tokens.extend_from_slice(encoder.encode(piece.as_bytes()));
        }
        tokens
    }

    /// The number of tokens of `text`.
    pub fn count(self, text: &str) -> usize {
        let mut encoder = PieceEncoder::new(self.tables());
        pieces::Pieces::new(self, text).map(|piece| encoder.encode(piece.as_bytes()).len()).sum()
    }

    /// Whether `text` has fewer than `limit` tokens, and if not, where the first `limit` tokens end. It stops
    /// with the piece that reaches the limit, so a long text costs no more than what is within it.
    pub fn count_up_to(self, text: &str, limit: usize) -> TokenCount {
        let tables = self.tables();
        let mut encoder = PieceEncoder::new(tables);
        let mut count = 0;
        let mut end = 0;
        for piece in pieces::Pieces::new(self, text) {
            let tokens = encoder.encode(piece.as_bytes());
            if count + tokens.len() >= limit {
                let within = &tokens[..limit - count];
                end += within.iter().map(|&token| tables.len(token)).sum::<usize>();
                let inside_character = !text.is_char_boundary(end);
                let end = (0..=end).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
                return TokenCount::Reached { end, inside_character };
            }
            count += tokens.len();
            end += piece.len();
        }
        TokenCount::Below(count)
    }

    fn tables(self) -> &'static Tables {
        match self {
            Self::Cl100kBase => &CL100K,
            Self::O200kBase => &O200K,
        }
    }
}
