//! The seam between scanners that decide and models that score.

use std::ops::Range;

/// A binary detector over folded text: how likely is it that the text belongs to the detector's class?
///
/// The engine never sees what is behind it, be it a linear model, an encoder or, in a test, a table.
pub trait Classifier: Send + Sync {
    /// The calibrated probability, from 0 to 1, that `folded` (a [`crate::Text::folded`] view or a part of it)
    /// belongs to the class. Linear in the length of the text.
    fn score(&self, folded: &str) -> f32;

    /// The bytes of `folded` that speak most for the class, for a text that was found to belong to it.
    ///
    /// `None` when the model cannot tell; the finding then covers the whole text.
    fn explain(&self, folded: &str) -> Option<Range<usize>> {
        let _ = folded;
        None
    }
}
