//! `POST /analyze/batch`: many texts in one request, scanned on all cores.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use llm_shield::Feed;
use tokio::task::JoinSet;

use crate::analyze::{Ask, Look, answer, expect_json};
use crate::answer::Answer;
use crate::body::receive_batch;
use crate::config::cores;
use crate::error::ApiError;
use crate::gate;
use crate::live::Side;
use crate::metrics::Route;
use crate::pool::{Need, on_pool};
use crate::request::{Analysis, parse_batch};
use crate::shared::Shared;

/// The answers of a batch, in the order of its texts.
pub(crate) async fn batch(
    shared: &Arc<Shared>,
    ask: Ask,
    parts: &Parts,
    body: Body,
) -> Result<Answer, ApiError> {
    expect_json(&parts.headers)?;
    let place = shared.admission.enter_batch()?;
    let bytes = receive_batch(&parts.headers, body, &shared.limits).await?;
    let timeout = ask.live.timeout(Side::Prompt).max(ask.live.timeout(Side::Output));
    let (items_max, body) = (shared.limits.batch_items_max, bytes.clone());
    let count = move || Ok(parse_batch(&body, items_max)?.items.len());
    let count = if bytes.len() <= shared.limits.inline_bytes_max {
        count()
    } else {
        on_pool(shared, Need::Core, timeout, ApiError::ScanTimeout, count).await
    }?;
    // The request itself has been counted once.
    gate::limit(shared, &ask.live, Route::Batch, parts, count.saturating_sub(1) as u64)?;
    let work = Arc::new(Work {
        shared: Arc::clone(shared),
        ask,
        bytes,
        count,
        next: AtomicUsize::new(0),
        given_up: AtomicBool::new(false),
        _place: place,
    });
    let done = tokio::time::timeout(timeout, run(&work)).await;
    done.unwrap_or_else(|_| {
        // The threads stop before their next text.
        work.given_up.store(true, Ordering::Relaxed);
        Err(ApiError::ScanTimeout)
    })
}

/// A batch under way, shared by the threads that work on it.
struct Work {
    shared: Arc<Shared>,
    ask: Ask,
    bytes: Bytes,
    count: usize,
    next: AtomicUsize,
    given_up: AtomicBool,
    /// Given back when the last thread has really ended.
    _place: crate::admission::LargePass,
}

async fn run(work: &Arc<Work>) -> Result<Answer, ApiError> {
    let blocking = &work.shared.admission.blocking;
    let first = Arc::clone(blocking).acquire_owned().await.map_err(|_| ApiError::ScanFailed)?;
    let mut threads = JoinSet::new();
    let mut permit = Some(first);
    for _ in 0..cores().min(work.count.max(1)) {
        // Cores that long texts hold are not waited for.
        let Some(held) = permit.take().or_else(|| Arc::clone(blocking).try_acquire_owned().ok()) else {
            break;
        };
        let work = Arc::clone(work);
        threads.spawn_blocking(move || {
            let _held = held;
            work.take_turns()
        });
    }
    let mut answers: Vec<Option<Answer>> = Vec::new();
    answers.resize_with(work.count, || None);
    while let Some(ended) = threads.join_next().await {
        for (index, answer) in ended.unwrap_or(Err(ApiError::ScanFailed))? {
            answers[index] = Some(answer);
        }
    }
    Ok(join(answers))
}

impl Work {
    /// Scans texts that no other thread has taken until there are none left.
    fn take_turns(&self) -> Result<Vec<(usize, Answer)>, ApiError> {
        let batch = parse_batch(&self.bytes, self.shared.limits.batch_items_max)?;
        let mut answers = Vec::new();
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = batch.items.get(index).filter(|_| !self.given_up.load(Ordering::Relaxed)) else {
                return Ok(answers);
            };
            let suppress = batch.suppress.iter().map(AsRef::as_ref);
            let result = answer(&self.shared, &self.ask, look(item), item, suppress);
            if result.is_err() {
                self.given_up.store(true, Ordering::Relaxed);
            }
            answers.push((index, result.map_err(|error| error.in_item(index))?));
        }
    }
}

fn look(item: &Analysis<'_>) -> Look {
    let side = if item.output.is_some() { Side::Output } else { Side::Prompt };
    Look { side, feed: Feed::Chained }
}

/// `{"results": […]}`, each as the route for one text answers.
fn join(answers: Vec<Option<Answer>>) -> Answer {
    let answers: Vec<Answer> = answers.into_iter().flatten().collect();
    let bytes: usize = answers.iter().map(|answer| answer.json.len() + 1).sum();
    let mut joined = Answer { json: Vec::with_capacity(bytes + 16), scan: Duration::ZERO, runs: Vec::new() };
    joined.json.extend_from_slice(b"{\"results\":[");
    for (index, answer) in answers.into_iter().enumerate() {
        if index > 0 {
            joined.json.push(b',');
        }
        joined.json.extend_from_slice(&answer.json);
        joined.scan += answer.scan;
        joined.runs.extend(answer.runs);
    }
    joined.json.extend_from_slice(b"]}");
    joined
}
