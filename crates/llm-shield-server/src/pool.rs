//! Work that would hold up a connection's thread, on the blocking pool.

use std::sync::Arc;
use std::time::Duration;

use crate::error::ApiError;
use crate::shared::Shared;

/// What work on the blocking pool needs beside a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A core: more of such work at once would only take turns.
    Core,
    /// Nothing: it waits for most of its time.
    Thread,
}

/// Runs `work` on the blocking pool and answers in time also when it does not end in time.
pub(crate) async fn on_pool<T: Send + 'static>(
    shared: &Arc<Shared>,
    need: Need,
    timeout: Duration,
    late: ApiError,
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let blocking = Arc::clone(&shared.admission.blocking);
    let run = async move {
        let permit = match need {
            Need::Core => Some(blocking.acquire_owned().await.map_err(|_| ApiError::ScanFailed)?),
            Need::Thread => None,
        };
        let work = tokio::task::spawn_blocking(move || {
            let _held = permit;
            work()
        });
        work.await.unwrap_or(Err(ApiError::ScanFailed))
    };
    tokio::time::timeout(timeout, run).await.unwrap_or(Err(late))
}
