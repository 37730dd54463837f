//! Words in letters that only look like theirs: of mathematics, of other scripts, digits and signs.

use std::ops::Range;
use std::sync::LazyLock;

use super::Decoding;
use super::layer::{Builder, Layer};
use super::likelihood::{Cost, symbol};
use crate::text::fold::replacement;

/// Writes letters of mathematics, in circles, full width and small capitals as plain ones.
pub(super) fn styled(text: &str) -> Option<Layer> {
    let mut builder = Builder::new(text);
    for (at, character) in text.char_indices() {
        let styles = matches!(u32::from(character),
            0xFF01..=0xFF5E | 0x1D400..=0x1D7FF | 0x2460..=0x24FF | 0x1F110..=0x1F189 | 0x2100..=0x214F);
        let styles = styles && character.is_alphanumeric();
        let Some(plain) = styles.then(|| replacement(character)).flatten() else { continue };
        // Signs such as № and ㏂ are several letters, and are nobody's alphabet.
        if plain.len() != 1 || !plain.is_ascii() {
            continue;
        }
        let range = at..at + character.len_utf8();
        if character.is_uppercase() {
            builder.replace(range, Decoding::StyledLetters, &plain.to_ascii_uppercase());
        } else {
            builder.replace(range, Decoding::StyledLetters, plain);
        }
    }
    builder.finish()
}

/// How far around a word that is surely disguised others count as disguised that only may be, in words.
const NEAR: usize = 5;
/// What a letter of a lone disguised word may cost, of one of several, and of one beside those, in nats.
const LONE: f32 = 2.35;
const SEVERAL: f32 = 2.9;
const BESIDE: f32 = 3.3;
/// Words that are surely disguised, from which on one of them beside a doubtful word is enough.
const STRONG_MIN: usize = 3;
const WORD_BYTES_MAX: usize = 64;

/// A word that may be spelled in other signs.
struct Word {
    range: Range<usize>,
    decoding: Decoding,
    plain: String,
    per_letter: f32,
    /// How much less a letter may cost when it stands alone: the word may read by chance.
    by_chance: f32,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Mixes what no word mixes.
    Strong,
    /// Could be a number or a word of the other script.
    Weak,
    /// Is a word of another script, which has letters of its own.
    Foreign,
}

/// Writes words in which digits, signs or letters of other scripts stand for letters as they are meant.
pub(super) fn spelled(text: &str) -> Option<Layer> {
    if !mixes(text) {
        return None;
    }
    let mut words: Vec<(usize, Word)> = Vec::new();
    let (mut number, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let length = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
        if length == 0 {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        number += 1;
        let word = trimmed(text, at..at + length);
        if let Some(word) = word.and_then(|range| candidate(text, range)) {
            words.push((number, word));
        }
        at += length;
    }
    let strong = words.iter().filter(|(_, word)| word.standing == Standing::Strong).count();
    let mut builder = Builder::new(text);
    for (index, (number, word)) in words.iter().enumerate() {
        let near = |wanted: Standing| {
            let is = |other: &&(usize, Word)| other.1.standing == wanted && other.1.decoding == word.decoding;
            let before =
                words[..index].iter().rev().take(NEAR).take_while(|(other, _)| other + NEAR >= *number);
            let after = words[index + 1..].iter().take(NEAR).take_while(|(other, _)| *other <= number + NEAR);
            before.chain(after).filter(is).count()
        };
        let most = match word.standing {
            Standing::Strong if word.decoding == Decoding::Homoglyphs => BESIDE,
            Standing::Strong if near(Standing::Strong) > 0 => SEVERAL,
            Standing::Strong => LONE - word.by_chance,
            Standing::Weak
                if near(Standing::Strong) > near(Standing::Foreign) + usize::from(strong < STRONG_MIN) =>
            {
                BESIDE
            }
            Standing::Weak | Standing::Foreign => continue,
        };
        if word.per_letter < most {
            builder.replace(word.range.clone(), word.decoding, &word.plain);
        }
    }
    builder.finish()
}

/// Whether any word mixes scripts, or letters and digits: without one there is nothing to begin with.
fn mixes(text: &str) -> bool {
    const DIGIT: u32 = 1 << 31;
    let mut kinds = 0_u32;
    for character in text.chars() {
        kinds |= match character {
            '0'..='9' | '@' | '$' | '!' | '|' => DIGIT,
            '\0'..='\x7f' if !character.is_ascii_alphabetic() => {
                kinds = 0;
                continue;
            }
            _ => 1 << script(character),
        };
        // Signs of no script (bit 0) mix with everything.
        if (kinds & !1).count_ones() > 1 {
            return true;
        }
    }
    false
}

fn is_word(character: char) -> bool {
    match character {
        '\0'..='\x7f' => character.is_ascii_alphanumeric() || matches!(character, '@' | '$' | '!' | '|'),
        _ => character.is_alphabetic() || looks_like(character).is_some(),
    }
}

/// A word without the signs that only end it.
fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let word = text[range.clone()].trim_end_matches(['!', '|']);
    let front = word.len() - word.trim_start_matches('|').len();
    let range = range.start + front..range.start + word.len();
    // An address, or a code.
    let address = text[range.clone()].contains('@') && text[range.end..].starts_with('.');
    (!range.is_empty() && range.len() <= WORD_BYTES_MAX && !address).then_some(range)
}

fn candidate(text: &str, range: Range<usize>) -> Option<Word> {
    let word = &text[range.clone()];
    if !word.is_ascii() {
        return homoglyphs(word, range);
    }
    let digit = |byte: u8| !byte.is_ascii_alphabetic();
    if !word.bytes().any(digit) {
        return None;
    }
    let (plain, per_letter) = unleeted(word)?;
    // Digits in front or behind are numbers, names of versions and formats; those within a word are letters.
    let outer = |character: char| character.is_ascii_digit() || matches!(character, '$' | '@' | '!');
    let inner = word.trim_matches(outer);
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let hex = word.len() >= 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let behind = text[range.end..].chars().next();
    let joined = text[..range.start].ends_with(['-', '_', '.', '/', '#', '\\'])
        || behind.is_some_and(|behind| matches!(behind, '-' | '_' | '/' | '(' | ':' | '='));
    // `root@host`, `Sheet!A1`.
    let address = word.split_once(['@', '!']).is_some_and(|(before, after)| {
        let long = |part: &str| part.len() >= 3 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
        long(before) && (long(after) || word.contains('!'))
    });
    let strong = inner.bytes().any(digit)
        && letters * 2 + 1 >= word.len() - letters
        && word.len() >= 3
        && !(hex || joined || address);
    let standing = if strong { Standing::Strong } else { Standing::Weak };
    // A short word, or one of many digits, reads by chance.
    let chance = strong && (plain.len() < 5 || letters * 2 < word.len());
    let by_chance = if chance { 0.4 } else { 0.0 };
    Some(Word { range, decoding: Decoding::Leet, plain, per_letter, by_chance, standing })
}

/// The word that digits and signs make, in whichever reading of the ambiguous ones is likelier, and what a letter costs.
fn unleeted(word: &str) -> Option<(String, f32)> {
    let mut best: Option<(String, f32)> = None;
    for reading in 0..8 {
        let one = if reading & 1 == 0 { 'i' } else { 'l' };
        let six = if reading & 2 == 0 { 'g' } else { 'b' };
        let seven = if reading & 4 == 0 { 't' } else { 'l' };
        if (reading & 1 != 0 && !word.contains(['1', '|', '!']))
            || (reading & 2 != 0 && !word.contains('6'))
            || (reading & 4 != 0 && !word.contains('7'))
        {
            continue;
        }
        let plain: Option<String> = word
            .chars()
            .map(|character| {
                Some(match character {
                    '0' => 'o',
                    '1' | '|' | '!' => one,
                    '2' => 'z',
                    '3' => 'e',
                    '4' | '@' => 'a',
                    '5' | '$' => 's',
                    '6' => six,
                    '7' => seven,
                    '8' => 'b',
                    '9' => 'g',
                    _ if character.is_ascii_alphabetic() => character,
                    _ => return None,
                })
            })
            .collect();
        let plain = plain?;
        let cost = Cost::of(&plain).per_letter();
        if best.as_ref().is_none_or(|(_, least)| cost < *least) {
            best = Some((plain, cost));
        }
    }
    best
}

/// Which script a letter is of, as far as its letters are taken for Latin ones.
fn script(character: char) -> u8 {
    match u32::from(character) {
        0x370..=0x3FF | 0x1F00..=0x1FFF => 2,
        0x400..=0x52F | 0x1C80..=0x1C8F | 0x2DE0..=0x2DFF | 0xA640..=0xA69F => 3,
        0x530..=0x58F => 4,
        0x10A0..=0x10FF => 5,
        0x13A0..=0x13FF | 0xAB70..=0xABBF => 6,
        0x1400..=0x167F => 7,
        0xA4D0..=0xA4FF => 8,
        // Phonetic letters too: several orthographies have some of them, and the folded view knows them all.
        0x41..=0x5A | 0x61..=0x7A | 0xC0..=0x2AF | 0x1D00..=0x1DBF | 0x1E00..=0x1EFF => 1,
        _ => 0,
    }
}

/// The Latin letter that a letter of another script looks like.
fn looks_like(character: char) -> Option<char> {
    // What is drawn nearly alike but reads otherwise, and so is not in the table of the folded view.
    const DRAWN: &str = "гrвbпnшwиuйuяrьbъbдdлnчyПnГrИnЯrЛnπnμuλlθoδdφoΘoΠnΛa\
        ᖯbᗷbᑕcᗪdᗴeᖴfᘜgᕼhᓰiᒍjᖽkᒪlᗰmᑎnᗝoᑭpᑫqᖇrᔕsᑌuᐯvᗯwᕽxᗅaᗩaᑲbᑯdᑦcեtսuռnււիhնuյjգqցgձd";
    static SORTED: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
        let letters: Vec<char> = DRAWN.chars().collect();
        let mut pairs: Vec<(char, char)> = letters.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        pairs.sort_unstable();
        pairs
    });
    if let Ok(place) = SORTED.binary_search_by_key(&character, |(from, _)| *from) {
        let to = SORTED[place].1;
        return to.is_ascii_alphabetic().then_some(to);
    }
    let folded = replacement(character)?;
    let first = folded.chars().next().filter(char::is_ascii_lowercase)?;
    (folded.len() == 1).then_some(first)
}

/// Of these, the capital looks like another Latin letter than the small one; the text may be in small letters already.
fn capital_looks_like(character: char) -> Option<char> {
    match character {
        'Ν' | 'ν' => Some('n'),
        'Η' | 'η' => Some('h'),
        'Υ' | 'υ' => Some('y'),
        _ => None,
    }
}

fn homoglyphs(word: &str, range: Range<usize>) -> Option<Word> {
    let mut scripts = 0_u32;
    let mut plain = String::with_capacity(word.len());
    let mut as_capitals = String::with_capacity(word.len());
    let mut foreign = false;
    for character in word.chars() {
        scripts |= 1 << script(character);
        if character.is_ascii() {
            plain.push(character);
        } else if let Some(letter) = looks_like(character) {
            as_capitals.push_str(&plain[as_capitals.len()..]);
            as_capitals.push(capital_looks_like(character).unwrap_or(letter));
            plain.push(letter);
        } else if symbol(character) != 0 {
            plain.push(character);
        } else {
            foreign = true;
        }
    }
    let others = scripts & !0b10;
    if others == 0 || others & 1 != 0 {
        return None;
    }
    as_capitals.push_str(&plain[as_capitals.len()..]);
    if as_capitals != plain && Cost::of(&as_capitals).per_letter() < Cost::of(&plain).per_letter() {
        plain = as_capitals;
    }
    let per_letter = Cost::of(&plain).per_letter();
    let standing = match (foreign, scripts.count_ones() > 1) {
        (true, _) => Standing::Foreign,
        (false, true) => Standing::Strong,
        (false, false) => Standing::Weak,
    };
    Some(Word { range, decoding: Decoding::Homoglyphs, plain, per_letter, by_chance: 0.0, standing })
}
