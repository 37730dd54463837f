//! `llm-shield load`: the load tester against any server.

use std::process::ExitCode;

use anyhow::Result;
use llm_shield_bench::cli_load::{LoadArgs, run_load};
use llm_shield_bench::interrupt::stop_on_interrupt;

/// Exit 0: measured, every request as it should be; 1: measured, with failures or invalid rows.
pub(crate) fn run(args: &LoadArgs) -> Result<ExitCode> {
    let stop = stop_on_interrupt()?;
    let outcomes = run_load(args, &stop)?;
    let good = outcomes.iter().all(|outcome| outcome.row.failed_requests == 0 && outcome.row.valid);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
