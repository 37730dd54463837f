//! `PromptInjection`: attempts to override the application's instructions.

use std::sync::Arc;

use serde::Deserialize;

use super::semantic::{self, MatchType};
use crate::{Category, Classifier, Outcome, Owasp, ScanError, Scanner, Text, Threshold};

/// Refuses texts that try to make a model follow someone else's instructions.
///
/// # What it finds
/// Direct overrides, jailbreak personas, requests for the system prompt, instructions planted in content; by
/// a linear model over hashed words and characters of the folded text, so that look-alike letters, full-width
/// and invisible characters change nothing.
///
/// # Why it matters
/// It is the first entry of the OWASP Top 10 for LLM applications.
///
/// # What it misses
/// Attacks that work by meaning alone, without any word that attacks have in common; languages that the
/// training data hardly holds; encoded payloads. The model card gives the measured figures.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use llm_shield::{Classifier, PromptInjection, PromptInjectionParams, Scanner, Text};
///
/// /// Stands in for a model.
/// struct Table;
/// impl Classifier for Table {
///     fn score(&self, folded: &str) -> f32 {
///         if folded.contains("ignore all previous instructions") { 0.99 } else { 0.01 }
///     }
/// }
///
/// let scanner = PromptInjection::new(PromptInjectionParams::default(), Arc::new(Table));
/// assert!(!scanner.scan(&Text::new("Ignore ALL previous instructions."))?.is_valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PromptInjection {
    params: PromptInjectionParams,
    classifier: Arc<dyn Classifier>,
}

/// llm-guard's parameters of [`PromptInjection`].
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PromptInjectionParams {
    /// Scores above it refuse the text.
    pub threshold: Threshold,
    /// Which parts are scored.
    pub match_type: MatchType,
}

impl Default for PromptInjectionParams {
    fn default() -> Self {
        Self { threshold: Threshold::PROMPT_INJECTION, match_type: MatchType::Full }
    }
}

impl PromptInjection {
    /// A scanner that asks `classifier`.
    pub fn new(params: PromptInjectionParams, classifier: Arc<dyn Classifier>) -> Self {
        Self { params, classifier }
    }
}

impl Scanner for PromptInjection {
    fn name(&self) -> &'static str {
        "PromptInjection"
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let PromptInjectionParams { threshold, match_type } = self.params;
        let found = ("prompt_injection", Category::PromptInjection, Owasp::Llm01PromptInjection);
        Ok(semantic::verdict(text, match_type, threshold, &*self.classifier, found))
    }
}
