//! `llm-shield policy`: check a policy file, show the embedded one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use llm_shield::Policy;

use crate::models;

#[derive(Args)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Subcommand)]
enum PolicyCommand {
    /// Load a policy and build its scanners; exit 2 with file, line and the nearest right name if it is wrong
    Check {
        /// A file in the format of llm-guard's scanners.yml
        file: PathBuf,
    },
    /// Print the embedded default policy, as a file to start from
    Show,
}

pub(crate) fn run(args: &PolicyArgs) -> Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match &args.command {
        PolicyCommand::Check { file } => {
            let shield = load(Some(file))?.shield(&models::fast_tier()).with_context(|| name(file))?;
            let list = |names: Vec<&str>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            writeln!(out, "{}: good", file.display())?;
            writeln!(out, "over prompts: {}", list(shield.prompt_scanners().collect()))?;
            writeln!(out, "over outputs: {}", list(shield.output_scanners().collect()))?;
        }
        PolicyCommand::Show => out.write_all(Policy::embedded_yaml().as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The policy in `file`, or the embedded one.
pub(crate) fn load(file: Option<&Path>) -> Result<Policy> {
    let Some(file) = file else { return Ok(Policy::embedded()) };
    let yaml = fs::read_to_string(file).with_context(|| format!("cannot read the policy {}", name(file)))?;
    Policy::from_yaml(&yaml).with_context(|| name(file))
}

fn name(file: &Path) -> String {
    file.display().to_string()
}
