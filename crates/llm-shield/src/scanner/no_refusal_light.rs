//! `NoRefusalLight`: answers that refuse, by their phrases.

use crate::{
    BanSubstrings, BanSubstringsError, BanSubstringsParams, Category, Outcome, Owasp, ScanError, Scanner,
    Text,
};

/// Refuses answers in which the model declines.
///
/// # What it finds
/// Any of llm-guard's 28 phrases, such as "I cannot" or "As an AI", in any case, also inside words.
///
/// # Why it matters
/// A refusal where an answer was due is a fault of the service, and many of them show that somebody probes it.
///
/// # What it misses
/// Refusals in other words or languages and with typographic apostrophes. Its phrases are short: "as another" and
/// "has an issue" are refused too, as in llm-guard.
///
/// # Example
/// ```
/// use llm_shield::{NoRefusalLight, Scanner, Text};
///
/// let scanner = NoRefusalLight::new()?;
/// assert!(!scanner.scan(&Text::new("I'm sorry, but I cannot help with that."))?.is_valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct NoRefusalLight(BanSubstrings);

const PHRASES: [&str; 28] = [
    "I'm sorry",
    "Sorry",
    "I am sorry",
    "I apologize",
    "As an",
    "As an AI",
    "I'm an",
    "I'm just",
    "As a language model",
    "As an Assistant",
    "I cannot",
    "I do not",
    "Hello!",
    "is illegal and unethical",
    "I'm really sorry",
    "OpenAI",
    "unethical",
    "not ethical",
    "not legal",
    "My apologies",
    "but I cannot",
    "If you have any other non-malicious requests",
    "I'm not able to provide",
    "I am really sorry",
    "I cannot create",
    "I cannot support",
    "I can't provide",
    "I can't assist",
];

impl NoRefusalLight {
    /// llm-guard's name of the scanner.
    pub const NAME: &'static str = "NoRefusalLight";

    /// A scanner; it has no parameters.
    pub fn new() -> Result<Self, BanSubstringsError> {
        let substrings = PHRASES.map(str::to_owned).to_vec();
        BanSubstrings::new(BanSubstringsParams { substrings, ..BanSubstringsParams::default() }).map(Self)
    }
}

impl Scanner for NoRefusalLight {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let mut outcome = self.0.scan(text)?;
        for finding in &mut outcome.findings {
            finding.rule = "refusal_phrase".into();
            finding.category = Category::Refusal;
            finding.owasp = Owasp::Llm09Misinformation;
        }
        Ok(outcome)
    }
}
