//! `Code`: code in listed programming languages.

mod blocks;

use std::sync::Arc;

use serde::Deserialize;

use crate::policy::nearest;
use crate::risk::round_2;
use crate::{
    Category, Finding, LabelClassifier, Outcome, Owasp, RiskScore, ScanError, Scanner, Span, Text, Threshold,
    risk_score,
};

/// Refuses code in the listed languages, or everything else.
///
/// # What it finds
/// The programming language of each fenced block and each span of inline code, or of the whole text where there is neither;
/// by a linear model over hashed tokens. With `is_blocked: false` the listed languages are the ones that may pass, and a text
/// without code in one of them is refused, as in llm-guard.
///
/// # Why it matters
/// An assistant for one language should not answer in another, and some languages, such as those of shells, are riskier to
/// copy than others.
///
/// # What it misses
/// Code between prose without backticks; languages that are much alike (C and C++) in short pieces; pieces of a line or
/// two. The model card gives the measured figures.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use llm_shield::{Code, CodeParams, LabelClassifier, Scanner, Text};
///
/// /// Stands in for a model.
/// struct Table;
/// impl LabelClassifier for Table {
///     fn labels(&self) -> &[&'static str] {
///         &["Python", "text"]
///     }
///     fn probabilities(&self, text: &str) -> Vec<f32> {
///         if text.contains("def ") { vec![0.9, 0.1] } else { vec![0.1, 0.9] }
///     }
/// }
///
/// let params = CodeParams { languages: vec!["Python".into()], ..CodeParams::default() };
/// let scanner = Code::new(params, Arc::new(Table))?;
/// assert!(!scanner.scan(&Text::new("Try `def f(): pass` here"))?.is_valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Code {
    params: CodeParams,
    classifier: Arc<dyn LabelClassifier>,
    /// For each label of the classifier, whether it is listed.
    listed: Vec<bool>,
}

/// llm-guard's parameters of [`Code`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeParams {
    /// Names of programming languages, as llm-guard writes them.
    pub languages: Vec<String>,
    /// Whether the listed languages are refused; else they are the ones that may pass.
    #[serde(default = "yes")]
    pub is_blocked: bool,
    /// The score at which a listed language counts.
    #[serde(default = "default_threshold")]
    pub threshold: Threshold,
}

const fn yes() -> bool {
    true
}

const fn default_threshold() -> Threshold {
    Threshold::CODE
}

impl Default for CodeParams {
    fn default() -> Self {
        Self { languages: Vec::new(), is_blocked: true, threshold: Threshold::CODE }
    }
}

/// A language that the model does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no programming language `{name}`{}; languages must be a subset of {known}", .nearest.as_ref().map_or_else(String::new, |near| format!(" (did you mean `{near}`?)")))]
pub struct CodeError {
    /// The name given.
    pub name: String,
    /// The name most like it, if one is.
    pub nearest: Option<String>,
    /// The names that there are.
    pub known: String,
}

/// The classifier's label for prose, which is no language that can be listed.
const TEXT: &str = "text";

impl Code {
    /// llm-guard's class name.
    pub const NAME: &'static str = "Code";

    /// A scanner that asks `classifier`; every language must be one of its labels, and `text` is none.
    pub fn new(params: CodeParams, classifier: Arc<dyn LabelClassifier>) -> Result<Self, CodeError> {
        let names = || classifier.labels().iter().copied().filter(|&label| label != TEXT);
        if let Some(name) = params.languages.iter().find(|name| !names().any(|known| known == name.as_str()))
        {
            return Err(CodeError {
                name: name.clone(),
                nearest: nearest(name, names()).map(str::to_owned),
                known: names().collect::<Vec<_>>().join(", "),
            });
        }
        let listed = classifier
            .labels()
            .iter()
            .map(|&label| params.languages.iter().any(|name| name == label))
            .collect();
        Ok(Self { params, classifier, listed })
    }

    /// The likeliest listed language of a block that reaches the threshold, with its score.
    fn best(&self, block: &str) -> Option<(&'static str, f64)> {
        let probabilities = self.classifier.probabilities(block);
        let scored = probabilities.iter().zip(self.classifier.labels()).zip(&self.listed);
        scored
            .filter(|&(_, &listed)| listed)
            .map(|((&probability, &label), _)| (label, round_2(f64::from(probability))))
            .filter(|&(_, score)| score >= self.params.threshold.value())
            .max_by(|left, right| left.1.total_cmp(&right.1))
    }
}

impl Scanner for Code {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        if text.is_blank() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let raw = text.as_str();
        let mut blocks = blocks::blocks(raw);
        if blocks.is_empty() {
            blocks.push(Span::new(0, raw.len()));
        }
        let found = blocks.into_iter().find_map(|span| Some((span, self.best(&raw[span.range()])?)));
        let Some((span, (language, score))) = found else {
            if self.params.is_blocked {
                return Ok(Outcome::pass(RiskScore::NONE));
            }
            let finding = finding(Span::new(0, raw.len()), "code:none_listed".to_owned(), 1.0);
            return Ok(Outcome::refuse(RiskScore::CERTAIN, vec![finding], Vec::new()));
        };
        let risk = risk_score(score, self.params.threshold);
        if self.params.is_blocked {
            let finding = finding(span, format!("code:{language}"), score);
            Ok(Outcome::refuse(risk, vec![finding], Vec::new()))
        } else {
            Ok(Outcome::pass(risk))
        }
    }
}

fn finding(span: Span, rule: String, score: f64) -> Finding {
    Finding {
        span,
        rule: rule.into(),
        category: Category::Code,
        score: score as f32,
        owasp: Owasp::Llm05OutputHandling,
        checked: None,
        decoded_from: Vec::new(),
    }
}
