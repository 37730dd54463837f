//! The lower-case view: what Python's `str.lower` makes of the text, with a map back to its bytes.

use std::borrow::Cow;

use crate::Span;

/// A lower-cased text and where its bytes come from.
#[derive(Debug)]
pub(crate) struct Lowered<'t> {
    text: Cow<'t, str>,
    /// Where lower-casing changed the length of a character: first byte in the lower-cased text, first byte
    /// in the source, and whether the character itself begins here or the plain stretch after it.
    shifts: Vec<Shift>,
}

#[derive(Debug, Clone, Copy)]
struct Shift {
    lowered: usize,
    source: usize,
    /// Length in the source of the character that begins here; 0 for the unchanged stretch after it.
    character: usize,
}

impl<'t> Lowered<'t> {
    pub(crate) fn new(source: &'t str) -> Self {
        if source.is_ascii() {
            let text = if source.bytes().any(|byte| byte.is_ascii_uppercase()) {
                Cow::Owned(source.to_ascii_lowercase())
            } else {
                Cow::Borrowed(source)
            };
            return Self { text, shifts: Vec::new() };
        }
        // `str::to_lowercase` knows the final sigma, as Python does; both sigmas are two bytes, so the lengths
        // of the single characters still add up.
        let text = source.to_lowercase();
        let mut shifts = Vec::new();
        let mut lowered = 0;
        for (at, character) in source.char_indices() {
            let length: usize = character.to_lowercase().map(char::len_utf8).sum();
            if length != character.len_utf8() {
                shifts.push(Shift { lowered, source: at, character: character.len_utf8() });
                let (lowered, source) = (lowered + length, at + character.len_utf8());
                shifts.push(Shift { lowered, source, character: 0 });
            }
            lowered += length;
        }
        debug_assert_eq!(lowered, text.len());
        Self { text: Cow::Owned(text), shifts }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The bytes of the source that a range of the lower-cased text came from; characters that it only
    /// touches are covered whole.
    pub(crate) fn source(&self, start: usize, end: usize) -> Span {
        let from = self.shift_before(start);
        let first = match from {
            None => start,
            Some(shift) if shift.character > 0 => shift.source,
            Some(shift) => shift.source + (start - shift.lowered),
        };
        let last = match self.shift_before(end.saturating_sub(1)) {
            _ if end <= start => first,
            None => end,
            Some(shift) if shift.character > 0 => shift.source + shift.character,
            Some(shift) => shift.source + (end - shift.lowered),
        };
        Span::new(first, last)
    }

    fn shift_before(&self, at: usize) -> Option<Shift> {
        let after = self.shifts.partition_point(|shift| shift.lowered <= at);
        after.checked_sub(1).map(|index| self.shifts[index])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_that_change_length_map_back_whole() {
        let lowered = Lowered::new("aİb ẞΣ Ⱥ");
        assert_eq!(lowered.as_str(), "ai\u{307}b ßς ⱥ");
        assert_eq!(lowered.source(1, 2), Span::new(1, 3));
        assert_eq!(lowered.source(1, 4), Span::new(1, 3));
        assert_eq!(lowered.source(4, 5), Span::new(3, 4));
        assert_eq!(lowered.source(6, 8), Span::new(5, 8));
        assert_eq!(lowered.source(11, 14), Span::new(11, 13));
    }

    proptest! {
        #[test]
        fn spans_stay_on_boundaries_and_lower_to_what_they_came_from(text in "[aAİẞΣσȺKЖé ]{0,12}") {
            let lowered = Lowered::new(&text);
            let places: Vec<usize> = lowered.as_str().char_indices().map(|(at, _)| at).collect();
            for (index, &start) in places.iter().enumerate() {
                for &end in &places[index..] {
                    let span = lowered.source(start, end);
                    prop_assert!(text.get(span.range()).is_some(), "{span:?}");
                    if end > start {
                        let back = text[span.range()].to_lowercase().replace('ς', "σ");
                        let part = lowered.as_str()[start..end].replace('ς', "σ");
                        prop_assert!(back.contains(&part), "{back:?} {part:?}");
                    }
                }
            }
        }
    }
}
