//! Addresses of crypto currencies: one word each, told by its first characters and proved by its checksum.

use sha2::{Digest, Sha256};
use sha3::Keccak256;

use super::kind::{Code, Verdict};
use super::scan::Pass;
use crate::Span;

/// Shortest and longest word that may be an address.
pub(super) const LENGTH_MIN: usize = 25;
const LENGTH_MAX: usize = 120;

const BASE_58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BASE_58_RIPPLE: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
const BASE_32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// The word from `start` to `end` as an address.
pub(super) fn address(pass: &mut Pass<'_, '_>, start: usize, end: usize) {
    let word = &pass.bytes[start..end];
    if word.len() > LENGTH_MAX || pass.bytes.get(end).is_some_and(|&byte| matches!(byte, b'=' | b'+' | b'/'))
    {
        return;
    }
    let span = Span::new(start, end);
    let proved = |code: Code, checked: &'static str| Some((code, 1.0, Verdict::Pass, Some(checked)));
    let base_58 = "base58check";
    let hit = match word[0] {
        b'0' if word.len() == 42 && word[1] | 0x20 == b'x' => ethereum(&word[2..]),
        b'1' | b'3' if (26..=35).contains(&word.len()) => {
            if (27..=34).contains(&word.len())
                && word.iter().all(|byte| BASE_58.contains(byte))
                && let Some(kind) = pass.enabled(Code::BitcoinRe)
            {
                pass.report(kind, span, 0.75, Verdict::Plain, None);
            }
            check_58(word, BASE_58, &[0x00, 0x05]).then(|| proved(Code::Bitcoin, base_58)).flatten()
        }
        b'b' | b'B' if starts(word, b"bc1") && segwit(word) => proved(Code::Bitcoin, "bech32"),
        b'l' if starts(word, b"ltc1") && segwit(word) => proved(Code::Litecoin, "bech32"),
        b'a' if starts(word, b"addr1") && bech_32(word).is_some() => proved(Code::Cardano, "bech32"),
        b'L' | b'M' if check_58(word, BASE_58, &[0x30, 0x32]) => proved(Code::Litecoin, base_58),
        b'D' | b'A' | b'9' if check_58(word, BASE_58, &[0x1E, 0x16]) => proved(Code::Dogecoin, base_58),
        b'T' if check_58(word, BASE_58, &[0x41]) => proved(Code::Tron, base_58),
        b'r' if check_58(word, BASE_58_RIPPLE, &[0x00]) => proved(Code::Ripple, base_58),
        b'q' | b'p' if word.len() == 42 && cash_address(word) => proved(Code::BitcoinCash, "cashaddr"),
        _ => None,
    };
    let hit = hit.or_else(|| solana(pass, word));
    if let Some((code, score, verdict, checked)) = hit
        && let Some(kind) = pass.enabled(code)
    {
        pass.report(kind, span, score, verdict, checked);
    }
}

type Hit = Option<(Code, f32, Verdict, Option<&'static str>)>;

fn starts(word: &[u8], prefix: &[u8]) -> bool {
    word.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Forty hexadecimal digits; where both cases occur they are a checksum (EIP-55), which must hold.
fn ethereum(digits: &[u8]) -> Hit {
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let lower = digits.to_ascii_lowercase();
    if lower == digits || digits.iter().all(|byte| !byte.is_ascii_lowercase()) {
        return Some((Code::Ethereum, 0.4, Verdict::Plain, None));
    }
    let hash = Keccak256::digest(&lower);
    let holds = digits.iter().enumerate().all(|(place, byte)| {
        let nibble = hash[place / 2] >> (if place % 2 == 0 { 4 } else { 0 }) & 0xF;
        !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() == (nibble >= 8)
    });
    holds.then_some((Code::Ethereum, 1.0, Verdict::Pass, Some("eip-55")))
}

/// Thirty-two bytes in Base58, without a checksum: only a word before it tells it from any other token.
fn solana(pass: &Pass<'_, '_>, word: &[u8]) -> Hit {
    pass.enabled(Code::Solana)?;
    if !(32..=44).contains(&word.len()) || word.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (_, length) = decode_58(word, BASE_58)?;
    (length == 32).then_some((Code::Solana, 0.2, Verdict::Plain, None))
}

/// Decodes Base58 of up to 64 bytes, big-endian at the end of the buffer, and how many bytes it stands for.
fn decode_58(word: &[u8], alphabet: &[u8; 58]) -> Option<([u8; 64], usize)> {
    let mut bytes = [0u8; 64];
    let mut first = bytes.len();
    for &byte in word {
        let mut carry = alphabet.iter().position(|&known| known == byte)? as u32;
        let mut at = bytes.len();
        while at > first || carry > 0 {
            at = at.checked_sub(1)?;
            carry += u32::from(bytes[at]) * 58;
            bytes[at] = (carry & 0xFF) as u8;
            carry >>= 8;
            first = first.min(at);
        }
    }
    // Each leading zero digit is a zero byte.
    let zeros = word.iter().take_while(|&&byte| byte == alphabet[0]).count();
    Some((bytes, bytes.len() - first + zeros))
}

/// `Base58Check`: a version byte, twenty bytes, four bytes of SHA-256 twice over the rest.
fn check_58(word: &[u8], alphabet: &[u8; 58], versions: &[u8]) -> bool {
    const LENGTH: usize = 25;
    if !(25..=36).contains(&word.len()) {
        return false;
    }
    let Some((bytes, LENGTH)) = decode_58(word, alphabet) else { return false };
    let payload = &bytes[bytes.len() - LENGTH..];
    let (body, check) = payload.split_at(LENGTH - 4);
    versions.contains(&body[0]) && Sha256::digest(Sha256::digest(body))[..4] == *check
}

/// The data of a Bech32 or Bech32m word (BIP 173, BIP 350) without its checksum, and which of the two it is.
fn bech_32(word: &[u8]) -> Option<(Vec<u8>, bool)> {
    const BECH_32: u32 = 1;
    const BECH_32_M: u32 = 0x2bc8_30a3;
    let upper = word.iter().any(u8::is_ascii_uppercase);
    if upper && word.iter().any(u8::is_ascii_lowercase) {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    let separator = lower.iter().rposition(|&byte| byte == b'1')?;
    let (prefix, data) = (&lower[..separator], &lower[separator + 1..]);
    let data: Vec<u8> = data
        .iter()
        .map(|byte| BASE_32.iter().position(|known| known == byte).map(|place| place as u8))
        .collect::<Option<_>>()?;
    let expanded = prefix.iter().map(|byte| byte >> 5).chain([0]).chain(prefix.iter().map(|byte| byte & 31));
    let sum = expanded.chain(data.iter().copied()).fold(1u32, |sum, value| {
        let top = sum >> 25;
        let next = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
            .into_iter()
            .enumerate()
            .fold(next, |next, (bit, generator)| if top >> bit & 1 == 1 { next ^ generator } else { next })
    });
    let body = data.get(..data.len().checked_sub(6)?)?.to_vec();
    match sum {
        BECH_32 => Some((body, false)),
        BECH_32_M => Some((body, true)),
        _ => None,
    }
}

/// A segregated-witness address: version 0 in Bech32, later versions in Bech32m.
fn segwit(word: &[u8]) -> bool {
    word.len() <= 90
        && bech_32(word).is_some_and(|(data, modified)| {
            data.first().is_some_and(|&version| version <= 16 && (version > 0) == modified)
        })
}

/// The checksum of Bitcoin Cash addresses, without the prefix that is often left out.
fn cash_address(word: &[u8]) -> bool {
    let prefix = b"bitcoincash".iter().map(|byte| byte & 31).chain([0]);
    let Some(data) = word
        .iter()
        .map(|byte| BASE_32.iter().position(|known| known == byte).map(|place| place as u8))
        .collect::<Option<Vec<u8>>>()
    else {
        return false;
    };
    let sum = prefix.chain(data).fold(1u64, |sum, value| {
        let top = sum >> 35;
        let next = (sum & 0x07_ffff_ffff) << 5 ^ u64::from(value);
        [0x98_f2bc_8e61, 0x79_b76d_99e2, 0xf3_3e5f_b3c4, 0xae_2eab_e2a8, 0x1e_4f43_e470]
            .into_iter()
            .enumerate()
            .fold(next, |next, (bit, generator)| if top >> bit & 1 == 1 { next ^ generator } else { next })
    });
    sum == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_addresses_hold() {
        // The examples of BIP 173, BIP 350, EIP-55 and the CashAddr specification; the genesis block's address.
        assert!(check_58(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", BASE_58, &[0]));
        assert!(!check_58(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", BASE_58, &[0]));
        assert!(segwit(b"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"));
        assert!(segwit(b"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"));
        assert!(!segwit(b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"));
        assert!(ethereum(b"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").is_some());
        assert!(ethereum(b"5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed").is_none());
        assert!(cash_address(b"qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"));
    }
}
