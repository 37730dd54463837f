//! Models fitted to measured rows: throughput over connections, latency under an arrival rate, and what they predict.
//!
//! A model has no constant of its own: everything comes from the rows, and each prediction carries the error that
//! the model makes on rows that were left out of its fit.

pub mod queue;
pub mod usl;

/// Why a model could not be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Too few distinct settings to determine the parameters.
    #[error("{found} distinct {what}; at least {needed} are needed")]
    TooFewPoints {
        /// What was varied, in the plural.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many the fit needs.
        needed: usize,
    },
    /// A point is zero, negative or not finite.
    #[error("a point to fit is not a finite number above zero")]
    BadPoint,
    /// No set of parameters describes the points.
    #[error("the points follow no such curve")]
    NoFit,
}

/// Error of a model on points left out of its fit, as shares of the measured values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossValidation {
    /// Mean of |predicted − measured| ÷ measured.
    pub mean_error: f64,
    /// The largest of them.
    pub max_error: f64,
    /// How many settings were left out, one after the other.
    pub folds: usize,
}

impl CrossValidation {
    fn of(errors: &[f64]) -> Option<Self> {
        let max_error = errors.iter().copied().reduce(f64::max)?;
        let mean_error = crate::statistics::mean(errors)?;
        max_error.is_finite().then_some(Self { mean_error, max_error, folds: errors.len() })
    }
}

/// Distinct values in ascending order.
fn distinct(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    sorted
}
