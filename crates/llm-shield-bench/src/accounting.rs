//! CPU and memory of the server: from its own `/metrics`, or from `/proc` for any tree of processes.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use serde::Deserialize;

use crate::target::Target;

/// Microseconds in one tick of `/proc/PID/stat`: Linux tells user space 100 ticks a second on every common machine.
/// Over 30 s that is an error of at most 0.03 % of one core.
const TICK_US: u64 = 10_000;
/// How long `/metrics` may take while the server is under load.
const METRICS_TIMEOUT: Duration = Duration::from_secs(3);

/// Where the figures come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Nobody tells.
    Nothing,
    /// The server's `/metrics` as JSON, with `cpu_user_us`, `cpu_system_us` and `resident_bytes`; if it lacks them,
    /// the process tree, if given.
    Metrics {
        /// URL of the metrics.
        target: Target,
        /// Root of the server's processes.
        fallback_pid: Option<u32>,
    },
    /// A process and all its descendants, such as the workers of uvicorn.
    ProcessTree {
        /// Root of the tree.
        pid: u32,
    },
}

/// Cumulative use at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Usage {
    /// User CPU, microseconds.
    pub cpu_user_us: u64,
    /// Kernel CPU, microseconds.
    pub cpu_system_us: u64,
    /// Resident memory, bytes.
    pub resident_bytes: u64,
}

/// Reads the source once.
pub fn read(source: &Source) -> Option<Usage> {
    match source {
        Source::Nothing => None,
        Source::Metrics { target, fallback_pid } => {
            from_metrics(target).or_else(|| fallback_pid.and_then(from_process_tree))
        }
        Source::ProcessTree { pid } => from_process_tree(*pid),
    }
}

fn from_metrics(target: &Target) -> Option<Usage> {
    let (status, body) = target.fetch("application/json", METRICS_TIMEOUT).ok()?;
    if status == 200 { serde_json::from_slice(&body).ok() } else { None }
}

fn from_process_tree(root: u32) -> Option<Usage> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut ticks: HashMap<u32, (u64, u64)> = HashMap::new();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // A process may end between the listing and the reading.
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        if let Some((parent, user, system)) = parse_stat(&stat) {
            children.entry(parent).or_default().push(pid);
            ticks.insert(pid, (user, system));
        }
    }
    ticks.get(&root)?;
    let mut usage = Usage { cpu_user_us: 0, cpu_system_us: 0, resident_bytes: 0 };
    let mut open = vec![root];
    while let Some(pid) = open.pop() {
        let (user, system) = ticks.get(&pid).copied().unwrap_or((0, 0));
        usage.cpu_user_us += user * TICK_US;
        usage.cpu_system_us += system * TICK_US;
        usage.resident_bytes += resident_bytes(pid);
        open.extend(children.remove(&pid).unwrap_or_default());
    }
    Some(usage)
}

/// Parent, user ticks, kernel ticks. The name in parentheses may hold spaces and parentheses, so fields are counted
/// from the last one (proc(5)).
fn parse_stat(stat: &str) -> Option<(u32, u64, u64)> {
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    Some((fields.get(1)?.parse().ok()?, fields.get(11)?.parse().ok()?, fields.get(12)?.parse().ok()?))
}

fn resident_bytes(pid: u32) -> u64 {
    let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else { return 0 };
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_is_read_past_odd_names() {
        let stat = "42 (a) b (c)) S 7 42 42 0 -1 4194560 1 0 0 0 250 31 0 0 20 0 1 0 100 1 1";
        assert_eq!(parse_stat(stat), Some((7, 250, 31)));
        assert_eq!(parse_stat("nothing"), None);
    }

    #[test]
    fn own_process_has_memory_and_its_child_counts() {
        let own = read(&Source::ProcessTree { pid: std::process::id() }).unwrap();
        assert!(own.resident_bytes > 100_000, "{own:?}");
        let mut child = std::process::Command::new("sleep").arg("5").spawn().unwrap();
        let with_child = read(&Source::ProcessTree { pid: std::process::id() }).unwrap();
        let alone = read(&Source::ProcessTree { pid: child.id() });
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(alone.is_some());
        assert!(with_child.resident_bytes >= alone.unwrap().resident_bytes);
        assert_eq!(read(&Source::ProcessTree { pid: u32::MAX }), None);
    }
}
