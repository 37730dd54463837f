//! Whether measured rows can be true: Little's law, ordered percentiles, sums that add up.
//!
//! It takes any CSV with these columns, also somebody else's; a missing column limits which checks run, and the
//! verdict says so. A check that cannot run is never counted as passed.

use std::{fmt, path::Path};

use crate::row_csv::{self, CsvError, Record};

/// How far throughput × mean latency may be from the connections of a closed loop, as a share of them. The rest
/// is the time a connection spends in the client between an answer and the next request.
pub const LITTLES_LAW_TOLERANCE: f64 = 0.05;
const RATE_TOLERANCE: f64 = 0.01;
/// Percentiles are printed rounded and read from histogram buckets: equal ones may differ by this share.
const ORDER_SLACK: f64 = 0.002;

/// One of the things that must hold on a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Concurrency = throughput × mean latency (Little 1961), closed loop without think time.
    LittlesLaw,
    /// Minimum ≤ p50 ≤ p90 ≤ p95 ≤ p99 ≤ p99.9 ≤ maximum.
    PercentileOrder,
    /// The mean lies between minimum and maximum.
    MeanInRange,
    /// Successful + failed = total.
    RequestSum,
    /// The kinds of error add up to the failed requests.
    ErrorKinds,
    /// Requests a second = total requests ÷ duration.
    Rate,
    /// The slowest request is not longer than the measured time and a time-out of a minute.
    Plausible,
}

impl Check {
    /// All of them, in the order in which they run.
    pub const ALL: [Self; 7] = [
        Self::LittlesLaw,
        Self::PercentileOrder,
        Self::MeanInRange,
        Self::RequestSum,
        Self::ErrorKinds,
        Self::Rate,
        Self::Plausible,
    ];
}

impl fmt::Display for Check {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::LittlesLaw => "Little's law",
            Self::PercentileOrder => "percentile order",
            Self::MeanInRange => "mean in range",
            Self::RequestSum => "request sum",
            Self::ErrorKinds => "error kinds",
            Self::Rate => "rate",
            Self::Plausible => "plausible times",
        })
    }
}

/// What a check found on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Holds,
    /// It does not; says with which figures.
    Broken(String),
    /// It could not run; says why.
    NotRun(String),
}

/// The verdict on one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowVerdict {
    /// Line in the file, from 1; the header is line 1.
    pub line: u64,
    /// The scenario, or else what identifies the row.
    pub name: String,
    /// Each check with its outcome.
    pub outcomes: Vec<(Check, Outcome)>,
}

impl RowVerdict {
    /// No check is broken.
    pub fn is_sound(&self) -> bool {
        !self.outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::Broken(_)))
    }
}

/// The verdict on a file. `Display` prints it for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVerdict {
    /// One a data line.
    pub rows: Vec<RowVerdict>,
}

impl FileVerdict {
    /// No check is broken on any row.
    pub fn is_sound(&self) -> bool {
        self.rows.iter().all(RowVerdict::is_sound)
    }

    /// 0 when all rows are sound, 1 when one is not. (A file that cannot be read is an error: 2.)
    pub fn exit_code(&self) -> u8 {
        u8::from(!self.is_sound())
    }
}

impl fmt::Display for FileVerdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            let run =
                row.outcomes.iter().filter(|(_, outcome)| !matches!(outcome, Outcome::NotRun(_))).count();
            let word = if row.is_sound() { "sound " } else { "BROKEN" };
            writeln!(
                out,
                "{word} line {}, {} ({run} of {} checks ran)",
                row.line,
                row.name,
                Check::ALL.len()
            )?;
            for (check, outcome) in &row.outcomes {
                match outcome {
                    Outcome::Holds => {}
                    Outcome::Broken(reason) => writeln!(out, "    breaks {check}: {reason}")?,
                    Outcome::NotRun(reason) => writeln!(out, "    {check} not checked: {reason}")?,
                }
            }
        }
        let broken = self.rows.iter().filter(|row| !row.is_sound()).count();
        match broken {
            0 => writeln!(out, "all {} rows are sound", self.rows.len()),
            _ => writeln!(out, "{broken} of {} rows cannot be true", self.rows.len()),
        }
    }
}

/// Throughput (1/s) × mean latency (ms) ÷ connections: the mean number of requests in flight a connection, 1 in a
/// closed loop without think time (Little 1961). `None` when it cannot be formed.
pub fn littles_law_ratio(connections: u32, requests_per_second: f64, mean_latency_ms: f64) -> Option<f64> {
    let ratio = requests_per_second * mean_latency_ms / 1000.0 / f64::from(connections);
    (connections > 0 && ratio.is_finite()).then_some(ratio)
}

/// Whether such a ratio is within [`LITTLES_LAW_TOLERANCE`] of 1.
pub fn littles_law_holds(ratio: f64) -> bool {
    (ratio - 1.0).abs() <= LITTLES_LAW_TOLERANCE
}

/// Checks every row of a CSV file.
///
/// # Errors
/// When the file is unreadable, has no rows, or has none of the columns that a check needs on any row.
pub fn check_file(path: &Path) -> Result<FileVerdict, CsvError> {
    let rows = row_csv::read_records(path)?
        .iter()
        .map(check_record)
        .collect::<Result<Vec<RowVerdict>, CsvError>>()?;
    let ran =
        |row: &RowVerdict| row.outcomes.iter().any(|(_, outcome)| !matches!(outcome, Outcome::NotRun(_)));
    if !rows.iter().all(ran) {
        return Err(CsvError::NothingToCheck { path: path.to_owned() });
    }
    Ok(FileVerdict { rows })
}

fn check_record(record: &Record) -> Result<RowVerdict, CsvError> {
    let name = match (record.text("scenario"), record.text("endpoint"), record.text("concurrency")) {
        (Some(scenario), _, _) => scenario.to_owned(),
        (None, Some(endpoint), Some(connections)) => format!("{endpoint} at {connections} connections"),
        (None, Some(endpoint), None) => endpoint.to_owned(),
        (None, None, Some(connections)) => format!("{connections} connections"),
        (None, None, None) => "unnamed".to_owned(),
    };
    let outcome = |check| match check {
        Check::LittlesLaw => littles_law(record),
        Check::PercentileOrder => percentile_order(record),
        Check::MeanInRange => mean_in_range(record),
        Check::RequestSum => request_sum(record),
        Check::ErrorKinds => error_kinds(record),
        Check::Rate => rate(record),
        Check::Plausible => plausible(record),
    };
    let outcomes =
        Check::ALL.into_iter().map(|check| Ok((check, outcome(check)?))).collect::<Result<_, CsvError>>()?;
    Ok(RowVerdict { line: record.line(), name, outcomes })
}

/// The numbers of some columns, or the outcome that names those that are not there.
fn numbers<const N: usize>(
    record: &Record,
    columns: [&str; N],
) -> Result<Result<[f64; N], Outcome>, CsvError> {
    let mut values = [0.0; N];
    let mut missing = Vec::new();
    for (value, column) in values.iter_mut().zip(columns) {
        match record.number(column)? {
            Some(number) => *value = number,
            None => missing.push(format!("`{column}`")),
        }
    }
    if missing.is_empty() {
        return Ok(Ok(values));
    }
    Ok(Err(Outcome::NotRun(format!("no {}", missing.join(", ")))))
}

fn holds_or(holds: bool, reason: impl FnOnce() -> String) -> Outcome {
    if holds { Outcome::Holds } else { Outcome::Broken(reason()) }
}

fn littles_law(record: &Record) -> Result<Outcome, CsvError> {
    let [connections, rps, mean_ms] =
        match numbers(record, ["concurrency", "requests_per_second", "mean_latency_ms"])? {
            Ok(values) => values,
            Err(outcome) => return Ok(outcome),
        };
    if record.text("mode").is_some_and(|mode| mode != "closed") {
        return Ok(Outcome::NotRun("not a closed loop".to_owned()));
    }
    let in_flight = rps * mean_ms / 1000.0;
    Ok(holds_or(connections > 0.0 && littles_law_holds(in_flight / connections), || {
        format!(
            "{rps:.0} requests/s × {mean_ms:.3} ms means {in_flight:.0} requests in flight, not {connections:.0}; \
             at that rate the mean latency would be {:.2} ms",
            connections / rps.max(f64::MIN_POSITIVE) * 1000.0
        )
    }))
}

fn percentile_order(record: &Record) -> Result<Outcome, CsvError> {
    const ORDER: [&str; 7] = [
        "min_latency_ms",
        "p50_latency_ms",
        "p90_latency_ms",
        "p95_latency_ms",
        "p99_latency_ms",
        "p999_latency_ms",
        "max_latency_ms",
    ];
    let mut present = Vec::new();
    for column in ORDER {
        if let Some(value) = record.number(column)? {
            present.push((column, value));
        }
    }
    if present.len() < 2 {
        return Ok(Outcome::NotRun("fewer than two of minimum, percentiles, maximum".to_owned()));
    }
    let broken = present.windows(2).find(|pair| pair[0].1 > pair[1].1 * (1.0 + ORDER_SLACK));
    Ok(match broken {
        None => Outcome::Holds,
        Some(pair) => Outcome::Broken(format!("{} {} > {} {}", pair[0].0, pair[0].1, pair[1].0, pair[1].1)),
    })
}

fn mean_in_range(record: &Record) -> Result<Outcome, CsvError> {
    Ok(match numbers(record, ["min_latency_ms", "mean_latency_ms", "max_latency_ms"])? {
        Err(outcome) => outcome,
        Ok([min, mean, max]) => {
            let holds = min <= mean * (1.0 + ORDER_SLACK) && mean <= max * (1.0 + ORDER_SLACK);
            holds_or(holds, || format!("mean {mean} ms outside {min} to {max} ms"))
        }
    })
}

fn request_sum(record: &Record) -> Result<Outcome, CsvError> {
    Ok(match numbers(record, ["successful_requests", "failed_requests", "total_requests"])? {
        Err(outcome) => outcome,
        Ok([successful, failed, total]) => holds_or((successful + failed - total).abs() < 0.5, || {
            format!("{successful} successful + {failed} failed ≠ {total} in total")
        }),
    })
}

fn error_kinds(record: &Record) -> Result<Outcome, CsvError> {
    const KINDS: [&str; 7] = [
        "errors_connect",
        "errors_timeout",
        "errors_refused",
        "errors_4xx",
        "errors_5xx",
        "wrong_verdicts",
        "failed_requests",
    ];
    Ok(match numbers(record, KINDS)? {
        Err(outcome) => outcome,
        Ok([kinds @ .., failed]) => {
            let sum: f64 = kinds.iter().sum();
            holds_or((sum - failed).abs() < 0.5, || format!("the kinds of error sum to {sum}, not {failed}"))
        }
    })
}

fn rate(record: &Record) -> Result<Outcome, CsvError> {
    Ok(match numbers(record, ["total_requests", "duration_secs", "requests_per_second"])? {
        Err(outcome) => outcome,
        Ok([total, seconds, rps]) => {
            let expected = total / seconds;
            let holds = seconds > 0.0 && (rps - expected).abs() <= RATE_TOLERANCE * expected;
            holds_or(holds, || format!("{total} requests in {seconds} s are {expected:.0}/s, not {rps:.0}/s"))
        }
    })
}

fn plausible(record: &Record) -> Result<Outcome, CsvError> {
    Ok(match numbers(record, ["duration_secs", "max_latency_ms"])? {
        Err(outcome) => outcome,
        Ok([seconds, max_ms]) => holds_or(max_ms <= (seconds + 60.0) * 1000.0, || {
            format!("slowest request {max_ms} ms in a run of {seconds} s")
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, row_csv::to_csv};

    fn check(name: &str, text: &str) -> Result<FileVerdict, CsvError> {
        let path = std::env::temp_dir().join(format!("llm-shield-check-{}-{name}.csv", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let verdict = check_file(&path);
        std::fs::remove_file(&path).unwrap();
        verdict
    }

    #[test]
    fn sound_rows_pass_every_check() {
        let verdict = check("sound", &to_csv(&fixture::rows())).unwrap();
        assert_eq!(verdict.exit_code(), 0, "{verdict}");
        let closed = &verdict.rows[0];
        assert!(closed.outcomes.iter().all(|(_, outcome)| *outcome == Outcome::Holds), "{verdict}");
    }

    #[test]
    fn the_origins_headline_breaks_littles_law() {
        let text = "duration_secs,concurrency,requests_per_second,mean_latency_ms\n30,100,15500,1.885\n";
        let verdict = check("origin", text).unwrap();
        assert_eq!(verdict.exit_code(), 1);
        let printed = verdict.to_string();
        assert!(printed.contains("breaks Little's law"), "{printed}");
        assert!(printed.contains("29 requests in flight, not 100"), "{printed}");
        assert!(printed.contains("request sum not checked: no `successful_requests`"), "{printed}");
    }

    #[test]
    fn each_broken_figure_is_found_by_its_own_check() {
        let mut rows = vec![fixture::rows().remove(0); 6];
        rows[0].mean_latency_ms *= 1.06;
        rows[1].p95_latency_ms = rows[1].p99_latency_ms * 1.5;
        rows[2].successful_requests -= 5;
        rows[3].failed_requests += 5;
        rows[3].total_requests += 5;
        rows[4].requests_per_second *= 1.02;
        rows[5].max_latency_ms = 500_000.0;
        let verdict = check("each", &to_csv(&rows)).unwrap();
        let broken: Vec<Vec<Check>> = verdict
            .rows
            .iter()
            .map(|row| {
                let broken = row.outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Broken(_)));
                broken.map(|&(check, _)| check).collect()
            })
            .collect();
        let expected = [
            vec![Check::LittlesLaw],
            vec![Check::PercentileOrder],
            vec![Check::RequestSum],
            vec![Check::ErrorKinds],
            vec![Check::Rate],
            vec![Check::Plausible],
        ];
        assert_eq!(broken, expected, "{verdict}");
    }

    #[test]
    fn a_file_without_usable_columns_is_an_error_and_no_pass() {
        assert!(matches!(check("alien", "a,b\n1,2\n"), Err(CsvError::NothingToCheck { .. })));
        let open = "mode,concurrency,requests_per_second,mean_latency_ms\nopen,100,15500,1.885\n";
        assert!(matches!(check("open", open), Err(CsvError::NothingToCheck { .. })));
        let bad = "concurrency,requests_per_second,mean_latency_ms\n100,fast,1.885\n";
        assert!(check("bad", bad).unwrap_err().to_string().contains("line 2, column `requests_per_second`"));
    }
}
