//! Bytes of a file as text, with the way back from a place in the text to the byte in the file.
//!
//! UTF-8 is borrowed as it is. Where it is broken, each byte that belongs to no character is read as Latin-1, the
//! usual encoding of files that are not UTF-8: letters come out right, and every byte of the file has exactly one
//! place in the text. UTF-16 is decoded when it says so itself, by a byte-order mark.

use std::borrow::Cow;

/// So many bytes at the start decide whether a file is binary, as git decides it.
const SNIFFED_BYTES: usize = 8_000;

/// How the bytes of a file stand for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// The encoding by the byte-order mark, and the length of the mark.
pub(super) fn encoding(head: &[u8]) -> (Encoding, usize) {
    match head {
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
        [0xff, 0xfe, ..] => (Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16Be, 2),
        _ => (Encoding::Utf8, 0),
    }
}

/// Whether a file that starts like this is no text: it holds a NUL.
pub(super) fn is_binary(head: &[u8]) -> bool {
    memchr::memchr(0, &head[..head.len().min(SNIFFED_BYTES)]).is_some()
}

/// A piece of a file as text.
#[derive(Debug)]
pub(super) struct Decoded<'b> {
    pub(super) text: Cow<'b, str>,
    map: Map,
}

/// How bytes of the text count as bytes of the file.
#[derive(Debug)]
enum Map {
    /// One for one.
    Same,
    /// One for one, but the character at each of these places is two bytes in the text and one in the file.
    Latin1(Vec<usize>),
    /// Two bytes for each UTF-16 unit.
    Utf16,
}

impl Decoded<'_> {
    /// How many bytes of the file the text from `start` to `end` stands for.
    pub(super) fn file_bytes(&self, start: usize, end: usize) -> usize {
        match &self.map {
            Map::Same => end - start,
            Map::Latin1(places) => {
                let before = |at| places.partition_point(|place| *place < at);
                end - start - (before(end) - before(start))
            }
            Map::Utf16 => 2 * self.text[start..end].chars().map(char::len_utf16).sum::<usize>(),
        }
    }
}

/// Whether more bytes of the file follow the piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// The last character may be cut; it is left to the next piece.
    Open,
    /// Nothing follows.
    End,
}

/// The text of a piece, without a character that its end cuts in two.
pub(super) fn decode(bytes: &[u8], encoding: Encoding, tail: Tail) -> Decoded<'_> {
    match encoding {
        Encoding::Utf8 => utf8(bytes, tail),
        Encoding::Utf16Le => utf16(bytes, tail, u16::from_le_bytes),
        Encoding::Utf16Be => utf16(bytes, tail, u16::from_be_bytes),
    }
}

fn utf8(bytes: &[u8], tail: Tail) -> Decoded<'_> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Decoded { text: text.into(), map: Map::Same };
    }
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut places = Vec::new();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        at += chunk.valid().len();
        let broken = chunk.invalid();
        at += broken.len();
        let is_cut = || matches!(str::from_utf8(broken), Err(error) if error.error_len().is_none());
        if tail == Tail::Open && at == bytes.len() && is_cut() {
            break;
        }
        for &byte in broken {
            places.push(text.len());
            text.push(char::from(byte));
        }
    }
    let map = if places.is_empty() { Map::Same } else { Map::Latin1(places) };
    Decoded { text: text.into(), map }
}

fn utf16(bytes: &[u8], tail: Tail, unit: fn([u8; 2]) -> u16) -> Decoded<'_> {
    let is_high_surrogate = |unit: &u16| (0xd800..0xdc00).contains(unit);
    let mut units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    if tail == Tail::Open && units.last().is_some_and(is_high_surrogate) {
        units.pop();
    }
    // A lone surrogate becomes U+FFFD, which is one unit too: the count back stays right.
    let text: String =
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Decoded { text: text.into(), map: Map::Utf16 }
}

/// The nearest start of a character at or before `at`.
pub(super) fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], tail: Tail, expected: &str, file_bytes: usize) {
        let (encoding, mark) = encoding(bytes);
        let decoded = decode(&bytes[mark..], encoding, tail);
        assert_eq!(decoded.text, expected, "{bytes:?}");
        assert_eq!(decoded.file_bytes(0, decoded.text.len()), file_bytes, "{bytes:?}");
        // Counted in parts it is the same.
        let parts: usize = decoded
            .text
            .char_indices()
            .map(|(at, character)| decoded.file_bytes(at, at + character.len_utf8()))
            .sum();
        assert_eq!(parts, file_bytes, "{bytes:?}");
    }

    #[test]
    fn every_byte_of_the_file_has_its_place_in_the_text() {
        check(b"plain", Tail::End, "plain", 5);
        check("größe".as_bytes(), Tail::End, "größe", 7);
        check(b"\xef\xbb\xbfmark", Tail::End, "mark", 4);
        check(b"Schl\xfcssel", Tail::End, "Schlüssel", 9);
        check(b"\xfc\xf6 \xc3\xbc", Tail::End, "üö ü", 5);
        check(b"a\xe2\x82b", Tail::End, "aâ\u{82}b", 4);
        check(b"cut \xe2\x82", Tail::Open, "cut ", 4);
        check(b"cut \xe2\x82", Tail::End, "cut â\u{82}", 6);
        check(b"\xffcut \xe2\x82", Tail::Open, "ÿcut ", 5);
        check(b"\xff\xfea\0\xfc\0", Tail::End, "aü", 4);
        check(b"\xfe\xff\0a\0\xfc", Tail::End, "aü", 4);
        check(b"\xff\xfe\x3d\xd8\x00\xde!\0", Tail::End, "😀!", 6);
        check(b"\xff\xfe!\0\x3d\xd8", Tail::Open, "!", 2);
        check(b"\xff\xfe!\0\x3d\xd8", Tail::End, "!\u{fffd}", 4);
        check(b"\xff\xfe!\0\x3d", Tail::End, "!", 2);
        check(b"", Tail::End, "", 0);
    }

    #[test]
    fn a_nul_near_the_start_makes_a_file_binary() {
        assert!(is_binary(b"\x7fELF\0"));
        assert!(!is_binary(b"text"));
        let mut late = vec![b'a'; SNIFFED_BYTES];
        late.push(0);
        assert!(!is_binary(&late));
    }
}
