//! llm-guard's risk arithmetic, to the decimal.

use serde::{Deserialize, Serialize};

/// llm-guard's signed risk: negative below the threshold, 0 at it, positive above, one decimal, from -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct RiskScore(pub f64);

impl RiskScore {
    /// Nothing found.
    pub const NONE: Self = Self(-1.0);
    /// Neither safe nor a hit; what llm-guard answers in a few special cases.
    pub const ZERO: Self = Self(0.0);
    /// Found for certain.
    pub const CERTAIN: Self = Self(1.0);
}

/// A probability above which a scanner refuses, strictly between 0 and 1, ends excluded.
///
/// llm-guard accepts any float and divides by zero at the ends; here such a value cannot be built.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Deserialize)]
#[serde(try_from = "f64")]
pub struct Threshold(f64);

/// A threshold outside the open interval from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("threshold {0} is outside the range 0 to 1 (both ends excluded)")]
pub struct ThresholdError(pub f64);

impl TryFrom<f64> for Threshold {
    type Error = ThresholdError;

    fn try_from(value: f64) -> Result<Self, ThresholdError> {
        Self::new(value)
    }
}

impl Threshold {
    /// llm-guard's default for code in prompts.
    pub const BAN_CODE: Self = Self(0.97);
    /// llm-guard's default for code in outputs.
    pub const BAN_CODE_OUTPUT: Self = Self(0.9);
    /// llm-guard's default for the language of code.
    pub const CODE: Self = Self(0.5);
    /// llm-guard's default for names of competitors.
    pub const COMPETITORS: Self = Self(0.5);
    /// llm-guard's default for gibberish in prompts.
    pub const GIBBERISH: Self = Self(0.97);
    /// llm-guard's default for gibberish in outputs.
    pub const GIBBERISH_OUTPUT: Self = Self(0.7);
    /// llm-guard's default for the language of prompts.
    pub const LANGUAGE: Self = Self(0.6);
    /// llm-guard's default for the language of outputs.
    pub const LANGUAGE_OUTPUT: Self = Self(0.7);
    /// llm-guard's default for a language that prompt and output share.
    pub const LANGUAGE_SAME: Self = Self(0.1);
    /// llm-guard's default for malicious links.
    pub const MALICIOUS_URLS: Self = Self(0.5);
    /// llm-guard's default for refusals.
    pub const NO_REFUSAL: Self = Self(0.75);
    /// llm-guard's default for personal data.
    pub const PERSONAL_DATA: Self = Self(0.5);
    /// llm-guard's default for prompt injection.
    pub const PROMPT_INJECTION: Self = Self(0.92);
    /// llm-guard's default for toxic prompts.
    pub const TOXICITY: Self = Self(0.5);
    /// llm-guard's default for toxic outputs.
    pub const TOXICITY_OUTPUT: Self = Self(0.7);

    /// Checks that `value` lies strictly between 0 and 1.
    pub fn new(value: f64) -> Result<Self, ThresholdError> {
        if value > 0.0 && value < 1.0 { Ok(Self(value)) } else { Err(ThresholdError(value)) }
    }

    /// The threshold as a number.
    pub const fn value(self) -> f64 {
        self.0
    }
}

/// llm-guard's `calculate_risk_score`: the distance of `score` from `threshold`, as a share of the room on
/// that side, rounded to one decimal (ties of the exact double go to even) and clamped to -1…1.
pub fn risk_score(score: f64, threshold: Threshold) -> RiskScore {
    risk_beside(score, threshold.value())
}

/// The same beside a number that is no probability, such as a sentiment; `score` and `threshold` are not both 0.
pub(crate) fn risk_beside(score: f64, threshold: f64) -> RiskScore {
    let room = if score > threshold { 1.0 - threshold } else { threshold };
    RiskScore(round_to(score - threshold, room).clamp(-1.0, 1.0))
}

/// `round(numerator / denominator, 1)` as Python rounds: by the shortest correct decimal of the double.
fn round_to(numerator: f64, denominator: f64) -> f64 {
    // Formatting with a fixed precision is correctly rounded on the exact value, ties to even, as in Python.
    format!("{:.1}", numerator / denominator).parse().unwrap_or(0.0) + 0.0
}

/// Rounds to two decimals as Python's `round(x, 2)`; llm-guard does so before it compares most model scores.
pub(crate) fn round_2(score: f64) -> f64 {
    format!("{score:.2}").parse().unwrap_or(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn risk_scores_equal_llm_guards() {
        for (score, threshold, expected) in [
            (0.6, 0.5, 0.2),
            (0.4, 0.5, -0.2),
            (0.75, 0.5, 0.5),
            (1.0, 0.97, 1.0),
            (2.0, 0.5, 1.0),
            (0.55, 0.5, 0.1),
            (0.525, 0.5, 0.1),
            (0.625, 0.5, 0.2),
            (0.5, 0.5, 0.0),
            (0.0, 0.92, -1.0),
        ] {
            let risk = risk_score(score, Threshold::new(threshold).unwrap());
            assert_eq!(risk, RiskScore(expected), "score {score}, threshold {threshold}");
        }
    }

    #[test]
    fn thresholds_that_divide_by_zero_cannot_be_built() {
        for value in [0.0, 1.0, -0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(Threshold::new(value).is_err(), "{value}");
        }
    }
}
