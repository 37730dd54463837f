//! Medians and 95 % intervals over repeats.
//!
//! Repeats are few (3 to 10), so the interval is Student's t around the mean of the repeats: a bootstrap of
//! three values can only ever redraw those three and is far too narrow. Shares of many requests use Wilson's
//! score interval, which needs no repeats.

/// A 95 % confidence interval, both ends included, in the unit of the values it was made from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom (any table of the distribution).
const T_95: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const Z_95: f64 = 1.959_964;

/// The two-sided 95 % quantile of Student's t. Past 30 degrees of freedom the normal quantile is used, which
/// is at most 4 % less. `None` for zero degrees of freedom.
pub fn t_quantile_95(degrees_of_freedom: usize) -> Option<f64> {
    match degrees_of_freedom {
        0 => None,
        n => Some(T_95.get(n - 1).copied().unwrap_or(Z_95)),
    }
}

/// Arithmetic mean; `None` for no values.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Median, the mean of the two middle values when their number is even; `None` for no values or any NaN.
pub fn median(values: &[f64]) -> Option<f64> {
    if values.is_empty() || values.iter().any(|value| value.is_nan()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    Some(if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    })
}

/// Student's t interval for the mean of the repeats; `None` for fewer than two values, which show no spread.
pub fn t_interval(values: &[f64]) -> Option<Interval> {
    let quantile = t_quantile_95(values.len().checked_sub(1)?)?;
    let center = mean(values)?;
    let count = values.len() as f64;
    let variance = values.iter().map(|value| (value - center).powi(2)).sum::<f64>() / (count - 1.0);
    let half = quantile * (variance / count).sqrt();
    Some(Interval { low: center - half, high: center + half })
}

/// Wilson's score interval for a share `hits / trials` (Wilson 1927); `None` for no trials.
pub fn wilson_interval(hits: u64, trials: u64) -> Option<Interval> {
    if trials == 0 {
        return None;
    }
    let n = trials as f64;
    let share = hits as f64 / n;
    let z2 = Z_95 * Z_95;
    let center = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    Some(Interval { low: (center - half).max(0.0), high: (center + half).min(1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        for (input, expected) in [
            (vec![], None),
            (vec![3.0], Some(3.0)),
            (vec![9.0, 1.0, 5.0], Some(5.0)),
            (vec![4.0, 1.0], Some(2.5)),
        ] {
            assert_eq!(median(&input), expected, "{input:?}");
        }
        assert_eq!(median(&[1.0, f64::NAN]), None);
    }

    #[test]
    fn t_interval_agrees_with_a_worked_case() {
        // 10, 12, 14: mean 12, s = 2, half width = 4.303 · 2 / √3 = 4.9687.
        let interval = t_interval(&[10.0, 12.0, 14.0]).unwrap();
        assert!(
            (interval.low - 7.0313).abs() < 1e-3 && (interval.high - 16.9687).abs() < 1e-3,
            "{interval:?}"
        );
        assert_eq!(t_interval(&[10.0]), None);
    }

    #[test]
    fn wilson_agrees_with_a_worked_case() {
        // 0 of 100: upper end = z² / (n + z²) = 0.0370.
        let none = wilson_interval(0, 100).unwrap();
        assert!(none.low.abs() < 1e-12 && (none.high - 0.036_995).abs() < 1e-4, "{none:?}");
        assert_eq!(wilson_interval(0, 0), None);
    }
}
