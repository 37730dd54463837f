//! The routes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, header};
use axum::routing::post;

use crate::about;
use crate::analyze::{Ask, analyze, expect_json};
use crate::answer::{Answer, answer, json_response};
use crate::batch::batch;
use crate::body::{discard_unread as discard, receive};
use crate::config::{Echo, ServerConfig};
use crate::error::ApiError;
use crate::gate;
use crate::live::{Live, Side};
use crate::metrics::{Class, Route};
use crate::moderation;
use crate::pool::{Need, on_pool};
use crate::shared::Shared;
use crate::telemetry::Traced;

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
        .merge(about::routes(shared, echo))
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

/// What seldom waits, or is of the routes of a policy, waits on the heap: else the future of each request to the
/// contract's routes would be as large as the largest of them.
async fn receive_and_answer(
    shared: &Arc<Shared>,
    route: Route,
    request: Request,
) -> Result<Answer, ApiError> {
    let (parts, body) = request.into_parts();
    if !route.is_contract() {
        return Box::pin(chosen(shared, route, parts, body)).await;
    }
    if let Err(error) = gate::pass(shared, route, &parts).await {
        Box::pin(discard(&parts.headers, body, &shared.limits)).await;
        return Err(error);
    }
    contract(shared, route, &parts.headers, body).await
}

/// One of the routes of a policy, from the choice of the policy on.
async fn chosen(shared: &Arc<Shared>, route: Route, parts: Parts, body: Body) -> Result<Answer, ApiError> {
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
    let scan = move || {
        // Its place is held until the scan has really ended, also when nobody waits for it any more.
        let _held = pass;
        answer(&pooled.live.load().guards, route, &received.bytes)
    };
    Box::pin(on_pool(shared, Need::Core, shared.limits.request_timeout, late, scan)).await
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
