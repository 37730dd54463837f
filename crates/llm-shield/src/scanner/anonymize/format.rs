//! Values of the same shape: as long, with the same separators and letter case, digits where digits were, and with
//! valid check digits.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use crate::Span;
use crate::pii::Analyzer;

/// Draws values of a shape until the analyzer takes one for what the original is, check digits included.
///
/// It knows no check by itself: a check digit holds by chance once in ten or eleven draws, two of them once in 97.
pub(super) struct SameFormat {
    analyzer: Analyzer,
}

/// Draws for one value; a check that holds once in 97 is missed by all of them once in ten million times.
const TRIES_MAX: u32 = 1_500;
/// Draws for all values of one text; what is left over gets placeholders.
pub(super) const TRIES_PER_TEXT_MAX: u32 = 20_000;
/// Checksums of four bytes and more, which no draw meets.
const BEYOND_CHANCE: [&str; 4] = ["base58check", "bech32", "cashaddr", "eip-55"];
/// So much of the text before a value goes with it, in bytes: words that make its kind likelier.
const CONTEXT_BYTES: usize = 96;

impl SameFormat {
    pub(super) const fn new(analyzer: Analyzer) -> Self {
        Self { analyzer }
    }

    /// A value of the shape of what stands at `span`; `None` when no draw is good enough.
    pub(super) fn draw(
        &self,
        text: &str,
        span: Span,
        kind: &str,
        random: &mut ChaCha8Rng,
        tries_left: &mut u32,
    ) -> Option<String> {
        let value = &text[span.range()];
        let before = &text[text.ceil_char_boundary(span.start.saturating_sub(CONTEXT_BYTES))..span.start];
        let kept = kept(kind, value);
        let Recognised::As(checked) = self.recognise(before, value, kind) else {
            // A name, or the caller's own word: there is no format to keep to but the shape.
            let drawn = shaped(kind, value, &kept, random);
            return (drawn != value).then_some(drawn);
        };
        if checked.is_some_and(|checked| BEYOND_CHANCE.contains(&checked)) {
            return None;
        }
        for _ in 0..TRIES_MAX {
            *tries_left = tries_left.checked_sub(1)?;
            let drawn = shaped(kind, value, &kept, random);
            if drawn != value && self.recognise(before, &drawn, kind) == Recognised::As(checked) {
                return Some(drawn);
            }
        }
        None
    }

    /// Whether all of `value` after `before` is found as `kind`.
    fn recognise(&self, before: &str, value: &str, kind: &str) -> Recognised {
        let text = format!("{before}{value}");
        let whole = Span::new(before.len(), text.len());
        let found = self.analyzer.analyze(&text);
        let found = found.iter().find(|entity| entity.kind == kind && entity.span == whole);
        found.map_or(Recognised::Not, |entity| Recognised::As(entity.checked))
    }
}

/// What the analyzer makes of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Recognised {
    /// Not what it should be.
    Not,
    /// What it should be, with what was verified of it.
    As(Option<&'static str>),
}

/// Bytes of `value` that stay, since without them it would be of another kind; none of them tells who it is.
fn kept(kind: &str, value: &str) -> Vec<Span> {
    let from_last_dot = |start: usize, end: usize| {
        Span::new(value[start..end].rfind('.').map_or(end, |dot| start + dot), end)
    };
    match kind {
        "EMAIL_ADDRESS" => vec![from_last_dot(0, value.len())],
        "EMAIL_ADDRESS_RE" => {
            let words = value.match_indices('[');
            let words = words.filter_map(|(at, _)| Some(Span::new(at, at + value[at..].find(']')?)));
            let last = value.rfind(['.', ']']).unwrap_or(value.len());
            words.chain([Span::new(last, value.len())]).collect()
        }
        "URL" | "URL_RE" => {
            let scheme = value.find("://").map_or(0, |at| at + 3);
            let start = scheme + if value[scheme..].starts_with("www.") { 4 } else { 0 };
            let end = value[start..].find(['/', ':', '?', '#']).map_or(value.len(), |at| start + at);
            vec![Span::new(0, start), from_last_dot(start, end)]
        }
        // The country; the issuer's first two digits.
        "IBAN_CODE" | "CREDIT_CARD" | "CREDIT_CARD_RE" => vec![Span::new(0, 2)],
        "PHONE_NUMBER" | "PHONE_NUMBER_WITH_EXT" if value.starts_with('+') => vec![Span::new(0, 3)],
        _ => Vec::new(),
    }
}

fn shaped(kind: &str, value: &str, kept: &[Span], random: &mut ChaCha8Rng) -> String {
    if kind == "IP_ADDRESS" && !value.contains(':') {
        return octets(value, random);
    }
    let hexadecimal = matches!(kind, "UUID" | "MAC_ADDRESS" | "HEX_COLOR" | "IP_ADDRESS");
    let letters = if hexadecimal { 6 } else { 26 };
    let draw = |(at, character): (usize, char)| {
        if kept.iter().any(|kept| kept.range().contains(&at)) {
            return character;
        }
        let mut letter = |first: u8| char::from(first + random.random_range(0..letters));
        match character {
            _ if character.is_numeric() => char::from(b'0' + random.random_range(0..10_u8)),
            '\u{4e00}'..='\u{9fa5}' => {
                char::from_u32(random.random_range(0x4e00..0x9fa6)).unwrap_or(character)
            }
            _ if character.is_uppercase() => letter(b'A'),
            _ if character.is_alphabetic() => letter(b'a'),
            _ => character,
        }
    };
    value.char_indices().map(draw).collect()
}

/// A dotted quad whose numbers have as many digits as those of `value`.
fn octets(value: &str, random: &mut ChaCha8Rng) -> String {
    let mut drawn = String::with_capacity(value.len());
    for part in value.split_inclusive(|character: char| !character.is_ascii_digit()) {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number: u32 = match digits {
            0 => {
                drawn.push_str(part);
                continue;
            }
            1 => random.random_range(0..10),
            2 => random.random_range(10..100),
            3 => random.random_range(100..256),
            _ => random.random_range(0..256),
        };
        drawn.push_str(&number.to_string());
        drawn.push_str(&part[digits..]);
    }
    drawn
}
