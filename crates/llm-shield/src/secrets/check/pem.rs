//! PEM blocks (RFC 7468): the labels agree, or the text is cut before the end, and the body is base64.

/// Whether `secret`, which starts at the dashes of `-----BEGIN`, is such a block. Line ends may be real or the
/// two characters `\n` of a string literal; headers such as `Proc-Type: …` may precede the body.
pub(super) fn is_block(secret: &str) -> bool {
    let Some(rest) = secret.split_once("-----BEGIN ").map(|(_, rest)| rest) else { return false };
    let Some((label, rest)) = rest.split_once("-----") else { return false };
    let body = match rest.split_once("-----END ") {
        Some((body, end)) => {
            if !end.starts_with(label) {
                return false;
            }
            body
        }
        None => rest,
    };
    let mut characters = 0usize;
    for line in body.replace("\\r", "").replace("\\n", "\n").lines() {
        let line =
            line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '+' | '\\' | ','));
        if line.contains(": ") || line.starts_with('=') {
            continue;
        }
        if !line.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b' '))
        {
            return false;
        }
        characters += line.len();
    }
    characters >= 16
}

#[cfg(test)]
mod tests {
    #[test]
    fn labels_agree_and_the_body_is_base64() {
        for (secret, expected) in [
            (
                "-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJBAKj34GkxFhD9\n-----END RSA PRIVATE KEY-----",
                true,
            ),
            ("-----BEGIN PRIVATE KEY-----\\nMIIBOgIBAAJBAKj34GkxFhD9\\n-----END PRIVATE KEY-----\\n", true),
            ("-----BEGIN PRIVATE KEY-----\nMIIBOgIBAAJBAKj34GkxFhD9", true),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJBAKj34Gkx\n-----END PUBLIC KEY-----", false),
            ("-----BEGIN PRIVATE KEY-----\n<your key goes here>\n-----END PRIVATE KEY-----", false),
            ("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", false),
            ("no block", false),
        ] {
            assert_eq!(super::is_block(secret), expected, "{secret}");
        }
    }
}
