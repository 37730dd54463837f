//! `ReadingTime`: answers that take too long to read.

use serde::Deserialize;

use crate::text::python;
use crate::{Category, Edit, Finding, Outcome, Owasp, RiskScore, ScanError, Scanner, Span, Text};

/// Words that are read in a minute, by llm-guard's reckoning.
const WORDS_PER_MINUTE: f64 = 200.0;

/// Refuses answers that take longer to read than `max_time` minutes and, with `truncate`, cuts them.
///
/// # What it finds
/// More words (between white space) than 200 times `max_time`. A cut text holds as many words as may be read, with one
/// space between each; as in llm-guard it is refused all the same.
///
/// # Why it matters
/// Answers that run on cost money and patience (OWASP LLM10:2025, unbounded consumption).
///
/// # What it misses
/// Languages without spaces between words: a whole Chinese paragraph is one word.
///
/// # Example
/// ```
/// use llm_shield::{ReadingTime, ReadingTimeParams, Scanner, Text};
///
/// let scanner = ReadingTime::new(ReadingTimeParams { max_time: 0.01, truncate: true })?;
/// let text = Text::new("one two  three");
/// let outcome = scanner.scan(&text)?;
/// assert!(!outcome.is_valid);
/// assert_eq!(text.edited(&outcome.edits).as_str(), "one two");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ReadingTime {
    params: ReadingTimeParams,
}

/// llm-guard's parameters of [`ReadingTime`].
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingTimeParams {
    /// The longest time that passes, minutes.
    pub max_time: f64,
    /// Whether to cut a text that takes longer.
    #[serde(default)]
    pub truncate: bool,
}

/// A time that is none.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("`max_time` is {0}; it must be a number of minutes from 0 on")]
pub struct ReadingTimeError(pub f64);

impl ReadingTime {
    /// llm-guard's name of the scanner.
    pub const NAME: &'static str = "ReadingTime";

    /// A scanner with `params`.
    pub fn new(params: ReadingTimeParams) -> Result<Self, ReadingTimeError> {
        if params.max_time.is_finite() && params.max_time >= 0.0 {
            Ok(Self { params })
        } else {
            Err(ReadingTimeError(params.max_time))
        }
    }
}

impl Scanner for ReadingTime {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let text = text.as_str();
        let ReadingTimeParams { max_time, truncate } = self.params;
        if python::words(text).count() as f64 / WORDS_PER_MINUTE <= max_time {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let words_max = (max_time * WORDS_PER_MINUTE) as usize;
        let mut edits = Vec::new();
        let mut end = 0;
        for (place, (start, word)) in python::words(text).take(words_max).enumerate() {
            let between = if place == 0 { "" } else { " " };
            if text[end..start] != *between {
                edits.push(Edit { span: Span::new(end, start), replacement: between.into() });
            }
            end = start + word.len();
        }
        let beyond = Span::new(end, text.len());
        edits.push(Edit { span: beyond, replacement: "".into() });
        let finding = Finding {
            span: beyond,
            rule: "reading_time".into(),
            category: Category::ReadingTime,
            score: 1.0,
            owasp: Owasp::Llm10UnboundedConsumption,
            checked: None,
            decoded_from: Vec::new(),
        };
        Ok(Outcome::refuse(RiskScore::CERTAIN, vec![finding], if truncate { edits } else { Vec::new() }))
    }
}
