//! What the server is told at its start: where it listens and what it will bear.

use std::time::Duration;

use crate::telemetry::TelemetryConfig;

/// How the server is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// The name or address to listen on.
    pub host: String,
    /// The port to listen on; 0 lets the system choose a free one.
    pub port: u16,
    /// Whether `POST /echo` exists.
    pub echo: Echo,
    /// Threads that run connections; `None` takes one for each core that the process may use.
    pub worker_threads: Option<usize>,
    /// What the server will bear.
    pub limits: Limits,
    /// What the server tells of itself.
    pub telemetry: TelemetryConfig,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 8000,
            echo: Echo::Off,
            worker_threads: None,
            limits: Limits::default(),
            telemetry: TelemetryConfig::default(),
        }
    }
}

/// Whether the server offers `POST /echo`, the floor that scans are measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Echo {
    /// The route does not exist.
    #[default]
    Off,
    /// The route answers as `/scan` does, through the same code, but without a scan.
    On,
}

/// The bound on everything that a client can make the server hold or wait for.
///
/// At the defaults the bodies held at once stay under `in_flight_max * inline_bytes_max + large_bodies_max *
/// body_bytes_max + batches_max * batch_bytes_max`, about 128 MiB on two cores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest body, in bytes. 1 MiB: about 250,000 tokens, more than the context of the models that are
    /// guarded, and 16 times less than what would hurt to hold for each of the large bodies.
    pub body_bytes_max: usize,
    /// The longest body, in bytes, that is scanned on the connection's own task; longer ones go to the blocking
    /// pool. 32 KiB takes the three-scanner pipeline about a millisecond.
    pub inline_bytes_max: usize,
    /// The longest body of a batch, in bytes.
    pub batch_bytes_max: usize,
    /// The most texts in one batch.
    pub batch_items_max: usize,
    /// How many batches are received, wait or are scanned at once; one more is refused.
    pub batches_max: usize,
    /// How many bodies over `inline_bytes_max` are received, wait or are scanned at once; one more is refused.
    pub large_bodies_max: usize,
    /// How long a request's head may take from its first byte to its last.
    pub header_timeout: Duration,
    /// How long a connection may stay open without a request.
    pub idle_timeout: Duration,
    /// How long a body may take from the request's head to its last byte.
    pub body_timeout: Duration,
    /// How long a text on the blocking pool may take, waiting included.
    pub request_timeout: Duration,
    /// How many connections are open at once; one more is told 503 and closed.
    pub connections_max: usize,
    /// How many requests are between their head and their answer at once; one more is told 503.
    pub in_flight_max: usize,
    /// How long a stopping server waits for the requests that it has accepted.
    pub drain_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 1 << 20,
            inline_bytes_max: 32 << 10,
            batch_bytes_max: 8 << 20,
            batch_items_max: 1_000,
            batches_max: 4,
            large_bodies_max: 32.max(8 * cores()),
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(30),
            connections_max: 4096,
            in_flight_max: 2048,
            drain_timeout: Duration::from_secs(10),
        }
    }
}

/// Cores that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
