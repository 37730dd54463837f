//! Asks over HTTP whether addresses answer: what the scanner `URLReachability` is given, since the engine itself never
//! touches a network.
//!
//! The addresses were chosen by a language model, so by anybody. A name is resolved first, and the connection goes to
//! what was then checked: nothing private, loopback, link-local or otherwise special is connected to, whether named,
//! numbered or met behind a redirect. There is no proxy and no cookie, no body is read, and everything has a limit.

mod public;

use std::net::IpAddr;
use std::thread;
use std::time::{Duration, Instant};

use llm_shield::{FetchError, UrlFetcher};
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

pub use public::is_public;

/// Redirects that are followed.
const REDIRECTS_MAX: u32 = 10;
/// Bytes of the head of an answer.
const HEAD_BYTES_MAX: usize = 32 << 10;
/// Addresses that are asked at once.
const PARALLEL_MAX: usize = 8;
/// The addresses of one text get at most so many times the time of one.
const ROUNDS_MAX: u32 = 2;

/// Asks addresses on the public internet.
///
/// ```
/// use llm_shield::{FetchError, UrlFetcher};
/// use std::time::Duration;
///
/// let fetcher = llm_shield_fetch::PublicFetcher::new();
/// let answers = fetcher.statuses(&["http://127.0.0.1/", "http://[::1]:80/"], Duration::from_secs(1));
/// assert_eq!(answers, [Err(FetchError::Forbidden), Err(FetchError::Forbidden)]);
/// ```
#[derive(Debug, Clone)]
pub struct PublicFetcher {
    agent: Agent,
}

impl Default for PublicFetcher {
    fn default() -> Self {
        Self::new()
    }
}

impl PublicFetcher {
    /// A fetcher; it keeps no connection open.
    pub fn new() -> Self {
        Self::connecting_to(is_public)
    }

    fn connecting_to(allowed: fn(IpAddr) -> bool) -> Self {
        let config = Config::builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(REDIRECTS_MAX)
            .max_redirects_will_error(true)
            .max_response_header_size(HEAD_BYTES_MAX)
            .max_idle_connections(0)
            .user_agent(concat!("llm-shield/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = CheckedResolver { inner: DefaultResolver::default(), allowed };
        Self { agent: Agent::with_parts(config, DefaultConnector::default(), resolver) }
    }

    fn status(&self, url: &str, timeout: Duration) -> Result<u16, FetchError> {
        if timeout.is_zero() {
            return Err(FetchError::Failed);
        }
        // The two characters of llm-guard's addresses that may not stand in one.
        let url = url.replace('<', "%3C").replace('>', "%3E");
        let request = self.agent.get(&url).config().timeout_global(Some(timeout)).build();
        match request.call() {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(ureq::Error::Other(error)) if error.is::<Forbidden>() => Err(FetchError::Forbidden),
            Err(_) => Err(FetchError::Failed),
        }
    }
}

impl UrlFetcher for PublicFetcher {
    fn statuses(&self, urls: &[&str], timeout: Duration) -> Vec<Result<u16, FetchError>> {
        let end = Instant::now() + timeout * ROUNDS_MAX;
        let mut answers = Vec::with_capacity(urls.len());
        for urls in urls.chunks(PARALLEL_MAX) {
            let timeout = timeout.min(end.saturating_duration_since(Instant::now()));
            thread::scope(|scope| {
                let asked: Vec<_> =
                    urls.iter().map(|url| scope.spawn(move || self.status(url, timeout))).collect();
                answers
                    .extend(asked.into_iter().map(|asked| asked.join().unwrap_or(Err(FetchError::Failed))));
            });
        }
        answers
    }
}

/// The address is not one that may be connected to.
#[derive(Debug)]
struct Forbidden;

impl std::fmt::Display for Forbidden {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the address is not on the public internet")
    }
}

impl std::error::Error for Forbidden {}

/// Resolves as the system does and refuses a name of which one address is not allowed.
#[derive(Debug)]
struct CheckedResolver {
    inner: DefaultResolver,
    allowed: fn(IpAddr) -> bool,
}

impl Resolver for CheckedResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let addresses = self.inner.resolve(uri, config, timeout)?;
        if addresses.iter().all(|address| (self.allowed)(address.ip())) {
            Ok(addresses)
        } else {
            Err(ureq::Error::Other(Box::new(Forbidden)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    const WAIT: Duration = Duration::from_secs(2);

    /// A server on the loopback that answers by path, and its address.
    fn serve() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let mut head = [0; 4096];
                    let read = stream.read(&mut head).unwrap_or(0);
                    let head = String::from_utf8_lossy(&head[..read]).into_owned();
                    let path = head.split(' ').nth(1).unwrap_or("/");
                    let answer = match path {
                        "/ok" | "/a%3Cb" => "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_owned(),
                        "/to-ok" => {
                            "HTTP/1.1 302 Found\r\nlocation: /ok\r\ncontent-length: 0\r\n\r\n".to_owned()
                        }
                        "/inside" => {
                            "HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n"
                                .to_owned()
                        }
                        "/round" => {
                            "HTTP/1.1 302 Found\r\nlocation: /round\r\ncontent-length: 0\r\n\r\n".to_owned()
                        }
                        "/long" => format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(HEAD_BYTES_MAX)),
                        "/slow" => {
                            thread::sleep(WAIT * 2);
                            String::new()
                        }
                        _ => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
                    };
                    let _ = stream.write_all(answer.as_bytes());
                });
            }
        });
        format!("http://{address}")
    }

    fn loopback_too(address: IpAddr) -> bool {
        address.is_loopback() || is_public(address)
    }

    #[test]
    fn statuses_are_those_at_the_end_of_the_redirects() {
        let server = serve();
        let fetcher = PublicFetcher::connecting_to(loopback_too);
        let check = |path: &str, expected| {
            assert_eq!(fetcher.statuses(&[&format!("{server}{path}")], WAIT), [expected], "{path}");
        };
        check("/ok", Ok(200));
        check("/a<b", Ok(200));
        check("/gone", Ok(404));
        check("/to-ok", Ok(200));
        check("/inside", Err(FetchError::Forbidden));
        check("/round", Err(FetchError::Failed));
        check("/long", Err(FetchError::Failed));
        let started = Instant::now();
        check("/slow", Err(FetchError::Failed));
        assert!(started.elapsed() < WAIT + Duration::from_secs(1));
    }

    #[test]
    fn what_is_not_public_is_never_connected_to() {
        let server = serve();
        let fetcher = PublicFetcher::new();
        let port = server.rsplit(':').next().unwrap();
        for host in [
            "127.0.0.1",
            "localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
            "169.254.169.254",
            "10.0.0.1",
        ] {
            let url = format!("http://{host}:{port}/ok");
            let answer = fetcher.statuses(&[&url], WAIT).remove(0);
            // Where the system has no such family the name is not found.
            assert!(answer.is_err(), "{url}: {answer:?}");
        }
        for url in ["http://", "http://:80", "https://[", "http://user@127.0.0.1/", "http://2130706433/ok"] {
            assert!(fetcher.statuses(&[url], WAIT)[0].is_err(), "{url}");
        }
    }

    #[test]
    fn many_slow_addresses_take_no_longer_than_two() {
        let server = serve();
        let fetcher = PublicFetcher::connecting_to(loopback_too);
        let url = format!("{server}/slow");
        let urls = vec![url.as_str(); PARALLEL_MAX * 3];
        let started = Instant::now();
        let answers = fetcher.statuses(&urls, Duration::from_millis(300));
        assert_eq!(answers, vec![Err(FetchError::Failed); urls.len()]);
        assert!(started.elapsed() < Duration::from_millis(300) * ROUNDS_MAX + Duration::from_secs(1));
    }
}
