//! `BanCode`: source code in a text.

use std::sync::Arc;

use serde::Deserialize;

use super::semantic::{self, MatchType};
use crate::{Category, Classifier, Outcome, Owasp, ScanError, Scanner, Text, Threshold};

/// Refuses texts that hold source code.
///
/// # What it finds
/// Code, shell commands, queries and markup, alone or between prose, inside backticks too; by a linear model over hashed
/// words and characters of the folded text, in windows of about 32 words.
///
/// # Why it matters
/// An assistant that is not meant to write code should not, and code that leaves a company in a prompt may be its own.
///
/// # What it misses
/// A single command or identifier inside a sentence; pseudo-code that reads like prose. The model card gives the measured
/// figures.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use llm_shield::{BanCode, BanCodeParams, Classifier, Scanner, Text};
///
/// /// Stands in for a model.
/// struct Table;
/// impl Classifier for Table {
///     fn score(&self, folded: &str) -> f32 {
///         if folded.contains("();") { 0.99 } else { 0.01 }
///     }
/// }
///
/// let scanner = BanCode::new(BanCodeParams::default(), Arc::new(Table));
/// assert!(!scanner.scan(&Text::new("start(); stop();"))?.is_valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BanCode {
    params: BanCodeParams,
    classifier: Arc<dyn Classifier>,
}

/// llm-guard's parameters of [`BanCode`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BanCodeParams {
    /// Scores above it refuse the text; without it 0.97 for prompts, 0.9 for outputs.
    pub threshold: Option<Threshold>,
}

impl BanCode {
    /// llm-guard's class name.
    pub const NAME: &'static str = "BanCode";

    /// A scanner that asks `classifier`.
    pub fn new(params: BanCodeParams, classifier: Arc<dyn Classifier>) -> Self {
        Self { params, classifier }
    }
}

impl Scanner for BanCode {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let threshold = self.params.threshold.unwrap_or(Threshold::BAN_CODE);
        let found = ("code", Category::Code, Owasp::Llm05OutputHandling);
        Ok(semantic::verdict(text, MatchType::Full, threshold, &*self.classifier, found))
    }
}
