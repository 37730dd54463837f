//! JSON objects in base64: service accounts, registry logins, tokens that start with `eyJ`.

use crate::base64;

/// Whether all of `secret` decodes to a JSON object.
pub(super) fn is_object(secret: &str) -> bool {
    base64::decode(secret).is_some_and(|bytes| object(&bytes).is_some())
}

/// `bytes` as a JSON object.
pub(super) fn object(bytes: &[u8]) -> Option<serde_json::Map<String, serde_json::Value>> {
    serde_json::from_slice(bytes).ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_objects_hold() {
        for (secret, expected) in [
            ("eyJhIjoxfQ==", true),
            ("eyJhIjoxfQ", true),
            ("WzEsMl0=", false),
            ("eyJhIjox", false),
            ("not base64", false),
        ] {
            assert_eq!(super::is_object(secret), expected, "{secret}");
        }
    }
}
