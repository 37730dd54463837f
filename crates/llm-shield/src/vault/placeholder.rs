//! Placeholders `[REDACTED_KIND_n]`, as they are written and as a model may have rewritten them.

use super::distance::{DISTANCE_MAX, distance_within};
use crate::Span;

/// Placeholders as they are written.
pub(crate) mod bracketed {
    /// What each begins with.
    pub(crate) const START: &str = "[REDACTED_";
    /// The longest placeholder of this form, in bytes.
    pub(crate) const BYTES_MAX: usize = 128;
    /// The longest kind, in bytes, for which every placeholder stays under [`BYTES_MAX`].
    pub(crate) const KIND_BYTES_MAX: usize = 64;

    /// The placeholder with this kind and number.
    pub(crate) fn write(kind: &str, number: u64) -> String {
        format!("{START}{kind}_{number}]")
    }

    /// Kind and number, if `placeholder` has exactly the form that [`write`] gives it.
    pub(crate) fn parse(placeholder: &str) -> Option<(&str, u64)> {
        if placeholder.len() > BYTES_MAX {
            return None;
        }
        let (kind, number) = placeholder.strip_prefix(START)?.strip_suffix(']')?.rsplit_once('_')?;
        if !is_kind(kind) {
            return None;
        }
        Some((kind, parse_number(number)?))
    }

    /// A number as it is written: no sign, no leading zero, at most 15 digits, so that it can be counted on.
    pub(crate) fn parse_number(digits: &str) -> Option<u64> {
        let written = !digits.is_empty()
            && digits.len() <= 15
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        if written { digits.parse().ok() } else { None }
    }

    /// Whether a kind of this name can stand in a placeholder.
    pub(crate) fn is_kind(name: &str) -> bool {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        (1..=KIND_BYTES_MAX).contains(&name.len()) && name.bytes().all(allowed)
    }
}

/// The kinds that a rewritten placeholder is compared with, shortest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kinds(Vec<Kind>);

#[derive(Debug, Clone)]
struct Kind {
    name: Box<str>,
    /// The name without separators, lower case.
    key: Box<[u8]>,
}

/// Which of the kinds a word is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness<'k> {
    /// Like this one most.
    One(&'k str),
    /// Equally like several.
    Several,
}

impl Kinds {
    pub(crate) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut kinds = Self::default();
        for name in names {
            kinds.add(name);
        }
        kinds
    }

    pub(crate) fn add(&mut self, name: &str) {
        if !self.contains(name) {
            let key = name.bytes().filter(|&byte| byte != b'_').map(|byte| byte.to_ascii_lowercase());
            let kind = Kind { name: name.into(), key: key.collect() };
            let place = self.0.partition_point(|other| other.key.len() <= kind.key.len());
            self.0.insert(place, kind);
        }
    }

    /// Stretches of `text` that read like a numbered placeholder of one of the kinds: in any case, with other or no
    /// separators, with or without brackets, with a few letters wrong, but with exactly its digits. `accept` says
    /// which count.
    ///
    /// Each begins where a word begins and is bounded in length, so the time is linear in the text.
    pub(crate) fn rewritten<T>(
        &self,
        text: &str,
        mut accept: impl FnMut(Likeness<'_>, u64) -> Option<T>,
    ) -> Vec<(Span, T)> {
        let mut found: Vec<(Span, T)> = Vec::new();
        let longest = self.0.last().map_or(0, |kind| kind.key.len());
        let mut from = 0;
        while let Some(at) = next_start(text, from) {
            let mut best = None;
            walk(&text[at..], longest + tolerance(longest), |key, heads, number, end| {
                if let Some(accepted) =
                    self.likeness(key, heads).and_then(|likeness| accept(likeness, number))
                {
                    best = Some((at + end, accepted));
                }
            });
            from = at + 1;
            if let Some((end, accepted)) = best {
                let floor = found.last().map_or(0, |(span, _)| span.end);
                let span = with_brackets(text, Span::new(at, end), floor);
                from = span.end;
                found.push((span, accepted));
            }
        }
        found
    }

    /// The kind that is named by `key` after its head: lower case, without separators.
    fn likeness(&self, key: &[u8], heads: &[Head]) -> Option<Likeness<'_>> {
        // Nothing is as near as the kind itself.
        if let Some(exact) =
            heads.iter().find_map(|head| (head.wrong == 0).then(|| self.named(&key[head.length..]))?)
        {
            return Some(Likeness::One(exact));
        }
        let mut best = None;
        let mut several = false;
        for head in heads.iter().filter(|head| head.length < key.len()) {
            let tail = &key[head.length..];
            for kind in self.of_length(tail.len()) {
                let tolerance = tolerance(kind.key.len()).min(DISTANCE_MAX - head.wrong);
                if !digits(tail).eq(digits(&kind.key)) {
                    continue;
                }
                let Some(wrong) = distance_within(tail, &kind.key, tolerance).map(|wrong| wrong + head.wrong)
                else {
                    continue;
                };
                match best {
                    Some((least, _)) if wrong > least => {}
                    Some((least, name)) if wrong == least => several |= name != &*kind.name,
                    _ => (best, several) = (Some((wrong, &*kind.name)), false),
                }
            }
        }
        best.map(|(_, name)| if several { Likeness::Several } else { Likeness::One(name) })
    }

    /// The kind with exactly this key.
    fn named(&self, key: &[u8]) -> Option<&str> {
        let of_length = self.of_length(key.len());
        of_length.iter().find(|kind| *kind.key == *key).map(|kind| &*kind.name)
    }

    /// Whether it holds this kind.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|kind| &*kind.name == name)
    }

    /// The kinds whose keys are near enough to this length.
    fn of_length(&self, length: usize) -> &[Kind] {
        let from = self.0.partition_point(|kind| kind.key.len() + DISTANCE_MAX < length);
        let to = self.0.partition_point(|kind| kind.key.len() <= length + DISTANCE_MAX);
        &self.0[from..to]
    }
}

fn digits(key: &[u8]) -> impl Iterator<Item = &u8> {
    key.iter().filter(|byte| byte.is_ascii_digit())
}

/// How many letters of a kind of this length may be wrong.
const fn tolerance(length: usize) -> usize {
    match length {
        0..=3 => 0,
        4..=6 => 1,
        7..=10 => 2,
        _ => 3,
    }
}

/// The next place from `from` on at which a word begins with R.
fn next_start(text: &str, from: usize) -> Option<usize> {
    let starts = |&at: &usize| {
        text.as_bytes()[at].eq_ignore_ascii_case(&b'r')
            && !text[..at].chars().next_back().is_some_and(char::is_alphanumeric)
    };
    (from..text.len()).find(starts)
}

/// A beginning of a key that is the word "redacted" or nearly.
#[derive(Clone, Copy)]
struct Head {
    length: usize,
    wrong: usize,
}

const WORD: &[u8] = b"redacted";
/// Letters of the word that may be wrong.
const WORD_TOLERANCE: usize = 2;

fn heads(key: &[u8]) -> Vec<Head> {
    (WORD.len() - WORD_TOLERANCE..=(WORD.len() + WORD_TOLERANCE).min(key.len()))
        .filter_map(|length| {
            Some(Head { length, wrong: distance_within(&key[..length], WORD, WORD_TOLERANCE)? })
        })
        .collect()
}

/// Reads letters and digits from the start of `text`, over separators, as long as they may be the word "redacted"
/// and at most `kind_bytes_max` bytes of a kind; calls `visit` at the end of each number with what stood before it,
/// the number, and where it ends.
fn walk(text: &str, kind_bytes_max: usize, mut visit: impl FnMut(&[u8], &[Head], u64, usize)) {
    let bytes = text.as_bytes();
    let mut key = Vec::with_capacity(48);
    let mut known_heads: Option<Vec<Head>> = None;
    let mut at = 0;
    while at < bytes.len() && key.len() <= WORD.len() + WORD_TOLERANCE + kind_bytes_max {
        if known_heads.is_none() && key.len() >= WORD.len() + WORD_TOLERANCE {
            known_heads = Some(heads(&key));
        }
        if known_heads.as_ref().is_some_and(Vec::is_empty) {
            return;
        }
        if bytes[at].is_ascii_alphabetic() {
            key.push(bytes[at].to_ascii_lowercase());
            at += 1;
        } else if bytes[at].is_ascii_digit() {
            let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let end = at + length;
            let ends_here = !text[end..].chars().next().is_some_and(char::is_alphanumeric);
            if let (true, Some(number)) = (ends_here, bracketed::parse_number(&text[at..end])) {
                match &known_heads {
                    Some(heads) => visit(&key, heads, number, end),
                    None => visit(&key, &heads(&key), number, end),
                }
            }
            key.extend_from_slice(&bytes[at..end]);
            at = end;
        } else {
            match separator(&text[at..]) {
                Some(length) => at += length,
                None => return,
            }
        }
    }
}

/// The length of the separators at the start of `text`, if a key may go on after them.
fn separator(text: &str) -> Option<usize> {
    let mut hard = 0;
    for (count, (at, character)) in text.char_indices().enumerate() {
        match character {
            // A letter outside ASCII ends the key; it must not be stepped over without a separator.
            _ if character.is_alphanumeric() => return character.is_ascii().then_some(at),
            _ if count == 4 => return None,
            ' ' | '\t' | '\n' | '\r' if hard > 0 => return None,
            ' '
            | '\t'
            | '\n'
            | '\r'
            | '_'
            | '-'
            | '\\'
            | '*'
            | '`'
            | '~'
            | '\u{a0}'
            | '\u{2010}'..='\u{2015}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2060}' => {}
            '.' | ':' | '/' | '|' | '#' if hard == 0 => hard += 1,
            _ => return None,
        }
    }
    None
}

/// `span` with the brackets around it, if it has one on each side; never beginning before `floor`.
fn with_brackets(text: &str, span: Span, floor: usize) -> Span {
    let soft = |character: char| matches!(character, ' ' | '*' | '_' | '`' | '~' | '\\' | '-');
    let before = text[floor..span.start].trim_end_matches(soft);
    let after = text[span.end..].trim_start_matches(soft);
    let skipped = (span.start - floor - before.len()).max(text.len() - span.end - after.len());
    let open = before.chars().next_back().filter(|open| matches!(open, '[' | '【' | '［'));
    let close = after.chars().next().filter(|close| matches!(close, ']' | '】' | '］'));
    let (Some(open), Some(close), 0..=3) = (open, close, skipped) else { return span };
    let mut start = floor + before.len() - open.len_utf8();
    // Markdown's escape of the bracket.
    if text[floor..start].ends_with('\\') {
        start -= 1;
    }
    Span::new(start, text.len() - after.len() + close.len_utf8())
}
