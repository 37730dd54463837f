//! The load generator: raw keep-alive HTTP/1.1 over epoll, a closed or an open loop, answers checked.
//!
//! Each request costs one write and one read; requests are built beforehand. Every thread has its own event loop, its
//! own connections and its own ledger, and shares nothing but a counter and a flag.

pub(crate) mod answer;
mod connection;
mod headers;
mod outcome;
mod worker;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::accounting::{self, Source, Usage};
use crate::cores;
use crate::ledger::Ledger;
use crate::row::Row;
use crate::schedule::{Arrivals, OpenLoop};
use crate::target::{Target, TargetError};
use crate::workload::{Expectation, Form, Truth, Workload};

pub use headers::{Header, HeaderError, Headers};
use outcome::{outcome, rfc3339};
use worker::{Part, Plan, Worker};

/// Above this share of its CPU the client measures itself.
pub const CLIENT_BOUND_SHARE: f64 = 0.9;
/// Arrivals of an open loop that may wait, over all threads.
const WAITING_MAX: usize = 1 << 18;
/// Most connections of one scenario.
const CONNECTIONS_MAX: u32 = 20_000;
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// When requests are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LoadMode {
    /// Each connection sends as soon as it is answered.
    Closed,
    /// At a set rate, whatever the server does.
    Open {
        /// Requests a second.
        rate_per_s: f64,
        /// Gaps between them.
        arrivals: Arrivals,
    },
}

/// One scenario to measure.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Name in the row, for example `scan_c100`.
    pub name: String,
    /// What is driven.
    pub target: Target,
    /// What is sent.
    pub workload: Arc<Workload>,
    /// Header lines of each request beside Host, Content-Type and Content-Length.
    pub headers: Headers,
    /// Which planted things must be found; [`Expectation::of_path`] knows the benchmark contract.
    pub expectation: Expectation,
    /// Connections.
    pub connections: u32,
    /// Closed or open loop.
    pub mode: LoadMode,
    /// Not counted, at the start.
    pub warmup: Duration,
    /// Length of the measured window.
    pub measured: Duration,
    /// Longest wait for a connect or an answer.
    pub timeout: Duration,
    /// Threads of the client.
    pub threads: usize,
    /// Cores of the client's threads; `None` leaves them to the kernel.
    pub client_cores: Option<Vec<usize>>,
    /// Where the server's CPU and memory are read.
    pub accounting: Source,
    /// Number of the repeat, from 1.
    pub repeat: u32,
    /// Seed of the arrivals.
    pub seed: u64,
}

impl Scenario {
    /// A closed loop with the defaults of the plain run: 5 s warm-up, 30 s measured, 5 s time limit.
    pub fn closed(name: &str, target: Target, workload: Arc<Workload>, connections: u32) -> Self {
        let expectation = Expectation::of_path(target.path.split('?').next().unwrap_or("/"));
        Self {
            name: name.to_owned(),
            target,
            workload,
            headers: Headers::default(),
            expectation,
            connections,
            mode: LoadMode::Closed,
            warmup: Duration::from_secs(5),
            measured: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            threads: cores::client_threads(),
            client_cores: None,
            accounting: Source::Nothing,
            repeat: 1,
            seed: 1,
        }
    }
}

/// How far a scenario is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// 0 to 1, warm-up included.
    pub part: f64,
    /// Requests that ended so far, warm-up included.
    pub requests: u64,
}

/// What a scenario gave.
#[derive(Debug, Clone)]
pub struct ScenarioOutcome {
    /// For the CSV.
    pub row: Row,
    /// The whole distribution and the counts.
    pub ledger: Ledger,
    /// Stopped before its end: the row covers what was measured until then.
    pub interrupted: bool,
    /// What the row's reader should know.
    pub notes: Vec<String>,
}

/// Why a scenario could not be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Nobody answers there.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// An option out of range.
    #[error("{option}: {message}")]
    Option {
        /// Which.
        option: &'static str,
        /// What is wrong.
        message: String,
    },
    /// The system refused sockets, threads or timers.
    #[error("the client cannot run: {0}")]
    Client(#[from] std::io::Error),
}

/// A request as it goes over the wire.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) bytes: Vec<u8>,
    pub(crate) truth: Truth,
}

/// What the threads share with the one that started them.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) done: AtomicU64,
    pub(crate) over: AtomicBool,
}

/// Measures one scenario. `progress` is called about twenty times a second; `stop` ends the run early, and what was
/// measured until then is returned.
pub fn run_scenario(
    scenario: &Scenario,
    stop: &AtomicBool,
    mut progress: impl FnMut(Progress),
) -> Result<ScenarioOutcome, RunError> {
    check(scenario)?;
    let address = scenario.target.reach(scenario.timeout)?;
    let requests = Arc::new(requests(scenario));
    let shared = Arc::new(Shared::default());
    let epoch = Instant::now();
    let started = SystemTime::now() + scenario.warmup;
    let start_ns = scenario.warmup.as_nanos() as u64;
    let window_ns = start_ns..start_ns + scenario.measured.as_nanos() as u64;
    let threads = scenario.threads.clamp(1, scenario.connections as usize);
    let mut workers = Vec::new();
    for thread in 0..threads {
        let share = |total: usize| (total * (thread + 1)) / threads - (total * thread) / threads;
        let plan = Plan {
            address,
            requests: Arc::clone(&requests),
            connections: share(scenario.connections as usize),
            first_request: requests.len() * thread / threads,
            timeout_ns: scenario.timeout.as_nanos() as u64,
            window_ns: window_ns.clone(),
            epoch,
            open_loop: open_loop(scenario, thread, threads),
            shared: Arc::clone(&shared),
        };
        let cores = scenario.client_cores.clone();
        workers.push(thread::spawn(move || -> std::io::Result<Part> {
            if let Some(cores) = cores {
                cores::pin_this_thread(&cores)?;
            }
            Worker::new(plan)?.run()
        }));
    }
    let mut watch = Watch { scenario, stop, shared: &shared, epoch, window_ns: &window_ns };
    let reading = watch.until_the_end(&mut progress);
    shared.over.store(true, Ordering::Relaxed);
    let mut parts = Vec::new();
    for worker in workers {
        let part = worker.join().map_err(|_| std::io::Error::other("a client thread failed"))?;
        parts.push(part?);
    }
    Ok(outcome(scenario, &window_ns, &parts, &reading, rfc3339(started)))
}

/// What the starting thread saw while the others worked.
struct Reading {
    end_ns: u64,
    interrupted: bool,
    usage: Option<(Usage, Usage)>,
    requests_between: u64,
}

struct Watch<'a> {
    scenario: &'a Scenario,
    stop: &'a AtomicBool,
    shared: &'a Shared,
    epoch: Instant,
    window_ns: &'a std::ops::Range<u64>,
}

impl Watch<'_> {
    /// The load goes on until the second reading of the server's accounts is done, so that both fall under load.
    fn until_the_end(&mut self, progress: &mut impl FnMut(Progress)) -> Reading {
        self.sleep_until(self.window_ns.start, progress);
        let first = self.usage();
        self.sleep_until(self.window_ns.end, progress);
        let now_ns = self.epoch.elapsed().as_nanos() as u64;
        let interrupted = now_ns < self.window_ns.end;
        let second = self.usage();
        let usage = first.0.zip(second.0);
        Reading {
            end_ns: now_ns.min(self.window_ns.end),
            interrupted,
            usage,
            requests_between: second.1.saturating_sub(first.1),
        }
    }

    /// The server's accounts, and the requests that had ended by then (mean of before and after the reading).
    fn usage(&self) -> (Option<Usage>, u64) {
        let before = self.shared.done.load(Ordering::Relaxed);
        let usage = accounting::read(&self.scenario.accounting);
        (usage, u64::midpoint(before, self.shared.done.load(Ordering::Relaxed)))
    }

    fn sleep_until(&self, until_ns: u64, progress: &mut impl FnMut(Progress)) {
        loop {
            let now_ns = self.epoch.elapsed().as_nanos() as u64;
            if now_ns >= until_ns || self.stop.load(Ordering::Relaxed) {
                return;
            }
            let part = now_ns as f64 / self.window_ns.end.max(1) as f64;
            progress(Progress { part, requests: self.shared.done.load(Ordering::Relaxed) });
            thread::sleep(PROGRESS_EVERY.min(Duration::from_nanos(until_ns - now_ns)));
        }
    }
}

fn check(scenario: &Scenario) -> Result<(), RunError> {
    let wrong = |option, message: String| Err(RunError::Option { option, message });
    if scenario.connections == 0 || scenario.connections > CONNECTIONS_MAX {
        return wrong(
            "connections",
            format!("{} is not within 1 to {CONNECTIONS_MAX}", scenario.connections),
        );
    }
    if scenario.measured < Duration::from_millis(100) {
        return wrong("duration", format!("{:?} is shorter than 100 ms", scenario.measured));
    }
    if scenario.timeout.is_zero() {
        return wrong("timeout", "must not be zero".to_owned());
    }
    if scenario.workload.entries.is_empty() {
        return wrong("workload", "holds no texts".to_owned());
    }
    if let LoadMode::Open { rate_per_s, .. } = scenario.mode
        && !(0.1..=1e7).contains(&rate_per_s)
    {
        return wrong("rate", format!("{rate_per_s} requests/s is not within 0.1 to 10,000,000"));
    }
    Ok(())
}

fn requests(scenario: &Scenario) -> Vec<Request> {
    let build = |entry: &crate::workload::Entry| {
        let bytes = post(&scenario.target, &scenario.headers, &body(entry, scenario.workload.form));
        Request { bytes: bytes.into_bytes(), truth: scenario.expectation.truth(entry.planted) }
    };
    scenario.workload.entries.iter().map(build).collect()
}

/// What a request with this entry carries.
pub(crate) fn body(entry: &crate::workload::Entry, form: Form) -> Cow<'_, str> {
    match form {
        Form::Text => Cow::Owned(serde_json::json!({ "text": entry.text }).to_string()),
        Form::Body => Cow::Borrowed(&entry.text),
    }
}

/// The request text of a `POST` with a JSON body.
pub(crate) fn post(target: &Target, headers: &Headers, body: &str) -> String {
    let (path, authority, bytes) = (&target.path, &target.authority, body.len());
    let headers = headers.lines();
    format!(
        "POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\nContent-Length: {bytes}\r\n{headers}\r\n{body}"
    )
}

fn open_loop(scenario: &Scenario, thread: usize, threads: usize) -> Option<OpenLoop> {
    let LoadMode::Open { rate_per_s, arrivals } = scenario.mode else { return None };
    // The sum of independent Poisson streams is a Poisson stream of the summed rate.
    let seed = scenario.seed.wrapping_mul(0x1_0000_01B3).wrapping_add(thread as u64);
    let phase = thread as f64 / threads as f64;
    Some(OpenLoop::new(arrivals, rate_per_s / threads as f64, phase, seed, WAITING_MAX / threads))
}
