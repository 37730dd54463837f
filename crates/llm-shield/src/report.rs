//! The answer of a [`crate::Shield`]: the verdict, why, and the text that may go on.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::{Finding, RiskScore, ScanError, Vault};

/// The most findings that a report lists for one scanner, so that a hostile text cannot blow up the answer.
pub const FINDINGS_MAX: usize = 1_000;

/// What all scanners together decided on one text.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Report<'t> {
    /// Whether every scanner let the text pass.
    pub is_valid: bool,
    /// The text as the scanners leave it; borrowed when nothing was changed. Empty when a scanner failed and the
    /// text is refused for it: what it would have redacted may still be there.
    pub sanitized: Cow<'t, str>,
    /// What each scanner that ran decided, in the policy's order.
    pub scanners: Vec<ScannerReport>,
    /// The scanners that did not run, and why.
    pub skipped: Vec<Skipped>,
    /// What was taken out of the text, when anything was and the caller handed in no vault of its own. Never
    /// serialised: a report may be logged.
    #[serde(skip)]
    pub vault: Option<Vault>,
}

impl Report<'_> {
    /// Every finding of every scanner; spans are bytes of the caller's text.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.scanners.iter().flat_map(|scanner| &scanner.findings)
    }
}

/// What one scanner decided.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ScannerReport {
    /// llm-guard's class name.
    pub name: &'static str,
    /// Whether it let the text pass.
    pub is_valid: bool,
    /// llm-guard's signed risk.
    pub risk_score: RiskScore,
    /// The probability, from 0 to 1, that its model gave, as it was compared with the threshold; none where no model
    /// was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// What it found, at most [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    /// How many further findings are left out of the report; redaction covers them all the same.
    #[serde(skip_serializing_if = "is_zero")]
    pub findings_omitted: usize,
    /// How long it took, in nanoseconds when serialised.
    #[serde(rename = "elapsed_ns", serialize_with = "nanoseconds")]
    pub elapsed: Duration,
    /// Why it could not decide, when it could not.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "error_text")]
    pub error: Option<ScanError>,
}

/// A scanner that did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// llm-guard's class name.
    pub name: &'static str,
    /// Why, in words.
    pub reason: &'static str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn nanoseconds<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(elapsed.as_nanos() as u64)
}

#[expect(clippy::ref_option, reason = "the signature that serde calls")]
fn error_text<S: Serializer>(error: &Option<ScanError>, serializer: S) -> Result<S::Ok, S::Error> {
    match error {
        Some(error) => serializer.collect_str(error),
        None => serializer.serialize_none(),
    }
}
