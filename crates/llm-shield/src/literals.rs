//! Finds every occurrence of many literals in one pass, ignoring ASCII case.
//!
//! An automaton for as many literals has a table of a megabyte, and each of its steps waits for the load before it.
//! Here a position costs a look at one bit of a table that stays in the first-level cache, and no position waits for
//! another: four bytes are taken as a number, hashed, and looked up. Of each literal one such window stands in the
//! table, the one whose bit ordinary text meets least often; where its bit is set, the literals that share it are
//! compared.
//!
//! Time is linear: a position is compared with the literals of one window only, whose number and lengths are fixed.

use std::sync::LazyLock;

/// Bits of a filter's index: 262,144 bits are 32 KB.
const FILTER_BITS: u32 = 18;
const WORDS: usize = 1 << (FILTER_BITS - 6);
/// Bits of an index into each half of the sieve.
const SIEVE_BITS: u32 = 15;
const SIEVE_WORDS: usize = 2 << (SIEVE_BITS - 6);
/// An odd number without structure (the golden ratio), as in Knuth's multiplicative hashing.
const MULTIPLIER: u32 = 0x9E37_79B1;
/// Another (Murmur's finaliser), for the sieve.
const SIEVE_MULTIPLIER: u32 = 0x85EB_CA6B;
/// Makes ASCII letters lower-case, and other bytes something that is at least always the same.
const FOLD: u64 = 0x2020_2020_2020_2020;
/// Bytes of a window.
const WINDOW: usize = 4;

/// A set of literals to look for.
#[derive(Debug)]
pub(crate) struct Literals {
    filter: Box<[u64; WORDS]>,
    /// What the filter lets through by chance, this one mostly stops: fewer bits, by another hash, and so small that
    /// it costs a fraction of a look into the slots. The lower half is for windows of four bytes, the upper for three.
    sieve: Box<[u64; SIEVE_WORDS]>,
    /// Open addressing by the window's hash; `u32::MAX` entries are empty.
    slots: Vec<Slot>,
    slot_shift: u32,
    /// The literals of a slot stand together.
    entries: Vec<Entry>,
    texts: Vec<Box<[u8]>>,
    /// Whether some literal is as short as [`Literals::BYTES_MIN`], so that windows of three bytes are looked up too.
    has_short: bool,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    window: u32,
    first: u32,
    count: u32,
}

/// A literal, and where in it its window stands.
#[derive(Debug, Clone, Copy)]
struct Entry {
    literal: u32,
    offset: u32,
}

/// An occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Which literal, by its place in the list.
    pub(crate) literal: usize,
    /// Its first byte.
    pub(crate) start: usize,
    /// One past its last byte.
    pub(crate) end: usize,
}

impl Literals {
    /// The shortest literal, bytes.
    pub(crate) const BYTES_MIN: usize = 3;
    /// The most literals: with more, the filter says yes too often to be of use.
    pub(crate) const COUNT_MAX: usize = 4096;

    /// A searcher for `literals`, or nothing if there are too many of them or one is too short.
    pub(crate) fn new<L: AsRef<[u8]>>(literals: impl IntoIterator<Item = L>) -> Option<Self> {
        let literals: Vec<Box<[u8]>> = literals.into_iter().map(|literal| literal.as_ref().into()).collect();
        if literals.len() > Self::COUNT_MAX || literals.iter().any(|literal| literal.len() < Self::BYTES_MIN)
        {
            return None;
        }
        // By way of a vector: an array of this size does not belong on the stack.
        let mut filter: Box<[u64; WORDS]> = vec![0; WORDS].into_boxed_slice().try_into().ok()?;
        let mut sieve: Box<[u64; SIEVE_WORDS]> = vec![0; SIEVE_WORDS].into_boxed_slice().try_into().ok()?;
        let mut has_short = false;
        let mut windows: Vec<(u32, Entry)> = Vec::with_capacity(literals.len());
        for (literal, number) in literals.iter().zip(0..) {
            if literal.len() < WINDOW {
                has_short = true;
                let window = folded(&[literal[0], literal[1], literal[2], 0]) & SHORT;
                // The byte behind a short literal may be any.
                (0..=u8::MAX).for_each(|next| set(&mut *filter, window | u32::from(next | 0x20) << 24));
                let (word, bit) = sieve_place(window);
                sieve[SIEVE_WORDS / 2 + word] |= 1 << bit;
                windows.push((window, Entry { literal: number, offset: 0 }));
            } else {
                let offset = rarest_window(literal, &SAMPLE_MET);
                let window = folded(&literal[offset..offset + WINDOW]);
                set(&mut *filter, window);
                let (word, bit) = sieve_place(window);
                sieve[word] |= 1 << bit;
                windows.push((window, Entry { literal: number, offset: offset as u32 }));
            }
        }
        windows.sort_by_key(|&(window, entry)| (window, entry.literal));
        let size = (windows.len() * 2).next_power_of_two().max(2);
        let slot_shift = 32 - size.trailing_zeros();
        let mut slots = vec![Slot { window: 0, first: 0, count: 0 }; size];
        for group in windows.chunk_by(|left, right| left.0 == right.0) {
            let window = group[0].0;
            let mut at = (window.wrapping_mul(MULTIPLIER) >> slot_shift) as usize;
            while slots[at].count > 0 {
                at = (at + 1) % size;
            }
            let first = windows.partition_point(|&(other, _)| other < window) as u32;
            slots[at] = Slot { window, first, count: group.len() as u32 };
        }
        let entries = windows.into_iter().map(|(_, entry)| entry).collect();
        Some(Self { filter, sieve, slots, slot_shift, entries, texts: literals, has_short })
    }

    /// Hands every occurrence to `found`, until it says stop by `false`. Where two overlap, either may come first.
    #[inline]
    pub(crate) fn each(&self, text: &[u8], mut found: impl FnMut(Hit) -> bool) {
        let mut at = 0;
        while let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk::<12>()) {
            let mut marks = self.marks(bytes);
            while marks != 0 {
                let place = at + marks.trailing_zeros() as usize;
                marks &= marks - 1;
                if !self.at(text, place, &mut found) {
                    return;
                }
            }
            at += 8;
        }
        let rest = &text[at..];
        let mut padded = [0; 24];
        padded[..rest.len()].copy_from_slice(rest);
        for step in (0..rest.len()).step_by(8) {
            let Some(bytes) = padded[step..].first_chunk::<12>() else { break };
            let mut marks = self.marks(bytes);
            while marks != 0 {
                let place = at + step + marks.trailing_zeros() as usize;
                marks &= marks - 1;
                if place < text.len() && !self.at(text, place, &mut found) {
                    return;
                }
            }
        }
    }

    /// One bit for each of the eight windows that begin in `bytes`: whether a literal may have it.
    #[inline]
    fn marks(&self, bytes: &[u8; 12]) -> u32 {
        let number = |from: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&bytes[from..from + 8]);
            u64::from_le_bytes(eight) | FOLD
        };
        let (low, high) = (number(0), number(4));
        let mut marks = 0;
        for step in 0..4 {
            marks |= self.bit((low >> (8 * step)) as u32) << step;
            marks |= self.bit((high >> (8 * step)) as u32) << (step + 4);
        }
        marks
    }

    #[inline]
    fn bit(&self, window: u32) -> u32 {
        let hash = window.wrapping_mul(MULTIPLIER) >> (32 - FILTER_BITS);
        // The mask is free and spares the check of the bound.
        (self.filter[(hash >> 6) as usize & (WORDS - 1)] >> (hash & 63)) as u32 & 1
    }

    /// Compares the literals whose window may stand at `place`.
    #[inline]
    fn at(&self, text: &[u8], place: usize, found: &mut impl FnMut(Hit) -> bool) -> bool {
        let mut bytes = [0; WINDOW];
        let there = &text[place..text.len().min(place + WINDOW)];
        bytes[..there.len()].copy_from_slice(there);
        let window = folded(&bytes);
        let (word, bit) = sieve_place(window);
        let (short_word, short_bit) = sieve_place(window & SHORT);
        let long = self.sieve[word] >> bit & 1 != 0;
        let short = self.has_short && self.sieve[SIEVE_WORDS / 2 + short_word] >> short_bit & 1 != 0;
        (!long || self.compare(text, place, window, found))
            && (!short || self.compare(text, place, window & SHORT, found))
    }

    fn compare(&self, text: &[u8], place: usize, window: u32, found: &mut impl FnMut(Hit) -> bool) -> bool {
        let mut at = (window.wrapping_mul(MULTIPLIER) >> self.slot_shift) as usize;
        let slot = loop {
            let slot = self.slots[at];
            if slot.count == 0 {
                return true;
            }
            if slot.window == window {
                break slot;
            }
            at = (at + 1) % self.slots.len();
        };
        for entry in &self.entries[slot.first as usize..(slot.first + slot.count) as usize] {
            let literal = &self.texts[entry.literal as usize];
            let Some(start) = place.checked_sub(entry.offset as usize) else { continue };
            let end = start + literal.len();
            if text.get(start..end).is_some_and(|part| part.eq_ignore_ascii_case(literal))
                && !found(Hit { literal: entry.literal as usize, start, end })
            {
                return false;
            }
        }
        true
    }
}

/// The bytes of a window that a literal of three bytes has.
const SHORT: u32 = 0x00ff_ffff;

/// The bit of a filter that a folded window has.
const fn index(window: u32) -> usize {
    (window.wrapping_mul(MULTIPLIER) >> (32 - FILTER_BITS)) as usize
}

/// Word and bit of a half of the sieve that a folded window has.
const fn sieve_place(window: u32) -> (usize, u32) {
    let hash = window.wrapping_mul(SIEVE_MULTIPLIER) >> (32 - SIEVE_BITS);
    ((hash >> 6) as usize, hash & 63)
}

fn set(filter: &mut [u64], window: u32) {
    filter[index(window) >> 6] |= 1 << (index(window) & 63);
}

fn folded(bytes: &[u8]) -> u32 {
    let mut window = [0; WINDOW];
    window.copy_from_slice(&bytes[..WINDOW]);
    u32::from_le_bytes(window) | FOLD as u32
}

/// Where the window of `literal` stands whose bit ordinary text meets least often.
fn rarest_window(literal: &[u8], sample: &[u8]) -> usize {
    let cost = |window: &[u8]| {
        let met = sample[index(folded(window))];
        (met, window.iter().map(|byte| commonness(*byte)).sum::<u32>())
    };
    (0..=literal.len() - WINDOW)
        .min_by_key(|&offset| (cost(&literal[offset..offset + WINDOW]), offset))
        .unwrap_or(0)
}

/// Ordinary prose and code: some of this crate's own.
const SAMPLE: [&str; 8] = [
    include_str!("literals.rs"),
    include_str!("policy.rs"),
    include_str!("scanner/ban_substrings.rs"),
    include_str!("scanner/secrets.rs"),
    include_str!("scanner/token_limit.rs"),
    include_str!("shield.rs"),
    include_str!("text/fold.rs"),
    include_str!("vault.rs"),
];

/// How often the sample meets each bit of the filter, at most 255 times. The windows of common words, and those that
/// only share a bit with one, are so known. Counted once for the process: every list of phrases needs it again.
static SAMPLE_MET: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut met = vec![0u8; 1 << FILTER_BITS];
    for text in SAMPLE {
        for window in text.as_bytes().windows(WINDOW) {
            let place = &mut met[index(folded(window))];
            *place = place.saturating_add(1);
        }
    }
    met
});

/// How common a byte is in prose and code, roughly the square root of its share.
const fn commonness(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b' ' => 12,
        b'e' | b't' => 9,
        b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 8,
        b'h' | b'l' | b'd' | b'c' | b'u' | b'm' => 6,
        b'f' | b'p' | b'g' | b'w' | b'y' | b'b' | b'.' | b',' | b'_' | b'-' | b'/' | b'\n' => 4,
        b'v' | b'k' | b'0' | b'1' | b'2' | b'"' | b'\'' | b'=' | b':' | b'(' | b')' | b';' => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hits(literals: &[&str], text: &str) -> Vec<(usize, usize)> {
        let searcher = Literals::new(literals).unwrap();
        let mut hits = Vec::new();
        searcher.each(text.as_bytes(), |hit| {
            hits.push((hit.start, hit.literal));
            true
        });
        hits.sort_unstable();
        hits
    }

    /// The definition, without cleverness.
    fn expected(literals: &[&str], text: &str) -> Vec<(usize, usize)> {
        let mut hits = Vec::new();
        for start in 0..text.len() {
            for (number, literal) in literals.iter().enumerate() {
                let part = text.as_bytes().get(start..start + literal.len());
                if part.is_some_and(|part| part.eq_ignore_ascii_case(literal.as_bytes())) {
                    hits.push((start, number));
                }
            }
        }
        hits
    }

    #[test]
    fn every_occurrence_is_found_in_any_case() {
        let literals = ["key", "apikey", "api_key", "AKIA", "://", "KeyStore", "pass", "password"];
        for text in [
            "",
            "ke",
            "key",
            "my KEY",
            "xxAPIKEYkey://",
            "a password is no pass://keyed akia",
            "keykeykeykeykeykeykeykey",
            "é passwörd key",
            "api\u{7f}key api_key API_KEY keystore",
        ] {
            assert_eq!(hits(&literals, text), expected(&literals, text), "{text:?}");
        }
    }

    #[test]
    fn the_search_can_be_stopped() {
        let mut seen = 0;
        Literals::new(["abc"]).unwrap().each(b"abcabcabc", |_| {
            seen += 1;
            seen < 2
        });
        assert_eq!(seen, 2);
    }

    #[test]
    fn what_it_cannot_do_is_refused() {
        assert!(Literals::new(["ab"]).is_none());
        assert!(Literals::new((0..=Literals::COUNT_MAX).map(|number| format!("word{number}"))).is_none());
        assert!(Literals::new::<&str>([]).is_some());
    }

    proptest! {
        #[test]
        fn it_finds_what_a_plain_search_finds(
            literals in prop::collection::vec("[abAB_:é]{3,7}", 0..12), text in "[abAB_:é ]{0,64}",
        ) {
            let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
            prop_assert_eq!(hits(&literals, &text), expected(&literals, &text));
        }
    }
}
