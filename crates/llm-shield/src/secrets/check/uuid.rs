//! UUIDs (RFC 9562) in their usual text form.

/// Whether `secret` is 8-4-4-4-12 hexadecimal digits, not all the same.
pub(in super::super) fn is_uuid(secret: &str) -> bool {
    let bytes = secret.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
        && bytes.iter().any(|byte| *byte != b'-' && *byte != bytes[0])
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_form_is_checked() {
        for (secret, expected) in [
            ("5d3c1b72-0f4e-4a55-9f0c-3b1f6a7d8e90", true),
            ("00000000-0000-0000-0000-000000000000", false),
            ("5d3c1b72-0f4e-4a55-9f0c-3b1f6a7d8e9", false),
            ("5d3c1b7200f4e-4a55-9f0c-3b1f6a7d8e90", false),
        ] {
            assert_eq!(super::is_uuid(secret), expected, "{secret}");
        }
    }
}
