//! Texts spelled in a code.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Disguised;
use super::letters::each;

/// Bytes as variation selectors behind an emoji, which alone is seen.
pub(super) fn emoji_smuggling(text: &str, out: &mut Disguised) {
    let mut carrier = Some('\u{1f600}');
    each(text, out, |character, out| {
        out.extend(carrier.take());
        let selector = |byte: u8| match u32::from(byte) {
            low @ ..16 => 0xFE00 + low,
            high => 0xE0100 + high - 16,
        };
        out.extend(utf8(character).filter_map(|byte| char::from_u32(selector(byte))));
    });
}

/// Base64 of the whole. A group of four signs stands for the characters that its three bytes belong to.
pub(super) fn base64(text: &str, out: &mut Disguised) {
    for (group, bytes) in text.as_bytes().chunks(3).enumerate() {
        let start = text.floor_char_boundary(group * 3);
        let end = text.ceil_char_boundary(group * 3 + bytes.len());
        out.push(start..end, |out| STANDARD.encode_string(bytes, out));
    }
}

pub(super) fn hex(text: &str, out: &mut Disguised) {
    each(text, out, |character, out| {
        utf8(character).for_each(|byte| append(out, format_args!("{byte:02x}")));
    });
}

/// Every byte percent-encoded, those that a URL may hold too.
pub(super) fn url_encoding(text: &str, out: &mut Disguised) {
    each(text, out, |character, out| {
        utf8(character).for_each(|byte| append(out, format_args!("%{byte:02X}")));
    });
}

pub(super) fn html_entities(text: &str, out: &mut Disguised) {
    each(text, out, |character, out| append(out, format_args!("&#{};", u32::from(character))));
}

/// Morse code (ITU-R M.1677-1), a space behind each letter and a slash between words.
pub(super) fn morse(text: &str, out: &mut Disguised) {
    each(text, out, |character, out| {
        let sign = MORSE.iter().find(|(letter, _)| letter.eq_ignore_ascii_case(&character));
        match sign {
            Some((_, sign)) => append(out, format_args!("{sign} ")),
            None => out.push(character),
        }
    });
}

const MORSE: &[(char, &str)] = &[
    (' ', "/"),
    ('a', ".-"),
    ('b', "-..."),
    ('c', "-.-."),
    ('d', "-.."),
    ('e', "."),
    ('f', "..-."),
    ('g', "--."),
    ('h', "...."),
    ('i', ".."),
    ('j', ".---"),
    ('k', "-.-"),
    ('l', ".-.."),
    ('m', "--"),
    ('n', "-."),
    ('o', "---"),
    ('p', ".--."),
    ('q', "--.-"),
    ('r', ".-."),
    ('s', "..."),
    ('t', "-"),
    ('u', "..-"),
    ('v', "...-"),
    ('w', ".--"),
    ('x', "-..-"),
    ('y', "-.--"),
    ('z', "--.."),
    ('0', "-----"),
    ('1', ".----"),
    ('2', "..---"),
    ('3', "...--"),
    ('4', "....-"),
    ('5', "....."),
    ('6', "-...."),
    ('7', "--..."),
    ('8', "---.."),
    ('9', "----."),
    ('.', ".-.-.-"),
    (',', "--..--"),
    ('?', "..--.."),
    ('\'', ".----."),
    ('/', "-..-."),
    ('(', "-.--."),
    (')', "-.--.-"),
    (':', "---..."),
    ('=', "-...-"),
    ('+', ".-.-."),
    ('-', "-....-"),
    ('"', ".-..-."),
    ('@', ".--.-."),
];

fn utf8(character: char) -> impl Iterator<Item = u8> {
    let mut buffer = [0; 4];
    let length = character.encode_utf8(&mut buffer).len();
    buffer.into_iter().take(length)
}

fn append(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(arguments);
}
