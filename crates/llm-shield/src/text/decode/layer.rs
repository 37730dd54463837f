//! One layer of disguise taken off: the text beneath, and the map back to the text above.

use std::ops::Range;

use super::Decoding;
use crate::Span;

/// A text made from another by replacing parts of it.
#[derive(Debug)]
pub(in super::super) struct Layer {
    text: String,
    /// They tile `text`.
    pieces: Vec<Piece>,
}

/// Bytes of the text from the end of the piece before, and the bytes of the source that they stand for.
#[derive(Debug, Clone, Copy)]
struct Piece {
    end: u32,
    source_start: u32,
    source_end: u32,
    /// Nothing for what was copied byte by byte.
    decoding: Option<Decoding>,
}

impl Layer {
    pub(in super::super) fn as_str(&self) -> &str {
        &self.text
    }

    /// What the bytes `span` of the text stand for in the source. What a code stands for is covered whole.
    pub(in super::super) fn source(&self, span: Span) -> Span {
        let mut covered: Option<Span> = None;
        self.each(span, |begin, piece| {
            let (start, end) = if piece.decoding.is_some() {
                (piece.source_start as usize, piece.source_end as usize)
            } else {
                let shift = |at: usize| at - begin + piece.source_start as usize;
                (shift(span.start.max(begin)), shift(span.end.min(piece.end as usize)))
            };
            covered = Some(covered.map_or(Span::new(start, end), |covered| {
                Span::new(covered.start.min(start), covered.end.max(end))
            }));
        });
        covered.unwrap_or_else(|| {
            let end = self.pieces.last().map_or(0, |piece| piece.source_end as usize);
            Span::new(end, end)
        })
    }

    /// The disguises that the bytes `span` of the text were taken out of.
    pub(in super::super) fn decodings(&self, span: Span, found: &mut Vec<Decoding>) {
        self.each(span, |_, piece| {
            if let Some(decoding) = piece.decoding
                && !found.contains(&decoding)
            {
                found.push(decoding);
            }
        });
    }

    /// Calls `visit` with the pieces that `span` meets, and where each begins; an empty span meets the piece it is in.
    fn each(&self, span: Span, mut visit: impl FnMut(usize, &Piece)) {
        let first = self.pieces.partition_point(|piece| piece.end as usize <= span.start);
        for (number, piece) in self.pieces.iter().enumerate().skip(first) {
            let begin = number.checked_sub(1).map_or(0, |before| self.pieces[before].end as usize);
            if begin >= span.end && begin > span.start {
                break;
            }
            visit(begin, piece);
        }
    }
}

/// Writes a layer from the start of the source to its end.
pub(super) struct Builder<'s> {
    source: &'s str,
    copied: usize,
    layer: Layer,
    changed: bool,
}

impl<'s> Builder<'s> {
    pub(super) const fn new(source: &'s str) -> Self {
        Self { source, copied: 0, layer: Layer { text: String::new(), pieces: Vec::new() }, changed: false }
    }

    /// Puts `text` in the place of the bytes `range`, which begin no earlier than the last ones ended. It is no longer
    /// than they are.
    pub(super) fn replace(&mut self, range: Range<usize>, decoding: Decoding, text: &str) {
        debug_assert!(text.len() <= range.len(), "{decoding:?} makes {} bytes of {range:?}", text.len());
        self.copy_to(range.start);
        self.push(range.clone(), decoding, text);
        self.copied = range.end;
    }

    /// Puts the characters of the bytes `range` in the opposite order, each as `write` says.
    pub(super) fn reverse(&mut self, range: Range<usize>, decoding: Decoding, write: impl Fn(char) -> char) {
        self.copy_to(range.start);
        let mut buffer = [0; 4];
        for (at, character) in self.source[range.clone()].char_indices().rev() {
            let at = range.start + at;
            let written = write(character);
            let written = if written.len_utf8() <= character.len_utf8() { written } else { character };
            self.push(at..at + character.len_utf8(), decoding, written.encode_utf8(&mut buffer));
        }
        self.copied = range.end;
    }

    /// The layer, if anything was replaced.
    pub(super) fn finish(mut self) -> Option<Layer> {
        if !self.changed {
            return None;
        }
        self.copy_to(self.source.len());
        Some(self.layer)
    }

    fn copy_to(&mut self, end: usize) {
        debug_assert!(self.copied <= end, "replacements are sorted");
        if end > self.copied {
            self.layer.text.push_str(&self.source[self.copied..end]);
            self.layer.pieces.push(Piece {
                end: self.layer.text.len() as u32,
                source_start: self.copied as u32,
                source_end: end as u32,
                decoding: None,
            });
            self.copied = end;
        }
    }

    fn push(&mut self, source: Range<usize>, decoding: Decoding, text: &str) {
        self.changed = true;
        if text.is_empty() {
            return;
        }
        self.layer.text.push_str(text);
        self.layer.pieces.push(Piece {
            end: self.layer.text.len() as u32,
            source_start: source.start as u32,
            source_end: source.end as u32,
            decoding: Some(decoding),
        });
    }
}
