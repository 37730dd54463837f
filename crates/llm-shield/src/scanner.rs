//! What a scanner is: a text goes in, an outcome comes out, and nothing else is seen or changed.

pub(crate) mod anonymize;
pub(crate) mod ban_code;
pub(crate) mod ban_competitors;
pub(crate) mod ban_substrings;
pub(crate) mod code;
pub(crate) mod deanonymize;
mod entities;
pub(crate) mod gibberish;
pub(crate) mod invisible_text;
pub(crate) mod json;
pub(crate) mod language;
pub(crate) mod language_same;
pub(crate) mod malicious_urls;
pub(crate) mod no_refusal;
pub(crate) mod no_refusal_light;
pub(crate) mod prompt_injection;
pub(crate) mod reading_time;
mod refused;
pub(crate) mod regex;
pub(crate) mod secrets;
pub(crate) mod semantic;
pub(crate) mod sensitive;
pub(crate) mod sentiment;
pub(crate) mod token_limit;
pub(crate) mod toxicity;
pub(crate) mod url_reachability;

use std::borrow::Cow;

use crate::{Context, Finding, RiskScore, Span, Text, VaultError};

/// A detector that decides on one text. Scanners are built once and shared between threads.
pub trait Scanner: Send + Sync {
    /// llm-guard's class name, for example `BanSubstrings`.
    fn name(&self) -> &'static str;

    /// Decides on `text`. Spans of findings and edits are bytes of `text`; the shield maps them back to the
    /// caller's text.
    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError>;

    /// Whether a scan may wait for something outside of the process. It must then not run on a thread that serves others.
    fn waits(&self) -> bool {
        false
    }

    /// As [`Scanner::scan`], for the few scanners that also need the conversation: its vault, or the prompt beside an
    /// output. The shield calls this one; the others are content with the text.
    fn scan_in(&self, text: &Text<'_>, context: &Context<'_>) -> Result<Outcome, ScanError> {
        let _ = context;
        self.scan(text)
    }
}

/// What a scanner decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Whether the text may pass.
    pub is_valid: bool,
    /// llm-guard's signed risk.
    pub risk: RiskScore,
    /// What was found, in the order of the text.
    pub findings: Vec<Finding>,
    /// What to replace, sorted by start, without overlap; empty when the text stays as it is.
    pub edits: Vec<Edit>,
    /// The probability, from 0 to 1, that a model gave and that the risk was computed from; none where none was asked.
    pub score: Option<f64>,
}

impl Outcome {
    /// A text that passes, with the risk that llm-guard gives it.
    pub const fn pass(risk: RiskScore) -> Self {
        Self { is_valid: true, risk, findings: Vec::new(), edits: Vec::new(), score: None }
    }

    /// A text that is refused.
    pub const fn refuse(risk: RiskScore, findings: Vec<Finding>, edits: Vec<Edit>) -> Self {
        Self { is_valid: false, risk, findings, edits, score: None }
    }

    /// The same outcome, with the model's probability that it rests on.
    #[must_use]
    pub fn scored(self, score: f64) -> Self {
        Self { score: Some(score), ..self }
    }
}

/// One replacement in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go, on character boundaries.
    pub span: Span,
    /// What comes in their place.
    pub replacement: Cow<'static, str>,
}

/// A scanner could not decide. The shield then refuses the text, unless the policy says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// The text is longer than the scanner takes.
    #[error("text of {bytes} bytes is over the scanner's limit of {limit}")]
    TooLong {
        /// Length of the text in bytes.
        bytes: usize,
        /// The most that the scanner takes.
        limit: usize,
    },
    /// The model behind the scanner failed.
    #[error("the model failed: {0}")]
    Model(String),
    /// The vault does not take what the text needs.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What was taken out of the text could not be put back for certain.
    #[error("the text cannot be redacted so that it can be restored")]
    NotRestorable,
}

/// llm-guard's replacement for what the policy bans.
fn redacted(span: Span) -> Edit {
    Edit { span, replacement: "[REDACTED]".into() }
}
