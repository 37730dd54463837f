//! The routes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::{get, post};
use serde::Serialize;

use crate::admission::Admission;
use crate::answer::{Answer, answer};
use crate::body::receive;
use crate::config::{Echo, Limits, ServerConfig};
use crate::error::ApiError;
use crate::guards::Guards;
use crate::metrics::{Class, Metrics, Route};

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) guards: Guards,
    pub(crate) limits: Limits,
    pub(crate) admission: Admission,
    pub(crate) metrics: Metrics,
}

impl Shared {
    pub(crate) fn new(guards: Guards, limits: Limits) -> Arc<Self> {
        let admission = Admission::new(&limits);
        Arc::new(Self { guards, limits, admission, metrics: Metrics::new() })
    }
}

/// The router alone, for calls in process and for servers of other make. Limits on heads and connections, and
/// the time waited before the handler, exist only behind [`crate::Server`].
pub fn app(guards: Guards, config: &ServerConfig) -> Router {
    router(&Shared::new(guards, config.limits.clone()), config.echo)
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
        .route("/", get(move || async move { json_response(index(echo)) }))
        .route("/health", get(|| async { status("healthy") }))
        .route("/healthz", get(|| async { status("alive") }))
        // The shields are handed in built, models included: a server that answers at all is ready.
        .route("/readyz", get(|| async { status("ready") }))
        .route("/metrics", get(metrics))
        .route("/metrics/reset", post(reset))
        .fallback(|State(shared): State<Arc<Shared>>| async move { refuse(&shared, &ApiError::NotFound) })
        .method_not_allowed_fallback(|State(shared): State<Arc<Shared>>| async move {
            refuse(&shared, &ApiError::MethodNotAllowed)
        })
        .with_state(Arc::clone(shared))
}

/// Receives, parses, scans, encodes and counts; `/echo` goes the same way but for the scan.
async fn guarded(shared: Arc<Shared>, route: Route, request: Request) -> Response<Body> {
    let started = Instant::now();
    let outcome = match shared.admission.enter() {
        Ok(_pass) => receive_and_answer(&shared, route, request).await,
        Err(error) => Err(error),
    };
    let (response, class, scan) = match outcome {
        Ok(answer) => (json_response(answer.json), Class::Success, answer.scan),
        Err(error) => {
            if error.is_overload() {
                shared.metrics.refusals.overload.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
            (error.response(), class_of(&error), Duration::ZERO)
        }
    };
    shared.metrics.record(route, class, started.elapsed(), scan);
    response
}

async fn receive_and_answer(
    shared: &Arc<Shared>,
    route: Route,
    request: Request,
) -> Result<Answer, ApiError> {
    let (parts, body) = request.into_parts();
    let received = receive(&parts.headers, body, &shared.limits, &shared.admission).await?;
    // A scan that waits for a network must not hold up the connections of this thread.
    let waits = route == Route::AnalyzeOutput && shared.guards.policy.output_waits();
    let pass = match received.large {
        None if waits => Some(shared.admission.enter_large()?),
        pass => pass,
    };
    let Some(pass) = pass else { return answer(&shared.guards, route, &received.bytes) };
    let limit_ms = shared.limits.request_timeout.as_millis();
    let shared_with_pool = Arc::clone(shared);
    let on_pool = async move {
        let blocking = Arc::clone(&shared_with_pool.admission.blocking);
        // Who waits needs no core.
        let permit = if waits {
            None
        } else {
            Some(blocking.acquire_owned().await.map_err(|_| ApiError::ScanFailed)?)
        };
        let work = tokio::task::spawn_blocking(move || {
            // Both places are held until the scan has really ended, also when nobody waits for it any more.
            let _held = (pass, permit);
            answer(&shared_with_pool.guards, route, &received.bytes)
        });
        work.await.unwrap_or(Err(ApiError::ScanFailed))
    };
    tokio::time::timeout(shared.limits.request_timeout, on_pool)
        .await
        .unwrap_or(Err(ApiError::SlowScan { limit_ms }))
}

fn class_of(error: &ApiError) -> Class {
    if error.code_and_status().1.is_server_error() { Class::ServerError } else { Class::ClientError }
}

fn refuse(shared: &Shared, error: &ApiError) -> Response<Body> {
    shared.metrics.record(Route::Other, class_of(error), Duration::ZERO, Duration::ZERO);
    error.response()
}

async fn metrics(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response<Body> {
    let snapshot = shared.metrics.snapshot(shared.admission.in_flight());
    if wants_json(&headers) {
        return json_response(serde_json::to_vec_pretty(&snapshot).unwrap_or_default());
    }
    typed_response(snapshot.exposition().into_bytes(), "text/plain; version=0.0.4; charset=utf-8")
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

async fn reset(State(shared): State<Arc<Shared>>) -> Response<Body> {
    shared.metrics.reset();
    status("reset")
}

#[derive(Serialize)]
struct Index {
    name: &'static str,
    version: &'static str,
    routes: Vec<String>,
}

fn index(echo: Echo) -> Vec<u8> {
    let posts = Route::ALL.into_iter().filter(|route| match route {
        Route::Echo => echo == Echo::On,
        Route::Other => false,
        _ => true,
    });
    let mut routes: Vec<String> = posts.map(|route| format!("POST {}", route.path())).collect();
    routes.push("POST /metrics/reset".to_owned());
    routes.extend(["/", "/health", "/healthz", "/readyz", "/metrics"].map(|path| format!("GET {path}")));
    let index = Index { name: "LLM Shield", version: env!("CARGO_PKG_VERSION"), routes };
    serde_json::to_vec(&index).unwrap_or_default()
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
