//! Reads the value that stands behind a name. Every loop here is bounded by a constant.

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

/// A value behind a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) span: Span,
    pub(super) form: Form,
}

const NAME_BYTES_MAX: usize = 48;
const BLANKS_MAX: usize = 64;
const VALUE_BYTES_MAX: usize = 512;
const BARE_BYTES_MAX: usize = 256;

/// The name of which the keyword at `hit` is a part.
pub(super) fn name_around(text: &str, hit: Span) -> Span {
    let bytes = text.as_bytes();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let keyword = bytes[hit.range()].iter().rposition(is_name).map_or(hit.end, |last| hit.start + last + 1);
    let before = bytes[..hit.start].iter().rev().take(NAME_BYTES_MAX);
    let after = bytes[keyword..].iter().take(NAME_BYTES_MAX);
    let start = hit.start - before.take_while(|byte| is_name(byte) || **byte == b'.').count();
    let end = keyword + after.take_while(|byte| is_name(byte)).count();
    Span::new(start, end)
}

/// The value that stands behind `name`, if something assigns one.
pub(super) fn behind(text: &str, name: Span) -> Option<Found> {
    let mut cursor = Cursor { bytes: text.as_bytes(), at: name.end };
    let flag = cursor.bytes[name.start] == b'-';
    let in_tag = name.start > 0 && cursor.bytes[name.start - 1] == b'<';
    let closed = cursor.skip(4, |byte| matches!(byte, b'\\' | b'"' | b'\'' | b'`' | b']' | b'*')) > 0;
    let blanks = cursor.skip(BLANKS_MAX, |byte| matches!(byte, b' ' | b'\t'));
    match cursor.peek()? {
        b'=' | b':' | b'!' | b'<' | b'?' if !in_tag || cursor.peek() == Some(b'=') => {
            if !cursor.assignment() {
                return None;
            }
            assigned(text, cursor)
        }
        b'>' if in_tag => {
            cursor.at += 1;
            bare(text, cursor.at, Form::Quoted)
        }
        b',' if closed => {
            cursor.at += 1;
            cursor.skip(BLANKS_MAX, |byte| matches!(byte, b' ' | b'\t'));
            quoted(text, &mut cursor)
        }
        b'(' if blanks == 0 => {
            cursor.at += 1;
            quoted(text, &mut cursor)
        }
        _ if blanks > 0 && flag => match quoted(text, &mut cursor) {
            Some(found) => Some(found),
            None => bare(text, cursor.at, Form::Bare),
        },
        _ if blanks > 0 => {
            let rest = &cursor.bytes[cursor.at..];
            let verb = [&b"is "[..], b"was ", b"by ", b"with ", b"to "]
                .into_iter()
                .find(|verb| rest.starts_with(verb))
                .or_else(|| {
                    [&b"IS "[..], b"BY ", b"WITH "].into_iter().find(|verb| rest.starts_with(verb))
                })?;
            cursor.at += verb.len();
            cursor.skip(2, |byte| byte == b' ' || byte == b':');
            match quoted(text, &mut cursor) {
                Some(found) => Some(found),
                None => bare(text, cursor.at, Form::Prose),
            }
        }
        _ => None,
    }
}

/// The run of token characters at `start`.
pub(super) fn run(text: &str, start: usize) -> Span {
    let is_token = |byte: &&u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'.' | b'~')
    };
    let length = text.as_bytes()[start..].iter().take(VALUE_BYTES_MAX).take_while(is_token).count();
    Span::new(start, start + length)
}

/// The password in `user:password@host`, which begins at `start`.
pub(super) fn url_password(text: &str, start: usize) -> Option<Span> {
    let bytes = text.as_bytes();
    let mut colon = None;
    let mut at_sign = None;
    for (offset, byte) in bytes[start..].iter().take(VALUE_BYTES_MAX).enumerate() {
        match byte {
            b':' if colon.is_none() => colon = Some(start + offset),
            b'@' => at_sign = Some(start + offset),
            b'/' | b'?' | b'#' | b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\'
            | b',' => break,
            _ => {}
        }
    }
    let (colon, at_sign) = (colon?, at_sign?);
    (colon + 1 < at_sign).then(|| Span::new(colon + 1, at_sign))
}

/// The value behind an assignment, past a type (`: str =`) and calls that wrap a literal (`String("…")`).
fn assigned(text: &str, mut cursor: Cursor<'_>) -> Option<Found> {
    cursor.skip(BLANKS_MAX, |byte| matches!(byte, b' ' | b'\t'));
    if let Some(found) = quoted(text, &mut cursor) {
        return Some(found);
    }
    let value = cursor.at;
    cursor.skip(32, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'&' | b'?' | b'!'));
    if cursor.at > value {
        if cursor.peek() == Some(b'(') {
            cursor.at += 1;
            return quoted(text, &mut cursor);
        }
        let blanks = cursor.skip(4, |byte| byte == b' ');
        if cursor.peek() == Some(b'=') && blanks > 0 && cursor.assignment() {
            cursor.skip(BLANKS_MAX, |byte| matches!(byte, b' ' | b'\t'));
            return quoted(text, &mut cursor);
        }
    }
    bare(text, value, Form::Bare)
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
    for (offset, &byte) in cursor.bytes[start..].iter().take(VALUE_BYTES_MAX).enumerate() {
        let end = start + offset;
        match byte {
            b'\n' => return None,
            b'\\' if escapes > 0 => return Some(Found { span: Span::new(start, end), form: Form::Quoted }),
            b'\\' => after_backslash = !after_backslash,
            _ if byte == quote && !after_backslash => {
                return (end > start && text.is_char_boundary(start))
                    .then_some(Found { span: Span::new(start, end), form: Form::Quoted });
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
    (kept > 0).then_some(Found { span: Span::new(start, start + kept), form })
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
    fn assignment(&mut self) -> bool {
        const OPERATORS: [&[u8]; 11] =
            [b"===", b"!==", b"==", b"!=", b":=", b"=>", b"<-", b"?=", b"::", b"=", b":"];
        let rest = &self.bytes[self.at..];
        match OPERATORS.into_iter().find(|operator| rest.starts_with(operator)) {
            None | Some(b"::") => false,
            Some(operator) => {
                self.at += operator.len();
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, keyword: &str, expected: Option<(&str, Form)>) {
        let start = text.find(keyword).unwrap();
        let name = name_around(text, Span::new(start, start + keyword.len()));
        let found = behind(text, name);
        assert_eq!(found.map(|found| (&text[found.span.range()], found.form)), expected, "{text}");
    }

    #[test]
    fn values_are_read_in_every_notation() {
        for (text, value) in [
            (r#"password = "abc""#, "abc"),
            (r#""password": "abc","#, "abc"),
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
        check("my password is abc.", "password", Some(("abc", Form::Prose)));
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

    #[test]
    fn passwords_of_urls_are_read() {
        for (text, expected) in [
            ("user:abc@host", Some("abc")),
            ("user:a@bc@host/x@y", Some("a@bc")),
            (":abc@host", Some("abc")),
            ("user@host:80", None),
            ("host:80/a@b", None),
            ("user:@host", None),
        ] {
            let found = url_password(text, 0);
            assert_eq!(found.map(|span| &text[span.range()]), expected, "{text}");
        }
    }
}
