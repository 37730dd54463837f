//! llm-guard's metrics by their names and labels, so that its users' dashboards go on: what its instrumentation counts
//! of each request, and its own counter of what each scanner decided.
//!
//! Labels hold nothing that a client chooses: an unknown path has no target, an unknown method is `_OTHER`, and
//! `http_server_name`, in the original the client's Host header, is the address that the server listens on.

use std::fmt::{self, Write};
use std::sync::Mutex;
use std::time::Duration;

use axum::http::{Method, Version};
use llm_shield::Report;

use super::lock;

/// Upper bounds of the buckets; OpenTelemetry's default, for milliseconds and bytes alike.
pub(crate) const BOUNDS: [f64; 15] =
    [0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 2500.0, 5000.0, 7500.0, 10000.0];

/// Which side of the model a text came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Input,
    Output,
}

impl Source {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }
}

/// What one scanner decided about one text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) scanner: &'static str,
    pub(crate) source: Source,
    pub(crate) is_valid: bool,
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "only spans tell it"))]
    pub(crate) elapsed: Duration,
}

impl Run {
    /// The runs behind a report, in order.
    pub(crate) fn all(report: &Report<'_>, source: Source) -> impl Iterator<Item = Self> {
        report.scanners.iter().map(move |scanner| Self {
            scanner: scanner.name,
            source,
            is_valid: scanner.is_valid,
            elapsed: scanner.elapsed,
        })
    }
}

/// What tells requests apart in metrics and spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Labels {
    pub(crate) method: &'static str,
    /// The path of a known route.
    pub(crate) target: Option<&'static str>,
    pub(crate) status: u16,
    pub(crate) flavor: &'static str,
}

impl Labels {
    pub(crate) fn method(method: &Method) -> &'static str {
        match *method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::DELETE => "DELETE",
            Method::HEAD => "HEAD",
            Method::OPTIONS => "OPTIONS",
            Method::PATCH => "PATCH",
            _ => "_OTHER",
        }
    }

    pub(crate) fn flavor(version: Version) -> &'static str {
        if version == Version::HTTP_10 { "1.0" } else { "1.1" }
    }
}

/// The counters, in shards of which each thread has its own.
pub(crate) struct Dashboard {
    shards: Box<[Shard]>,
}

#[derive(Default)]
#[repr(align(128))]
struct Shard(Mutex<Record>);

#[derive(Default, Clone)]
struct Record {
    /// Scanner, source, and how often it said valid and invalid.
    scanners: Vec<(&'static str, Source, [u64; 2])>,
    series: Vec<Series>,
}

/// Duration in milliseconds, request and response in bytes.
#[derive(Clone)]
struct Series {
    labels: Labels,
    histograms: [Buckets; 3],
}

#[derive(Clone, Copy, Default)]
struct Buckets {
    /// Not cumulative; the last one is beyond all bounds.
    counts: [u64; BOUNDS.len() + 1],
    sum: f64,
}

impl Buckets {
    fn record(&mut self, value: f64) {
        self.counts[BOUNDS.iter().take_while(|bound| value > **bound).count()] += 1;
        self.sum += value;
    }

    fn add(&mut self, other: &Self) {
        for (ours, theirs) in self.counts.iter_mut().zip(other.counts) {
            *ours += theirs;
        }
        self.sum += other.sum;
    }
}

impl Record {
    fn series(&mut self, labels: Labels) -> &mut [Buckets; 3] {
        let index = self.series.iter().position(|series| series.labels == labels).unwrap_or_else(|| {
            self.series.push(Series { labels, histograms: [Buckets::default(); 3] });
            self.series.len() - 1
        });
        &mut self.series[index].histograms
    }

    fn scanner(&mut self, scanner: &'static str, source: Source) -> &mut [u64; 2] {
        let known = self.scanners.iter().position(|(name, side, _)| *name == scanner && *side == source);
        let index = known.unwrap_or_else(|| {
            self.scanners.push((scanner, source, [0; 2]));
            self.scanners.len() - 1
        });
        &mut self.scanners[index].2
    }

    fn add(&mut self, other: &Self) {
        for (scanner, source, [valid, invalid]) in &other.scanners {
            let ours = self.scanner(scanner, *source);
            ours[0] += valid;
            ours[1] += invalid;
        }
        for series in &other.series {
            for (ours, theirs) in self.series(series.labels).iter_mut().zip(&series.histograms) {
                ours.add(theirs);
            }
        }
    }
}

/// Where the server listens, as labels tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Address {
    /// `host:port`.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Dashboard {
    pub(super) fn new(shards: usize) -> Self {
        Self { shards: (0..shards).map(|_| Shard::default()).collect() }
    }

    /// What scanners decided about one request's texts.
    pub(crate) fn record_runs(&self, runs: &[Run]) {
        if runs.is_empty() {
            return;
        }
        let mut record = lock(&self.shards[super::thread_number() % self.shards.len()].0);
        for run in runs {
            record.scanner(run.scanner, run.source)[usize::from(!run.is_valid)] += 1;
        }
    }

    /// One answered request.
    pub(crate) fn record(&self, labels: Labels, latency: Duration, request_bytes: u64, response_bytes: u64) {
        let mut record = lock(&self.shards[super::thread_number() % self.shards.len()].0);
        let [duration, request, response] = record.series(labels);
        duration.record(latency.as_secs_f64() * 1e3);
        request.record(request_bytes as f64);
        response.record(response_bytes as f64);
    }

    /// How often each scanner said valid and invalid.
    #[cfg(feature = "otlp")]
    pub(crate) fn scanners(&self) -> Vec<(&'static str, Source, [u64; 2])> {
        self.merged().scanners
    }

    fn merged(&self) -> Record {
        let mut merged = Record::default();
        for shard in &self.shards {
            merged.add(&lock(&shard.0));
        }
        merged
    }

    /// Prometheus text, to stand after ours.
    pub(crate) fn exposition(&self, address: &Address, service: &str, in_flight: usize) -> String {
        let mut text = String::with_capacity(8192);
        // A write into a string cannot fail.
        let _ = self.merged().write(&mut text, address, service, in_flight);
        text
    }

    pub(super) fn reset(&self) {
        for shard in &self.shards {
            *lock(&shard.0) = Record::default();
        }
    }
}

/// Name, help and index of each histogram.
const HISTOGRAMS: [(&str, &str, usize); 3] = [
    ("http_server_duration_milliseconds", "Measures the duration of inbound HTTP requests.", 0),
    ("http_server_request_size_bytes", "Measures the size of HTTP request messages (compressed).", 1),
    ("http_server_response_size_bytes", "measures the size of HTTP response messages (compressed).", 2),
];

impl Record {
    fn write(&self, out: &mut String, address: &Address, service: &str, in_flight: usize) -> fmt::Result {
        let version = env!("CARGO_PKG_VERSION");
        writeln!(out, "# HELP target_info Target metadata\n# TYPE target_info gauge")?;
        let service = escaped(service);
        writeln!(out, "target_info{{service_name=\"{service}\",service_version=\"{version}\"}} 1")?;
        let host = escaped(&address.host);
        writeln!(out, "# HELP http_server_active_requests Number of active HTTP server requests.")?;
        writeln!(out, "# TYPE http_server_active_requests gauge")?;
        writeln!(
            out,
            "http_server_active_requests{{http_flavor=\"1.1\",http_host=\"{host}\",http_method=\"POST\",http_scheme=\"http\",http_server_name=\"{host}\"}} {in_flight}"
        )?;
        for (name, help, index) in HISTOGRAMS {
            writeln!(out, "# HELP {name} {help}\n# TYPE {name} histogram")?;
            for series in &self.series {
                series.write(out, name, index, &host, address.port)?;
            }
        }
        writeln!(out, "# HELP scanners_valid_total measures the number of valid scanners")?;
        writeln!(out, "# TYPE scanners_valid_total counter")?;
        for (scanner, source, counts) in &self.scanners {
            for (valid, count) in ["true", "false"].into_iter().zip(counts).filter(|(_, count)| **count > 0) {
                let source = source.as_str();
                writeln!(
                    out,
                    "scanners_valid_total{{scanner=\"{scanner}\",source=\"{source}\",valid=\"{valid}\"}} {count}"
                )?;
            }
        }
        Ok(())
    }
}

impl Series {
    fn write(&self, out: &mut String, name: &str, index: usize, host: &str, port: u16) -> fmt::Result {
        let Labels { method, target, status, flavor } = self.labels;
        let target = target.map_or_else(String::new, |target| format!(",http_target=\"{target}\""));
        let labels = format!(
            "http_flavor=\"{flavor}\",http_host=\"{host}\",http_method=\"{method}\",http_scheme=\"http\",http_server_name=\"{host}\",http_status_code=\"{status}\"{target}"
        );
        let buckets = &self.histograms[index];
        let mut count = 0;
        for (bound, inside) in BOUNDS.iter().zip(buckets.counts) {
            count += inside;
            writeln!(out, "{name}_bucket{{{labels},le=\"{bound:.1}\",net_host_port=\"{port}\"}} {count}")?;
        }
        count += buckets.counts[BOUNDS.len()];
        writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\",net_host_port=\"{port}\"}} {count}")?;
        writeln!(out, "{name}_count{{{labels},net_host_port=\"{port}\"}} {count}")?;
        writeln!(out, "{name}_sum{{{labels},net_host_port=\"{port}\"}} {}", buckets.sum)
    }
}

/// A label's value by the rules of the text format.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
