//! How often one client may call a route: fixed windows, in the notation of Python's `limits`, as llm-guard's
//! server takes it.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;

use crate::error::ApiError;
use crate::metrics::Route;

/// Windows that are remembered at once. Clients beyond share one window a route and limit, so that no number of
/// addresses makes the table grow or opens the door.
const WINDOWS_MAX: usize = 100_000;

/// The most limits in one setting.
const LIMITS_MAX: usize = 16;

/// `n per m unit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limit {
    amount: u64,
    multiples: u64,
    unit: &'static str,
    window: Duration,
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} per {} {}", self.amount, self.multiples, self.unit)
    }
}

/// How often one client may call each of the routes that are limited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RateLimit {
    /// Shortest window first: the order in which they are asked.
    limits: Vec<Limit>,
    /// Proxies in front of the server whose word about the client is taken.
    proxies: usize,
}

impl RateLimit {
    /// Reads `100/minute`, `3 per 5 minutes`, and several of them between commas, semicolons or bars.
    pub(crate) fn parse(text: &str, proxies: usize) -> Result<Self, String> {
        let mut limits: Vec<Limit> = text.split([',', ';', '|']).map(parse_one).collect::<Option<_>>().ok_or_else(|| {
            format!("`{text}` is no rate limit; write it as `100/minute`, `3 per 5 minutes` or `10/second; 1000/day`")
        })?;
        if limits.len() > LIMITS_MAX {
            return Err(format!("{} rate limits are more than {LIMITS_MAX}", limits.len()));
        }
        if limits.iter().any(|limit| limit.amount == 0 || limit.window.is_zero()) {
            return Err(format!("`{text}` would let nothing pass"));
        }
        limits.sort_by_key(|limit| limit.window.as_secs() / limit.multiples);
        Ok(Self { limits, proxies })
    }

    /// The client that a request comes from: the peer, or whom the outermost trusted proxy names as its own.
    pub(crate) fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let forwarded =
            headers.get_all("x-forwarded-for").into_iter().filter_map(|value| value.to_str().ok());
        let named: Vec<_> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        let hop = self.proxies.checked_sub(1).and_then(|behind| named.iter().rev().nth(behind));
        hop.and_then(|name| address(name)).or(peer)
    }
}

/// An address as proxies write it: some add the port.
fn address(name: &str) -> Option<IpAddr> {
    let with_port = || name.parse::<SocketAddr>().ok().map(|address| address.ip());
    name.parse().ok().or_else(with_port)
}

fn parse_one(text: &str) -> Option<Limit> {
    let text = text.trim().to_ascii_lowercase();
    let digits = |text: &str| text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (amount, rest) = text.split_at(digits(&text));
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('/').or_else(|| rest.strip_prefix("per"))?.trim_start();
    let (multiples, unit) = rest.split_at(digits(rest));
    let (unit, seconds) = match unit.trim().trim_end_matches('s') {
        "second" => ("second", 1),
        "minute" => ("minute", 60),
        "hour" => ("hour", 60 * 60),
        "day" => ("day", 24 * 60 * 60),
        "month" => ("month", 30 * 24 * 60 * 60),
        "year" => ("year", 12 * 30 * 24 * 60 * 60),
        _ => return None,
    };
    let multiples = if multiples.is_empty() { 1 } else { multiples.parse().ok()? };
    // A century is longer than any server runs.
    let seconds =
        u64::checked_mul(multiples, seconds).filter(|seconds| *seconds <= 100 * 366 * 24 * 60 * 60)?;
    Some(Limit { amount: amount.parse().ok()?, multiples, unit, window: Duration::from_secs(seconds) })
}

/// A client as the windows know it; of IPv6 the network of 64 bits, which is what one subscriber has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Client {
    Address(IpAddr),
    Unknown,
    /// All for whom there was no room.
    Crowd,
}

impl From<Option<IpAddr>> for Client {
    fn from(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V6(address)) => {
                let network = u128::from(address) >> 64 << 64;
                Self::Address(IpAddr::V6(network.into()))
            }
            Some(address) => Self::Address(address),
            None => Self::Unknown,
        }
    }
}

type Key = (Client, Route, Duration);

struct Window {
    ends: Instant,
    hits: u64,
}

/// The windows under way.
#[derive(Default)]
pub(crate) struct Windows(Mutex<HashMap<Key, Window>>);

impl Windows {
    /// Counts `hits` calls; refuses when that is more than a limit allows.
    pub(crate) fn hit(
        &self,
        limit: &RateLimit,
        client: Option<IpAddr>,
        route: Route,
        hits: u64,
        now: Instant,
    ) -> Result<(), ApiError> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for one in &limit.limits {
            let mut key = (Client::from(client), route, one.window);
            if windows.len() >= WINDOWS_MAX && !windows.contains_key(&key) {
                windows.retain(|_, window| window.ends > now);
                if windows.len() >= WINDOWS_MAX {
                    key.0 = Client::Crowd;
                }
            }
            let window = windows.entry(key).or_insert(Window { ends: now + one.window, hits: 0 });
            if window.ends <= now {
                *window = Window { ends: now + one.window, hits: 0 };
            }
            window.hits = window.hits.saturating_add(hits);
            if window.hits > one.amount {
                let retry_after_secs = window.ends.duration_since(now).as_secs() + 1;
                return Err(ApiError::RateLimited { limit: one.to_string(), retry_after_secs });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_is_that_of_limits() {
        let check = |text: &str, expected: &[&str]| {
            let limits = RateLimit::parse(text, 0).unwrap().limits;
            assert_eq!(limits.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{text}");
        };
        check("100/minute", &["100 per 1 minute"]);
        check("3 per minute", &["3 per 1 minute"]);
        check("3per5minutes", &["3 per 5 minute"]);
        check(" 10 / 2 Seconds ", &["10 per 2 second"]);
        check(
            "1000/day; 10/second, 5 per month|2 per year",
            &["10 per 1 second", "1000 per 1 day", "5 per 1 month", "2 per 1 year"],
        );
        for wrong in [
            "",
            "100",
            "100/",
            "/minute",
            "100/fortnight",
            "-1/minute",
            "1.5/minute",
            "1/minute;",
            "0/minute",
            "1/0 minutes",
            "99999999999999999999/minute",
            "1/99999999999999999 years",
            "1 minute",
        ] {
            assert!(RateLimit::parse(wrong, 0).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_window_opens_with_the_first_call_and_closes_after_its_time() {
        let limit = RateLimit::parse("2/minute; 3/hour", 0).unwrap();
        let windows = Windows::default();
        let start = Instant::now();
        let ann: IpAddr = "192.0.2.1".parse().unwrap();
        let hit = |client: IpAddr, seconds| {
            windows.hit(&limit, Some(client), Route::AnalyzePrompt, 1, start + Duration::from_secs(seconds))
        };
        let refused = |limit: &str, retry_after_secs| {
            Err(ApiError::RateLimited { limit: limit.to_owned(), retry_after_secs })
        };
        assert_eq!(hit(ann, 0), Ok(()));
        assert_eq!(hit(ann, 30), Ok(()));
        assert_eq!(hit(ann, 40), refused("2 per 1 minute", 21));
        assert_eq!(hit("192.0.2.2".parse().unwrap(), 40), Ok(()), "each client has windows of its own");
        assert_eq!(hit(ann, 60), Ok(()));
        assert_eq!(hit(ann, 120), refused("3 per 1 hour", 3481));
        assert_eq!(hit(ann, 3600), Ok(()));
        let mapped = "::ffff:192.0.2.2".parse().unwrap();
        assert_eq!(hit(mapped, 41), Ok(()));
        assert_eq!(hit(mapped, 42), refused("2 per 1 minute", 59), "the same client in IPv6's clothes");
        assert_eq!(hit("2001:db8::1".parse().unwrap(), 0), Ok(()));
        assert_eq!(hit("2001:db8::2".parse().unwrap(), 0), Ok(()));
        assert!(hit("2001:db8::3".parse().unwrap(), 0).is_err(), "one network of 64 bits is one client");
    }

    #[test]
    fn a_crowd_shares_one_window() {
        let limit = RateLimit::parse("1000/hour", 0).unwrap();
        let windows = Windows::default();
        let now = Instant::now();
        let hit = |number: u32, now| {
            windows.hit(&limit, Some(IpAddr::V4(number.into())), Route::AnalyzePrompt, 1, now)
        };
        let refused = (0..102_000).filter(|number| hit(*number, now).is_err()).count();
        assert_eq!(refused, 1_000);
        assert!(windows.0.lock().unwrap().len() <= WINDOWS_MAX + 1);
        assert_eq!(hit(200_000, now + Duration::from_secs(3601)), Ok(()));
    }

    #[test]
    fn only_trusted_proxies_say_who_the_client_is() {
        let mut headers = HeaderMap::new();
        for value in ["10.0.0.1, 10.0.0.2", "10.0.0.3:5678,10.0.0.4"] {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let peer: IpAddr = "192.0.2.9".parse().unwrap();
        for (proxies, expected) in [(0, "192.0.2.9"), (1, "10.0.0.4"), (2, "10.0.0.3"), (9, "192.0.2.9")] {
            let limit = RateLimit::parse("1/second", proxies).unwrap();
            assert_eq!(limit.client(Some(peer), &headers), Some(expected.parse().unwrap()), "{proxies}");
        }
    }
}
