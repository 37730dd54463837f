//! `Language`: texts in a language that the policy does not list.

use std::sync::Arc;

use serde::Deserialize;

use super::semantic::{self, MatchType};
use crate::policy::nearest;
use crate::{
    Category, Finding, LabelClassifier, Outcome, Owasp, RiskScore, ScanError, Scanner, Text, Threshold,
    risk_score,
};

/// Refuses texts that are not in one of the valid languages.
///
/// # What it finds
/// The language of the text, one of 75, by ISO 639-1 code; by a linear model over hashed letters and words.
///
/// # Why it matters
/// Defences and models are weaker in languages that nobody tested; and an answer in another language than the
/// application's is a fault by itself.
///
/// # What it misses
/// Languages of one macrolanguage (ISO 639-3) are not held apart: who allows Croatian allows Bosnian and Serbian, who allows
/// Indonesian allows Malay; `no` stands for both forms of Norwegian. Texts without a letter have no language and pass.
/// Very short texts, names and code can be taken for another language. A foreign sentence inside a long text is seen with
/// `match_type: sentence` only.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use llm_shield::{LabelClassifier, Language, LanguageParams, Scanner, Text};
///
/// /// Stands in for a model.
/// struct Table;
/// impl LabelClassifier for Table {
///     fn labels(&self) -> &[&'static str] {
///         &["en", "fr"]
///     }
///     fn probabilities(&self, text: &str) -> Vec<f32> {
///         if text.contains("bonjour") { vec![0.1, 0.9] } else { vec![0.9, 0.1] }
///     }
/// }
///
/// let params = LanguageParams { valid_languages: vec!["en".into()], ..LanguageParams::default() };
/// let scanner = Language::new(&params, Arc::new(Table))?;
/// assert!(scanner.scan(&Text::new("hello there"))?.is_valid);
/// assert!(!scanner.scan(&Text::new("bonjour"))?.is_valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Language {
    threshold: Option<Threshold>,
    match_type: MatchType,
    classifier: Arc<dyn LabelClassifier>,
    /// For each label of the classifier, whether it is valid.
    valid: Vec<bool>,
}

/// llm-guard's parameters of [`Language`].
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageParams {
    /// ISO 639-1 codes of the languages that may pass.
    pub valid_languages: Vec<String>,
    /// Labels with scores above it count; without it 0.6 for prompts, 0.7 for outputs.
    #[serde(default)]
    pub threshold: Option<Threshold>,
    /// Which parts are scored.
    #[serde(default)]
    pub match_type: MatchType,
}

/// A valid language that the model does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no language `{code}`{}; known are {known}", .nearest.as_ref().map_or_else(String::new, |near| format!(" (did you mean `{near}`?)")))]
pub struct LanguageError {
    /// The code given.
    pub code: String,
    /// The code most like it, if one is.
    pub nearest: Option<String>,
    /// The codes that there are.
    pub known: String,
}

impl Language {
    /// llm-guard's class name.
    pub const NAME: &'static str = "Language";

    /// A scanner that asks `classifier`; every valid language must be one of its labels (or `no`).
    pub fn new(params: &LanguageParams, classifier: Arc<dyn LabelClassifier>) -> Result<Self, LanguageError> {
        let labels = classifier.labels();
        for code in &params.valid_languages {
            if !labels.iter().any(|label| label == code || macrolanguage(label) == code) {
                return Err(LanguageError {
                    code: code.clone(),
                    nearest: nearest(code, labels.iter().copied()).map(str::to_owned),
                    known: labels.join(", "),
                });
            }
        }
        let allowed = |label: &&str| {
            params.valid_languages.iter().any(|code| macrolanguage(code) == macrolanguage(label))
        };
        let valid = labels.iter().map(allowed).collect();
        Ok(Self { threshold: params.threshold, match_type: params.match_type, classifier, valid })
    }
}

/// The macrolanguage of ISO 639-3 that `code` belongs to, or `code` itself.
pub(super) fn macrolanguage(code: &str) -> &str {
    match code {
        "bs" | "hr" | "sr" => "sh",
        "nb" | "nn" => "no",
        "id" => "ms",
        other => other,
    }
}

impl Scanner for Language {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        if text.is_blank() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let threshold = self.threshold.unwrap_or(Threshold::LANGUAGE);
        for span in semantic::parts(text.as_str(), self.match_type) {
            let probabilities = self.classifier.probabilities(&text.as_str()[span.range()]);
            let over = |&(_, &score): &(usize, &f32)| f64::from(score) > threshold.value();
            let strange =
                probabilities.iter().enumerate().filter(over).find(|&(label, _)| !self.valid[label]);
            let Some((label, &score)) = strange else { continue };
            let best = probabilities.iter().copied().fold(0.0, f32::max);
            let finding = Finding {
                span,
                rule: format!("language:{}", self.classifier.labels()[label]).into(),
                category: Category::Language,
                score,
                owasp: Owasp::Llm01PromptInjection,
                checked: None,
                decoded_from: Vec::new(),
            };
            return Ok(Outcome::refuse(risk_score(f64::from(best), threshold), vec![finding], Vec::new()));
        }
        Ok(Outcome::pass(RiskScore::NONE))
    }
}
