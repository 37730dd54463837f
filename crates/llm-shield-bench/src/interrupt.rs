//! Ctrl-C and SIGTERM as a flag, so that what was measured is written and the server is ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use nix::sys::signal::{SigSet, Signal};

/// Sets the flag it gives when SIGINT or SIGTERM arrives. Call it before any other thread is started: the signals are
/// blocked in the calling thread and in those that it starts later, and one thread waits for them. Child processes
/// start with a clean mask.
pub fn stop_on_interrupt() -> std::io::Result<Arc<AtomicBool>> {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGINT);
    signals.add(Signal::SIGTERM);
    signals.thread_block()?;
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        while signals.wait().is_ok() {
            flag.store(true, Ordering::Relaxed);
        }
    })?;
    Ok(stop)
}
