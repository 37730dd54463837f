//! Which cores the client and the server run on, so that neither starves the other on one machine.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// Whether client and server get cores of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pinning {
    /// The kernel places all threads.
    None,
    /// The server gets the first half of the cores, the client the second.
    Split,
}

/// Cores of each side; `None` leaves the placement to the kernel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cores {
    /// The server's.
    pub server: Option<Vec<usize>>,
    /// The client's.
    pub client: Option<Vec<usize>>,
}

/// Cores that this process may use.
pub fn allowed() -> Vec<usize> {
    let Ok(set) = sched_getaffinity(Pid::from_raw(0)) else { return vec![0] };
    (0..CpuSet::count()).filter(|&core| set.is_set(core).unwrap_or(false)).collect()
}

/// Divides the allowed cores. With a single core there is nothing to divide.
pub fn divide(pinning: Pinning, allowed: &[usize]) -> Cores {
    if pinning == Pinning::None || allowed.len() < 2 {
        return Cores::default();
    }
    let (server, client) = allowed.split_at(allowed.len() / 2);
    Cores { server: Some(server.to_vec()), client: Some(client.to_vec()) }
}

/// Threads of the client if nobody says otherwise: half of the cores, at least one.
pub fn client_threads() -> usize {
    (allowed().len() / 2).max(1)
}

/// Pins the calling thread, and what it starts later, to `cores`.
pub fn pin_this_thread(cores: &[usize]) -> std::io::Result<()> {
    let mut set = CpuSet::new();
    for &core in cores {
        set.set(core)?;
    }
    Ok(sched_setaffinity(Pid::from_raw(0), &set)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_halved_without_overlap() {
        let check = |pinning, allowed: &[usize], server: Option<&[usize]>, client: Option<&[usize]>| {
            let expected = Cores { server: server.map(<[_]>::to_vec), client: client.map(<[_]>::to_vec) };
            assert_eq!(divide(pinning, allowed), expected);
        };
        check(Pinning::Split, &[0, 1], Some(&[0]), Some(&[1]));
        check(Pinning::Split, &[2, 5, 7], Some(&[2]), Some(&[5, 7]));
        check(Pinning::Split, &[0], None, None);
        check(Pinning::None, &[0, 1], None, None);
    }

    #[test]
    fn a_pinned_thread_may_use_only_its_core() {
        let core = allowed()[0];
        let seen = std::thread::spawn(move || pin_this_thread(&[core]).map(|()| allowed())).join().unwrap();
        assert_eq!(seen.unwrap(), vec![core]);
    }
}
