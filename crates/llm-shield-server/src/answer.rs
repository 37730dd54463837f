//! From a body to the JSON of its answer: parse, scan, encode. Synchronous, so that it runs on either pool.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use llm_shield::{Finding, Pair, Report};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::error::ApiError;
use crate::guards::Guards;
use crate::live::Side;
use crate::metrics::{Route, Run, Source};
use crate::request::parse_scan_request;

/// An answer, encoded, and how long the scan alone took.
pub(crate) struct Answer {
    pub(crate) json: Vec<u8>,
    pub(crate) scan: Duration,
    /// What each scanner decided.
    pub(crate) runs: Vec<Run>,
}

/// What a route of the benchmark contract answers to `body`.
pub(crate) fn answer(guards: &Guards, route: Route, body: &[u8]) -> Result<Answer, ApiError> {
    match route {
        Route::Scan => contract(body, |text| Some(guards.scan.scan_prompt(text))),
        Route::Pipeline => contract(body, |text| Some(guards.pipeline.scan_prompt(text))),
        Route::Secrets => contract(body, |text| Some(guards.secrets.scan_prompt(text))),
        Route::Echo => contract(body, |_| None),
        // Those of a policy are answered by `analyze` and `batch`.
        _ => Err(ApiError::NotFound),
    }
}

/// The benchmark contract's answer; `scan` gives nothing when there is none to make.
fn contract(body: &[u8], scan: impl for<'t> Fn(&'t str) -> Option<Report<'t>>) -> Result<Answer, ApiError> {
    let request = parse_scan_request(body)?;
    let started = Instant::now();
    let report = scan(&request.text);
    let scan = started.elapsed();
    let answer = ContractAnswer {
        safe: report.as_ref().is_none_or(|report| report.is_valid),
        threats: Threats { report: report.as_ref(), text_bytes: request.text.len() },
        latency_us: scan.as_nanos() as f64 / 1e3,
    };
    let runs = report.iter().flat_map(|report| Run::all(report, Source::Input)).collect();
    Ok(Answer { json: encode(&answer, 96), scan, runs })
}

pub(crate) fn encode(answer: &impl Serialize, bytes_expected: usize) -> Vec<u8> {
    let mut json = Vec::with_capacity(bytes_expected);
    // Neither a write into memory nor the answer's own types can fail; an empty body would be no JSON.
    if serde_json::to_writer(&mut json, answer).is_err() {
        json.clear();
    }
    json
}

pub(crate) fn json_response(json: Vec<u8>) -> Response<Body> {
    if json.is_empty() {
        return ApiError::ScanFailed.response();
    }
    typed_response(json, "application/json")
}

pub(crate) fn typed_response(body: Vec<u8>, content_type: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[derive(Serialize)]
struct ContractAnswer<'r, 't> {
    safe: bool,
    threats: Threats<'r, 't>,
    /// Microseconds, exact to the nanosecond.
    latency_us: f64,
}

/// What made the scanners refuse the text.
struct Threats<'r, 't> {
    report: Option<&'r Report<'t>>,
    text_bytes: usize,
}

#[derive(Serialize)]
struct Threat<'r> {
    scanner: &'static str,
    rule: &'r str,
    category: &'static str,
    start: usize,
    end: usize,
    score: f32,
}

impl Serialize for Threats<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scanners =
            self.report.iter().flat_map(|report| &report.scanners).filter(|scanner| !scanner.is_valid);
        serializer.collect_seq(scanners.flat_map(|scanner| {
            // A refusal without a finding, such as that of a scanner that failed, concerns the text as a whole.
            let whole = scanner.findings.is_empty().then_some(Threat {
                scanner: scanner.name,
                rule: if scanner.error.is_some() { "scanner_error" } else { "whole_text" },
                category: if scanner.error.is_some() { "scanner_error" } else { "policy" },
                start: 0,
                end: self.text_bytes,
                score: 1.0,
            });
            whole.into_iter().chain(scanner.findings.iter().map(|finding| Threat {
                scanner: scanner.name,
                rule: &finding.rule,
                category: finding.category.as_str(),
                start: finding.span.start,
                end: finding.span.end,
                score: finding.score,
            }))
        }))
    }
}

/// llm-guard's answer, in its order of keys, then the findings, what was skipped if anything was, and, for a request
/// with a vault, the vault.
pub(crate) struct Analyzed<'r, 't> {
    pub(crate) report: &'r Report<'t>,
    /// Whose sanitized text is told; `None` for routes that tell none.
    pub(crate) sanitized: Option<Side>,
    pub(crate) vault: Option<Vec<Pair>>,
}

impl Serialize for Analyzed<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("is_valid", &self.report.is_valid)?;
        map.serialize_entry("scanners", &Risks(self.report))?;
        match self.sanitized {
            Some(Side::Prompt) => map.serialize_entry("sanitized_prompt", &self.report.sanitized)?,
            Some(Side::Output) => map.serialize_entry("sanitized_output", &self.report.sanitized)?,
            None => {}
        }
        map.serialize_entry("findings", &Findings(self.report))?;
        if !self.report.skipped.is_empty() {
            map.serialize_entry("skipped", &self.report.skipped)?;
        }
        if let Some(vault) = &self.vault {
            map.serialize_entry("vault", vault)?;
        }
        map.end()
    }
}

/// Risk by scanner; of two scanners of one class the later one counts, as in llm-guard.
struct Risks<'r, 't>(&'r Report<'t>);

impl Serialize for Risks<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scanners = &self.0.scanners;
        let last = scanners
            .iter()
            .enumerate()
            .filter(|(index, scanner)| scanners[index + 1..].iter().all(|later| later.name != scanner.name));
        serializer.collect_map(last.map(|(_, scanner)| (scanner.name, scanner.risk_score)))
    }
}

/// Every finding with the name of its scanner.
pub(crate) struct Findings<'r, 't>(pub(crate) &'r Report<'t>);

#[derive(Serialize)]
struct NamedFinding<'r> {
    scanner: &'static str,
    #[serde(flatten)]
    finding: &'r Finding,
}

impl Serialize for Findings<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.scanners.iter().flat_map(|scanner| {
            scanner.findings.iter().map(|finding| NamedFinding { scanner: scanner.name, finding })
        }))
    }
}
