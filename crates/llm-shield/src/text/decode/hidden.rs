//! What nothing shows: bytes in variation selectors, tag characters, bits without width, and stretches that are shown
//! backwards.

use super::Decoding;
use super::layer::{Builder, Layer};
use super::likelihood::Cost;

/// Shortest run of each kind that carries a text; single ones choose a glyph.
const SELECTORS_MIN: usize = 3;
const TAGS_MIN: usize = 3;
const BITS_MIN: usize = 24;
/// Invisible characters between letters from which on they are a disguise, not typography.
const BETWEEN_MIN: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Selector(u8),
    Tag(u8),
    /// No width: a bit, by the first one seen, or nothing at all.
    Bit,
    Other,
}

fn kind(character: char) -> Kind {
    let code = u32::from(character);
    match code {
        0xFE00..=0xFE0F => Kind::Selector((code - 0xFE00) as u8),
        0xE0100..=0xE01EF => Kind::Selector((code - 0xE0100 + 16) as u8),
        0xE0020..=0xE007E => Kind::Tag((code - 0xE0000) as u8),
        0xAD | 0x200B..=0x200D | 0x2060..=0x2064 | 0xFEFF | 0x034F | 0x180E => Kind::Bit,
        _ => Kind::Other,
    }
}

/// Takes out what was put into characters that nothing shows.
pub(super) fn smuggled(text: &str) -> Option<Layer> {
    let mut builder = Builder::new(text);
    let between = between_letters(text) >= BETWEEN_MIN;
    let mut before = '\0';
    let mut characters = text.char_indices().peekable();
    while let Some((start, first)) = characters.next() {
        let which = std::mem::discriminant(&kind(first));
        if kind(first) == Kind::Other {
            before = first;
            continue;
        }
        let mut end = start + first.len_utf8();
        while let Some((at, next)) =
            characters.next_if(|(_, next)| std::mem::discriminant(&kind(*next)) == which)
        {
            end = at + next.len_utf8();
        }
        let run = &text[start..end];
        match kind(first) {
            Kind::Selector(_) => selectors(&mut builder, start, run),
            // The flags of England, Scotland and Wales are a black flag and tags.
            Kind::Tag(_) if before != '\u{1f3f4}' => tags(&mut builder, start, run),
            Kind::Bit => match bits(run) {
                Some(bytes) => builder.replace(start..end, Decoding::Smuggled, &bytes),
                None if between => builder.replace(start..end, Decoding::Smuggled, ""),
                None => {}
            },
            _ => {}
        }
    }
    builder.finish()
}

/// How often characters without width stand between letters or digits of ASCII.
fn between_letters(text: &str) -> usize {
    let mut found = 0;
    let (mut letter, mut gap) = (false, false);
    for character in text.chars() {
        if kind(character) == Kind::Bit {
            gap = letter;
        } else {
            found += usize::from(gap);
            letter = character.is_ascii_alphanumeric();
            gap = false;
        }
    }
    found
}

fn selectors(builder: &mut Builder<'_>, start: usize, run: &str) {
    let bytes: Vec<u8> = run
        .chars()
        .filter_map(|character| match kind(character) {
            Kind::Selector(byte) => Some(byte),
            _ => None,
        })
        .collect();
    if bytes.len() < SELECTORS_MIN {
        return;
    }
    if let Ok(decoded) = String::from_utf8(bytes)
        && !decoded.chars().any(|character| character.is_control() && !character.is_whitespace())
    {
        pairwise(builder, start, run, &decoded, Decoding::Smuggled);
    }
}

fn tags(builder: &mut Builder<'_>, start: usize, run: &str) {
    let decoded: String = run
        .chars()
        .filter_map(|character| match kind(character) {
            Kind::Tag(byte) => Some(char::from(byte)),
            _ => None,
        })
        .collect();
    if decoded.len() >= TAGS_MIN {
        pairwise(builder, start, run, &decoded, Decoding::Tags);
    }
}

/// Each byte of `decoded` stands for one character of `run`.
fn pairwise(builder: &mut Builder<'_>, start: usize, run: &str, decoded: &str, decoding: Decoding) {
    let mut carriers = run.char_indices();
    let mut at = 0;
    for character in decoded.chars() {
        let mut end = at;
        for (place, carrier) in carriers.by_ref().take(character.len_utf8()) {
            end = place + carrier.len_utf8();
        }
        let mut buffer = [0; 4];
        builder.replace(start + at..start + end, decoding, character.encode_utf8(&mut buffer));
        at = end;
    }
}

/// The text that two kinds of characters without width spell in bits, the most significant first.
fn bits(run: &str) -> Option<String> {
    let mut kinds: Vec<char> = Vec::new();
    let mut count = 0;
    for character in run.chars() {
        if !kinds.contains(&character) {
            kinds.push(character);
        }
        count += 1;
        if kinds.len() > 2 {
            return None;
        }
    }
    let &[first, _] = &*kinds else { return None };
    if count < BITS_MIN || count % 8 != 0 {
        return None;
    }
    let spell = |one: bool| {
        let mut bytes = Vec::with_capacity(count / 8);
        let mut byte = 0_u8;
        for (number, character) in run.chars().enumerate() {
            byte = (byte << 1) | u8::from((character == first) == one);
            if number % 8 == 7 {
                bytes.push(byte);
                byte = 0;
            }
        }
        let text = String::from_utf8(bytes).ok()?;
        text.chars().all(|character| !character.is_control() || character.is_whitespace()).then_some(text)
    };
    // The first bit of ASCII is 0.
    spell(false).or_else(|| spell(true))
}

/// Turns round what a right-to-left override shows backwards, where that reads better, and drops the controls.
pub(super) fn bidirectional(text: &str) -> Option<Layer> {
    const OVERRIDE: char = '\u{202e}';
    const POP: char = '\u{202c}';
    let mut builder = Builder::new(text);
    let mut rest = 0;
    while let Some(found) = text[rest..].find(OVERRIDE) {
        let start = rest + found;
        let inner = start + OVERRIDE.len_utf8();
        let end = text[inner..].find([POP, '\n']).map_or(text.len(), |end| inner + end);
        rest = end;
        let shown = &text[inner..end];
        if reads_backwards(shown) {
            builder.replace(start..inner, Decoding::Bidirectional, "");
            builder.reverse(inner..end, Decoding::Bidirectional, |character| character);
            if text[end..].starts_with(POP) {
                rest = end + POP.len_utf8();
                builder.replace(end..rest, Decoding::Bidirectional, "");
            }
        }
    }
    builder.finish()
}

fn reads_backwards(shown: &str) -> bool {
    let forwards = Cost::of(shown);
    let right_to_left = |character: char| matches!(u32::from(character), 0x590..=0x8FF | 0xFB1D..=0xFEFC);
    if forwards.letters() == 0 {
        return !shown.chars().any(right_to_left);
    }
    Cost::over(shown.chars().rev().map(super::likelihood::symbol)).nats() <= forwards.nats()
}
