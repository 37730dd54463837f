//! Reads values that no name of their own announces: passwords in addresses, HTTP authentication, web tokens and
//! web keys. Every loop here is bounded by a constant.

use super::value::{self, Found, VALUE_BYTES_MAX};
use crate::Span;
use crate::base64;

/// How far around `kty` the other members of a web key stand.
pub(super) const WEB_KEY_BYTES: usize = 2048;

/// The run of token characters at `start`.
pub(super) fn run(text: &str, start: usize) -> Span {
    let is_token = |byte: &&u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'.' | b'~')
    };
    let length = text.as_bytes()[start..].iter().take(VALUE_BYTES_MAX).take_while(is_token).count();
    Span::new(start, start + length)
}

/// The password in `user:password@host`, which begins at `start`.
pub(super) fn url_password(text: &str, start: usize) -> Option<Span> {
    let bytes = text.as_bytes();
    let mut colon = None;
    let mut at_sign = None;
    for (offset, byte) in bytes[start..].iter().take(VALUE_BYTES_MAX).enumerate() {
        match byte {
            b':' if colon.is_none() => colon = Some(start + offset),
            b'@' => at_sign = Some(start + offset),
            b'/' | b'?' | b'#' | b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\'
            | b',' => break,
            _ => {}
        }
    }
    let (colon, at_sign) = (colon?, at_sign?);
    (colon + 1 < at_sign).then(|| Span::new(colon + 1, at_sign))
}

/// The password of `user:password`, quoted or not, at `start`.
pub(super) fn user_password(text: &str, start: usize) -> Option<Span> {
    let found = value::argument_at(text, start)?;
    let colon = text[found.span.range()].find(':')?;
    (colon + 1 < found.span.len()).then(|| Span::new(found.span.start + colon + 1, found.span.end))
}

/// The JSON Web Token (RFC 7519) that begins at `start`: three parts of base64, of which the first says `alg`.
pub(super) fn web_token(text: &str, start: usize) -> Option<Span> {
    const BYTES_MAX: usize = 4096;
    let bytes = &text.as_bytes()[start..];
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    // Within a run of token characters none begins, so that each run is read once.
    if !bytes.starts_with(b"eyJ") || text.as_bytes()[..start].last().is_some_and(|byte| is_token(*byte)) {
        return None;
    }
    let length = bytes.iter().take(BYTES_MAX).take_while(|byte| is_token(**byte)).count();
    let token = &text[start..start + length];
    let mut parts = token.splitn(4, '.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    // An encrypted one (RFC 7516) also says `enc`: without its key it gives nothing away.
    let says_algorithm = base64::decode(header).is_some_and(|json| {
        let says = |name: &[u8]| json.windows(name.len()).any(|window| window == name);
        (says(b"\"alg\"") || json.starts_with(b"{\"jwk\"")) && !says(b"\"enc\"")
    });
    (payload.len() > 2 && !signature.is_empty() && says_algorithm).then(|| Span::new(start, start + length))
}

/// The members of an object within `place` whose one-letter name is among `names`, with their literals.
pub(super) fn members(
    text: &str,
    place: Span,
    names: [u8; 2],
) -> impl Iterator<Item = (Span, Found)> + use<'_> {
    let bytes = text.as_bytes();
    place.range().filter_map(move |at| {
        let is_member = names.contains(&bytes[at])
            && matches!(bytes.get(at + 1), Some(b':' | b'"' | b'\''))
            && at > 0
            && matches!(bytes[at - 1], b'"' | b'\'' | b' ' | b'\t' | b'\n' | b',' | b'{');
        if !is_member {
            return None;
        }
        let name = Span::new(at, at + 1);
        let found = value::behind(text, name).filter(|found| found.span.len() >= 16)?;
        Some((name, found))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_tokens_and_web_keys_are_read() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJxIn0.c2lnbmF0dXJl";
        for (text, start, expected) in [
            (format!("'{token}'"), 1, true),
            (token.to_owned(), 0, true),
            (format!("x{token}"), 1, false),
            ("eyJhbGciOiJIUzI1NiJ9".to_owned(), 0, false),
            ("eyJzdWIiOiJxIn0.eyJzdWIiOiJxIn0.c2ln".to_owned(), 0, false),
        ] {
            assert_eq!(web_token(&text, start).is_some(), expected, "{text}");
        }
        let key = "{ kty: 'oct', k: 'GawgguFyGrWKav7AX4VKUg', kid: 'abcdefghijklmnopq' }";
        let found: Vec<_> = members(key, Span::new(0, key.len()), [b'd', b'k']).collect();
        assert_eq!(found.len(), 1);
        assert_eq!(&key[found[0].1.span.range()], "GawgguFyGrWKav7AX4VKUg");
    }

    #[test]
    fn passwords_of_users_are_read() {
        for (text, expected) in [
            ("admin:abc http://x", Some("abc")),
            ("'admin:a b'", Some("a b")),
            ("admin", None),
            ("admin:", None),
        ] {
            assert_eq!(user_password(text, 0).map(|span| &text[span.range()]), expected, "{text}");
        }
    }

    #[test]
    fn passwords_of_urls_are_read() {
        for (text, expected) in [
            ("user:abc@host", Some("abc")),
            ("user:a@bc@host/x@y", Some("a@bc")),
            (":abc@host", Some("abc")),
            ("user@host:80", None),
            ("host:80/a@b", None),
            ("user:@host", None),
        ] {
            let found = url_password(text, 0);
            assert_eq!(found.map(|span| &text[span.range()]), expected, "{text}");
        }
    }
}
