//! The scenarios of a benchmark run, in order, with the echo floor between them.
//!
//! The floor is measured next to what it is compared with, because the speed of a shared machine drifts over minutes.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::accounting::Source;
use crate::capacity::{Capacity, Limit, search_capacity};
use crate::client::{LoadMode, Progress, RunError, Scenario, ScenarioOutcome, run_scenario};
use crate::cores;
use crate::schedule::Arrivals;
use crate::target::Target;
use crate::workload::Workload;

/// Scenarios of the origin's report: path, name, connections.
const ORIGIN: [(&str, &str, u32); 6] = [
    ("/scan", "scan", 10),
    ("/scan", "scan", 50),
    ("/scan", "scan", 100),
    ("/scan", "scan", 500),
    ("/scan/pipeline", "pipeline", 100),
    ("/scan/secrets", "secrets", 100),
];
/// Connections at which the floor is measured.
const FLOOR: [u32; 4] = [10, 50, 100, 500];
/// Shares of the closed loop's throughput that the open loop offers.
const OPEN_LOAD: [f64; 3] = [0.3, 0.6, 0.8];

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Everything once, a second or two each: shows that it works, not how fast. Below 45 s.
    Quick,
    /// The origin's six scenarios with 5 s + 30 s, the floor with 2 s + 10 s, once. Below 7 minutes.
    Plain,
    /// As plain, repeated, with open loops and the capacity search after them.
    Full {
        /// How often.
        repeats: u32,
    },
}

/// What the suite drives and how.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The server; the path is replaced.
    pub server: Target,
    /// How much.
    pub extent: Extent,
    /// What is sent.
    pub workload: Arc<Workload>,
    /// Whether the server has `/echo`.
    pub floor: Floor,
    /// Where the server's CPU is read.
    pub accounting: Source,
    /// Cores of the client.
    pub client_cores: Option<Vec<usize>>,
    /// Threads of the client.
    pub threads: usize,
    /// Warm-up and window of a scenario instead of the extent's own; the floor takes a third.
    pub times: Option<(Duration, Duration)>,
}

/// Whether the echo floor is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Floor {
    /// Before each scenario with that many connections.
    Measured,
    /// The server has no `/echo`.
    Absent,
}

/// What happens while the suite runs; the caller writes results as they come.
#[derive(Debug)]
pub enum Event<'a> {
    /// A scenario starts: its number from 0, how many there are, and itself.
    Started(usize, usize, &'a Scenario),
    /// How far the scenario is.
    Progress(Progress),
    /// A scenario is done, or was stopped.
    Finished(&'a ScenarioOutcome),
    /// The capacity search of one endpoint is done.
    Capacity(&'a str, &'a Capacity),
}

impl Suite {
    /// A suite with the defaults for a server: `/metrics` for accounting, the floor measured.
    pub fn new(server: &Target, extent: Extent, workload: Arc<Workload>) -> Self {
        Self {
            server: server.clone(),
            extent,
            workload,
            floor: Floor::Measured,
            accounting: Source::Metrics { target: server.with_path("/metrics"), fallback_pid: None },
            client_cores: None,
            threads: cores::client_threads(),
            times: None,
        }
    }

    /// All closed-loop scenarios in the order of running.
    pub fn scenarios(&self) -> Vec<Scenario> {
        let repeats = if let Extent::Full { repeats } = self.extent { repeats.max(1) } else { 1 };
        let mut scenarios = Vec::new();
        for repeat in 1..=repeats {
            let mut floors = FLOOR.to_vec();
            for (path, name, connections) in ORIGIN {
                let at = floors.iter().position(|&floor| floor == connections);
                if self.floor == Floor::Measured
                    && let Some(at) = at
                {
                    scenarios.push(self.scenario("/echo", "echo", floors.remove(at), repeat));
                }
                scenarios.push(self.scenario(path, name, connections, repeat));
            }
        }
        scenarios
    }

    /// Time that the closed-loop scenarios take, without starts and readings.
    pub fn planned(&self) -> Duration {
        self.scenarios().iter().map(|scenario| scenario.warmup + scenario.measured).sum()
    }

    /// Runs everything. Every finished scenario is handed out at once; `stop` ends the run after handing out what the
    /// running scenario has measured. An endpoint that cannot be driven ends the suite with its error.
    pub fn run(&self, stop: &AtomicBool, mut on: impl FnMut(Event<'_>)) -> Result<(), RunError> {
        let scenarios = self.scenarios();
        let mut best_per_s = 0.0_f64;
        for (index, scenario) in scenarios.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            on(Event::Started(index, scenarios.len(), scenario));
            let outcome = run_scenario(scenario, stop, |progress| on(Event::Progress(progress)))?;
            if scenario.name == "scan_c100" {
                best_per_s =
                    best_per_s.max(outcome.row.successful_requests as f64 / outcome.row.duration_secs);
            }
            on(Event::Finished(&outcome));
            if outcome.interrupted {
                return Ok(());
            }
        }
        // Without one right answer there is no rate to offer.
        if matches!(self.extent, Extent::Full { .. }) && best_per_s >= 1.0 {
            self.run_open(best_per_s, stop, &mut on)?;
        }
        Ok(())
    }

    fn run_open(
        &self,
        closed_per_s: f64,
        stop: &AtomicBool,
        on: &mut impl FnMut(Event<'_>),
    ) -> Result<(), RunError> {
        for (index, load) in OPEN_LOAD.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let mut scenario = self.scenario("/scan", "scan", 100, 1);
            scenario.name = format!("scan_open_{:.0}", load * 100.0);
            scenario.mode = LoadMode::Open { rate_per_s: closed_per_s * load, arrivals: Arrivals::Poisson };
            on(Event::Started(index, OPEN_LOAD.len(), &scenario));
            let outcome = run_scenario(&scenario, stop, |progress| on(Event::Progress(progress)))?;
            on(Event::Finished(&outcome));
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut scenario = self.scenario("/scan", "scan", 100, 1);
        "scan_capacity".clone_into(&mut scenario.name);
        scenario.warmup = Duration::from_secs(1).min(scenario.warmup);
        scenario.measured = Duration::from_secs(5).min(scenario.measured);
        let limit = Limit { p99_ms: 5.0, error_share: 0.0 };
        on(Event::Started(0, 1, &scenario));
        // Two callbacks of the search hand out through the one of the suite, never at the same time.
        let shared = RefCell::new(&mut *on);
        let capacity = search_capacity(
            &scenario,
            limit,
            (closed_per_s / 4.0).max(1.0),
            stop,
            |progress| (shared.borrow_mut())(Event::Progress(progress)),
            |outcome| (shared.borrow_mut())(Event::Finished(outcome)),
        )?;
        on(Event::Capacity("/scan", &capacity));
        Ok(())
    }

    fn scenario(&self, path: &str, name: &str, connections: u32, repeat: u32) -> Scenario {
        let floor = path == "/echo";
        let (warmup_ms, measured_ms) = match (self.times, self.extent, floor) {
            (Some((warmup, measured)), _, false) => (warmup.as_millis() as u64, measured.as_millis() as u64),
            (Some((warmup, measured)), _, true) => {
                (warmup.as_millis() as u64 / 3, (measured.as_millis() as u64 / 3).max(100))
            }
            (None, Extent::Quick, false) => (500, 3_000),
            (None, Extent::Quick, true) => (500, 2_000),
            (None, _, false) => (5_000, 30_000),
            (None, _, true) => (2_000, 10_000),
        };
        let target = self.server.with_path(path);
        let full_name = format!("{name}_c{connections}");
        let scenario = Scenario::closed(&full_name, target, Arc::clone(&self.workload), connections);
        Scenario {
            warmup: Duration::from_millis(warmup_ms),
            measured: Duration::from_millis(measured_ms),
            threads: self.threads,
            client_cores: self.client_cores.clone(),
            accounting: self.accounting.clone(),
            repeat,
            seed: u64::from(repeat),
            ..scenario
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(extent: Extent) -> Suite {
        let workload = Arc::new(Workload::load("short60").unwrap());
        Suite::new(&"http://localhost:3000".parse().unwrap(), extent, workload)
    }

    #[test]
    fn each_extent_keeps_its_budget() {
        let plain = suite(Extent::Plain);
        assert_eq!(plain.scenarios().len(), 10);
        // Half a minute is left for the build's end, starts, readings and the report.
        assert!(plain.planned() < Duration::from_secs(390), "{:?}", plain.planned());
        assert!(suite(Extent::Quick).planned() < Duration::from_secs(40));
        assert_eq!(suite(Extent::Full { repeats: 3 }).scenarios().len(), 30);
    }

    #[test]
    fn the_floor_stands_before_what_it_is_compared_with() {
        let names: Vec<String> = suite(Extent::Plain).scenarios().into_iter().map(|one| one.name).collect();
        let expected = "echo_c10 scan_c10 echo_c50 scan_c50 echo_c100 scan_c100 echo_c500 scan_c500 \
                        pipeline_c100 secrets_c100";
        assert_eq!(names.join(" "), expected);
        let without = Suite { floor: Floor::Absent, ..suite(Extent::Plain) };
        assert_eq!(without.scenarios().len(), 6);
    }
}
