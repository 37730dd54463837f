//! Mends broken JSON: quotes that are missing, wrong or not escaped, commas, brackets, comments.
//!
//! What comes out is, letter for letter, what `json_repair` 0.44.1 makes of the same text, whose heuristics these are.
//! It looks ahead for delimiters from every comma and quote; here tables answer where the next one stands, so that the
//! time does not grow with the square of the text.

mod marks;
mod string;

use super::value::{Object, Value};
use crate::text::python;
use marks::Marks;

/// How often a value, key or member may be begun for each character of the text; some are begun and given up.
const STEPS_PER_CHARACTER_MAX: usize = 16;

/// `text`, which is not valid JSON, as JSON; nothing when it is nested deeper than [`super::DEPTH_MAX`].
pub(crate) fn repair(text: &str) -> Option<String> {
    let value = Parser::new(text).document()?;
    let mut out = String::with_capacity(text.len());
    value.write(&mut out);
    Some(out)
}

/// Inside what the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Key,
    Value,
    Array,
}

/// The places that are open. A key's place stays open when its object ends early, and counts for what follows.
#[derive(Debug, Default)]
struct Places {
    open: Vec<Place>,
    counts: [usize; 3],
}

impl Places {
    fn enter(&mut self, place: Place) {
        self.open.push(place);
        self.counts[place as usize] += 1;
    }

    fn leave(&mut self) {
        if let Some(place) = self.open.pop() {
            self.counts[place as usize] -= 1;
        }
    }

    fn current(&self) -> Option<Place> {
        self.open.last().copied()
    }

    fn has(&self, place: Place) -> bool {
        self.counts[place as usize] > 0
    }
}

struct Parser {
    characters: Vec<char>,
    marks: Marks,
    at: usize,
    places: Places,
    depth: usize,
    steps_left: usize,
}

const QUOTES: [char; 4] = ['"', '\'', '“', '”'];

impl Parser {
    fn new(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let marks = Marks::new(&characters);
        let steps_left = (characters.len() + 1) * STEPS_PER_CHARACTER_MAX;
        Self { characters, marks, at: 0, places: Places::default(), depth: 0, steps_left }
    }

    fn peek(&self) -> Option<char> {
        self.character(self.at)
    }

    fn character(&self, at: usize) -> Option<char> {
        self.characters.get(at).copied()
    }

    fn skip_space(&mut self) {
        self.at = self.behind_space(self.at);
    }

    /// The first place from `at` on without white space.
    fn behind_space(&self, at: usize) -> usize {
        // Not by the table alone: a brace may have been put where white space was.
        if self.character(at).is_some_and(python::is_whitespace) { self.marks.behind_space(at) } else { at }
    }

    fn step(&mut self) -> Option<()> {
        self.steps_left = self.steps_left.checked_sub(1)?;
        Some(())
    }

    /// The whole text: one value or, if more follows it, an array of all.
    fn document(mut self) -> Option<Value> {
        let first = self.value()?;
        if self.at >= self.characters.len() {
            return Some(first);
        }
        let mut last = first;
        let mut before = Vec::new();
        let mut from = self.at;
        while self.at < self.characters.len() {
            let value = self.value()?;
            if !value.is_empty_string() {
                // One of the same shape is taken for a newer version of the last.
                let older = std::mem::replace(&mut last, value);
                if !older.is_shaped_like(&last) {
                    before.push(older);
                }
            }
            if self.at == from {
                self.at += 1;
            }
            from = self.at;
        }
        if before.is_empty() {
            return Some(last);
        }
        before.push(last);
        Some(Value::Array(before))
    }

    fn value(&mut self) -> Option<Value> {
        self.step()?;
        loop {
            let inside = self.places.current().is_some();
            match self.peek() {
                None => return Some(empty()),
                Some('{') => {
                    self.at += 1;
                    return self.nested(Self::object);
                }
                Some('[') => {
                    self.at += 1;
                    return self.nested(Self::array);
                }
                Some('}') if self.places.current() == Some(Place::Value) => return Some(empty()),
                Some(character)
                    if inside && (QUOTES.contains(&character) || python::is_alphabetic(character)) =>
                {
                    return self.string();
                }
                Some(character)
                    if inside && (python::is_digit(character) || matches!(character, '-' | '.')) =>
                {
                    return self.number();
                }
                Some('#' | '/') => {
                    self.comment();
                    return Some(empty());
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn nested(&mut self, parse: impl FnOnce(&mut Self) -> Option<Value>) -> Option<Value> {
        self.depth += 1;
        if self.depth > super::DEPTH_MAX {
            return None;
        }
        let value = parse(self);
        self.depth -= 1;
        value
    }

    /// What follows an opening brace.
    fn object(&mut self) -> Option<Value> {
        let mut object = Object::default();
        while self.peek().is_some_and(|character| character != '}') {
            self.step()?;
            self.skip_space();
            if self.peek() == Some(':') {
                self.at += 1;
            }
            self.places.enter(Place::Key);
            let (key, key_at) = self.key(&mut object)?;
            if self.places.has(Place::Array) && object.contains(&key) {
                // The same key again, in a list: the next object of it lacks its brace. The character before the key has
                // been read and becomes that brace.
                self.at = key_at - 1;
                self.characters[self.at] = '{';
                return Some(Value::Object(object));
            }
            self.skip_space();
            if self.peek().is_none_or(|character| character == '}') {
                continue;
            }
            // The colon, or whatever stands in its place.
            self.at += 1;
            self.places.leave();
            self.places.enter(Place::Value);
            let value = self.value()?;
            self.places.leave();
            object.insert(key, value);
            if matches!(self.peek(), Some(',' | '\'' | '"')) {
                self.at += 1;
            }
            self.skip_space();
        }
        self.at += 1;
        Some(Value::Object(object))
    }

    /// The next key, empty where there is none, and where it begins.
    fn key(&mut self, object: &mut Object) -> Option<(String, usize)> {
        let mut key = String::new();
        let mut key_at = self.at;
        while self.peek().is_some() {
            self.step()?;
            key_at = self.at;
            if self.peek() == Some('[') && self.more_of_last_array(object)? {
                continue;
            }
            key = match self.string()? {
                Value::String(key) => key,
                // Words of the language are read as such only in the place of a value.
                _ => String::new(),
            };
            if key.is_empty() {
                self.skip_space();
            }
            if !key.is_empty() || matches!(self.peek(), Some(':' | '}')) {
                break;
            }
        }
        Some((key, key_at))
    }

    /// Reads an array in the place of a key into the last member, if that is an array; says whether it was.
    fn more_of_last_array(&mut self, object: &mut Object) -> Option<bool> {
        let Some((_, Value::Array(last))) = object.last_mut().filter(|(key, _)| !key.is_empty()) else {
            return Some(false);
        };
        self.at += 1;
        if let Value::Array(mut more) = self.nested(Self::array)? {
            match more.as_mut_slice() {
                [Value::Array(inner)] => last.append(inner),
                _ => last.append(&mut more),
            }
        }
        self.skip_space();
        if self.peek() == Some(',') {
            self.at += 1;
        }
        self.skip_space();
        Some(true)
    }

    /// What follows an opening bracket.
    fn array(&mut self) -> Option<Value> {
        let mut values = Vec::new();
        self.places.enter(Place::Array);
        while self.peek().is_some_and(|character| !matches!(character, ']' | '}')) {
            self.skip_space();
            let value = self.value()?;
            let before = self.at.checked_sub(1).and_then(|before| self.character(before));
            let is_ellipsis = matches!(&value, Value::String(text) if text == "...") && before == Some('.');
            if value.is_empty_string() {
                self.at += 1;
            } else if !is_ellipsis {
                values.push(value);
            }
            while self.peek().is_some_and(|character| character == ',' || python::is_whitespace(character)) {
                self.at += 1;
            }
        }
        self.at += 1;
        self.places.leave();
        Some(Value::Array(values))
    }

    fn number(&mut self) -> Option<Value> {
        let in_array = self.places.current() == Some(Place::Array);
        let start = self.at;
        let belongs = |character: char| {
            character.is_ascii_digit()
                || matches!(character, '-' | '.' | 'e' | 'E' | '/')
                || (character == ',' && !in_array)
        };
        while self.peek().is_some_and(belongs) {
            self.at += 1;
        }
        let mut text: String = self.characters[start..self.at].iter().collect();
        if text.ends_with(['-', 'e', 'E', '/', ',']) {
            text.pop();
            self.at -= 1;
        } else if self.peek().is_some_and(python::is_alphabetic) {
            self.at = start;
            return self.string();
        }
        Some(number(text))
    }

    /// A word of the language, in any case.
    fn word(&mut self) -> Option<Value> {
        let words = [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)];
        let is_next = |word: &str| {
            let characters = self.characters[self.at..].iter();
            characters.take(word.len()).map(char::to_ascii_lowercase).eq(word.chars())
        };
        let (word, value) = words.into_iter().find(|(word, _)| is_next(word))?;
        self.at += word.len();
        Some(value)
    }

    /// Steps over a comment, or over a slash that begins none.
    fn comment(&mut self) {
        let line = match (self.peek(), self.character(self.at + 1)) {
            (Some('/'), Some('*')) => return self.block_comment(),
            (Some('/'), Some('/')) => 2,
            (Some('/'), _) => {
                self.at += 1;
                return;
            }
            _ => 0,
        };
        self.at += line;
        let (array, value, key) =
            (self.places.has(Place::Array), self.places.has(Place::Value), self.places.has(Place::Key));
        let ends = |character: char| match character {
            '\n' | '\r' => true,
            ']' => array,
            '}' => value,
            ':' => key,
            _ => false,
        };
        while self.peek().is_some_and(|character| !ends(character)) {
            self.at += 1;
        }
    }

    fn block_comment(&mut self) {
        self.at += 2;
        let mut before = '*';
        while let Some(character) = self.peek() {
            self.at += 1;
            if before == '*' && character == '/' {
                return;
            }
            before = character;
        }
    }
}

const fn empty() -> Value {
    Value::String(String::new())
}

/// What Python reads `text` as, a string if it is no number.
fn number(text: String) -> Value {
    const INTEGER_DIGITS_MAX: usize = 4_300;
    if text.contains(',') {
        return Value::String(text);
    }
    if text.contains(['.', 'e', 'E']) {
        return text.parse().map_or(Value::String(text), Value::Float);
    }
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let is_integer = !digits.is_empty()
        && digits.len() <= INTEGER_DIGITS_MAX
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_integer {
        return Value::String(text);
    }
    match digits.trim_start_matches('0') {
        "" => Value::Integer("0".to_owned()),
        digits => Value::Integer(format!("{sign}{digits}")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::is_valid;

    #[test]
    fn repairs_are_those_of_json_repair() {
        // Each line was read off json_repair 0.44.1.
        for (text, expected) in REPAIRS {
            assert_eq!(repair(text).as_deref(), Some(*expected), "{text}");
        }
    }

    const REPAIRS: &[(&str, &str)] = &[
        ("{a: 1}", "{\"a\": 1}"),
        ("{\"a\": {b: [1,2}}", "{\"a\": {\"b\": [1, 2]}}"),
        ("{'a': 'b'}", "{\"a\": \"b\"}"),
        ("{\"n\":1,}", "{\"n\": 1}"),
        ("{a: \"é😀\"}", "{\"a\": \"\\u00e9\\ud83d\\ude00\"}"),
        ("{\"a\": tru}", "{\"a\": \"tru\"}"),
        ("{b: None}", "{\"b\": \"None\"}"),
        ("{\"a\": True, \"b\": nULL}", "{\"a\": true, \"b\": null}"),
        ("{bad}", "{}"),
        ("{hello world}", "{}"),
        ("{ return 1; }", "{}"),
        ("{HOME}", "{}"),
        ("{\"a\": \"}", "{\"a\": \"\"}"),
        ("{a:1 b:2}", "{\"a\": 1, \"b\": 2}"),
        ("{\"a\" \"b\"}", "{\"a\": \"b\"}"),
        ("{\"a\": \"b\" \"c\": \"d\"}", "{\"a\": \"b\", \"c\": \"d\"}"),
        ("{\"a\": \"x \"y\" z\", \"b\": 1}", "{\"a\": \"x \\\"y\\\" z\", \"b\": 1}"),
        ("{\"a\": [\"x \"y\" z\", \"w\"]}", "{\"a\": [\"x \\\"y\\\" z\", \"w\"]}"),
        ("{\"a\": [1, 2, ... , 3]}", "{\"a\": [1, 2, 3]}"),
        ("{\"a\": [\"...\", 1 2 3]}", "{\"a\": [\"...\", 1, 2, 3]}"),
        ("{\"a\": 1, \"a\": 2}", "{\"a\": 2}"),
        ("{\"l\": [{\"a\": 1, \"a\": 2}]}", "{\"l\": [{\"a\": 1}, {\"a\": 2}]}"),
        (
            "{\"l\": [{\"a\": 1, \"b\": 2, \"a\": 3, \"b\": 4}]}",
            "{\"l\": [{\"a\": 1, \"b\": 2}, {\"a\": 3, \"b\": 4}]}",
        ),
        (
            "{\"a\": 007, \"b\": -0, \"c\": 1.50, \"d\": 1e400, \"e\": 1/2, \"f\": 1,234, \"g\": --1, \"h\": .5, \"i\": 1-2}",
            "{\"a\": 7, \"b\": 0, \"c\": 1.5, \"d\": Infinity, \"e\": \"1/2\", \"f\": \"1,234\", \"g\": \"--1\", \"h\": 0.5, \"i\": \"1-2\"}",
        ),
        (
            "{\"a\": 1e16, \"b\": 1e-5, \"c\": 123456789.123, \"d\": 1.}",
            "{\"a\": 1e+16, \"b\": 1e-05, \"c\": 123456789.123, \"d\": 1.0}",
        ),
        ("{// note\n\"a\": 1, # more\n \"b\": 2 /* x */}", "{\"a\": 1, \"b\": 2}"),
        ("{\"a\": /* c */ 1}", "{\"a\": \"\"}"),
        ("{\"a\": \"line\nbreak\", \"b\": \"tab\tx\"}", "{\"a\": \"line\\nbreak\", \"b\": \"tab\\tx\"}"),
        (
            "{\"a\": \"es\\\"c\", \"b\": \"\\u00e9\", \"c\": \"\\x\"}",
            "{\"a\": \"es\\\"c\", \"b\": \"\\\\u00e9\", \"c\": \"\\\\x\"}",
        ),
        ("{“a”: “b”}", "{\"a\": \"b\"}"),
        ("{\"\"a\"\": \"\"b\"\"}", "{\"a\": \"b\"}"),
        ("{\"\": 1, \"b\": \"\"}", "{\"\": 1, \"b\": \"\"}"),
        ("{\"a\":: 1}", "{\"a\": 1}"),
        ("{:1, \"a\": 2}", "{\"a\": 2}"),
        ("{\"a\": [1,2], [3,4], \"b\": 5}", "{\"a\": [1, 2, 3, 4], \"b\": 5}"),
        ("{\"a\": [[1]], [[2]]}", "{\"a\": [[1], 2]}"),
        ("{\"a\": {\"b\": {\"c\": }}}", "{\"a\": {\"b\": {\"c\": \"\"}}}"),
        (
            "{\"key\": value with spaces, \"k2\": other}",
            "{\"key\": \"value with spaces\", \"k2\": \"other\"}",
        ),
        ("{\"a\": \"b, \"c\": \"d\"}", "{\"a\": \"b\", \"c\": \"d\"}"),
        ("{\"a\": b\", \"c\": 1}", "{\"a\": \"b\", \"c\": 1}"),
        ("{key\": \"v\", k2: 'v2'}", "{\"key\": \"v\", \"k2\": \"v2\"}"),
        ("{\"a\": \"'\", 'b': \"x\"}", "{\"a\": \"'\", \"b\": \"x\"}"),
        ("{1: 2, 3: [4, five, 6.5.7]}", "{\"1\": 2, \"3\": [4, \"five, 6.5.7\"]}"),
        ("{\"a\": \"b\"}}{\"c\": 1}", "[{\"a\": \"b\"}, {\"c\": 1}]"),
        ("{\"a\": $5, \"b\": 3€, \"c\": ²}", "{\"a\": 5, \"b\": 3, \"c\": \"\"}"),
        (
            "{\"text\": \"he said: \"go\", then left\", \"n\": 1}",
            "{\"text\": \"he said: \\\"go\\\", then left\", \"n\": 1}",
        ),
        ("{\"a\": \"<a href=\"x\">y</a>\", \"b\": 2}", "{\"a\": \"<a href=\\\"x\\\">y</a>\", \"b\": 2}"),
        ("{\"a\": [ {\"x\": 1} {\"x\": 2} ], }", "{\"a\": [{\"x\": 1}, {\"x\": 2}]}"),
        ("{\"a\": true, \"b\": falsey, \"c\": nullable}", "{\"a\": true, \"b\": false, \"c\": null}"),
        ("{   }", "{}"),
        ("{,}", "{}"),
        ("{\"a\"}", "{}"),
        ("{\"a\",}", "{\"a\": \"\"}"),
        ("{\"a\":1;\"b\":2}", "{\"a\": 1, \"b\": 2}"),
        ("{\"a\": [}", "{\"a\": []}"),
        ("{\"a\": \"x]\", \"b\": [y], \"c\": [z\"]}", "{\"a\": \"x]\", \"b\": [\"y], \\\"c\\\": [z\"]}"),
        ("{\"a\": \"trailing space   \n}", "{\"a\": \"trailing space\"}"),
        ("{\"a\": 'it's', \"b\": \"ok\"}", "{\"a\": \"it's'\", \"b\": \"ok\"}"),
    ];

    proptest! {
        #[test]
        fn what_is_repaired_is_valid(text in "[{}\\[\\]\"'“”:,/*#\\\\. \nabtnf0-9éx-]{0,60}") {
            for text in [text.clone(), format!("{{{text}}}"), format!("{{\"a\": [{text}]}}")] {
                let repaired = repair(&text);
                prop_assert!(repaired.as_deref().is_some_and(is_valid), "{:?}: {:?}", text, repaired);
            }
        }
    }

    #[test]
    fn hostile_texts_end() {
        // Each makes json_repair look ahead to the end from every place; a quadratic look-ahead would take hours here.
        for part in
            ["\"", "a\",", "'a", "{\"a\":\"b,", "[\"a\"b", "\\\"", "a:1,", "{a:1,a:", " ", "-", "/*", "“"]
        {
            let text = format!("{{\"k\": [{}", part.repeat(400_000 / part.len()));
            assert!(repair(&text).is_none_or(|repaired| is_valid(&repaired)), "{part:?}");
        }
    }

    #[test]
    fn the_nesting_has_a_bound() {
        assert!(repair(&format!("{}{}", "{a:".repeat(400), "}".repeat(400))).is_some());
        assert_eq!(repair(&format!("{}{}", "{a:".repeat(401), "}".repeat(401))), None);
    }
}
