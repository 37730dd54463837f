//! The text under scan, and the views of it that scanners share.

mod decode;
mod edits;
mod fold;
mod lower;
pub(crate) mod python;
mod revealed;

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::{Edit, Span};
pub use decode::Decoding;
use decode::Layer;
use edits::EditMap;
pub use fold::Folded;
pub(crate) use lower::Lowered;
pub use revealed::Revealed;

/// A text under scan. Views are computed at most once, and only if a scanner asks for them.
///
/// Redaction yields a new `Text`, so no stale view survives; the new one remembers how its bytes map back to
/// the text that the caller passed in.
#[derive(Debug)]
pub struct Text<'t> {
    current: Cow<'t, str>,
    origin: EditMap,
    folded: OnceCell<Folded>,
    revealed: OnceCell<(Vec<Layer>, Option<Folded>)>,
}

impl<'t> Text<'t> {
    /// A text as the caller passed it in.
    pub fn new(text: impl Into<Cow<'t, str>>) -> Self {
        Self {
            current: text.into(),
            origin: EditMap::identity(),
            folded: OnceCell::new(),
            revealed: OnceCell::new(),
        }
    }

    /// The text as it is now.
    pub fn as_str(&self) -> &str {
        &self.current
    }

    /// Whether it holds nothing but white space, in Python's sense (`not text.strip()`).
    pub fn is_blank(&self) -> bool {
        self.current.chars().all(python::is_whitespace)
    }

    /// The text as it reads: lower case, full-width, confusable and tag characters folded to plain ones, what
    /// cannot be seen removed; with a map from its bytes back to those of [`Text::as_str`].
    pub fn folded(&self) -> &Folded {
        self.folded.get_or_init(|| Folded::new(&self.current))
    }

    /// The text as it reads once its disguises are undone: what is hidden in it, spelled in a code, turned round or moved
    /// along the alphabet stands there in plain letters, and the whole is folded. A text without any disguise is its own
    /// folded view.
    pub fn revealed(&self) -> Revealed<'_> {
        let (layers, folded) = self.revealed.get_or_init(|| {
            let layers = decode::decode(&self.current);
            let folded = layers.last().map(|layer| Folded::new(layer.as_str()));
            (layers, folded)
        });
        Revealed::new(&self.current, layers, folded.as_ref().unwrap_or_else(|| self.folded()))
    }

    /// The text after `edits`, which are sorted by start and do not overlap.
    #[must_use]
    pub fn edited(self, edits: &[Edit]) -> Self {
        if edits.is_empty() {
            return self;
        }
        let (text, origin) = self.origin.apply(&self.current, edits);
        Self { current: Cow::Owned(text), origin, folded: OnceCell::new(), revealed: OnceCell::new() }
    }

    /// Where a span of the text as it is now stands in the caller's text. A span that touches a replacement
    /// covers all that was replaced.
    pub fn origin(&self, span: Span) -> Span {
        self.origin.to_origin(span)
    }

    /// The text itself, borrowed if it was never changed.
    pub fn into_inner(self) -> Cow<'t, str> {
        self.current
    }
}
