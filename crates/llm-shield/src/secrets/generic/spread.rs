//! How the characters of a value are spread over their kinds, in one pass.

use std::sync::LazyLock;

use super::value::VALUE_BYTES_MAX;

/// `n·log2(n)` for the counts of Shannon's entropy.
static N_LOG_N: LazyLock<Vec<f32>> = LazyLock::new(|| {
    (0..=VALUE_BYTES_MAX as u16).map(|n| f32::from(n) * f32::from(n.max(1)).log2()).collect()
});

/// How the characters of a value are spread over their kinds.
#[derive(Default)]
pub(super) struct Spread {
    pub(super) digits: usize,
    pub(super) lowers: usize,
    pub(super) uppers: usize,
    pub(super) blanks: usize,
    pub(super) foreign: usize,
    pub(super) hex: usize,
    pub(super) base64: usize,
    pub(super) vowels: usize,
    pub(super) distinct: usize,
    pub(super) switches: usize,
    pub(super) camels: usize,
    pub(super) repeats: usize,
    pub(super) longest_letters: usize,
    pub(super) longest_digits: usize,
    /// Bits a character.
    pub(super) entropy: f32,
    pub(super) marks: [usize; 8],
}

/// Characters that are counted one by one.
const MARKS: [u8; 8] = [b'.', b'/', b'-', b'_', b':', b'=', b'+', b'@'];

impl Spread {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let n_log_n = &**N_LOG_N;
        let mut spread = Self::default();
        let mut counts = [0u16; 256];
        let mut sum = 0.0;
        let (mut letters, mut digits, mut previous) = (0, 0, 0u8);
        for &byte in bytes {
            let seen = &mut counts[usize::from(byte)];
            let before = usize::from(*seen);
            *seen += 1;
            spread.distinct += usize::from(before == 0);
            sum += n_log_n
                .get(before + 1)
                .zip(n_log_n.get(before))
                .map_or(0.0, |(after, before)| after - before);
            let kind = kind(byte);
            letters = if matches!(kind, Kind::Lower | Kind::Upper) { letters + 1 } else { 0 };
            digits = if kind == Kind::Digit { digits + 1 } else { 0 };
            spread.longest_letters = spread.longest_letters.max(letters);
            spread.longest_digits = spread.longest_digits.max(digits);
            match kind {
                Kind::Digit => spread.digits += 1,
                Kind::Lower => spread.lowers += 1,
                Kind::Upper => spread.uppers += 1,
                Kind::Blank => spread.blanks += 1,
                Kind::Foreign => spread.foreign += 1,
                Kind::Mark => {}
            }
            spread.hex += usize::from(byte.is_ascii_hexdigit());
            spread.base64 += usize::from(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
            spread.vowels += usize::from(matches!(byte | 0x20, b'a' | b'e' | b'i' | b'o' | b'u'));
            if previous != 0 {
                let last = self::kind(previous);
                spread.switches += usize::from(last != kind);
                spread.camels += usize::from(last == Kind::Lower && kind == Kind::Upper);
                spread.repeats += usize::from(previous == byte);
            }
            previous = byte;
        }
        for (mark, slot) in MARKS.iter().zip(&mut spread.marks) {
            *slot = usize::from(counts[usize::from(*mark)]);
        }
        let length = bytes.len().max(1) as f32;
        spread.entropy = (length.log2() - sum / length).max(0.0);
        spread
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Mark,
    Digit,
    Lower,
    Upper,
    Blank,
    Foreign,
}

pub(super) const fn kind(byte: u8) -> Kind {
    match byte {
        b'0'..=b'9' => Kind::Digit,
        b'a'..=b'z' => Kind::Lower,
        b'A'..=b'Z' => Kind::Upper,
        b' ' | b'\t' | b'\r' | b'\n' => Kind::Blank,
        0x80.. => Kind::Foreign,
        _ => Kind::Mark,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::entropy::shannon;
    use super::*;

    #[test]
    fn a_value_is_counted() {
        let text = "vT9#qLw2xZ!m-AA";
        let spread = Spread::of(text.as_bytes());
        assert_eq!((spread.digits, spread.lowers, spread.uppers), (2, 5, 5));
        assert_eq!((spread.distinct, spread.repeats, spread.marks[2]), (14, 1, 1));
        assert!((f64::from(spread.entropy) - shannon(text)).abs() < 1e-4);
    }
}
