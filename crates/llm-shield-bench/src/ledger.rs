//! What a run counts: outcomes and latencies within the measured window, exact where it can be, pure.

use std::ops::Range;

use hdrhistogram::Histogram;

/// Longest latency that the histogram tells apart, microseconds; longer ones count as this.
const LATENCY_MAX_US: u64 = 60_000_000;

/// How one request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Status 200 and the verdict that was planted.
    Right,
    /// Status 200 with another verdict or none, or a status outside 200, 4xx and 5xx.
    WrongVerdict,
    /// 429 or 503.
    Refused,
    /// Other 4xx.
    ClientError,
    /// Other 5xx.
    ServerError,
    /// No connection, a connection that broke, or an answer that is not HTTP.
    Broken,
    /// No answer within the time limit, or no room in the queue of an open loop.
    TimedOut,
}

/// Counts and latencies of one window. Times are nanoseconds on the caller's clock.
#[derive(Debug, Clone)]
pub struct Ledger {
    window_ns: Range<u64>,
    histogram: Option<Histogram<u64>>,
    counts: [u64; 7],
    answered: u64,
    sum_ns: u128,
    min_ns: u64,
    max_ns: u64,
}

impl Ledger {
    /// An empty ledger: only what completes within `window_ns` counts.
    pub fn new(window_ns: Range<u64>) -> Self {
        Self {
            window_ns,
            // The bounds are constants that hdrhistogram accepts; `None` never happens.
            histogram: Histogram::new_with_bounds(1, LATENCY_MAX_US, 3).ok(),
            counts: [0; 7],
            answered: 0,
            sum_ns: 0,
            min_ns: u64::MAX,
            max_ns: 0,
        }
    }

    /// A whole answer came at `done_ns` for the request that was meant to leave at `intended_ns`.
    pub fn answered(&mut self, intended_ns: u64, done_ns: u64, outcome: Outcome) {
        if !self.window_ns.contains(&done_ns) {
            return;
        }
        let latency_ns = done_ns.saturating_sub(intended_ns);
        if let Some(histogram) = &mut self.histogram {
            histogram.saturating_record(((latency_ns + 500) / 1_000).clamp(1, LATENCY_MAX_US));
        }
        self.answered += 1;
        self.sum_ns += u128::from(latency_ns);
        self.min_ns = self.min_ns.min(latency_ns);
        self.max_ns = self.max_ns.max(latency_ns);
        self.counts[outcome as usize] += 1;
    }

    /// A request ended at `now_ns` without an answer.
    pub fn failed(&mut self, now_ns: u64, outcome: Outcome) {
        if self.window_ns.contains(&now_ns) {
            self.counts[outcome as usize] += 1;
        }
    }

    /// Adds what another thread counted over the same window.
    pub fn merge(&mut self, other: &Self) {
        if let (Some(mine), Some(theirs)) = (&mut self.histogram, &other.histogram) {
            // Same bounds on both sides, so that adding cannot fail.
            let _ = mine.add(theirs);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine += theirs;
        }
        self.answered += other.answered;
        self.sum_ns += other.sum_ns;
        self.min_ns = self.min_ns.min(other.min_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
    }

    /// Requests that ended so.
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.counts[outcome as usize]
    }

    /// Answered or failed.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Requests with a whole answer, whatever it said: those that the latencies are of.
    pub fn answers(&self) -> u64 {
        self.answered
    }

    /// Mean latency from exact sums, milliseconds; 0 without answers.
    pub fn mean_ms(&self) -> f64 {
        if self.answered == 0 { 0.0 } else { self.sum_ns as f64 / self.answered as f64 / 1e6 }
    }

    /// Exact minimum, milliseconds; 0 without answers.
    pub fn min_ms(&self) -> f64 {
        if self.answered == 0 { 0.0 } else { self.min_ns as f64 / 1e6 }
    }

    /// Exact maximum, milliseconds.
    pub fn max_ms(&self) -> f64 {
        self.max_ns as f64 / 1e6
    }

    /// Latency that `percent` of the answers did not exceed, milliseconds, three significant digits.
    pub fn percentile_ms(&self, percent: f64) -> f64 {
        let Some(histogram) = &self.histogram else { return 0.0 };
        let value = histogram.value_at_percentile(percent) as f64 / 1e3;
        // A bucket's upper edge and the rounding to microseconds may lie outside what was seen.
        if self.answered == 0 { 0.0 } else { value.clamp(self.min_ms(), self.max_ms()) }
    }

    /// The whole distribution: (percentile, latency in ms, answers at or below), ending at 100.
    pub fn percentiles(&self) -> Vec<(f64, f64, u64)> {
        let Some(histogram) = &self.histogram else { return Vec::new() };
        let steps = histogram.iter_quantiles(5);
        let mut below = 0;
        steps
            .map(|step| {
                below += step.count_since_last_iteration();
                let ms = (step.value_iterated_to() as f64 / 1e3).min(self.max_ms());
                (step.quantile_iterated_to() * 100.0, ms, below)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_window_counts() {
        let mut ledger = Ledger::new(1_000..2_000);
        ledger.answered(0, 999, Outcome::Right);
        ledger.answered(0, 1_000, Outcome::Right);
        ledger.answered(500, 1_999, Outcome::WrongVerdict);
        ledger.answered(500, 2_000, Outcome::Right);
        ledger.failed(1_500, Outcome::Broken);
        ledger.failed(2_500, Outcome::Broken);
        assert_eq!((ledger.total(), ledger.answers(), ledger.count(Outcome::Broken)), (3, 2, 1));
    }

    #[test]
    fn merging_equals_counting_together() {
        let mut whole = Ledger::new(0..u64::MAX);
        let mut parts = [Ledger::new(0..u64::MAX), Ledger::new(0..u64::MAX)];
        for i in 1..=10_000_u64 {
            let latency = i * i;
            whole.answered(0, latency, Outcome::Right);
            parts[(i % 2) as usize].answered(0, latency, Outcome::Right);
        }
        let [mut merged, other] = parts;
        merged.merge(&other);
        assert_eq!(merged.percentiles(), whole.percentiles());
        assert!((merged.mean_ms() - 33.338_333_5).abs() < 1e-9, "{}", merged.mean_ms());
        assert!((merged.percentile_ms(50.0) - 25.0).abs() < 0.05);
        assert!((merged.max_ms() - 100.0).abs() < 1e-9 && (merged.min_ms() - 1e-6).abs() < 1e-12);
        assert_eq!(merged.percentiles().last().map(|last| last.2), Some(10_000));
    }

    #[test]
    fn nothing_measured_gives_zeros() {
        let ledger = Ledger::new(0..1);
        assert_eq!((ledger.total(), ledger.answers()), (0, 0));
        assert!(ledger.mean_ms() == 0.0 && ledger.min_ms() == 0.0 && ledger.percentile_ms(99.0) == 0.0);
    }
}
