//! The router behind a listening socket: accepting, the limit on connections, and the end.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};

use crate::app::router;
use crate::config::ServerConfig;
use crate::connection::{Signal, say_and_close, serve_connection};
use crate::error::ApiError;
use crate::live::Live;
use crate::shared::Shared;
use crate::telemetry::{LogLevel, TelemetryError};

/// Connections over the limit that are told so at one time; any more are closed without a word.
const FAREWELLS_MAX: usize = 64;

/// After an accept that failed for want of file descriptors or memory, the next is tried this much later.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// The router and what it shares with the connections.
pub struct Server {
    router: Router,
    pub(crate) shared: Arc<Shared>,
}

impl Server {
    /// A server for guards or a whole configuration within the limits of `config`.
    pub fn new(live: impl Into<Live>, config: &ServerConfig) -> Self {
        let shared = Shared::new(live, config);
        Self { router: router(&shared, config.echo), shared }
    }

    /// Begins to send spans and metrics where the configuration says; to be called inside the runtime that serves.
    pub fn connect_telemetry(&self) -> Result<(), TelemetryError> {
        self.shared.telemetry.connect(&self.shared)
    }

    /// Serves the connections of `listener` until `shutdown` ends; then accepts no more, finishes the requests
    /// that are under way, and drops what is not finished within `Limits::drain_timeout`.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        if let Ok(address) = listener.local_addr() {
            self.shared.telemetry.listening(address);
        }
        let connections = Arc::new(Connections::default());
        let farewells = Arc::new(Semaphore::new(FAREWELLS_MAX));
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut shutdown => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.take(stream, peer.ip(), &connections, &farewells),
                Err(error) if concerns_one_connection(&error) => {}
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        }
        drop(listener);
        connections.for_each(Signal::stop);
        if tokio::time::timeout(self.shared.limits.drain_timeout, connections.emptied()).await.is_err() {
            connections.for_each(Signal::abort);
            connections.emptied().await;
        }
        let shared = Arc::clone(&self.shared);
        shared.telemetry.note(LogLevel::Info, "stopped", &[]);
        // The last batch travels on this runtime, so that its wait may not block it.
        let _ = tokio::task::spawn_blocking(move || shared.telemetry.finish()).await;
    }

    fn take(
        &self,
        stream: TcpStream,
        peer: IpAddr,
        connections: &Arc<Connections>,
        farewells: &Arc<Semaphore>,
    ) {
        let metrics = &self.shared.metrics;
        let limit = self.shared.limits.connections_max;
        // Answers are one small write each; waiting to fill a packet would only delay them. A socket that refuses
        // the option still works.
        let _ = stream.set_nodelay(true);
        if metrics.connections_open.load(Ordering::Relaxed) >= limit {
            metrics.refusals.connections.fetch_add(1, Ordering::Relaxed);
            if let Ok(permit) = Arc::clone(farewells).try_acquire_owned() {
                tokio::spawn(async move {
                    say_and_close(stream, &ApiError::TooManyConnections { limit }).await;
                    drop(permit);
                });
            }
            return;
        }
        let open = Open::new(connections, &self.shared);
        let (router, shared, signal) =
            (self.router.clone(), Arc::clone(&self.shared), Arc::clone(&open.signal));
        tokio::spawn(async move {
            serve_connection(stream, peer, router, shared, signal).await;
            drop(open);
        });
    }
}

fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// The open connections; touched only when one opens or closes, and at the end.
#[derive(Default)]
struct Connections {
    open: Mutex<(u64, HashMap<u64, Arc<Signal>>)>,
    closed: Notify,
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, (u64, HashMap<u64, Arc<Signal>>)> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn for_each(&self, act: impl Fn(&Signal)) {
        let signals: Vec<_> = self.lock().1.values().cloned().collect();
        for signal in signals {
            act(&signal);
        }
    }

    async fn emptied(&self) {
        loop {
            let closed = self.closed.notified();
            if self.lock().1.is_empty() {
                return;
            }
            closed.await;
        }
    }
}

/// One open connection; counted until dropped.
struct Open {
    number: u64,
    signal: Arc<Signal>,
    connections: Arc<Connections>,
    shared: Arc<Shared>,
}

impl Open {
    fn new(connections: &Arc<Connections>, shared: &Arc<Shared>) -> Self {
        let signal = Signal::new();
        shared.metrics.connections_open.fetch_add(1, Ordering::Relaxed);
        let mut open = connections.lock();
        open.0 += 1;
        let number = open.0;
        open.1.insert(number, Arc::clone(&signal));
        drop(open);
        Self { number, signal, connections: Arc::clone(connections), shared: Arc::clone(shared) }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.metrics.connections_open.fetch_sub(1, Ordering::Relaxed);
        self.connections.lock().1.remove(&self.number);
        // One waiter at most; a permit left over wakes it for one look too many.
        self.connections.closed.notify_one();
    }
}
