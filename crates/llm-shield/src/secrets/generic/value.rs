//! Reads the value that stands behind a name. Every loop here is bounded by a constant.

use super::name::sentence_words;
use crate::Span;

/// How a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Between quotes.
    Quoted,
    /// Without quotes: configuration, a command line, or code.
    Bare,
    /// Behind a verb, as in `the password is …`.
    Prose,
}

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// Nothing, or something that is not read: a scheme, an address.
    Other,
    /// `=`
    Equals,
    /// `:`
    Colon,
    /// `==`, `!=`, `===`, `!==`
    Compare,
    /// `=>`
    Arrow,
    /// `:=`, `<-`, `?=`
    Assign,
    /// `"name", "value"`
    Comma,
    /// `name("value")`
    Parenthesis,
    /// `--name value`
    Blank,
    /// `name is value`
    Verb,
    /// `<name>value`
    Tag,
    /// `name: Type = value`
    Typed,
}

/// A value behind a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) span: Span,
    pub(super) form: Form,
    pub(super) operator: Operator,
    /// A call wraps the literal, as in `String("…")`.
    pub(super) wrapped: bool,
}

impl Found {
    const fn new(start: usize, end: usize, form: Form) -> Self {
        Self::other(Span::new(start, end), form)
    }

    /// A value that no name stands before.
    pub(super) const fn other(span: Span, form: Form) -> Self {
        Self { span, form, operator: Operator::Other, wrapped: false }
    }

    const fn by(mut self, operator: Operator) -> Self {
        self.operator = operator;
        self
    }
}

const NAME_BYTES_MAX: usize = 48;
const BLANKS_MAX: usize = 64;
const BARE_BYTES_MAX: usize = 512;
/// The longest literal: a private key of 4096 bits in one line of base64 has 3,200 bytes.
const LITERAL_BYTES_MAX: usize = 4096;
/// The longest value otherwise.
pub(super) const VALUE_BYTES_MAX: usize = 512;

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Where the name ends of which the keyword at `hit` is a part.
pub(super) fn name_end(text: &str, hit: Span) -> usize {
    let bytes = text.as_bytes();
    let last = bytes[hit.range()].iter().rposition(|byte| is_name(*byte) || !byte.is_ascii());
    let keyword = last.map_or(hit.end, |last| hit.start + last + 1);
    keyword + bytes[keyword..].iter().take(NAME_BYTES_MAX).take_while(|byte| is_name(**byte)).count()
}

/// Where it starts.
pub(super) fn name_start(text: &str, hit: Span) -> usize {
    let before = text.as_bytes()[..hit.start].iter().rev().take(NAME_BYTES_MAX);
    hit.start - before.take_while(|byte| is_name(**byte) || **byte == b'.').count()
}

/// Whether the bytes behind a name can assign it a value: most names in prose and code end here, at the cost of a
/// byte or two.
pub(super) fn can_assign(text: &str, end: usize) -> bool {
    let bytes = &text.as_bytes()[end..];
    match bytes.first() {
        None | Some(b'.' | b')' | b';' | b'\n' | b'\r' | b'}' | b'+' | b'/' | b'&' | b'|' | b'#' | b'@') => {
            false
        }
        Some(b',') => matches!(bytes.get(1), Some(b'"' | b'\'')),
        Some(_) => true,
    }
}

/// The value that stands behind `name`, if something assigns one.
pub(super) fn behind(text: &str, name: Span) -> Option<Found> {
    let mut cursor = Cursor { bytes: text.as_bytes(), at: name.end };
    let flag = cursor.bytes[name.start] == b'-';
    let in_tag = name.start > 0 && cursor.bytes[name.start - 1] == b'<';
    let closed = cursor.skip(4, |byte| matches!(byte, b'\\' | b'"' | b'\'' | b'`' | b']' | b'*')) > 0;
    let blanks = cursor.skip(BLANKS_MAX, |byte| matches!(byte, b' ' | b'\t'));
    match cursor.peek()? {
        b'=' | b':' | b'!' | b'<' | b'?' | 0xEF if !in_tag || cursor.peek() == Some(b'=') => {
            let operator = cursor.assignment()?;
            assigned(text, cursor, operator)
        }
        b'v' if closed && blanks > 0 && cursor.bytes[cursor.at..].starts_with(b"value=") => {
            cursor.at += "value=".len();
            quoted(text, &mut cursor).map(|found| found.by(Operator::Equals))
        }
        b'>' if in_tag => {
            cursor.at += 1;
            bare(text, cursor.at, Form::Quoted).map(|found| found.by(Operator::Tag))
        }
        b',' if closed => {
            cursor.at += 1;
            cursor.skip(BLANKS_MAX, |byte| matches!(byte, b' ' | b'\t'));
            quoted(text, &mut cursor).map(|found| found.by(Operator::Comma))
        }
        b'(' if blanks == 0 => {
            cursor.at += 1;
            argument(text, &mut cursor).map(|found| found.by(Operator::Parenthesis))
        }
        _ if blanks > 0 && flag => quoted(text, &mut cursor)
            .or_else(|| bare(text, cursor.at, Form::Bare))
            .map(|found| found.by(Operator::Blank)),
        _ => stated(text, cursor, blanks > 0, sentence_words(&text[name.range()])?),
    }
}

/// The value in a sentence: `password is …`, `password for the server is …`, `IDENTIFIED BY '…'`, `password "…"`,
/// `token 4f6a…`, `密码是…`.
fn stated(text: &str, mut cursor: Cursor<'_>, apart: bool, words_max: usize) -> Option<Found> {
    const WORD_BYTES_MAX: usize = 32;
    const FILLERS: [&[u8]; 6] = [b"still ", b"now ", b"currently ", b"set to ", b"changed to ", b"reset to "];
    let by = |operator| move |found: Found| found.by(operator);
    let rest = &cursor.bytes[cursor.at..];
    if let Some(verb) = ["是", "为", "は"].into_iter().find(|verb| rest.starts_with(verb.as_bytes())) {
        cursor.at += verb.len();
    } else if !apart {
        return None;
    } else if matches!(rest.first(), Some(b'"' | b'\'' | b'`')) {
        return quoted(text, &mut cursor).map(by(Operator::Blank));
    } else if has_digit(rest) {
        return bare(text, cursor.at, Form::Prose).map(by(Operator::Blank));
    } else {
        let mut words = 0;
        loop {
            let start = cursor.at;
            cursor.skip(WORD_BYTES_MAX, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'\'' | b'@' | b'.' | 0x80..)
            });
            let word = &text.as_bytes()[start..cursor.at];
            let colon = usize::from(cursor.peek() == Some(b':'));
            if word.is_empty()
                || word.ends_with(b".")
                || words > words_max
                || cursor.bytes.get(cursor.at + colon) != Some(&b' ')
            {
                return None;
            }
            cursor.at += 1;
            match word {
                b"is" | b"was" | b"ist" | b"lautet" | b"est" | b"es" | [0xC3, 0xA8 | 0xA9] => break,
                b"by" | b"with" | b"to" | b"as" | b"BY" | b"WITH" | b"TO" | b"AS" | b"IS" | b"PASSWORD"
                    if words == 0 =>
                {
                    break;
                }
                b"and" | b"that" | b"if" | b"which" | b"or" => return None,
                _ => words += 1,
            }
        }
    }
    let filler = FILLERS.into_iter().find(|filler| cursor.bytes[cursor.at..].starts_with(filler));
    cursor.at += filler.map_or(0, <[u8]>::len);
    cursor.skip(2, |byte| byte == b' ' || byte == b':');
    quoted(text, &mut cursor).or_else(|| bare(text, cursor.at, Form::Prose)).map(by(Operator::Verb))
}

/// Whether the word at the start has at least six characters, and a letter as well as a digit: no word of a sentence.
fn has_digit(bytes: &[u8]) -> bool {
    const LOOK_BYTES: usize = 24;
    let word = || bytes.iter().take(LOOK_BYTES).take_while(|byte| !byte.is_ascii_whitespace());
    word().any(u8::is_ascii_digit) && word().any(u8::is_ascii_alphabetic) && word().count() >= 6
}

/// The argument of a command at `start`, quoted or not.
pub(super) fn argument_at(text: &str, start: usize) -> Option<Found> {
    let mut cursor = Cursor { bytes: text.as_bytes(), at: start };
    quoted(text, &mut cursor).or_else(|| bare(text, start, Form::Bare))
}

/// The value behind an assignment, past a type (`: str =`) and calls that wrap a literal (`String("…")`).
fn assigned(text: &str, mut cursor: Cursor<'_>, operator: Operator) -> Option<Found> {
    cursor.skip(BLANKS_MAX, |byte| matches!(byte, b' ' | b'\t'));
    if let Some(found) = quoted(text, &mut cursor) {
        return Some(found.by(operator));
    }
    let value = cursor.at;
    if cursor.bytes[value..].starts_with(b"$(") {
        cursor.at += 2;
    }
    cursor.skip(40, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'&' | b'?' | b'!' | b'-' | b'[' | b']')
    });
    if cursor.at > value {
        if cursor.peek() == Some(b'(') {
            cursor.at += 1;
            let found = argument(text, &mut cursor)?;
            return Some(Found { wrapped: true, ..found.by(operator) });
        }
        let blanks = cursor.skip(4, |byte| byte == b' ');
        if cursor.peek() == Some(b'=') && blanks > 0 && cursor.assignment().is_some() {
            cursor.skip(BLANKS_MAX, |byte| matches!(byte, b' ' | b'\t'));
            return quoted(text, &mut cursor).map(|found| found.by(Operator::Typed));
        }
        // What was redacted before is no call or type.
        if text[value..cursor.at].contains("..") {
            return None;
        }
        // A command in front of its argument: `$x = ConvertTo-SecureString "…"`.
        if blanks > 0
            && let Some(found) = quoted(text, &mut cursor)
        {
            return Some(Found { wrapped: true, ..found.by(operator) });
        }
    }
    bare(text, value, Form::Bare).map(|found| found.by(operator))
}

/// The literal that is the first argument of a call, or of a call within: `f(g.h("…"))`.
fn argument(text: &str, cursor: &mut Cursor<'_>) -> Option<Found> {
    if let Some(found) = quoted(text, cursor) {
        return Some(found);
    }
    cursor.skip(32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    if cursor.peek() != Some(b'(') {
        return None;
    }
    cursor.at += 1;
    quoted(text, cursor)
}

/// A literal between quotes at the cursor, with a prefix such as `b` or `@` and with the escapes of a literal
/// inside a literal.
fn quoted(text: &str, cursor: &mut Cursor<'_>) -> Option<Found> {
    let begin = cursor.at;
    cursor.skip(2, |byte| matches!(byte, b'b' | b'r' | b'u' | b'f' | b'L' | b'@' | b'['));
    let escapes = cursor.skip(4, |byte| byte == b'\\');
    let Some(quote @ (b'"' | b'\'' | b'`')) = cursor.peek() else {
        cursor.at = begin;
        return None;
    };
    cursor.at += 1;
    let start = cursor.at;
    let mut after_backslash = false;
    for (offset, &byte) in cursor.bytes[start..].iter().take(LITERAL_BYTES_MAX).enumerate() {
        let end = start + offset;
        match byte {
            b'\n' => return None,
            b'\\' if escapes > 0 => {
                return (end > start && text.is_char_boundary(start)).then_some(Found::new(
                    start,
                    end,
                    Form::Quoted,
                ));
            }
            b'\\' => after_backslash = !after_backslash,
            _ if byte == quote && !after_backslash => {
                return (end > start && text.is_char_boundary(start)).then_some(Found::new(
                    start,
                    end,
                    Form::Quoted,
                ));
            }
            _ => after_backslash = false,
        }
    }
    None
}

/// A value without quotes at `start`.
fn bare(text: &str, start: usize, form: Form) -> Option<Found> {
    let bytes = &text.as_bytes()[start..];
    let is_end = |byte: &u8| {
        byte.is_ascii_whitespace()
            || matches!(
                byte,
                b'"' | b'\'' | b'`' | b',' | b';' | b')' | b'}' | b']' | b'<' | b'>' | b'&' | b'|' | b'\\'
            )
    };
    let length = bytes.iter().take(BARE_BYTES_MAX).take_while(|byte| !is_end(byte)).count();
    if length == 0 || length == BARE_BYTES_MAX {
        return None;
    }
    // In prose the sentence may end behind the value.
    let kept = text[start..start + length].trim_end_matches(['.', ':', '?']).len();
    (kept > 0).then_some(Found::new(start, start + kept, form))
}

#[derive(Clone, Copy)]
struct Cursor<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Goes over at most `most` bytes that `wanted` names, and says how many.
    fn skip(&mut self, most: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let count = self.bytes[self.at..].iter().take(most).take_while(|byte| wanted(**byte)).count();
        self.at += count;
        count
    }

    /// Goes over an operator that assigns or compares.
    fn assignment(&mut self) -> Option<Operator> {
        const OPERATORS: [(&[u8], Operator); 12] = [
            (b"===", Operator::Compare),
            (b"!==", Operator::Compare),
            (b"==", Operator::Compare),
            (b"!=", Operator::Compare),
            (b":=", Operator::Assign),
            (b"=>", Operator::Arrow),
            (b"<-", Operator::Assign),
            (b"?=", Operator::Assign),
            (b"::", Operator::Other),
            (b"=", Operator::Equals),
            (b":", Operator::Colon),
            ("：".as_bytes(), Operator::Colon),
        ];
        let rest = &self.bytes[self.at..];
        let (text, operator) = OPERATORS.into_iter().find(|(text, _)| rest.starts_with(text))?;
        self.at += text.len();
        (operator != Operator::Other).then_some(operator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, keyword: &str, expected: Option<(&str, Form)>) {
        let start = text.find(keyword).unwrap();
        let hit = Span::new(start, start + keyword.len());
        let name = Span::new(name_start(text, hit), name_end(text, hit));
        let found = can_assign(text, name.end).then(|| behind(text, name)).flatten();
        assert_eq!(found.map(|found| (&text[found.span.range()], found.form)), expected, "{text}");
    }

    #[test]
    fn values_are_read_in_every_notation() {
        for (text, value) in [
            (r#"password = "abc""#, "abc"),
            (r#""password": "abc","#, "abc"),
            (r#"<add key="password" value="abc" />"#, "abc"),
            (r#"{\"password\":\"abc\"}"#, "abc"),
            (r#"db.password:="a\"bc""#, r#"a\"bc"#),
            ("let password: &str = \"abc\";", "abc"),
            ("password: str = 'abc'", "abc"),
            ("'password' => 'abc'", "abc"),
            ("setPassword(\"abc\")", "abc"),
            ("put(\"password\", \"abc\")", "abc"),
            ("password: aws.String(\"abc\")", "abc"),
            ("@\"password\": @\"abc\"", "abc"),
            ("password == b'abc'", "abc"),
            ("IDENTIFIED password BY 'abc'", "abc"),
        ] {
            check(text, "assword", Some((value, Form::Quoted)));
        }
        for (text, value) in [
            ("DB_PASSWORD=abc", "abc"),
            ("password: abc # comment", "abc"),
            ("cmd --password abc --user x", "abc"),
            ("http://x/?password=abc&b=c", "abc"),
            ("-e MYSQL_PASSWORD=abc \\", "abc"),
        ] {
            check(&text.replace("PASSWORD", "passwORD"), "passw", Some((value, Form::Bare)));
        }
        for text in [
            "my password is abc.",
            "the password for the old router is abc",
            "I changed the password to abc.",
            "the password of q@example.org was set to abc.",
            "password for the printer is still abc",
            "mein Passwort ist abc",
            "我的密码是abc",
        ] {
            let keyword = if text.contains("密码") { "密码" } else { "assw" };
            check(text, keyword, Some(("abc", Form::Prose)));
        }
        check("use the password `abc` there", "password", Some(("abc", Form::Quoted)));
        check("the token abc4def5 works", "token", Some(("abc4def5", Form::Prose)));
        check("密码：abc", "密码", Some(("abc", Form::Bare)));
        check("createSecretKey(Buffer.from('abc', 'hex'))", "Secret", Some(("abc", Form::Quoted)));
        check("$pwd = ConvertTo-SecureString 'abc' -AsPlainText", "pwd", Some(("abc", Form::Quoted)));
        check("<password>abc</password>", "password", Some(("abc", Form::Quoted)));
        for text in [
            "password",
            "password)",
            "the password of the user",
            "password::new",
            "password ->",
            "password = ",
        ] {
            check(text, "password", None);
        }
    }
}
