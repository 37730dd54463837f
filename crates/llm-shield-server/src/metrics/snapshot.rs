//! All metrics at one moment, merged, as JSON shows them.

use std::sync::atomic::Ordering;

use hdrhistogram::Histogram;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::process::ProcessUse;
use super::{Metrics, Record, Route, RouteRecord, Times, lock};

/// All metrics at one moment. The first seven keys are the benchmark contract's, in its order.
#[derive(Serialize)]
pub(crate) struct Snapshot {
    /// Requests answered since the last reset; those to `/health*`, `/readyz`, `/metrics*` and `/` are not counted.
    pub(super) total_requests: u64,
    /// Of these, answers with a status of 400 or more.
    pub(super) total_errors: u64,
    /// From the handler's start to the encoded answer, receiving the body included.
    pub(super) mean_latency_us: f64,
    pub(super) p50_latency_us: f64,
    pub(super) p95_latency_us: f64,
    pub(super) p99_latency_us: f64,
    /// `total_requests` over the wall time since the last reset.
    pub(super) requests_per_second: f64,
    pub(super) p999_latency_us: f64,
    pub(super) max_latency_us: f64,
    /// From the moment when the runtime learnt that the connection is readable to the handler's start: waiting for
    /// a thread, reading, parsing the head, routing. Time in the kernel's queue before that is not in it.
    pub(super) wait_mean_us: f64,
    pub(super) wait_p50_us: f64,
    pub(super) wait_p99_us: f64,
    /// CPU time of the process since its start, in user mode.
    pub(super) cpu_user_us: u64,
    /// CPU time of the process since its start, in the kernel.
    pub(super) cpu_system_us: u64,
    pub(super) resident_bytes: Option<u64>,
    /// Requests between head and answer now.
    pub(super) in_flight: usize,
    /// Connections open now.
    pub(super) connections_open: usize,
    /// Connections and requests turned away for want of room.
    pub(super) refused: u64,
    /// Connections closed because a head took too long.
    pub(super) slow_heads: u64,
    pub(super) uptime_secs: f64,
    pub(super) since_reset_secs: f64,
    pub(super) by_route: Routes,
    #[serde(skip)]
    pub(super) wait_count: u64,
    #[serde(skip)]
    pub(super) wait_sum_ns: u64,
    #[serde(skip)]
    pub(super) wait: Quantiles,
}

/// The routes that had requests.
pub(super) struct Routes(pub(super) Vec<(Route, RouteSnapshot)>);

impl Serialize for Routes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (route, snapshot) in &self.0 {
            map.serialize_entry(route.path(), snapshot)?;
        }
        map.end()
    }
}

/// One route.
#[derive(Serialize)]
pub(super) struct RouteSnapshot {
    pub(super) requests: u64,
    pub(super) client_errors: u64,
    pub(super) server_errors: u64,
    pub(super) mean_latency_us: f64,
    pub(super) p50_latency_us: f64,
    pub(super) p95_latency_us: f64,
    pub(super) p99_latency_us: f64,
    pub(super) p999_latency_us: f64,
    /// Mean time of the scan alone, over all requests of the route.
    pub(super) mean_scan_us: f64,
    #[serde(skip)]
    pub(super) latency_sum_ns: u64,
}

/// Percentiles in microseconds.
#[derive(Clone, Copy, Default)]
pub(super) struct Quantiles {
    pub(super) p50: f64,
    pub(super) p95: f64,
    pub(super) p99: f64,
    pub(super) p999: f64,
    pub(super) max: f64,
}

impl Quantiles {
    fn of(times: &Times) -> Self {
        let Some(histogram) = times.histogram.as_ref().filter(|histogram| !histogram.is_empty()) else {
            return Self::default();
        };
        let at = |histogram: &Histogram<u64>, quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            p50: at(histogram, 0.5),
            p95: at(histogram, 0.95),
            p99: at(histogram, 0.99),
            p999: at(histogram, 0.999),
            max: histogram.max() as f64 / 1e3,
        }
    }
}

impl RouteSnapshot {
    fn of(record: &RouteRecord) -> Self {
        let [success, client_errors, server_errors] = record.answers;
        let requests = success + client_errors + server_errors;
        let latency = Quantiles::of(&record.latency);
        Self {
            requests,
            client_errors,
            server_errors,
            mean_latency_us: mean_us(record.latency.sum_ns, requests),
            p50_latency_us: latency.p50,
            p95_latency_us: latency.p95,
            p99_latency_us: latency.p99,
            p999_latency_us: latency.p999,
            mean_scan_us: mean_us(record.scan_ns, requests),
            latency_sum_ns: record.latency.sum_ns,
        }
    }
}

fn mean_us(sum_ns: u64, count: u64) -> f64 {
    if count == 0 { 0.0 } else { sum_ns as f64 / count as f64 / 1e3 }
}

impl Metrics {
    /// Merges the shards; `in_flight` is counted elsewhere.
    pub(crate) fn snapshot(&self, in_flight: usize) -> Snapshot {
        let mut merged = Record::new();
        for shard in &self.shards {
            let record = lock(&shard.0);
            for (ours, theirs) in merged.routes.iter_mut().zip(&record.routes) {
                ours.add(theirs);
            }
            merged.wait.add(&record.wait);
        }
        let mut all = RouteRecord::EMPTY;
        for route in &merged.routes {
            all.add(route);
        }
        let total = RouteSnapshot::of(&all);
        let latency = Quantiles::of(&all.latency);
        let wait = Quantiles::of(&merged.wait);
        let wait_count = merged.wait.histogram.as_ref().map_or(0, Histogram::len);
        let since_reset_secs = lock(&self.reset_at).elapsed().as_secs_f64();
        let process = ProcessUse::now();
        let refusals = &self.refusals;
        let routes =
            Route::ALL.into_iter().zip(&merged.routes).map(|(route, r)| (route, RouteSnapshot::of(r)));
        Snapshot {
            total_requests: total.requests,
            total_errors: total.client_errors + total.server_errors,
            mean_latency_us: total.mean_latency_us,
            p50_latency_us: total.p50_latency_us,
            p95_latency_us: total.p95_latency_us,
            p99_latency_us: total.p99_latency_us,
            requests_per_second: total.requests as f64 / since_reset_secs.max(1e-9),
            p999_latency_us: total.p999_latency_us,
            max_latency_us: latency.max,
            wait_mean_us: mean_us(merged.wait.sum_ns, wait_count),
            wait_p50_us: wait.p50,
            wait_p99_us: wait.p99,
            cpu_user_us: process.cpu_user_us,
            cpu_system_us: process.cpu_system_us,
            resident_bytes: process.resident_bytes,
            in_flight,
            connections_open: self.connections_open.load(Ordering::Relaxed),
            refused: refusals.connections.load(Ordering::Relaxed) + refusals.overload.load(Ordering::Relaxed),
            slow_heads: refusals.slow_heads.load(Ordering::Relaxed),
            uptime_secs: self.started.elapsed().as_secs_f64(),
            since_reset_secs,
            by_route: Routes(routes.filter(|(_, route)| route.requests > 0).collect()),
            wait_count,
            wait_sum_ns: merged.wait.sum_ns,
            wait,
        }
    }
}
