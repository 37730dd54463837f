//! Upload tokens of the Python package index: a macaroon in base64 whose location names the index.

use crate::base64;

/// Source: the documentation of `warehouse`, the index's software, and the binary format of libmacaroons,
/// version 2: a version byte, then the location field (`0x01`, length, `pypi.org` or `test.pypi.org`).
pub(super) fn is_macaroon(secret: &str) -> bool {
    let Some(body) = secret.strip_prefix("pypi-") else { return false };
    // The tail may be cut by a length bound, so only whole quanta are decoded.
    let whole = &body.as_bytes()[..body.len() / 4 * 4];
    let Some(bytes) = std::str::from_utf8(whole).ok().and_then(base64::decode) else { return false };
    let [2, 1, length, rest @ ..] = bytes.as_slice() else { return false };
    rest.get(..usize::from(*length)).is_some_and(|location| location.ends_with(b"pypi.org"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_location_is_the_index() {
        for (secret, expected) in [
            ("pypi-AgEIcHlwaS5vcmcAAAAAAAAA", true),
            ("pypi-AgENdGVzdC5weXBpLm9yZwAA", true),
            ("pypi-AgEIcHlwaS5jb20AAAAAAAAA", false),
            ("pypi-", false),
            ("AgEIcHlwaS5vcmcAAAAA", false),
        ] {
            assert_eq!(super::is_macaroon(secret), expected, "{secret}");
        }
    }
}
