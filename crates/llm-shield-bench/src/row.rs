//! One measured scenario, as it stands in a row of `throughput_results.csv`.

use serde::{Deserialize, Serialize};

/// The columns of the origin's CSV first, ours after. Times are milliseconds unless the name says otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Full URL that was driven.
    pub endpoint: String,
    /// Length of the measured window, seconds, without the warm-up.
    pub duration_secs: f64,
    /// Connections.
    pub concurrency: u32,
    /// Answered or failed within the window.
    pub total_requests: u64,
    /// Answered with the right status and the right verdict.
    pub successful_requests: u64,
    /// All others.
    pub failed_requests: u64,
    /// `total_requests / duration_secs`.
    pub requests_per_second: f64,
    /// Mean over answered requests.
    pub mean_latency_ms: f64,
    /// Median.
    pub p50_latency_ms: f64,
    /// 95th percentile.
    pub p95_latency_ms: f64,
    /// 99th percentile.
    pub p99_latency_ms: f64,
    /// Fastest.
    pub min_latency_ms: f64,
    /// Slowest.
    pub max_latency_ms: f64,
    /// Start of the measured window, RFC 3339, UTC.
    pub timestamp: String,

    /// Name of the scenario, for example `scan_c100`; `echo_c100` is the floor.
    pub scenario: String,
    /// `closed` or `open`.
    pub mode: String,
    /// Name of the workload, for example `mixed`.
    pub workload: String,
    /// Number of the repeat, from 1.
    pub repeat: u32,
    /// Requests a second that the schedule asked for; empty for a closed loop.
    pub offered_rps: Option<f64>,
    /// 90th percentile.
    pub p90_latency_ms: f64,
    /// 99.9th percentile.
    pub p999_latency_ms: f64,
    /// Could not connect, or the connection broke.
    pub errors_connect: u64,
    /// No answer in time.
    pub errors_timeout: u64,
    /// Refused: 429 or 503.
    pub errors_refused: u64,
    /// Other 4xx.
    pub errors_4xx: u64,
    /// Other 5xx.
    pub errors_5xx: u64,
    /// Answered, but not what the workload planted.
    pub wrong_verdicts: u64,
    /// CPU of the client's threads over the cores that it may use, 0 to 1.
    pub client_cpu_share: f64,
    /// The client had no CPU left: the row measures the client, not the server.
    pub client_bound: bool,
    /// Server CPU a request, user part, microseconds; empty when the server does not tell.
    pub server_cpu_user_us: Option<f64>,
    /// Server CPU a request, kernel part, microseconds.
    pub server_cpu_system_us: Option<f64>,
    /// Server's resident memory at the end of the window, bytes.
    pub server_rss_bytes: Option<u64>,
    /// Throughput × mean latency ÷ concurrency; 1 by Little's law in a closed loop without think time.
    pub littles_law_ratio: Option<f64>,
    /// Whether the row may be believed: Little's law holds within 5 % (closed loop).
    pub valid: bool,
}
