//! `BanCompetitors`: names of competitors.

mod names;

use serde::Deserialize;

use super::redacted;
use crate::{Category, Finding, Outcome, Owasp, RiskScore, ScanError, Scanner, Text, Threshold};
use names::Names;

/// Refuses texts that name a competitor, and redacts the names.
///
/// # What it finds
/// The listed names between word boundaries: as written; in other case; with other spacing, punctuation, accents, full-width
/// or look-alike letters (`&` reads as `and`); names of 8 letters and more also with one slip (a letter wrong, missing, too
/// many, or two swapped), of 12 and more with two. How near the name is gives the score:
///
/// | the text has | score |
/// |---|---|
/// | the name as listed, in this case or another | 1.0 |
/// | the same letters with other spacing, punctuation or accents | 0.9 |
/// | a small letter at the beginning where the list has a capital | 0.8 |
/// | one slip | 0.7 |
/// | two slips | 0.6 |
///
/// So a threshold of 0.75 turns slips off, and one of 0.85 tells `Apple` from an apple. llm-guard asks a model first which words are
/// organisations, and compares these with the list letter by letter.
///
/// # Why it matters
/// A support assistant should not recommend another company's product.
///
/// # What it misses
/// Names that are not listed, such as short forms, tickers, products; names inside longer words. A listed name that is
/// also a word is found where the word is meant.
///
/// # Example
/// ```
/// use llm_shield::{BanCompetitors, BanCompetitorsParams, Scanner, Text};
///
/// let params = BanCompetitorsParams { competitors: vec!["Northwind".into()], ..BanCompetitorsParams::default() };
/// let scanner = BanCompetitors::new(&params)?;
/// let outcome = scanner.scan(&Text::new("Is Nortwind cheaper?"))?;
/// assert!(!outcome.is_valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BanCompetitors {
    threshold: Threshold,
    redact: bool,
    names: Names,
}

/// llm-guard's parameters of [`BanCompetitors`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BanCompetitorsParams {
    /// The names, up to 10,000.
    pub competitors: Vec<String>,
    /// The score from which a name counts.
    #[serde(default = "default_threshold")]
    pub threshold: Threshold,
    /// Whether names become `[REDACTED]`.
    #[serde(default = "yes")]
    pub redact: bool,
}

const fn yes() -> bool {
    true
}

const fn default_threshold() -> Threshold {
    Threshold::COMPETITORS
}

impl Default for BanCompetitorsParams {
    fn default() -> Self {
        Self { competitors: Vec::new(), threshold: Threshold::COMPETITORS, redact: true }
    }
}

/// A list of names that cannot be searched for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BanCompetitorsError {
    /// A name without a letter or digit would be found everywhere or nowhere.
    #[error("competitor {index} holds no letter and no digit")]
    NoLetter {
        /// Place in the list, from 0.
        index: usize,
    },
    /// A name is longer than a name is.
    #[error("competitor {index} holds more than {limit} letters")]
    TooLong {
        /// Place in the list, from 0.
        index: usize,
        /// The most letters a name may hold.
        limit: usize,
    },
    /// Too many names.
    #[error("{names} competitors, more than {limit}")]
    TooMany {
        /// Names given.
        names: usize,
        /// The most names.
        limit: usize,
    },
}

impl BanCompetitors {
    /// llm-guard's class name.
    pub const NAME: &'static str = "BanCompetitors";

    /// A scanner for these names.
    pub fn new(params: &BanCompetitorsParams) -> Result<Self, BanCompetitorsError> {
        let names = Names::new(&params.competitors)?;
        Ok(Self { threshold: params.threshold, redact: params.redact, names })
    }
}

impl Scanner for BanCompetitors {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let found = self.names.find(text, self.threshold.value());
        if found.is_empty() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let edits =
            if self.redact { found.iter().map(|&(span, _)| redacted(span)).collect() } else { Vec::new() };
        let findings = found.into_iter().map(|(span, score)| Finding {
            span,
            rule: "ban_competitors".into(),
            category: Category::BannedContent,
            score: score as f32,
            owasp: Owasp::Llm09Misinformation,
            checked: None,
            decoded_from: Vec::new(),
        });
        Ok(Outcome::refuse(RiskScore::CERTAIN, findings.collect(), edits))
    }
}
