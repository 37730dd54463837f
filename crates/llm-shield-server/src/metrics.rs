//! What the server counts and times. No text of a request gets here.
//!
//! Each thread records into a shard of its own, so that the lock on it is free whenever no one reads; readers
//! merge the shards.

mod dashboard;
mod exposition;
mod process;
mod snapshot;

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::config::cores;
#[cfg(feature = "otlp")]
pub(crate) use dashboard::BOUNDS;
pub(crate) use dashboard::{Address, Dashboard, Labels, Run, Source};
pub(crate) use snapshot::Snapshot;

/// The routes that are told apart in metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Route {
    Scan,
    Pipeline,
    Secrets,
    Echo,
    AnalyzePrompt,
    AnalyzeOutput,
    ScanPrompt,
    ScanOutput,
    Batch,
    Moderations,
    /// Unknown routes and wrong methods.
    Other,
}

impl Route {
    pub(crate) const ALL: [Self; 11] = [
        Self::Scan,
        Self::Pipeline,
        Self::Secrets,
        Self::Echo,
        Self::AnalyzePrompt,
        Self::AnalyzeOutput,
        Self::ScanPrompt,
        Self::ScanOutput,
        Self::Batch,
        Self::Moderations,
        Self::Other,
    ];

    /// Whether the route is of the benchmark contract; the others are a policy's.
    pub(crate) const fn is_contract(self) -> bool {
        matches!(self, Self::Scan | Self::Pipeline | Self::Secrets | Self::Echo)
    }

    /// The path of each route that has one.
    pub(crate) const PATHS: [&str; Self::ALL.len() - 1] = {
        let mut paths = [""; Self::ALL.len() - 1];
        let mut index = 0;
        while index < paths.len() {
            // `Other`, which has no path, is the last.
            paths[index] = Self::ALL[index].path();
            index += 1;
        }
        paths
    };

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Scan => "/scan",
            Self::Pipeline => "/scan/pipeline",
            Self::Secrets => "/scan/secrets",
            Self::Echo => "/echo",
            Self::AnalyzePrompt => "/analyze/prompt",
            Self::AnalyzeOutput => "/analyze/output",
            Self::ScanPrompt => "/scan/prompt",
            Self::ScanOutput => "/scan/output",
            Self::Batch => "/analyze/batch",
            Self::Moderations => "/v1/moderations",
            Self::Other => "other",
        }
    }
}

/// How an answer came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Success,
    ClientError,
    ServerError,
}

/// Longest time that is told apart: one minute, twice the longest time limit.
const NANOSECONDS_MAX: u64 = 60_000_000_000;

/// Why connections or heads were turned away before a route was known.
#[derive(Default)]
pub(crate) struct Refusals {
    /// Connections over the limit.
    pub(crate) connections: AtomicU64,
    /// Heads that took too long.
    pub(crate) slow_heads: AtomicU64,
    /// Requests over the limit in flight, and long texts over theirs.
    pub(crate) overload: AtomicU64,
}

/// All counters and histograms of a server.
pub(crate) struct Metrics {
    shards: Box<[Shard]>,
    pub(crate) refusals: Refusals,
    pub(crate) dashboard: Dashboard,
    pub(crate) connections_open: AtomicUsize,
    started: Instant,
    reset_at: Mutex<Instant>,
}

/// A shard on cache lines of its own.
#[repr(align(128))]
struct Shard(Mutex<Record>);

/// What one shard holds.
struct Record {
    routes: Vec<RouteRecord>,
    wait: Times,
}

/// What is kept of one route.
#[derive(Clone)]
struct RouteRecord {
    answers: [u64; 3],
    latency: Times,
    scan_ns: u64,
}

/// A histogram and the exact sum beside it.
#[derive(Clone)]
struct Times {
    histogram: Option<Histogram<u64>>,
    sum_ns: u64,
}

impl Times {
    const EMPTY: Self = Self { histogram: None, sum_ns: 0 };

    /// The histogram is made at the first use: of most routes in most shards there is none.
    fn histogram(&mut self) -> Option<&mut Histogram<u64>> {
        if self.histogram.is_none() {
            self.histogram = Histogram::new_with_max(NANOSECONDS_MAX, 3).ok();
        }
        self.histogram.as_mut()
    }

    fn record(&mut self, time: Duration) {
        let nanoseconds = time.as_nanos() as u64;
        self.sum_ns += nanoseconds;
        if let Some(histogram) = self.histogram() {
            histogram.saturating_record(nanoseconds);
        }
    }

    fn add(&mut self, other: &Self) {
        self.sum_ns += other.sum_ns;
        if let (Some(theirs), Some(ours)) = (&other.histogram, self.histogram()) {
            // Both have the same bounds, so that every value fits.
            let _ = ours.add(theirs);
        }
    }

    fn clear(&mut self) {
        self.sum_ns = 0;
        if let Some(histogram) = &mut self.histogram {
            histogram.reset();
        }
    }
}

impl RouteRecord {
    const EMPTY: Self = Self { answers: [0; 3], latency: Times::EMPTY, scan_ns: 0 };

    fn add(&mut self, other: &Self) {
        for (ours, theirs) in self.answers.iter_mut().zip(other.answers) {
            *ours += theirs;
        }
        self.latency.add(&other.latency);
        self.scan_ns += other.scan_ns;
    }
}

impl Record {
    fn new() -> Self {
        Self { routes: vec![RouteRecord::EMPTY; Route::ALL.len()], wait: Times::EMPTY }
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        // Twice the cores leaves room for runtimes that are told to use more threads than that.
        let shards = (2 * cores()).next_power_of_two();
        let now = Instant::now();
        Self {
            shards: (0..shards).map(|_| Shard(Mutex::new(Record::new()))).collect(),
            refusals: Refusals::default(),
            dashboard: Dashboard::new(shards),
            connections_open: AtomicUsize::new(0),
            started: now,
            reset_at: Mutex::new(now),
        }
    }

    /// One answered request: its time from the handler's start to its answer, and that of the scan in it.
    pub(crate) fn record(&self, route: Route, class: Class, latency: Duration, scan: Duration) {
        let mut record = self.own_shard();
        let entry = &mut record.routes[route as usize];
        entry.answers[class as usize] += 1;
        entry.latency.record(latency);
        entry.scan_ns += scan.as_nanos() as u64;
    }

    /// How long one request waited before its handler.
    pub(crate) fn record_wait(&self, wait: Duration) {
        self.own_shard().wait.record(wait);
    }

    /// Sets all counters and histograms back; what is in flight or open stays counted.
    pub(crate) fn reset(&self) {
        for shard in &self.shards {
            let mut record = lock(&shard.0);
            for route in &mut record.routes {
                route.answers = [0; 3];
                route.latency.clear();
                route.scan_ns = 0;
            }
            record.wait.clear();
        }
        for counter in [&self.refusals.connections, &self.refusals.slow_heads, &self.refusals.overload] {
            counter.store(0, Ordering::Relaxed);
        }
        self.dashboard.reset();
        *lock(&self.reset_at) = Instant::now();
    }

    fn own_shard(&self) -> MutexGuard<'_, Record> {
        lock(&self.shards[thread_number() % self.shards.len()].0)
    }
}

/// The number of this thread among those that recorded anything.
fn thread_number() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static THREAD: Cell<usize> = Cell::new(THREADS.fetch_add(1, Ordering::Relaxed));
    }
    THREAD.get()
}

/// Counters are sound after any panic: each change to them is one addition.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
