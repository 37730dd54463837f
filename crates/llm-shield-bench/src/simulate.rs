//! A labelled model of throughput and latency, fitted to measured rows; not a measurement.
//!
//! Throughput is the Universal Scalability Law over connections ([`usl`]); mean latency follows by Little's law;
//! each percentile is the mean times the median ratio of that percentile to the mean over the measured rows. The
//! error printed is that on connection counts left out. `benchmarks/scripts/simulate_throughput_benchmark.py` is
//! the same model; a test holds both to the same figures.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    model::{ModelError, usl},
    row::Row,
    row_csv::{self, CsvError},
    statistics::median,
};

/// Connection counts that are simulated.
pub const CONNECTIONS: [u32; 11] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];

/// Why nothing was simulated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulateError {
    /// The measured rows could not be read.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// No endpoint was measured at enough connection counts.
    #[error("no endpoint can be modelled: {}", reasons.join("; "))]
    NothingToModel {
        /// Why, endpoint by endpoint.
        reasons: Vec<String>,
    },
    /// The output may not go there.
    #[error("{}: simulated files go only into a directory named `simulated`", path.display())]
    Place {
        /// The directory.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The result could not be encoded.
    #[error("could not encode as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The model of all endpoints that were measured at enough connection counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulation {
    /// Always `SIMULATED`.
    pub label: &'static str,
    /// One an endpoint.
    pub endpoints: Vec<Endpoint>,
    /// Endpoints that could not be modelled, with the reason.
    pub left_out: Vec<String>,
}

/// The model of one endpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Endpoint {
    /// Its URL.
    pub endpoint: String,
    /// λ, requests a second.
    pub lambda: f64,
    /// σ.
    pub sigma: f64,
    /// κ.
    pub kappa: f64,
    /// Mean relative error of throughput on left-out connection counts; `None` below four counts.
    pub cross_validated_error: Option<f64>,
    /// The worst of them.
    pub cross_validated_error_max: Option<f64>,
    /// Predictions.
    pub rows: Vec<Prediction>,
}

/// What the model says about one connection count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// Always `SIMULATED`.
    pub label: &'static str,
    /// Connections.
    pub concurrency: u32,
    /// Requests a second.
    pub requests_per_second: f64,
    /// Milliseconds.
    pub mean_latency_ms: f64,
    /// Milliseconds; `None` when no row tells.
    pub p50_latency_ms: Option<f64>,
    /// Milliseconds; `None` when no row tells.
    pub p95_latency_ms: Option<f64>,
    /// Milliseconds; `None` when no row tells.
    pub p99_latency_ms: Option<f64>,
    /// Outside the measured connection counts.
    pub extrapolated: bool,
}

const LABEL: &str = "SIMULATED";

/// Fits the model to measured closed-loop rows. Peers and open-loop rows are not used.
///
/// # Errors
/// When no endpoint was measured at three connection counts or more.
pub fn simulate(rows: &[Row]) -> Result<Simulation, SimulateError> {
    let mut names: Vec<&str> = Vec::new();
    let usable = |row: &&Row| row.mode == "closed" && !row.scenario.starts_with("peer_");
    for row in rows.iter().filter(usable) {
        if !names.contains(&row.endpoint.as_str()) {
            names.push(&row.endpoint);
        }
    }
    let mut endpoints = Vec::new();
    let mut left_out = Vec::new();
    for name in names {
        let own: Vec<&Row> = rows.iter().filter(usable).filter(|row| row.endpoint == name).collect();
        match endpoint(name, &own) {
            Ok(endpoint) => endpoints.push(endpoint),
            Err(error) => left_out.push(format!("{name}: {error}")),
        }
    }
    if endpoints.is_empty() {
        return Err(SimulateError::NothingToModel { reasons: left_out });
    }
    Ok(Simulation { label: LABEL, endpoints, left_out })
}

fn endpoint(name: &str, rows: &[&Row]) -> Result<Endpoint, ModelError> {
    let points: Vec<usl::Point> = rows
        .iter()
        .map(|row| usl::Point {
            connections: f64::from(row.concurrency),
            requests_per_second: row.requests_per_second,
        })
        .collect();
    let fit = usl::fit(&points)?;
    let ratio = |metric: fn(&Row) -> f64| {
        let ratios =
            rows.iter().map(|row| metric(row) / row.mean_latency_ms).filter(|ratio| ratio.is_finite());
        median(&ratios.collect::<Vec<f64>>())
    };
    let (p50, p95, p99) =
        (ratio(|row| row.p50_latency_ms), ratio(|row| row.p95_latency_ms), ratio(|row| row.p99_latency_ms));
    let predict = |&concurrency: &u32| {
        let connections = f64::from(concurrency);
        let mean = fit.curve.mean_latency_ms(connections);
        Prediction {
            label: LABEL,
            concurrency,
            requests_per_second: fit.curve.throughput(connections),
            mean_latency_ms: mean,
            p50_latency_ms: p50.map(|ratio| ratio * mean),
            p95_latency_ms: p95.map(|ratio| ratio * mean),
            p99_latency_ms: p99.map(|ratio| ratio * mean),
            extrapolated: connections < fit.measured_range.low || connections > fit.measured_range.high,
        }
    };
    Ok(Endpoint {
        endpoint: name.to_owned(),
        lambda: fit.curve.lambda,
        sigma: fit.curve.sigma,
        kappa: fit.curve.kappa,
        cross_validated_error: fit.cross_validation.map(|v| v.mean_error),
        cross_validated_error_max: fit.cross_validation.map(|v| v.max_error),
        rows: CONNECTIONS.iter().map(predict).collect(),
    })
}

/// Reads measured rows, simulates, and writes `SIMULATED_throughput.csv` and `SIMULATED_model.json`.
///
/// # Errors
/// When the rows are absent or bad, or no part of the directory's path is named `simulated`.
pub fn simulate_file(input: &Path, directory: &Path) -> Result<Simulation, SimulateError> {
    if !directory.components().any(|part| part.as_os_str() == "simulated") {
        return Err(SimulateError::Place { path: directory.to_owned() });
    }
    let simulation = simulate(&row_csv::read_rows(input)?)?;
    fs::create_dir_all(directory)
        .map_err(|source| SimulateError::Io { path: directory.to_owned(), source })?;
    for (name, text) in [
        ("SIMULATED_throughput.csv", simulation.to_csv()),
        ("SIMULATED_model.json", serde_json::to_string_pretty(&simulation)? + "\n"),
    ] {
        let path = directory.join(name);
        fs::write(&path, text).map_err(|source| SimulateError::Io { path, source })?;
    }
    Ok(simulation)
}

impl Simulation {
    /// One line a prediction, each marked.
    pub fn to_csv(&self) -> String {
        let mut out =
            "label,endpoint,concurrency,requests_per_second,mean_latency_ms,p50_latency_ms,p95_latency_ms,\
                       p99_latency_ms,extrapolated\n"
                .to_owned();
        let cell = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.6}"));
        for endpoint in &self.endpoints {
            // A URL may hold commas and quotes.
            let name = format!("\"{}\"", endpoint.endpoint.replace('"', "\"\""));
            for row in &endpoint.rows {
                _ = writeln!(
                    out,
                    "{LABEL},{name},{},{:.3},{:.6},{},{},{},{}",
                    row.concurrency,
                    row.requests_per_second,
                    row.mean_latency_ms,
                    cell(row.p50_latency_ms),
                    cell(row.p95_latency_ms),
                    cell(row.p99_latency_ms),
                    row.extrapolated
                );
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::{check, fixture};

    fn repository() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn the_python_script_says_the_same() {
        let fixture = repository().join("testdata/bench/fixture_throughput_results.csv");
        let ours = serde_json::to_value(simulate(&row_csv::read_rows(&fixture).unwrap()).unwrap()).unwrap();
        let script = repository().join("benchmarks/scripts/simulate_throughput_benchmark.py");
        let output =
            Command::new("python3").arg(script).arg("--input").arg(&fixture).arg("--json").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let theirs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_same("", &ours, &theirs);
    }

    fn assert_same(place: &str, ours: &serde_json::Value, theirs: &serde_json::Value) {
        use serde_json::Value::{Array, Number, Object};
        match (ours, theirs) {
            (Object(a), Object(b)) => {
                assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{place}");
                a.iter().for_each(|(key, value)| assert_same(&format!("{place}.{key}"), value, &b[key]));
            }
            (Array(a), Array(b)) => {
                assert_eq!(a.len(), b.len(), "{place}");
                a.iter().zip(b).for_each(|(a, b)| assert_same(place, a, b));
            }
            (Number(a), Number(b)) => {
                let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
                assert!((a - b).abs() <= 1e-6 * a.abs().max(1e-6), "{place}: {a} {b}");
            }
            _ => assert_eq!(ours, theirs, "{place}"),
        }
    }

    #[test]
    fn the_fixture_file_is_the_fixture() {
        let path = repository().join("testdata/bench/fixture_throughput_results.csv");
        assert_eq!(fs::read_to_string(path).unwrap(), row_csv::to_csv(&fixture::rows()));
    }

    #[test]
    fn the_model_obeys_littles_law_and_stays_in_its_place() {
        let simulation = simulate(&fixture::rows()).unwrap();
        assert_eq!((simulation.endpoints.len(), simulation.left_out.len()), (2, 2), "{simulation:?}");
        for row in simulation.endpoints.iter().flat_map(|endpoint| &endpoint.rows) {
            let ratio =
                check::littles_law_ratio(row.concurrency, row.requests_per_second, row.mean_latency_ms);
            assert!((ratio.unwrap() - 1.0).abs() < 1e-9);
        }
        assert!(simulation.to_csv().lines().skip(1).all(|line| line.starts_with("SIMULATED,")));
        let place = simulate_file(Path::new("x.csv"), Path::new("benchmarks/results"));
        assert!(matches!(place, Err(SimulateError::Place { .. })));
        let one = &fixture::rows()[..1];
        assert!(matches!(simulate(one), Err(SimulateError::NothingToModel { .. })));
    }
}
