//! Bytes spelled in a stretch without ordinary words: base64, base32, hexadecimal digits, and numbers one by one.

use std::ops::Range;

use super::Decoding;
use super::bytes;
use super::layer::{Builder, Layer};
use crate::base64::sextet;

/// Shortest base64; eleven signs are eight bytes.
const BASE64_MIN: usize = 10;
const BASE32_MIN: usize = 16;
const HEX_MIN: usize = 12;
const BITS_MIN: usize = 48;
const NUMBERS_MIN: usize = 6;
/// A line of base64 that goes on in the next one is at least this long.
const LINE_MIN: usize = 32;
/// Lines that are tried together: what follows them is tried anew, so this bounds the work.
const LINES_MAX: usize = 64;

/// Decodes what is a text in one of these codes; what is not text stays.
pub(super) fn decoded(text: &str) -> Option<Layer> {
    let mut builder = Builder::new(text);
    let source = text.as_bytes();
    let mut at = 0;
    while at < source.len() {
        if !is_sign(source[at]) {
            at += 1;
            continue;
        }
        let numbers = Numbers::at(source, at);
        if numbers.tokens.len() >= NUMBERS_MIN
            && let Some((decoding, spelled)) = numbers.text(source)
        {
            let end = numbers.tokens.last().map_or(at, |token| token.end);
            builder.replace(at..end, decoding, &spelled);
            at = end;
            continue;
        }
        let line = run(source, at, Lines::One);
        let lines = run(source, at, Lines::Joined);
        let joined = (lines.end > line.end).then(|| spelled(source, &lines)).flatten();
        let found = joined.map(|found| (lines.end, found));
        at = line.end.max(at + 1);
        if let Some((end, (range, decoding, spelled))) = found.or_else(|| Some((at, spelled(source, &line)?)))
        {
            write(&mut builder, range, decoding, &spelled);
            at = end;
        }
    }
    builder.finish()
}

/// A text in place of the signs that spell it; group by group, where each group spells characters of its own.
fn write(builder: &mut Builder<'_>, range: Range<usize>, decoding: Decoding, spelled: &str) {
    let (signs, bytes) = match decoding {
        Decoding::Base64 => (4, 3),
        Decoding::Hex => (2, 1),
        _ => (0, 0),
    };
    if signs == 0 || !spelled.is_ascii() || range.len().div_ceil(signs) != spelled.len().div_ceil(bytes) {
        return builder.replace(range, decoding, spelled);
    }
    let mut start = range.start;
    let mut rest = spelled;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(bytes.min(rest.len()));
        let end = if later.is_empty() { range.end } else { start + signs };
        builder.replace(start..end, decoding, now);
        (start, rest) = (end, later);
    }
}

const fn is_sign(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    /// Over line breaks behind long lines, at most [`LINES_MAX`].
    Joined,
}

/// The signs from `start` on, and the padding.
fn run(source: &[u8], start: usize, lines: Lines) -> Range<usize> {
    let mut end = start;
    let mut line = start;
    let mut count = 0;
    loop {
        while source.get(end).is_some_and(|byte| is_sign(*byte)) {
            end += 1;
        }
        let gap = source[end..].iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let goes_on = source.get(end + gap).is_some_and(|byte| is_sign(*byte));
        if lines == Lines::One || gap == 0 || !goes_on || end - line < LINE_MIN || count == LINES_MAX {
            break;
        }
        end += gap;
        line = end;
        count += 1;
    }
    end += source[end..].iter().take(6).take_while(|byte| **byte == b'=').count();
    start..end
}

/// What a run of signs spells, and which of its bytes do.
fn spelled(source: &[u8], run: &Range<usize>) -> Option<(Range<usize>, Decoding, String)> {
    let mut start = run.start;
    // `0x` before hexadecimal digits; no code begins with the marks that join words.
    if source[start..run.end].starts_with(b"0x") {
        start += 2;
    }
    if run.end - start < BASE64_MIN {
        return None;
    }
    let signs = &source[start..run.end];
    if signs.len() >= BITS_MIN && signs.iter().all(|byte| matches!(byte, b'0' | b'1')) {
        let bytes = signs.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | (bit & 1)));
        return Some((run.clone(), Decoding::Numbers, bytes::text(bytes.collect())?));
    }
    let hex = |sign: u8| char::from(sign).to_digit(16).map(|digit| digit as u8);
    if signs.len() >= HEX_MIN
        && let Some(text) = packed(signs, 4, hex).and_then(bytes::text)
    {
        return Some((run.clone(), Decoding::Hex, text));
    }
    if signs.len() >= BASE32_MIN
        && let Some(text) = packed(signs, 5, base32).and_then(bytes::text)
    {
        return Some((run.clone(), Decoding::Base32, text));
    }
    // Marks that join a word to the code belong to neither.
    let lead = signs.iter().take_while(|byte| matches!(byte, b'-' | b'_')).count();
    let signs = &signs[lead..];
    let text = packed(signs, 6, sextet).and_then(bytes::text)?;
    let in_token = |at: Option<usize>| at.and_then(|at| source.get(at)).is_some_and(|byte| *byte == b'.');
    // A part of a signed token is JSON, and nobody's message unless it holds one.
    let signed = text.starts_with('{') && (in_token(start.checked_sub(1)) || in_token(Some(run.end)));
    if signed && text.split_ascii_whitespace().count() < 5 {
        return None;
    }
    Some((start + lead..run.end, Decoding::Base64, text))
}

/// The bytes that signs of `width` bits make, line breaks and padding left out.
fn packed(signs: &[u8], width: u32, value: impl Fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(signs.len());
    let (mut bits, mut held) = (0_u32, 0);
    for sign in signs.iter().filter(|sign| !matches!(sign, b'\r' | b'\n' | b'=')) {
        bits = (bits << width) | u32::from(value(*sign)?);
        held += width;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            // No code spells control characters; most words are found out here.
            if bytes.last().is_some_and(|byte| *byte < 9 || *byte == 0x7f) {
                return None;
            }
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

const fn base32(sign: u8) -> Option<u8> {
    Some(match sign {
        b'A'..=b'Z' => sign - b'A',
        b'a'..=b'z' => sign - b'a',
        b'2'..=b'7' => sign - b'2' + 26,
        _ => return None,
    })
}

/// Numbers with separators between them.
struct Numbers {
    /// Without `0x` and the like.
    tokens: Vec<Range<usize>>,
}

impl Numbers {
    /// As many numbers from `start` on as go together: eight bits each, or at most three digits.
    fn at(source: &[u8], start: usize) -> Self {
        let mut tokens: Vec<Range<usize>> = Vec::new();
        let mut at = start;
        loop {
            let prefix =
                source[at..].get(..2).is_some_and(|two| matches!(two, b"0x" | b"0X" | b"0b" | b"0o"));
            let first = at + 2 * usize::from(prefix);
            let count = source[first..].iter().take(9).take_while(|byte| byte.is_ascii_hexdigit()).count();
            let end = first + count;
            let fits = match tokens.first() {
                Some(known) if known.len() >= 7 => count == known.len(),
                Some(_) => matches!(count, 2 | 3),
                None => matches!(count, 2 | 3 | 7 | 8),
            };
            if !fits || source.get(end).is_some_and(u8::is_ascii_alphanumeric) {
                break;
            }
            tokens.push(first..end);
            let between =
                source[end..].iter().take(3).take_while(|byte| b" ,;:-|\r\n".contains(byte)).count();
            at = end + between;
            if between == 0 || at >= source.len() {
                break;
            }
        }
        Self { tokens }
    }

    fn text(&self, source: &[u8]) -> Option<(Decoding, String)> {
        let digits = |token: &Range<usize>| std::str::from_utf8(&source[token.clone()]).unwrap_or("");
        let first = self.tokens.first()?.len();
        let all = |length: usize| self.tokens.iter().all(|token| token.len() == length);
        let in_base = |base: u32| -> Option<Vec<u8>> {
            self.tokens.iter().map(|token| u8::from_str_radix(digits(token), base).ok()).collect()
        };
        let bases: &[(u32, Decoding)] = match first {
            7 | 8 => &[(2, Decoding::Numbers)],
            _ if all(2) => &[(16, Decoding::Hex), (10, Decoding::Numbers)],
            _ => &[(10, Decoding::Numbers), (8, Decoding::Numbers)],
        };
        bases.iter().find_map(|(base, decoding)| Some((*decoding, bytes::text(in_base(*base)?)?)))
    }
}
