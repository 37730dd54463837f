//! Header lines that the user adds to each request, parsed so that they cannot break it.

use std::str::FromStr;

/// Longest header line, bytes.
const LINE_BYTES_MAX: usize = 8 << 10;
/// Headers that the load tester writes itself.
const OWN: [&str; 5] = ["host", "content-type", "content-length", "transfer-encoding", "connection"];

/// One `Name: value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    name: String,
    value: String,
}

/// Why a header cannot be sent. The value is not repeated: it may be a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// No colon, or nothing usable before it.
    #[error("not of the form `Name: value`")]
    Form,
    /// A character that may not stand in a header (RFC 9110, section 5.5).
    #[error("the value of `{0}` holds a character that a header cannot carry")]
    Value(String),
    /// One that is made from the request itself.
    #[error("`{0}` is written by the load tester itself")]
    Own(String),
    /// Over the limit.
    #[error("longer than {LINE_BYTES_MAX} bytes")]
    Long,
}

impl FromStr for Header {
    type Err = HeaderError;

    fn from_str(line: &str) -> Result<Self, HeaderError> {
        if line.len() > LINE_BYTES_MAX {
            return Err(HeaderError::Long);
        }
        let (name, value) = line.split_once(':').ok_or(HeaderError::Form)?;
        // RFC 9110, section 5.6.2.
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(token) {
            return Err(HeaderError::Form);
        }
        if OWN.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(HeaderError::Own(name.to_owned()));
        }
        let value = value.trim_matches([' ', '\t']);
        if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(HeaderError::Value(name.to_owned()));
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

/// All that are added, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<Header>);

impl Headers {
    /// Each with the end of its line.
    pub(crate) fn lines(&self) -> String {
        self.0
            .iter()
            .flat_map(|Header { name, value }| [name.as_str(), ": ", value.as_str(), "\r\n"])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_sent_or_refused() {
        let headers = Headers(vec!["Authorization: Bearer a:b".parse().unwrap(), "x-id:7 ".parse().unwrap()]);
        assert_eq!(headers.lines(), "Authorization: Bearer a:b\r\nx-id: 7\r\n");
        for (line, expected) in [
            ("no colon", HeaderError::Form),
            (": x", HeaderError::Form),
            ("a b: x", HeaderError::Form),
            ("a: x\r\nb: y", HeaderError::Value("a".to_owned())),
            ("content-LENGTH: 3", HeaderError::Own("content-LENGTH".to_owned())),
        ] {
            assert_eq!(line.parse::<Header>(), Err(expected), "{line}");
        }
        assert_eq!(format!("a: {}", "x".repeat(9000)).parse::<Header>(), Err(HeaderError::Long));
    }
}
