//! A whole server process: runtime, port, signals.

use std::io;
use std::net::SocketAddr;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{ServerConfig, cores};
use crate::live::Live;
use crate::serve::Server;
use crate::telemetry::TelemetryError;

/// Files that a server has open beside its connections: standard streams, the listener, epoll, `/proc` reads.
const FILES_BESIDE_CONNECTIONS: u64 = 64;

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The address is taken, not this machine's, or not allowed.
    #[error("cannot listen on {host}:{port}: {source}{}", bind_hint(.source))]
    Bind {
        /// As configured.
        host: String,
        /// As configured.
        port: u16,
        /// The system's word.
        source: io::Error,
    },
    /// Spans or metrics cannot be sent where the configuration says.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// No threads, no timers or no signals to be had.
    #[error("cannot start the runtime: {0}")]
    Runtime(#[source] io::Error),
}

fn bind_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => " (another process listens there; choose another port)",
        io::ErrorKind::PermissionDenied => " (ports below 1024 need privileges)",
        _ => "",
    }
}

/// Serves until SIGINT or SIGTERM, then finishes what was accepted. `on_bound` learns the address once
/// connections are accepted.
pub fn run_blocking(
    config: &ServerConfig,
    live: impl Into<Live>,
    on_bound: impl FnOnce(SocketAddr),
) -> Result<(), RunError> {
    let mut config = config.clone();
    config.limits.connections_max = config.limits.connections_max.min(connections_possible(&config));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.worker_threads.unwrap_or_else(cores).max(1))
        // Long texts run one a core; the rest is for name look-ups.
        .max_blocking_threads(cores() + 4)
        .thread_name("llm-shield")
        .enable_all()
        .build()
        .map_err(RunError::Runtime)?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt()).map_err(RunError::Runtime)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(RunError::Runtime)?;
        let bind_error = |source| RunError::Bind { host: config.host.clone(), port: config.port, source };
        let listener = TcpListener::bind((config.host.as_str(), config.port)).await.map_err(bind_error)?;
        let server = Server::new(live, &config);
        server.connect_telemetry()?;
        on_bound(listener.local_addr().map_err(bind_error)?);
        let shutdown = async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        server.serve(listener, shutdown).await;
        Ok(())
    })
}

/// Raises the soft limit on open files as far as the connections need and the hard limit allows; says how many
/// connections fit.
fn connections_possible(config: &ServerConfig) -> usize {
    let wanted = config.limits.connections_max as u64 + FILES_BESIDE_CONNECTIONS;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return config.limits.connections_max };
    let mut files = soft;
    if soft < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted.min(hard), hard).is_ok() {
        files = wanted.min(hard);
    }
    files.saturating_sub(FILES_BESIDE_CONNECTIONS).max(1) as usize
}
