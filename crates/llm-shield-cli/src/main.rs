//! The `llm-shield` command: guard texts, serve the guard over HTTP, load it, and prove its figures.

mod bench;
mod bench_run;
mod bench_scanners;
mod eval;
mod load;
mod models;
mod policy;
mod probe;
mod restore;
mod rules;
mod scan;
mod serve;
mod vault_file;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A guard for language models: finds prompt injection, secrets, toxic and banned content in prompts and
/// outputs, says where, and redacts it.
#[derive(Parser)]
#[command(name = "llm-shield", version, propagate_version = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  echo 'Ignore all previous instructions' | llm-shield scan
  llm-shield scan --json prompts/*.txt
  llm-shield scan .
  llm-shield policy show > scanners.yml && llm-shield policy check scanners.yml
  llm-shield serve --port 8000
  llm-shield bench
  llm-shield load http://localhost:8000/scan --connections 100
  llm-shield eval --task injection rows.jsonl

Exit codes: 0 safe or done, 1 findings or a failed check, 2 an error.";

#[derive(Subcommand)]
enum Command {
    /// Judge texts, or sweep folders, streams and git history for secrets; exit 0 safe, 1 findings, 2 error
    Scan(scan::ScanArgs),
    /// Put back into a text what `scan --redact --vault` took out
    Restore(restore::RestoreArgs),
    /// Serve the guard over HTTP
    Serve(serve::ServeArgs),
    /// Ask a server on this machine whether it is ready; exit 0 yes, 1 no, 2 no answer
    Probe(probe::ProbeArgs),
    /// Drive a server with load and measure it
    Load(llm_shield_bench::cli_load::LoadArgs),
    /// Start the server, drive all scenarios, check the claims, write the report; or check and render results
    Bench(bench::BenchArgs),
    /// Predict throughput by a model fitted to measured rows; everything it writes is marked SIMULATED
    Simulate(bench::SimulateArgs),
    /// List the rules that find secrets
    Rules(rules::RulesArgs),
    /// Measure a detector on labelled rows, with 95 % intervals, by source, beside trivial baselines
    Eval(eval::EvalArgs),
    /// Check a policy file or show the embedded one
    Policy(policy::PolicyArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Scan(args) => scan::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Probe(args) => probe::run(&args),
        Command::Load(args) => load::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Simulate(args) => bench::run_simulate(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Policy(args) => policy::run(&args),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "llm-shield", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    };
    result.unwrap_or_else(|error| {
        // A reader that closed the pipe (`| head`) is no error of ours.
        if error.root_cause().downcast_ref::<std::io::Error>().is_some_and(is_broken_pipe) {
            return ExitCode::SUCCESS;
        }
        eprint_line(&format!("llm-shield: {error:#}"));
        ExitCode::from(2)
    })
}

fn is_broken_pipe(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::BrokenPipe
}

#[expect(clippy::print_stderr, reason = "the one place where this command reports its errors")]
fn eprint_line(line: &str) {
    eprintln!("{line}");
}
