//! llm-guard as a peer: installed from `PyPI` in a virtual environment of its own, served by a few lines of `FastAPI`,
//! driven with the same workload on the same machine in the same run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::accounting::Source;
use crate::client::{RunError, Scenario, run_scenario};
use crate::cores::Cores;
use crate::row::Row;
use crate::server_process::{ServerError, ServerProcess};
use crate::target::{Target, TargetError};
use crate::workload::{Expectation, Workload};

/// The version that is measured.
pub const VERSION: &str = "0.3.16";
/// The app that serves it.
const APP: &str = include_str!("../peers/llm_guard_app.py");
/// Connections, as for our own rows.
const CONNECTIONS: u32 = 100;
/// A hundred connections on a server of some hundred requests a second wait long.
const TIMEOUT: Duration = Duration::from_mins(1);
/// Pythons that llm-guard 0.3.16 runs on, newest first.
const PYTHONS: [&str; 4] = ["python3.12", "python3.11", "python3.10", "python3"];
/// Routes and the names of their scenarios; what the peer's scanners must find is only known for the stop phrases,
/// which are the same list.
const ROUTES: [(&str, &str, Expectation); 3] = [
    ("/scan", "ban_substrings", Expectation::Banned),
    ("/scan/secrets", "secrets", Expectation::StatusOnly),
    ("/scan/pipeline", "pipeline", Expectation::StatusOnly),
];

/// Why the peer could not be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    /// No home for the virtual environment.
    #[error("neither XDG_CACHE_HOME nor HOME is set: no place for the peer's virtual environment")]
    NoHome,
    /// No Python of a version that it runs on.
    #[error("llm-guard {VERSION} needs Python 3.10, 3.11 or 3.12; none of {} is one", PYTHONS.join(", "))]
    NoPython,
    /// The user said no.
    #[error("not installed: pass --yes, or answer yes, to install llm-guard {VERSION} (about 6 GB) in {}", path.display())]
    Declined {
        /// Where it would go.
        path: PathBuf,
    },
    /// A command of the installation failed.
    #[error("`{command}` failed: {reason}")]
    Install {
        /// The command.
        command: String,
        /// Its status or error.
        reason: String,
    },
    /// A file could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The peer's server did not start.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The peer's address is no address.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The peer could not be driven.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// An installed llm-guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    folder: PathBuf,
}

/// Logging of the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Logging {
    Quiet,
    Default,
}

/// What was found beside the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Scanners that did not load, in the peer's words.
    pub left_out: Vec<String>,
}

/// Finds the peer or installs it from `PyPI`; `agree` is asked before 6 GB are downloaded.
pub fn ensure_installed(
    agree: &mut dyn FnMut(&str) -> bool,
    say: &mut dyn FnMut(&str),
) -> Result<Installation, PeerError> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let cache = cache.filter(|path| path.is_absolute()).or(home).ok_or(PeerError::NoHome)?;
    let installation = Installation { folder: cache.join(format!("llm-shield/peers/llm-guard-{VERSION}")) };
    if !installation.is_complete() {
        let question = format!(
            "install llm-guard {VERSION} with its dependencies, about 6 GB, in {}?",
            installation.folder.display()
        );
        if !agree(&question) {
            return Err(PeerError::Declined { path: installation.folder });
        }
        let python =
            PYTHONS.into_iter().find(|python| is_right_version(python)).ok_or(PeerError::NoPython)?;
        say("installing llm-guard; this takes some minutes");
        run(Command::new(python).args(["-m", "venv"]).arg(&installation.folder))?;
        let package = format!("llm-guard=={VERSION}");
        run(Command::new(installation.python()).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            &package,
            "fastapi",
            "uvicorn[standard]",
        ]))?;
    }
    fs::write(installation.folder.join("llm_guard_app.py"), APP)?;
    Ok(installation)
}

fn is_right_version(python: &str) -> bool {
    let code = "import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))";
    Command::new(python).args(["-c", code]).output().is_ok_and(|output| output.status.success())
}

fn run(command: &mut Command) -> Result<(), PeerError> {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            return Err(PeerError::Install { command: format!("{command:?}"), reason: error.to_string() });
        }
    };
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
    Err(PeerError::Install { command: format!("{command:?}"), reason: format!("{}: {said}", output.status) })
}

impl Installation {
    fn python(&self) -> PathBuf {
        self.folder.join("bin/python")
    }

    /// Whether all that is needed is there; the packages are not imported, which would take half a minute.
    fn is_complete(&self) -> bool {
        let code = "from importlib.metadata import version as v; \
                    import sys; v('fastapi'); v('uvicorn'); v('torch'); sys.exit(v('llm-guard') != sys.argv[1])";
        let output = Command::new(self.python()).args(["-c", code, VERSION]).output();
        output.is_ok_and(|output| output.status.success())
    }

    /// Measures all configurations: one and two workers, quiet and with default logging. The quiet single worker is
    /// repeated, as it is what our rows are compared with. Each row is handed out at once.
    pub fn measure(
        &self,
        workload: &Arc<Workload>,
        placement: &Cores,
        port: u16,
        repeats: u32,
        stop: &AtomicBool,
        mut on_row: impl FnMut(&Row),
    ) -> Result<Notes, PeerError> {
        let mut notes = Notes::default();
        for (workers, logging) in
            [(1, Logging::Quiet), (1, Logging::Default), (2, Logging::Quiet), (2, Logging::Default)]
        {
            // Two workers on one core would measure nothing new.
            let cores = if workers == 1 { placement.server.as_deref() } else { None };
            let server = self.start(workers, logging, port, cores)?;
            let base: Target = format!("http://127.0.0.1:{port}").parse()?;
            if let Ok((200, body)) = base.with_path("/health").fetch("*/*", TIMEOUT) {
                notes.left_out = left_out(&body);
            }
            let repeats = if (workers, logging) == (1, Logging::Quiet) { repeats } else { 1 };
            for repeat in 1..=repeats {
                for (path, name, expectation) in ROUTES {
                    if stop.load(Ordering::Relaxed) {
                        return Ok(notes);
                    }
                    let logging = match logging {
                        Logging::Quiet => "quiet",
                        Logging::Default => "default",
                    };
                    let name = format!("peer_{name}_w{workers}_{logging}_c{CONNECTIONS}");
                    let mut scenario =
                        Scenario::closed(&name, base.with_path(path), workload.clone(), CONNECTIONS);
                    scenario.expectation = expectation;
                    scenario.warmup = Duration::from_secs(2);
                    scenario.measured = Duration::from_secs(5);
                    scenario.timeout = TIMEOUT;
                    scenario.client_cores.clone_from(&placement.client);
                    scenario.accounting = Source::ProcessTree { pid: server.pid() };
                    scenario.repeat = repeat;
                    on_row(&run_scenario(&scenario, stop, |_| {})?.row);
                }
            }
        }
        Ok(notes)
    }

    fn start(
        &self,
        workers: u32,
        logging: Logging,
        port: u16,
        cores: Option<&[usize]>,
    ) -> Result<ServerProcess, PeerError> {
        let mut arguments = vec![
            format!("PEER_LOGGING={}", if logging == Logging::Quiet { "quiet" } else { "default" }),
            format!("PYTHONPATH={}", self.folder.display()),
            "HF_HUB_OFFLINE=1".to_owned(),
            self.python().display().to_string(),
        ];
        arguments.extend(["-m", "uvicorn", "llm_guard_app:app", "--host", "127.0.0.1"].map(str::to_owned));
        arguments.extend([
            "--port".to_owned(),
            port.to_string(),
            "--workers".to_owned(),
            workers.to_string(),
        ]);
        if logging == Logging::Quiet {
            arguments.extend(["--log-level", "warning", "--no-access-log"].map(str::to_owned));
        }
        let health = format!("http://127.0.0.1:{port}/health");
        // Importing torch and transformers takes half a minute on a small machine.
        let limit = Duration::from_mins(3);
        Ok(ServerProcess::spawn("/usr/bin/env".as_ref(), &arguments, &health, cores, limit)?)
    }
}

fn left_out(health: &[u8]) -> Vec<String> {
    let health: Option<serde_json::Value> = serde_json::from_slice(health).ok();
    let list = health.as_ref().and_then(|health| health.get("left_out")?.as_array());
    list.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_serves_the_routes_that_are_driven() {
        for (path, ..) in ROUTES {
            assert!(APP.contains(&format!("@app.post(\"{path}\")")), "{path}");
        }
        assert!(APP.contains("@app.get(\"/health\")"));
    }

    #[test]
    fn what_the_peer_leaves_out_is_read_from_its_health() {
        let check =
            |health: &str, expected: &[&str]| assert_eq!(left_out(health.as_bytes()), expected, "{health}");
        check(r#"{"status":"ok","left_out":["Toxicity: OSError"]}"#, &["Toxicity: OSError"]);
        check(r#"{"status":"ok"}"#, &[]);
        check("not JSON", &[]);
    }

    #[test]
    fn a_missing_installation_is_not_taken_for_a_complete_one() {
        assert!(!Installation { folder: PathBuf::from("/nowhere") }.is_complete());
    }
}
