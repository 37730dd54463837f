//! Reads an HTTP/1.1 answer out of a connection's buffer and checks it against the planted truth.

use std::ops::Range;

use crate::ledger::Outcome;
use crate::workload::Truth;

/// Largest answer that is read, head and body, bytes.
pub(crate) const ANSWER_BYTES_MAX: usize = 8 << 20;

/// What the bytes so far amount to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// More bytes are needed.
    Partial,
    /// A whole answer.
    Whole {
        /// Status code.
        status: u16,
        /// The body within the buffer; for a chunked one, within the decoded copy.
        body: Range<usize>,
        /// Whether the body was chunked, and so lies in the decoded copy.
        chunked: bool,
        /// The server keeps the connection open.
        keep_alive: bool,
        /// The answer's bytes in the buffer.
        consumed: usize,
    },
    /// Not HTTP, or larger than the limit.
    Bad,
}

/// Parses `bytes`; `ended` when the server closed its side. Chunked bodies are decoded into `decoded`.
pub(crate) fn parse(bytes: &[u8], ended: bool, decoded: &mut Vec<u8>) -> Answer {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let head_bytes = match head.parse(bytes) {
        Ok(httparse::Status::Complete(head_bytes)) => head_bytes,
        Ok(httparse::Status::Partial) => return Answer::Partial,
        Err(_) => return Answer::Bad,
    };
    let status = head.code.unwrap_or(0);
    let mut keep_alive = head.version == Some(1);
    let mut length = None;
    let mut chunked = false;
    for header in head.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            length =
                std::str::from_utf8(header.value).ok().and_then(|value| value.trim().parse::<usize>().ok());
            if length.is_none_or(|length| length > ANSWER_BYTES_MAX) {
                return Answer::Bad;
            }
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = header.value.eq_ignore_ascii_case(b"chunked");
        } else if header.name.eq_ignore_ascii_case("connection") {
            keep_alive = !header.value.eq_ignore_ascii_case(b"close");
        }
    }
    if chunked {
        return match decode_chunks(&bytes[head_bytes..], decoded) {
            Chunks::Partial => Answer::Partial,
            Chunks::Bad => Answer::Bad,
            Chunks::Whole(consumed) => Answer::Whole {
                status,
                body: 0..decoded.len(),
                chunked,
                keep_alive,
                consumed: head_bytes + consumed,
            },
        };
    }
    let end = match length {
        _ if matches!(status, 204 | 304) => head_bytes,
        Some(length) => head_bytes + length,
        // Neither a length nor chunks: the body ends where the connection does.
        None if ended => bytes.len(),
        None => return Answer::Partial,
    };
    if bytes.len() < end {
        return Answer::Partial;
    }
    let keep_alive = keep_alive && !ended;
    Answer::Whole { status, body: head_bytes..end, chunked, keep_alive, consumed: end }
}

enum Chunks {
    Partial,
    Bad,
    Whole(usize),
}

fn decode_chunks(bytes: &[u8], decoded: &mut Vec<u8>) -> Chunks {
    decoded.clear();
    let mut at = 0;
    loop {
        let (size_bytes, size) = match httparse::parse_chunk_size(&bytes[at..]) {
            Ok(httparse::Status::Complete((size_bytes, size))) => (size_bytes, size as usize),
            Ok(httparse::Status::Partial) => return Chunks::Partial,
            Err(_) => return Chunks::Bad,
        };
        if size > ANSWER_BYTES_MAX {
            return Chunks::Bad;
        }
        at += size_bytes;
        if size == 0 {
            return trailers_end(bytes, at);
        }
        if bytes.len() < at + size + 2 {
            return Chunks::Partial;
        }
        decoded.extend_from_slice(&bytes[at..at + size]);
        at += size + 2;
    }
}

/// After the last chunk: trailer lines, if any, up to an empty line.
fn trailers_end(bytes: &[u8], mut at: usize) -> Chunks {
    loop {
        let Some(line) = bytes[at..].windows(2).position(|pair| pair == b"\r\n") else {
            return Chunks::Partial;
        };
        at += line + 2;
        if line == 0 {
            return Chunks::Whole(at);
        }
    }
}

/// How a request ended that was answered with `status` and `body`, when `truth` was planted.
pub(crate) fn judge(status: u16, body: &[u8], truth: Truth) -> Outcome {
    let right = match status {
        200 => match truth {
            Truth::Unknown => true,
            Truth::Safe => told_safe(body) == Some(true),
            Truth::Unsafe => told_safe(body) == Some(false) && !no_threats(body),
            Truth::NoPattern => match told_safe(body) {
                Some(true) => true,
                Some(false) => !no_threats(body) && !names_pattern(body),
                None => false,
            },
        },
        429 | 503 => return Outcome::Refused,
        400..=499 => return Outcome::ClientError,
        500..=599 => return Outcome::ServerError,
        _ => false,
    };
    if right { Outcome::Right } else { Outcome::WrongVerdict }
}

/// Whether a threat is a banned phrase or a secret.
fn names_pattern(body: &[u8]) -> bool {
    let mut rest = body;
    while let Some(value) = value_of(rest, b"\"category\"") {
        if value.starts_with(b"\"banned_content\"") || value.starts_with(b"\"secret\"") {
            return true;
        }
        rest = value;
    }
    false
}

/// The value of the first `"safe"` key. A byte search: parsing the JSON would cost more than the rest of the client.
fn told_safe(body: &[u8]) -> Option<bool> {
    let value = value_of(body, b"\"safe\"")?;
    if value.starts_with(b"true") {
        Some(true)
    } else if value.starts_with(b"false") {
        Some(false)
    } else {
        None
    }
}

/// An unsafe answer has to say why: an empty `threats` list does not.
fn no_threats(body: &[u8]) -> bool {
    value_of(body, b"\"threats\"").is_some_and(|value| {
        value.strip_prefix(b"[").is_some_and(|list| list.trim_ascii_start().starts_with(b"]"))
    })
}

fn value_of<'a>(body: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let at = body.windows(key.len()).position(|window| window == key)?;
    let rest = body[at + key.len()..].trim_ascii_start();
    Some(rest.strip_prefix(b":")?.trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8], ended: bool) -> (u16, Vec<u8>, bool) {
        let mut decoded = Vec::new();
        match parse(bytes, ended, &mut decoded) {
            Answer::Whole { status, body, chunked, keep_alive, consumed } => {
                assert_eq!(consumed, bytes.len());
                let source = if chunked { &decoded[..] } else { bytes };
                (status, source[body].to_vec(), keep_alive)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn bodies_end_by_length_by_chunks_or_by_close() {
        let check = |text: &str, ended, expected: (u16, &str, bool)| {
            let (status, body, keep_alive) = whole(text.as_bytes(), ended);
            assert_eq!(
                (status, body.as_slice(), keep_alive),
                (expected.0, expected.1.as_bytes(), expected.2)
            );
        };
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, (200, "hi", true));
        check(
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nConnection: close\r\n\r\nhi",
            false,
            (200, "hi", false),
        );
        check("HTTP/1.0 503 No\r\nContent-Length: 0\r\n\r\n", false, (503, "", false));
        check("HTTP/1.1 204 No Content\r\n\r\n", false, (204, "", true));
        check("HTTP/1.1 200 OK\r\n\r\nto the end", true, (200, "to the end", false));
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n";
        check(&format!("{chunked}\r\n"), false, (200, "abcde", true));
        check(&format!("{chunked}T: 1\r\n\r\n"), false, (200, "abcde", true));
    }

    #[test]
    fn every_prefix_of_an_answer_is_partial() {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        ] {
            for end in 0..text.len() {
                assert_eq!(parse(&text.as_bytes()[..end], false, &mut Vec::new()), Answer::Partial, "{end}");
            }
        }
    }

    #[test]
    fn garbage_is_bad() {
        for text in [
            "hello\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ] {
            assert_eq!(parse(text.as_bytes(), false, &mut Vec::new()), Answer::Bad, "{text}");
        }
    }

    #[test]
    fn answers_are_judged_by_status_and_verdict() {
        let check = |status, body: &str, truth, expected| {
            assert_eq!(judge(status, body.as_bytes(), truth), expected, "{status} {body} {truth:?}");
        };
        let safe = r#"{"safe":true,"threats":[],"latency_us":3}"#;
        let threat = r#"{"safe": false, "threats": [{"scanner":"x"}]}"#;
        check(200, safe, Truth::Safe, Outcome::Right);
        check(200, threat, Truth::Unsafe, Outcome::Right);
        check(200, safe, Truth::Unsafe, Outcome::WrongVerdict);
        check(200, threat, Truth::Safe, Outcome::WrongVerdict);
        check(200, r#"{"safe":false,"threats":[ ]}"#, Truth::Unsafe, Outcome::WrongVerdict);
        check(200, r#"{"safe":"true"}"#, Truth::Safe, Outcome::WrongVerdict);
        check(200, "", Truth::Safe, Outcome::WrongVerdict);
        check(200, "anything", Truth::Unknown, Outcome::Right);
        let secret = r#"{"safe":false,"threats":[{"category":"toxicity"},{"category":"secret"}]}"#;
        let toxic = r#"{"safe":false,"threats":[{"category":"toxicity"}]}"#;
        check(200, safe, Truth::NoPattern, Outcome::Right);
        check(200, toxic, Truth::NoPattern, Outcome::Right);
        check(200, secret, Truth::NoPattern, Outcome::WrongVerdict);
        check(302, safe, Truth::Safe, Outcome::WrongVerdict);
        check(429, "", Truth::Unknown, Outcome::Refused);
        check(503, "", Truth::Safe, Outcome::Refused);
        check(404, "", Truth::Unknown, Outcome::ClientError);
        check(500, "", Truth::Unknown, Outcome::ServerError);
    }
}
