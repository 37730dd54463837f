//! A server as a child process: started, waited for until it is healthy, ended whatever happens.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::cores;
use crate::target::{Target, TargetError};

/// Pause between two health checks; bounds the error of the time to the first answer.
const POLL_EVERY: Duration = Duration::from_millis(1);
/// How long a server may take to finish after SIGTERM.
const GRACE: Duration = Duration::from_secs(5);

/// Why a server did not come up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The program cannot be started.
    #[error("cannot start {program}: {source}")]
    Spawn {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// Something else listens there already; it would be measured instead.
    #[error("{authority} is already in use by another process")]
    AddressInUse {
        /// Host and port.
        authority: String,
    },
    /// It ended before it was healthy.
    #[error("{program} ended before it answered {url}: {status}")]
    Ended {
        /// The program.
        program: String,
        /// The health URL.
        url: String,
        /// Exit status.
        status: std::process::ExitStatus,
    },
    /// It never became healthy.
    #[error("{url} did not answer 200 within {timeout:?}")]
    Unhealthy {
        /// The health URL.
        url: String,
        /// The limit.
        timeout: Duration,
    },
    /// The health URL is no URL.
    #[error(transparent)]
    Target(#[from] TargetError),
}

/// A running server; dropping it ends it (SIGTERM, after 5 s SIGKILL).
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    /// From the start of the process to its first healthy answer, milliseconds.
    pub start_to_answer_ms: f64,
}

impl ServerProcess {
    /// Starts `program` on `cores` (`None`: all) and waits until `health_url` answers 200. Its output is discarded.
    pub fn spawn(
        program: &OsStr,
        arguments: &[String],
        health_url: &str,
        cores: Option<&[usize]>,
        timeout: Duration,
    ) -> Result<Self, ServerError> {
        let health: Target = health_url.parse()?;
        if health.reach(Duration::from_millis(200)).is_ok() {
            return Err(ServerError::AddressInUse { authority: health.authority });
        }
        let shown = program.to_string_lossy().into_owned();
        let started = Instant::now();
        let child = spawn_pinned(program, arguments, cores)
            .map_err(|source| ServerError::Spawn { program: shown.clone(), source })?;
        // Owned from here on, so that every way out ends the child.
        let mut server = Self { child, start_to_answer_ms: 0.0 };
        loop {
            if let Ok((200, _)) = health.fetch("*/*", Duration::from_secs(1)) {
                server.start_to_answer_ms = started.elapsed().as_secs_f64() * 1e3;
                return Ok(server);
            }
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(ServerError::Ended { program: shown, url: health.url(), status });
            }
            if started.elapsed() > timeout {
                return Err(ServerError::Unhealthy { url: health.url(), timeout });
            }
            thread::sleep(POLL_EVERY);
        }
    }

    /// Process id, for accounting.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // A child that was not waited for keeps its id, so the signal cannot hit another process.
        let _ = kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM);
        let asked = Instant::now();
        while asked.elapsed() < GRACE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A child inherits the affinity of the thread that starts it: a thread of its own is pinned for that, which needs no
/// code between fork and exec.
fn spawn_pinned(program: &OsStr, arguments: &[String], cores: Option<&[usize]>) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // In a group of its own: a Ctrl-C in the terminal reaches the load tester, which then ends the server.
    command.process_group(0);
    let Some(cores) = cores else { return command.spawn() };
    thread::scope(|scope| {
        let starter = scope.spawn(|| cores::pin_this_thread(cores).and_then(|()| command.spawn()));
        starter.join().unwrap_or_else(|_| Err(io::Error::other("the starting thread failed")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_name_their_cause_and_leave_no_child() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/health", free.local_addr().unwrap());
        let spawn = |program: &str, argument: &str| {
            ServerProcess::spawn(
                OsStr::new(program),
                &[argument.into()],
                &url,
                None,
                Duration::from_millis(300),
            )
        };
        assert!(matches!(spawn("sleep", "30"), Err(ServerError::AddressInUse { .. })));
        drop(free);
        assert!(matches!(spawn("no-such-program", ""), Err(ServerError::Spawn { .. })));
        assert!(matches!(spawn("false", ""), Err(ServerError::Ended { .. })));
        let started = Instant::now();
        assert!(matches!(spawn("sleep", "30"), Err(ServerError::Unhealthy { .. })));
        assert!(started.elapsed() < Duration::from_secs(4), "SIGTERM ends sleep at once");
    }
}
