//! The routes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::{delete, get, post};
use serde::Serialize;
use tokio::sync::Notify;

use crate::admission::Admission;
use crate::analyze::{Ask, analyze, conversation, expect_json};
use crate::answer::{Answer, answer};
use crate::batch::batch;
use crate::body::{discard_unread as discard, receive};
use crate::config::{Echo, Limits, ServerConfig};
use crate::conversations::Conversations;
use crate::error::ApiError;
use crate::gate;
use crate::live::{Live, Side, Stage};
use crate::metrics::{Class, Metrics, Route};
use crate::moderation;
use crate::openapi;
use crate::rate_limit::Windows;
use crate::shadow::Shadow;
use crate::telemetry::{Telemetry, Traced};

/// What all requests share.
pub(crate) struct Shared {
    /// Read on each request, swapped whole by a reload.
    pub(crate) live: ArcSwap<Live>,
    /// Tells that `live` was swapped.
    pub(crate) swapped: Notify,
    pub(crate) windows: Windows,
    pub(crate) conversations: Conversations,
    pub(crate) shadow: Shadow,
    pub(crate) reloads: Reloads,
    pub(crate) limits: Limits,
    pub(crate) admission: Admission,
    pub(crate) metrics: Metrics,
    pub(crate) telemetry: Telemetry,
}

impl Shared {
    pub(crate) fn new(live: impl Into<Live>, config: &ServerConfig) -> Arc<Self> {
        let limits = config.limits.clone();
        let admission = Admission::new(&limits);
        let telemetry = Telemetry::new(config.telemetry.clone());
        Arc::new(Self {
            live: ArcSwap::from_pointee(live.into()),
            swapped: Notify::new(),
            windows: Windows::default(),
            conversations: Conversations::default(),
            shadow: Shadow::default(),
            reloads: Reloads::default(),
            limits,
            admission,
            metrics: Metrics::new(),
            telemetry,
        })
    }

    /// Puts another configuration in the place of the one that serves; requests under way end with theirs.
    pub(crate) fn swap(&self, live: Live) {
        self.live.store(Arc::new(live));
        self.swapped.notify_waiters();
    }
}

/// Configurations that were read anew while the server ran.
#[derive(Default)]
pub(crate) struct Reloads {
    /// Put in place.
    pub(crate) renewed: AtomicU64,
    /// Refused, so that the old one stayed.
    pub(crate) kept: AtomicU64,
}

impl Reloads {
    fn exposition(&self) -> String {
        format!(
            "# HELP llm_shield_reloads_total Configurations read anew, by what came of them.\n\
             # TYPE llm_shield_reloads_total counter\n\
             llm_shield_reloads_total{{outcome=\"renewed\"}} {}\n\
             llm_shield_reloads_total{{outcome=\"kept\"}} {}\n",
            self.renewed.load(Ordering::Relaxed),
            self.kept.load(Ordering::Relaxed)
        )
    }
}

/// The router alone, for calls in process and for servers of other make. Limits on heads and connections, and
/// the time waited before the handler, exist only behind [`crate::Server`].
pub fn app(live: impl Into<Live>, config: &ServerConfig) -> Router {
    router(&Shared::new(live, config), config.echo)
}

pub(crate) fn router(shared: &Arc<Shared>, echo: Echo) -> Router {
    let mut router = Router::new();
    for route in Route::ALL {
        let exists = match route {
            Route::Echo => echo == Echo::On,
            Route::Other => false,
            _ => true,
        };
        if exists {
            let handler =
                move |State(shared): State<Arc<Shared>>, request: Request| guarded(shared, route, request);
            router = router.route(route.path(), post(handler));
        }
    }
    router
        .route("/", get(root))
        .route("/health", get(|| async { status("healthy") }))
        .route("/healthz", get(|| async { status("alive") }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(move || async move { json_response(openapi::document(echo)) }))
        .route("/metrics/reset", post(reset))
        .route("/shadow", get(shadow))
        .route("/conversation", delete(forget))
        .fallback(|shared: State<Arc<Shared>>, request: Request| async move {
            elsewhere(&shared, &request, &ApiError::NotFound)
        })
        .method_not_allowed_fallback(|shared: State<Arc<Shared>>, request: Request| async move {
            elsewhere(&shared, &request, &ApiError::MethodNotAllowed)
        })
        .with_state(Arc::clone(shared))
}

/// Receives, parses, scans, encodes and counts; `/echo` goes the same way but for the scan.
async fn guarded(shared: Arc<Shared>, route: Route, request: Request) -> Response<Body> {
    let started = Instant::now();
    let traced = request.extensions().get::<Traced>().is_some();
    let origin = if route.is_contract() { None } else { request.headers().get(header::ORIGIN).cloned() };
    let outcome = match shared.admission.enter() {
        Ok(_pass) => receive_and_answer(&shared, route, request).await,
        Err(error) => Err(error),
    };
    let (mut response, class, scan) = match outcome {
        Ok(answer) => {
            shared.metrics.dashboard.record_runs(&answer.runs);
            let mut response = json_response(answer.json);
            if traced {
                response.extensions_mut().insert(Traced(answer.runs.into()));
            }
            (response, Class::Success, answer.scan)
        }
        Err(error) => {
            if error.is_overload() {
                shared.metrics.refusals.overload.fetch_add(1, Ordering::Relaxed);
            }
            (refusal(&shared, route, &error), class_of(&error), Duration::ZERO)
        }
    };
    if origin.is_some() {
        shared.live.load().settings.cors.admit(origin.as_ref(), response.headers_mut());
    }
    shared.metrics.record(route, class, started.elapsed(), scan);
    response
}

/// An error in the words of the route's own contract.
fn refusal(shared: &Shared, route: Route, error: &ApiError) -> Response<Body> {
    match route {
        Route::Moderations => return moderation::refuse(error),
        route if route.is_contract() => return error.response(),
        _ => {}
    }
    error.llm_guard_response(shared.live.load().settings.is_valid_in_errors)
}

async fn receive_and_answer(
    shared: &Arc<Shared>,
    route: Route,
    request: Request,
) -> Result<Answer, ApiError> {
    let (parts, body) = request.into_parts();
    if route.is_contract() {
        if let Err(error) = gate::pass(shared, route, &parts).await {
            discard(&parts.headers, body, &shared.limits).await;
            return Err(error);
        }
        return contract(shared, route, &parts.headers, body).await;
    }
    let ask = gate::enter(shared, route, &parts).await.and_then(|access| Ask::new(access, &parts.headers));
    match ask {
        Ok(ask) => policy_answer(shared, route, ask, &parts, body).await,
        Err(error) => {
            discard(&parts.headers, body, &shared.limits).await;
            Err(error)
        }
    }
}

/// One of the benchmark contract's routes.
async fn contract(
    shared: &Arc<Shared>,
    route: Route,
    headers: &HeaderMap,
    body: Body,
) -> Result<Answer, ApiError> {
    let received = receive(headers, body, &shared.limits, &shared.admission).await?;
    let Some(pass) = received.large else {
        return answer(&shared.live.load().guards, route, &received.bytes);
    };
    let limit_ms = shared.limits.request_timeout.as_millis();
    let late = ApiError::SlowScan { limit_ms };
    let pooled = Arc::clone(shared);
    on_pool(shared, Need::Core, shared.limits.request_timeout, late, move || {
        // Its place is held until the scan has really ended, also when nobody waits for it any more.
        let _held = pass;
        answer(&pooled.live.load().guards, route, &received.bytes)
    })
    .await
}

/// One of the routes of a policy.
async fn policy_answer(
    shared: &Arc<Shared>,
    route: Route,
    ask: Ask,
    parts: &Parts,
    body: Body,
) -> Result<Answer, ApiError> {
    if route == Route::Batch {
        return batch(shared, ask, parts, body).await;
    }
    if route.look().is_some() {
        expect_json(&parts.headers)?;
    }
    let received = receive(&parts.headers, body, &shared.limits, &shared.admission).await?;
    let side = route.look().map_or(Side::Prompt, |look| look.side);
    let waits = ask.chosen().waits(side);
    // A scan that waits for a network must not hold up the connections of this thread, and needs no core for it.
    let (place, need) = match received.large {
        None if waits => (shared.admission.enter_large()?, Need::Thread),
        None => return judge(shared, route, &ask, &received.bytes),
        Some(place) => (place, if waits { Need::Thread } else { Need::Core }),
    };
    let timeout = ask.live.timeout(side);
    let pooled = Arc::clone(shared);
    on_pool(shared, need, timeout, ApiError::ScanTimeout, move || {
        let _held = place;
        judge(&pooled, route, &ask, &received.bytes)
    })
    .await
}

fn judge(shared: &Shared, route: Route, ask: &Ask, body: &[u8]) -> Result<Answer, ApiError> {
    match (route, route.look()) {
        (_, Some(look)) => analyze(shared, ask, look, body),
        (Route::Moderations, _) => moderation::answer(ask.chosen().shield, body),
        _ => Err(ApiError::NotFound),
    }
}

/// What work on the blocking pool needs beside a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A core: more of such work at once would only take turns.
    Core,
    /// Nothing: it waits for most of its time.
    Thread,
}

/// Runs `work` on the blocking pool and answers in time also when it does not end in time.
pub(crate) async fn on_pool<T: Send + 'static>(
    shared: &Arc<Shared>,
    need: Need,
    timeout: Duration,
    late: ApiError,
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let blocking = Arc::clone(&shared.admission.blocking);
    let run = async move {
        let permit = match need {
            Need::Core => Some(blocking.acquire_owned().await.map_err(|_| ApiError::ScanFailed)?),
            Need::Thread => None,
        };
        let work = tokio::task::spawn_blocking(move || {
            let _held = permit;
            work()
        });
        work.await.unwrap_or(Err(ApiError::ScanFailed))
    };
    tokio::time::timeout(timeout, run).await.unwrap_or(Err(late))
}

fn class_of(error: &ApiError) -> Class {
    if error.code_and_status().1.is_server_error() { Class::ServerError } else { Class::ClientError }
}

/// What no route takes.
fn elsewhere(shared: &Shared, request: &Request, error: &ApiError) -> Response<Body> {
    let live = shared.live.load();
    if let Some(response) = live.settings.cors.preflight(request.method(), request.headers()) {
        return response;
    }
    shared.metrics.record(Route::Other, class_of(error), Duration::ZERO, Duration::ZERO);
    let contract =
        Route::ALL.into_iter().any(|route| route.is_contract() && route.path() == request.uri().path());
    let mut response =
        if contract { error.response() } else { error.llm_guard_response(live.settings.is_valid_in_errors) };
    live.settings.cors.admit(request.headers().get(header::ORIGIN), response.headers_mut());
    response
}

/// As llm-guard's: its name and nothing else.
async fn root(State(shared): State<Arc<Shared>>) -> Response<Body> {
    let live = shared.live.load();
    json_response(serde_json::to_vec(&Root { name: &live.settings.name }).unwrap_or_default())
}

/// Ready once the scanners are built.
async fn ready(State(shared): State<Arc<Shared>>) -> Response<Body> {
    if shared.live.load().stage == Stage::Ready {
        return status("ready");
    }
    let mut response = status("loading");
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

/// What the shadow policy would have said otherwise.
async fn shadow(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response<Body> {
    let live = shared.live.load();
    match live.settings.auth.check(&headers) {
        Ok(_) => json_response(shared.shadow.listing()),
        Err(error) => error.llm_guard_response(live.settings.is_valid_in_errors),
    }
}

/// Forgets the conversation that the header names.
async fn forget(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response<Body> {
    let live = shared.live.load();
    let key = live.settings.auth.check(&headers).and_then(|caller| conversation(caller, &headers));
    match key.and_then(|key| key.ok_or(ApiError::BadConversation)) {
        Ok(key) => status(if shared.conversations.forget(key) { "forgotten" } else { "unknown" }),
        Err(error) => error.llm_guard_response(live.settings.is_valid_in_errors),
    }
}

async fn metrics(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response<Body> {
    let snapshot = shared.metrics.snapshot(shared.admission.in_flight());
    if wants_json(&headers) {
        return json_response(serde_json::to_vec_pretty(&snapshot).unwrap_or_default());
    }
    let telemetry = &shared.telemetry;
    let mut text = snapshot.exposition();
    let in_flight = shared.admission.in_flight();
    text += &shared.metrics.dashboard.exposition(&telemetry.address(), telemetry.service_name(), in_flight);
    text += &shared.reloads.exposition();
    text += &shared.conversations.exposition();
    if shared.live.load().shadow.is_some() {
        text += &shared.shadow.exposition();
    }
    typed_response(text.into_bytes(), "text/plain; version=0.0.4; charset=utf-8")
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

async fn reset(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response<Body> {
    if let Err(error) = shared.live.load().settings.auth.check(&headers) {
        return error.response();
    }
    shared.metrics.reset();
    status("reset")
}

#[derive(Serialize)]
struct Root<'n> {
    name: &'n str,
}

fn status(status: &'static str) -> Response<Body> {
    json_response(format!("{{\"status\":\"{status}\"}}").into_bytes())
}

fn json_response(json: Vec<u8>) -> Response<Body> {
    if json.is_empty() {
        return ApiError::ScanFailed.response();
    }
    typed_response(json, "application/json")
}

fn typed_response(body: Vec<u8>, content_type: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
