//! The `llm-shield` command: guard texts, serve the guard over HTTP, load it, and prove its figures.

mod eval;
mod models;
mod policy;
mod scan;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

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
  llm-shield policy show > scanners.yml && llm-shield policy check scanners.yml
  llm-shield eval --task injection rows.jsonl

Exit codes: 0 safe or done, 1 findings or a failed check, 2 an error.";

#[derive(Subcommand)]
enum Command {
    /// Scan files or standard input; exit 0 when all is safe, 1 on findings, 2 on an error
    Scan(scan::ScanArgs),
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
