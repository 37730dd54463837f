//! The folded view: the text as a reader sees it.

/// A folded text and the map from its bytes back to the text that it was made from.
#[derive(Debug)]
pub struct Folded {
    text: String,
}

impl Folded {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_ascii_lowercase() }
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where the bytes `range` of the folded text stand in the text that it was made from; on character
    /// boundaries there.
    pub fn source(&self, range: std::ops::Range<usize>) -> crate::Span {
        crate::Span::new(range.start, range.end)
    }
}
