//! Native scanners over many texts, on several threads.
//!
//! Threads live as long as the call: a pool would not survive the `fork` by which Python starts processes.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::chain::{self, FailFast, Failure, Native, Verdict};

/// What a thread takes at once: at most so many texts, and texts until they have so many bytes.
const CHUNK_TEXTS: usize = 256;
const CHUNK_BYTES: usize = 64 << 10;
/// Fewer bytes than this are scanned before a second thread has begun.
const ALONE_BYTES: usize = 32 << 10;
/// Chunks that wait to be taken up, so that a slow taker bounds the memory.
const WAITING_MAX: usize = 64;
/// How often a signal, such as that of Ctrl-C, is looked for.
const SIGNALS: Duration = Duration::from_millis(100);

/// A text to scan.
#[derive(Clone, Copy)]
pub(crate) struct Job<'t> {
    pub(crate) text: &'t str,
    /// What an output answers.
    pub(crate) prompt: Option<&'t str>,
}

/// The scanners, and how they run.
#[derive(Clone, Copy)]
pub(crate) struct Scan<'s> {
    pub(crate) steps: &'s [Arc<Native>],
    pub(crate) fail_fast: FailFast,
    /// Threads; as many as there are processors without it.
    pub(crate) workers: Option<usize>,
}

/// What became of one text.
pub(crate) struct Done<'c> {
    /// Its place in the list.
    pub(crate) index: usize,
    /// By the scanners that ran.
    pub(crate) verdicts: &'c [Verdict],
    /// The text as they left it, if they changed it.
    pub(crate) left: Option<String>,
}

/// What became of the texts of one chunk.
#[derive(Default)]
struct Chunk {
    /// Place of the text, number of verdicts, the text if it was changed.
    rows: Vec<(usize, usize, Option<String>)>,
    verdicts: Vec<Verdict>,
    failure: Option<(usize, Failure)>,
}

/// Runs the scanners over `jobs` (places without one are passed over) and hands what became of each text to `take`, on
/// this thread but in no certain order.
pub(crate) fn scan(
    py: Python<'_>,
    scan: Scan<'_>,
    jobs: &[Option<Job<'_>>],
    mut take: impl FnMut(Done<'_>) -> PyResult<()>,
) -> PyResult<()> {
    let chunks = chunks(jobs);
    let bytes: usize = jobs.iter().flatten().map(|job| job.text.len()).sum();
    let workers = workers(scan.workers)?.min(chunks.len());
    if workers < 2 || bytes < ALONE_BYTES {
        for range in chunks {
            py.check_signals()?;
            hand_over(py.detach(|| scan_chunk(scan, jobs, range)), &mut take)?;
        }
        return Ok(());
    }
    let shared =
        Shared { scan, jobs, chunks: &chunks, next: AtomicUsize::new(0), stop: AtomicBool::new(false) };
    thread::scope(|scope| {
        let (sender, mut receiver) = sync_channel(WAITING_MAX);
        let mut started = 0;
        for _ in 0..workers {
            let (sender, shared) = (sender.clone(), &shared);
            started +=
                usize::from(thread::Builder::new().spawn_scoped(scope, move || shared.work(&sender)).is_ok());
        }
        drop(sender);
        let ended = if started == 0 {
            Err(PyRuntimeError::new_err("no thread could be started"))
        } else {
            take_all(py, &mut receiver, &mut take)
        };
        shared.stop.store(true, Ordering::Relaxed);
        // The receiver goes first: whoever waits to hand over a chunk gives up, so that all threads end.
        drop(receiver);
        ended
    })
}

/// What the threads of one call share.
struct Shared<'s> {
    scan: Scan<'s>,
    jobs: &'s [Option<Job<'s>>],
    chunks: &'s [Range<usize>],
    next: AtomicUsize,
    stop: AtomicBool,
}

impl Shared<'_> {
    /// Scans one chunk after the other until there is none.
    fn work(&self, sender: &SyncSender<Chunk>) {
        while !self.stop.load(Ordering::Relaxed) {
            let Some(range) = self.chunks.get(self.next.fetch_add(1, Ordering::Relaxed)) else { return };
            if sender.send(scan_chunk(self.scan, self.jobs, range.clone())).is_err() {
                return;
            }
        }
    }
}

/// Takes the chunks as they come, until the last thread has ended.
fn take_all(
    py: Python<'_>,
    receiver: &mut Receiver<Chunk>,
    take: &mut impl FnMut(Done<'_>) -> PyResult<()>,
) -> PyResult<()> {
    loop {
        let waiting = &mut *receiver;
        match py.detach(move || waiting.recv_timeout(SIGNALS)) {
            Ok(chunk) => hand_over(chunk, take)?,
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// The number of threads that was asked for, or as many as this process has processors.
fn workers(asked: Option<usize>) -> PyResult<usize> {
    match asked {
        Some(0) => Err(PyValueError::new_err("workers must be at least 1")),
        Some(workers) => Ok(workers),
        None => Ok(thread::available_parallelism().map_or(1, std::num::NonZero::get)),
    }
}

/// The ranges of texts that threads take.
fn chunks(jobs: &[Option<Job<'_>>]) -> Vec<Range<usize>> {
    let mut chunks = Vec::with_capacity(jobs.len() / CHUNK_TEXTS + 1);
    let (mut start, mut bytes) = (0, 0);
    for (index, job) in jobs.iter().enumerate() {
        bytes += job.map_or(0, |job| job.text.len());
        if index + 1 - start == CHUNK_TEXTS || bytes >= CHUNK_BYTES {
            chunks.push(start..index + 1);
            (start, bytes) = (index + 1, 0);
        }
    }
    if start < jobs.len() {
        chunks.push(start..jobs.len());
    }
    chunks
}

fn scan_chunk(scan: Scan<'_>, jobs: &[Option<Job<'_>>], range: Range<usize>) -> Chunk {
    let mut chunk = Chunk::default();
    for index in range {
        let Some(Job { text, prompt }) = jobs[index] else { continue };
        let before = chunk.verdicts.len();
        match chain::run(scan.steps, text, prompt, scan.fail_fast, &mut chunk.verdicts) {
            Ok(left) => chunk.rows.push((index, chunk.verdicts.len() - before, chain::changed(left))),
            Err(failure) => {
                chunk.verdicts.truncate(before);
                chunk.failure = Some((index, failure));
                break;
            }
        }
    }
    chunk
}

fn hand_over(chunk: Chunk, take: &mut impl FnMut(Done<'_>) -> PyResult<()>) -> PyResult<()> {
    let mut verdicts = chunk.verdicts.as_slice();
    for (index, ran, left) in chunk.rows {
        let (own, rest) = verdicts.split_at(ran);
        verdicts = rest;
        take(Done { index, verdicts: own, left })?;
    }
    match chunk.failure {
        Some((index, failure)) => Err(failure.at(index)),
        None => Ok(()),
    }
}
