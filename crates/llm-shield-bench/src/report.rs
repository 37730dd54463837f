//! Reports made from rows: Markdown, one screen of text, one self-contained HTML page, the server's metrics as JSON.
//!
//! Nothing here is typed in: every figure comes from a row, from [`RunInfo`] or from a model fitted to the rows.
//! [`write_all`] may be called after each scenario; it replaces its files whole, so a crash leaves the last state.

pub mod document;
mod sections;

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    chart::{self, Chart, ChartError},
    claims::{self, Claim, Verdict},
    machine::{RunInfo, RunKind},
    model::{ModelError, queue, usl},
    row::Row,
    row_csv,
    summary::{Scenario, closed_of_kind, scenarios},
};

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file could not be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A chart could not be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The run's description could not be encoded.
    #[error("could not encode as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Simulated figures may not stand where measured ones live.
    #[error("{}: simulated results go only into a directory named `simulated`", path.display())]
    SimulatedPlace {
        /// The directory.
        path: PathBuf,
    },
}

/// Everything that is derived from the rows, once.
pub(crate) struct Analysis<'a> {
    pub(crate) rows: &'a [Row],
    pub(crate) info: &'a RunInfo,
    pub(crate) scenarios: Vec<Scenario<'a>>,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) usl: Result<usl::UslFit, ModelError>,
    pub(crate) queue: Result<queue::QueueFit, ModelError>,
    pub(crate) charts: Vec<Chart>,
}

/// A peer's CPU a request over ours in the same run.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerRatio {
    /// The peer's scenario.
    pub name: String,
    /// Our scenario.
    pub ours: String,
    /// Median server CPU of the peer ÷ median of ours.
    pub ratio: f64,
}

/// Peers are scenarios named `peer_<what>_<workers>_<logging>_c<n>`; `ban_substrings` is our `/scan`.
pub fn peer_ratios(scenarios: &[Scenario<'_>]) -> Vec<PeerRatio> {
    let ratio = |peer: &Scenario<'_>| {
        let what = peer.kind.strip_prefix("peer_")?;
        let ours = match what {
            _ if what.starts_with("ban_substrings") => "scan",
            _ if what.starts_with("secrets") => "secrets",
            _ if what.starts_with("pipeline") => "pipeline",
            _ => return None,
        };
        let ours = scenarios.iter().find(|s| s.kind == ours && s.concurrency == peer.concurrency)?;
        let ratio = peer.server_cpu_us()? / ours.server_cpu_us()?;
        ratio.is_finite().then(|| PeerRatio { name: peer.kind.to_owned(), ours: ours.name.to_owned(), ratio })
    };
    scenarios.iter().filter_map(ratio).collect()
}

/// Fits the scalability law to the closed-loop rows of `/scan`.
pub fn fit_scan(rows: &[Row]) -> Result<usl::UslFit, ModelError> {
    let all = scenarios(rows);
    let points: Vec<usl::Point> = closed_of_kind(&all, "scan")
        .into_iter()
        .flat_map(|scenario| &scenario.rows)
        .map(|row| usl::Point {
            connections: f64::from(row.concurrency),
            requests_per_second: row.requests_per_second,
        })
        .collect();
    usl::fit(&points)
}

fn fit_queue(rows: &[Row], servers: usize) -> Result<queue::QueueFit, ModelError> {
    let open = rows.iter().filter(|row| row.mode == "open" && row.scenario.starts_with("scan"));
    let points: Vec<queue::Point> = open
        .filter_map(|row| {
            Some(queue::Point { requests_per_second: row.offered_rps?, mean_latency_ms: row.mean_latency_ms })
        })
        .collect();
    queue::fit(&points, u32::try_from(servers).unwrap_or(u32::MAX))
}

fn analyse<'a>(rows: &'a [Row], info: &'a RunInfo, claims: &[Claim]) -> Result<Analysis<'a>, ReportError> {
    let scenarios = scenarios(rows);
    let usl = fit_scan(rows);
    let charts = chart::charts(&scenarios, usl.as_ref().ok(), info.kind)?;
    let queue = fit_queue(rows, info.machine.cores);
    Ok(Analysis {
        rows,
        info,
        scenarios,
        verdicts: claims::evaluate::evaluate(claims, rows),
        usl,
        queue,
        charts,
    })
}

/// Writes all reports into a directory and returns the verdicts on the claims.
///
/// Files: `THROUGHPUT_ANALYSIS_REPORT.md`, `THROUGHPUT_SUMMARY.txt`, `report.html`, `run_info.json`, `charts/*.svg`,
/// and `rust/server_metrics.json` when the server told its metrics. The CSV is the caller's.
///
/// # Errors
/// When a file cannot be written, or simulated rows would land outside a directory named `simulated`.
pub fn write_all(
    directory: &Path,
    rows: &[Row],
    info: &RunInfo,
    claims: &[Claim],
) -> Result<Vec<Verdict>, ReportError> {
    let is_simulated_place = directory.components().any(|part| part.as_os_str() == "simulated");
    if info.kind == RunKind::Simulated && !is_simulated_place {
        return Err(ReportError::SimulatedPlace { path: directory.to_owned() });
    }
    let analysis = analyse(rows, info, claims)?;
    let document = sections::document(&analysis);
    replace(&directory.join("THROUGHPUT_ANALYSIS_REPORT.md"), &document.to_markdown())?;
    replace(&directory.join("THROUGHPUT_SUMMARY.txt"), &sections::one_screen(&analysis))?;
    let html = document.to_html(&analysis.charts, &row_csv::to_csv(rows));
    replace(&directory.join("report.html"), &html)?;
    replace(&directory.join("run_info.json"), &(serde_json::to_string_pretty(info)? + "\n"))?;
    for chart in &analysis.charts {
        replace(&directory.join("charts").join(format!("{}.svg", chart.name)), &chart.svg)?;
    }
    if let Some(metrics) = &info.server_metrics {
        let text = serde_json::to_string_pretty(metrics)? + "\n";
        replace(&directory.join("rust").join("server_metrics.json"), &text)?;
    }
    Ok(analysis.verdicts)
}

/// Writes beside the file and renames: a reader sees the old text or the new, never half of one.
fn replace(path: &Path, text: &str) -> Result<(), ReportError> {
    let io = |source| ReportError::Io { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(io)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    fs::write(&beside, text).map_err(io)?;
    fs::rename(&beside, path).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn info(kind: RunKind) -> RunInfo {
        let mut info = RunInfo::gather(kind);
        info.workload = "fixture".to_owned();
        info.server_metrics = Some(serde_json::json!({"total_requests": 5}));
        info
    }

    #[test]
    fn every_scenario_stands_in_the_reports_and_nothing_is_nan() {
        let directory = std::env::temp_dir().join(format!("llm-shield-report-{}", std::process::id()));
        let mut rows = fixture::rows();
        rows.extend(fixture::open_rows());
        rows[0].p999_latency_ms = f64::NAN;
        let claims = claims::built_in().unwrap();
        for kind in [RunKind::Measured, RunKind::Quick] {
            let verdicts = write_all(&directory, &rows, &info(kind), &claims).unwrap();
            assert_eq!(verdicts.len(), claims.len());
            for name in ["THROUGHPUT_ANALYSIS_REPORT.md", "THROUGHPUT_SUMMARY.txt", "report.html"] {
                let text = fs::read_to_string(directory.join(name)).unwrap();
                assert!(!text.contains("NaN") && !text.contains(" inf"), "{name}");
                assert_eq!(text.contains("QUICK"), kind == RunKind::Quick, "{name}");
                for row in &rows {
                    assert!(text.contains(&row.scenario), "{name} lacks {}", row.scenario);
                }
            }
        }
        let html = fs::read_to_string(directory.join("report.html")).unwrap();
        assert_eq!(html.matches("<svg").count(), 3);
        assert!(!html.contains("src=\"http") && !html.contains("<link"));
        assert!(directory.join("rust/server_metrics.json").exists());
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn few_rows_still_make_a_report() {
        let directory = std::env::temp_dir().join(format!("llm-shield-few-{}", std::process::id()));
        for rows in [&[][..], &fixture::rows()[..1]] {
            write_all(&directory, rows, &info(RunKind::Measured), &claims::built_in().unwrap()).unwrap();
            let text = fs::read_to_string(directory.join("THROUGHPUT_ANALYSIS_REPORT.md")).unwrap();
            assert!(!text.contains("NaN"), "{text}");
        }
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn simulated_rows_stay_out_of_measured_places() {
        let directory = std::env::temp_dir().join(format!("llm-shield-results-{}", std::process::id()));
        let error = write_all(&directory, &fixture::rows(), &info(RunKind::Simulated), &[]).unwrap_err();
        assert!(matches!(error, ReportError::SimulatedPlace { .. }));
        assert!(!directory.exists());
    }
}
