//! Makes the row of a finished scenario out of what its threads counted.

use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::worker::Part;
use super::{CLIENT_BOUND_SHARE, LoadMode, Reading, Scenario, ScenarioOutcome};
use crate::accounting::Usage;
use crate::ledger::{Ledger, Outcome};
use crate::row::Row;

/// How far a closed loop may be from Little's law.
const LITTLES_LAW_TOLERANCE: f64 = 0.05;

pub(super) fn outcome(
    scenario: &Scenario,
    window_ns: &Range<u64>,
    parts: &[Part],
    reading: &Reading,
    timestamp: String,
) -> ScenarioOutcome {
    let mut ledger = Ledger::new(window_ns.clone());
    for part in parts {
        ledger.merge(&part.ledger);
    }
    let window = Duration::from_nanos(reading.end_ns.saturating_sub(window_ns.start)).as_secs_f64();
    let cpu_s = parts.iter().map(|part| part.cpu_ns).sum::<u64>() as f64 / 1e9;
    let available = scenario.client_cores.as_ref().map_or(parts.len(), |cores| cores.len().min(parts.len()));
    let cpu_share = per(cpu_s, window * available.max(1) as f64).clamp(0.0, 1.0);
    let little = match scenario.mode {
        LoadMode::Closed => {
            let answers_per_s = per(ledger.answers() as f64, window);
            Some(answers_per_s * ledger.mean_ms() / 1e3 / f64::from(scenario.connections))
        }
        LoadMode::Open { .. } => None,
    };
    let row = row(scenario, &ledger, reading, Figures { window, cpu_share, little, timestamp });
    let notes = notes(&row, parts, reading);
    ScenarioOutcome { row, ledger, interrupted: reading.interrupted, notes }
}

/// 0 for a run that was stopped in its warm-up and so has no window.
fn per(amount: f64, window: f64) -> f64 {
    if window > 0.0 { amount / window } else { 0.0 }
}

struct Figures {
    window: f64,
    cpu_share: f64,
    little: Option<f64>,
    timestamp: String,
}

fn row(scenario: &Scenario, ledger: &Ledger, reading: &Reading, figures: Figures) -> Row {
    let (mode, offered_rps) = match scenario.mode {
        LoadMode::Closed => ("closed", None),
        LoadMode::Open { rate_per_s, .. } => ("open", Some(rate_per_s)),
    };
    let right = ledger.count(Outcome::Right);
    let each = |part: fn(&Usage) -> u64| {
        let (first, second) = reading.usage?;
        let used = part(&second).checked_sub(part(&first))?;
        (reading.requests_between > 0).then(|| used as f64 / reading.requests_between as f64)
    };
    let lawful = figures.little.is_none_or(|ratio| (ratio - 1.0).abs() <= LITTLES_LAW_TOLERANCE);
    Row {
        endpoint: scenario.target.url(),
        duration_secs: figures.window,
        concurrency: scenario.connections,
        total_requests: ledger.total(),
        successful_requests: right,
        failed_requests: ledger.total() - right,
        requests_per_second: per(ledger.total() as f64, figures.window),
        mean_latency_ms: ledger.mean_ms(),
        p50_latency_ms: ledger.percentile_ms(50.0),
        p95_latency_ms: ledger.percentile_ms(95.0),
        p99_latency_ms: ledger.percentile_ms(99.0),
        min_latency_ms: ledger.min_ms(),
        max_latency_ms: ledger.max_ms(),
        timestamp: figures.timestamp,
        scenario: scenario.name.clone(),
        mode: mode.to_owned(),
        workload: scenario.workload.name.clone(),
        repeat: scenario.repeat,
        offered_rps,
        p90_latency_ms: ledger.percentile_ms(90.0),
        p999_latency_ms: ledger.percentile_ms(99.9),
        errors_connect: ledger.count(Outcome::Broken),
        errors_timeout: ledger.count(Outcome::TimedOut),
        errors_refused: ledger.count(Outcome::Refused),
        errors_4xx: ledger.count(Outcome::ClientError),
        errors_5xx: ledger.count(Outcome::ServerError),
        wrong_verdicts: ledger.count(Outcome::WrongVerdict),
        client_cpu_share: figures.cpu_share,
        client_bound: figures.cpu_share > CLIENT_BOUND_SHARE,
        server_cpu_user_us: each(|usage| usage.cpu_user_us),
        server_cpu_system_us: each(|usage| usage.cpu_system_us),
        server_rss_bytes: reading.usage.map(|(_, second)| second.resident_bytes),
        littles_law_ratio: figures.little,
        valid: lawful && ledger.answers() > 0,
    }
}

fn notes(row: &Row, parts: &[Part], reading: &Reading) -> Vec<String> {
    let mut notes = Vec::new();
    if reading.interrupted {
        notes.push(format!("stopped early: {:.1} s were measured", row.duration_secs));
    }
    let closed: u64 = parts.iter().map(|part| part.closed).sum();
    if closed > 0 {
        notes.push(format!("{closed} connections gave up after failing too often in a row"));
    }
    let unanswered: u64 = parts.iter().map(|part| part.unanswered).sum();
    if row.offered_rps.is_some_and(|rate| row.requests_per_second < 0.95 * rate) {
        notes.push(format!(
            "the server fell behind the schedule: {unanswered} arrivals had no answer at the end"
        ));
    }
    if row.client_bound {
        notes.push("the client had no CPU left: this row measures the client".to_owned());
    }
    if !row.valid {
        notes.push("breaks Little's law or has no answers: do not believe this row".to_owned());
    }
    notes
}

/// `2026-01-31T23:59:59Z`. Civil date from days by Howard Hinnant's algorithm.
pub(super) fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, rest) = ((seconds / 86_400).cast_signed(), seconds % 86_400);
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        let check =
            |seconds, expected| assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_399, "2000-02-28T23:59:59Z");
        check(951_782_400, "2000-02-29T00:00:00Z");
        check(1_798_761_599, "2026-12-31T23:59:59Z");
    }
}
