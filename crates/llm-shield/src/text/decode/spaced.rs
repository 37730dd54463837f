//! Letters with a space or mark between them.

use std::ops::Range;

use super::Decoding;
use super::layer::{Builder, Layer};
use super::likelihood::Cost;

/// Fewest letters in a row that are a spaced word and not a list.
const LETTERS_MIN: usize = 5;
/// What a letter of a short row may cost, in nats; longer rows need only read.
const READS_WELL: f32 = 2.7;
const LETTERS_SURE: u32 = 12;
const READS_LONG: f32 = 3.2;

/// A character that stands alone, and what follows it up to the next.
struct Lone {
    character: Range<usize>,
    /// Where the next begins.
    next: usize,
    gap: Gap,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// The sign between letters of a word.
    Letter,
    Word,
    Line,
}

/// Joins what is spaced out.
pub(super) fn joined(text: &str) -> Option<Layer> {
    let mut builder = Builder::new(text);
    let mut row: Vec<Lone> = Vec::new();
    let mut separator = None;
    // Whether a character that comes next begins a word, or follows a lone one.
    let mut fresh = true;
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let mut end = at + first.len_utf8();
        if first.is_whitespace() {
            (fresh, at) = (true, end);
            continue;
        }
        end += text[end..].chars().take_while(|next| is_mark(*next)).map(char::len_utf8).sum::<usize>();
        let (next, gap) = gap(text, end, separator);
        // The last one of a row may have punctuation behind it.
        let ends_row = !row.is_empty() && !text[end..].starts_with(char::is_alphanumeric);
        if fresh && (next > end || end == text.len() || ends_row) {
            separator = separator.or_else(|| text[end..].chars().next());
            row.push(Lone { character: at..end, next, gap });
            (fresh, at) = (next > end, next);
        } else {
            write(&mut builder, text, &row);
            row.clear();
            (separator, fresh, at) = (None, false, end);
        }
    }
    write(&mut builder, text, &row);
    builder.finish()
}

/// Where the next character begins behind a lone one that ends at `end`, and what stands between them means.
fn gap(text: &str, end: usize, separator: Option<char>) -> (usize, Gap) {
    let mut next = end;
    let (mut width, mut line, mut space) = (0, false, false);
    for character in text[end..].chars() {
        let goes_on = match separator {
            Some(separator) => character == separator || character.is_whitespace(),
            None => is_separator(character) && (width == 0 || character.is_whitespace()),
        };
        if !goes_on {
            break;
        }
        line |= character == '\n';
        space |= character.is_whitespace();
        width += 1;
        next += character.len_utf8();
    }
    let by_marks = separator.is_some_and(|separator| !separator.is_whitespace());
    let kind = match width {
        0 | 1 if !(by_marks && space) => Gap::Letter,
        _ if line && separator != Some('\n') => Gap::Line,
        _ => Gap::Word,
    };
    (next, kind)
}

fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '.' | '-' | '_' | '*' | '·' | '|' | '/' | ',' | '~' | '+')
}

fn is_mark(character: char) -> bool {
    matches!(u32::from(character), 0x300..=0x36F | 0x93A..=0x94F | 0x981..=0x983 | 0x9BC..=0x9CD | 0xE31 | 0xE34..=0xE3A
        | 0xE47..=0xE4E | 0x5B0..=0x5C2 | 0x64B..=0x65F)
}

/// Writes a row of lone characters as words, if they are.
fn write(builder: &mut Builder<'_>, text: &str, row: &[Lone]) {
    let letters = row.iter().filter(|lone| letter(text, lone).is_some()).count();
    let joined = row.iter().filter(|lone| lone.gap == Gap::Letter).count();
    // Lists and tables have letters alone too, but no words.
    if letters < LETTERS_MIN || letters * 10 < row.len() * 6 || joined * 2 < row.len() {
        return;
    }
    let mut words = String::new();
    for lone in row {
        words.push_str(&text[lone.character.clone()]);
        if lone.gap != Gap::Letter {
            words.push(' ');
        }
    }
    let cost = Cost::of(&words);
    let most = if cost.letters() < LETTERS_SURE { READS_WELL } else { READS_LONG };
    if cost.letters() as usize * 2 > letters && cost.per_letter() > most {
        return;
    }
    for (number, lone) in row.iter().enumerate() {
        let mut end = lone.character.end;
        // What follows the last one is not part of the row.
        if number + 1 < row.len() {
            match lone.gap {
                Gap::Letter => end = lone.next,
                Gap::Word | Gap::Line => {
                    builder.replace(
                        lone.character.clone(),
                        Decoding::SpacedLetters,
                        &text[lone.character.clone()],
                    );
                    let between = if lone.gap == Gap::Line { "\n" } else { " " };
                    builder.replace(end..lone.next, Decoding::SpacedLetters, between);
                    continue;
                }
            }
        }
        builder.replace(lone.character.start..end, Decoding::SpacedLetters, &text[lone.character.clone()]);
    }
}

fn letter(text: &str, lone: &Lone) -> Option<char> {
    text[lone.character.clone()].chars().next().filter(|character| character.is_alphabetic())
}
