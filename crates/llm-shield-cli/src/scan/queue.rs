//! The sources of a sweep shared between the threads that read them and the one that prints.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::pieces::Scan;
use super::sources::{Place, Reader, Reading, Source};

/// Sources that may be scanned before an earlier one is printed.
const AHEAD_MAX: usize = 1_024;
/// So many readings wake the printer.
const BATCH: usize = 128;
/// After this time the printer looks at fewer.
const PATIENCE: Duration = Duration::from_millis(10);

/// What the threads share: the sources that are left, and what was read of the others.
pub(super) struct Queue<I> {
    /// Numbered as threads take them.
    sources: Mutex<(usize, I)>,
    done: Mutex<Done>,
    /// Something was printed.
    printed: Condvar,
    /// There is much to print, or nothing more to come.
    filled: Condvar,
}

/// One source that was read, with its number.
pub(super) type Sent = (usize, Place, Reading);

struct Done {
    readings: Vec<Sent>,
    /// How many sources the printer is done with.
    printed: usize,
    /// Threads that still read.
    readers: usize,
    /// Nobody reads the output any more.
    is_stopped: bool,
}

impl<I: Iterator<Item = Source>> Queue<I> {
    pub(super) fn new(sources: I, readers: usize) -> Self {
        let done = Done { readings: Vec::new(), printed: 0, readers, is_stopped: false };
        Self {
            sources: Mutex::new((0, sources)),
            done: Mutex::new(done),
            printed: Condvar::new(),
            filled: Condvar::new(),
        }
    }

    /// The next source and its number, once it is not too far ahead of what is printed.
    fn take(&self) -> Option<(usize, Source)> {
        let (index, source) = {
            let mut sources = lock(&self.sources);
            let source = sources.1.next()?;
            let index = sources.0;
            sources.0 += 1;
            (index, source)
        };
        let too_far = |done: &mut Done| index >= done.printed.saturating_add(AHEAD_MAX) && !done.is_stopped;
        let done = lock(&self.done);
        let done = self.printed.wait_while(done, too_far).unwrap_or_else(PoisonError::into_inner);
        (!done.is_stopped).then_some((index, source))
    }

    /// Reads sources until there is none.
    pub(super) fn read(&self, scan: &Scan<'_>, limit: u64) {
        let _leaving = Leaving(self);
        let mut reader = Reader::default();
        while let Some((index, source)) = self.take() {
            let reading = reader.scan(&source, scan, limit);
            let mut done = lock(&self.done);
            done.readings.push((index, source.into_place(), reading));
            // The printer looks by itself now and then: to wake it for each small file would cost more than the file.
            if done.readings.len().is_multiple_of(BATCH) {
                self.filled.notify_one();
            }
        }
    }
}

/// A thread that reads; however it ends, the printer does not wait for it.
struct Leaving<'q, I>(&'q Queue<I>);

impl<I> Drop for Leaving<'_, I> {
    fn drop(&mut self) {
        lock(&self.0.done).readers -= 1;
        self.0.filled.notify_one();
    }
}

impl<I> Queue<I> {
    /// What was read since the last call; nothing when all is read.
    pub(super) fn readings(&self, printed: usize) -> Option<Vec<Sent>> {
        let mut done = lock(&self.done);
        done.printed = printed;
        self.printed.notify_all();
        while done.readings.is_empty() && done.readers > 0 {
            done = self.filled.wait_timeout(done, PATIENCE).unwrap_or_else(PoisonError::into_inner).0;
        }
        let readings = std::mem::take(&mut done.readings);
        (!readings.is_empty()).then_some(readings)
    }

    pub(super) fn stop(&self) {
        lock(&self.done).is_stopped = true;
        self.printed.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
