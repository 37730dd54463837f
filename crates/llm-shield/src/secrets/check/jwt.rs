//! JSON Web Tokens (RFC 7519): header and payload are JSON objects, the header names its algorithm.

use super::base64_json::object;
use crate::base64;

/// Whether the first two parts decode and the header has `alg` (or `enc`, for an encrypted token, whose second
/// part is a key and not JSON; RFC 7516).
pub(super) fn is_token(secret: &str) -> bool {
    let mut parts = secret.split('.');
    let (Some(header), Some(payload)) = (parts.next(), parts.next()) else { return false };
    let Some(header) = base64::decode(header).as_deref().and_then(object) else { return false };
    if header.contains_key("enc") {
        return true;
    }
    header.contains_key("alg") && base64::decode(payload).as_deref().and_then(object).is_some()
}

#[cfg(test)]
mod tests {
    #[test]
    fn header_and_payload_are_objects_and_the_header_has_alg() {
        for (secret, expected) in [
            ("eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln", true),
            ("eyJhbGciOiJub25lIn0.eyJhIjoxfQ", true),
            ("eyJ0eXAiOiJKV1QifQ.eyJhIjoxfQ.c2ln", false),
            ("eyJhbGciOiJub25lIn0.WzFd.c2ln", false),
            ("eyJhbGciOiJub25lIn0", false),
            ("", false),
        ] {
            assert_eq!(super::is_token(secret), expected, "{secret}");
        }
    }
}
