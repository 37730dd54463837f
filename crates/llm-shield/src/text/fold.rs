//! The folded view: the text as a reader sees it.
//!
//! Which code point reads as what stands in `data/fold.tsv`, written by `training/make_fold_table.py`: lower case,
//! compatibility forms (full-width, circled, mathematical letters) and look-alikes of other scripts as plain
//! letters, combining marks and everything invisible gone, tag characters as the ASCII that they carry. The Python
//! side of the learned detectors reads the same file, so both see the same text. Each code point is replaced by
//! itself, never by its neighbours: folding takes linear time and folds a part as it folds the whole.

mod table;

pub(super) use table::replacement;

use crate::Span;

/// A folded text and the map from its bytes back to the text that it was made from.
#[derive(Debug)]
pub struct Folded {
    text: String,
    /// Bytes of the source.
    source_bytes: usize,
    /// Nothing when every byte stands for the byte at the same place.
    runs: Option<Vec<Run>>,
}

/// A stretch in which each unit of `folded_unit` bytes stands for `source_unit` bytes of the source.
#[derive(Debug, Clone, Copy)]
struct Run {
    folded: u32,
    source: u32,
    folded_unit: u8,
    source_unit: u8,
}

impl Folded {
    pub(crate) fn new(text: &str) -> Self {
        // Offsets are kept in 32 bits; four gigabytes are far over every limit, and are folded by case alone.
        if text.is_ascii() || u32::try_from(text.len()).is_err() {
            return Self { text: text.to_ascii_lowercase(), source_bytes: text.len(), runs: None };
        }
        let mut builder = Builder::new(text.len());
        for (at, character) in text.char_indices() {
            builder.push(at, character);
        }
        Self { text: builder.text, source_bytes: text.len(), runs: Some(builder.runs) }
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where the bytes `range` of the folded text stand in the text that it was made from; on character
    /// boundaries there. A character that the range cuts is covered whole.
    pub fn source(&self, range: std::ops::Range<usize>) -> Span {
        let Some(runs) = &self.runs else {
            return Span::new(range.start.min(self.source_bytes), range.end.min(self.source_bytes));
        };
        let (start, end) = (range.start.min(self.text.len()), range.end.min(self.text.len()));
        let first = self.character_at(runs, start).map_or(self.source_bytes, |span| span.start);
        if end <= start {
            return Span::new(first, first);
        }
        let last = self.character_at(runs, end - 1).map_or(self.source_bytes, |span| span.end);
        Span::new(first, last.max(first))
    }

    /// The character of the source that the byte `at` of the folded text stands for.
    fn character_at(&self, runs: &[Run], at: usize) -> Option<Span> {
        if at >= self.text.len() {
            return None;
        }
        let after = runs.partition_point(|run| run.folded as usize <= at);
        let run = runs.get(after.checked_sub(1)?)?;
        let unit = (at - run.folded as usize) / usize::from(run.folded_unit);
        let start = run.source as usize + unit * usize::from(run.source_unit);
        Some(Span::new(start, start + usize::from(run.source_unit)))
    }
}

/// The folded text so far, with its map.
struct Builder {
    text: String,
    runs: Vec<Run>,
    /// Where in the source the last run would go on.
    next_source: usize,
}

impl Builder {
    fn new(source_bytes: usize) -> Self {
        Self { text: String::with_capacity(source_bytes), runs: Vec::new(), next_source: 0 }
    }

    fn push(&mut self, at: usize, character: char) {
        let before = self.text.len();
        if character.is_ascii() {
            self.text.push(character.to_ascii_lowercase());
        } else {
            match table::replacement(character) {
                Some(replacement) => self.text.push_str(replacement),
                None => self.text.push(character),
            }
        }
        let folded_unit = (self.text.len() - before) as u8;
        if folded_unit == 0 {
            return;
        }
        let source_unit = character.len_utf8() as u8;
        let goes_on = self.runs.last().is_some_and(|run| {
            run.folded_unit == folded_unit && run.source_unit == source_unit && self.next_source == at
        });
        if !goes_on {
            self.runs.push(Run { folded: before as u32, source: at as u32, folded_unit, source_unit });
        }
        self.next_source = at + usize::from(source_unit);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_folds_to_what_a_reader_sees() {
        for (text, expected) in [
            ("", ""),
            ("Ignore ALL\tPrevious", "ignore all\tprevious"),
            ("ＩＧＮＯＲＥ　ａｌｌ", "ignore all"),
            ("іgnоrе рrеvіоus", "ignore previous"),
            ("𝓲𝓰𝓷𝓸𝓻𝓮 𝕒𝕝𝕝 ⓡⓤⓛⓔⓢ", "ignore all rules"),
            ("i\u{200b}g\u{ad}n\u{2060}o\u{fe0f}r\u{202e}e", "ignore"),
            ("i\u{301}gno\u{308}re naïve", "ignore naive"),
            ("x\u{e0049}\u{e0067}\u{e006e}", "xign"),
            ("“quoted” – ‘text’", "\"quoted\" - 'text'"),
            ("ﬁne print ½ №", "fine print 1/2 no"),
            ("你好，世界。", "你好,世界."),
            ("한국어 がぎ हिन्दी", "한국어 がぎ हिन्दी"),
            ("😀 👩\u{200d}💻", "😀 👩💻"),
            ("İstanbul ẞ Å", "istanbul ss a"),
        ] {
            assert_eq!(Folded::new(text).as_str(), expected, "{text:?}");
        }
    }

    #[test]
    fn spans_point_into_the_source() {
        for (text, needle, expected) in [
            ("say IGNORE now", "ignore", "IGNORE"),
            ("say іgnоrе now", "ignore", "іgnоrе"),
            ("a\u{200b}b i\u{200b}g\u{200b}n c", "ign", "i\u{200b}g\u{200b}n"),
            ("你好 ﬁne", "i", "ﬁ"),
            ("x ＡＢＣ y", "bc", "ＢＣ"),
        ] {
            let folded = Folded::new(text);
            let at = folded.as_str().find(needle).unwrap();
            assert_eq!(&text[folded.source(at..at + needle.len()).range()], expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn spans_are_in_bounds_ordered_and_on_boundaries(
            text in "[ a-zA-Zéа-яΑ-ω０-９ﬀ-ﬆ你好😀\u{200b}\u{301}\u{e0041}-\u{e0045}]{0,40}",
            a in 0usize..200, b in 0usize..200,
        ) {
            let folded = Folded::new(&text);
            let span = folded.source(a.min(b)..a.max(b));
            prop_assert!(span.start <= span.end && span.end <= text.len());
            prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
            if folded.as_str().get(a.min(b)..a.max(b)).is_some_and(|part| !part.is_empty()) {
                let part = &folded.as_str()[a.min(b)..a.max(b)];
                let refolded = Folded::new(&text[span.range()]);
                prop_assert!(refolded.as_str().contains(part), "{part:?} in {:?}", &text[span.range()]);
            }
        }

        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,60}") {
            let once = Folded::new(&text);
            let twice = Folded::new(once.as_str());
            prop_assert_eq!(once.as_str(), twice.as_str());
        }
    }
}
