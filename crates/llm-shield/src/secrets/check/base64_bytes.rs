//! Keys and credentials that are a fixed thing once decoded from base64.

use super::base64_json::object;
use crate::base64;

/// Whether `secret` is base64 of exactly `length` bytes. Percent signs of a URL are decoded first.
pub(super) fn is_bytes(secret: &str, length: usize) -> bool {
    let plain = secret.replace("%2B", "+").replace("%2b", "+").replace("%2F", "/").replace("%2f", "/");
    let plain = plain.replace("%3D", "=").replace("%3d", "=");
    base64::decode(&plain).is_some_and(|bytes| bytes.len() == length)
}

/// Whether `secret` decodes to a user's name, a colon and a password (RFC 7617).
pub(super) fn is_pair(secret: &str) -> bool {
    base64::decode(secret).is_some_and(|bytes| {
        bytes.contains(&b':')
            && std::str::from_utf8(&bytes).is_ok_and(|pair| !pair.contains(char::is_control))
    })
}

/// Whether the base64 that begins with `eyJ` within `secret` is a JSON object: tokens that carry their data behind a
/// prefix.
pub(super) fn holds_object(secret: &str) -> bool {
    let Some(rest) = secret.find("eyJ").map(|at| &secret[at..]) else { return false };
    // A part of another kind may follow behind a dot or an underscore, which also belongs to one of the alphabets.
    ['.', '_'].into_iter().any(|bound| {
        let part = rest.split(bound).next().unwrap_or_default();
        base64::decode(part).is_some_and(|bytes| object(&bytes).is_some())
    })
}

/// Whether the first part of `secret` is a number in base64, as in Discord's bot tokens, where it is the user's id.
pub(super) fn starts_with_id(secret: &str) -> bool {
    let first = secret.split('.').next().unwrap_or_default();
    base64::decode(first).is_some_and(|bytes| bytes.len() >= 15 && bytes.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decoded_is_checked() {
        assert!(is_bytes("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=", 32));
        assert!(is_bytes("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA%3D", 32));
        assert!(!is_bytes("q83vEjRWeJCrze8S", 32));
        assert!(is_pair("c3ZjOm1IWVZ3Z2Vv"));
        assert!(!is_pair("c3ZjbUhZVndnZW8="));
        assert!(holds_object("ops_eyJhIjoxfQ"));
        assert!(holds_object("glc_eyJhIjoxfQ=="));
        assert!(holds_object("sntrys_eyJhIjoxfQ==_c2VjcmV0"));
        assert!(holds_object("sk.eyJhIjoxfQ.c2VjcmV0"));
        assert!(!holds_object("ops_eyJhIjox"));
        assert!(!holds_object("ops_"));
        assert!(starts_with_id("MTIzNDU2Nzg5MDEyMzQ1Njc4.Gx1y2z.rest"));
        assert!(!starts_with_id("MTIzYWJj.x"));
    }
}
