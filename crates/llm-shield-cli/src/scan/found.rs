//! One finding of a sweep: its place in the file, and what tells it from others without naming the secret.

use std::borrow::Cow;
use std::fmt::Write as _;

use llm_shield::{Category, Finding, Owasp, Span};
use sha2::{Digest, Sha256};

/// A finding with its place in the file.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Name of the scanner.
    pub(super) scanner: &'static str,
    pub(super) rule: Cow<'static, str>,
    pub(super) category: Category,
    pub(super) score: f32,
    pub(super) owasp: Owasp,
    pub(super) checked: Option<&'static str>,
    /// Bytes of the file.
    pub(super) span: Span,
    pub(super) start: Position,
    /// One past the last character.
    pub(super) end: Position,
    /// The secret, masked unless it was asked for; nothing for what is no secret and no personal datum.
    pub(super) shown: Option<String>,
    /// SHA-256 of the text that was found.
    pub(super) digest: [u8; 32],
    /// From 0: how many findings of the same rule and text stand before it in the file.
    pub(super) occurrence: u32,
}

/// A place in a file; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    /// In characters.
    pub(super) column: usize,
}

impl Position {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// The place behind `text`, which begins here.
    pub(super) fn after(self, text: &str) -> Self {
        let bytes = text.as_bytes();
        match memchr::memrchr(b'\n', bytes) {
            None => Self { line: self.line, column: self.column + text.chars().count() },
            Some(last) => Self {
                line: self.line + memchr::memchr_iter(b'\n', &bytes[..=last]).count(),
                column: 1 + text[last + 1..].chars().count(),
            },
        }
    }
}

/// Whether secrets are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Show {
    #[default]
    Masked,
    Clear,
}

impl Found {
    /// A finding of `text`, all but its place in the file.
    pub(super) fn new(scanner: &'static str, finding: &Finding, text: &str, show: Show) -> Self {
        let hidden = matches!(finding.category, Category::Secret | Category::PersonalData);
        let shown = hidden.then(|| match show {
            Show::Masked => masked(text),
            Show::Clear => text.to_owned(),
        });
        Self {
            scanner,
            rule: finding.rule.clone(),
            category: finding.category,
            score: finding.score,
            owasp: finding.owasp,
            checked: finding.checked,
            span: finding.span,
            start: Position::START,
            end: Position::START,
            shown,
            digest: Sha256::digest(text.as_bytes()).into(),
            occurrence: 0,
        }
    }

    /// What stays the same when lines move: a salted hash of rule, path, secret and occurrence, as hexadecimal.
    pub(super) fn fingerprint(&self, salt: &[u8], path: &str) -> String {
        let mut hash = Sha256::new();
        for part in [salt, self.rule.as_bytes(), path.as_bytes(), &self.digest] {
            // With its length, so that no two lists of parts run together into one.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.update(self.occurrence.to_le_bytes());
        hex(&hash.finalize()[..16])
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Shorter secrets show nothing: a few characters of a password are much of it.
const MASKED_CHARACTERS_MIN: usize = 16;
/// So much tells the kind of a token, whose format starts alike.
const HEAD_CHARACTERS: usize = 4;

/// What may be shown of a secret: the head of a long one.
fn masked(secret: &str) -> String {
    let is_long = secret.chars().nth(MASKED_CHARACTERS_MIN - 1).is_some();
    let head = if is_long { HEAD_CHARACTERS } else { 0 };
    let mut out: String = secret.chars().take(head).collect();
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_shown_of_a_secret() {
        for (secret, expected) in [("hunter2", "…"), ("0123456789abcde", "…"), ("ghp_56789abcdefg", "ghp_…")]
        {
            assert_eq!(masked(secret), expected);
        }
    }

    #[test]
    fn positions_count_lines_and_characters() {
        for (text, line, column) in
            [("", 1, 1), ("aé", 1, 3), ("a\n", 2, 1), ("a\r\nüb", 2, 3), ("\n\n", 3, 1)]
        {
            assert_eq!(Position::START.after(text), Position { line, column }, "{text:?}");
        }
        let split = Position::START.after("ab\ncd").after("ef\ng");
        assert_eq!(split, Position::START.after("ab\ncdef\ng"));
    }
}
