//! `llm-shield bench`: measure, judge and report; and `llm-shield simulate`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use llm_shield_bench::claims::{self, Verdict, evaluate};
use llm_shield_bench::machine::{self, RunInfo, RunKind};
use llm_shield_bench::{check, report, row_csv, simulate};

use crate::bench_run::{self, RunArgs};
use crate::bench_scanners::{self, ScannersArgs};

/// Where results live, from the root of the repository.
pub(crate) const RESULTS: &str = "benchmarks/results";
/// The file of measured rows.
pub(crate) const ROWS: &str = "throughput_results.csv";

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    command: Option<BenchCommand>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Subcommand)]
enum BenchCommand {
    /// Check any file of throughput rows against Little's law and its own sums: exit 0 sound, 1 not, 2 unreadable
    Check {
        /// CSV with at least the columns `concurrency`, `requests_per_second` and `mean_latency_ms`
        file: PathBuf,
    },
    /// Judge the claims on measured rows: exit 1 when one fails
    Claims {
        /// CSV of measured rows
        #[arg(default_value = "benchmarks/results/throughput_results.csv")]
        file: PathBuf,
        /// Claims, instead of those of this project
        #[arg(long, value_name = "FILE")]
        claims: Option<PathBuf>,
    },
    /// Render the reports anew from the rows in a directory
    Report {
        /// Directory that holds `throughput_results.csv`
        #[arg(default_value = RESULTS)]
        directory: PathBuf,
    },
    /// Time each scanner alone, in process, by length of text
    Scanners(ScannersArgs),
}

#[derive(Args)]
pub(crate) struct SimulateArgs {
    /// CSV of measured rows to fit the model to
    #[arg(default_value = "benchmarks/results/throughput_results.csv")]
    file: PathBuf,
    /// Where to write; a part of the path must be named `simulated`
    #[arg(long, value_name = "DIR", default_value = "benchmarks/simulated")]
    out: PathBuf,
}

pub(crate) fn run(args: &BenchArgs) -> Result<ExitCode> {
    match &args.command {
        None => bench_run::run(&args.run),
        Some(BenchCommand::Check { file }) => {
            let verdict = check::check_file(file)?;
            write!(std::io::stdout(), "{verdict}")?;
            Ok(ExitCode::from(verdict.exit_code()))
        }
        Some(BenchCommand::Claims { file, claims }) => {
            let claims = match claims {
                Some(path) => claims::read(path)?,
                None => claims::built_in()?,
            };
            let verdicts = evaluate::evaluate(&claims, &row_csv::read_rows(file)?);
            print_verdicts(&verdicts)?;
            Ok(ExitCode::from(claims::exit_code(&verdicts)))
        }
        Some(BenchCommand::Report { directory }) => {
            let rows = row_csv::read_rows(&directory.join(ROWS))?;
            let info =
                machine::read_run_info(directory).unwrap_or_else(|| RunInfo::gather(RunKind::Measured));
            let verdicts = report::write_all(directory, &rows, &info, &claims::built_in()?)?;
            print_verdicts(&verdicts)?;
            print_place(directory)?;
            Ok(ExitCode::from(claims::exit_code(&verdicts)))
        }
        Some(BenchCommand::Scanners(args)) => bench_scanners::run(args),
    }
}

pub(crate) fn run_simulate(args: &SimulateArgs) -> Result<ExitCode> {
    let simulation = simulate::simulate_file(&args.file, &args.out)
        .with_context(|| format!("cannot simulate from {}", args.file.display()))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "SIMULATED by a model fitted to {}: not measured", args.file.display())?;
    for endpoint in &simulation.endpoints {
        let error = endpoint.cross_validated_error.map_or_else(
            || "no cross-validation: too few rows".to_owned(),
            |error| format!("cross-validated error {:.1} %", error * 100.0),
        );
        writeln!(out, "{}: {error}", endpoint.endpoint)?;
    }
    writeln!(out, "{}", simulation.to_csv().trim_end())?;
    writeln!(out, "written to {}", args.out.display())?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn print_verdicts(verdicts: &[Verdict]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for verdict in verdicts {
        writeln!(out, "{:<12} {:<28} {}", verdict.state.to_string(), verdict.claim.id, verdict.reason)?;
    }
    Ok(())
}

pub(crate) fn print_place(directory: &Path) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let name = |file: &str| directory.join(file).display().to_string();
    writeln!(out, "\nreport: {}", name("report.html"))?;
    writeln!(out, "        {}", name("THROUGHPUT_ANALYSIS_REPORT.md"))?;
    writeln!(out, "rows:   {}", name(ROWS))?;
    Ok(())
}
