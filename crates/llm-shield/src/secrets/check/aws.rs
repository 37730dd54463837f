//! AWS key identifiers: a four-letter prefix and a base32 body.

/// Source: AWS IAM user guide, "unique identifiers" (the prefixes); the body is base32, which knows no 0, 1, 8, 9.
pub(super) fn is_key_id(secret: &str) -> bool {
    let Some((_, body)) = secret.split_at_checked(4) else { return false };
    (12..=124).contains(&body.len()) && body.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_body_is_base32() {
        for (secret, expected) in [
            ("AKIAQ2W3E4R5T6Y7U2I3", true),
            ("AKIAQ2W3E4R5T6Y7U2I9", false),
            ("AKIAQ2W3E4R5T6Y7U2i3", false),
            ("AKIA", false),
            ("é", false),
        ] {
            assert_eq!(super::is_key_id(secret), expected, "{secret}");
        }
    }
}
