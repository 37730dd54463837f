//! The same metrics in Prometheus' text format, version 0.0.4.

use std::fmt::{self, Write};

use super::Snapshot;
use super::snapshot::RouteSnapshot;

impl Snapshot {
    /// HELP, TYPE and sample lines, times in seconds.
    pub(crate) fn exposition(&self) -> String {
        let mut text = String::with_capacity(4096);
        // A write into a string cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        head(out, "llm_shield_requests_total", "counter", "Requests answered, by route and kind of status.")?;
        for (route, r) in &self.by_route.0 {
            let success = r.requests - r.client_errors - r.server_errors;
            for (class, count) in [("2xx", success), ("4xx", r.client_errors), ("5xx", r.server_errors)] {
                let path = route.path();
                writeln!(out, "llm_shield_requests_total{{route=\"{path}\",status=\"{class}\"}} {count}")?;
            }
        }
        let name = "llm_shield_request_duration_seconds";
        head(out, name, "summary", "Time from a handler's start to its answer.")?;
        for (route, r) in &self.by_route.0 {
            route_summary(out, name, route.path(), r)?;
        }
        self.write_wait(out)?;
        for (name, kind, help, value) in self.scalars() {
            head(out, name, kind, help)?;
            writeln!(out, "{name} {value}")?;
        }
        Ok(())
    }

    fn write_wait(&self, out: &mut String) -> fmt::Result {
        let name = "llm_shield_wait_seconds";
        head(out, name, "summary", "Time from a connection's wake-up to a handler's start.")?;
        let wait = &self.wait;
        for (quantile, us) in
            [("0.5", wait.p50), ("0.95", wait.p95), ("0.99", wait.p99), ("0.999", wait.p999)]
        {
            writeln!(out, "{name}{{quantile=\"{quantile}\"}} {}", us / 1e6)?;
        }
        writeln!(out, "{name}_sum {}\n{name}_count {}", self.wait_sum_ns as f64 / 1e9, self.wait_count)
    }

    fn scalars(&self) -> [(&'static str, &'static str, &'static str, f64); 9] {
        let [user, system] = [self.cpu_user_us, self.cpu_system_us].map(|us| us as f64 / 1e6);
        [
            (
                "llm_shield_in_flight_requests",
                "gauge",
                "Requests between head and answer.",
                self.in_flight as f64,
            ),
            ("llm_shield_open_connections", "gauge", "Open connections.", self.connections_open as f64),
            ("llm_shield_refused_total", "counter", "Turned away for want of room.", self.refused as f64),
            ("llm_shield_slow_heads_total", "counter", "Heads that took too long.", self.slow_heads as f64),
            ("llm_shield_uptime_seconds", "gauge", "Time since the server's start.", self.uptime_secs),
            ("process_cpu_seconds_total", "counter", "CPU time, user and system.", user + system),
            ("process_cpu_user_seconds_total", "counter", "CPU time in user mode.", user),
            ("process_cpu_system_seconds_total", "counter", "CPU time in the kernel.", system),
            (
                "process_resident_memory_bytes",
                "gauge",
                "Resident memory.",
                self.resident_bytes.map_or(f64::NAN, |bytes| bytes as f64),
            ),
        ]
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn route_summary(out: &mut String, name: &str, path: &str, r: &RouteSnapshot) -> fmt::Result {
    let quantiles = [
        ("0.5", r.p50_latency_us),
        ("0.95", r.p95_latency_us),
        ("0.99", r.p99_latency_us),
        ("0.999", r.p999_latency_us),
    ];
    for (quantile, us) in quantiles {
        writeln!(out, "{name}{{route=\"{path}\",quantile=\"{quantile}\"}} {}", us / 1e6)?;
    }
    writeln!(out, "{name}_sum{{route=\"{path}\"}} {}", r.latency_sum_ns as f64 / 1e9)?;
    writeln!(out, "{name}_count{{route=\"{path}\"}} {}", r.requests)
}
