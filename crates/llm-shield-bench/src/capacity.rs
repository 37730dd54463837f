//! Capacity search: the highest arrival rate at which the server still meets a limit.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::client::{LoadMode, Progress, RunError, Scenario, ScenarioOutcome, run_scenario};
use crate::row::Row;
use crate::schedule::Arrivals;

/// What must hold at a rate for it to count as carried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// 99th percentile, milliseconds, from the intended send time.
    pub p99_ms: f64,
    /// Share of failed requests.
    pub error_share: f64,
}

/// Share of the offered requests that must be answered within the window; less means that the queue grows.
const ANSWERED_SHARE: f64 = 0.97;
/// The search ends when the bounds are this close.
const PRECISION: f64 = 0.03;
/// Most rates that are tried.
const STEPS_MAX: usize = 24;

/// One rate that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Offered, requests a second.
    pub rate_per_s: f64,
    /// Answered or failed, requests a second.
    pub achieved_per_s: f64,
    /// 99th percentile, milliseconds.
    pub p99_ms: f64,
    /// Share of failed requests.
    pub error_share: f64,
    /// Whether it met the limit.
    pub met: bool,
}

/// What the search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// The limit.
    pub limit: Limit,
    /// Highest rate that met it; `None` if not even the first did, however low.
    pub rate_per_s: Option<f64>,
    /// Whether the search ended by itself: not stopped, not out of steps.
    pub complete: bool,
    /// All rates, in the order of trying.
    pub trail: Vec<Attempt>,
}

/// The search itself, without clock or network: gives the next rate for what was seen so far.
#[derive(Debug)]
pub struct Search {
    limit: Limit,
    next: Option<f64>,
    good: Option<f64>,
    bad: Option<f64>,
    trail: Vec<Attempt>,
}

impl Search {
    /// Starts at `first_rate` requests a second, doubles or halves until the limit lies between, then bisects.
    pub fn new(limit: Limit, first_rate: f64) -> Self {
        Self { limit, next: Some(first_rate), good: None, bad: None, trail: Vec::new() }
    }

    /// The rate to try now; `None` when the search is over.
    pub fn next_rate(&self) -> Option<f64> {
        self.next.filter(|_| self.trail.len() < STEPS_MAX)
    }

    /// Takes what the rate came to.
    pub fn saw(&mut self, rate_per_s: f64, achieved_per_s: f64, p99_ms: f64, error_share: f64) {
        let met = p99_ms <= self.limit.p99_ms
            && error_share <= self.limit.error_share
            && achieved_per_s >= ANSWERED_SHARE * rate_per_s;
        self.trail.push(Attempt { rate_per_s, achieved_per_s, p99_ms, error_share, met });
        if met {
            self.good = Some(rate_per_s);
        } else {
            self.bad = Some(rate_per_s);
        }
        self.next = match (self.good, self.bad) {
            (Some(good), None) => Some(good * 2.0),
            (None, Some(bad)) if bad > 1.0 => Some(bad / 2.0),
            (Some(good), Some(bad)) if bad / good > 1.0 + PRECISION => Some((good * bad).sqrt()),
            _ => None,
        };
    }

    /// The result so far.
    pub fn finish(self) -> Capacity {
        let complete = self.next.is_none();
        Capacity { limit: self.limit, rate_per_s: self.good, complete, trail: self.trail }
    }
}

/// Searches with open-loop runs like `scenario` (its mode is replaced by Poisson arrivals). `each` gets every run.
pub fn search_capacity(
    scenario: &Scenario,
    limit: Limit,
    first_rate: f64,
    stop: &AtomicBool,
    mut progress: impl FnMut(Progress),
    mut each: impl FnMut(&ScenarioOutcome),
) -> Result<Capacity, RunError> {
    let mut search = Search::new(limit, first_rate);
    while let Some(rate_per_s) = search.next_rate() {
        let mode = LoadMode::Open { rate_per_s, arrivals: Arrivals::Poisson };
        let at_rate = Scenario { mode, ..scenario.clone() };
        let outcome = run_scenario(&at_rate, stop, &mut progress)?;
        if outcome.interrupted {
            break;
        }
        let Row { requests_per_second, p99_latency_ms, failed_requests, total_requests, .. } = outcome.row;
        // A Poisson count varies by its root: what was offered by chance is not held against the server.
        let chance = 3.0 * (rate_per_s / outcome.row.duration_secs.max(1e-9)).sqrt();
        let achieved =
            if requests_per_second + chance >= rate_per_s { rate_per_s } else { requests_per_second };
        let errors = failed_requests as f64 / total_requests.max(1) as f64;
        let p99_ms = if total_requests == 0 { f64::INFINITY } else { p99_latency_ms };
        search.saw(rate_per_s, achieved, p99_ms, errors);
        each(&outcome);
        // The queue of an overloaded step must not weigh on the next one.
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(search.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { p99_ms: 5.0, error_share: 0.0 };

    /// A fake M/M/1 server: p99 of the response time is ln(100) / (capacity - rate).
    fn search(capacity: f64, first_rate: f64) -> Capacity {
        let mut search = Search::new(LIMIT, first_rate);
        while let Some(rate) = search.next_rate() {
            let p99_ms = if rate < capacity { 100.0_f64.ln() / (capacity - rate) * 1e3 } else { 1e4 };
            search.saw(rate, rate.min(capacity), p99_ms, 0.0);
        }
        search.finish()
    }

    #[test]
    fn the_limit_is_found_from_below_and_from_above() {
        for (capacity, first_rate) in [(20_000.0, 1_000.0), (20_000.0, 500_000.0), (3_000.0, 3_000.0)] {
            let found = search(capacity, first_rate);
            let exact = capacity - 100.0_f64.ln() / 0.005;
            let rate = found.rate_per_s.unwrap();
            assert!(rate <= exact && rate > exact * 0.96, "{rate} of {exact}");
            assert!(found.complete && found.trail.len() <= STEPS_MAX);
        }
    }

    #[test]
    fn a_server_that_never_meets_the_limit_has_no_capacity() {
        let found = search(1.0, 1_000.0);
        assert_eq!((found.rate_per_s, found.complete), (None, true));
        assert!(found.trail.iter().all(|attempt| !attempt.met));
    }

    #[test]
    fn a_growing_queue_or_an_error_misses_the_limit() {
        let mut search = Search::new(LIMIT, 100.0);
        search.saw(100.0, 90.0, 1.0, 0.0);
        search.saw(50.0, 50.0, 1.0, 0.01);
        search.saw(25.0, 25.0, 1.0, 0.0);
        assert_eq!(search.trail.iter().map(|attempt| attempt.met).collect::<Vec<_>>(), [false, false, true]);
    }
}
