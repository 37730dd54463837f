//! When requests are meant to be sent in an open loop: pure, in nanoseconds of a clock that the caller brings.
//!
//! Latency in an open loop counts from the *intended* send time. An arrival that finds no free connection waits here
//! with its intended time, so that a stall of the server shows in every request that it delayed.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::random::SplitMix64;

/// How the gaps between arrivals are distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    /// Exponential gaps: independent users.
    Poisson,
    /// Equal gaps.
    Constant,
}

/// One stream of arrivals with the queue of those that wait for a free connection.
#[derive(Debug)]
pub struct OpenLoop {
    arrivals: Arrivals,
    gap_ns: f64,
    next_ns: f64,
    random: SplitMix64,
    waiting: VecDeque<u64>,
    waiting_max: usize,
}

impl OpenLoop {
    /// A stream of `rate_per_s` arrivals. `phase` in [0, 1) shifts a constant stream by that part of a gap, so that
    /// several streams of one run interleave. At most `waiting_max` arrivals wait.
    pub fn new(arrivals: Arrivals, rate_per_s: f64, phase: f64, seed: u64, waiting_max: usize) -> Self {
        let gap_ns = 1e9 / rate_per_s.max(1e-3);
        let mut open_loop = Self {
            arrivals,
            gap_ns,
            next_ns: gap_ns * phase,
            random: SplitMix64::new(seed),
            waiting: VecDeque::new(),
            waiting_max,
        };
        if arrivals == Arrivals::Poisson {
            open_loop.next_ns = 0.0;
            open_loop.advance();
        }
        open_loop
    }

    /// Moves every arrival that is due at `now_ns` to the waiting queue. Returns how many found the queue full.
    pub fn release(&mut self, now_ns: u64) -> u64 {
        let mut overflowed = 0;
        while self.next_ns <= now_ns as f64 {
            if self.waiting.len() < self.waiting_max {
                self.waiting.push_back(self.next_ns as u64);
            } else {
                overflowed += 1;
            }
            self.advance();
        }
        overflowed
    }

    /// The intended time of the oldest waiting arrival, taken off the queue.
    pub fn take(&mut self) -> Option<u64> {
        self.waiting.pop_front()
    }

    /// When the next arrival falls due.
    pub fn next_arrival_ns(&self) -> u64 {
        self.next_ns.ceil() as u64
    }

    /// Arrivals that wait now.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn advance(&mut self) {
        self.next_ns += match self.arrivals {
            Arrivals::Constant => self.gap_ns,
            // Inverse of the exponential distribution; 1 - u is in (0, 1], so the logarithm is finite.
            Arrivals::Poisson => -(1.0 - self.random.unit()).ln() * self.gap_ns,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Ledger, Outcome};

    const MS: u64 = 1_000_000;
    const SECOND: u64 = 1_000_000_000;

    /// Drives a fake target on a virtual clock: each of `connections` answers after `service_ns`, except that nothing
    /// is answered during the stall.
    fn drive(arrivals: Arrivals, rate: f64, connections: usize, stall: std::ops::Range<u64>) -> Ledger {
        let service_ns = MS;
        let mut open_loop = OpenLoop::new(arrivals, rate, 0.0, 7, 1_000_000);
        let mut ledger = Ledger::new(0..10 * SECOND);
        let mut busy: Vec<(u64, u64)> = Vec::new(); // (done, intended)
        let mut now = 0;
        while now < 10 * SECOND {
            assert_eq!(open_loop.release(now), 0);
            let (done, rest): (Vec<_>, Vec<_>) = busy.into_iter().partition(|&(done, _)| done <= now);
            busy = rest;
            for (done, intended) in done {
                ledger.answered(intended, done, Outcome::Right);
            }
            while busy.len() < connections {
                let Some(intended) = open_loop.take() else { break };
                let plain = now + service_ns;
                let done = if stall.contains(&plain) { stall.end + service_ns } else { plain };
                busy.push((done, intended));
            }
            let next_done = busy.iter().map(|&(done, _)| done).min().unwrap_or(u64::MAX);
            now = next_done.min(open_loop.next_arrival_ns()).max(now + 1);
        }
        ledger
    }

    #[test]
    fn a_stall_of_one_second_shows_in_the_tail() {
        for arrivals in [Arrivals::Constant, Arrivals::Poisson] {
            let stalled = drive(arrivals, 1_000.0, 10, 5 * SECOND..6 * SECOND);
            // A tenth of all arrivals fell into the stall; with omission only 10 of 10,000 would show it.
            assert!(stalled.percentile_ms(99.0) > 800.0, "{arrivals:?}: {}", stalled.percentile_ms(99.0));
            assert!(stalled.percentile_ms(95.0) > 400.0);
            assert!(stalled.percentile_ms(50.0) < 5.0);
            let calm = drive(arrivals, 1_000.0, 10, 0..0);
            assert!(calm.percentile_ms(99.0) < 2.0, "{arrivals:?}: {}", calm.percentile_ms(99.0));
        }
    }

    #[test]
    fn arrivals_come_at_the_rate() {
        for arrivals in [Arrivals::Constant, Arrivals::Poisson] {
            let mut open_loop = OpenLoop::new(arrivals, 20_000.0, 0.5, 3, usize::MAX);
            open_loop.release(10 * SECOND);
            let count = open_loop.waiting() as f64;
            assert!((count / 200_000.0 - 1.0).abs() < 0.01, "{arrivals:?}: {count}");
        }
    }

    #[test]
    fn poisson_gaps_vary_as_much_as_they_last() {
        let mut open_loop = OpenLoop::new(Arrivals::Poisson, 1_000.0, 0.0, 11, usize::MAX);
        open_loop.release(100 * SECOND);
        let mut times = Vec::new();
        while let Some(time) = open_loop.take() {
            times.push(time as f64);
        }
        let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        let variation = variance.sqrt() / mean;
        assert!((variation - 1.0).abs() < 0.03, "{variation}");
    }

    #[test]
    fn a_full_queue_overflows_and_says_so() {
        let mut open_loop = OpenLoop::new(Arrivals::Constant, 100.0, 0.0, 0, 10);
        assert_eq!(open_loop.release(SECOND), 91);
        assert_eq!(open_loop.waiting(), 10);
        assert_eq!(open_loop.take(), Some(0));
        assert_eq!(open_loop.take(), Some(10 * MS));
    }
}
