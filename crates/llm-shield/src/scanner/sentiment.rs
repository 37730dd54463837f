//! `Sentiment`: texts that feel too negative.

use serde::Deserialize;

use crate::risk::risk_beside;
use crate::sentiment::compound;
use crate::{Category, Finding, Outcome, Owasp, RiskScore, ScanError, Scanner, Span, Text};

/// Refuses texts whose sentiment is at the threshold or below it.
///
/// # What it finds
/// The compound score of VADER's lexicon and rules, from -1 (most negative) to 1, to four decimals as NLTK computes
/// it. As in llm-guard, a text that passes has the risk 0, and the risk of one that is refused is measured from the
/// strength of the feeling.
///
/// # Why it matters
/// It tells an angry customer's message, or an answer in a bad tone, from an ordinary one, in microseconds.
///
/// # What it misses
/// Other languages than English, irony, and feelings that are told without a word for them. At a threshold of 0 a text
/// without any feeling passes; llm-guard divides by zero there.
///
/// # Example
/// ```
/// use llm_shield::{Scanner, Sentiment, SentimentParams, Text};
///
/// let scanner = Sentiment::new(SentimentParams::default());
/// assert!(scanner.scan(&Text::new("The weather is fine"))?.is_valid);
/// assert!(!scanner.scan(&Text::new("I hate this horrible weather"))?.is_valid);
/// # Ok::<(), llm_shield::ScanError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Sentiment {
    threshold: f64,
}

/// llm-guard's parameters of [`Sentiment`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SentimentParams {
    /// The highest compound score that is refused; without it -0.3 for prompts, -0.1 for outputs.
    pub threshold: Option<SentimentThreshold>,
    /// llm-guard's choice of a lexicon; there is one.
    pub lexicon: Lexicon,
}

/// The lexicon of [`Sentiment`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Lexicon {
    /// VADER's.
    #[default]
    #[serde(rename = "vader_lexicon")]
    Vader,
}

/// A compound score, from -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Deserialize)]
#[serde(try_from = "f64")]
pub struct SentimentThreshold(f64);

/// A threshold that no compound score can have.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("threshold {0} is outside the range of sentiments, -1 to 1")]
pub struct SentimentThresholdError(pub f64);

impl TryFrom<f64> for SentimentThreshold {
    type Error = SentimentThresholdError;

    fn try_from(value: f64) -> Result<Self, SentimentThresholdError> {
        if (-1.0..=1.0).contains(&value) { Ok(Self(value)) } else { Err(SentimentThresholdError(value)) }
    }
}

impl SentimentThreshold {
    /// llm-guard's default for prompts.
    pub const PROMPT: Self = Self(-0.3);
    /// llm-guard's default for outputs.
    pub const OUTPUT: Self = Self(-0.1);
}

impl Sentiment {
    /// llm-guard's name of the scanner.
    pub const NAME: &'static str = "Sentiment";

    /// A scanner with `params`.
    pub fn new(params: SentimentParams) -> Self {
        Self { threshold: params.threshold.unwrap_or(SentimentThreshold::PROMPT).0 }
    }
}

impl Scanner for Sentiment {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let text = text.as_str();
        if text.is_empty() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let compound = compound(text);
        if compound > self.threshold || (compound == 0.0 && self.threshold == 0.0) {
            return Ok(Outcome::pass(RiskScore::ZERO));
        }
        let finding = Finding {
            span: Span::new(0, text.len()),
            rule: "sentiment".into(),
            category: Category::Sentiment,
            score: compound.abs() as f32,
            owasp: Owasp::Llm09Misinformation,
            checked: None,
            decoded_from: Vec::new(),
        };
        Ok(Outcome::refuse(risk_beside(compound.abs(), self.threshold), vec![finding], Vec::new()))
    }
}
