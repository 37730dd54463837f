//! Placeholders of any form, such as fakes, found in a text: all at once, in time linear in text and vault.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};

use super::Pairs;
use super::distance::{DISTANCE_MAX, distance_within};
use super::restore::{Found, MatchingStrategy};
use crate::Span;
use crate::text::Lowered;

/// Shorter ones, in letters and digits, are looked for only exactly and in any case: too much is near them.
const NEAR_BYTES_MIN: usize = 6;
/// A piece that more placeholders than this share leads to the first of them only.
const SHARED_MAX: usize = 4;
/// Comparisons for near matches, as a multiple of the bytes of the text; a text that needs more is looked through
/// for them no further.
const COMPARISONS_PER_BYTE: usize = 2;

/// The placeholders of a vault that have not the form `[REDACTED_KIND_n]`, ready to be looked for.
pub(super) struct FreeForm {
    exact: Patterns,
    in_any_case: Option<Patterns>,
    near: Option<Nearby>,
}

/// Byte strings, each with the place of its pair, and their automaton; of several matches at one place the longest
/// counts.
struct Patterns {
    automaton: AhoCorasick,
    pairs: Vec<usize>,
}

/// An automaton serves one text: what is quick to build is quickest.
fn builder() -> AhoCorasickBuilder {
    let mut builder = AhoCorasick::builder();
    builder.kind(Some(AhoCorasickKind::NoncontiguousNFA));
    builder
}

impl Patterns {
    fn new(patterns: impl Iterator<Item = (impl AsRef<[u8]>, usize)>) -> Option<Self> {
        let (patterns, pairs): (Vec<_>, Vec<_>) = patterns.unzip();
        // Only more patterns than an automaton can number fail to build.
        let automaton = builder().match_kind(MatchKind::LeftmostLongest).build(patterns).ok()?;
        Some(Self { automaton, pairs })
    }

    /// Start, end and pair of each match.
    fn find<'s>(&'s self, text: &'s [u8]) -> impl Iterator<Item = (usize, usize, usize)> + 's {
        let found = self.automaton.find_iter(text);
        found.map(|found| (found.start(), found.end(), self.pairs[found.pattern().as_usize()]))
    }
}

impl FreeForm {
    /// `None` when there is none.
    pub(super) fn new(pairs: &Pairs, strategy: MatchingStrategy) -> Option<Self> {
        if !pairs.has_free_form() {
            return None;
        }
        let keys: Vec<(&str, usize)> = pairs.free_form().map(|(place, key)| (key, place)).collect();
        let exact = Patterns::new(keys.iter().copied())?;
        let in_any_case = (strategy > MatchingStrategy::Exact)
            .then(|| Patterns::new(keys.iter().map(|(key, pair)| (key.to_lowercase(), *pair))));
        let near = (strategy > MatchingStrategy::CaseInsensitive).then(|| Nearby::new(&keys));
        Some(Self { exact, in_any_case: in_any_case.flatten(), near: near.flatten() })
    }

    /// Where they stand letter by letter.
    pub(super) fn exact(&self, text: &str) -> Vec<Found> {
        let found = self.exact.find(text.as_bytes());
        found.map(|(start, end, pair)| Found { span: Span::new(start, end), pair }).collect()
    }

    /// As [`FreeForm::exact`], in any case.
    pub(super) fn in_any_case(&self, text: &str) -> Vec<Found> {
        let Some(patterns) = &self.in_any_case else { return Vec::new() };
        let lowered = Lowered::new(text);
        let mut free_from = 0;
        let mut all = Vec::new();
        for (start, end, pair) in patterns.find(lowered.as_str().as_bytes()) {
            let span = lowered.source(start, end);
            // Two matches may share a character that lower case makes two of.
            if span.start >= free_from && !span.is_empty() {
                free_from = span.end;
                all.push(Found { span, pair });
            }
        }
        all
    }

    /// Where something stands that reads like one of them, as whole words: other case, spacing and punctuation, and
    /// after that, in what is left, a few wrong letters. Digits agree one by one, and groups of digits are not cut
    /// elsewhere.
    pub(super) fn nearly(&self, text: &str) -> Vec<Found> {
        self.near.as_ref().map_or_else(Vec::new, |near| near.find(text))
    }
}

/// The placeholders that may be looked for nearly.
struct Nearby {
    /// Their letters and digits.
    plain: Patterns,
    keys: Vec<Key>,
    /// Each key in pieces, of which a stretch with a few wrong letters holds one unchanged.
    pieces: AhoCorasick,
    /// For each piece the keys (by place) that it is part of, and where in them it begins.
    shared: Vec<Vec<(usize, usize)>>,
}

impl Nearby {
    fn new(keys: &[(&str, usize)]) -> Option<Self> {
        let keys: Vec<Key> = keys.iter().filter_map(|(key, pair)| Key::new(key, *pair)).collect();
        let mut patterns: Vec<(Vec<u8>, usize)> = Vec::new();
        for key in &keys {
            patterns.push((key.plain.clone(), key.pair));
            // Digits whose separators are gone altogether.
            if key.plain.contains(&CUT) {
                patterns.push((key.plain.iter().copied().filter(|&byte| byte != CUT).collect(), key.pair));
            }
        }
        let mut places: BTreeMap<&[u8], Vec<(usize, usize)>> = BTreeMap::new();
        for (place, key) in keys.iter().enumerate().filter(|(_, key)| key.tolerance > 0) {
            let length = key.plain.len().div_ceil(key.tolerance + 1);
            for (index, piece) in key.plain.chunks(length).enumerate() {
                let shared = places.entry(piece).or_default();
                if shared.len() < SHARED_MAX {
                    shared.push((place, index * length));
                }
            }
        }
        let pieces = builder().build(places.keys()).ok()?;
        let shared = places.into_values().collect();
        Some(Self { plain: Patterns::new(patterns.into_iter())?, keys, pieces, shared })
    }

    fn find(&self, text: &str) -> Vec<Found> {
        let view = Plain::new(text);
        let mut taken = BTreeMap::new();
        for (start, end, pair) in self.plain.find(&view.bytes) {
            if view.is_whole(start, end) {
                taken.insert(start, Near { end, pair, distance: 0, ambiguous: false });
            }
        }
        self.misspelt(&view, &mut taken);
        let chosen = taken.into_iter().filter(|(_, near)| !near.ambiguous);
        chosen.map(|(start, near)| Found { span: view.source(start, near.end), pair: near.pair }).collect()
    }

    /// Adds to `taken` (by start, without overlap) what is a few letters from a key. Such a stretch holds one of
    /// `tolerance + 1` pieces of the key unchanged, so only where a piece stands is there something to compare.
    fn misspelt(&self, view: &Plain, taken: &mut BTreeMap<usize, Near>) {
        let mut comparisons_left = 10_000 + view.bytes.len() * COMPARISONS_PER_BYTE;
        let mut near = Vec::new();
        for hit in self.pieces.find_overlapping_iter(&view.bytes) {
            for &(place, offset) in &self.shared[hit.pattern().as_usize()] {
                near.extend(nearest_at(view, &self.keys[place], hit.start(), offset, &mut comparisons_left));
            }
        }
        // The nearest first, so that what they leave is for the others.
        near.sort_by_key(|&(start, near)| (near.distance, start, near.pair));
        for (start, candidate) in near {
            match taken.range_mut(..candidate.end).next_back().filter(|(_, other)| other.end > start) {
                None => {
                    taken.insert(start, candidate);
                }
                Some((_, other)) => {
                    other.ambiguous |= other.distance == candidate.distance && other.pair != candidate.pair;
                }
            }
        }
    }
}

/// A near match: where it ends, what it stands for, how far it is.
#[derive(Clone, Copy)]
struct Near {
    end: usize,
    pair: usize,
    distance: usize,
    /// Whether another placeholder is as near; then it is neither.
    ambiguous: bool,
}

/// A placeholder that may be looked for nearly.
struct Key {
    plain: Vec<u8>,
    pair: usize,
    /// Letters that may be wrong.
    tolerance: usize,
}

impl Key {
    fn new(key: &str, pair: usize) -> Option<Self> {
        let plain = Plain::new(key).bytes;
        let letters = plain.iter().filter(|byte| !byte.is_ascii_digit() && **byte != CUT).count();
        let tolerance = match letters {
            ..NEAR_BYTES_MIN => 0,
            NEAR_BYTES_MIN..12 => 1,
            12..18 => 2,
            _ => DISTANCE_MAX,
        };
        (plain.len() >= NEAR_BYTES_MIN).then_some(Self { plain, pair, tolerance })
    }
}

/// The stretch around a piece (at `hit`, `offset` bytes into the key) that is nearest to the key, if one is near.
fn nearest_at(
    view: &Plain,
    key: &Key,
    hit: usize,
    offset: usize,
    comparisons_left: &mut usize,
) -> Option<(usize, Near)> {
    let slack = key.tolerance;
    let start = (hit + slack).checked_sub(offset)?;
    let end = start + key.plain.len();
    let mut best: Option<(usize, Near)> = None;
    for start in start.saturating_sub(2 * slack)..=start {
        for end in end.saturating_sub(2 * slack)..=end {
            if start >= end || !view.is_whole(start, end) || view.bytes[start] != key.plain[0] {
                continue;
            }
            let window = &view.bytes[start..end];
            let numeric = |byte: &&u8| byte.is_ascii_digit() || **byte == CUT;
            if !window.iter().filter(numeric).eq(key.plain.iter().filter(numeric)) {
                continue;
            }
            *comparisons_left = comparisons_left.checked_sub(1)?;
            let Some(distance) = distance_within(window, &key.plain, slack) else { continue };
            if best.is_none_or(|(_, best)| distance < best.distance) {
                best = Some((start, Near { end, pair: key.pair, distance, ambiguous: false }));
            }
        }
    }
    best
}

/// Stands between two digits that have something between them.
const CUT: u8 = 1;

/// The letters and digits of a text, lower case, with the way back.
struct Plain {
    bytes: Vec<u8>,
    /// For each byte where its character starts and ends in the source.
    source: Vec<Span>,
}

impl Plain {
    fn new(text: &str) -> Self {
        let mut plain =
            Self { bytes: Vec::with_capacity(text.len()), source: Vec::with_capacity(text.len()) };
        for (at, character) in text.char_indices().filter(|(_, character)| character.is_alphanumeric()) {
            let span = Span::new(at, at + character.len_utf8());
            if let (Some(last), Some(before)) = (plain.bytes.last(), plain.source.last())
                && last.is_ascii_digit()
                && character.is_ascii_digit()
                && before.end < at
            {
                let between = Span::new(before.end, at);
                plain.push(CUT, between);
            }
            for lower in character.to_lowercase() {
                for &byte in lower.encode_utf8(&mut [0; 4]).as_bytes() {
                    plain.push(byte, span);
                }
            }
        }
        plain
    }

    fn push(&mut self, byte: u8, span: Span) {
        self.bytes.push(byte);
        self.source.push(span);
    }

    /// Whether the bytes are whole words: nothing that goes on with them stands right before or after. A digit goes
    /// on with a digit over one character, as in `192.0`.
    fn is_whole(&self, start: usize, end: usize) -> bool {
        let parted = |left: usize, right: usize| {
            let (left, right) = (self.source[left], self.source[right]);
            left.end < right.start
        };
        let cut_is_wide = |at: usize| self.bytes[at] != CUT || self.source[at].len() > 1;
        if start >= end || end > self.bytes.len() || self.bytes[start] == CUT || self.bytes[end - 1] == CUT {
            return false;
        }
        let before = start == 0
            || if self.bytes[start - 1] == CUT { cut_is_wide(start - 1) } else { parted(start - 1, start) };
        let after = end == self.bytes.len()
            || if self.bytes[end] == CUT { cut_is_wide(end) } else { parted(end - 1, end) };
        before && after
    }

    fn source(&self, start: usize, end: usize) -> Span {
        Span::new(self.source[start].start, self.source[end - 1].end)
    }
}
