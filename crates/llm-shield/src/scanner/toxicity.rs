//! Toxicity: insulting, hateful or threatening language.

use std::sync::Arc;

use serde::Deserialize;

use super::semantic::{self, MatchType};
use crate::{
    Category, Classifier, Outcome, Owasp, RiskScore, ScanError, Scanner, Text, Threshold, risk_score,
};

/// Refuses toxic texts.
///
/// # What it finds
/// Insults, slurs, threats and hateful generalisations; by a linear model over hashed words and characters of
/// the folded text.
///
/// # Why it matters
/// A model that is fed abuse tends to return it, and an application is judged by what it shows.
///
/// # What it misses
/// Hate in polite words, irony, and toxic use of harmless words; and it can be too strict on quoted or
/// reclaimed slurs. There is one score, where llm-guard's model has seven labels. The model card gives the
/// measured figures.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use llm_shield::{Classifier, Scanner, Text, Toxicity, ToxicityParams};
///
/// /// Stands in for a model.
/// struct Table;
/// impl Classifier for Table {
///     fn score(&self, folded: &str) -> f32 {
///         if folded.contains("idiot") { 0.9 } else { 0.1 }
///     }
/// }
///
/// let scanner = Toxicity::new(ToxicityParams::default(), Arc::new(Table));
/// assert!(scanner.scan(&Text::new("You are kind"))?.is_valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Toxicity {
    params: ToxicityParams,
    classifier: Arc<dyn Classifier>,
}

/// llm-guard's parameters of [`Toxicity`].
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ToxicityParams {
    /// Scores above it refuse the text; without it 0.5 for prompts, 0.7 for outputs.
    pub threshold: Option<Threshold>,
    /// Which parts are scored.
    pub match_type: MatchType,
}

impl Default for ToxicityParams {
    fn default() -> Self {
        Self { threshold: None, match_type: MatchType::Full }
    }
}

impl Toxicity {
    /// A scanner that asks `classifier`.
    pub fn new(params: ToxicityParams, classifier: Arc<dyn Classifier>) -> Self {
        Self { params, classifier }
    }
}

impl Scanner for Toxicity {
    fn name(&self) -> &'static str {
        "Toxicity"
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        if text.is_blank() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let threshold = self.params.threshold.unwrap_or(Threshold::TOXICITY);
        let any = |score: f64| (score, false);
        let Some(worst) = semantic::worst(text, self.params.match_type, &*self.classifier, any) else {
            return Ok(Outcome::pass(RiskScore::NONE));
        };
        let risk = risk_score(worst.score, threshold);
        if worst.score <= threshold.value() {
            return Ok(Outcome::pass(risk).scored(worst.score));
        }
        let (category, owasp) = (Category::Toxicity, Owasp::Llm09Misinformation);
        let finding = semantic::finding(text, &worst, &*self.classifier, "toxicity", category, owasp);
        Ok(Outcome::refuse(risk, vec![finding], Vec::new()).scored(worst.score))
    }
}
