//! The checksum that ends Grafana's service account tokens.

use super::crc32::crc32;

/// Whether the last part is the CRC-32 of all before the last underscore, its bytes from low to high in hexadecimal.
///
/// Source: Grafana, `pkg/components/satokengen`, which makes these tokens.
pub(super) fn checksum_holds(secret: &str) -> bool {
    let Some((key, checksum)) = secret.rsplit_once('_') else { return false };
    let expected = crc32(key.as_bytes()).swap_bytes();
    checksum.len() == 8 && u32::from_str_radix(checksum, 16) == Ok(expected)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_covers_prefix_and_secret() {
        // Worked out with Python's `zlib.crc32` and `struct.pack("<I", …)`.
        for (secret, expected) in [
            ("glsa_Qm4tYw8Xc2Vn6Zr1Kp9Ls3Df7Gh5Jb0T_1eecddb7", true),
            ("glsa_Qm4tYw8Xc2Vn6Zr1Kp9Ls3Df7Gh5Jb0T_00000000", false),
            ("glsa_", false),
            ("", false),
        ] {
            assert_eq!(super::checksum_holds(secret), expected, "{secret}");
        }
    }
}
