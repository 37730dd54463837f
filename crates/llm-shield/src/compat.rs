//! How far llm-guard's defects are kept.

use serde::Deserialize;

/// Whether the defects of llm-guard that a client may count on are mended or kept; the policy's `compat`.
///
/// What endangers somebody is mended either way: no second secret stays in clear, nobody gets another's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compat {
    /// Mended.
    #[default]
    Mended,
    /// Kept: of two scanners of one class only the later one counts; [`crate::Secrets`] replaces a secret twice where two
    /// of llm-guard's detectors find it, and finds sample keys; [`crate::Sensitive`] answers a blank output with the prompt;
    /// [`crate::Anonymize`] leaves what reads like a placeholder, and both take for a telephone number what libphonenumber does;
    /// [`crate::TokenLimit`] leaves half a character.
    Exact,
}
