//! Finds credentials: one pass over the text for all keywords of all rules, then a rule's pattern near its own
//! keyword, then what a pattern cannot say (checksums, encodings, entropy, placeholders).
//!
//! # Linear time
//!
//! A rule's pattern has a longest match of `L` bytes, so a match that holds the keyword, or stands close to it,
//! lies within `L` bytes of it and a little more. Windows of the same rule that touch are joined and searched once:
//! however dense the keywords are, a rule reads each byte of the text at most once, and the number of rules is
//! fixed. The search for names such as `password` looks at a bounded number of bytes around each.

mod check;
mod entropy;
mod generic;
mod pattern;
mod placeholder;
mod redact;
mod rule;
mod ruleset;
#[cfg(test)]
mod tests;
mod twice;

pub use check::aws_account_id;
pub(crate) use generic::GENERIC_RULE;
pub use generic::{Judge, JudgeError, SecretCandidate};
pub use redact::RedactMode;
pub(crate) use redact::edits;
pub(crate) use twice::is_found_twice;

pub use rule::RuleError;
pub use ruleset::RuleSet;
