//! What the system says of this process.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};

/// The process's use of the machine since its start.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ProcessUse {
    /// CPU time in user mode, all threads, in microseconds.
    pub(super) cpu_user_us: u64,
    /// CPU time in the kernel, all threads, in microseconds.
    pub(super) cpu_system_us: u64,
    /// Resident memory in bytes; `None` where the system does not tell (other than Linux).
    pub(super) resident_bytes: Option<u64>,
}

impl ProcessUse {
    pub(super) fn now() -> Self {
        let usage = getrusage(UsageWho::RUSAGE_SELF).ok();
        let microseconds = |time: TimeVal| time.num_microseconds() as u64;
        Self {
            cpu_user_us: usage.map_or(0, |usage| microseconds(usage.user_time())),
            cpu_system_us: usage.map_or(0, |usage| microseconds(usage.system_time())),
            resident_bytes: resident_bytes(),
        }
    }
}

/// `VmRSS` of `/proc/self/status`, which is in KiB.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
