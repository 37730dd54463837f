//! Patterns in the syntax of Python's `re`, written anew in that of the regex crate, where the two differ.
//!
//! They differ silently: `\<` is a bracket there and a boundary here, `[a[b]` a bracket in a class there and a nested
//! class here, `$` also stands before a last line feed there. What only a backtracking engine can do is refused.

use std::fmt::Write as _;

/// The name of the groups that stand for the line feed behind a `$`; a number follows.
pub(super) const LINE_FEED: &str = "line_feed_behind_";

/// A pattern that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It needs backtracking, and by what.
    Backtracks(&'static str),
    /// It is no pattern in Python either, or one whose meaning has no equal here.
    Wrong(String),
}

/// Whether `$` may stand before a last line feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// As in `re.search`.
    OrLineFeed,
    /// As in `re.fullmatch`, where nothing may follow.
    Exact,
}

/// `pattern` for the regex crate, with the groups [`LINE_FEED`] if it has a `$`.
pub(super) fn translate(pattern: &str, end: End) -> Result<String, Unusable> {
    let mut translator = Translator {
        characters: pattern.chars().collect(),
        at: 0,
        out: String::with_capacity(pattern.len() + 16),
        flags: vec![Flags::default()],
        end,
        ends: 0,
    };
    translator.run()?;
    Ok(translator.out)
}

/// The flags that change what is written.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    ascii: bool,
    multi_line: bool,
    verbose: bool,
}

/// Something in a class.
enum Item {
    Literal(char),
    Class(&'static str),
}

struct Translator {
    characters: Vec<char>,
    at: usize,
    out: String,
    /// Those of each open group.
    flags: Vec<Flags>,
    end: End,
    ends: usize,
}

impl Translator {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += 1;
        Some(character)
    }

    fn eat(&mut self, text: &str) -> bool {
        let is_next = self.characters[self.at..].iter().copied().take(text.chars().count()).eq(text.chars());
        if is_next {
            self.at += text.chars().count();
        }
        is_next
    }

    fn flags(&mut self) -> &mut Flags {
        if self.flags.is_empty() {
            self.flags.push(Flags::default());
        }
        let last = self.flags.len() - 1;
        &mut self.flags[last]
    }

    fn run(&mut self) -> Result<(), Unusable> {
        while let Some(character) = self.next() {
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                ')' => {
                    self.flags.pop();
                    self.out.push(')');
                }
                '{' => self.braces()?,
                '*' | '+' | '?' => {
                    self.out.push(character);
                    self.behind_repetition()?;
                }
                '$' if !self.flags().multi_line => self.end_of_text(),
                '#' if self.flags().verbose => {
                    while self.next().is_some_and(|character| character != '\n') {}
                }
                ']' | '}' => {
                    self.out.push('\\');
                    self.out.push(character);
                }
                _ => self.out.push(character),
            }
        }
        Ok(())
    }

    fn end_of_text(&mut self) {
        if self.end == End::Exact {
            self.out.push_str(r"\z");
            return;
        }
        // Writing to a string cannot fail.
        let _ = write!(self.out, r"(?:\z|(?P<{LINE_FEED}{}>\n)\z)", self.ends);
        self.ends += 1;
    }

    fn literal(&mut self, character: char) {
        let mut buffer = [0; 4];
        self.out.push_str(&regex_syntax::escape(character.encode_utf8(&mut buffer)));
    }

    /// Behind a backslash outside of a class.
    fn escape(&mut self) -> Result<(), Unusable> {
        let ascii = self.flags().ascii;
        match self.peek() {
            Some('Z') => {
                self.at += 1;
                self.out.push_str(r"\z");
            }
            Some(boundary @ ('b' | 'B')) => {
                self.at += 1;
                let _ = if ascii {
                    write!(self.out, r"(?-u:\{boundary})")
                } else {
                    write!(self.out, r"\{boundary}")
                };
            }
            Some('A') => {
                self.at += 1;
                self.out.push_str(r"\A");
            }
            Some(digit @ '1'..='9') if self.octal().is_none() => {
                let _ = digit;
                return Err(Unusable::Backtracks("a back-reference"));
            }
            _ => match self.escaped_item(ascii)? {
                Item::Literal(character) => self.literal(character),
                Item::Class(class) => {
                    let _ = write!(self.out, "[{class}]");
                }
            },
        }
        Ok(())
    }

    /// Three octal digits, or up to three behind a 0, at the reader's place: how many, and their value.
    fn octal(&self) -> Option<(usize, u32)> {
        let digits: Vec<u32> =
            self.characters[self.at..].iter().take(3).map_while(|character| character.to_digit(8)).collect();
        let counts = digits.first() == Some(&0) || (digits.len() == 3 && digits[0] <= 3);
        let value = digits.iter().fold(0, |value, digit| value * 8 + digit);
        counts.then_some((digits.len(), value))
    }

    /// Behind a backslash, inside of a class or not: a character or what may stand in a class.
    fn escaped_item(&mut self, ascii: bool) -> Result<Item, Unusable> {
        if let Some((length, value)) = self.octal() {
            self.at += length;
            return char::from_u32(value)
                .map(Item::Literal)
                .ok_or_else(|| Unusable::Wrong("no such character".into()));
        }
        let Some(character) = self.next() else {
            return Err(Unusable::Wrong("it ends in a backslash".into()));
        };
        Ok(match (character, ascii) {
            ('d', false) => Item::Class(r"\d"),
            ('D', false) => Item::Class(r"\D"),
            ('s', false) => Item::Class(r"\s\x1c-\x1f"),
            ('S', false) => Item::Class(r"[^\s\x1c-\x1f]"),
            ('w', false) => Item::Class(r"\p{L}\p{N}_"),
            ('W', false) => Item::Class(r"[^\p{L}\p{N}_]"),
            ('d', true) => Item::Class("0-9"),
            ('D', true) => Item::Class("[^0-9]"),
            ('s', true) => Item::Class(r" \t-\r"),
            ('S', true) => Item::Class(r"[^ \t-\r]"),
            ('w', true) => Item::Class("a-zA-Z0-9_"),
            ('W', true) => Item::Class("[^a-zA-Z0-9_]"),
            ('a', _) => Item::Literal('\u{7}'),
            ('f', _) => Item::Literal('\u{c}'),
            ('n', _) => Item::Literal('\n'),
            ('r', _) => Item::Literal('\r'),
            ('t', _) => Item::Literal('\t'),
            ('v', _) => Item::Literal('\u{b}'),
            ('x', _) => Item::Literal(self.hexadecimal(2)?),
            ('u', _) => Item::Literal(self.hexadecimal(4)?),
            ('U', _) => Item::Literal(self.hexadecimal(8)?),
            _ if character.is_ascii_alphanumeric() => {
                return Err(Unusable::Wrong(format!("`\\{character}` means nothing in Python's syntax")));
            }
            _ => Item::Literal(character),
        })
    }

    fn hexadecimal(&mut self, length: usize) -> Result<char, Unusable> {
        let digits: String = self.characters[self.at..].iter().take(length).collect();
        let value = (digits.len() == length).then(|| u32::from_str_radix(&digits, 16).ok()).flatten();
        self.at += length;
        value
            .and_then(char::from_u32)
            .ok_or_else(|| Unusable::Wrong(format!("an escape needs {length} hexadecimal digits")))
    }

    /// Behind an opening bracket: every character is written by its number, so that none means anything.
    fn class(&mut self) -> Result<(), Unusable> {
        let unclosed = || Unusable::Wrong("a class is not closed".into());
        let ascii = self.flags().ascii;
        self.out.push('[');
        if self.eat("^") {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let character = self.next().ok_or_else(unclosed)?;
            if character == ']' && !first {
                break;
            }
            first = false;
            let from = self.class_item(character, ascii)?;
            let is_range =
                self.peek() == Some('-') && self.characters.get(self.at + 1).is_some_and(|next| *next != ']');
            let to = if is_range {
                self.at += 1;
                let character = self.next().ok_or_else(unclosed)?;
                Some(self.class_item(character, ascii)?)
            } else {
                None
            };
            let _ = match (from, to) {
                (Item::Class(class), None) => write!(self.out, "{class}"),
                (Item::Literal(from), None) => write!(self.out, r"\x{{{:x}}}", u32::from(from)),
                (Item::Literal(from), Some(Item::Literal(to))) if from <= to => {
                    write!(self.out, r"\x{{{:x}}}-\x{{{:x}}}", u32::from(from), u32::from(to))
                }
                _ => return Err(Unusable::Wrong("a class has a range that is none".into())),
            };
        }
        self.out.push(']');
        Ok(())
    }

    fn class_item(&mut self, character: char, ascii: bool) -> Result<Item, Unusable> {
        match (character, self.peek()) {
            ('\\', Some('b')) => {
                self.at += 1;
                Ok(Item::Literal('\u{8}'))
            }
            ('\\', _) => self.escaped_item(ascii),
            _ => Ok(Item::Literal(character)),
        }
    }

    /// Behind an opening parenthesis.
    fn group(&mut self) -> Result<(), Unusable> {
        let flags = *self.flags();
        if !self.eat("?") {
            self.flags.push(flags);
            self.out.push('(');
            return Ok(());
        }
        if self.eat("#") {
            while self.next().is_some_and(|character| character != ')') {}
            return Ok(());
        }
        for (start, what) in [
            ("=", "look-around"),
            ("!", "look-around"),
            ("<=", "look-around"),
            ("<!", "look-around"),
            ("P=", "a back-reference"),
            ("(", "a condition"),
            (">", "an atomic group"),
        ] {
            if self.eat(start) {
                return Err(Unusable::Backtracks(what));
            }
        }
        self.flags.push(flags);
        if self.eat("P<") {
            self.out.push_str("(?P<");
            return Ok(());
        }
        self.flagged_group()
    }

    /// Behind `(?`: flags, then the end of the group or what it holds.
    fn flagged_group(&mut self) -> Result<(), Unusable> {
        let mut flags = *self.flags();
        let (mut on, mut written) = (true, String::new());
        let ends = loop {
            match self.next() {
                Some(':') => break ':',
                Some(')') => break ')',
                Some('-') => {
                    on = false;
                    written.push('-');
                }
                Some(flag @ ('i' | 's')) => written.push(flag),
                Some('m') => {
                    flags.multi_line = on;
                    written.push('m');
                }
                Some('x') => {
                    flags.verbose = on;
                    written.push('x');
                }
                Some('a') => flags.ascii = on,
                Some('u') => flags.ascii = false,
                Some(other) => return Err(Unusable::Wrong(format!("a group begins with `(?{other}`"))),
                None => return Err(Unusable::Wrong("a group is not closed".into())),
            }
        };
        if ends == ':' {
            *self.flags() = flags;
            let _ = write!(self.out, "(?{written}:");
            return Ok(());
        }
        // Flags for the rest of the group around.
        self.flags.pop();
        *self.flags() = flags;
        if !written.is_empty() {
            let _ = write!(self.out, "(?{written})");
        }
        Ok(())
    }

    /// Behind an opening brace: a repetition or, if it reads like none, the brace itself.
    fn braces(&mut self) -> Result<(), Unusable> {
        let start = self.at;
        let lowest = self.digits();
        let highest = if self.eat(",") { self.digits() } else { lowest.clone() };
        if self.characters.get(start) == Some(&'}') || !self.eat("}") {
            self.at = start;
            self.out.push_str(r"\{");
            return Ok(());
        }
        let lowest = if lowest.is_empty() { "0" } else { &lowest };
        let _ = write!(self.out, "{{{lowest},{highest}}}");
        self.behind_repetition()
    }

    fn digits(&mut self) -> String {
        let mut digits = String::new();
        while let Some(digit) = self.peek().filter(char::is_ascii_digit) {
            digits.push(digit);
            self.at += 1;
        }
        digits
    }

    fn behind_repetition(&mut self) -> Result<(), Unusable> {
        match self.peek() {
            Some('?') => {
                self.at += 1;
                self.out.push('?');
                Ok(())
            }
            Some('+') => Err(Unusable::Backtracks("a possessive repetition")),
            Some('*') => Err(Unusable::Wrong("a repetition follows another".into())),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_written_anew() {
        for (pattern, expected) in [
            ("abc", "abc"),
            (r"\d+\Z", r"[\d]+\z"),
            (r"\\Z", r"\\Z"),
            (r"\<b\>", "<b>"),
            (r"\.\*\/", r"\.\*/"),
            (r"\w\b", r"[\p{L}\p{N}_]\b"),
            (r"(?a)\w\b", r"[a-zA-Z0-9_](?-u:\b)"),
            ("a{,3}b{2}c{1,}d{", r"a{0,3}b{2,2}c{1,}d\{"),
            ("{x}", r"\{x\}"),
            ("[a[&&b-]", r"[\x{61}\x{5b}\x{26}\x{26}\x{62}\x{2d}]"),
            (r"[^]\]-a\b\d]", r"[^\x{5d}\x{5d}-\x{61}\x{8}\d]"),
            ("[0-9-._]", r"[\x{30}-\x{39}\x{2d}\x{2e}\x{5f}]"),
            (r"\0\x41\101\u00e9", "\0AAé"),
            ("(?i)(?:a)(?P<n>b)(?#note)(?s-i:c)", "(?i)(?:a)(?P<n>b)(?s-i:c)"),
            ("(?m)a$", "(?m)a$"),
            ("a$", r"a(?:\z|(?P<line_feed_behind_0>\n)\z)"),
            ("(?x)a # (b\n c", "(?x)a  c"),
            ("a+?", "a+?"),
        ] {
            assert_eq!(translate(pattern, End::OrLineFeed).as_deref(), Ok(expected), "{pattern}");
        }
        assert_eq!(translate("a$", End::Exact).as_deref(), Ok(r"a\z"));
    }

    #[test]
    fn what_needs_backtracking_is_refused() {
        for pattern in [
            "(?=a)",
            "(?!a)",
            "(?<=a)b",
            "(?<!a)b",
            r"(a)\1",
            "(?P<n>a)(?P=n)",
            "(a)?(?(1)b|c)",
            "(?>a)",
            "a++",
        ] {
            assert!(matches!(translate(pattern, End::OrLineFeed), Err(Unusable::Backtracks(_))), "{pattern}");
        }
    }

    #[test]
    fn what_python_refuses_is_refused() {
        for pattern in [r"\p{L}", r"a\", "[a", "[z-a]", r"[\d-z]", "(?z)", r"\x4", "a**"] {
            assert!(matches!(translate(pattern, End::OrLineFeed), Err(Unusable::Wrong(_))), "{pattern}");
        }
    }
}
