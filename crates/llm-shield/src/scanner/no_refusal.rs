//! `NoRefusal`: answers in which the model declines.

use std::sync::Arc;

use serde::Deserialize;

use super::semantic::{self, MatchType};
use crate::{Category, Classifier, Outcome, Owasp, ScanError, Scanner, Text, Threshold};

/// Refuses outputs that are refusals.
///
/// # What it finds
/// "I'm sorry, but I can't help with that" in its many forms, also in the middle of a longer answer; by a linear model
/// over hashed words and characters of the folded text.
///
/// # Why it matters
/// A refusal says that the prompt asked for something that it should not have, or that the model is too careful; either
/// is worth counting, and a user should not see it as an answer.
///
/// # What it misses
/// Refusals that answer another question instead, or that only moralise. Answers that quote a refusal or apologise for
/// something else may alarm. The model card gives the measured figures.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use llm_shield::{Classifier, NoRefusal, NoRefusalParams, Scanner, Text};
///
/// /// Stands in for a model.
/// struct Table;
/// impl Classifier for Table {
///     fn score(&self, folded: &str) -> f32 {
///         if folded.contains("i cannot help") { 0.99 } else { 0.01 }
///     }
/// }
///
/// let scanner = NoRefusal::new(NoRefusalParams::default(), Arc::new(Table));
/// assert!(!scanner.scan(&Text::new("Sorry, I cannot help with that."))?.is_valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct NoRefusal {
    params: NoRefusalParams,
    classifier: Arc<dyn Classifier>,
}

/// llm-guard's parameters of [`NoRefusal`].
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoRefusalParams {
    /// Scores above it refuse the output.
    pub threshold: Threshold,
    /// Which parts are scored.
    pub match_type: MatchType,
}

impl Default for NoRefusalParams {
    fn default() -> Self {
        Self { threshold: Threshold::NO_REFUSAL, match_type: MatchType::Full }
    }
}

impl NoRefusal {
    /// llm-guard's class name.
    pub const NAME: &'static str = "NoRefusal";

    /// A scanner that asks `classifier`.
    pub fn new(params: NoRefusalParams, classifier: Arc<dyn Classifier>) -> Self {
        Self { params, classifier }
    }
}

impl Scanner for NoRefusal {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let NoRefusalParams { threshold, match_type } = self.params;
        let found = ("refusal", Category::Refusal, Owasp::Llm09Misinformation);
        Ok(semantic::verdict(text, match_type, threshold, &*self.classifier, found))
    }
}
