//! What the server tells of itself beside its answers: log lines, its place in traces, spans and metrics by OTLP.
//!
//! It is wired in where a connection hands a request to the router, so that every answer is seen, also those of routes
//! that do not exist. With tracing off and a log that wants only failures a request costs a look for one header, one
//! reading of the clock, and a few additions in its thread's own counters.

mod log;
#[cfg(feature = "otlp")]
mod otlp;
mod trace_context;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::{HeaderValue, Request, Response, StatusCode, header};

use crate::metrics::{Address, Labels, Run};
use crate::shared::Shared;
pub(crate) use log::Field;
use log::Log;
pub use log::{LogConfig, LogFormat, LogLevel, UnknownLogLevel};
use trace_context::{TRACEPARENT, TraceContext};

/// What is told, and whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelemetryConfig {
    /// The service's name in metrics and traces; llm-guard's `app.name`.
    pub service_name: String,
    /// Which log lines are written.
    pub log: LogConfig,
    /// Where spans go, by OTLP over HTTP: the whole URL, such as `http://collector:4318/v1/traces`.
    pub traces_endpoint: Option<String>,
    /// Where metrics go, by OTLP over HTTP: the whole URL, such as `http://collector:4318/v1/metrics`.
    pub metrics_endpoint: Option<String>,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            service_name: "LLM Shield".to_owned(),
            log: LogConfig::default(),
            traces_endpoint: None,
            metrics_endpoint: None,
        }
    }
}

/// Spans or metrics cannot be sent where they should go.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// Built without the code that sends them.
    #[error("{endpoint}: this program was built without OTLP (the cargo feature `otlp`)")]
    NotBuilt {
        /// As configured.
        endpoint: String,
    },
    /// Not an address that can be sent to.
    #[error("{endpoint} is no OTLP endpoint: {reason}")]
    Endpoint {
        /// As configured.
        endpoint: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The sinks of one server.
pub(crate) struct Telemetry {
    log: Log,
    config: TelemetryConfig,
    address: OnceLock<Address>,
    #[cfg(feature = "otlp")]
    otlp: OnceLock<otlp::Otlp>,
}

/// Why a request was refused, for the log; answers carry it beside their body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ErrorCode(pub(crate) &'static str);

/// On a request: its scanners' times are wanted. On its answer: they stand here.
#[derive(Debug, Clone)]
pub(crate) struct Traced(
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "only spans tell it"))] pub(crate) Arc<[Run]>,
);

/// A request that is under way.
pub(crate) struct Asked {
    target: Option<&'static str>,
    method: &'static str,
    flavor: &'static str,
    request_bytes: u64,
    trace: Option<TraceContext>,
    /// The caller's `tracestate`, which goes on with its trace.
    #[cfg(feature = "otlp")]
    trace_state: Option<String>,
}

/// Paths of probes and of readers of metrics, which neither llm-guard's counters nor its traces know.
const UNSEEN: [&str; 5] = ["/health", "/healthz", "/readyz", "/metrics", "/metrics/reset"];

impl Telemetry {
    pub(crate) fn new(config: TelemetryConfig) -> Self {
        Self {
            log: Log::new(config.log),
            config,
            address: OnceLock::new(),
            #[cfg(feature = "otlp")]
            otlp: OnceLock::new(),
        }
    }

    /// Begins to send spans and metrics; to be called inside the runtime that will carry them.
    pub(crate) fn connect(&self, shared: &Arc<Shared>) -> Result<(), TelemetryError> {
        #[cfg(feature = "otlp")]
        if self.config.traces_endpoint.is_some() || self.config.metrics_endpoint.is_some() {
            let otlp = otlp::Otlp::start(&self.config, shared)?;
            // A second start would find the first one's sinks, which serve as well.
            let _ = self.otlp.set(otlp);
        }
        #[cfg(not(feature = "otlp"))]
        {
            let _ = shared;
            let endpoints = [&self.config.traces_endpoint, &self.config.metrics_endpoint];
            if let Some(endpoint) = endpoints.into_iter().flatten().next() {
                return Err(TelemetryError::NotBuilt { endpoint: endpoint.clone() });
            }
        }
        Ok(())
    }

    /// The server accepts connections at `address`.
    pub(crate) fn listening(&self, address: SocketAddr) {
        let host = address.to_string();
        self.note(LogLevel::Info, "listening", &[("address", Field::Own(&host))]);
        let _ = self.address.set(Address { host, port: address.port() });
    }

    pub(crate) fn address(&self) -> Address {
        self.address.get().cloned().unwrap_or_default()
    }

    pub(crate) fn service_name(&self) -> &str {
        &self.config.service_name
    }

    /// A line of the log about the server itself.
    pub(crate) fn note(&self, level: LogLevel, event: &'static str, fields: &[(&'static str, Field<'_>)]) {
        self.log.write(level, event, fields);
    }

    /// Sends what is left and waits for it a little. Blocks.
    pub(crate) fn finish(&self) {
        #[cfg(feature = "otlp")]
        if let Some(otlp) = self.otlp.get() {
            otlp.finish();
        }
        self.log.flush();
    }

    /// Before the router: which trace the request belongs to, and what can be said of it already.
    pub(crate) fn begin<B: HttpBody>(
        &self,
        request: &mut Request<B>,
        routes: &[&'static str],
    ) -> Option<Asked> {
        let path = request.uri().path();
        let target = routes.iter().find(|route| **route == path).copied();
        if target.is_none() && UNSEEN.contains(&path) {
            return None;
        }
        let wants_trace = self.wants_trace();
        let trace =
            TraceContext::continued(request.headers()).or_else(|| wants_trace.then(TraceContext::begun));
        let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let asked = Asked {
            target,
            method: Labels::method(request.method()),
            flavor: Labels::flavor(request.version()),
            request_bytes: declared.and_then(|bytes| bytes.parse().ok()).unwrap_or(0),
            trace,
            #[cfg(feature = "otlp")]
            trace_state: trace.and_then(|_| trace_context::trace_state(request.headers())),
        };
        if self.sends_spans() && trace.is_some_and(|trace| trace.sampled) {
            request.extensions_mut().insert(Traced(Arc::default()));
        }
        Some(asked)
    }

    /// After the router: counts, logs, and tells the caller and the collector which trace it was.
    pub(crate) fn end(
        &self,
        shared: &Shared,
        asked: &Asked,
        latency: Duration,
        response: &mut Response<Body>,
    ) {
        let status = response.status();
        let Asked { method, target, flavor, request_bytes, .. } = *asked;
        let labels = Labels { method, target, status: status.as_u16(), flavor };
        let response_bytes = response.body().size_hint().exact().unwrap_or(0);
        shared.metrics.dashboard.record(labels, latency, request_bytes, response_bytes);
        if let Some(trace) = &asked.trace
            && let Ok(value) = HeaderValue::try_from(trace.to_string())
        {
            response.headers_mut().insert(&TRACEPARENT, value);
        }
        let (level, event) = match status {
            status if status.is_server_error() => (LogLevel::Error, "request failed"),
            status if status.is_client_error() => (LogLevel::Warning, "request refused"),
            _ => (LogLevel::Debug, "request answered"),
        };
        if self.log.writes(level) {
            self.log_request(level, event, asked, labels, latency, response);
        }
        #[cfg(feature = "otlp")]
        if let Some(otlp) = self.otlp.get() {
            let runs = response.extensions_mut().remove::<Traced>();
            let sizes = [request_bytes, response_bytes];
            let exchange =
                otlp::Exchange { labels, latency, sizes, runs: runs.as_ref().map_or(&[], |runs| &runs.0) };
            otlp.record(&exchange, &self.address(), asked.trace.as_ref(), asked.trace_state.as_deref());
        }
    }

    fn log_request(
        &self,
        level: LogLevel,
        event: &'static str,
        asked: &Asked,
        labels: Labels,
        latency: Duration,
        response: &Response<Body>,
    ) {
        let mut fields = vec![
            ("method", Field::Name(labels.method)),
            ("route", Field::Name(labels.target.unwrap_or("other"))),
            ("status", Field::Number(labels.status.into())),
            ("duration_us", Field::Number(latency.as_micros() as u64)),
            ("request_bytes", Field::Number(asked.request_bytes)),
        ];
        if let Some(ErrorCode(code)) = response.extensions().get() {
            fields.push(("code", Field::Name(code)));
        }
        let ids =
            asked.trace.map(|trace| (format!("{:032x}", trace.trace_id), format!("{:016x}", trace.span_id)));
        if let Some((trace_id, span_id)) = &ids {
            fields.push(("trace_id", Field::Own(trace_id)));
            fields.push(("span_id", Field::Own(span_id)));
        }
        self.log.write(level, event, &fields);
    }

    /// Whether a request that names no trace begins one.
    fn wants_trace(&self) -> bool {
        self.sends_spans() || self.log.writes(LogLevel::Debug)
    }

    #[cfg_attr(not(feature = "otlp"), expect(clippy::unused_self, reason = "there is nothing to ask"))]
    fn sends_spans(&self) -> bool {
        #[cfg(feature = "otlp")]
        return self.otlp.get().is_some_and(otlp::Otlp::sends_spans);
        #[cfg(not(feature = "otlp"))]
        false
    }
}

/// Marks an answer with the reason of its refusal.
pub(crate) fn mark(response: &mut Response<Body>, code: &'static str) {
    debug_assert!(response.status() >= StatusCode::BAD_REQUEST, "only refusals have a code");
    response.extensions_mut().insert(ErrorCode(code));
}
