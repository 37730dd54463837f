//! What the model sees of a candidate: numbers from 0 to 255 about its value, its name and its surroundings.
//!
//! This is the one implementation of the features: training reads what it writes ([`super::SecretCandidate`]). No feature
//! holds a word, a name or a value of the training texts; words count only by their class ([`super::words`]).
//! The bytes read are bounded: the value (at most 512), the name (at most 96) and [`NEAR_BYTES`] on either side.

use super::super::check::uuid::is_uuid;
use super::name::Strength;
use super::spread::{Spread, kind};
use super::words::{self, Mask};
use super::{Candidate, letters, name};

/// Where features go: numbers, or, for the head of a table, their names.
pub(super) trait Sink {
    /// The next feature.
    fn push(&mut self, name: &'static str, value: u8);
    /// A feature for each class of words.
    fn push_mask(&mut self, place: &'static str, mask: Mask) {
        for bit in 0..words::COUNT {
            self.push_class(place, bit, (mask >> bit & 1) as u8);
        }
    }
    /// Whether words of one class stand somewhere.
    fn push_class(&mut self, place: &'static str, bit: usize, value: u8);
}

/// How many features there are.
pub(super) const COUNT: usize = 82 + 4 * words::COUNT;

/// Features as numbers.
pub(super) struct Row {
    pub(super) values: [u8; COUNT],
    at: usize,
}

impl Row {
    /// The features of a candidate.
    pub(super) fn new(text: &str, candidate: &Candidate) -> Self {
        let mut row = Self { values: [0; COUNT], at: 0 };
        write(text, candidate, &mut row);
        row
    }
}

impl Sink for Row {
    #[inline]
    fn push(&mut self, _: &'static str, value: u8) {
        if let Some(slot) = self.values.get_mut(self.at) {
            *slot = value;
        }
        self.at += 1;
    }

    #[inline]
    fn push_class(&mut self, place: &'static str, _: usize, value: u8) {
        self.push(place, value);
    }
}

/// The names of features.
pub(super) struct Names(pub(super) Vec<String>);

impl Sink for Names {
    fn push(&mut self, name: &'static str, _: u8) {
        self.0.push(name.to_owned());
    }

    fn push_class(&mut self, place: &'static str, bit: usize, _: u8) {
        self.0.push(format!("{place}: {}", words::class(bit)));
    }
}

/// How many bytes of a value are read.
const VALUE_BYTES_READ: usize = 512;
/// How many bytes before the name and behind the value are read.
const NEAR_BYTES: usize = 96;
/// A share as a number: 1 is this much.
const WHOLE: usize = 200;

pub(super) fn write(text: &str, candidate: &Candidate, sink: &mut impl Sink) {
    let mut value = &text[candidate.value.range()];
    // The start of a long value tells enough.
    if let Some(cut) =
        (VALUE_BYTES_READ - 3..=VALUE_BYTES_READ).rev().find(|cut| value.is_char_boundary(*cut))
        && value.len() > VALUE_BYTES_READ
    {
        value = &value[..cut];
    }
    write_value(value, sink);
    write_name(text, candidate, value, sink);
    write_surroundings(text, candidate, sink);
}

fn count(value: usize) -> u8 {
    value.min(255) as u8
}

fn share(part: usize, whole: usize) -> u8 {
    (part * WHOLE / whole.max(1)).min(255) as u8
}

fn write_value(value: &str, sink: &mut impl Sink) {
    let bytes = value.as_bytes();
    let length = bytes.len();
    let spread = Spread::of(bytes);
    let letters = spread.lowers + spread.uppers;
    let odd = length - letters - spread.digits - spread.blanks - spread.foreign;
    let reading = letters::read(value);
    sink.push("value: bytes", count(length));
    sink.push("value: digits", count(spread.digits));
    sink.push("value: small letters", count(spread.lowers));
    sink.push("value: capitals", count(spread.uppers));
    sink.push("value: marks", count(odd));
    sink.push("value: blanks", count(spread.blanks));
    sink.push("value: other scripts", count(spread.foreign));
    sink.push("value: share of digits", share(spread.digits, length));
    sink.push("value: share of capitals", share(spread.uppers, length));
    sink.push("value: share of marks", share(odd, length));
    sink.push("value: share of vowels", share(spread.vowels, letters));
    sink.push("value: entropy", (spread.entropy * 30.0) as u8);
    sink.push("value: entropy to the most", (spread.entropy / (length as f32).log2().max(1.0) * 200.0) as u8);
    sink.push("value: letter cost", (reading.mean_bits * 20.0) as u8);
    sink.push("value: dear letters", share(reading.dear, letters));
    sink.push("value: dearest word", (reading.dearest_word_bits * 20.0) as u8);
    sink.push("value: words", count(reading.words));
    sink.push("value: switches of kind", share(spread.switches, length));
    sink.push("value: camel humps", count(spread.camels));
    sink.push("value: repeats", share(spread.repeats, length));
    sink.push("value: distinct characters", count(spread.distinct));
    sink.push("value: longest run of letters", count(spread.longest_letters));
    sink.push("value: longest run of digits", count(spread.longest_digits));
    sink.push("value: is hexadecimal", u8::from(spread.hex == length));
    sink.push("value: is base64", u8::from(spread.base64 == length));
    sink.push("value: is base32", u8::from(length >= 16 && spread.uppers + spread.digits == length));
    sink.push("value: is alphanumeric", u8::from(letters + spread.digits == length));
    sink.push("value: is a uuid", u8::from(is_uuid(value)));
    sink.push("value: bytes modulo 4", (length % 4) as u8);
    sink.push("value: length of a hash", u8::from(matches!(length, 32 | 40 | 56 | 64 | 96 | 128)));
    sink.push("value: first kind", bytes.first().map_or(0, |byte| kind(*byte) as u8));
    sink.push("value: last kind", bytes.last().map_or(0, |byte| kind(*byte) as u8));
    sink.push(
        "value: digits at its end",
        count(bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count()),
    );
    sink.push("value: is an identifier", u8::from(is_identifier(bytes)));
    sink.push("value: is a member", u8::from(is_member(bytes)));
    sink.push("value: has an address", u8::from(spread.marks[4] > 0 && value.contains("://")));
    sink.push("value: has a scope", u8::from(is_scoped(bytes)));
    let groups = bytes.iter().fold(0u64, |sum, byte| sum + GROUP[usize::from(*byte)]);
    for (name, lane) in [
        "value: brackets",
        "value: marks of templates",
        "value: strong marks",
        "value: commas",
        "value: backslashes",
    ]
    .into_iter()
    .zip(0..)
    {
        sink.push(name, count((groups >> (12 * lane)) as usize & 0xfff));
    }
    for (name, marks) in [
        "value: points",
        "value: slashes",
        "value: hyphens",
        "value: underscores",
        "value: colons",
        "value: equals signs",
        "value: plus signs",
        "value: at signs",
    ]
    .into_iter()
    .zip(spread.marks)
    {
        sink.push(name, count(marks));
    }
    sink.push_mask("value", words::mask(&bytes[..length.min(96)]));
}

fn is_identifier(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

fn is_scoped(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"->" || pair == b"::")
}

fn is_member(bytes: &[u8]) -> bool {
    bytes.contains(&b'.') && bytes.split(|byte| *byte == b'.').all(is_identifier)
}

fn write_name(text: &str, candidate: &Candidate, value: &str, sink: &mut impl Sink) {
    let name = &text[candidate.name.range()];
    let bytes = name.as_bytes();
    let uppers = bytes.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let lowers = bytes.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    let last = name::words(name).last().unwrap_or_default();
    let strength = match candidate.strength {
        None => 0,
        Some(Strength::Weak) => 1,
        Some(Strength::Secret) => 2,
        Some(Strength::Password) => 3,
    };
    sink.push("name: strength", strength);
    sink.push("name: bytes", count(bytes.len()));
    sink.push("name: words", count(name::words(name).count()));
    sink.push("name: is about a secret", u8::from(name::is_about(name)));
    sink.push("name: is plural", u8::from(last.ends_with(['s', 'S'])));
    sink.push("name: spelling", u8::from(uppers > 0) + 2 * u8::from(lowers > 0));
    sink.push("name: separators", u8::from(name.contains('_')) + 2 * u8::from(name.contains('-')));
    sink.push("name: points", count(name.matches('.').count()));
    sink.push("name: is a flag", u8::from(name.starts_with('-')));
    sink.push("name: is in the value", u8::from(last.len() > 2 && contains(value, last)));
    sink.push("name: holds the value", u8::from(value.len() > 2 && contains(name, value)));
    sink.push("name: letter cost", (letters::read(name).mean_bits * 20.0) as u8);
    sink.push("name: last word", last_word(last));
    sink.push_mask("name", words::mask(bytes));
}

/// What the last word of a name ends with.
fn last_word(word: &str) -> u8 {
    const ENDS: [&str; 14] = [
        "password",
        "passwd",
        "pass",
        "pwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "key",
        "salt",
        "nonce",
        "auth",
        "credentials",
        "authorization",
    ];
    let ends = |end: &&str| name::ends_with(word, end);
    ENDS.iter().position(ends).map_or(0, |at| at as u8 + 1)
}

/// Whether `part` stands in `whole`, whatever the case; at most 48 bytes of it are sought.
fn contains(whole: &str, part: &str) -> bool {
    let part = &part.as_bytes()[..part.len().min(48)];
    let whole = &whole.as_bytes()[..whole.len().min(96)];
    whole.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

fn write_surroundings(text: &str, candidate: &Candidate, sink: &mut impl Sink) {
    let bytes = text.as_bytes();
    let whole_start = candidate.name.start.min(candidate.value.start);
    let from = whole_start.saturating_sub(NEAR_BYTES);
    let to = (candidate.value.end + NEAR_BYTES).min(bytes.len());
    let before = &bytes[from..whole_start];
    let behind = &bytes[candidate.value.end..to];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line_end = behind.iter().position(|byte| *byte == b'\n').unwrap_or(behind.len());
    let line = &before[line_start..];
    let rest = &behind[..line_end];
    let indent = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let between = bytes.get(candidate.name.end..candidate.value.start).unwrap_or_default();
    let near = |byte: Option<&u8>| byte.map_or(0, |byte| place(*byte));
    sink.push("found by", candidate.trigger as u8);
    sink.push("form", candidate.form as u8);
    sink.push("operator", candidate.operator as u8);
    sink.push("is wrapped in a call", u8::from(candidate.wrapped));
    sink.push("is a part", u8::from(candidate.part));
    sink.push(
        "blanks around the operator",
        count(between.iter().filter(|byte| matches!(byte, b' ')).count()),
    );
    sink.push("bytes from name to value", count(between.len()));
    sink.push("before the name", near(before.last()));
    sink.push("before the value", near(bytes[..candidate.value.start].last()));
    sink.push("behind the value", near(behind.first()));
    sink.push("second behind the value", near(behind.get(1)));
    sink.push("line: indent", count(indent));
    sink.push("line: first character", near(line.get(indent)));
    sink.push("line: bytes before", count(line.len()));
    sink.push("line: bytes behind", count(rest.len()));
    let marks = line.iter().chain(rest).fold(0u64, |sum, byte| sum + MARK[usize::from(*byte)]);
    for (name, lane) in ["line: quotes", "line: brackets", "line: tags", "line: blanks"].into_iter().zip(0..)
    {
        sink.push(name, count((marks >> (16 * lane)) as usize & 0xffff));
    }
    sink.push_mask("line", words::mask(line) | words::mask(rest));
    let above = &before[..line_start];
    let below = &behind[line_end..];
    sink.push_mask("near", words::mask(above) | words::mask(below));
}

/// For the counts of a line: quotes, brackets, tags, blanks.
const MARK: [u64; 256] = lanes(&[b"\"'`", b"()[]{}", b"<>", b" "], 16);
/// For the counts of a value; a character may be in several groups.
const GROUP: [u64; 256] = lanes(&[b"()[]{}<>", b"$%{}", b"!#$%^&*?~", b",;|", b"\\"], 12);

/// For each byte a one in the lane (of so many bits) of each group that it is in: all are counted in one addition.
const fn lanes(groups: &[&[u8]], bits: usize) -> [u64; 256] {
    let mut lanes = [0; 256];
    let mut group = 0;
    while group < groups.len() {
        let mut at = 0;
        while at < groups[group].len() {
            lanes[groups[group][at] as usize] |= 1 << (bits * group);
            at += 1;
        }
        group += 1;
    }
    lanes
}

/// The place of a character in a sentence or in code.
const fn place(byte: u8) -> u8 {
    match byte {
        b'\n' | b'\r' => 1,
        b' ' | b'\t' => 2,
        b'"' => 3,
        b'\'' => 4,
        b'`' => 5,
        b',' => 6,
        b';' => 7,
        b'.' => 8,
        b'(' | b'[' | b'{' => 9,
        b')' | b']' | b'}' => 10,
        b'<' => 11,
        b'>' => 12,
        b'=' => 13,
        b':' => 14,
        b'/' => 15,
        b'-' => 16,
        b'_' => 17,
        b'$' => 18,
        b'@' => 19,
        b'&' => 20,
        b'?' => 21,
        b'\\' => 22,
        b'#' => 23,
        b'+' => 24,
        b'*' => 25,
        b'|' => 26,
        b'%' => 27,
        b'0'..=b'9' => 28,
        b'a'..=b'z' => 29,
        b'A'..=b'Z' => 30,
        0x80.. => 31,
        _ => 32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_features_as_the_model_knows() {
        let text = "password = 'vT9#qLw2xZ!m'";
        let candidate = Candidate::example(text, 0..8, 12..24);
        let mut names = Names(Vec::new());
        write(text, &candidate, &mut names);
        assert_eq!(names.0.len(), COUNT);
        let row = Row::new(text, &candidate);
        assert_eq!(row.values[0], 12);
    }
}
