//! The map from an edited text back to the caller's bytes.

use crate::{Edit, Span};

/// A piece of the edited text that stands for a range of the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Replaced {
    /// Bytes in the edited text.
    now: Span,
    /// Bytes of the caller's text that it replaced.
    origin: Span,
}

/// Everything between two replaced pieces is unchanged, only shifted. Pieces are sorted and do not overlap.
#[derive(Debug, Clone, Default)]
pub(super) struct EditMap {
    replaced: Vec<Replaced>,
}

impl EditMap {
    pub(super) const fn identity() -> Self {
        Self { replaced: Vec::new() }
    }

    /// The edited text, and the map from it to the caller's text.
    pub(super) fn apply(&self, text: &str, edits: &[Edit]) -> (String, Self) {
        let mut out = String::with_capacity(text.len());
        let mut replaced = Vec::with_capacity(self.replaced.len() + edits.len());
        let mut old = self.replaced.iter().peekable();
        let mut copied = 0;
        for edit in edits {
            debug_assert!(edit.span.start >= copied, "edits are sorted and do not overlap");
            while let Some(piece) = old.next_if(|piece| piece.now.end <= edit.span.start) {
                replaced.push(shifted(*piece, copied, out.len()));
            }
            out.push_str(&text[copied..edit.span.start]);
            // Earlier replacements that this one touches are swallowed: `to_origin` covers them whole.
            while old.next_if(|piece| piece.now.start < edit.span.end).is_some() {}
            let now = Span::new(out.len(), out.len() + edit.replacement.len());
            out.push_str(&edit.replacement);
            replaced.push(Replaced { now, origin: self.to_origin(edit.span) });
            copied = edit.span.end;
        }
        replaced.extend(old.map(|piece| shifted(*piece, copied, out.len())));
        out.push_str(&text[copied..]);
        (out, Self { replaced })
    }

    /// Where `span` of the edited text stands in the caller's text.
    pub(super) fn to_origin(&self, span: Span) -> Span {
        if self.replaced.is_empty() {
            return span;
        }
        let start = self.position(span.start, Side::Start);
        let end = if span.is_empty() { start } else { self.position(span.end, Side::End) };
        Span::new(start, end.max(start))
    }

    fn position(&self, at: usize, side: Side) -> usize {
        // The last piece that begins before `at` (at it, for a start).
        let after = self.replaced.partition_point(|piece| match side {
            Side::Start => piece.now.start <= at,
            Side::End => piece.now.start < at,
        });
        match after.checked_sub(1).map(|index| self.replaced[index]) {
            None => at,
            Some(piece) if at < piece.now.end && matches!(side, Side::Start) => piece.origin.start,
            Some(piece) if at <= piece.now.end && matches!(side, Side::End) => piece.origin.end,
            Some(piece) => piece.origin.end + (at - piece.now.end),
        }
    }
}

#[derive(Clone, Copy)]
enum Side {
    Start,
    End,
}

/// `piece` moved as the unchanged text around it moves: what stood at `from` now stands at `to`.
fn shifted(piece: Replaced, from: usize, to: usize) -> Replaced {
    let now = Span::new(piece.now.start - from + to, piece.now.end - from + to);
    Replaced { now, origin: piece.origin }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Text;

    fn edit(start: usize, end: usize, replacement: &'static str) -> Edit {
        Edit { span: Span::new(start, end), replacement: replacement.into() }
    }

    #[test]
    fn spans_map_back_through_two_rounds_of_edits() {
        let text = Text::new("key AAAA and BBBB end");
        let text = text.edited(&[edit(4, 8, "******"), edit(13, 17, "*")]);
        assert_eq!(text.as_str(), "key ****** and * end");
        assert_eq!(text.origin(Span::new(4, 10)), Span::new(4, 8));
        assert_eq!(text.origin(Span::new(5, 6)), Span::new(4, 8));
        assert_eq!(text.origin(Span::new(11, 14)), Span::new(9, 12));
        assert_eq!(text.origin(Span::new(17, 20)), Span::new(18, 21));
        let text = text.edited(&[edit(0, 3, ""), edit(11, 14, "&")]);
        assert_eq!(text.as_str(), " ****** & * end");
        assert_eq!(text.origin(Span::new(1, 7)), Span::new(4, 8));
        assert_eq!(text.origin(Span::new(10, 11)), Span::new(13, 17));
        assert_eq!(text.origin(Span::new(12, 15)), Span::new(18, 21));
    }

    proptest! {
        #[test]
        fn what_was_not_replaced_maps_back_to_itself(
            text in "[a-z]{0,40}",
            cuts in proptest::collection::vec((0usize..40, 0usize..6, "[A-Z]{0,4}"), 0..6),
        ) {
            let mut edits = Vec::new();
            let mut last = 0;
            let mut cuts = cuts;
            cuts.sort();
            for (start, length, replacement) in cuts {
                let end = start + length;
                if start >= last && end <= text.len() {
                    edits.push(Edit { span: Span::new(start, end), replacement: replacement.into() });
                    last = end + 1;
                }
            }
            let edited = Text::new(text.as_str()).edited(&edits);
            for (at, character) in edited.as_str().char_indices() {
                let origin = edited.origin(Span::new(at, at + 1));
                prop_assert!(origin.end <= text.len());
                if character.is_ascii_lowercase() {
                    prop_assert_eq!(&text[origin.range()], character.to_string());
                }
            }
        }
    }
}
