//! Bytes that may be a text.

use super::likelihood::{self, Cost};

/// Fewest bytes that a code is believed to spell.
const BYTES_MIN: usize = 6;
/// From this many on it is enough that they read; fewer must read well.
const BYTES_SURE: usize = 16;
/// What a letter of a short text may cost, in nats.
const READS_WELL: f32 = 2.6;

/// The text that `bytes` are, if they are one: valid UTF-8 without control characters that reads as a language.
pub(super) fn text(bytes: Vec<u8>) -> Option<String> {
    if bytes.len() < BYTES_MIN {
        return None;
    }
    let text = String::from_utf8(bytes).ok()?;
    believable(&text).then_some(text)
}

/// Whether a text is one that somebody would write in a code.
pub(super) fn believable(text: &str) -> bool {
    if text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t')) {
        return false;
    }
    if text.len() < BYTES_SURE {
        return likelihood::reads(text) && (!text.is_ascii() || Cost::of(text).per_letter() < READS_WELL);
    }
    // A text in a code may itself be in a code, which does not read: it is made of few kinds of signs.
    likelihood::reads(text) || is_coded(text)
}

/// Whether a text is likely another code: nothing but the signs of base64, hex, percent, escapes or numbers.
fn is_coded(text: &str) -> bool {
    let sign = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'+' | b'/' | b'=' | b'%' | b'\\' | b' ' | b'.' | b'-' | b'_')
    };
    text.len() >= BYTES_SURE && text.bytes().all(|byte| sign(&byte))
}
