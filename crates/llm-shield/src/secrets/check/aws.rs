//! AWS key identifiers: a four-letter prefix and a base32 body that holds the account.

/// Whether `secret` is such an identifier, and names an account that can exist.
///
/// Source: AWS IAM user guide, "unique identifiers" (the prefixes); the body is base32, which knows no 0, 1, 8, 9.
pub(super) fn is_key_id(secret: &str) -> bool {
    let Some((_, body)) = secret.split_at_checked(4) else { return false };
    (12..=124).contains(&body.len())
        && body.bytes().all(|byte| base32(byte).is_some())
        && (is_old(body) || aws_account_id(secret).is_some())
}

/// The 12-digit account that an AWS key identifier (`AKIA…`, `ASIA…`) belongs to. `None` for what is no such
/// identifier, for identifiers issued before 2019, which do not hold it, and for numbers no account can have.
///
/// Source: T. Be'ery, "A short note on AWS KEY ID" (2023): bits 1 to 40 of the base32 body.
///
/// ```
/// assert_eq!(llm_shield::aws_account_id("ASIAY34FZKBOKMUTVV7A"), Some(609_629_065_308));
/// assert_eq!(llm_shield::aws_account_id("AKIA"), None);
/// ```
pub fn aws_account_id(key_id: &str) -> Option<u64> {
    let (_, body) = key_id.split_at_checked(4)?;
    if body.len() < 12 || is_old(body) {
        return None;
    }
    // Ten characters are 50 bits: one bit, the account's 40, and nine of the rest.
    let head =
        body.bytes().take(10).try_fold(0u64, |bits, byte| Some(bits << 5 | u64::from(base32(byte)?)))?;
    let account = head >> 9 & ((1 << 40) - 1);
    (account < 1_000_000_000_000).then_some(account)
}

/// Identifiers from before 2019 begin with `I` or `J`.
fn is_old(body: &str) -> bool {
    body.starts_with(['I', 'J'])
}

fn base32(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_base32() {
        for (secret, expected) in [
            ("AKIAQ2W3E4R5T6Y7U2I3", true),
            ("AKIAQ2W3E4R5T6Y7U2I9", false),
            ("AKIAQ2W3E4R5T6Y7U2i3", false),
            ("AKIA7777777777777777", false),
            ("AKIAJ77777777777LXWN", true),
            ("AKIA", false),
            ("é", false),
        ] {
            assert_eq!(is_key_id(secret), expected, "{secret}");
        }
    }

    #[test]
    fn the_account_is_decoded() {
        for (key_id, expected) in [
            ("ASIAQNZGKIQY56JQ7WML", Some(29_608_264_753)),
            ("ASIAY34FZKBOKMUTVV7A", Some(609_629_065_308)),
            ("AKIAJ77777777777LXWN", None),
            ("AKIAéééééé", None),
        ] {
            assert_eq!(aws_account_id(key_id), expected, "{key_id}");
        }
    }
}
