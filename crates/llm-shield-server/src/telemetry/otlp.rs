//! Spans and metrics by OTLP over HTTP (protobuf), through the OpenTelemetry SDK.
//!
//! The SDK's own threads batch and send; a collector that is slow or away costs spans, never a request's time. Requests
//! make spans after they have been answered: one for the request, below it one for each scanner.

mod client;

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use axum::http::Uri;
use opentelemetry::metrics::{Histogram, Meter, MeterProvider};
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor};

use super::trace_context::{TraceContext, fresh_id};
use super::{TelemetryConfig, TelemetryError};
use crate::metrics::{Address, BOUNDS, Labels, Run};
use crate::shared::Shared;
use client::Client;

/// The OpenTelemetry side of one server.
pub(super) struct Otlp {
    spans: Option<BatchSpanProcessor>,
    metrics: Option<Instruments>,
    scope: InstrumentationScope,
}

/// An answered request.
pub(super) struct Exchange<'a> {
    pub(super) labels: Labels,
    pub(super) latency: Duration,
    /// Of the request's and of the answer's body.
    pub(super) sizes: [u64; 2],
    pub(super) runs: &'a [Run],
}

/// llm-guard's instruments, by its names.
struct Instruments {
    provider: SdkMeterProvider,
    duration: Histogram<f64>,
    sizes: [Histogram<u64>; 2],
}

impl Otlp {
    pub(super) fn start(config: &TelemetryConfig, shared: &Arc<Shared>) -> Result<Self, TelemetryError> {
        let scope =
            InstrumentationScope::builder("llm-shield").with_version(env!("CARGO_PKG_VERSION")).build();
        let resource = Resource::builder()
            .with_service_name(config.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let spans = match &config.traces_endpoint {
            None => None,
            Some(endpoint) => {
                let exporter = SpanExporter::builder().with_http().with_http_client(Client::new(endpoint)?);
                let exporter = exporter.with_endpoint(endpoint).with_headers(HashMap::new()).build();
                let exporter = exporter.map_err(|error| unusable(endpoint, &error))?;
                let mut processor = BatchSpanProcessor::builder(exporter).build();
                processor.set_resource(&resource);
                Some(processor)
            }
        };
        let metrics = match &config.metrics_endpoint {
            None => None,
            Some(endpoint) => {
                let exporter = MetricExporter::builder().with_http().with_http_client(Client::new(endpoint)?);
                let exporter = exporter.with_endpoint(endpoint).with_headers(HashMap::new()).build();
                let exporter = exporter.map_err(|error| unusable(endpoint, &error))?;
                let provider = SdkMeterProvider::builder();
                let provider = provider.with_periodic_exporter(exporter).with_resource(resource).build();
                Some(Instruments::new(provider, &scope, shared))
            }
        };
        Ok(Self { spans, metrics, scope })
    }

    pub(super) const fn sends_spans(&self) -> bool {
        self.spans.is_some()
    }

    /// Counts the exchange and, if its trace is recorded, tells its spans.
    pub(super) fn record(
        &self,
        exchange: &Exchange<'_>,
        address: &Address,
        trace: Option<&TraceContext>,
        trace_state: Option<&str>,
    ) {
        if let Some(metrics) = &self.metrics {
            let attributes = attributes(exchange.labels, address);
            metrics.duration.record(exchange.latency.as_secs_f64() * 1e3, &attributes);
            for (histogram, bytes) in metrics.sizes.iter().zip(exchange.sizes) {
                histogram.record(bytes, &attributes);
            }
        }
        let (Some(spans), Some(trace)) = (&self.spans, trace.filter(|trace| trace.sampled)) else { return };
        let end = SystemTime::now();
        let start = end.checked_sub(exchange.latency).unwrap_or(end);
        let state: TraceState = trace_state.and_then(|state| state.parse().ok()).unwrap_or_default();
        let parent = trace.parent_id.map_or(SpanId::INVALID, |id| SpanId::from_bytes(id.to_be_bytes()));
        // Scanners ran one after the other, the last one just before the answer: what came before them is the body's
        // way in, and only the durations are measured.
        let mut begun = end.checked_sub(exchange.runs.iter().map(|run| run.elapsed).sum()).unwrap_or(start);
        for run in exchange.runs {
            let ended = begun + run.elapsed;
            spans.on_end(SpanData {
                span_context: context(trace, fresh_id(), state.clone()),
                parent_span_id: SpanId::from_bytes(trace.span_id.to_be_bytes()),
                parent_span_is_remote: false,
                span_kind: SpanKind::Internal,
                name: run.scanner.into(),
                start_time: begun.max(start),
                end_time: ended,
                attributes: vec![
                    KeyValue::new("scanner", run.scanner),
                    KeyValue::new("source", run.source.as_str()),
                    KeyValue::new("valid", run.is_valid),
                ],
                ..self.blank()
            });
            begun = ended;
        }
        let Labels { method, target, status, .. } = exchange.labels;
        spans.on_end(SpanData {
            span_context: context(trace, trace.span_id, state),
            parent_span_id: parent,
            parent_span_is_remote: trace.parent_id.is_some(),
            span_kind: SpanKind::Server,
            name: target.map_or(method.into(), |target| format!("{method} {target}").into()),
            start_time: start,
            end_time: end,
            attributes: attributes(exchange.labels, address),
            status: if status >= 500 { Status::error("") } else { Status::Unset },
            ..self.blank()
        });
    }

    fn blank(&self) -> SpanData {
        SpanData {
            span_context: SpanContext::NONE,
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: "".into(),
            start_time: SystemTime::UNIX_EPOCH,
            end_time: SystemTime::UNIX_EPOCH,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: self.scope.clone(),
        }
    }

    /// Sends what is left; a collector that does not answer is waited for a few seconds.
    pub(super) fn finish(&self) {
        const PATIENCE: Duration = Duration::from_secs(3);
        if let Some(spans) = &self.spans {
            // What cannot be sent at the end is lost, and nobody is left to hear of it.
            let _ = spans.shutdown_with_timeout(PATIENCE);
        }
        if let Some(metrics) = &self.metrics {
            let _ = metrics.provider.shutdown_with_timeout(PATIENCE);
        }
    }
}

impl Instruments {
    fn new(provider: SdkMeterProvider, scope: &InstrumentationScope, shared: &Arc<Shared>) -> Self {
        let meter = provider.meter_with_scope(scope.clone());
        observe(&meter, shared);
        let bounds = BOUNDS.to_vec();
        let size = |name: &'static str| {
            meter.u64_histogram(name).with_unit("By").with_boundaries(bounds.clone()).build()
        };
        Self {
            duration: meter
                .f64_histogram("http.server.duration")
                .with_unit("ms")
                .with_description("Measures the duration of inbound HTTP requests.")
                .with_boundaries(bounds.clone())
                .build(),
            sizes: [size("http.server.request.size"), size("http.server.response.size")],
            provider,
        }
    }
}

/// What is counted anyway is only read when it is to be sent.
fn observe(meter: &Meter, shared: &Arc<Shared>) {
    let counters: Weak<Shared> = Arc::downgrade(shared);
    meter
        .u64_observable_counter("scanners.valid")
        .with_unit("1")
        .with_description("measures the number of valid scanners")
        .with_callback(move |observer| {
            let Some(shared) = counters.upgrade() else { return };
            for (scanner, source, counts) in shared.metrics.dashboard.scanners() {
                for (valid, count) in [true, false].into_iter().zip(counts).filter(|(_, count)| *count > 0) {
                    let attributes = [
                        KeyValue::new("source", source.as_str()),
                        KeyValue::new("valid", valid),
                        KeyValue::new("scanner", scanner),
                    ];
                    observer.observe(count, &attributes);
                }
            }
        })
        .build();
    let gauge: Weak<Shared> = Arc::downgrade(shared);
    meter
        .i64_observable_up_down_counter("http.server.active_requests")
        .with_description("Number of active HTTP server requests.")
        .with_callback(move |observer| {
            let Some(shared) = gauge.upgrade() else { return };
            observer.observe(i64::try_from(shared.admission.in_flight()).unwrap_or(i64::MAX), &[]);
        })
        .build();
}

fn context(trace: &TraceContext, span_id: u64, state: TraceState) -> SpanContext {
    let (trace_id, span_id) =
        (TraceId::from_bytes(trace.trace_id.to_be_bytes()), SpanId::from_bytes(span_id.to_be_bytes()));
    SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, false, state)
}

/// The attributes that llm-guard's instrumentation gives requests.
fn attributes(labels: Labels, address: &Address) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("http.method", labels.method),
        KeyValue::new("http.status_code", i64::from(labels.status)),
        KeyValue::new("http.scheme", "http"),
        KeyValue::new("http.flavor", labels.flavor),
        KeyValue::new("http.host", address.host.clone()),
        KeyValue::new("net.host.port", i64::from(address.port)),
    ];
    attributes.extend(labels.target.map(|target| KeyValue::new("http.target", target)));
    attributes
}

fn unusable(endpoint: &str, reason: &dyn std::fmt::Display) -> TelemetryError {
    TelemetryError::Endpoint { endpoint: endpoint.to_owned(), reason: reason.to_string() }
}

/// Host and port of an endpoint that can be sent to.
fn authority(endpoint: &str) -> Result<(String, u16), TelemetryError> {
    let uri: Uri = endpoint.parse().map_err(|error| unusable(endpoint, &error))?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http"), Some(host)) => {
            Ok((host.trim_matches(['[', ']']).to_owned(), uri.port_u16().unwrap_or(80)))
        }
        (Some("https"), _) => Err(unusable(
            endpoint,
            &"https is not built in; send to a collector beside this server over http, and let it send on",
        )),
        _ => Err(unusable(endpoint, &"it must be a whole URL, such as http://collector:4318/v1/traces")),
    }
}
