//! Splits a text into the pieces that are encoded one by one: the encodings' published patterns, written out.
//!
//! ```text
//! cl100k_base  (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}
//!              | ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//! o200k_base   [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//!              |[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//!              |\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
//! ```
//!
//! The look-ahead is beyond a linear regex engine, and each piece is only a few bytes long, so that starting a
//! search would cost more than the search.

use super::Encoding;

/// Classes of all characters in two stages: 4,352 numbers of pages, then pages of 256 characters.
static CLASSES: &[u8] = include_bytes!("../../data/char_classes.bin");
const PAGES: usize = 0x11_0000 / 256;

/// Lu, Lt.
const UPPER: u8 = 1;
/// Ll.
const LOWER: u8 = 2;
/// Lm, Lo.
const CASELESS: u8 = 4;
/// M.
const MARK: u8 = 8;
/// N.
const NUMBER: u8 = 16;
/// `\s`.
const SPACE: u8 = 32;
/// CR and LF, beside `SPACE`.
const NEWLINE: u8 = 64;

const LETTER: u8 = UPPER | LOWER | CASELESS;
/// o200k's class of a word's first part.
const HEAD: u8 = UPPER | CASELESS | MARK;
/// o200k's class of a word's second part.
const TAIL: u8 = LOWER | CASELESS | MARK;

/// The pieces of a text in order; together they are the text.
pub(super) struct Pieces<'t> {
    encoding: Encoding,
    rest: &'t str,
}

impl<'t> Pieces<'t> {
    pub(super) const fn new(encoding: Encoding, text: &'t str) -> Self {
        Self { encoding, rest: text }
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let (first, first_end) = class_at(self.rest, 0)?;
        let end = match self.encoding {
            Encoding::Cl100kBase => {
                contraction(self.rest, 0).or_else(|| cl100k_word(self.rest, first, first_end))
            }
            Encoding::O200kBase => o200k_word(self.rest, first, first_end),
        };
        let end = end.unwrap_or_else(|| other(self.encoding, self.rest, first));
        let (piece, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(piece)
    }
}

/// `[^\r\n\p{L}\p{N}]?\p{L}+`
fn cl100k_word(text: &str, first: u8, first_end: usize) -> Option<usize> {
    if first & LETTER != 0 {
        return Some(run(text, first_end, LETTER));
    }
    if first & (NUMBER | NEWLINE) != 0 {
        return None;
    }
    let end = run(text, first_end, LETTER);
    (end > first_end).then_some(end)
}

/// The first two alternatives of `o200k_base`.
fn o200k_word(text: &str, first: u8, first_end: usize) -> Option<usize> {
    // The optional character in front is taken if it can be; a mark, which a word may also begin with, is given
    // back when that leads to no match.
    let may_precede = first & (LETTER | NUMBER | NEWLINE) == 0;
    let starts = [may_precede.then_some(first_end), Some(0)];
    let starts = || starts.into_iter().flatten();
    let end =
        starts().find_map(|at| head_and_tail(text, at)).or_else(|| starts().find_map(|at| head(text, at)))?;
    Some(contraction(text, end).unwrap_or(end))
}

/// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`
fn head_and_tail(text: &str, start: usize) -> Option<usize> {
    let mut at = start;
    // Where the head would end if it gave back so much that a tail of one character is left.
    let mut last_shared = None;
    while let Some((class, next)) = class_at(text, at).filter(|(class, _)| class & HEAD != 0) {
        if class & TAIL != 0 {
            last_shared = Some(next);
        }
        at = next;
    }
    let end = run(text, at, TAIL);
    if end > at { Some(end) } else { last_shared }
}

/// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+`, of which the class after it, `[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`, is never seen:
/// it is asked only where `head_and_tail` failed.
fn head(text: &str, start: usize) -> Option<usize> {
    let end = run(text, start, HEAD);
    (end > start).then_some(end)
}

/// All that is not a word: numbers, punctuation, white space.
fn other(encoding: Encoding, text: &str, first: u8) -> usize {
    if first & NUMBER != 0 {
        return up_to_three(text, NUMBER);
    }
    let symbols = usize::from(text.starts_with(' '));
    let end = run_without(text, symbols, SPACE | LETTER | NUMBER);
    if end > symbols {
        return match encoding {
            Encoding::Cl100kBase => trailing(text, end, |byte| matches!(byte, b'\r' | b'\n')),
            Encoding::O200kBase => trailing(text, end, |byte| matches!(byte, b'\r' | b'\n' | b'/')),
        };
    }
    white_space(text)
}

/// `\s*[\r\n]+|\s+(?!\S)|\s+`
fn white_space(text: &str) -> usize {
    let mut at = 0;
    let mut after_newline = 0;
    let mut last = 0;
    while let Some((class, next)) = class_at(text, at).filter(|(class, _)| class & SPACE != 0) {
        if class & NEWLINE != 0 {
            after_newline = next;
        }
        last = at;
        at = next;
    }
    if after_newline > 0 {
        after_newline
    } else if at == text.len() || last == 0 {
        at
    } else {
        // The look-ahead: the last space belongs to the word after it.
        last
    }
}

/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)` at byte `at`; the end, if it stands there.
fn contraction(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    let length = match rest {
        [b'\'', b's' | b'S' | b't' | b'T' | b'm' | b'M' | b'd' | b'D', ..] => 2,
        // The two bytes are U+017F, the long s, which is an s without regard to case.
        [b'\'', 0xC5, 0xBF, ..]
        | [b'\'', b'r' | b'R' | b'v' | b'V', b'e' | b'E', ..]
        | [b'\'', b'l' | b'L', b'l' | b'L', ..] => 3,
        _ => return None,
    };
    Some(at + length)
}

/// The end of the run of characters from `at` on that are of one of `classes`.
fn run(text: &str, mut at: usize, classes: u8) -> usize {
    while let Some((_, next)) = class_at(text, at).filter(|(class, _)| class & classes != 0) {
        at = next;
    }
    at
}

/// The end of the run of characters from `at` on that are of none of `classes`.
fn run_without(text: &str, mut at: usize, classes: u8) -> usize {
    while let Some((_, next)) = class_at(text, at).filter(|(class, _)| class & classes == 0) {
        at = next;
    }
    at
}

fn up_to_three(text: &str, classes: u8) -> usize {
    let mut at = 0;
    for _ in 0..3 {
        match class_at(text, at) {
            Some((class, next)) if class & classes != 0 => at = next,
            _ => break,
        }
    }
    at
}

fn trailing(text: &str, at: usize, is_member: impl Fn(u8) -> bool) -> usize {
    at + text.as_bytes()[at..].iter().take_while(|&&byte| is_member(byte)).count()
}

/// The class of the character at byte `at`, and the byte after it.
fn class_at(text: &str, at: usize) -> Option<(u8, usize)> {
    let byte = *text.as_bytes().get(at)?;
    if byte < 0x80 {
        return Some((class_of(u32::from(byte)), at + 1));
    }
    let character = text.get(at..)?.chars().next()?;
    Some((class_of(u32::from(character)), at + character.len_utf8()))
}

fn class_of(code_point: u32) -> u8 {
    let page = usize::from(CLASSES[code_point as usize / 256]);
    CLASSES[PAGES + page * 256 + code_point as usize % 256]
}
