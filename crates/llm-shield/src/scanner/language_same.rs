//! `LanguageSame`: outputs in another language than their prompt.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;

use super::language::macrolanguage;
use crate::{
    Category, Context, Finding, LabelClassifier, Outcome, Owasp, RiskScore, ScanError, Scanner, Span, Text,
    Threshold,
};

/// Refuses outputs that share no language with their prompt.
///
/// # What it finds
/// Prompt and output each have the languages whose probability is over the threshold; the output passes when one is in
/// both. The languages, and what counts as one, are those of [`crate::Language`].
///
/// # Why it matters
/// An answer in another language is a fault, and a known way to lead a model past its training.
///
/// # What it misses
/// Prompts that ask for a translation are refused too. Without a prompt, or where one of the two holds no letter, there is
/// nothing to compare and the output passes.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use llm_shield::{LabelClassifier, LanguageSame, LanguageSameParams, Shield, Vault};
///
/// /// Stands in for a model.
/// struct Table;
/// impl LabelClassifier for Table {
///     fn labels(&self) -> &[&'static str] {
///         &["en", "fr"]
///     }
///     fn probabilities(&self, text: &str) -> Vec<f32> {
///         if text.contains("bonjour") { vec![0.05, 0.95] } else { vec![0.95, 0.05] }
///     }
/// }
///
/// let scanner = LanguageSame::new(LanguageSameParams::default(), Arc::new(Table));
/// let shield = Shield::new(Vec::new(), vec![Arc::new(scanner)]);
/// assert!(shield.scan_output_in("hello", "good morning", &Vault::new()).is_valid);
/// assert!(!shield.scan_output_in("hello", "bonjour", &Vault::new()).is_valid);
/// ```
pub struct LanguageSame {
    params: LanguageSameParams,
    classifier: Arc<dyn LabelClassifier>,
}

/// llm-guard's parameters of [`LanguageSame`].
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LanguageSameParams {
    /// Languages with scores above it count.
    pub threshold: Threshold,
}

impl Default for LanguageSameParams {
    fn default() -> Self {
        Self { threshold: Threshold::LANGUAGE_SAME }
    }
}

impl LanguageSame {
    /// llm-guard's class name.
    pub const NAME: &'static str = "LanguageSame";

    /// A scanner that asks `classifier`.
    pub fn new(params: LanguageSameParams, classifier: Arc<dyn LabelClassifier>) -> Self {
        Self { params, classifier }
    }

    /// The languages of a text; `None` when it holds nothing to go by.
    fn languages(&self, text: &str) -> Option<BTreeSet<&'static str>> {
        let probabilities = self.classifier.probabilities(text);
        if probabilities.is_empty() {
            return None;
        }
        let over = |&(_, &score): &(&&'static str, &f32)| f64::from(score) > self.params.threshold.value();
        let labels = self.classifier.labels().iter().zip(&probabilities).filter(over);
        Some(labels.map(|(&label, _)| macrolanguage(label)).collect())
    }
}

impl Scanner for LanguageSame {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, _: &Text<'_>) -> Result<Outcome, ScanError> {
        Ok(Outcome::pass(RiskScore::NONE))
    }

    fn scan_in(&self, text: &Text<'_>, context: &Context<'_>) -> Result<Outcome, ScanError> {
        let prompt = context.prompt().unwrap_or_default();
        let both = self.languages(prompt).zip(self.languages(text.as_str()));
        let Some((asked, answered)) = both else { return Ok(Outcome::pass(RiskScore::NONE)) };
        if !asked.is_disjoint(&answered) {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let language = answered.first().copied().unwrap_or("unknown");
        let finding = Finding {
            span: Span::new(0, text.as_str().len()),
            rule: format!("language_same:{language}").into(),
            category: Category::Language,
            score: 1.0,
            owasp: Owasp::Llm09Misinformation,
            checked: None,
            decoded_from: Vec::new(),
        };
        Ok(Outcome::refuse(RiskScore::CERTAIN, vec![finding], Vec::new()))
    }
}
