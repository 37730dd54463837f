//! Rows grouped by scenario, with medians and intervals over the repeats.

use crate::{
    row::Row,
    statistics::{Interval, median, t_interval},
};

/// The repeats of one scenario.
#[derive(Debug, Clone)]
pub struct Scenario<'a> {
    /// Its name, for example `scan_c100`.
    pub name: &'a str,
    /// The name without its connections, for example `scan`.
    pub kind: &'a str,
    /// Connections.
    pub concurrency: u32,
    /// The rows, one a repeat.
    pub rows: Vec<&'a Row>,
}

impl Scenario<'_> {
    /// Median over the repeats; `None` when no row knows it.
    pub fn median(&self, metric: impl Fn(&Row) -> f64) -> Option<f64> {
        median(&self.values(metric))
    }

    /// 95 % t interval over the repeats; `None` for one.
    pub fn interval(&self, metric: impl Fn(&Row) -> f64) -> Option<Interval> {
        t_interval(&self.values(metric))
    }

    /// Requests of all repeats together.
    pub fn total_requests(&self) -> u64 {
        self.rows.iter().map(|row| row.total_requests).sum()
    }

    /// Answered as they should be, all repeats together.
    pub fn successful_requests(&self) -> u64 {
        self.rows.iter().map(|row| row.successful_requests).sum()
    }

    /// Failed ÷ all, all repeats together; `None` without requests.
    pub fn error_share(&self) -> Option<f64> {
        let failed: u64 = self.rows.iter().map(|row| row.failed_requests).sum();
        (self.total_requests() > 0).then(|| failed as f64 / self.total_requests() as f64)
    }

    /// Whether it was a closed loop.
    pub fn is_closed(&self) -> bool {
        self.rows.iter().all(|row| row.mode == "closed")
    }

    /// Median server CPU a request, microseconds; `None` when the server did not tell.
    pub fn server_cpu_us(&self) -> Option<f64> {
        self.median(|row| server_cpu_us(row).unwrap_or(f64::NAN))
    }

    fn values(&self, metric: impl Fn(&Row) -> f64) -> Vec<f64> {
        self.rows.iter().map(|row| metric(row)).filter(|value| value.is_finite()).collect()
    }
}

/// User and kernel CPU of the server a request, microseconds.
pub fn server_cpu_us(row: &Row) -> Option<f64> {
    Some(row.server_cpu_user_us? + row.server_cpu_system_us?)
}

/// All scenarios in the order in which they first stand in the rows.
pub fn scenarios(rows: &[Row]) -> Vec<Scenario<'_>> {
    let mut scenarios: Vec<Scenario<'_>> = Vec::new();
    for row in rows {
        match scenarios.iter_mut().find(|scenario| scenario.name == row.scenario) {
            Some(scenario) => scenario.rows.push(row),
            None => scenarios.push(Scenario {
                name: &row.scenario,
                kind: kind_of(&row.scenario),
                concurrency: row.concurrency,
                rows: vec![row],
            }),
        }
    }
    scenarios
}

/// Closed-loop scenarios of one kind, by connections.
pub fn closed_of_kind<'a, 'b>(scenarios: &'b [Scenario<'a>], kind: &str) -> Vec<&'b Scenario<'a>> {
    let mut chosen: Vec<_> =
        scenarios.iter().filter(|scenario| scenario.kind == kind && scenario.is_closed()).collect();
    chosen.sort_by_key(|scenario| scenario.concurrency);
    chosen
}

fn kind_of(name: &str) -> &str {
    match name.rsplit_once("_c") {
        Some((kind, count)) if !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()) => kind,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn rows_are_grouped_and_summarised() {
        let rows = fixture::rows();
        let scenarios = scenarios(&rows);
        assert_eq!(scenarios.len(), 10);
        let scan = closed_of_kind(&scenarios, "scan");
        assert_eq!(scan.iter().map(|scenario| scenario.concurrency).collect::<Vec<_>>(), [10, 50, 100, 500]);
        assert_eq!(scan[2].median(|row| row.requests_per_second), Some(49_000.0));
        assert_eq!(scan[2].server_cpu_us(), Some(12.5));
        assert_eq!(scan[2].error_share(), Some(0.0));
        for (name, kind) in
            [("peer_secrets_w1_quiet_c100", "peer_secrets_w1_quiet"), ("scan_open_5", "scan_open_5")]
        {
            assert_eq!(kind_of(name), kind);
        }
    }
}
