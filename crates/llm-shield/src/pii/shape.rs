//! Which kinds a run of characters looks like: all written forms of all kinds in one automaton.
//!
//! A form is a mask, for example `999-99-9999`. The masks of the enabled kinds are merged into one deterministic
//! automaton over a small alphabet (digit, letter, the letters that some mask names, separators), so that one walk
//! from the start of a token tells every kind whose form ends at each place, and stops as soon as no form can still
//! match. The walk is as long as the longest mask at most.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// What a mask may ask for at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token {
    /// Bit set over the alphabet.
    accepts: u64,
    /// Whether the place may be left out.
    optional: bool,
}

/// Symbol of a byte that no mask has.
const OTHER: u8 = 0;
const DIGIT: u8 = 1;
/// Letters stand at `LETTER + (letter - b'a')`, either case.
const LETTER: u8 = 2;
const SEPARATORS: &[u8] = b" -./+:,()*<";
const WIDTH: usize = 64;

const fn symbols() -> [u8; 256] {
    let mut table = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        let lower = (byte as u8).to_ascii_lowercase();
        if lower.is_ascii_digit() {
            table[byte] = DIGIT;
        } else if lower.is_ascii_lowercase() {
            table[byte] = LETTER + (lower - b'a');
        }
        byte += 1;
    }
    let mut index = 0;
    while index < SEPARATORS.len() {
        table[SEPARATORS[index] as usize] = LETTER + 26 + index as u8;
        index += 1;
    }
    // llm-guard analyses a copy of the text in which every `'` is a space.
    table[b'\'' as usize] = table[b' ' as usize];
    table
}

static SYMBOLS: [u8; 256] = symbols();

/// Masks as one automaton. State 0 is dead, state 1 the start.
pub(super) struct Shapes {
    /// Column of each byte: bytes that no mask tells apart share one.
    columns: [u8; 256],
    width: usize,
    next: Vec<u16>,
    /// Per state, where its accepted forms lie in `forms`.
    accepts: Vec<(u32, u32)>,
    forms: Vec<u16>,
}

impl Shapes {
    /// Merges masks; the answers of [`Shapes::next`] are their places in the list.
    ///
    /// In a mask `9` is a digit, `A` a letter, `N` either, `~` a space or hyphen, `_` a space, hyphen, dot or
    /// slash, a lower-case letter that letter in either case, another character itself; `{m,n}` or `{n}` repeats
    /// the place before it, `?` makes it optional.
    pub(super) fn new<'m>(masks: impl Iterator<Item = &'m str>) -> Self {
        // Many kinds are written alike: the automaton knows each mask once.
        let mut index: HashMap<&str, usize> = HashMap::new();
        let mut forms: Vec<Vec<u16>> = Vec::new();
        let mut parsed: Vec<Vec<Token>> = Vec::new();
        for (form, mask) in masks.enumerate() {
            let place = *index.entry(mask).or_insert_with(|| {
                forms.push(Vec::new());
                parsed.push(parse(mask));
                parsed.len() - 1
            });
            forms[place].push(form as u16);
        }
        let (columns, samples) = columns(&parsed);
        let width = samples.len();
        let mut shapes =
            Self { columns, width, next: vec![0; width], accepts: vec![(0, 0)], forms: Vec::new() };
        let mut states = States::default();
        let mut start = Vec::new();
        for (mask, tokens) in parsed.iter().enumerate() {
            close(&mut start, tokens, mask, 0);
        }
        // Without masks the start is an empty set, and still a state.
        if start.is_empty() {
            states.queue.push(start);
        } else {
            states.number(start);
        }
        let mut at = 0;
        while at < states.queue.len() {
            let state = std::mem::take(&mut states.queue[at]);
            at += 1;
            let first = shapes.forms.len() as u32;
            for &item in &state {
                let (mask, place) = unpack(item);
                if place == parsed[mask].len() {
                    shapes.forms.extend(&forms[mask]);
                }
            }
            shapes.accepts.push((first, shapes.forms.len() as u32));
            let mut targets: Vec<Vec<u32>> = vec![Vec::new(); width];
            for &item in &state {
                let (mask, place) = unpack(item);
                let Some(token) = parsed[mask].get(place) else { continue };
                for (target, symbol) in targets.iter_mut().zip(&samples) {
                    if token.accepts >> symbol & 1 == 1 {
                        close(target, &parsed[mask], mask, place + 1);
                    }
                }
            }
            shapes.next.extend(targets.into_iter().map(|target| states.number(target)));
        }
        shapes
    }

    /// The state before the first character.
    pub(super) const START: u16 = 1;

    /// The state after one more byte; 0 when no form can match any more.
    #[inline]
    pub(super) fn step(&self, state: u16, byte: u8) -> u16 {
        self.next[usize::from(state) * self.width + usize::from(self.columns[usize::from(byte)])]
    }

    /// The forms that end in a state.
    #[inline]
    pub(super) fn ending(&self, state: u16) -> &[u16] {
        let (first, last) = self.accepts[usize::from(state)];
        &self.forms[first as usize..last as usize]
    }
}

/// The states met so far: sets of places in masks, each with its number, and those still to be looked at in order.
#[derive(Default)]
struct States {
    numbers: HashMap<Vec<u32>, u16, BuildHasherDefault<Mixer>>,
    queue: Vec<Vec<u32>>,
}

impl States {
    /// The number of a set; 0 for the empty one.
    fn number(&mut self, mut places: Vec<u32>) -> u16 {
        if places.is_empty() {
            return 0;
        }
        places.sort_unstable();
        places.dedup();
        if let Some(&known) = self.numbers.get(&places) {
            return known;
        }
        let fresh = self.queue.len() as u16 + 1;
        self.queue.push(places.clone());
        self.numbers.insert(places, fresh);
        fresh
    }
}

/// A quick hash for sets of places, which come from the masks of this crate and nobody else.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        self.0 ^= self.0 >> 32;
    }
}

fn unpack(item: u32) -> (usize, usize) {
    ((item >> 8) as usize, (item & 0xFF) as usize)
}

/// Adds a place of a mask and those reached from it over optional places.
fn close(state: &mut Vec<u32>, tokens: &[Token], mask: usize, mut place: usize) {
    state.push((mask as u32) << 8 | place as u32);
    while tokens.get(place).is_some_and(|token| token.optional) {
        place += 1;
        state.push((mask as u32) << 8 | place as u32);
    }
}

/// Groups the symbols that no mask tells apart: the column of each byte, and one symbol for each column.
fn columns(masks: &[Vec<Token>]) -> ([u8; 256], Vec<u8>) {
    let mut classes: Vec<u64> = masks.iter().flatten().map(|token| token.accepts).collect();
    classes.sort_unstable();
    classes.dedup();
    let mut samples: Vec<(Vec<bool>, u8)> = Vec::new();
    let mut column_of = [0u8; WIDTH];
    for symbol in 0..WIDTH as u8 {
        let signature: Vec<bool> = classes.iter().map(|class| class >> symbol & 1 == 1).collect();
        let column = samples.iter().position(|(known, _)| *known == signature).unwrap_or_else(|| {
            samples.push((signature, symbol));
            samples.len() - 1
        });
        column_of[usize::from(symbol)] = column as u8;
    }
    let mut columns = [0u8; 256];
    for (byte, column) in columns.iter_mut().enumerate() {
        *column = column_of[usize::from(SYMBOLS[byte])];
    }
    (columns, samples.into_iter().map(|(_, symbol)| symbol).collect())
}

fn parse(mask: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = mask.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'?' => {
                if let Some(last) = tokens.last_mut() {
                    last.optional = true;
                }
            }
            b'{' => {
                let end = rest.iter().position(|&byte| byte == b'}').unwrap_or(rest.len());
                let mut counts = mask_counts(&rest[..end]);
                rest = rest.get(end + 1..).unwrap_or_default();
                let least = counts.next().unwrap_or(1);
                let most = counts.next().unwrap_or(least);
                if let Some(token) = tokens.pop() {
                    tokens.extend((0..most).map(|index| Token { optional: index >= least, ..token }));
                }
            }
            _ => tokens.push(Token { accepts: accepts(byte), optional: false }),
        }
    }
    tokens
}

fn mask_counts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes.split(|&byte| byte == b',').map(|digits| super::checks::number(digits) as usize)
}

fn accepts(byte: u8) -> u64 {
    let one = |byte: u8| 1u64 << SYMBOLS[usize::from(byte)];
    let letters = (b'a'..=b'z').map(one).fold(0, |set, bit| set | bit);
    match byte {
        b'9' => one(b'0'),
        b'A' => letters,
        b'N' => letters | one(b'0'),
        b'~' => one(b' ') | one(b'-'),
        b'_' => one(b' ') | one(b'-') | one(b'.') | one(b'/'),
        other => one(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(masks: &[&str], text: &str) -> Vec<u16> {
        let shapes = Shapes::new(masks.iter().copied());
        let state = text.bytes().fold(Shapes::START, |state, byte| shapes.step(state, byte));
        shapes.ending(state).to_vec()
    }

    #[test]
    fn masks_match_what_they_say() {
        let masks = ["999-99-9999", "9{9}", "A99~?9{2,4}", "chNN", "N{4}"];
        for (text, expected) in [
            ("123-45-6789", vec![0]),
            ("123456789", vec![1]),
            ("x99-12", vec![2]),
            ("x9912", vec![2]),
            ("x99 1234", vec![2]),
            ("Ch4x", vec![3, 4]),
            ("zh4x", vec![4]),
            ("123-45-678", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(matches(&masks, text), expected, "{text}");
        }
    }
}
