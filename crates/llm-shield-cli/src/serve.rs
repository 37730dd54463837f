//! `llm-shield serve`: the guard over HTTP.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use llm_shield_server::{Echo, Guards, ServerConfig, run_blocking};

use crate::{models, policy};

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Name or address to listen on; 0.0.0.0 for all
    #[arg(long, default_value = "127.0.0.1", env = "LLM_SHIELD_HOST")]
    pub(crate) host: String,
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8000, env = "LLM_SHIELD_PORT")]
    pub(crate) port: u16,
    /// Policy file (llm-guard's scanners.yml format); without it the embedded default
    #[arg(long, value_name = "FILE", env = "CONFIG_FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) choices: policy::Choices,
    /// Offer POST /echo: the same stack, body and answer without a scan, the floor of the benchmark
    #[arg(long)]
    pub(crate) echo: bool,
    /// Threads that run connections; default: one a core
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<std::num::NonZeroUsize>,
}

pub(crate) fn run(args: &ServeArgs) -> Result<ExitCode> {
    let guards =
        Guards::from_policy(&policy::load(args.config.as_deref(), args.choices)?, &models::fast_tier())?;
    policy::warn(&guards.policy);
    let config = ServerConfig {
        host: args.host.clone(),
        port: args.port,
        echo: if args.echo { Echo::On } else { Echo::Off },
        worker_threads: args.workers.map(std::num::NonZeroUsize::get),
        ..ServerConfig::default()
    };
    run_blocking(&config, guards, |address| {
        // Whoever started the server may have closed its output: no reason to stop.
        let _ = writeln!(std::io::stdout(), "llm-shield listens on http://{address}");
    })?;
    Ok(ExitCode::SUCCESS)
}
