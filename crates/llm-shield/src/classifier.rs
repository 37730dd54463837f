//! The seam between scanners that decide and models that score.

use std::ops::Range;

/// A binary detector over folded text: how likely is it that the text belongs to the detector's class?
///
/// The engine never sees what is behind it, be it a linear model, an encoder or, in a test, a table.
pub trait Classifier: Send + Sync {
    /// The calibrated probability, from 0 to 1, that `folded` (a [`crate::Text::folded`] view or a part of it)
    /// belongs to the class. Linear in the length of the text.
    fn score(&self, folded: &str) -> f32;

    /// As [`Classifier::score`], with the part of `folded` that decided it: a model that reads a long text in
    /// windows names the worst one. Costs no more than the score.
    fn judge(&self, folded: &str) -> Judgement {
        Judgement { score: self.score(folded), decided_by: 0..folded.len() }
    }

    /// The bytes of `folded` that speak most for the class; asked only of a part that was found to belong to it.
    ///
    /// `None` when the model cannot tell; the finding then covers the whole part.
    fn explain(&self, folded: &str) -> Option<Range<usize>> {
        let _ = folded;
        None
    }
}

/// A score and what decided it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The calibrated probability, from 0 to 1.
    pub score: f32,
    /// Bytes of the folded text, on character boundaries.
    pub decided_by: Range<usize>,
}

/// A detector that tells several labels apart: languages, programming languages, grades of gibberish.
///
/// It reads the text as it stands, not the folded view: accents tell languages apart, capitals and punctuation tell
/// code apart.
pub trait LabelClassifier: Send + Sync {
    /// The labels, in the order of [`LabelClassifier::probabilities`].
    fn labels(&self) -> &[&'static str];

    /// The calibrated probability of each label; they add up to 1. Empty when the text holds nothing to go by, such as
    /// no letter at all. Linear in the length of the text.
    fn probabilities(&self, text: &str) -> Vec<f32>;
}
