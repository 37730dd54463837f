//! Drives a running server through the benchmark's scenarios: a thin door to `llm_shield_bench::cli_load`.

use std::process::ExitCode;

use clap::Parser;
use llm_shield_bench::cli_load::{LoadArgs, run_load};
use llm_shield_bench::interrupt::stop_on_interrupt;

#[derive(Debug, Parser)]
#[command(name = "throughput-load-test", version, about)]
struct Arguments {
    #[command(flatten)]
    load: LoadArgs,
}

/// 0: measured, every request as it should be; 1: measured, with failures or invalid rows; 2: could not measure.
#[expect(clippy::print_stderr, reason = "the error of a command line")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let measured = stop_on_interrupt().map_err(Into::into).and_then(|stop| run_load(&arguments.load, &stop));
    match measured {
        Ok(outcomes) if outcomes.iter().all(|one| one.row.failed_requests == 0 && one.row.valid) => {
            ExitCode::SUCCESS
        }
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
