//! Letters replaced, decorated, moved or hidden.

use super::Disguised;

/// One piece a character, in the order of the text.
pub(super) fn each(text: &str, out: &mut Disguised, mut write: impl FnMut(char, &mut String)) {
    for (at, character) in text.char_indices() {
        out.push(at..at + character.len_utf8(), |out| write(character, out));
    }
}

/// Each character replaced by what `replace` has for it.
fn replaced(text: &str, out: &mut Disguised, replace: impl Fn(char) -> Option<char>) {
    each(text, out, |character, out| out.push(replace(character).unwrap_or(character)));
}

/// The partner of `character` in a list of pairs.
fn partner(pairs: &str, character: char) -> Option<char> {
    let mut characters = pairs.chars();
    while let (Some(from), Some(to)) = (characters.next(), characters.next()) {
        if from == character {
            return Some(to);
        }
    }
    None
}

/// `character` as far behind `to` as it is behind `from`.
fn shifted(character: char, from: char, to: u32) -> Option<char> {
    char::from_u32(u32::from(character) - u32::from(from) + to)
}

/// ASCII as tag characters, which nothing shows.
pub(super) fn unicode_tags(text: &str, out: &mut Disguised) {
    replaced(text, out, |character| match character {
        ' '..='~' => shifted(character, '\0', 0xE0000),
        _ => None,
    });
}

/// A zero width space behind every character.
pub(super) fn zero_width(text: &str, out: &mut Disguised) {
    each(text, out, |character, out| out.extend([character, '\u{200b}']));
}

/// A soft hyphen behind every letter and digit.
pub(super) fn soft_hyphens(text: &str, out: &mut Disguised) {
    each(text, out, |character, out| {
        out.push(character);
        out.extend(character.is_alphanumeric().then_some('\u{ad}'));
    });
}

/// A combining low line under everything but space.
pub(super) fn underlined(text: &str, out: &mut Disguised) {
    each(text, out, |character, out| {
        out.push(character);
        out.extend((!character.is_whitespace()).then_some('\u{332}'));
    });
}

/// A combining accent over every letter: acute, grave, circumflex, tilde, diaeresis in turn.
pub(super) fn diacritics(text: &str, out: &mut Disguised) {
    let mut accents = ['\u{301}', '\u{300}', '\u{302}', '\u{303}', '\u{308}'].into_iter().cycle();
    each(text, out, |character, out| {
        out.push(character);
        if character.is_alphabetic() {
            out.extend(accents.next());
        }
    });
}

/// Latin letters as Cyrillic, Greek, Armenian and phonetic ones that look the same.
pub(super) fn homoglyphs(text: &str, out: &mut Disguised) {
    const PAIRS: &str = "a\u{430}b\u{15af}c\u{441}d\u{501}e\u{435}g\u{261}h\u{4bb}i\u{456}j\u{458}k\u{3ba}l\u{4cf}\
        m\u{43c}n\u{578}o\u{43e}p\u{440}q\u{51b}r\u{433}s\u{455}t\u{442}u\u{3c5}v\u{3bd}w\u{51d}x\u{445}y\u{443}z\u{1d22}\
        A\u{410}B\u{412}C\u{421}E\u{415}H\u{41d}I\u{406}J\u{408}K\u{41a}M\u{41c}N\u{39d}O\u{41e}P\u{420}S\u{405}T\u{422}\
        X\u{425}Y\u{3a5}Z\u{396}";
    replaced(text, out, |character| partner(PAIRS, character));
}

pub(super) fn full_width(text: &str, out: &mut Disguised) {
    replaced(text, out, |character| match character {
        ' ' => Some('\u{3000}'),
        '!'..='~' => shifted(character, '!', 0xFF01),
        _ => None,
    });
}

/// Letters and digits as the mathematical bold ones.
pub(super) fn mathematical(text: &str, out: &mut Disguised) {
    replaced(text, out, |character| match character {
        'A'..='Z' => shifted(character, 'A', 0x1D400),
        'a'..='z' => shifted(character, 'a', 0x1D41A),
        '0'..='9' => shifted(character, '0', 0x1D7CE),
        _ => None,
    });
}

pub(super) fn circled(text: &str, out: &mut Disguised) {
    replaced(text, out, |character| match character {
        'A'..='Z' => shifted(character, 'A', 0x24B6),
        'a'..='z' => shifted(character, 'a', 0x24D0),
        '0' => Some('\u{24ea}'),
        '1'..='9' => shifted(character, '1', 0x2460),
        _ => None,
    });
}

pub(super) fn digits_for_letters(text: &str, out: &mut Disguised) {
    replaced(text, out, |character| partner("a4b8e3g9i1o0s5t7", character.to_ascii_lowercase()));
}

/// Letters in lower and upper case by turns.
pub(super) fn mixed_case(text: &str, out: &mut Disguised) {
    let mut upper = true;
    each(text, out, |character, out| {
        upper ^= character.is_alphabetic();
        if upper {
            out.extend(character.to_uppercase());
        } else {
            out.extend(character.to_lowercase());
        }
    });
}

/// A space behind every character; what was a space becomes three in a row.
pub(super) fn spaced(text: &str, out: &mut Disguised) {
    each(text, out, |character, out| out.extend([character, ' ']));
}

pub(super) fn rot13(text: &str, out: &mut Disguised) {
    replaced(text, out, |character| match character {
        'A'..='M' | 'a'..='m' => shifted(character, '\0', 13),
        'N'..='Z' | 'n'..='z' => char::from_u32(u32::from(character) - 13),
        _ => None,
    });
}

pub(super) fn reversed(text: &str, out: &mut Disguised) {
    for (at, character) in text.char_indices().rev() {
        out.push(at..at + character.len_utf8(), |out| out.push(character));
    }
}

/// Each line backwards within a right-to-left override, so that it shows forwards.
pub(super) fn bidirectional(text: &str, out: &mut Disguised) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let shown = line.strip_suffix('\n').unwrap_or(line);
        let first = shown.chars().next().map_or(0, char::len_utf8);
        for (at, character) in shown.char_indices().rev() {
            out.push(start + at..start + at + character.len_utf8(), |out| {
                out.extend((at + character.len_utf8() == shown.len()).then_some('\u{202e}'));
                out.push(character);
                out.extend((at < first).then_some('\u{202c}'));
            });
        }
        out.push(start + shown.len()..start + line.len(), |out| out.push_str(&line[shown.len()..]));
        start += line.len();
    }
}

/// The text turned by 180 degrees: it is read from its end.
pub(super) fn upside_down(text: &str, out: &mut Disguised) {
    const PAIRS: &str = "a\u{250}bqc\u{254}dpe\u{1dd}f\u{25f}g\u{183}h\u{265}i\u{1d09}j\u{27e}k\u{29e}m\u{26f}nupdqbr\u{279}\
        t\u{287}unv\u{28c}w\u{28d}y\u{28e}1\u{196}2\u{1105}3\u{190}4\u{3123}5\u{3db}697\u{3125}96.\u{2d9},'',\"\u{201e}\
        !\u{a1}?\u{bf}())([]][{}}{<>><&\u{214b}_\u{203e}";
    for (at, character) in text.char_indices().rev() {
        let lower = character.to_ascii_lowercase();
        out.push(at..at + character.len_utf8(), |out| out.push(partner(PAIRS, lower).unwrap_or(lower)));
    }
}
