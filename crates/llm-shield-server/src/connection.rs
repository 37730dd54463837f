//! One connection: HTTP/1.1 over a socket, with time limits on heads and idleness, and a clock on the wait before
//! each handler.
//!
//! The HTTP library's own head timer costs an allocation and two visits to the timer wheel a request. Here one
//! timer a connection looks from time to time at what the connection is doing and since when; a request only
//! leaves marks in [`Signal`].

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tower::Service;

use crate::config::Limits;
use crate::error::ApiError;
use crate::gate::Peer;
use crate::metrics::Route;
use crate::shared::Shared;

/// The longest head, in bytes; hyper answers 431 beyond it.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Phase {
    /// Open, and nothing has come yet.
    Fresh,
    /// Between an answer and the next request.
    Idle,
    /// Part of a head has come.
    Head,
    /// A handler is at work; it has its own time limits.
    Request,
}

/// What the connection's task, its waker, its socket and its handlers tell each other. Only one task touches it
/// at a time, but for `wake`, `stop` and `abort`.
pub(crate) struct Signal {
    task: Mutex<Option<Waker>>,
    origin: Instant,
    /// When the task was woken, in nanoseconds after `origin`; 0 when it was not since it last ran.
    woken_ns: AtomicU64,
    /// The wake-up that the present run of the task answers to.
    run_woken_ns: AtomicU64,
    phase: AtomicU8,
    phase_since_ns: AtomicU64,
    stopping: AtomicBool,
    aborted: AtomicBool,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let now = self.now_ns();
        // The first wake-up since the last run is the one that the wait counts from.
        let _ = self.woken_ns.compare_exchange(0, now, Ordering::AcqRel, Ordering::Relaxed);
        self.wake_task();
    }
}

impl Signal {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            task: Mutex::new(None),
            origin: Instant::now(),
            woken_ns: AtomicU64::new(0),
            run_woken_ns: AtomicU64::new(0),
            phase: AtomicU8::new(Phase::Fresh as u8),
            phase_since_ns: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            aborted: AtomicBool::new(false),
        })
    }

    /// The connection finishes what it is at and closes.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.wake_task();
    }

    /// The connection closes at once.
    pub(crate) fn abort(&self) {
        self.aborted.store(true, Ordering::Release);
        self.wake_task();
    }

    fn wake_task(&self) {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = &*task {
            task.wake_by_ref();
        }
    }

    fn now_ns(&self) -> u64 {
        // Never 0, which stands for "not woken".
        (self.origin.elapsed().as_nanos() as u64).max(1)
    }

    /// Called first whenever the task runs.
    fn begin_run(&self, waker: &Waker) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if !task.as_ref().is_some_and(|task| task.will_wake(waker)) {
            *task = Some(waker.clone());
        }
        drop(task);
        let woken = self.woken_ns.swap(0, Ordering::AcqRel);
        // A run that nobody called for is the first one, which follows the accept.
        self.run_woken_ns.store(if woken == 0 { self.now_ns() } else { woken }, Ordering::Relaxed);
    }

    fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Fresh,
            1 => Phase::Idle,
            2 => Phase::Head,
            _ => Phase::Request,
        }
    }

    fn enter(&self, phase: Phase, since_ns: u64) {
        self.phase.store(phase as u8, Ordering::Relaxed);
        self.phase_since_ns.store(since_ns, Ordering::Relaxed);
    }

    /// Bytes have come.
    fn bytes_read(&self) {
        if matches!(self.phase(), Phase::Fresh | Phase::Idle) {
            self.enter(Phase::Head, self.run_woken_ns.load(Ordering::Relaxed));
        }
    }

    /// A head is complete: when, and how long it has waited.
    fn request_begins(&self) -> (u64, Duration) {
        let now = self.now_ns();
        self.enter(Phase::Request, now);
        (now, Duration::from_nanos(now.saturating_sub(self.run_woken_ns.load(Ordering::Relaxed))))
    }

    fn request_ends(&self) {
        self.enter(Phase::Idle, self.run_woken_ns.load(Ordering::Relaxed));
    }

    /// How long the present phase may still last.
    fn patience(&self, limits: &Limits) -> Duration {
        let since =
            Duration::from_nanos(self.now_ns().saturating_sub(self.phase_since_ns.load(Ordering::Relaxed)));
        match self.phase() {
            Phase::Fresh | Phase::Head => limits.header_timeout.saturating_sub(since),
            Phase::Idle => limits.idle_timeout.saturating_sub(since),
            Phase::Request => limits.header_timeout,
        }
    }
}

/// Why a connection came to its end before its client closed it.
enum End {
    /// Closed by either side, or broken.
    Closed,
    /// A head took too long, or never came.
    Impatience,
}

/// Serves requests from `stream` until one side has enough.
pub(crate) async fn serve_connection(
    stream: TcpStream,
    peer: IpAddr,
    router: Router,
    shared: Arc<Shared>,
    signal: Arc<Signal>,
) {
    let limits = &shared.limits;
    let io = TokioIo::new(Watched { stream, signal: Arc::clone(&signal) });
    let service = service_fn(|request: Request<Incoming>| handle(&router, &shared, &signal, peer, request));
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(io, service);
    let waker = Waker::from(Arc::clone(&signal));
    let mut timer = Box::pin(tokio::time::sleep(limits.header_timeout.min(limits.idle_timeout)));
    let mut told_to_stop = false;
    let end = poll_fn(|cx| {
        signal.begin_run(cx.waker());
        let mut inner = Context::from_waker(&waker);
        if signal.aborted.load(Ordering::Acquire) {
            return Poll::Ready(End::Closed);
        }
        if signal.stopping.load(Ordering::Acquire) && !told_to_stop {
            told_to_stop = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        if Pin::new(&mut connection).poll(&mut inner).is_ready() {
            return Poll::Ready(End::Closed);
        }
        // A client that has sent nothing yet is owed nothing; hyper would wait for its first request.
        if told_to_stop && signal.phase() == Phase::Fresh {
            return Poll::Ready(End::Closed);
        }
        poll_patience(&mut timer, &mut inner, &signal, limits).map(|()| End::Impatience)
    })
    .await;
    if matches!(end, End::Impatience) && signal.phase() == Phase::Head {
        shared.metrics.refusals.slow_heads.fetch_add(1, Ordering::Relaxed);
        let limit_ms = limits.header_timeout.as_millis();
        let stream = connection.into_parts().io.into_inner().stream;
        say_and_close(stream, &ApiError::SlowHead { limit_ms }).await;
    }
}

/// Ready when the present phase has lasted too long; else sets the timer anew whenever it goes off.
fn poll_patience(
    timer: &mut Pin<Box<Sleep>>,
    cx: &mut Context<'_>,
    signal: &Signal,
    limits: &Limits,
) -> Poll<()> {
    while timer.as_mut().poll(cx).is_ready() {
        let patience = signal.patience(limits);
        if patience.is_zero() && signal.phase() != Phase::Request {
            return Poll::Ready(());
        }
        // A phase that begins while the timer sleeps may be shorter than the rest of this one.
        let next = patience.min(limits.header_timeout).max(Duration::from_millis(1));
        timer.as_mut().reset(tokio::time::Instant::now() + next);
    }
    Poll::Pending
}

async fn handle(
    router: &Router,
    shared: &Shared,
    signal: &Signal,
    peer: IpAddr,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let (begun_ns, wait) = signal.request_begins();
    if shared.live.load().settings.rate_limit.is_some() {
        request.extensions_mut().insert(Peer(peer));
    }
    if request.method() == Method::POST && request.uri().path() != "/metrics/reset" {
        shared.metrics.record_wait(wait);
    }
    let asked = shared.telemetry.begin(&mut request, &Route::PATHS);
    let Ok(mut response) = router.clone().call(request).await;
    if let Some(asked) = asked {
        let latency = Duration::from_nanos(signal.now_ns().saturating_sub(begun_ns));
        shared.telemetry.end(shared, &asked, latency, &mut response);
    }
    signal.request_ends();
    Ok(response)
}

/// Writes an error, then closes so that the client can read it.
///
/// Closing a socket with unread bytes resets it, and a reset may overtake the answer; so what still comes is read
/// for a short while.
pub(crate) async fn say_and_close(mut stream: TcpStream, error: &ApiError) {
    const PATIENCE: Duration = Duration::from_millis(500);
    const BYTES_MAX: usize = 256 << 10;
    let farewell = async {
        stream.write_all(&error.raw_response()).await?;
        stream.shutdown().await?;
        let mut seen = 0;
        while seen < BYTES_MAX {
            stream.readable().await?;
            let mut discarded = [0; 4096];
            match stream.try_read(&mut discarded) {
                Ok(0) => break,
                Ok(bytes) => seen += bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok::<(), io::Error>(())
    };
    // The client may be gone; there is no one left to tell.
    let _ = tokio::time::timeout(PATIENCE, farewell).await;
}

/// A socket that marks in the signal when bytes come.
struct Watched {
    stream: TcpStream,
    signal: Arc<Signal>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.signal.bytes_read();
        }
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
