//! Verdicts on claims from rows.
//!
//! With two repeats or more the 95 % interval (Student's t) decides: wholly on the true side PASS, wholly on the
//! false side FAIL, else UNPROVEN. One repeat shows no spread: then only a margin of [`SINGLE_RUN_MARGIN`] decides.
//! Counts are exact. Shares of requests have Wilson's interval. A row that breaks Little's law proves nothing
//! about speed; a row in which the client had no CPU left cannot refute speed, as it measured the client.

use super::{Claim, Metric, State, Verdict, WhenMissing};
use crate::{
    row::Row,
    statistics::{Interval, median, t_interval, wilson_interval},
};

/// How far a single run must be from the threshold to decide a claim, as a share of the threshold.
pub const SINGLE_RUN_MARGIN: f64 = 0.10;

/// The verdict on every claim.
pub fn evaluate(claims: &[Claim], rows: &[Row]) -> Vec<Verdict> {
    claims.iter().map(|claim| evaluate_one(claim, rows)).collect()
}

fn evaluate_one(claim: &Claim, rows: &[Row]) -> Verdict {
    let chosen = select(rows, &claim.scenario);
    if chosen.is_empty() {
        return without_rows(claim, format!("no row of `{}`", claim.scenario));
    }
    match (&claim.baseline, claim.metric) {
        (Some(baseline), _) => ratio(claim, &chosen, &select(rows, baseline)),
        (None, Metric::ErrorShare) => share(claim, &chosen),
        (None, Metric::WrongVerdicts | Metric::InvalidRows | Metric::ClientBoundRows) => {
            count(claim, &chosen)
        }
        (None, _) => repeats(claim, &chosen),
    }
}

fn select<'a>(rows: &'a [Row], scenario: &str) -> Vec<&'a Row> {
    // `*` stands for all of our rows: a peer that is too slow for its window breaks no claim of ours.
    let is_ours = |row: &Row| !row.scenario.starts_with("peer_");
    rows.iter().filter(|row| row.scenario == scenario || scenario == "*" && is_ours(row)).collect()
}

/// The metric of one row; `None` when the row does not know it.
fn metric_of(metric: Metric, row: &Row) -> Option<f64> {
    let value = match metric {
        Metric::RequestsPerSecond => row.requests_per_second,
        Metric::MeanLatencyMs => row.mean_latency_ms,
        Metric::P50LatencyMs => row.p50_latency_ms,
        Metric::P95LatencyMs => row.p95_latency_ms,
        Metric::P99LatencyMs => row.p99_latency_ms,
        Metric::ErrorShare => row.failed_requests as f64 / row.total_requests as f64,
        Metric::Connections => f64::from(row.concurrency),
        Metric::ServerCpuUs => row.server_cpu_user_us? + row.server_cpu_system_us?,
        Metric::WrongVerdicts => row.wrong_verdicts as f64,
        Metric::InvalidRows => f64::from(u8::from(!row.valid)),
        Metric::ClientBoundRows => f64::from(u8::from(row.client_bound)),
    };
    value.is_finite().then_some(value)
}

fn is_timing(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::RequestsPerSecond
            | Metric::MeanLatencyMs
            | Metric::P50LatencyMs
            | Metric::P95LatencyMs
            | Metric::P99LatencyMs
    )
}

fn without_rows(claim: &Claim, reason: String) -> Verdict {
    let state = match claim.when_missing {
        WhenMissing::Unproven => State::Unproven,
        WhenMissing::NotMeasured => State::NotMeasured,
    };
    Verdict { claim: claim.clone(), state, value: None, interval: None, values: Vec::new(), reason }
}

fn count(claim: &Claim, rows: &[&Row]) -> Verdict {
    let values: Vec<f64> = rows.iter().filter_map(|row| metric_of(claim.metric, row)).collect();
    let total: f64 = values.iter().sum();
    let holds = claim.comparison.holds(total, claim.threshold);
    Verdict {
        claim: claim.clone(),
        state: if holds { State::Pass } else { State::Fail },
        value: Some(total),
        interval: None,
        reason: format!("counted over {} rows", rows.len()),
        values,
    }
}

fn share(claim: &Claim, rows: &[&Row]) -> Verdict {
    let failed: u64 = rows.iter().map(|row| row.failed_requests).sum();
    let total: u64 = rows.iter().map(|row| row.total_requests).sum();
    let Some(interval) = wilson_interval(failed, total) else {
        return without_rows(claim, "no requests".to_owned());
    };
    Verdict {
        claim: claim.clone(),
        state: by_interval(claim, interval),
        value: Some(failed as f64 / total as f64),
        interval: Some(interval),
        values: rows.iter().filter_map(|row| metric_of(claim.metric, row)).collect(),
        reason: format!("{failed} of {total} requests, Wilson interval"),
    }
}

fn repeats(claim: &Claim, rows: &[&Row]) -> Verdict {
    let values: Vec<f64> = rows.iter().filter_map(|row| metric_of(claim.metric, row)).collect();
    decide(claim, values, rows)
}

fn ratio(claim: &Claim, rows: &[&Row], baseline: &[&Row]) -> Verdict {
    let mut used: Vec<&Row> = Vec::new();
    let mut values = Vec::new();
    for row in rows {
        // Only the same repeat saw the same machine.
        let Some(partner) = baseline.iter().find(|other| other.repeat == row.repeat) else { continue };
        let pair = metric_of(claim.metric, row).zip(metric_of(claim.metric, partner));
        if let Some((above, below)) = pair
            && below > 0.0
        {
            values.push(above / below);
            used.extend([*row, *partner]);
        }
    }
    if values.is_empty() {
        let name = claim.baseline.as_deref().unwrap_or_default();
        return without_rows(
            claim,
            format!("no repeat of `{}` and `{name}` that both have it", claim.scenario),
        );
    }
    decide(claim, values, &used)
}

fn decide(claim: &Claim, values: Vec<f64>, rows: &[&Row]) -> Verdict {
    let Some(value) = median(&values) else {
        return without_rows(claim, "the rows do not hold this metric".to_owned());
    };
    let interval = t_interval(&values);
    let (mut state, mut reason) = match (claim.metric, interval) {
        (Metric::Connections, _) => {
            let holds = claim.comparison.holds(value, claim.threshold);
            (if holds { State::Pass } else { State::Fail }, "as set and held".to_owned())
        }
        (_, Some(interval)) => (by_interval(claim, interval), "t interval over the repeats".to_owned()),
        (_, None) => by_margin(claim, value),
    };
    let answered = rows.iter().any(|row| row.successful_requests > 0);
    if is_timing(claim.metric) || claim.metric == Metric::Connections {
        if state == State::Pass && (!answered || rows.iter().any(|row| !row.valid)) {
            state = State::Unproven;
            "a row is not valid, so it proves nothing".clone_into(&mut reason);
        }
        if state == State::Fail && rows.iter().any(|row| row.client_bound) {
            state = State::Unproven;
            "the client had no CPU left: its limit was measured, not the server's".clone_into(&mut reason);
        }
    }
    Verdict { claim: claim.clone(), state, value: Some(value), interval, values, reason }
}

fn by_interval(claim: &Claim, interval: Interval) -> State {
    let low = claim.comparison.holds(interval.low, claim.threshold);
    let high = claim.comparison.holds(interval.high, claim.threshold);
    match (low, high) {
        (true, true) => State::Pass,
        (false, false) => State::Fail,
        _ => State::Unproven,
    }
}

fn by_margin(claim: &Claim, value: f64) -> (State, String) {
    let margin = (value - claim.threshold).abs() / claim.threshold.abs().max(f64::MIN_POSITIVE);
    let percent = SINGLE_RUN_MARGIN * 100.0;
    if margin < SINGLE_RUN_MARGIN {
        return (
            State::Unproven,
            format!("one run shows no spread and is within {percent:.0} % of the threshold"),
        );
    }
    let holds = claim.comparison.holds(value, claim.threshold);
    (
        if holds { State::Pass } else { State::Fail },
        format!("one run, more than {percent:.0} % from the threshold"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        claims::{Comparison, built_in, exit_code},
        fixture,
    };

    fn claim(metric: Metric, scenario: &str, comparison: Comparison, threshold: f64) -> Claim {
        let when_missing = WhenMissing::Unproven;
        let (id, source) = ("test".to_owned(), "test".to_owned());
        Claim {
            id,
            source,
            metric,
            scenario: scenario.to_owned(),
            baseline: None,
            comparison,
            threshold,
            when_missing,
        }
    }

    #[test]
    fn repeats_decide_by_their_interval() {
        let rows = fixture::rows();
        let rps = |scenario: &str, threshold| {
            claim(Metric::RequestsPerSecond, scenario, Comparison::Greater, threshold)
        };
        for (claim, expected) in [
            (rps("scan_c100", 15_500.0), State::Pass),
            (rps("scan_c100", 49_100.0), State::Unproven),
            (rps("scan_c100", 60_000.0), State::Fail),
            (rps("absent_c100", 1.0), State::Unproven),
            (claim(Metric::P50LatencyMs, "scan_c100", Comparison::Less, 1.95), State::Unproven),
            (claim(Metric::P50LatencyMs, "scan_c100", Comparison::Less, 20.0), State::Pass),
            (claim(Metric::ErrorShare, "scan_c500", Comparison::Less, 0.01), State::Pass),
            (claim(Metric::WrongVerdicts, "*", Comparison::AtMost, 0.0), State::Pass),
            (claim(Metric::ServerCpuUs, "scan_c100", Comparison::AtMost, 12.0), State::Fail),
        ] {
            let verdict = evaluate_one(&claim, &rows);
            assert_eq!(verdict.state, expected, "{verdict:?}");
        }
    }

    #[test]
    fn one_run_needs_a_margin() {
        let rows: Vec<Row> = fixture::rows().into_iter().filter(|row| row.repeat == 2).collect();
        for (threshold, expected) in [
            (40_000.0, State::Pass),
            (46_000.0, State::Unproven),
            (50_000.0, State::Unproven),
            (60_000.0, State::Fail),
        ] {
            let claim = claim(Metric::RequestsPerSecond, "scan_c100", Comparison::Greater, threshold);
            assert_eq!(evaluate_one(&claim, &rows).state, expected, "{threshold}");
        }
    }

    #[test]
    fn ratios_pair_the_same_repeat() {
        let mut claim = claim(Metric::ServerCpuUs, "scan_c100", Comparison::AtMost, 1.25);
        claim.baseline = Some("echo_c100".to_owned());
        let verdict = evaluate_one(&claim, &fixture::rows());
        assert_eq!((verdict.state, verdict.values.len()), (State::Pass, 3), "{verdict:?}");
        assert!((verdict.value.unwrap() - 12.5 / 11.0).abs() < 1e-12);
        let scan_only: Vec<Row> =
            fixture::rows().into_iter().filter(|row| row.scenario == "scan_c100").collect();
        assert_eq!(evaluate_one(&claim, &scan_only).state, State::Unproven);
        claim.when_missing = WhenMissing::NotMeasured;
        assert_eq!(evaluate_one(&claim, &scan_only).state, State::NotMeasured);
    }

    #[test]
    fn invalid_rows_prove_nothing_and_client_bound_rows_refute_nothing() {
        let mut rows = fixture::rows();
        for row in &mut rows {
            (row.valid, row.client_bound) = (false, true);
        }
        for threshold in [15_500.0, 60_000.0] {
            let claim = claim(Metric::RequestsPerSecond, "scan_c100", Comparison::Greater, threshold);
            assert_eq!(evaluate_one(&claim, &rows).state, State::Unproven);
        }
        let invalid = claim(Metric::InvalidRows, "*", Comparison::AtMost, 0.0);
        assert_eq!(evaluate_one(&invalid, &rows).state, State::Fail);
    }

    #[test]
    fn built_in_claims_on_the_fixture() {
        let verdicts = evaluate(&built_in().unwrap(), &fixture::rows());
        let failed: Vec<&str> =
            verdicts.iter().filter(|v| v.state == State::Fail).map(|v| v.claim.id.as_str()).collect();
        assert!(failed.is_empty(), "{failed:?}");
        assert_eq!(exit_code(&verdicts), 0);
        let peers = verdicts.iter().filter(|verdict| verdict.state == State::NotMeasured).count();
        assert_eq!(peers, 3);
    }
}
