//! The same load by `wrk`, to show that the load tester's figures are not its own invention.
//!
//! Both drive the same server with one fixed body, the same connections and threads, one after the other.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::client::{LoadMode, RunError, Scenario, ScenarioOutcome, run_scenario};

/// What `wrk` printed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WrkResult {
    /// Requests a second.
    pub requests_per_second: f64,
    /// Median, milliseconds.
    pub p50_ms: f64,
    /// 90th percentile, milliseconds.
    pub p90_ms: f64,
    /// 99th percentile, milliseconds.
    pub p99_ms: f64,
    /// Answers outside 2xx and 3xx, and socket errors.
    pub errors: u64,
    /// CPU of the wrk process, user and kernel, microseconds a request; its own start included.
    pub client_cpu_us: f64,
}

/// Both results for one server.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Ours.
    pub ours: ScenarioOutcome,
    /// Our CPU, microseconds a request.
    pub our_client_cpu_us: f64,
    /// Theirs.
    pub wrk: WrkResult,
}

/// Why there is no comparison.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WrkError {
    /// Not on PATH.
    #[error("wrk is not installed (Debian package: wrk)")]
    NotInstalled,
    /// It could not run or ended with an error.
    #[error("wrk failed: {0}")]
    Failed(String),
    /// Its output is not as expected.
    #[error("wrk's output has no {0}")]
    Output(&'static str),
    /// Our own run failed.
    #[error(transparent)]
    Ours(#[from] RunError),
    /// Files or processes.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Runs ours, then `wrk`, with the first text of the scenario's workload as the fixed body. `stop` ends our part.
pub fn compare_with_wrk(scenario: &Scenario, stop: &AtomicBool) -> Result<Comparison, WrkError> {
    if Command::new("wrk").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        return Err(WrkError::NotInstalled);
    }
    let mut fixed = scenario.clone();
    let mut workload = (*fixed.workload).clone();
    workload.entries.truncate(1);
    fixed.workload = workload.into();
    fixed.mode = LoadMode::Closed;
    let ours = run_scenario(&fixed, stop, |_| {})?;
    let threads = fixed.threads.clamp(1, fixed.connections as usize) as f64;
    let available = fixed.client_cores.as_ref().map_or(threads, |cores| threads.min(cores.len() as f64));
    let cpu_us = ours.row.client_cpu_share * ours.row.duration_secs * available * 1e6;
    let our_client_cpu_us = cpu_us / ours.row.total_requests.max(1) as f64;
    Ok(Comparison { our_client_cpu_us, wrk: run_wrk(&fixed)?, ours })
}

fn run_wrk(scenario: &Scenario) -> Result<WrkResult, WrkError> {
    let text = scenario.workload.entries.first().map_or("", |entry| entry.text.as_str());
    let body = serde_json::json!({ "text": text }).to_string();
    let directory = std::env::temp_dir().join(format!("llm-shield-wrk-{}", std::process::id()));
    fs::create_dir_all(&directory)?;
    let script = directory.join("post.lua");
    let lua = format!(
        "wrk.method = \"POST\"\nwrk.body = {}\nwrk.headers[\"Content-Type\"] = \"application/json\"\n",
        lua_string(&body)
    );
    let result = fs::write(&script, lua).map_err(WrkError::from).and_then(|()| {
        let seconds = Duration::from_secs(1).max(scenario.measured).as_secs();
        // Through taskset when pinned: wrk then has the cores that ours had.
        let mut command = match &scenario.client_cores {
            Some(cores) => {
                let list: Vec<String> = cores.iter().map(ToString::to_string).collect();
                let mut command = Command::new("taskset");
                command.args(["-c", &list.join(","), "wrk"]);
                command
            }
            None => Command::new("wrk"),
        };
        command
            .arg("--latency")
            .arg(format!("-t{}", scenario.threads.clamp(1, scenario.connections as usize)));
        command.arg(format!("-c{}", scenario.connections)).arg(format!("-d{seconds}s"));
        command.arg("-s").arg(&script).arg(scenario.target.url()).stdin(Stdio::null());
        let before = children_cpu_us();
        let output = command.output()?;
        let cpu_us = children_cpu_us() - before;
        if !output.status.success() {
            return Err(WrkError::Failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        parse(&String::from_utf8_lossy(&output.stdout), cpu_us)
    });
    // A leftover script harms nobody; the result matters.
    let _ = fs::remove_dir_all(&directory);
    result
}

/// CPU of all children that were waited for.
fn children_cpu_us() -> f64 {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(0.0, |usage| {
        (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64
    })
}

/// A Lua string literal: every byte that is not plain is written by its number.
fn lua_string(text: &str) -> String {
    let digit = |value: u8| char::from(b'0' + value);
    let mut literal = String::from("\"");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b" .,:;{}()!?-_/".contains(&byte) {
            literal.push(char::from(byte));
        } else {
            literal.extend(['\\', digit(byte / 100), digit(byte / 10 % 10), digit(byte % 10)]);
        }
    }
    literal.push('"');
    literal
}

fn parse(output: &str, cpu_us: f64) -> Result<WrkResult, WrkError> {
    let value = |label: &'static str| -> Option<&str> {
        output.lines().find_map(|line| line.trim_start().strip_prefix(label)).map(str::trim)
    };
    let percentile = |label: &'static str| value(label).and_then(milliseconds).ok_or(WrkError::Output(label));
    let rate =
        value("Requests/sec:").and_then(|text| text.parse().ok()).ok_or(WrkError::Output("Requests/sec"))?;
    let total = output.lines().find(|line| line.contains(" requests in "));
    let total: f64 = total
        .and_then(|line| line.split_ascii_whitespace().next()?.parse().ok())
        .ok_or(WrkError::Output("total of requests"))?;
    let wrong_status =
        value("Non-2xx or 3xx responses:").and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let socket: u64 = value("Socket errors:").map_or(0, |text| {
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<u64>().ok()).sum()
    });
    Ok(WrkResult {
        requests_per_second: rate,
        p50_ms: percentile("50%")?,
        p90_ms: percentile("90%")?,
        p99_ms: percentile("99%")?,
        errors: wrong_status + socket,
        client_cpu_us: cpu_us / total.max(1.0),
    })
}

fn milliseconds(text: &str) -> Option<f64> {
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit_at);
    let scale = match unit {
        "us" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        "m" => 6e4,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "Running 2s test @ http://127.0.0.1:1/
  1 threads and 10 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   115.61us  104.74us   5.33ms   98.16%
    Req/Sec    87.94k     6.17k   97.31k    80.95%
  Latency Distribution
     50%  108.00us
     75%  122.00us
     90%    1.50ms
     99%    1.20s
  183713 requests in 2.10s, 22.08MB read
  Socket errors: connect 1, read 2, write 0, timeout 4
  Non-2xx or 3xx responses: 5
Requests/sec:  87486.24
Transfer/sec:     10.51MB
";

    #[test]
    fn output_is_read() {
        let result = parse(OUTPUT, 183_713.0).unwrap();
        let expected = WrkResult {
            requests_per_second: 87_486.24,
            p50_ms: 0.108,
            p90_ms: 1.5,
            p99_ms: 1_200.0,
            errors: 12,
            client_cpu_us: 1.0,
        };
        assert_eq!(result, expected);
        assert!(parse("", 0.0).is_err());
    }

    #[test]
    fn bodies_survive_as_lua() {
        assert_eq!(lua_string("{\"a\\\u{e9}\"}"), "\"{\\034a\\092\\195\\169\\034}\"");
    }
}
