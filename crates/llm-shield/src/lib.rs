//! A guard for language models: it scans prompts and outputs, says what it found and where, and redacts it.
//!
//! A [`Shield`] runs the scanners of a [`Policy`] over a text, in order, and answers with a [`Report`]. Each
//! scanner sees the text as the scanners before it left it; every span in the report points into the text that
//! the caller passed in. The crate is synchronous, does no I/O, holds no `unsafe` code, and takes time linear in
//! the length of the text.

mod classifier;
mod finding;
mod report;
mod risk;
mod scanner;
mod secrets;
mod text;

pub use classifier::Classifier;
pub use finding::{Category, Finding, Owasp, Span};
pub use report::{Report, ScannerReport, Skipped};
pub use risk::{RiskScore, Threshold, ThresholdError, risk_score};
pub use scanner::secrets::Secrets;
pub use scanner::{Edit, Outcome, ScanError, Scanner};
pub use secrets::{RedactMode, RuleError, RuleSet};
pub use text::{Folded, Text};
