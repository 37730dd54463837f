//! `Deanonymize`: the values back into an answer, out of the conversation's vault.

use serde::Deserialize;

use super::refused;
use crate::vault::Finder;
use crate::{Context, Edit, MatchingStrategy, Outcome, RiskScore, ScanError, Scanner, Text, Vault};

/// Puts back what [`crate::Anonymize`] took out of the conversation's prompts. Never refuses a text.
///
/// # What it finds
/// The placeholders of the conversation's vault; how exactly they must stand there says the [`MatchingStrategy`].
/// All are replaced in one pass, so a value that was put in is never taken for a placeholder; where several
/// placeholders could stand, the longest does. With the fuzzy strategies a model may have changed case, spacing,
/// punctuation and brackets, and a few letters; the digits must agree one by one, so that nobody gets another's data,
/// and what is equally near to two placeholders stays as it is.
///
/// # Why it matters
/// An answer about `[REDACTED_PERSON_1]` is of no use to the person who asked.
///
/// # What it misses
/// Placeholders that the model translated, inflected (for fakes: other than by letters at their end) or cut. Fakes of
/// fewer than six letters and digits are found only exactly or in another case.
///
/// # Example
/// ```
/// use llm_shield::{Context, Deanonymize, MatchingStrategy, Pair, Scanner, Text, Vault};
///
/// let conversation = Vault::new();
/// conversation.append(Pair::new("[REDACTED_PERSON_1]", "Ann"))?;
/// let scanner = Deanonymize::new(MatchingStrategy::Fuzzy);
/// let text = Text::new("Dear **redacted person-1**,");
/// let outcome = scanner.scan_in(&text, &Context::new(&conversation))?;
/// assert_eq!(text.edited(&outcome.edits).as_str(), "Dear **Ann**,");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Deanonymize {
    strategy: MatchingStrategy,
}

/// llm-guard's parameters of [`Deanonymize`], as a policy gives them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    matching_strategy: MatchingStrategy,
    #[serde(default, rename = "vault")]
    _vault: Option<refused::Vault>,
}

/// llm-guard's parameters of [`Deanonymize`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "Given")]
pub(crate) struct DeanonymizeParams {
    pub(crate) matching_strategy: MatchingStrategy,
}

impl From<Given> for DeanonymizeParams {
    fn from(given: Given) -> Self {
        Self { matching_strategy: given.matching_strategy }
    }
}

impl Deanonymize {
    /// llm-guard's name of the scanner.
    pub const NAME: &'static str = "Deanonymize";

    /// A scanner that recognises placeholders by `strategy`.
    pub const fn new(strategy: MatchingStrategy) -> Self {
        Self { strategy }
    }
}

impl Scanner for Deanonymize {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Without a vault there is nothing to put back.
    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        self.scan_in(text, &Context::new(&Vault::new()))
    }

    fn scan_in(&self, text: &Text<'_>, context: &Context<'_>) -> Result<Outcome, ScanError> {
        let pairs = context.vault().lock();
        let found = Finder::new(&pairs, self.strategy).find(text.as_str());
        let edit = |found: crate::vault::Found| Edit {
            span: found.span,
            replacement: pairs.at(found.pair).original.to_string().into(),
        };
        let edits = found.into_iter().map(edit).collect();
        Ok(Outcome { edits, ..Outcome::pass(RiskScore::NONE) })
    }
}
