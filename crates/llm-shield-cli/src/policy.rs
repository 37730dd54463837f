//! `llm-shield policy`: check a policy file, show the embedded one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use llm_shield::{Compat, OnUnavailable, Policy, Shield};
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
        #[command(flatten)]
        choices: Choices,
    },
    /// Print the embedded default policy, as a file to start from
    Show,
}

/// What a policy file need not say, so that llm-guard's own can be used as it is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Args)]
pub(crate) struct Choices {
    /// When the policy names a scanner that this version does not have: refuse to start, or skip it and list it as
    /// skipped in every report [default: what the policy says, else refuse]
    #[arg(long, value_name = "ACTION", env = "LLM_SHIELD_ON_UNAVAILABLE")]
    on_unavailable: Option<UnavailableChoice>,
    /// Mend llm-guard's defects, or keep those that a client may count on (docs/llm-guard-differences.md) [default:
    /// what the policy says, else mended]
    #[arg(long, value_name = "DEFECTS", env = "LLM_SHIELD_COMPAT")]
    compat: Option<CompatChoice>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum UnavailableChoice {
    Refuse,
    Skip,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CompatChoice {
    Mended,
    Exact,
}

impl Choices {
    fn apply(self, policy: Policy) -> Policy {
        let policy = match self.on_unavailable {
            Some(UnavailableChoice::Refuse) => policy.with_on_unavailable(OnUnavailable::Refuse),
            Some(UnavailableChoice::Skip) => policy.with_on_unavailable(OnUnavailable::Skip),
            None => policy,
        };
        match self.compat {
            Some(CompatChoice::Mended) => policy.with_compat(Compat::Mended),
            Some(CompatChoice::Exact) => policy.with_compat(Compat::Exact),
            None => policy,
        }
    }
}

/// Says which scanners of its policy `shield` does without, and which parameters have no effect.
pub(crate) fn warn(shield: &Shield) {
    for skipped in shield.unavailable() {
        // Nobody may be reading; the reports say it again.
        let _ = writeln!(
            std::io::stderr(),
            "llm-shield: warning: {} is skipped: {}",
            skipped.name,
            skipped.reason
        );
    }
    for (scanner, param) in shield.without_effect() {
        let _ = writeln!(
            std::io::stderr(),
            "llm-shield: warning: {scanner}: `{param}` has no effect: the models are built in and read the whole text"
        );
    }
}

pub(crate) fn run(args: &PolicyArgs) -> Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match &args.command {
        PolicyCommand::Check { file, choices } => {
            let live = configuration(Some(file), *choices)?.build(&models::fast_tier());
            let live = live.with_context(|| name(file))?;
            for (_, shield) in live.shields() {
                warn(shield);
            }
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
pub(crate) fn load(file: Option<&Path>, choices: Choices) -> Result<Policy> {
    let Some(file) = file else { return Ok(choices.apply(Policy::embedded())) };
    let yaml = read(file)?;
    let policy = Configuration::read_policy(&yaml, environment).with_context(|| name(file))?;
    Ok(choices.apply(policy))
}

/// The policies and the server's settings in `file`, or what stands in for one.
pub(crate) fn configuration(file: Option<&Path>, choices: Choices) -> Result<Configuration> {
    let yaml = file.map(read).transpose()?;
    let configuration = Configuration::read(yaml.as_deref(), environment);
    let configuration =
        configuration.with_context(|| file.map_or_else(|| "the environment".to_owned(), name))?;
    Ok(configuration.map_policies(|policy| choices.apply(policy)))
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read the policy {}", name(file)))
}

/// A variable of the environment, if it is set and is text.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

pub(crate) fn name(file: &Path) -> String {
    file.display().to_string()
}
