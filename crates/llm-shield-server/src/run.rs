//! A whole server process: runtime, port, signals.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use llm_shield::Classifiers;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::Sender;

use crate::config::{ServerConfig, cores};
use crate::live::{Configuration, Live};
use crate::serve::Server;
use crate::shared::Shared;
use crate::telemetry::{Field, LogLevel, TelemetryError};

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
    /// The policy file cannot be used.
    #[error("{0}")]
    Configuration(String),
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
    run(config, live.into(), None, on_bound)
}

/// As [`run_blocking`], with a configuration that `read` reads anew on each SIGHUP: the new one takes the old one's
/// place as a whole, or, if it cannot be used, the old one stays and the log says why.
pub fn run_configured(
    config: &ServerConfig,
    read: impl Fn() -> Result<Configuration, String> + Send + Sync + 'static,
    classifiers: Classifiers,
    on_bound: impl FnOnce(SocketAddr),
) -> Result<(), RunError> {
    let configuration = read().map_err(RunError::Configuration)?;
    let (first, rest) = if configuration.settings().lazy_load {
        (Configuration::loading(configuration.settings().clone()), Some(configuration))
    } else {
        let built = configuration.build(&classifiers);
        (built.map_err(|error| RunError::Configuration(error.to_string()))?, None)
    };
    let renewal = Renewal { read: Box::new(read), classifiers, first: rest };
    run(config, first, Some(renewal), on_bound)
}

/// How a running server gets its configuration anew.
struct Renewal {
    read: Box<dyn Fn() -> Result<Configuration, String> + Send + Sync>,
    classifiers: Classifiers,
    /// What is to be built once the port is open.
    first: Option<Configuration>,
}

fn run(
    config: &ServerConfig,
    live: Live,
    renewal: Option<Renewal>,
    on_bound: impl FnOnce(SocketAddr),
) -> Result<(), RunError> {
    let mut config = config.clone();
    config.limits.connections_max = config.limits.connections_max.min(connections_possible(&config));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.worker_threads.unwrap_or_else(cores).max(1))
        // Long texts run one a core, those that wait for a network each in its place among the long ones; the rest is
        // for name look-ups and reloads.
        .max_blocking_threads(cores() + 4 + config.limits.large_bodies_max)
        .thread_name("llm-shield")
        .enable_all()
        .build()
        .map_err(RunError::Runtime)?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt()).map_err(RunError::Runtime)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(RunError::Runtime)?;
        let hangup = signal(SignalKind::hangup()).map_err(RunError::Runtime)?;
        let bind_error = |source| RunError::Bind { host: config.host.clone(), port: config.port, source };
        let listener = TcpListener::bind((config.host.as_str(), config.port)).await.map_err(bind_error)?;
        let server = Server::new(live, &config);
        server.connect_telemetry()?;
        warn(&server.shared);
        on_bound(listener.local_addr().map_err(bind_error)?);
        let (broken, mut breaks) = tokio::sync::mpsc::channel(1);
        let keeper = tokio::spawn(keep(Arc::clone(&server.shared), renewal, hangup, broken));
        let mut failure = None;
        let shutdown = async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                Some(reason) = breaks.recv() => failure = Some(reason),
            }
        };
        server.serve(listener, shutdown).await;
        keeper.abort();
        failure.map_or(Ok(()), |reason| Err(RunError::Configuration(reason)))
    })
}

/// Builds what was put off, then renews the configuration on each SIGHUP and drops conversations that have expired.
/// What cannot be built at the start ends the server through `broken`.
async fn keep(shared: Arc<Shared>, renewal: Option<Renewal>, mut hangup: Signal, broken: Sender<String>) {
    const SWEEP: Duration = Duration::from_mins(1);
    let mut renewal = renewal.map(|mut renewal| (renewal.first.take(), Arc::new(renewal)));
    if let Some((Some(first), renewal)) = renewal.as_mut().map(|(first, renewal)| (first.take(), renewal)) {
        let renewal = Arc::clone(renewal);
        let build = move || first.build(&renewal.classifiers).map_err(|error| error.to_string());
        match tokio::task::spawn_blocking(build).await.unwrap_or_else(|error| Err(error.to_string())) {
            Ok(live) => {
                shared.swap(live);
                warn(&shared);
            }
            Err(reason) => {
                let _ = broken.send(reason).await;
                return;
            }
        }
    }
    let mut sweep = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            called = hangup.recv() => match (&renewal, called) {
                (Some((_, renewal)), Some(())) => renew(&shared, Arc::clone(renewal)).await,
                (None, Some(())) => shared.telemetry.note(
                    LogLevel::Warning,
                    "kept the policy",
                    &[("reason", Field::Name("it was not read from a file"))],
                ),
                (_, None) => return,
            },
            _ = sweep.tick() => {
                shared.conversations.sweep(&shared.live.load().settings.conversations, Instant::now());
            }
        }
    }
}

fn warn(shared: &Shared) {
    for warning in shared.live.load().warnings() {
        shared.telemetry.note(LogLevel::Warning, "configuration", &[("warning", Field::Own(&warning))]);
    }
}

async fn renew(shared: &Arc<Shared>, renewal: Arc<Renewal>) {
    let build = move || {
        let configuration = (renewal.read)()?;
        configuration.build(&renewal.classifiers).map_err(|error| error.to_string())
    };
    match tokio::task::spawn_blocking(build).await.unwrap_or_else(|error| Err(error.to_string())) {
        Ok(live) => {
            let policies = live.shields().count() as u64;
            shared.swap(live);
            shared.reloads.renewed.fetch_add(1, Ordering::Relaxed);
            warn(shared);
            shared.telemetry.note(
                LogLevel::Info,
                "renewed the policy",
                &[("policies", Field::Number(policies))],
            );
        }
        Err(reason) => {
            shared.reloads.kept.fetch_add(1, Ordering::Relaxed);
            shared.telemetry.note(LogLevel::Error, "kept the policy", &[("reason", Field::Own(&reason))]);
        }
    }
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
