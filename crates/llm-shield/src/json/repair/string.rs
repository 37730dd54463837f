//! Strings of broken JSON: where one ends when quotes are missing, doubled, or stand inside it unescaped.

use super::{Parser, Place, QUOTES, empty};
use crate::json::value::Value;
use crate::text::python;

/// A string that is being read.
struct Reading {
    text: String,
    /// The quotes it begins and ends with.
    left: char,
    right: char,
    /// Whether it began without a quote.
    missing_quotes: bool,
    /// Whether it began with two quotes.
    doubled_quotes: bool,
    /// Whether a quote inside it was kept whose partner is still to come.
    unmatched: bool,
    /// The last brace in `text`.
    last_brace: Option<char>,
}

impl Reading {
    fn push(&mut self, character: char) {
        if matches!(character, '{' | '}') {
            self.last_brace = Some(character);
        }
        self.text.push(character);
    }
}

/// What a quote inside a string is.
#[derive(Clone, Copy, PartialEq)]
enum Quote {
    /// Its end, or for the loop to judge.
    End,
    /// Its end for certain.
    Break,
    /// A part of it, with a partner to come (or one that came).
    Paired,
    /// A part of it.
    Kept,
}

impl Parser {
    /// A string, or in the place of a value a word of the language; empty where nothing can be read.
    pub(super) fn string(&mut self) -> Option<Value> {
        self.step()?;
        if matches!(self.peek(), Some('#' | '/')) {
            self.comment();
            return Some(empty());
        }
        let begins = |character: char| QUOTES.contains(&character) || python::is_alphanumeric(character);
        while self.peek().is_some_and(|character| !begins(character)) {
            self.at += 1;
        }
        let Some(first) = self.peek() else { return Some(empty()) };
        let missing_quotes = python::is_alphanumeric(first);
        if missing_quotes
            && self.places.current() != Some(Place::Key)
            && let Some(word) = self.word()
        {
            return Some(word);
        }
        let (left, right) = match first {
            '\'' => ('\'', '\''),
            '“' => ('“', '”'),
            _ => ('"', '"'),
        };
        if !missing_quotes {
            self.at += 1;
        }
        let Some(doubled_quotes) = self.opening(left, right) else { return Some(empty()) };
        let reading = Reading {
            text: String::new(),
            left,
            right,
            missing_quotes,
            doubled_quotes,
            unmatched: false,
            last_brace: None,
        };
        Some(self.rest_of_string(reading))
    }

    /// Looks at a second quote behind the first: whether the string begins with two, or nothing if it is none at all.
    fn opening(&mut self, left: char, right: char) -> Option<bool> {
        let Some(second) = self.peek().filter(|second| QUOTES.contains(second)) else { return Some(false) };
        if second != left {
            let end = self.marks.next_bare(right, self.at + 1);
            return self.character(end).map(|_| false);
        }
        let third = self.character(self.at + 1);
        if self.places.current() == Some(Place::Key) && third == Some(':') {
            self.at += 1;
            return None;
        }
        if third == Some(left) {
            return None;
        }
        let end = self.marks.next_bare(right, self.at + 1);
        if self.character(end).is_some() && self.character(end + 1) == Some(right) {
            self.at += 1;
            return Some(true);
        }
        match self.character(self.behind_space(self.at + 1)) {
            Some(next) if QUOTES.contains(&next) || matches!(next, '{' | '[') => {
                self.at += 1;
                return None;
            }
            Some(',' | ']' | '}') => {}
            _ => self.at += 1,
        }
        Some(false)
    }

    fn rest_of_string(&mut self, mut reading: Reading) -> Value {
        let place = self.places.current();
        let mut character = self.peek();
        while let Some(current) = character.filter(|&character| character != reading.right) {
            if self.ends_before(current, &reading) {
                break;
            }
            reading.push(current);
            self.at += 1;
            character = self.peek();
            let escaped = character.filter(|_| reading.text.ends_with('\\'));
            if let Some(plain) = escaped.and_then(|escaped| unescaped(escaped, reading.right)) {
                reading.text.pop();
                reading.push(plain);
                self.at += 1;
                character = self.peek();
            }
            if character == Some(':')
                && !reading.missing_quotes
                && place == Some(Place::Key)
                && self.key_lacks_quote(&reading)
            {
                break;
            }
            if character != Some(reading.right) {
                continue;
            }
            if reading.doubled_quotes && self.character(self.at + 1) == Some(reading.right) {
                self.at += 1;
            } else if reading.missing_quotes && place == Some(Place::Value) {
                if self.next_key_begins(&reading) {
                    self.at -= 1;
                    character = self.peek();
                    break;
                }
            } else {
                let quote = if reading.unmatched { Quote::Paired } else { self.quote(&reading) };
                match quote {
                    Quote::End => continue,
                    Quote::Break => break,
                    Quote::Paired => reading.unmatched = !reading.unmatched,
                    Quote::Kept => {}
                }
                reading.push(reading.right);
                self.at += 1;
                character = self.peek();
            }
        }
        self.closed(reading, character)
    }

    /// The string that ends before `character`.
    fn closed(&mut self, mut reading: Reading, character: Option<char>) -> Value {
        let is_key = self.places.current() == Some(Place::Key);
        if reading.missing_quotes && is_key && character.is_some_and(python::is_whitespace) {
            self.skip_space();
            if !matches!(self.peek(), Some(':' | ',')) {
                return empty();
            }
        }
        let is_closed = character == Some(reading.right);
        if is_closed {
            self.at += 1;
        }
        if !is_closed || reading.missing_quotes || reading.text.ends_with('\n') {
            reading.text.truncate(reading.text.trim_end_matches(python::is_whitespace).len());
        }
        Value::String(reading.text)
    }

    /// Whether the string ends before `character`, which is no quote.
    fn ends_before(&self, character: char, reading: &Reading) -> bool {
        let place = self.places.current();
        if reading.missing_quotes
            && place == Some(Place::Key)
            && (character == ':' || python::is_whitespace(character))
        {
            return true;
        }
        if place == Some(Place::Value) && matches!(character, ',' | '}') && self.value_lacks_quote(reading) {
            return true;
        }
        character == ']'
            && self.places.has(Place::Array)
            && self.character(self.marks.next_bare(reading.right, self.at)).is_none()
    }

    /// Whether the value before a comma or brace ends there, for want of a quote that could end it later.
    fn value_lacks_quote(&self, reading: &Reading) -> bool {
        let quote = self.marks.next_bare(reading.right, self.at + 1);
        if self.character(quote).is_none() {
            // Another member without quotes?
            let colon = self.marks.next_bare(':', self.at + 1);
            if self.character(colon).is_some() {
                return true;
            }
            let next = self.behind_space(self.at + 1);
            let brace = self.marks.next_bare('}', next);
            return brace <= next + 1 && (self.character(brace).is_none() || reading.last_brace != Some('{'));
        }
        let behind = self.behind_space(quote + 1);
        if self.character(behind).is_none_or(|character| matches!(character, ',' | '}')) {
            return false;
        }
        let opening = self.marks.next_bare(reading.left, behind);
        self.character(opening).is_some()
            && self.character(self.behind_space(opening + 1)).is_none_or(|character| character == ':')
    }

    /// Whether the key before a colon ends there although no quote does.
    fn key_lacks_quote(&self, reading: &Reading) -> bool {
        let opening = self.marks.next_bare(reading.left, self.at + 1);
        if self.character(opening).is_none() {
            return true;
        }
        let closing = self.marks.next_bare(reading.right, opening + 1);
        self.character(closing).is_some()
            && matches!(self.character(self.behind_space(closing + 1)), Some(',' | '}'))
    }

    /// Whether the quote at the reader's place is the first of the next key.
    fn next_key_begins(&self, reading: &Reading) -> bool {
        let quote = self.next_quote(reading, self.at + 1);
        self.character(quote).is_some() && self.character(self.behind_space(quote + 1)) == Some(':')
    }

    fn next_quote(&self, reading: &Reading, from: usize) -> usize {
        self.marks.next(reading.left, from).min(self.marks.next(reading.right, from))
    }

    /// What the quote at the reader's place is.
    fn quote(&self, reading: &Reading) -> Quote {
        let place = self.places.current();
        let from = self.at + 1;
        let stop = self.next_stop(reading, from);
        match self.character(stop) {
            Some(',') if place == Some(Place::Value) => {
                let behind = self.marks.next_bare(reading.right, stop + 1) + 1;
                if self.character(self.behind_space(behind)) == Some('}') {
                    Quote::Paired
                } else {
                    Quote::End
                }
            }
            Some(next) if next == reading.right && self.character(stop - 1) != Some('\\') => {
                if self.behind_space(from) >= stop {
                    return Quote::Break;
                }
                match place {
                    Some(Place::Value) => self.quote_in_value(reading, stop),
                    Some(Place::Array) => Quote::Paired,
                    Some(Place::Key) => Quote::Kept,
                    None => Quote::End,
                }
            }
            _ => Quote::End,
        }
    }

    /// The next place that could tell what a quote is: another quote, or what may follow a string.
    fn next_stop(&self, reading: &Reading, from: usize) -> usize {
        let next = |character| self.marks.next(character, from);
        let (key, value, array) =
            (self.places.has(Place::Key), self.places.has(Place::Value), self.places.has(Place::Array));
        let mut stop = self.next_quote(reading, from);
        if key {
            stop = stop.min(next(':'));
        }
        if key || value {
            stop = stop.min(next('}'));
        }
        if array {
            stop = stop.min(next(']')).min(next(','));
        }
        // A comma counts in a value only before the first letter.
        let comma = next(',');
        if self.places.current() == Some(Place::Value) && comma < self.marks.next_letter(from) {
            stop = stop.min(comma);
        }
        stop
    }

    /// Whether the quote at the reader's place ends a value: it does if another string with a colon follows.
    fn quote_in_value(&self, reading: &Reading, stop: usize) -> Quote {
        let from = self.marks.next_bare(reading.right, stop + 1) + 1;
        let ends = [':', ',', ']', '}'].map(|character| self.marks.next(character, from));
        let end = ends.into_iter().fold(self.marks.next_bare(reading.right, from), usize::min);
        if self.character(end) == Some(':') { Quote::End } else { Quote::Paired }
    }
}

/// What a character behind a backslash stands for; nothing if the backslash stays.
fn unescaped(character: char, right: char) -> Option<char> {
    match character {
        't' => Some('\t'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        'b' => Some('\u{8}'),
        '\\' => Some('\\'),
        _ => (character == right).then_some(right),
    }
}
