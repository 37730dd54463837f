//! Whether a value looks like a secret: drawn at random, and not a word, a path, code or a placeholder.

use super::super::base64;
use super::super::check::uuid::is_uuid;
use super::super::entropy::shannon;
use super::letters;
use super::name::Strength;
use super::placeholder::is_placeholder;
use super::value::Form;
use crate::Span;

/// Letters that cost less than this on average (bits) read like words.
const WORD_BITS: f64 = 5.0;

/// The secret in the value at `span`: the value itself, or, when it is a record such as `{"sign":"…"}` or a cookie
/// with attributes, the random part of it.
pub(super) fn secret_within(text: &str, span: Span, strength: Strength, form: Form) -> Option<Span> {
    let value = &text[span.range()];
    if is_secret(value, strength, form) {
        return Some(span);
    }
    if strength == Strength::Weak || form != Form::Quoted || !value.contains(['{', ';', '&', ' ']) {
        return None;
    }
    let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '/');
    let part = value.split(|c: char| !is_token(c)).max_by_key(|part| part.len())?;
    let start = span.start + (part.as_ptr() as usize - value.as_ptr() as usize);
    (part.len() >= 20 && is_machine_made(part)).then(|| Span::new(start, start + part.len()))
}

/// Whether `value`, behind a name of this strength, is a secret.
pub(super) fn is_secret(value: &str, strength: Strength, form: Form) -> bool {
    if value.len() < 4 || is_placeholder(value) || is_code(value, form) {
        return false;
    }
    match strength {
        Strength::Weak => is_machine_made(value),
        Strength::Secret => is_machine_made(value) || is_uuid(value) || is_random(value, 6),
        Strength::Password => is_random(value, 4),
    }
}

/// Whether `value`, behind an HTTP authentication scheme, authorises: `user:password` in base64, or a token.
pub(super) fn is_authorization(value: &str) -> bool {
    if value.len() < 8 || is_placeholder(value) {
        return false;
    }
    let pair = base64::decode(value)
        .is_some_and(|bytes| bytes.contains(&b':') && bytes.iter().all(|byte| (b' '..=b'~').contains(byte)));
    pair || is_machine_made(value)
}

/// Long, without blanks, mixed and even: what a program draws.
fn is_machine_made(value: &str) -> bool {
    let bytes = value.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let foreign = bytes.iter().filter(|byte| !byte.is_ascii_graphic()).count();
    let odd = bytes.len() - digits - letters;
    if bytes.len() < 16 || foreign > 0 || odd * 4 > bytes.len() || shannon(value) < 3.0 {
        return false;
    }
    let hexadecimal = bytes.iter().all(u8::is_ascii_hexdigit);
    if hexadecimal && digits > 0 {
        return true;
    }
    digits >= 2 && letters >= 2 && letters::cost(value).0 >= WORD_BITS
}

/// At least `least` characters that do not read like words: what a person thinks of or a manager draws.
fn is_random(value: &str, least: usize) -> bool {
    let blanks = value.bytes().filter(u8::is_ascii_whitespace).count();
    if value.len() < least || blanks > 1 {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let (bits, letters) = letters::cost(value);
    let odd = value.len() - digits - letters - blanks;
    match (letters, digits) {
        (0, _) => digits >= 6,
        (_, 0) => bits >= WORD_BITS + 0.2 && odd <= letters,
        _ => bits >= WORD_BITS - 0.4 || (digits >= 3 && letters >= 3) || odd > 0 && digits + letters >= 6,
    }
}

/// Paths, addresses, references to other values, calls.
fn is_code(value: &str, form: Form) -> bool {
    if value.contains("://")
        || value.starts_with(['/', '~', '.', '\\'])
        || value.contains("->")
        || value.contains("::")
    {
        return true;
    }
    if form == Form::Quoted {
        return false;
    }
    // A call, an index, a member: `input()`, `keys[0]`, `self.password`.
    let member = value.split('.').count() > 1
        && value
            .split('.')
            .all(|part| part.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_'));
    value.contains(['(', '[', '{', '$'])
        || member
        || (form == Form::Prose && value.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_told_from_words_and_code() {
        for (value, form, expected) in [
            ("vT9#qLw2xZ!m", Form::Quoted, true),
            ("hunter2x9q", Form::Bare, true),
            ("xqzjvkwp", Form::Quoted, true),
            ("5754332864796721", Form::Quoted, true),
            ("Enter your password", Form::Quoted, false),
            ("self.password", Form::Bare, false),
            ("getPassword()", Form::Bare, false),
            ("changeme", Form::Quoted, false),
            ("/etc/passwd", Form::Quoted, false),
            ("required", Form::Bare, false),
            ("abc", Form::Quoted, false),
        ] {
            assert_eq!(is_secret(value, Strength::Password, form), expected, "{value}");
        }
    }

    #[test]
    fn keys_must_be_machine_made() {
        for (value, expected) in [
            ("F4EAA82B4FA08EBDD97CAAA06B3D69E0", true),
            ("V1001_TODAY_MUSIC", false),
            ("highlightedColor", false),
            ("period", false),
            ("xqzjvkwp", false),
        ] {
            assert_eq!(is_secret(value, Strength::Weak, Form::Quoted), expected, "{value}");
        }
    }

    #[test]
    fn authorization_is_a_pair_or_a_token() {
        assert!(is_authorization("cWxmOnhrejkyMQ=="));
        assert!(is_authorization("a9Kx03mQz7Lp2Wv8"));
        assert!(!is_authorization("authentication"));
    }
}
