//! `llm-shield rules`: what the secrets scanner knows.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use llm_shield::RuleSet;
use serde_json::json;

#[derive(Args)]
pub(crate) struct RulesArgs {
    /// Only rules whose id or name holds this, in any case
    filter: Option<String>,
    /// One JSON object a line: id, name
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &RulesArgs) -> Result<ExitCode> {
    let filter = args.filter.as_deref().unwrap_or_default().to_lowercase();
    let mut out = std::io::stdout().lock();
    let rules = RuleSet::embedded()?;
    let mut shown = 0;
    for (id, name) in rules.rules() {
        if !id.contains(&filter) && !name.to_lowercase().contains(&filter) {
            continue;
        }
        shown += 1;
        if args.json {
            writeln!(out, "{}", json!({ "id": id, "name": name }))?;
        } else {
            writeln!(out, "{id:<40} {name}")?;
        }
    }
    // Exit 1 like a search that found nothing.
    Ok(if shown > 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
