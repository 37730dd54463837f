//! W3C Trace Context, version 00: which trace a request belongs to.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName};

/// The header that says to which trace a request belongs.
pub(crate) static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// A request's place in a trace; ids are never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceContext {
    pub(crate) trace_id: u128,
    /// Of this server's work on the request.
    pub(crate) span_id: u64,
    /// Of the caller's work, when there was a caller that said so.
    pub(crate) parent_id: Option<u64>,
    /// Whether the caller records this trace; a trace that begins here is recorded.
    pub(crate) sampled: bool,
}

impl TraceContext {
    /// The caller's trace, continued; a header that is not sound counts as none, as the standard wants it.
    pub(crate) fn continued(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(&TRACEPARENT).iter();
        let value = values.next()?;
        if values.next().is_some() {
            return None;
        }
        let (trace_id, parent, sampled) = parse(value.to_str().ok()?)?;
        Some(Self { trace_id, span_id: fresh_id(), parent_id: Some(parent), sampled })
    }

    /// A trace that begins here.
    pub(crate) fn begun() -> Self {
        let trace_id = u128::from(fresh_id()) << 64 | u128::from(fresh_id());
        Self { trace_id, span_id: fresh_id(), parent_id: None, sampled: true }
    }
}

/// The header's value for whoever comes next.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, u8::from(self.sampled))
    }
}

/// The caller's vendor-specific part of its trace; beyond the 512 bytes that the standard asks for it is dropped.
#[cfg(feature = "otlp")]
pub(crate) fn trace_state(headers: &HeaderMap) -> Option<String> {
    let values: Vec<&str> =
        headers.get_all("tracestate").iter().filter_map(|value| value.to_str().ok()).collect();
    let joined = values.join(",");
    (1..=512).contains(&joined.len()).then_some(joined)
}

/// Trace id, parent id and whether it is sampled.
fn parse(value: &str) -> Option<(u128, u64, bool)> {
    let value = value.trim_matches([' ', '\t']);
    let mut parts = value.split('-');
    let [version, trace, parent, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let version = hex(version, 2)?;
    // Version 255 is forbidden; later versions may add parts, version 0 has none.
    if version == 0xff || (version == 0 && parts.next().is_some()) {
        return None;
    }
    let (trace, parent, flags) = (hex(trace, 32)?, hex(parent, 16)?, hex(flags, 2)?);
    let parent = u64::try_from(parent).ok()?;
    (trace != 0 && parent != 0).then_some((trace, parent, flags & 1 == 1))
}

fn hex(digits: &str, length: usize) -> Option<u128> {
    let sound = digits.len() == length && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if sound { u128::from_str_radix(digits, 16).ok() } else { None }
}

/// An id that cannot be foreseen: a counter, hashed with a key that the system drew for this process.
pub(crate) fn fresh_id() -> u64 {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    KEY.hash_one(NUMBER.fetch_add(1, Ordering::Relaxed)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    #[test]
    fn sound_headers_are_read_and_others_are_none() {
        let sound = |flags: &str| parse(&format!("00-{TRACE}-b7ad6b7169203331-{flags}"));
        let ids = (0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, 0xb7ad_6b71_6920_3331);
        assert_eq!(sound("01"), Some((ids.0, ids.1, true)));
        assert_eq!(sound("00"), Some((ids.0, ids.1, false)));
        assert_eq!(sound("03").map(|found| found.2), Some(true));
        assert!(parse(&format!("01-{TRACE}-b7ad6b7169203331-01-more")).is_some());
        for bad in [
            "",
            "00",
            "00-0-0-0",
            &format!("ff-{TRACE}-b7ad6b7169203331-01"),
            &format!("00-{TRACE}-b7ad6b7169203331-01-more"),
            &format!("00-{TRACE}-b7ad6b7169203331-1"),
            &format!("00-{TRACE}-b7ad6b716920333-01"),
            &format!("00-{}-b7ad6b7169203331-01", TRACE.to_uppercase()),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            &format!("00-{TRACE}-0000000000000000-01"),
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_goes_on_is_sound_and_has_the_callers_trace() {
        let mut headers = HeaderMap::new();
        headers.insert(&TRACEPARENT, format!("00-{TRACE}-b7ad6b7169203331-01").parse().unwrap());
        let context = TraceContext::continued(&headers).unwrap();
        let (trace_id, span_id, sampled) = parse(&context.to_string()).unwrap();
        assert_eq!((trace_id, span_id, sampled), (context.trace_id, context.span_id, true));
        assert_ne!(context.span_id, 0xb7ad_6b71_6920_3331);
        headers.append(&TRACEPARENT, "00".parse().unwrap());
        assert_eq!(TraceContext::continued(&headers), None, "two headers are none");
        assert_ne!(TraceContext::begun().trace_id, TraceContext::begun().trace_id);
    }
}
