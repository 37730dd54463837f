//! The arithmetic of check digits, shared by the kinds.
//!
//! Every function takes ASCII digits (or, where it says so, letters and digits in upper case) and is total: a byte
//! outside its alphabet makes it answer no.

/// The value of an ASCII digit; 0 for another byte.
pub(super) fn digit(byte: u8) -> u32 {
    u32::from(if byte.is_ascii_digit() { byte - b'0' } else { 0 })
}

/// The value of a digit (0 to 9) or of an upper-case letter (10 to 35); 0 for another byte.
pub(super) fn base_36(byte: u8) -> u32 {
    u32::from(match byte {
        b'0'..=b'9' => byte - b'0',
        b'A'..=b'Z' => byte - b'A' + 10,
        _ => 0,
    })
}

/// The digits as one number; the caller keeps it below 20 digits.
pub(super) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |sum, &byte| sum.wrapping_mul(10).wrapping_add(u64::from(digit(byte))))
}

/// The sum of digits times weights, pairwise from the left.
pub(super) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(&byte, weight)| digit(byte) * weight).sum()
}

/// Luhn's formula (ISO/IEC 7812-1): every second digit from the right doubled, the sum divisible by 10.
pub(super) fn luhn(digits: &[u8]) -> bool {
    luhn_sum(digits).is_multiple_of(10)
}

/// The sum in Luhn's formula with the last byte as the check digit.
pub(super) fn luhn_sum(digits: &[u8]) -> u32 {
    let term = |(place, &byte): (usize, &u8)| {
        let value = digit(byte);
        if place % 2 == 0 { value } else { value * 2 - if value > 4 { 9 } else { 0 } }
    };
    digits.iter().rev().enumerate().map(term).sum()
}

/// ISO/IEC 7064 MOD 97-10 over letters and digits: letters count as two digits, the whole leaves 1.
pub(super) fn mod_97(characters: impl Iterator<Item = u8>) -> bool {
    remainder(characters, 97) == 1
}

/// The remainder of a text of letters (two digits each) and digits, read as one decimal number.
pub(super) fn remainder(characters: impl Iterator<Item = u8>, modulus: u32) -> u32 {
    characters.fold(0, |rest, byte| {
        let value = base_36(byte);
        (rest * if value > 9 { 100 } else { 10 } + value) % modulus
    })
}

/// ISO/IEC 7064 MOD 11,10: the hybrid system of the German tax id and the Croatian OIB.
pub(super) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((&check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, &byte| {
        let sum = (digit(byte) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == digit(check)
}

/// ISO/IEC 7064 MOD 11-2: the check character is a digit or `X` for ten.
pub(super) fn mod_11_2(characters: &[u8]) -> bool {
    let Some((&check, body)) = characters.split_last() else { return false };
    let rest = body.iter().fold(0, |rest, &byte| (rest + digit(byte)) * 2 % 11);
    let expected = (12 - rest) % 11;
    expected == if check == b'X' { 10 } else { digit(check) }
}

/// Verhoeff's dihedral check over the digits, the last of them the check digit.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    const MULTIPLY: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const PERMUTE: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let step = |state: u8, (place, &byte): (usize, &u8)| {
        let moved = PERMUTE[place % 8][digit(byte) as usize];
        MULTIPLY[usize::from(state)][usize::from(moved)]
    };
    digits.iter().rev().enumerate().fold(0, step) == 0
}

/// Whether all digits are the same one, which no issued number is.
pub(super) fn one_digit_repeated(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| pair[0] == pair[1])
}

/// Whether there is such a day: month 1 to 12, day within the month; the year decides on 29 February.
pub(super) fn is_date(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Whether six digits `YYMMDD` name a day of some century.
pub(super) fn is_yymmdd(digits: &[u8]) -> bool {
    digits.len() == 6 && is_date(2000 + two(digits, 0), two(digits, 2), two(digits, 4))
}

/// Whether six digits `DDMMYY` name a day of some century.
pub(super) fn is_ddmmyy(digits: &[u8]) -> bool {
    digits.len() == 6 && is_date(2000 + two(digits, 4), two(digits, 2), two(digits, 0))
}

/// The two digits at a place as a number.
pub(super) fn two(digits: &[u8], at: usize) -> u32 {
    number(digits.get(at..at + 2).unwrap_or_default()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_check_digits_hold_and_changed_ones_do_not() {
        assert!(luhn(b"79927398713") && !luhn(b"79927398710"));
        assert!(verhoeff(b"2363") && !verhoeff(b"2364"));
        assert!(mod_11_2(b"0000000218250097"), "ISNI and ORCID");
        assert!(mod_97(b"GB82WEST12345698765432"[4..].iter().chain(b"GB82").copied()));
        assert!(mod_11_10(b"36574261809") && !mod_11_10(b"36574261808"));
    }

    #[test]
    fn dates_know_their_months() {
        assert!(
            is_date(2024, 2, 29) && !is_date(2023, 2, 29) && !is_date(2023, 13, 1) && !is_date(2023, 1, 0)
        );
        assert!(is_yymmdd(b"991231") && !is_yymmdd(b"991331") && is_ddmmyy(b"311299"));
    }
}
