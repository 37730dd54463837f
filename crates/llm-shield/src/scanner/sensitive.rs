//! `Sensitive`: personal data in a model's answer.

use std::sync::Arc;

use serde::Deserialize;

use super::{entities, refused};
use crate::pii::{Analyzer, AnalyzerError, AnalyzerParams, Language, NameFinder, PatternParams};
use crate::{Compat, Context, Edit, Outcome, RiskScore, ScanError, Scanner, Span, Text, Threshold};

/// Refuses answers that hold personal data and, with `redact`, replaces each by `<KIND>`.
///
/// # What it finds
/// The kinds of `entity_types`, by format, check digits and the words before them.
///
/// # Why it matters
/// A model can repeat what it was trained on, what a tool gave it, or what another text in its context holds (OWASP
/// LLM02:2025, sensitive information disclosure).
///
/// # What it misses
/// Names of people, places and organisations, unless a [`NameFinder`] is plugged in: `PERSON` in `entity_types` finds
/// nothing without one. It cannot tell the data of the person who asks from another's: put it before `Deanonymize`
/// in a policy, which gives the asker his own data back.
///
/// # Example
/// ```
/// use llm_shield::{Scanner, Sensitive, SensitiveParams, Text};
///
/// let sensitive = Sensitive::new(SensitiveParams { redact: true, ..Default::default() }, None)?;
/// let text = Text::new("Ask ann@mail.com");
/// let outcome = sensitive.scan(&text)?;
/// assert!(!outcome.is_valid);
/// assert_eq!(text.edited(&outcome.edits).as_str(), "Ask <EMAIL_ADDRESS>");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Sensitive {
    analyzer: Analyzer,
    threshold: Threshold,
    redact: bool,
    compat: Compat,
}

/// llm-guard's parameters of [`Sensitive`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Given")]
pub struct SensitiveParams {
    /// Which kinds are looked for; llm-guard's default list without it or when it is empty.
    pub entity_types: Option<Vec<String>>,
    /// Patterns of one's own, instead of llm-guard's regex groups.
    pub regex_patterns: Option<Vec<PatternParams>>,
    /// Whether to replace each find by `<KIND>`.
    pub redact: bool,
    /// Scores from it on count.
    pub threshold: Threshold,
    /// The language whose formats and context words are used.
    pub language: Language,
}

impl Default for SensitiveParams {
    fn default() -> Self {
        Self {
            entity_types: None,
            regex_patterns: None,
            redact: false,
            threshold: Threshold::PERSONAL_DATA,
            language: Language::default(),
        }
    }
}

/// The parameters as a policy gives them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Given {
    entity_types: Option<Vec<String>>,
    regex_patterns: Option<Vec<PatternParams>>,
    redact: bool,
    threshold: Threshold,
    language: Language,
    #[serde(rename = "recognizer_conf")]
    _recognizer_conf: Option<refused::RecognizerConf>,
    #[serde(rename = "use_onnx")]
    _use_onnx: Option<refused::UseOnnx>,
}

impl Default for Given {
    fn default() -> Self {
        let SensitiveParams { entity_types, regex_patterns, redact, threshold, language } =
            SensitiveParams::default();
        Self {
            entity_types,
            regex_patterns,
            redact,
            threshold,
            language,
            _recognizer_conf: None,
            _use_onnx: None,
        }
    }
}

impl TryFrom<Given> for SensitiveParams {
    type Error = AnalyzerError;

    /// Checks the parameters where their place in the file is still known.
    fn try_from(given: Given) -> Result<Self, AnalyzerError> {
        let Given { entity_types, regex_patterns, redact, threshold, language, .. } = given;
        let params = Self { entity_types, regex_patterns, redact, threshold, language };
        Sensitive::new(params.clone(), None)?;
        Ok(params)
    }
}

impl Sensitive {
    /// llm-guard's name of the scanner.
    pub const NAME: &'static str = "Sensitive";

    /// A scanner with `params`; `names` finds the names of people, places and organisations, which have no format.
    pub fn new(params: SensitiveParams, names: Option<Arc<dyn NameFinder>>) -> Result<Self, AnalyzerError> {
        let analyzer_params = AnalyzerParams {
            entity_types: params.entity_types,
            regex_patterns: params.regex_patterns,
            threshold: params.threshold,
            language: params.language,
            ..AnalyzerParams::default()
        };
        let analyzer = Analyzer::new(&analyzer_params, names)?;
        Ok(Self { analyzer, threshold: params.threshold, redact: params.redact, compat: Compat::Mended })
    }

    /// Whether a blank output is answered with the prompt, and telephone numbers are found by libphonenumber's rules, as in
    /// llm-guard.
    #[must_use]
    pub fn compat(self, compat: Compat) -> Self {
        Self { compat, analyzer: self.analyzer.compat(compat), ..self }
    }
}

impl Scanner for Sensitive {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan_in(&self, text: &Text<'_>, context: &Context<'_>) -> Result<Outcome, ScanError> {
        match (self.compat, context.prompt()) {
            (Compat::Exact, Some(prompt)) if text.is_blank() => {
                let all = Span::new(0, text.as_str().len());
                let edits = vec![Edit { span: all, replacement: prompt.to_owned().into() }];
                Ok(Outcome { edits, ..Outcome::pass(RiskScore::NONE) })
            }
            _ => self.scan(text),
        }
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        // llm-guard returns the prompt in the place of a blank output; here the output stays what it is.
        if text.is_blank() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let found = self.analyzer.analyze(text.as_str());
        if found.is_empty() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let risk = entities::risk(&found, self.threshold);
        let entities = entities::resolve(text.as_str(), found)?;
        let edit = |entity: &crate::pii::Entity| Edit {
            span: entity.span,
            replacement: format!("<{}>", entity.kind).into(),
        };
        let edits = if self.redact { entities.iter().map(edit).collect() } else { Vec::new() };
        Ok(Outcome::refuse(risk, entities::findings(&entities), edits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vault;

    #[test]
    fn a_blank_output_is_answered_with_the_prompt_by_an_exact_policy_only() {
        for (compat, output, expected) in [
            (Compat::Mended, " \n", " \n"),
            (Compat::Exact, " \n", "ann@mail.com"),
            (Compat::Exact, "", "ann@mail.com"),
        ] {
            let sensitive = Sensitive::new(SensitiveParams::default(), None).unwrap().compat(compat);
            let (vault, text) = (Vault::new(), Text::new(output));
            let outcome = sensitive.scan_in(&text, &Context::new(&vault).answering("ann@mail.com")).unwrap();
            assert!(outcome.is_valid);
            assert_eq!(text.edited(&outcome.edits).as_str(), expected);
        }
    }
}
