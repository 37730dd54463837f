//! `llm-shield policy`: check a policy file, show the embedded one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use llm_shield::{Policy, expand_environment};
use llm_shield_server::Configuration;

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
            let live = configuration(Some(file))?.build(&models::fast_tier()).with_context(|| name(file))?;
            let list = |names: Vec<&str>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            writeln!(out, "{}: good", file.display())?;
            for warning in &live.settings().warnings {
                writeln!(out, "warning: {warning}")?;
            }
            for (index, (policy, shield)) in live.shields().enumerate() {
                let of = if index == 0 { String::new() } else { format!("policy `{policy}`: ") };
                writeln!(out, "{of}over prompts: {}", list(shield.prompt_scanners().collect()))?;
                writeln!(out, "{of}over outputs: {}", list(shield.output_scanners().collect()))?;
            }
        }
        PolicyCommand::Show => out.write_all(Policy::embedded_yaml().as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The policy in `file`, or the embedded one.
pub(crate) fn load(file: Option<&Path>) -> Result<Policy> {
    let Some(file) = file else { return Ok(Policy::embedded()) };
    let yaml = read(file)?;
    let expanded = expand_environment(&yaml, environment).with_context(|| name(file))?;
    Policy::from_yaml(&expanded.yaml).with_context(|| name(file))
}

/// The policy and the server's settings in `file`, or what stands in for one.
pub(crate) fn configuration(file: Option<&Path>) -> Result<Configuration> {
    let yaml = file.map(read).transpose()?;
    let configuration = Configuration::read(yaml.as_deref(), environment);
    configuration.with_context(|| file.map_or_else(|| "the environment".to_owned(), name))
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read the policy {}", name(file)))
}

/// A variable of the environment, if it is set and is text.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn name(file: &Path) -> String {
    file.display().to_string()
}
