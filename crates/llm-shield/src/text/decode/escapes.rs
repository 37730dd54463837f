//! Characters written as escapes: percent-encoding, HTML character references, escapes of programming languages.

use std::ops::Range;

use super::Decoding;
use super::layer::{Builder, Layer};

/// Fewest letters, digits and spaces that are written as escapes of one kind before they count as a disguise: nobody
/// needs to escape those.
const NEEDLESS_MIN: usize = 3;

struct Escape {
    range: Range<usize>,
    decoding: Decoding,
    character: char,
}

/// Puts each escape's character in its place.
pub(super) fn decoded(text: &str) -> Option<Layer> {
    let mut escapes: Vec<Escape> = Vec::new();
    let mut needless = [0_usize; 3];
    let mut at = 0;
    while let Some(found) = text[at..].find(['%', '&', '\\', 'U']) {
        let start = at + found;
        let Some((length, decoding, character)) = escape(&text[start..]) else {
            at = start + 1;
            continue;
        };
        at = start + length;
        if character.is_alphanumeric() || character == ' ' {
            needless[slot(decoding)] += 1;
        }
        escapes.push(Escape { range: start..at, decoding, character });
    }
    let mut builder = Builder::new(text);
    for Escape { range, decoding, character } in escapes {
        if needless[slot(decoding)] >= NEEDLESS_MIN && character.len_utf8() <= range.len() {
            builder.replace(range, decoding, character.encode_utf8(&mut [0; 4]));
        }
    }
    builder.finish()
}

fn slot(decoding: Decoding) -> usize {
    match decoding {
        Decoding::Percent => 0,
        Decoding::HtmlEntities => 1,
        _ => 2,
    }
}

/// The escape that `rest` begins with: its length in bytes, its kind and its character.
fn escape(rest: &str) -> Option<(usize, Decoding, char)> {
    let bytes = rest.as_bytes();
    match bytes.first()? {
        b'%' => percent(bytes).map(|(length, character)| (length, Decoding::Percent, character)),
        b'&' => entity(rest).map(|(length, character)| (length, Decoding::HtmlEntities, character)),
        b'\\' => backslash(rest).map(|(length, character)| (length, Decoding::Escapes, character)),
        _ => {
            let digits = rest.strip_prefix("U+").map(|rest| hex_digits(rest, 6))?;
            let character = (digits.len() >= 4).then(|| number(digits, 16)).flatten()?;
            Some((2 + digits.len(), Decoding::Escapes, character))
        }
    }
}

/// As many percent-encoded bytes as one character of UTF-8 has; `%u0041` too.
fn percent(bytes: &[u8]) -> Option<(usize, char)> {
    if matches!(bytes.get(1), Some(b'u' | b'U')) {
        let digits = bytes.get(2..6).and_then(|digits| std::str::from_utf8(digits).ok())?;
        return Some((6, number(digits, 16)?));
    }
    let mut encoded = [0; 4];
    for length in 1..=4 {
        let triple = bytes.get(3 * length - 3..3 * length)?;
        let (b'%', [high, low]) = (triple[0], [triple[1], triple[2]].map(digit)) else { return None };
        encoded[length - 1] = high? << 4 | low?;
        if let Ok(decoded) = std::str::from_utf8(&encoded[..length]) {
            return Some((3 * length, decoded.chars().next()?));
        }
    }
    None
}

fn entity(rest: &str) -> Option<(usize, char)> {
    const NAME_BYTES_MAX: usize = 10;
    const NAMED: [(&str, char); 40] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("sp", ' '),
        ("excl", '!'),
        ("num", '#'),
        ("dollar", '$'),
        ("percnt", '%'),
        ("lpar", '('),
        ("rpar", ')'),
        ("ast", '*'),
        ("plus", '+'),
        ("comma", ','),
        ("hyphen", '-'),
        ("period", '.'),
        ("sol", '/'),
        ("colon", ':'),
        ("semi", ';'),
        ("equals", '='),
        ("quest", '?'),
        ("commat", '@'),
        ("lsqb", '['),
        ("rsqb", ']'),
        ("lowbar", '_'),
        ("lcub", '{'),
        ("rcub", '}'),
        ("shy", '\u{ad}'),
        ("auml", 'ä'),
        ("ouml", 'ö'),
        ("uuml", 'ü'),
        ("szlig", 'ß'),
        ("eacute", 'é'),
        ("egrave", 'è'),
        ("aacute", 'á'),
        ("oacute", 'ó'),
        ("ntilde", 'ñ'),
        ("ccedil", 'ç'),
    ];
    let inner = &rest[1..];
    if let Some(code) = inner.strip_prefix('#') {
        let (digits, base, before) = match code.strip_prefix(['x', 'X']) {
            Some(code) => (hex_digits(code, 6), 16, 3),
            None => (hex_digits(code, 7), 10, 2),
        };
        let character = number(digits, base)?;
        let length = before + digits.len();
        // Browsers do not ask for the semicolon.
        return Some((length + usize::from(rest[length..].starts_with(';')), character));
    }
    let name_bytes = inner.bytes().take(NAME_BYTES_MAX).position(|byte| byte == b';')?;
    let name = inner.get(..name_bytes)?;
    let (_, character) = NAMED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some((name_bytes + 2, *character))
}

/// `\xHH`, `\uHHHH` (two for what lies beyond the first plane), `\u{H}`, `\UHHHHHHHH`, and three octal digits.
fn backslash(rest: &str) -> Option<(usize, char)> {
    let inner = rest.get(2..).unwrap_or("");
    match rest.as_bytes().get(1)? {
        b'x' => Some((4, number(exactly(inner, 2)?, 16)?)),
        b'U' => Some((10, number(exactly(inner, 8)?, 16)?)),
        b'u' if inner.starts_with('{') => {
            let digits = hex_digits(&inner[1..], 6);
            inner[1 + digits.len()..]
                .starts_with('}')
                .then(|| Some((4 + digits.len(), number(digits, 16)?)))?
        }
        b'u' => {
            let first = u32::from_str_radix(exactly(inner, 4)?, 16).ok()?;
            if (0xD800..0xDC00).contains(&first) {
                let second = inner[4..].strip_prefix("\\u").and_then(|rest| exactly(rest, 4))?;
                let second =
                    u32::from_str_radix(second, 16).ok().filter(|code| (0xDC00..0xE000).contains(code))?;
                let character = char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))?;
                return Some((12, character));
            }
            Some((6, char::from_u32(first)?))
        }
        b'0'..=b'3' => {
            let digits = rest.get(1..4)?;
            digits.bytes().all(|byte| matches!(byte, b'0'..=b'7')).then(|| Some((4, number(digits, 8)?)))?
        }
        _ => None,
    }
}

fn exactly(text: &str, count: usize) -> Option<&str> {
    let digits = hex_digits(text, count);
    (digits.len() == count).then_some(digits)
}

/// The hexadecimal digits that `text` begins with, at most `most`.
fn hex_digits(text: &str, most: usize) -> &str {
    let count = text.bytes().take(most).take_while(u8::is_ascii_hexdigit).count();
    &text[..count]
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// The character of that number; control characters but white space are nobody's text.
fn number(digits: &str, base: u32) -> Option<char> {
    let character = char::from_u32(u32::from_str_radix(digits, base).ok()?)?;
    (!character.is_control() || matches!(character, '\n' | '\r' | '\t')).then_some(character)
}
