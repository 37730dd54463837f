//! What comes in the place of a secret.

use std::borrow::Cow;
use std::fmt::Write as _;

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};
use md5::{Digest, Md5};
use serde::Deserialize;

use crate::{Edit, Span};

/// llm-guard's `redact_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RedactMode {
    /// `******`, whatever the secret.
    #[default]
    All,
    /// The first two characters, `..`, and the last two; `******` when that would show more than half.
    Partial,
    /// The MD5 of the secret, in hexadecimal: equal secrets stay recognisable as equal. A short secret can be
    /// guessed from it, and a second scan may take the hash after a name such as `token` for a secret.
    Hash,
}

/// Secrets shorter than this show more than half of themselves in four characters.
const PARTIAL_CHARACTERS_MIN: usize = 8;
const STARS: &str = "******";

impl RedactMode {
    fn replacement(self, secret: &str) -> Cow<'static, str> {
        match self {
            Self::All => STARS.into(),
            Self::Partial => partial(secret).map_or(STARS.into(), Cow::Owned),
            Self::Hash => {
                let mut hex = String::with_capacity(32);
                for byte in Md5::digest(secret.as_bytes()) {
                    // Writing to a string cannot fail.
                    let _ = write!(hex, "{byte:02x}");
                }
                hex.into()
            }
        }
    }
}

fn partial(secret: &str) -> Option<String> {
    let mut bounds = secret.char_indices().map(|(at, _)| at);
    let head = bounds.nth(2)?;
    let tail = bounds.nth_back(1)?;
    (secret.chars().count() >= PARTIAL_CHARACTERS_MIN)
        .then(|| format!("{}..{}", &secret[..head], &secret[tail..]))
}

/// One edit for each of the [`places`] of the secrets of `text`.
pub(crate) fn edits(text: &str, secrets: &[Span], mode: RedactMode) -> Vec<Edit> {
    let edit = |span: Span| Edit { span, replacement: mode.replacement(&text[span.range()]) };
    places(text, secrets).into_iter().map(edit).collect()
}

/// Where the secrets of `text` stand, also where nothing around them gave them away; what overlaps is one place.
pub(super) fn places(text: &str, secrets: &[Span]) -> Vec<Span> {
    let mut places = occurrences(text, secrets);
    places.extend_from_slice(secrets);
    places.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(places.len());
    for place in places {
        match merged.last_mut() {
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            _ => merged.push(place),
        }
    }
    merged
}

/// Up to so many secrets are looked for one by one; an automaton takes longer to build than that.
const ONE_BY_ONE_MAX: usize = 4;

/// Every place at which one of the secrets stands in `text`; of several that end together, the longest.
fn occurrences(text: &str, secrets: &[Span]) -> Vec<Span> {
    let mut values: Vec<&str> = secrets.iter().map(|span| &text[span.range()]).collect();
    values.sort_unstable();
    values.dedup();
    if values.len() <= ONE_BY_ONE_MAX {
        let span = |(start, value): (usize, &str)| Span::new(start, start + value.len());
        return values.into_iter().flat_map(|value| text.match_indices(value).map(span)).collect();
    }
    // Only more secrets than the automaton can number fail to build; the spans themselves are still redacted.
    let Ok(automaton) = NFA::builder().match_kind(MatchKind::Standard).build(&values) else {
        return Vec::new();
    };
    let Ok(mut state) = automaton.start_state(Anchored::No) else { return Vec::new() };
    let mut places = Vec::new();
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        state = automaton.next_state(Anchored::No, state, byte);
        if automaton.is_match(state) {
            // The first pattern of a state is its own; the others are suffixes of it.
            let length = automaton.pattern_len(automaton.match_pattern(state, 0));
            places.push(Span::new(at + 1 - length, at + 1));
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_replace_as_llm_guard_does() {
        for (mode, secret, expected) in [
            (RedactMode::All, "ghp_abcdefgh", "******"),
            (RedactMode::Partial, "ghp_abcdefgh", "gh..gh"),
            (RedactMode::Partial, "pässwörtér", "pä..ér"),
            (RedactMode::Partial, "abcdefg", "******"),
            (RedactMode::Partial, "abc", "******"),
            (RedactMode::Hash, "abc", "900150983cd24fb0d6963f7d28e17f72"),
        ] {
            assert_eq!(mode.replacement(secret), expected, "{mode:?} {secret}");
        }
    }

    #[test]
    fn every_place_of_a_secret_is_edited_once() {
        for (text, secrets, expected) in [
            ("aXYZ b XYZ", vec![(1, 4)], vec![(1, 4), (7, 10)]),
            ("abcdef", vec![(0, 4), (2, 6)], vec![(0, 6)]),
            ("abab aba", vec![(0, 4), (0, 3)], vec![(0, 4), (5, 8)]),
            ("ab ab", vec![], vec![]),
            (
                "a1b2c3d4e5 e5b2",
                vec![(0, 2), (2, 4), (4, 6), (6, 8), (8, 10)],
                vec![(0, 2), (2, 4), (4, 6), (6, 8), (8, 10), (11, 13), (13, 15)],
            ),
        ] {
            let secrets: Vec<Span> = secrets.into_iter().map(|(start, end)| Span::new(start, end)).collect();
            let spans: Vec<(usize, usize)> = edits(text, &secrets, RedactMode::All)
                .iter()
                .map(|edit| (edit.span.start, edit.span.end))
                .collect();
            assert_eq!(spans, expected, "{text}");
        }
    }
}
