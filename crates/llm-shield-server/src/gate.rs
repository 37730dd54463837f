//! What happens to a request before its body is read: the rate limit, then authentication, then the choice of the
//! policy.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::request::Parts;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::live::{Live, Place, Stage};
use crate::metrics::Route;
use crate::shared::Shared;

/// The other end of a connection; set on a request only while a rate limit needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// A request that may go on, and under what.
pub(crate) struct Access {
    pub(crate) live: Arc<Live>,
    pub(crate) caller: Caller,
    pub(crate) place: Place,
}

/// Whether a request to one of the benchmark contract's routes may go on.
pub(crate) async fn pass(shared: &Shared, route: Route, parts: &Parts) -> Result<(), ApiError> {
    let now = admit(shared, &shared.live.load(), route, parts);
    if let Some(admitted) = now {
        return admitted;
    }
    Box::pin(loaded(shared)).await?;
    admit(shared, &shared.live.load(), route, parts).unwrap_or(Err(ApiError::Loading))
}

/// As [`pass`]; `None` while the scanners are being built.
fn admit(shared: &Shared, live: &Live, route: Route, parts: &Parts) -> Option<Result<(), ApiError>> {
    (live.stage == Stage::Ready).then(|| {
        limit(shared, live, route, parts, 1)?;
        live.settings.auth.check(&parts.headers).map(drop)
    })
}

/// Whether a request to a policy's route may go on, and with which policy.
pub(crate) async fn enter(shared: &Shared, route: Route, parts: &Parts) -> Result<Access, ApiError> {
    if shared.live.load().stage == Stage::Loading {
        loaded(shared).await?;
    }
    let live = shared.live.load_full();
    limit(shared, &live, route, parts, 1)?;
    let caller = live.settings.auth.check(&parts.headers)?;
    let place = live.place(caller, &parts.headers)?;
    Ok(Access { live, caller, place })
}

/// Counts further calls of a request that stands for several.
pub(crate) fn limit(
    shared: &Shared,
    live: &Live,
    route: Route,
    parts: &Parts,
    calls: u64,
) -> Result<(), ApiError> {
    let Some(limit) = &live.settings.rate_limit else { return Ok(()) };
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
    let client = limit.client(peer, &parts.headers);
    shared.windows.hit(limit, client, route, calls, Instant::now())
}

/// Waits for the scanners of a server that opened its port before they were built.
async fn loaded(shared: &Shared) -> Result<(), ApiError> {
    const PATIENCE: Duration = Duration::from_secs(30);
    let ready = async {
        loop {
            let swapped = shared.swapped.notified();
            if shared.live.load().stage == Stage::Ready {
                return;
            }
            swapped.await;
        }
    };
    tokio::time::timeout(PATIENCE, ready).await.map_err(|_| ApiError::Loading)
}
