//! The checksum that ends GitHub's and npm's tokens.

use super::crc32::crc32;

/// Whether the last six characters are the CRC-32 of the characters between the prefix and them, in base 62
/// (digits, upper case, lower case), padded with zeros on the left.
///
/// Source: GitHub's engineering blog, "Behind GitHub's new authentication token formats" (2021), and npm's
/// changelog of the same year, which adopts the format. The prefix ends at the last underscore.
pub(super) fn checksum_holds(secret: &str) -> bool {
    let body = secret.rsplit_once('_').map_or(secret, |(_, body)| body);
    let Some((random, checksum)) = body.len().checked_sub(6).and_then(|at| body.split_at_checked(at)) else {
        return false;
    };
    !random.is_empty() && base62_6(crc32(random.as_bytes())) == checksum.as_bytes()
}

/// Six base-62 digits hold any 32-bit number (62^6 > 2^32).
fn base62_6(mut number: u32) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = [b'0'; 6];
    for place in out.iter_mut().rev() {
        *place = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_covers_the_body_without_its_prefix() {
        for (secret, expected) in [
            ("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", true),
            ("ghp_D8JocS4Bwyti6WlQEEhQ1pKcjvUOyQ25VIy2", false),
            ("ghp_E8JocS4Bwyti6WlQEEhQ1pKcjvUOyQ25VIy1", false),
            ("ghp_", false),
            ("", false),
            ("ghp_éééé", false),
        ] {
            assert_eq!(super::checksum_holds(secret), expected, "{secret}");
        }
    }
}
