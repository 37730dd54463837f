//! The URL that is driven, parsed, and plain one-off requests to the same server (health, metrics).

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::client::answer::{self, Answer};

/// Largest answer to a one-off request, bytes.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// An `http://host[:port][/path]` address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `host:port` as written, for the `Host` header.
    pub authority: String,
    /// Starts with `/`.
    pub path: String,
}

/// Why a server cannot be talked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// Not a URL that can be driven.
    #[error("{url}: {message}")]
    Url {
        /// As given.
        url: String,
        /// What is wrong.
        message: &'static str,
    },
    /// No such host, or nobody listens.
    #[error("cannot reach {authority}: {source}")]
    Unreachable {
        /// Host and port.
        authority: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The answer is not HTTP, or too large.
    #[error("{url}: the answer is not HTTP/1.1 or exceeds {ANSWER_BYTES_MAX} bytes")]
    Answer {
        /// What was asked for.
        url: String,
    },
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(url: &str) -> Result<Self, TargetError> {
        let wrong = |message| TargetError::Url { url: url.to_owned(), message };
        let rest = url
            .strip_prefix("http://")
            .ok_or_else(|| wrong("must start with http:// (TLS is not driven)"))?;
        let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if authority.is_empty() || authority.contains('@') || !visible(authority) {
            return Err(wrong("has no usable host"));
        }
        if !visible(path) {
            return Err(wrong("the path holds characters that must be percent-encoded"));
        }
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let authority = if has_port { authority.to_owned() } else { format!("{authority}:80") };
        Ok(Self { authority, path: path.to_owned() })
    }
}

impl Target {
    /// The whole URL.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.authority, self.path)
    }

    /// The same server, another path.
    #[must_use]
    pub fn with_path(&self, path: &str) -> Self {
        Self { authority: self.authority.clone(), path: path.to_owned() }
    }

    /// An address of the host that accepts a connection now.
    pub fn reach(&self, timeout: Duration) -> Result<SocketAddr, TargetError> {
        self.connect(timeout).map(|(address, _)| address)
    }

    /// `GET` with the given `Accept`; gives status and body.
    pub fn fetch(&self, accept: &str, timeout: Duration) -> Result<(u16, Vec<u8>), TargetError> {
        let unreachable = |source| TargetError::Unreachable { authority: self.authority.clone(), source };
        let (_, mut stream) = self.connect(timeout)?;
        let deadline = Instant::now() + timeout;
        stream.set_nodelay(true).map_err(unreachable)?;
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n",
            self.path, self.authority
        );
        stream.write_all(request.as_bytes()).map_err(unreachable)?;
        let mut bytes = Vec::new();
        let mut chunk = [0; 8192];
        loop {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            stream.set_read_timeout(Some(left)).map_err(unreachable)?;
            let count = stream.read(&mut chunk).map_err(unreachable)?;
            bytes.extend_from_slice(&chunk[..count]);
            let mut decoded = Vec::new();
            match answer::parse(&bytes, count == 0, &mut decoded) {
                Answer::Whole { status, chunked: true, .. } => return Ok((status, decoded)),
                Answer::Whole { status, body, .. } => return Ok((status, bytes[body].to_vec())),
                Answer::Partial if count > 0 && bytes.len() < ANSWER_BYTES_MAX => {}
                _ => return Err(TargetError::Answer { url: self.url() }),
            }
        }
    }

    fn connect(&self, timeout: Duration) -> Result<(SocketAddr, TcpStream), TargetError> {
        let unreachable = |source| TargetError::Unreachable { authority: self.authority.clone(), source };
        let mut last = std::io::Error::from(std::io::ErrorKind::NotFound);
        for address in self.authority.to_socket_addrs().map_err(unreachable)? {
            match TcpStream::connect_timeout(&address, timeout) {
                Ok(stream) => return Ok((address, stream)),
                Err(error) => last = error,
            }
        }
        Err(unreachable(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_parsed_or_refused() {
        let check = |url: &str, authority: &str, path: &str| {
            let target: Target = url.parse().unwrap();
            assert_eq!((target.authority.as_str(), target.path.as_str()), (authority, path));
        };
        check("http://localhost:3000/scan", "localhost:3000", "/scan");
        check("http://localhost", "localhost:80", "/");
        check("http://[::1]:8000/a?b=c", "[::1]:8000", "/a?b=c");
        for url in [
            "https://x/",
            "localhost:3000",
            "http://",
            "http:///x",
            "http://a@b/",
            "http://a/b c",
            "http://a\r\n/",
        ] {
            assert!(url.parse::<Target>().is_err(), "{url}");
        }
    }
}
