//! `Anonymize`: personal data out of a prompt, into the conversation's vault.

mod fakes;
mod format;
mod redactor;

use std::sync::Arc;

use serde::Deserialize;

use super::{entities, refused};
use crate::pii::{Analyzer, AnalyzerError, AnalyzerParams, Language, NameFinder, PatternParams};
use crate::vault::bracketed;
use crate::{Compat, Context, Edit, Outcome, RiskScore, ScanError, Scanner, Span, Text, Threshold, Vault};
use redactor::{Redactor, Style};

/// Replaces personal data by placeholders, and remembers in the conversation's vault what they stand for.
///
/// # What it finds
/// The kinds of `entity_types`, by format, check digits and the words before them, and `hidden_names` as whole words
/// in any case (`CUSTOM`). Equal values of one kind get equal placeholders `[REDACTED_KIND_n]` throughout the
/// conversation; a number is never given twice. With `use_faker` realistic values take their place, with
/// `preserve_format` values of the same shape, with valid check digits. A value that cannot be faked gets a
/// placeholder.
///
/// What [`crate::Deanonymize`] makes of a redacted text is the text: with every strategy, whatever the text holds. A
/// part of it that reads like a placeholder, by which somebody could ask for another's data, becomes a placeholder
/// itself (kind `PLACEHOLDER`); that alone does not refuse the text.
///
/// # Why it matters
/// Personal data in a prompt leaves the company with it and is logged by the model's host (OWASP LLM02:2025, sensitive
/// information disclosure).
///
/// # What it misses
/// Names of people, places and organisations, unless a [`NameFinder`] is plugged in: `PERSON` in `entity_types` finds
/// nothing without one. Data that is disguised or written in words. A fake chosen for a later prompt can by chance
/// equal a text of an earlier one, which would then be restored in its place; placeholders cannot.
///
/// # Example
/// ```
/// use llm_shield::{Anonymize, AnonymizeParams, Context, Scanner, Text, Vault};
///
/// let anonymize = Anonymize::new(AnonymizeParams::default(), None)?;
/// let conversation = Vault::new();
/// let text = Text::new("mail ann@mail.com or bob@mail.com");
/// let outcome = anonymize.scan_in(&text, &Context::new(&conversation))?;
/// let redacted = text.edited(&outcome.edits);
/// assert_eq!(redacted.as_str(), "mail [REDACTED_EMAIL_ADDRESS_1] or [REDACTED_EMAIL_ADDRESS_2]");
/// assert!(conversation.placeholder_exists("[REDACTED_EMAIL_ADDRESS_2]"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Anonymize {
    analyzer: Analyzer,
    redactor: Redactor,
    threshold: Threshold,
    preamble: String,
}

/// The parameters of [`Anonymize`]: llm-guard's, and `preserve_format` and `faker_seed`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Given")]
pub struct AnonymizeParams {
    /// Words to replace wherever they stand as whole words, in any case.
    pub hidden_names: Vec<String>,
    /// Values that are never replaced, compared letter by letter.
    pub allowed_names: Vec<String>,
    /// Which kinds are looked for; llm-guard's default list without it or when it is empty.
    pub entity_types: Option<Vec<String>>,
    /// What is put before a text that was changed.
    pub preamble: String,
    /// Patterns of one's own, instead of llm-guard's regex groups.
    pub regex_patterns: Option<Vec<PatternParams>>,
    /// Whether realistic values take the place of the data.
    pub use_faker: bool,
    /// Whether values of the same length, separators and letter case take the place of the data.
    pub preserve_format: bool,
    /// What the drawn values depend on, beside their kind and order; llm-guard's own seed is 100 and cannot be set.
    pub faker_seed: u64,
    /// Scores from it on count.
    pub threshold: Threshold,
    /// The language whose formats and context words are used.
    pub language: Language,
}

impl Default for AnonymizeParams {
    fn default() -> Self {
        Self {
            hidden_names: Vec::new(),
            allowed_names: Vec::new(),
            entity_types: None,
            preamble: String::new(),
            regex_patterns: None,
            use_faker: false,
            preserve_format: false,
            faker_seed: 100,
            threshold: Threshold::PERSONAL_DATA,
            language: Language::default(),
        }
    }
}

impl AnonymizeParams {
    fn analyzer(&self) -> AnalyzerParams {
        AnalyzerParams {
            entity_types: self.entity_types.clone(),
            hidden_names: self.hidden_names.clone(),
            allowed_names: self.allowed_names.clone(),
            regex_patterns: self.regex_patterns.clone(),
            threshold: self.threshold,
            language: self.language,
        }
    }
}

/// The parameters as a policy gives them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Given {
    hidden_names: Vec<String>,
    allowed_names: Vec<String>,
    entity_types: Option<Vec<String>>,
    preamble: String,
    regex_patterns: Option<Vec<PatternParams>>,
    use_faker: bool,
    preserve_format: bool,
    faker_seed: u64,
    threshold: Threshold,
    language: Language,
    #[serde(rename = "recognizer_conf")]
    _recognizer_conf: Option<refused::RecognizerConf>,
    #[serde(rename = "use_onnx")]
    _use_onnx: Option<refused::UseOnnx>,
    #[serde(rename = "vault")]
    _vault: Option<refused::Vault>,
}

impl Default for Given {
    fn default() -> Self {
        let params = AnonymizeParams::default();
        Self {
            hidden_names: params.hidden_names,
            allowed_names: params.allowed_names,
            entity_types: params.entity_types,
            preamble: params.preamble,
            regex_patterns: params.regex_patterns,
            use_faker: params.use_faker,
            preserve_format: params.preserve_format,
            faker_seed: params.faker_seed,
            threshold: params.threshold,
            language: params.language,
            _recognizer_conf: None,
            _use_onnx: None,
            _vault: None,
        }
    }
}

impl TryFrom<Given> for AnonymizeParams {
    type Error = AnonymizeError;

    /// Checks the parameters where their place in the file is still known.
    fn try_from(given: Given) -> Result<Self, AnonymizeError> {
        let params = Self {
            hidden_names: given.hidden_names,
            allowed_names: given.allowed_names,
            entity_types: given.entity_types,
            preamble: given.preamble,
            regex_patterns: given.regex_patterns,
            use_faker: given.use_faker,
            preserve_format: given.preserve_format,
            faker_seed: given.faker_seed,
            threshold: given.threshold,
            language: given.language,
        };
        Anonymize::new(params.clone(), None)?;
        Ok(params)
    }
}

/// An [`Anonymize`] that cannot be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AnonymizeError {
    /// The analyzer cannot be built.
    #[error(transparent)]
    Analyzer(#[from] AnalyzerError),
    /// Two kinds of replacement at once.
    #[error("`use_faker` and `preserve_format` exclude each other")]
    TwoStyles,
    /// A pattern's name that cannot stand in a placeholder.
    #[error(
        "pattern `{name}` cannot stand in a placeholder: a name is 1 to 64 letters, digits and underscores of ASCII"
    )]
    PatternName {
        /// The name as it was given.
        name: String,
    },
}

impl Anonymize {
    /// llm-guard's name of the scanner.
    pub const NAME: &'static str = "Anonymize";

    /// A scanner with `params`; `names` finds the names of people, places and organisations, which have no format.
    pub fn new(params: AnonymizeParams, names: Option<Arc<dyn NameFinder>>) -> Result<Self, AnonymizeError> {
        let style = match (params.use_faker, params.preserve_format) {
            (false, false) => Style::Placeholder,
            (true, false) => Style::Fake,
            (false, true) => Style::SameFormat,
            (true, true) => return Err(AnonymizeError::TwoStyles),
        };
        for PatternParams { name, .. } in params.regex_patterns.iter().flatten() {
            if !bracketed::is_kind(&name.to_uppercase()) {
                return Err(AnonymizeError::PatternName { name: name.clone() });
            }
        }
        let analyzer = Analyzer::new(&params.analyzer(), names)?;
        // Drawn values are tried out by format alone: no name finder, no hidden and no allowed names.
        let formats = (style == Style::SameFormat).then(|| {
            Analyzer::new(
                &AnalyzerParams { hidden_names: vec![], allowed_names: vec![], ..params.analyzer() },
                None,
            )
        });
        let redactor = Redactor::new(style, params.faker_seed, analyzer.kinds(), formats.transpose()?);
        Ok(Self { redactor, analyzer, threshold: params.threshold, preamble: params.preamble })
    }

    /// Whether what reads like a placeholder in a prompt stays as it is, and kinds whose names hold each other share
    /// their numbers, and telephone numbers are found by libphonenumber's rules, as in llm-guard. A text with such a look-alike
    /// can then be restored as another.
    #[must_use]
    pub fn compat(mut self, compat: Compat) -> Self {
        self.redactor.set_compat(compat);
        self.analyzer = self.analyzer.compat(compat);
        self
    }
}

impl Scanner for Anonymize {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        self.scan_in(text, &Context::new(&Vault::new()))
    }

    fn scan_in(&self, text: &Text<'_>, context: &Context<'_>) -> Result<Outcome, ScanError> {
        if text.is_blank() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let found = self.analyzer.analyze(text.as_str());
        let risk = entities::risk(&found, self.threshold);
        let entities = entities::resolve(text.as_str(), found)?;
        let mut edits = self.redactor.redact(text.as_str(), &entities, &mut context.vault().lock())?;
        if entities.is_empty() {
            return Ok(Outcome { edits, ..Outcome::pass(RiskScore::NONE) });
        }
        if !self.preamble.is_empty() {
            edits.insert(0, Edit { span: Span::new(0, 0), replacement: self.preamble.clone().into() });
        }
        Ok(Outcome::refuse(risk, entities::findings(&entities), edits))
    }
}

#[cfg(test)]
mod tests;
