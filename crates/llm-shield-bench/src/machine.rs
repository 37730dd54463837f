//! What a run ran on and with: machine, kernel, versions, settings. Passed into the report, never typed there.

use std::{fs, path::Path, process::Command};

use serde::{Deserialize, Serialize};

/// The hardware and system, as the kernel describes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// CPU model; `unknown` where the kernel does not say.
    pub cpu_model: String,
    /// Logical cores that this process may use.
    pub cores: usize,
    /// Memory, bytes; 0 when unknown.
    pub memory_bytes: u64,
    /// Kernel name and release.
    pub kernel: String,
}

/// Whether a run measured in full, in haste, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Full windows.
    Measured,
    /// Short windows: shows that things work, is no ground for a figure.
    Quick,
    /// Out of a model; never stands where measured results live.
    Simulated,
}

/// Everything about a run that its rows do not say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// How it was measured.
    pub kind: RunKind,
    /// Where.
    pub machine: Machine,
    /// Version of this program.
    pub version: String,
    /// Version of the compiler found at run time; `unknown` without one.
    pub rustc: String,
    /// Commit of the working tree, with `-dirty` when changed; `unknown` outside a repository.
    pub commit: String,
    /// How server and client were placed on the cores, in words.
    pub pinning: String,
    /// Warm-up before each window, seconds.
    pub warmup_secs: f64,
    /// Workload and its text lengths, in words.
    pub workload: String,
    /// Name and count of each length class or quantile of the texts, bytes.
    pub text_lengths: Vec<(String, u64)>,
    /// The policy that the server ran, in words or YAML.
    pub policy: String,
    /// Thresholds of scanners and limits: name, value.
    pub thresholds: Vec<(String, String)>,
    /// The command that repeats the run.
    pub command: String,
    /// The server's last answer to `GET /metrics` as JSON, when it gave one.
    pub server_metrics: Option<serde_json::Value>,
}

impl RunInfo {
    /// What can be found out from the system; the caller fills in what only it knows.
    pub fn gather(kind: RunKind) -> Self {
        Self {
            kind,
            machine: Machine::gather(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rustc: output_of("rustc", &["--version"]).unwrap_or_else(unknown),
            commit: output_of("git", &["describe", "--always", "--dirty", "--abbrev=12"])
                .unwrap_or_else(unknown),
            pinning: "none: the scheduler places server and client".to_owned(),
            warmup_secs: 0.0,
            workload: String::new(),
            text_lengths: Vec::new(),
            policy: String::new(),
            thresholds: Vec::new(),
            command: String::new(),
            server_metrics: None,
        }
    }
}

impl Machine {
    /// Reads `/proc`; what is not there is `unknown`.
    pub fn gather() -> Self {
        let cpu_info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let memory_info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Self {
            cpu_model: cpu_model(&cpu_info).unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_bytes: memory_bytes(&memory_info).unwrap_or(0),
            kernel: match release.trim() {
                "" => std::env::consts::OS.to_owned(),
                release => format!("Linux {release}"),
            },
        }
    }
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn cpu_model(cpu_info: &str) -> Option<String> {
    let line = cpu_info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn memory_bytes(memory_info: &str) -> Option<u64> {
    let line = memory_info.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// Reads the `run_info.json` that a run left beside its rows; `None` when there is none or it is of another make.
pub fn read_run_info(directory: &Path) -> Option<RunInfo> {
    serde_json::from_str(&fs::read_to_string(directory.join("run_info.json")).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_files_are_read() {
        assert_eq!(cpu_model("processor\t: 0\nmodel name\t: A CPU: fast\n").as_deref(), Some("A CPU: fast"));
        assert_eq!(cpu_model("processor: 0\n"), None);
        assert_eq!(memory_bytes("MemTotal:       2048 kB\n"), Some(2 << 20));
        assert_eq!(memory_bytes("MemTotal: many kB\n"), None);
        assert!(Machine::gather().cores >= 1);
    }

    #[test]
    fn run_info_survives_json() {
        let info = RunInfo::gather(RunKind::Quick);
        let text = serde_json::to_string(&info).unwrap();
        assert_eq!(serde_json::from_str::<RunInfo>(&text).unwrap(), info);
    }
}
