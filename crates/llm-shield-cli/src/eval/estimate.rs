//! A figure with its interval, and the interval out of resampled values.

use serde_json::{Value, json};

/// A figure with its 95 % interval; NaN where it is not defined.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    pub(super) value: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Estimate {
    /// The percentile bootstrap interval of values of resamples.
    pub(super) fn new(value: f64, resampled: Vec<f64>) -> Self {
        let (low, high) = percentiles(resampled);
        Self { value, low, high }
    }

    pub(super) fn cell(self) -> String {
        if self.value.is_finite() {
            format!("{:.3} [{:.3}, {:.3}]", self.value, self.low, self.high)
        } else {
            "-".into()
        }
    }

    pub(super) fn json(self) -> Value {
        // Not a number is null.
        json!({"value": self.value, "interval": [self.low, self.high]})
    }
}

/// The 2.5th and the 97.5th percentile of what is finite; NaN of nothing.
pub(super) fn percentiles(mut values: Vec<f64>) -> (f64, f64) {
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = ((share * values.len() as f64) as usize).min(values.len().saturating_sub(1));
        values.get(index).copied().unwrap_or(f64::NAN)
    };
    (at(0.025), at(0.975))
}
