//! What the server tells of itself and takes of its operators: name, readiness, metrics, the shadow's findings, the
//! description of the API; and the order to forget a conversation.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::{delete, get, post};
use serde::Serialize;

use crate::analyze::conversation;
use crate::answer::{json_response, typed_response};
use crate::config::Echo;
use crate::error::ApiError;
use crate::live::Stage;
use crate::openapi;
use crate::shared::Shared;

pub(crate) fn routes(shared: &Arc<Shared>, echo: Echo) -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(root))
        .route("/health", get(|| async { status("healthy") }))
        .route("/healthz", get(|| async { status("alive") }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(move || async move { json_response(openapi::document(echo)) }))
        .route("/metrics/reset", post(reset))
        .route("/shadow", get(shadow))
        .route("/conversation", delete(forget))
        .layer(from_fn_with_state(Arc::clone(shared), admit))
}

/// Lets the pages that may call read the answers.
async fn admit(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response<Body> {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = next.run(request).await;
    shared.live.load().settings.cors.admit(origin.as_ref(), response.headers_mut());
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
