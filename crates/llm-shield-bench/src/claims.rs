//! Claims about a run, kept as data in `benchmarks/claims.toml`, and their verdicts: PASS, FAIL, UNPROVEN.
//!
//! A claim compares one metric of one scenario, or its ratio to a baseline scenario of the same run, with a
//! threshold. A verdict always carries what it rests on.

pub mod evaluate;

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::statistics::Interval;

/// The claims of this project, as they stand in the repository.
pub const BUILT_IN: &str = include_str!("../../../benchmarks/claims.toml");

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Requests a second.
    RequestsPerSecond,
    /// Milliseconds.
    MeanLatencyMs,
    /// Milliseconds.
    P50LatencyMs,
    /// Milliseconds.
    P95LatencyMs,
    /// Milliseconds.
    P99LatencyMs,
    /// Failed requests ÷ all requests, 0 to 1.
    ErrorShare,
    /// Connections held.
    Connections,
    /// Server CPU a request, user and kernel, microseconds.
    ServerCpuUs,
    /// Answers that contradict what the workload planted.
    WrongVerdicts,
    /// Rows that break Little's law or are otherwise marked invalid.
    InvalidRows,
    /// Rows in which the client had no CPU left.
    ClientBoundRows,
}

/// How the metric stands to the threshold when the claim is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Comparison {
    /// Greater.
    #[serde(rename = ">")]
    Greater,
    /// Greater or equal.
    #[serde(rename = ">=")]
    AtLeast,
    /// Less.
    #[serde(rename = "<")]
    Less,
    /// Less or equal.
    #[serde(rename = "<=")]
    AtMost,
}

impl Comparison {
    /// Whether the claim is true of a value.
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Greater => value > threshold,
            Self::AtLeast => value >= threshold,
            Self::Less => value < threshold,
            Self::AtMost => value <= threshold,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Greater => ">",
            Self::AtLeast => "≥",
            Self::Less => "<",
            Self::AtMost => "≤",
        })
    }
}

/// What a claim without rows is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenMissing {
    /// The run should have measured it: UNPROVEN.
    #[default]
    Unproven,
    /// It is measured only on request, as peers are: NOT MEASURED.
    NotMeasured,
}

/// One claim.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Short unique name.
    pub id: String,
    /// Where the claim comes from.
    pub source: String,
    /// What is compared.
    pub metric: Metric,
    /// Scenario such as `scan_c100`, or `*` for all rows of the run together.
    pub scenario: String,
    /// When given, the metric is divided by the same metric of this scenario, repeat by repeat.
    pub baseline: Option<String>,
    /// How metric and threshold must stand.
    pub comparison: Comparison,
    /// In the unit of the metric; a plain number for a ratio.
    pub threshold: f64,
    /// What to say when there are no rows.
    #[serde(default)]
    pub when_missing: WhenMissing,
}

/// How a claim ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// True, and not by chance.
    Pass,
    /// False, and not by chance.
    Fail,
    /// The rows do not decide it.
    Unproven,
    /// The run did not set out to measure it.
    NotMeasured,
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Unproven => "UNPROVEN",
            Self::NotMeasured => "NOT MEASURED",
        })
    }
}

/// A claim with its verdict and evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The claim.
    pub claim: Claim,
    /// How it ended.
    pub state: State,
    /// Median over the repeats (total for counts); `None` without rows.
    pub value: Option<f64>,
    /// 95 % interval; `None` when the rows show no spread.
    pub interval: Option<Interval>,
    /// One value a repeat.
    pub values: Vec<f64>,
    /// Why it ended so, in words.
    pub reason: String,
}

/// Why claims could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsError {
    /// The file could not be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not TOML, an unknown key, a wrong type; the parser's text names line and column.
    #[error("{name}: {source}")]
    Syntax {
        /// The file, or `built-in claims`.
        name: String,
        /// What the parser said.
        source: Box<toml::de::Error>,
    },
    /// Two claims have one id.
    #[error("{name}: claim `{id}` stands twice")]
    Duplicate {
        /// The file, or `built-in claims`.
        name: String,
        /// The id.
        id: String,
    },
    /// A threshold that is not a finite number.
    #[error("{name}: claim `{id}`: threshold is not a finite number")]
    Threshold {
        /// The file, or `built-in claims`.
        name: String,
        /// The id.
        id: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    claim: Vec<Claim>,
}

/// Claims out of TOML text; `name` stands in errors.
pub fn parse(name: &str, text: &str) -> Result<Vec<Claim>, ClaimsError> {
    let file: File = toml::from_str(text)
        .map_err(|source| ClaimsError::Syntax { name: name.to_owned(), source: Box::new(source) })?;
    for (index, claim) in file.claim.iter().enumerate() {
        if file.claim.iter().take(index).any(|earlier| earlier.id == claim.id) {
            return Err(ClaimsError::Duplicate { name: name.to_owned(), id: claim.id.clone() });
        }
        if !claim.threshold.is_finite() {
            return Err(ClaimsError::Threshold { name: name.to_owned(), id: claim.id.clone() });
        }
    }
    Ok(file.claim)
}

/// Claims out of a file.
pub fn read(path: &Path) -> Result<Vec<Claim>, ClaimsError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| ClaimsError::Io { path: path.to_owned(), source })?;
    parse(&path.display().to_string(), &text)
}

/// The claims of this project.
pub fn built_in() -> Result<Vec<Claim>, ClaimsError> {
    parse("built-in claims", BUILT_IN)
}

/// 1 when a claim failed, else 0.
pub fn exit_code(verdicts: &[Verdict]) -> u8 {
    u8::from(verdicts.iter().any(|verdict| verdict.state == State::Fail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_claims_can_be_read() {
        let claims = built_in().unwrap();
        assert!(claims.len() >= 25, "{}", claims.len());
        assert!(claims.iter().all(|claim| !claim.source.is_empty()));
    }

    #[test]
    fn errors_name_the_place() {
        let good = "[[claim]]\nid='a'\nsource='s'\nmetric='error_share'\nscenario='x'\ncomparison='<'\nthreshold=1\n";
        for (text, expected) in [
            (good.replace("error_share", "errors"), "line 4"),
            (good.replace("threshold", "treshold"), "treshold"),
            (format!("{good}{good}"), "`a` stands twice"),
            (good.replace("=1", "=nan"), "not a finite number"),
        ] {
            let error = parse("claims.toml", &text).unwrap_err().to_string();
            assert!(error.contains("claims.toml") && error.contains(expected), "{error}");
        }
    }
}
