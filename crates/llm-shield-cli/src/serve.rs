//! `llm-shield serve`: the guard over HTTP.

mod telemetry;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use llm_shield_server::{Echo, RunError, ServerConfig, run_configured};

use crate::{models, policy};

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Name or address to listen on; 0.0.0.0 for all
    #[arg(long, default_value = "127.0.0.1", env = "LLM_SHIELD_HOST")]
    pub(crate) host: String,
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8000, env = "LLM_SHIELD_PORT")]
    pub(crate) port: u16,
    /// Policy and server settings (llm-guard's scanners.yml), read anew on SIGHUP; without it `./config/scanners.yml`
    /// if that exists, as llm-guard's server has it, else the embedded default
    #[arg(long, value_name = "FILE", env = "CONFIG_FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) choices: policy::Choices,
    /// Offer POST /echo: the same stack, body and answer without a scan, the floor of the benchmark
    #[arg(long)]
    pub(crate) echo: bool,
    /// Threads that run connections; default: one a core
    #[arg(long, value_name = "N", env = "APP_WORKERS")]
    pub(crate) workers: Option<std::num::NonZeroUsize>,
    #[command(flatten)]
    pub(crate) telemetry: telemetry::TelemetryArgs,
}

pub(crate) fn run(args: &ServeArgs) -> Result<ExitCode> {
    // Where the images of llm-guard's server have it.
    let customary = || Some(PathBuf::from("./config/scanners.yml")).filter(|file| file.exists());
    let (file, choices) = (args.config.clone().or_else(customary), args.choices);
    let place = file.as_deref().map(policy::name);
    let read = move || policy::configuration(file.as_deref(), choices).map_err(|error| format!("{error:#}"));
    let settings = read().map_err(anyhow::Error::msg)?.settings().clone();
    let config = ServerConfig {
        host: args.host.clone(),
        port: args.port,
        echo: if args.echo { Echo::On } else { Echo::Off },
        worker_threads: args.workers.map(std::num::NonZeroUsize::get),
        telemetry: args.telemetry.over(settings.telemetry()),
        ..ServerConfig::default()
    };
    let ran = run_configured(&config, read, models::fast_tier(), |address| {
        // Whoever started the server may have closed its output: no reason to stop.
        let _ = writeln!(std::io::stdout(), "llm-shield listens on http://{address}");
    });
    match (ran, place) {
        // It could be read, but not built.
        (Err(error @ RunError::Configuration(_)), Some(place)) => {
            Err(anyhow::Error::from(error).context(place))
        }
        (ran, _) => ran.map(|()| ExitCode::SUCCESS).map_err(anyhow::Error::from),
    }
}
