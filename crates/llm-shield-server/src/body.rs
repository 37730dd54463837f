//! Receiving a body within limits of size and time.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, header};

use crate::admission::{Admission, LargePass};
use crate::config::Limits;
use crate::error::ApiError;

/// Up to this many times the limit, a body that is too long is received and thrown away before it is refused: a
/// client that is still sending when the connection closes would not see the answer.
const DISCARD_FACTOR: usize = 4;

/// A whole body; a long one holds its place among the long ones.
pub(crate) struct Received {
    pub(crate) bytes: Bytes,
    pub(crate) large: Option<LargePass>,
}

pub(crate) async fn receive(
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
    admission: &Admission,
) -> Result<Received, ApiError> {
    in_time(headers, limits, collect(headers, body, limits, Room::Text(admission))).await
}

/// As [`receive`], for a batch, which already has its place.
pub(crate) async fn receive_batch(
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
) -> Result<Bytes, ApiError> {
    Ok(in_time(headers, limits, collect(headers, body, limits, Room::Batch)).await?.bytes)
}

/// Where a body is to go.
#[derive(Clone, Copy)]
enum Room<'a> {
    /// Among the texts: a long one needs a place.
    Text(&'a Admission),
    /// Into a batch.
    Batch,
}

impl Room<'_> {
    fn place(self) -> Result<Option<LargePass>, ApiError> {
        match self {
            Self::Text(admission) => admission.enter_large().map(Some),
            Self::Batch => Ok(None),
        }
    }
}

async fn in_time(
    headers: &HeaderMap,
    limits: &Limits,
    collected: impl Future<Output = Result<Received, ApiError>>,
) -> Result<Received, ApiError> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(ApiError::Encoded);
    }
    let limit_ms = limits.body_timeout.as_millis();
    // A timer is set up only if the body is not there at the first look.
    tokio::time::timeout(limits.body_timeout, collected).await.unwrap_or(Err(ApiError::SlowBody { limit_ms }))
}

async fn collect(
    headers: &HeaderMap,
    mut body: Body,
    limits: &Limits,
    room: Room<'_>,
) -> Result<Received, ApiError> {
    let limit = match room {
        Room::Text(_) => limits.body_bytes_max,
        Room::Batch => limits.batch_bytes_max,
    };
    let declared = body.size_hint().exact().map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    if declared.is_some_and(|bytes| bytes > limit) {
        // To read would tell a client that waits for `100 Continue` to go on.
        if !headers.contains_key(header::EXPECT)
            && declared.is_some_and(|bytes| bytes <= limit * DISCARD_FACTOR)
        {
            discard(body, limit * DISCARD_FACTOR).await;
        }
        return Err(ApiError::BodyTooLarge { limit });
    }
    let mut large = None;
    if declared.is_some_and(|bytes| bytes > limits.inline_bytes_max) {
        large = room.place()?;
    }
    let Some(first) = next_data(&mut body).await? else { return Ok(Received { bytes: Bytes::new(), large }) };
    if body.is_end_stream() && first.len() <= limits.inline_bytes_max {
        return Ok(Received { bytes: first, large });
    }
    let mut collected = Vec::with_capacity(declared.unwrap_or(first.len()));
    let mut next = Some(first);
    while let Some(data) = next {
        if collected.len() + data.len() > limit {
            discard(body, limit * DISCARD_FACTOR).await;
            return Err(ApiError::BodyTooLarge { limit });
        }
        if large.is_none() && collected.len() + data.len() > limits.inline_bytes_max {
            large = room.place()?;
        }
        collected.extend_from_slice(&data);
        next = next_data(&mut body).await?;
    }
    Ok(Received { bytes: collected.into(), large })
}

async fn next_data(body: &mut Body) -> Result<Option<Bytes>, ApiError> {
    loop {
        match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
            None => return Ok(None),
            Some(Err(_)) => return Err(ApiError::BrokenBody),
            // Anything but data is trailers, of which no route takes any.
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

/// Takes in the body of a request that is refused for its head, if it is of a length that would be taken: closing on
/// bytes that nobody has read could overtake the answer.
pub(crate) async fn discard_unread(headers: &HeaderMap, body: Body, limits: &Limits) {
    let declared = body.size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok());
    let short = declared.is_some_and(|bytes| bytes > 0 && bytes <= limits.body_bytes_max);
    if short && !headers.contains_key(header::EXPECT) {
        discard(body, limits.body_bytes_max).await;
    }
}

async fn discard(mut body: Body, bytes_max: usize) {
    /// A client that dawdles over a body that nobody wants is not waited for.
    const PATIENCE: Duration = Duration::from_secs(2);
    let mut seen = 0;
    let drain = async {
        while let Ok(Some(data)) = next_data(&mut body).await {
            seen += data.len();
            if seen > bytes_max {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(PATIENCE, drain).await;
}
