//! Whether Python's `json.loads` reads a text.

/// How many digits Python turns into an integer.
const INTEGER_DIGITS_MAX: usize = 4_300;

/// Whether Python's `json.loads` reads `text`: JSON as the standard has it, and `NaN`, `Infinity`, `-Infinity`, lone
/// surrogates and keys that stand twice. No integer has more than 4,300 digits, and nothing is nested deeper than
/// [`super::DEPTH_MAX`].
pub(crate) fn is_valid(text: &str) -> bool {
    Reader { bytes: text.as_bytes(), at: 0 }.document().is_some()
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    /// Behind `[`.
    ValueOrEnd,
    Key,
    /// Behind `{`.
    KeyOrEnd,
    CommaOrEnd,
}

impl Reader<'_> {
    fn document(mut self) -> Option<()> {
        // The brackets that are open.
        let mut open: Vec<u8> = Vec::new();
        let mut expect = Expect::Value;
        loop {
            self.skip_space();
            let byte = self.bytes.get(self.at).copied()?;
            match (expect, byte) {
                (Expect::ValueOrEnd | Expect::CommaOrEnd, b']') if open.last() == Some(&b'[') => {
                    self.at += 1;
                    open.pop();
                    expect = Expect::CommaOrEnd;
                }
                (Expect::KeyOrEnd | Expect::CommaOrEnd, b'}') if open.last() == Some(&b'{') => {
                    self.at += 1;
                    open.pop();
                    expect = Expect::CommaOrEnd;
                }
                (Expect::CommaOrEnd, b',') => {
                    self.at += 1;
                    expect = if open.last()? == &b'{' { Expect::Key } else { Expect::Value };
                }
                (Expect::Key | Expect::KeyOrEnd, b'"') => {
                    self.string()?;
                    self.skip_space();
                    self.literal(b":")?;
                    expect = Expect::Value;
                }
                (Expect::Value | Expect::ValueOrEnd, b'{' | b'[') => {
                    self.at += 1;
                    open.push(byte);
                    if open.len() > super::DEPTH_MAX {
                        return None;
                    }
                    expect = if byte == b'{' { Expect::KeyOrEnd } else { Expect::ValueOrEnd };
                }
                (Expect::Value | Expect::ValueOrEnd, _) => {
                    self.scalar(byte)?;
                    expect = Expect::CommaOrEnd;
                }
                _ => return None,
            }
            if open.is_empty() && expect == Expect::CommaOrEnd {
                self.skip_space();
                return (self.at == self.bytes.len()).then_some(());
            }
        }
    }

    fn skip_space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn literal(&mut self, literal: &[u8]) -> Option<()> {
        self.bytes[self.at..].starts_with(literal).then(|| self.at += literal.len())
    }

    fn scalar(&mut self, first: u8) -> Option<()> {
        match first {
            b'"' => self.string(),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            b'N' => self.literal(b"NaN"),
            b'I' => self.literal(b"Infinity"),
            b'-' if self.bytes[self.at + 1..].first() == Some(&b'I') => self.literal(b"-Infinity"),
            _ => self.number(),
        }
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => return Some(()),
                b'\\' => {
                    let escape = *self.bytes.get(self.at)?;
                    self.at += 1;
                    match escape {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            let digits = self.bytes.get(self.at..self.at + 4)?;
                            digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                            self.at += 4;
                        }
                        _ => return None,
                    }
                }
                0..0x20 => return None,
                _ => {}
            }
        }
    }

    /// Reads as much as makes a number; what is left over is seen by the caller.
    fn number(&mut self) -> Option<()> {
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        let digits = if self.bytes.get(self.at) == Some(&b'0') { 1 } else { self.digits(self.at) };
        if digits == 0 {
            return None;
        }
        self.at += digits;
        let mut is_integer = true;
        if self.bytes.get(self.at) == Some(&b'.') && self.digits(self.at + 1) > 0 {
            self.at += 1 + self.digits(self.at + 1);
            is_integer = false;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.bytes.get(self.at + 1), Some(b'+' | b'-')));
            let exponent = self.digits(self.at + 1 + sign);
            if exponent > 0 {
                self.at += 1 + sign + exponent;
                is_integer = false;
            }
        }
        (!is_integer || digits <= INTEGER_DIGITS_MAX).then_some(())
    }

    fn digits(&self, from: usize) -> usize {
        self.bytes[from.min(self.bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_reads_is_valid() {
        // Each line was tried with Python's `json.loads`.
        for text in [
            "{}",
            " {\"a\": [1, -2.5e+3, 0, true, false, null, NaN, Infinity, -Infinity]} ",
            "{\"a\":1,\"a\":2}",
            r#"{"a": "\ud800 \u00e9 \/ \" é"}"#,
            "[]",
            "[[],{}]",
            "\"x\"",
            "-0.0",
            "1e999",
        ] {
            assert!(is_valid(text), "{text}");
        }
    }

    #[test]
    fn what_python_refuses_is_invalid() {
        for text in [
            "",
            "{",
            "{]",
            "{a: 1}",
            "{'a': 1}",
            "{\"a\": 1,}",
            "{\"a\" 1}",
            "{\"a\": tru}",
            "{\"a\": 01}",
            "{\"a\": 1.}",
            "{\"a\": .5}",
            "{\"a\": +1}",
            "{\"a\": 1e}",
            "{\"a\": \"\n\"}",
            r#"{"a": "\x"}"#,
            r#"{"a": "\u12g4"}"#,
            "{} {}",
            "[1,]",
            "[,1]",
            "{\"a\": -}",
            "\u{a0}{}",
            "{\"a\": nul",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }

    #[test]
    fn integers_and_nesting_have_a_bound() {
        assert!(is_valid(&"7".repeat(4_300)));
        assert!(!is_valid(&"7".repeat(4_301)));
        assert!(is_valid(&format!("{}.5", "7".repeat(4_301))));
        assert!(is_valid(&format!("{}{}", "[".repeat(400), "]".repeat(400))));
        assert!(!is_valid(&format!("{}{}", "[".repeat(401), "]".repeat(401))));
        assert!(!is_valid(&"[".repeat(1_000_000)));
    }
}
