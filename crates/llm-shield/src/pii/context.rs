//! The words before a candidate, and which kinds they speak for.

use std::borrow::Cow;

use aho_corasick::{AhoCorasick, MatchKind};

use super::kind::{How, Kind, Marker, Reach};

/// A set of kinds, by their place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Kinds([u64; 4]);

impl Kinds {
    /// How many kinds fit.
    pub(super) const MAX: usize = 256;

    pub(super) fn insert(&mut self, kind: usize) {
        self.0[kind / 64] |= 1 << (kind % 64);
    }

    pub(super) fn contains(&self, kind: usize) -> bool {
        self.0[kind / 64] >> (kind % 64) & 1 == 1
    }

    fn add(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
    }
}

/// The context words of all enabled kinds as one automaton.
pub(super) struct Context {
    words: AhoCorasick,
    meanings: Vec<Meaning>,
}

#[derive(Clone, Copy, Default)]
struct Meaning {
    /// Kinds of [`Reach::Wide`].
    wide: Kinds,
    /// Kinds of [`Reach::Near`].
    near: Kinds,
}

/// Words looked at before a candidate, as in Presidio.
const WORDS: usize = 5;
/// Bytes looked at before a candidate.
const BYTES: usize = 120;
/// A word with as many digits is a value of its own.
const VALUE_DIGITS: usize = 3;
/// Words that Presidio does not count, because spaCy lists them as stop words.
const STOP_WORDS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "has", "have", "her", "his",
    "in", "is", "it", "its", "my", "of", "on", "or", "our", "s", "that", "the", "their", "this", "to",
    "under", "was", "we", "were", "with", "your", "de", "la", "le", "el", "der", "die", "das", "ist", "est",
    "es",
];

impl Context {
    pub(super) fn new<'k>(kinds: impl Iterator<Item = (usize, &'k Kind)>) -> Option<Self> {
        let mut words: Vec<Cow<'static, str>> = Vec::new();
        let mut meanings: Vec<Meaning> = Vec::new();
        let mut index = std::collections::HashMap::new();
        for (place, kind) in kinds {
            for word in kind.context.iter().flat_map(|words| spellings(words)) {
                let at = *index.entry(word.clone()).or_insert_with(|| {
                    words.push(word);
                    meanings.push(Meaning::default());
                    words.len() - 1
                });
                match kind.reach {
                    Reach::Wide => meanings[at].wide.insert(place),
                    Reach::Near => meanings[at].near.insert(place),
                }
            }
        }
        let words = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .kind(Some(aho_corasick::AhoCorasickKind::DFA))
            .build(words.iter().map(|word| word.as_bytes()))
            .ok()?;
        Some(Self { words, meanings })
    }

    /// The kinds that the words before `start` speak for.
    pub(super) fn before(&self, text: &[u8], start: usize) -> Kinds {
        let (wide_from, near_from) = windows(text, start);
        let mut found = Kinds::default();
        for hit in self.words.find_overlapping_iter(&text[wide_from..start]) {
            let meaning = &self.meanings[hit.pattern().as_usize()];
            found.add(&meaning.wide);
            let (first, last) = (wide_from + hit.start(), wide_from + hit.end());
            if first >= near_from && is_word(text, first, last) {
                found.add(&meaning.near);
            }
        }
        found
    }
}

/// A name of several words as it stands in prose and as names of fields join it.
fn spellings(words: &'static str) -> impl Iterator<Item = Cow<'static, str>> {
    let joints: &[&str] = if words.trim().contains(' ') { &["_", "-", ""] } else { &[] };
    // The automaton folds the case of ASCII letters only.
    let upper = (!words.is_ascii()).then(|| words.to_uppercase());
    let title = upper.clone().and_then(|upper| {
        let first = upper.chars().next()?;
        Some(first.to_string() + words.get(words.chars().next()?.len_utf8()..)?)
    });
    std::iter::once(Cow::Borrowed(words))
        .chain(joints.iter().map(|joint| Cow::Owned(words.replace(' ', joint))))
        .chain(upper.into_iter().chain(title).map(Cow::Owned))
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Where the five words before `start` begin, and where those of them begin that no other value separates.
fn windows(text: &[u8], start: usize) -> (usize, usize) {
    let floor = start.saturating_sub(BYTES);
    let mut at = start;
    let mut near = None;
    let mut left = WORDS;
    while left > 0 && at > floor {
        while at > floor && !is_word_byte(text[at - 1]) {
            at -= 1;
        }
        let end = at;
        let mut digits = 0;
        while at > floor && is_word_byte(text[at - 1]) {
            at -= 1;
            digits += usize::from(text[at].is_ascii_digit());
        }
        if near.is_none() && digits >= VALUE_DIGITS {
            near = Some(end);
        }
        if !is_stop_word(&text[at..end]) {
            left -= 1;
        }
    }
    // A window may begin inside a long word or a character; the automaton reads bytes and does not mind.
    (at, near.unwrap_or(at))
}

fn is_stop_word(word: &[u8]) -> bool {
    word.len() <= 5 && STOP_WORDS.iter().any(|stop| word.eq_ignore_ascii_case(stop.as_bytes()))
}

/// Whether a match is a word, a plural, or a part of a `snake_case` or `camelCase` name. Scripts without spaces
/// and compounds of long words count as they stand.
fn is_word(text: &[u8], start: usize, end: usize) -> bool {
    if end - start >= 7 || text[start] >= 0xE0 {
        return true;
    }
    let before = start.checked_sub(1).map_or(b' ', |at| text[at]);
    let opens = !is_letter(before) || (before.is_ascii_lowercase() && text[start].is_ascii_uppercase());
    let closes = |end: usize| {
        let (last, after) = (text[end - 1], text.get(end).copied().unwrap_or(b' '));
        !is_letter(after) || (last.is_ascii_lowercase() && after.is_ascii_uppercase())
    };
    opens
        && (closes(end) || (text.get(end).is_some_and(|byte| matches!(byte, b's' | b'S')) && closes(end + 1)))
}

/// The five words before a place, in lower case, for patterns whose words are known only at run time.
pub(super) fn words_before(text: &str, start: usize) -> String {
    let (mut from, _) = windows(text.as_bytes(), start);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text[from..start].to_lowercase()
}

/// Where each marker stands in the list of kinds.
pub(super) fn markers(kinds: &[&Kind]) -> [Option<usize>; Marker::COUNT] {
    let mut places = [None; Marker::COUNT];
    for (place, kind) in kinds.iter().enumerate() {
        if let How::Marker(marker) = kind.how {
            places[marker as usize] = Some(place);
        }
    }
    places
}
