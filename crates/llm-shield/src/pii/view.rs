//! The text as its numbers read: full-width and other digits, non-breaking spaces and typographic dashes in ASCII,
//! with the way back to the caller's bytes.

use std::borrow::Cow;

use crate::Span;

/// A copy in which some characters became ASCII, or the text itself when it has none of them.
pub(super) struct View<'t> {
    pub(super) text: Cow<'t, str>,
    changes: Vec<Change>,
}

/// A character that reads as another one or, with an empty range in the copy, as nothing.
struct Change {
    copy: Span,
    /// Where it ends in the original.
    end: usize,
}

/// What a character is read as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Itself,
    Nothing,
    Ascii(u8),
}

fn reading(character: char) -> Reading {
    match character {
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => Reading::Ascii(b' '),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' => Reading::Ascii(b'-'),
        '\u{FF01}'..='\u{FF5E}' => Reading::Ascii((character as u32 - 0xFF01 + 0x21) as u8),
        '\u{660}'..='\u{669}' => decimal(character, 0x660),
        '\u{6F0}'..='\u{6F9}' => decimal(character, 0x6F0),
        '\u{966}'..='\u{96F}' => decimal(character, 0x966),
        '\u{9E6}'..='\u{9EF}' => decimal(character, 0x9E6),
        '\u{E50}'..='\u{E59}' => decimal(character, 0xE50),
        '\u{AD}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FEFF}' => Reading::Nothing,
        _ => Reading::Itself,
    }
}

fn decimal(character: char, zero: u32) -> Reading {
    Reading::Ascii(b'0' + (character as u32 - zero) as u8)
}

impl<'t> View<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut changes = Vec::new();
        if text.is_ascii() || text.chars().all(|character| reading(character) == Reading::Itself) {
            return Self { text: Cow::Borrowed(text), changes };
        }
        let mut copy = String::with_capacity(text.len());
        for (start, character) in text.char_indices() {
            let from = copy.len();
            match reading(character) {
                Reading::Itself => {
                    copy.push(character);
                    continue;
                }
                Reading::Nothing => {}
                Reading::Ascii(byte) => copy.push(char::from(byte)),
            }
            changes.push(Change { copy: Span::new(from, copy.len()), end: start + character.len_utf8() });
        }
        Self { text: Cow::Owned(copy), changes }
    }

    /// A span of the copy in the original, without characters at its ends that read as nothing.
    pub(super) fn span(&self, span: Span) -> Span {
        let place = |count: usize, at: usize| match count.checked_sub(1).map(|last| &self.changes[last]) {
            Some(change) => change.end + (at - change.copy.end),
            None => at,
        };
        let before_start = self.changes.partition_point(|change| change.copy.end <= span.start);
        let before_end = self.changes.partition_point(|change| change.copy.start < span.end);
        Span::new(place(before_start, span.start), place(before_end, span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_lead_back() {
        for (text, needle, expected) in [
            ("plain 12", "12", "12"),
            ("x \u{FF11}\u{FF12} y", "12", "\u{FF11}\u{FF12}"),
            ("a\u{A0}1\u{2011}2\u{200B} b", "1-2", "1\u{2011}2"),
            ("\u{200B}1\u{200B}2", "12", "1\u{200B}2"),
            ("\u{FEFF}ab\u{A0}", "ab", "ab"),
        ] {
            let view = View::new(text);
            let start = view.text.find(needle).unwrap();
            assert_eq!(
                &text[view.span(Span::new(start, start + needle.len())).range()],
                expected,
                "{text:?}"
            );
        }
    }
}
