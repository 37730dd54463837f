//! Who may come in: bounds on requests in flight and on long bodies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use crate::config::{Limits, cores};
use crate::error::ApiError;

/// Counts what is under way and refuses what would be too much.
pub(crate) struct Admission {
    in_flight: AtomicUsize,
    in_flight_max: usize,
    large: Arc<Semaphore>,
    large_max: usize,
    batches: Arc<Semaphore>,
    batches_max: usize,
    /// One long text a core: more would only take turns on the same cores.
    pub(crate) blocking: Arc<Semaphore>,
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Self {
        let large_max = limits.large_bodies_max.clamp(1, Semaphore::MAX_PERMITS);
        let batches_max = limits.batches_max.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            in_flight: AtomicUsize::new(0),
            in_flight_max: limits.in_flight_max,
            large: Arc::new(Semaphore::new(large_max)),
            large_max,
            batches: Arc::new(Semaphore::new(batches_max)),
            batches_max,
            blocking: Arc::new(Semaphore::new(cores())),
        }
    }

    /// Requests between head and answer.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Lets a request in for as long as the pass lives.
    pub(crate) fn enter(&self) -> Result<Pass<'_>, ApiError> {
        let before = self.in_flight.fetch_add(1, Ordering::Relaxed);
        let pass = Pass(self);
        if before >= self.in_flight_max {
            return Err(ApiError::TooManyInFlight { limit: self.in_flight_max });
        }
        Ok(pass)
    }

    /// Lets a long body in for as long as the pass lives.
    pub(crate) fn enter_large(&self) -> Result<LargePass, ApiError> {
        let permit = Arc::clone(&self.large).try_acquire_owned();
        permit.map(LargePass).map_err(|_| ApiError::TooManyLarge { limit: self.large_max })
    }

    /// Lets a batch in for as long as the pass lives.
    pub(crate) fn enter_batch(&self) -> Result<LargePass, ApiError> {
        let permit = Arc::clone(&self.batches).try_acquire_owned();
        permit.map(LargePass).map_err(|_| ApiError::TooManyBatches { limit: self.batches_max })
    }
}

/// A request in flight.
pub(crate) struct Pass<'a>(&'a Admission);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A long body or a batch in flight.
pub(crate) struct LargePass(
    #[expect(dead_code, reason = "held for its drop")] tokio::sync::OwnedSemaphorePermit,
);
