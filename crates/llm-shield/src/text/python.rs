//! What Python's `str` methods say of characters, where Rust's standard library says something else.
//!
//! llm-guard's scanners are Python: which characters are letters, upper case or white space decides where a word ends
//! and what is a name. The tables are those of the Unicode version of `regex-syntax`.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, ClassUnicode, HirKind};

/// A Unicode class as a regex names it, for example `\p{L}`.
#[expect(clippy::panic, reason = "constant classes, all read by a test")]
fn class(pattern: &str) -> ClassUnicode {
    match regex_syntax::parse(pattern).map(regex_syntax::hir::Hir::into_kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => class,
        _ => panic!("{pattern} is not a class of characters"),
    }
}

fn contains(class: &ClassUnicode, character: char) -> bool {
    let ranges = class.ranges();
    let after = ranges.partition_point(|range| range.start() <= character);
    after > 0 && character <= ranges[after - 1].end()
}

/// `str.isspace` of Python for one character.
pub(crate) fn is_whitespace(character: char) -> bool {
    // Python counts the four information separators; Rust's White_Space property does not.
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// `str.isalpha` of Python for one character: the categories of letters, without vowel signs and letter numbers.
pub(crate) fn is_alphabetic(character: char) -> bool {
    static LETTERS: LazyLock<ClassUnicode> = LazyLock::new(|| class(r"\p{L}"));
    if character.is_ascii() { character.is_ascii_alphabetic() } else { contains(&LETTERS, character) }
}

/// `str.isalnum` of Python for one character, which is also what `\w` of its `re` means, but for `_`.
pub(crate) fn is_alphanumeric(character: char) -> bool {
    static LETTERS_AND_NUMBERS: LazyLock<ClassUnicode> = LazyLock::new(|| class(r"[\p{L}\p{N}]"));
    if character.is_ascii() {
        character.is_ascii_alphanumeric()
    } else {
        contains(&LETTERS_AND_NUMBERS, character)
    }
}

/// `str.isdigit` of Python for one character: decimal digits, and digits in superscript, in circles and the like.
pub(crate) fn is_digit(character: char) -> bool {
    // The characters with Numeric_Type=Digit, which no table of the regex crates holds.
    const DIGITS: [(char, char); 20] = [
        ('\u{b2}', '\u{b3}'),
        ('\u{b9}', '\u{b9}'),
        ('\u{1369}', '\u{1371}'),
        ('\u{19da}', '\u{19da}'),
        ('\u{2070}', '\u{2070}'),
        ('\u{2074}', '\u{2079}'),
        ('\u{2080}', '\u{2089}'),
        ('\u{2460}', '\u{2468}'),
        ('\u{2474}', '\u{247c}'),
        ('\u{2488}', '\u{2490}'),
        ('\u{24ea}', '\u{24ea}'),
        ('\u{24f5}', '\u{24fd}'),
        ('\u{24ff}', '\u{24ff}'),
        ('\u{2776}', '\u{277e}'),
        ('\u{2780}', '\u{2788}'),
        ('\u{278a}', '\u{2792}'),
        ('\u{10a40}', '\u{10a43}'),
        ('\u{10e60}', '\u{10e68}'),
        ('\u{11052}', '\u{1105a}'),
        ('\u{1f100}', '\u{1f10a}'),
    ];
    static DECIMALS: LazyLock<ClassUnicode> = LazyLock::new(|| class(r"\p{Nd}"));
    if character.is_ascii() {
        return character.is_ascii_digit();
    }
    contains(&DECIMALS, character) || DIGITS.iter().any(|(from, to)| (*from..=*to).contains(&character))
}

/// `str.isupper` of Python: a cased character is in it, and every cased one is upper case.
pub(crate) fn is_upper(text: &str) -> bool {
    static TITLE_CASE: LazyLock<ClassUnicode> = LazyLock::new(|| class(r"\p{Lt}"));
    let mut any = false;
    for character in text.chars() {
        if character.is_lowercase() || (!character.is_ascii() && contains(&TITLE_CASE, character)) {
            return false;
        }
        any |= character.is_uppercase();
    }
    any
}

/// `str.split()` of Python: the stretches between white space, each with the byte at which it begins.
pub(crate) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(is_whitespace).filter_map(move |word| {
        let start = at;
        // The separator behind the word; after the last one nobody asks.
        let separator = text[start + word.len()..].chars().next().map_or(0, char::len_utf8);
        at = start + word.len() + separator;
        (!word.is_empty()).then_some((start, word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_what_python_says() {
        // Each line was read off Python 3.11.
        for (character, whitespace, alphabetic, alphanumeric, digit) in [
            ('a', false, true, true, false),
            ('7', false, false, true, true),
            ('_', false, false, false, false),
            ('\u{1f}', true, false, false, false),
            ('\u{200b}', false, false, false, false),
            ('\u{2003}', true, false, false, false),
            ('é', false, true, true, false),
            ('\u{93e}', false, false, false, false),
            ('Ⅷ', false, false, true, false),
            ('²', false, false, true, true),
            ('½', false, false, true, false),
            ('٣', false, false, true, true),
            ('①', false, false, true, true),
            ('中', false, true, true, false),
        ] {
            let found = (
                is_whitespace(character),
                is_alphabetic(character),
                is_alphanumeric(character),
                is_digit(character),
            );
            assert_eq!(found, (whitespace, alphabetic, alphanumeric, digit), "{character:?}");
        }
    }

    #[test]
    fn upper_case_is_what_python_says() {
        for (text, expected) in [
            ("AB", true),
            ("A1!", true),
            ("1!", false),
            ("Ab", false),
            ("ÉÀ", true),
            ("ǅ", false),
            ("Ⅷ", true),
            ("", false),
        ] {
            assert_eq!(is_upper(text), expected, "{text}");
        }
    }

    #[test]
    fn words_are_what_python_splits() {
        let check = |text: &str, expected: &[(usize, &str)]| {
            assert_eq!(words(text).collect::<Vec<_>>(), expected, "{text:?}");
        };
        check("", &[]);
        check(" \u{1c}\n", &[]);
        check("a bc", &[(0, "a"), (2, "bc")]);
        check("\u{2003}é\u{85}\tx ", &[(3, "é"), (8, "x")]);
    }
}
