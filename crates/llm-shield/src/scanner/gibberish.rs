//! `Gibberish`: text without sense.

use std::sync::Arc;

use serde::Deserialize;

use super::semantic::{self, MatchType};
use crate::risk::round_2;
use crate::{
    Category, Finding, LabelClassifier, Outcome, Owasp, RiskScore, ScanError, Scanner, Text, Threshold,
    risk_score,
};

/// Refuses texts that are gibberish.
///
/// # What it finds
/// Noise (keys struck at random, letters that form no words), words in no order, and sentences that are broken; by a
/// linear model over hashed letters and words. Its labels are those of llm-guard's model: `clean`, `mild gibberish`,
/// `noise`, `word salad`.
///
/// # Why it matters
/// Gibberish costs tokens, hides payloads from other detectors, and in an output is a sign that the model has lost its way.
///
/// # What it misses
/// Grammatical nonsense, and words in no order when they are few: it knows letters and words, not meaning. Codes, names
/// and languages it never saw may alarm. The model card gives the measured figures.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use llm_shield::{Gibberish, GibberishParams, LabelClassifier, Scanner, Text};
///
/// /// Stands in for a model.
/// struct Table;
/// impl LabelClassifier for Table {
///     fn labels(&self) -> &[&'static str] {
///         &["clean", "noise"]
///     }
///     fn probabilities(&self, text: &str) -> Vec<f32> {
///         if text.contains("asdf") { vec![0.01, 0.99] } else { vec![0.99, 0.01] }
///     }
/// }
///
/// let scanner = Gibberish::new(GibberishParams::default(), Arc::new(Table));
/// assert!(!scanner.scan(&Text::new("asdf jkl qwpo"))?.is_valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Gibberish {
    params: GibberishParams,
    classifier: Arc<dyn LabelClassifier>,
}

/// The label of text that makes sense; every other label is a kind of gibberish.
const CLEAN: &str = "clean";

/// llm-guard's parameters of [`Gibberish`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GibberishParams {
    /// Scores above it refuse the text; without it 0.97 for prompts, 0.7 for outputs.
    pub threshold: Option<Threshold>,
    /// Which parts are scored.
    pub match_type: MatchType,
}

impl Gibberish {
    /// llm-guard's class name.
    pub const NAME: &'static str = "Gibberish";

    /// A scanner that asks `classifier`, which has a label `clean`.
    pub fn new(params: GibberishParams, classifier: Arc<dyn LabelClassifier>) -> Self {
        Self { params, classifier }
    }

    /// llm-guard's score, and the best label: the probability of the best label if it is a kind of gibberish, else what
    /// is left to one.
    fn score(&self, part: &str) -> (f64, &'static str) {
        let probabilities = self.classifier.probabilities(part);
        let best = probabilities.iter().zip(self.classifier.labels()).max_by(|a, b| a.0.total_cmp(b.0));
        let Some((&probability, &label)) = best else { return (0.0, CLEAN) };
        let score = if label == CLEAN { 1.0 - f64::from(probability) } else { f64::from(probability) };
        (round_2(score), label)
    }
}

impl Scanner for Gibberish {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        if text.is_blank() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let threshold = self.params.threshold.unwrap_or(Threshold::GIBBERISH);
        let parts = semantic::parts(text.as_str(), self.params.match_type);
        let scored = parts.into_iter().map(|span| (self.score(&text.as_str()[span.range()]), span));
        let worst = scored.reduce(|worst, next| if next.0.0 > worst.0.0 { next } else { worst });
        let Some(((score, label), span)) = worst else { return Ok(Outcome::pass(RiskScore::NONE)) };
        let risk = risk_score(score, threshold);
        if score <= threshold.value() {
            return Ok(Outcome::pass(risk));
        }
        let finding = Finding {
            span,
            rule: format!("gibberish:{}", label.replace(' ', "_")).into(),
            category: Category::Gibberish,
            score: score as f32,
            owasp: Owasp::Llm09Misinformation,
            checked: None,
        };
        Ok(Outcome::refuse(risk, vec![finding], Vec::new()))
    }
}
