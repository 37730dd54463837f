//! Values that only stand for a secret.

use std::sync::LazyLock;

/// Words that people write where a secret will go, or as a secret in examples.
const WORDS: &[&str] = &[
    "example",
    "changeme",
    "change",
    "placeholder",
    "dummy",
    "sample",
    "redacted",
    "xxx",
    "***",
    "...",
    "todo",
    "fake",
    "test",
    "foo",
    "bar",
    "baz",
    "demo",
    "none",
    "null",
    "true",
    "false",
    "undefined",
    "insert",
    "replace",
    "enter",
    "secret",
    "password",
    "passwd",
    "passwort",
    "token",
    "key",
    "pass",
    "pwd",
    "default",
    "admin",
    "root",
    "user",
    "guest",
    "hello",
    "world",
    "qwerty",
    "asdf",
    "qwer",
    "zxcv",
    "abc",
    "xyz",
    "your",
    "my",
    "some",
    "here",
    "value",
    "string",
    "auth",
    "api",
    "client",
    "access",
    "new",
    "old",
    "invalid",
    "wrong",
    "bad",
    "the",
    "this",
    "mock",
    "stub",
    "temp",
    "letmein",
    "welcome",
    "login",
    "private",
    "public",
    "oauth",
    "app",
];

/// Whether `value` is a template, a reference, a redaction or an example.
pub(super) fn is_placeholder(value: &str) -> bool {
    let trimmed = value.trim();
    is_template(trimmed) || is_redaction(trimmed) || is_monotone(trimmed) || is_words(trimmed)
}

/// `<password>`, `${PASSWORD}`, `{{ password }}`, `%s`, `$(cat file)`, `#{x}`, `@param`, `[name]`.
fn is_template(value: &str) -> bool {
    if is_crypt(value.as_bytes()) {
        return false;
    }
    value.starts_with(['<', '$', '%', '[', '&', '#', '('])
        || (value.starts_with('{') && !value.contains(':'))
        || (value.contains(['{', '%', '('])
            && ["${", "{{", "#{", "<%", "%(", "$("].iter().any(|mark| value.contains(mark)))
        || (value.contains(['.', '(', '['])
            && ["os.environ", "process.env", "getenv", "ENV["].iter().any(|mark| value.contains(mark)))
}

/// A hash in the form of crypt(5), such as `$2b$12$…`, is not a variable.
fn is_crypt(bytes: &[u8]) -> bool {
    bytes.len() > 12
        && bytes[0] == b'$'
        && bytes[1].is_ascii_digit()
        && (bytes[2] == b'$' || (bytes[2].is_ascii_alphanumeric() && bytes[3] == b'$'))
}

/// Whether a part of `value` was redacted before: judged again, the rest of it would look like another secret.
pub(super) fn holds_redaction(value: &str) -> bool {
    let is_partial =
        |six: &[u8]| six[2..4] == *b".." && [six[0], six[1], six[4], six[5]].iter().all(|byte| *byte != b'.');
    value.contains("***") || (value.contains("..") && value.as_bytes().windows(6).any(is_partial))
}

/// What this crate writes in the place of a secret (`******`, `gh..y1`), with at most a few characters beside it.
pub(in super::super) fn is_redaction(value: &str) -> bool {
    let bytes = value.as_bytes();
    let (mut redacted, mut left, mut at) = (0, 0, 0);
    while at < bytes.len() && left <= 8 {
        let partial =
            bytes.get(at..at + 6).is_some_and(|six| six[2..4] == *b".." && six[1] != b'.' && six[4] != b'.');
        redacted += usize::from(partial);
        left += usize::from(!partial);
        at += if partial { 6 } else { 1 };
    }
    (redacted > 0 && left <= 8) || value.contains("***") || value.contains("REDACTED")
}

/// `aaaaaa`, `abcdefgh`, `12345678`, `87654321`, `11223344`: steps from one character to the next that are nearly
/// all the same, or hardly any different characters.
pub(in super::super) fn is_monotone(value: &str) -> bool {
    let bytes = value.as_bytes();
    let mut steps = [0usize; 3];
    for pair in bytes.windows(2) {
        match i16::from(pair[1]) - i16::from(pair[0]) {
            -1 => steps[0] += 1,
            0 => steps[1] += 1,
            1 => steps[2] += 1,
            _ => {}
        }
    }
    let regular = steps.iter().sum::<usize>();
    let distinct = {
        let mut seen = [false; 256];
        for byte in bytes {
            seen[usize::from(*byte)] = true;
        }
        seen.iter().filter(|seen| **seen).count()
    };
    distinct <= 2
        || (distinct == 3 && bytes.len() > 7)
        || (bytes.len() > 3 && regular * 3 >= (bytes.len() - 1) * 2)
}

/// [`WORDS`] by their first byte.
static BY_FIRST: LazyLock<Vec<Vec<&str>>> = LazyLock::new(|| {
    let mut by_first = vec![Vec::new(); 128];
    for word in WORDS {
        by_first[usize::from(word.as_bytes()[0] & 0x7f)].push(*word);
    }
    by_first
});

/// Nothing much is left once the words and the counting digits (`123`) are taken out.
pub(in super::super) fn is_words(value: &str) -> bool {
    let by_first = &**BY_FIRST;
    let bytes = value.as_bytes();
    let (mut taken, mut left, mut at) = (0, 0, 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let word = by_first[usize::from(rest[0].to_ascii_lowercase() & 0x7f)]
            .iter()
            .filter(|word| {
                rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word.as_bytes())
            })
            .map(|word| word.len())
            .max();
        let length = word.unwrap_or_else(|| counting(rest));
        if length > 0 {
            taken += length;
        } else if rest[0].is_ascii_alphanumeric() {
            left += 1;
        }
        at += length.max(1);
        // A long value that does not begin as words does not end as words either.
        if left > 24 {
            return false;
        }
    }
    taken > 0 && left <= (taken / 2).max(2)
}

/// How many digits count up or down by one at the start, if at least three.
fn counting(bytes: &[u8]) -> usize {
    let steps = |step: fn(u8) -> u8| {
        bytes
            .windows(2)
            .take_while(|pair| pair.iter().all(u8::is_ascii_digit) && pair[1] == step(pair[0]))
            .count()
    };
    match steps(|digit| digit + 1).max(steps(|digit| digit - 1)) {
        0 | 1 => 0,
        steps => steps + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn placeholders_are_known() {
        for value in [
            "changeme",
            "your-api-key-here",
            "<password>",
            "${DB_PASSWORD}",
            "{{ password }}",
            "xxxxxxxx",
            "********",
            "gh..Ux",
            "12345678",
            "87654321",
            "abcdefgh",
            "aaaa1111",
            "test1234",
            "my_secret",
            "os.environ['X']",
            "$1",
            "%s",
            "password1",
            "foobar",
            "pass4321",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in
            ["hunter2", "qT9#xLw2", "5754332864796721", "ggzcvoqh", "a8f5f167f44f4964e6c998dee827110c"]
        {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
