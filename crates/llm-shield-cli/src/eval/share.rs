//! A share of a count with its interval.

use serde_json::{Value, json};

/// Of how many rows something holds.
#[derive(Clone, Copy, Default)]
pub(super) struct Share {
    found: usize,
    of: usize,
}

impl Share {
    /// Over the rows of an iterator.
    pub(super) fn over(rows: impl IntoIterator<Item = bool>) -> Self {
        let mut share = Self::default();
        rows.into_iter().for_each(|found| share.add(found));
        share
    }

    /// Of counts.
    pub(super) fn part(found: usize, of: usize) -> Self {
        Self { found, of }
    }

    pub(super) fn add(&mut self, found: bool) {
        self.of += 1;
        self.found += usize::from(found);
    }

    pub(super) fn of(self) -> usize {
        self.of
    }

    pub(super) fn rate(self) -> Option<f64> {
        (self.of > 0).then(|| self.found as f64 / self.of as f64)
    }

    /// The Wilson score interval (1927) at 95 %, which stays within 0 to 1 and is sound near both ends.
    pub(super) fn interval(self) -> Option<(f64, f64)> {
        const Z: f64 = 1.959_964;
        let (rate, n) = (self.rate()?, self.of as f64);
        let middle = rate + Z * Z / (2.0 * n);
        let half = Z * (rate * (1.0 - rate) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        Some((((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0)))
    }

    /// The rate and its interval; `-` of nothing.
    pub(super) fn short(self) -> String {
        match (self.rate(), self.interval()) {
            (Some(rate), Some((low, high))) => format!("{rate:.3} [{low:.3}, {high:.3}]"),
            _ => "-".into(),
        }
    }

    /// As [`Share::short`], behind the counts.
    pub(super) fn cell(self) -> String {
        if self.of == 0 { self.short() } else { format!("{}/{}  {}", self.found, self.of, self.short()) }
    }

    pub(super) fn json(self) -> Value {
        let interval = self.interval().map(|(low, high)| [low, high]);
        json!({"found": self.found, "of": self.of, "rate": self.rate(), "interval": interval})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        // Worked out by hand from the published formula: 8 of 10.
        let (low, high) = Share { found: 8, of: 10 }.interval().unwrap();
        assert!((low - 0.4902).abs() < 1e-4 && (high - 0.9433).abs() < 1e-4, "{low} {high}");
        assert_eq!(Share::default().interval(), None);
        assert_eq!(Share { found: 5, of: 5 }.interval().map(|(_, high)| high), Some(1.0));
    }
}
