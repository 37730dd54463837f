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
/// Noise (keys struck at random, letters that form no words) and sentences that noise runs through; by a linear model
/// over hashed letters and words. Its labels are of those of llm-guard's model: `clean`, `mild gibberish`, `noise`.
///
/// # Why it matters
/// Gibberish costs tokens, hides payloads from other detectors, and in an output is a sign that the model has lost its way.
///
/// # What it misses
/// Words in no order (llm-guard's `word salad`) and grammatical nonsense: it knows letters and words, not their order or
/// meaning. Languages beyond its 75, codes and rare names may alarm. The model card gives the measured figures.
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

    /// The probability that a part is gibberish of any kind, and the likeliest label. llm-guard's score is that of the
    /// likeliest kind alone, which falls when two kinds share it.
    fn score(&self, part: &str) -> (f64, &'static str) {
        let probabilities = self.classifier.probabilities(part);
        let labelled = || probabilities.iter().zip(self.classifier.labels());
        let kinds = labelled().filter(|&(_, &label)| label != CLEAN);
        let Some((_, &kind)) = kinds.max_by(|left, right| left.0.total_cmp(right.0)) else {
            return (0.0, CLEAN);
        };
        let clean: f32 =
            labelled().filter(|&(_, &label)| label == CLEAN).map(|(&probability, _)| probability).sum();
        (round_2(1.0 - f64::from(clean)), kind)
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
            decoded_from: Vec::new(),
        };
        Ok(Outcome::refuse(risk, vec![finding], Vec::new()))
    }
}
