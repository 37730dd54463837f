//! PEM blocks (RFC 7468): the labels agree, or the text is cut before the end, and the body is base64.

use crate::base64;

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

/// Whether `secret` is a block whose body has the magic of OpenSSH's own format (`openssh-key-v1`, PROTOCOL.key).
pub(super) fn is_openssh(secret: &str) -> bool {
    let body = secret.split("KEY-----").nth(1).unwrap_or_default();
    let unescaped = body.replace("\\r", "").replace("\\n", "");
    let characters = unescaped.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/'));
    is_block(secret) && characters.take(OPENSSH_MAGIC.len()).eq(OPENSSH_MAGIC.chars())
}

/// `openssh-key-v1` in base64, as far as whole characters go.
const OPENSSH_MAGIC: &str = "b3BlbnNzaC1rZXktdjE";

/// Whether `secret` is a whole block in base64 once more, as in a Kubernetes secret or a CI variable.
pub(super) fn is_base64_block(secret: &str) -> bool {
    // The tail may be cut by a length bound, so only whole quanta are decoded.
    let whole = secret.trim_end_matches('=');
    let whole = &whole[..whole.len() / 4 * 4];
    base64::decode(whole).and_then(|bytes| String::from_utf8(bytes).ok()).is_some_and(|text| is_block(&text))
}

#[cfg(test)]
mod tests {
    #[test]
    fn openssh_has_its_magic() {
        let block = |body: &str| {
            format!("-----BEGIN OPENSSH PRIVATE KEY-----\\n{body}\\n-----END OPENSSH PRIVATE KEY-----")
        };
        assert!(super::is_openssh(&block("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE")));
        assert!(!super::is_openssh(&block("c3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE")));
        assert!(!super::is_openssh("OPENSSH"));
    }

    #[test]
    fn blocks_are_found_in_base64() {
        let wrapped = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUJPZ0lCQUFKQkFLajM0R2t4RmhEOQ==";
        assert!(super::is_base64_block(wrapped));
        assert!(!super::is_base64_block("LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t"));
        assert!(!super::is_base64_block("é"));
    }

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
