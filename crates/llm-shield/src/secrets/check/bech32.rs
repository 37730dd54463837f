//! Bech32 (BIP-173), the encoding of age's secret keys.

const CHARACTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];

/// Whether `secret` is Bech32 whose checksum holds.
pub(super) fn checksum_holds(secret: &str) -> bool {
    let lower = secret.to_ascii_lowercase();
    let Some((human, data)) = lower.rsplit_once('1') else { return false };
    if human.is_empty() || data.len() < 6 || !lower.is_ascii() {
        return false;
    }
    let mut checksum = 1;
    human.bytes().for_each(|byte| checksum = step(checksum, u32::from(byte >> 5)));
    checksum = step(checksum, 0);
    human.bytes().for_each(|byte| checksum = step(checksum, u32::from(byte & 31)));
    for byte in data.bytes() {
        let Some(value) = CHARACTERS.iter().position(|known| *known == byte) else { return false };
        checksum = step(checksum, value as u32);
    }
    checksum == 1
}

/// One step of the checksum over GF(32).
fn step(checksum: u32, value: u32) -> u32 {
    let top = checksum >> 25;
    let shifted = ((checksum & 0x01ff_ffff) << 5) ^ value;
    GENERATOR
        .iter()
        .enumerate()
        .fold(shifted, |sum, (bit, term)| if top >> bit & 1 == 1 { sum ^ term } else { sum })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_vectors_of_bip_173_hold() {
        for (secret, expected) in [
            ("A12UEL5L", true),
            ("a12uel5l", true),
            ("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", true),
            ("A1G7SGD8", false),
            ("10a06t8", false),
            ("1qzzfhee", false),
            ("", false),
        ] {
            assert_eq!(super::checksum_holds(secret), expected, "{secret}");
        }
    }
}
