//! The benchmark server: the server of `llm-shield serve`, on port 3000, always with `/echo`.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use llm_shield::Policy;
use llm_shield_server::{Echo, Guards, ServerConfig, run_blocking};

/// The benchmark server: what `llm-shield serve --echo` serves, on port 3000
#[derive(Parser)]
#[command(name = "bench-server", version)]
struct Arguments {
    /// Name or address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Threads that run connections; default: one a core
    #[arg(long, value_name = "N")]
    workers: Option<std::num::NonZeroUsize>,
}

fn main() -> ExitCode {
    match serve(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be reading; there is nothing else to do with the error.
            let _ = writeln!(std::io::stderr(), "bench-server: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let guards = Guards::from_policy(&Policy::embedded(), &llm_shield_models::classifiers())?;
    let config = ServerConfig {
        host: arguments.host.clone(),
        port: arguments.port,
        echo: Echo::On,
        worker_threads: arguments.workers.map(std::num::NonZeroUsize::get),
        ..ServerConfig::default()
    };
    run_blocking(&config, guards, |address| {
        let _ = writeln!(std::io::stdout(), "bench-server listens on http://{address}");
    })?;
    Ok(())
}
