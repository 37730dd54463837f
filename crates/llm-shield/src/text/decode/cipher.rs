//! Text written backwards, turned upside down, or with its letters moved along the alphabet.
//!
//! Each word has a cost under each reading; the cheapest way through all words, where a change of reading has its
//! price, says which stretch is to be read how (Viterbi's algorithm). A stretch counts only when it is long enough, reads as a
//! language as decoded, and gains clearly by it.

use std::ops::Range;

use super::Decoding;
use super::layer::{Builder, Layer};
use super::likelihood::{Cost, READS, symbol};

/// The price of a change of reading, in nats.
const CHANGE: f32 = 9.0;
/// What a stretch must gain, in nats, and the letters it must have.
const GAIN_MIN: f32 = 17.0;
const GAIN_PER_LETTER: f32 = 0.4;
const LETTERS_MIN: u32 = 8;
/// Words of which a window for the frequency of letters is made.
const WINDOW: usize = 64;
/// Shifts that are tried beside thirteen.
const SHIFTS_MAX: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    AsItStands,
    Reversed,
    Turned,
    /// Letters moved back by so many places, in the order of the text or against it.
    Shifted(u8),
    ShiftedReversed(u8),
    /// a for z, b for y.
    Mirrored,
}

/// Turned letters that a text must hold to be taken for one that is upside down.
const TURNED_MIN: usize = 3;

/// As [`decoded`], for a text in which there are letters turned by 180 degrees.
pub(super) fn upright(text: &str) -> Option<Layer> {
    (text.chars().filter(|character| is_turned(*character)).count() >= TURNED_MIN).then(|| decoded(text))?
}

/// Reads those stretches as they are meant that are disguised so.
pub(super) fn decoded(text: &str) -> Option<Layer> {
    let words = words(text);
    let mut builder = Builder::new(text);
    for part in doubtful(text, &words) {
        let words = &words[part];
        let readings = readings(text, words);
        let chosen = choose(text, words, &readings);
        let mut first = 0;
        while first < words.len() {
            let reading = readings[usize::from(chosen[first])];
            let count = chosen[first..].iter().take_while(|other| **other == chosen[first]).count();
            let stretch = &words[first..first + count];
            if reading != Reading::AsItStands && is_sure(text, stretch, reading) {
                write(&mut builder, text, stretch, reading);
            }
            first += count;
        }
    }
    builder.finish()
}

/// The stretches between white space.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, character) in text.char_indices() {
        if character.is_whitespace() {
            words.extend(start.take().map(|start| start..at));
        } else {
            start.get_or_insert(at);
        }
    }
    words.extend(start.map(|start| start..text.len()));
    words
}

/// The parts, as numbers of words, that cost much as they stand, with the words around them. Most texts have none.
fn doubtful(text: &str, words: &[Range<usize>]) -> Vec<Range<usize>> {
    /// Nats a letter, over the last words, that ordinary text hardly reaches.
    const DOUBTFUL: f32 = 2.6;
    /// How much each earlier word counts: about the last six do.
    const KEPT: f32 = 0.85;
    const STEPS_MIN: f32 = 14.0;
    const AROUND: usize = 12;
    let mut parts: Vec<Range<usize>> = Vec::new();
    let (mut nats, mut steps) = (0.0, 0.0);
    for (number, word) in words.iter().enumerate() {
        let word = &text[word.clone()];
        let cost = letters(word, Reading::AsItStands);
        nats = nats * KEPT + cost.nats() + posture(word, Reading::AsItStands);
        steps = steps * KEPT + cost.steps();
        let last = number + 1 == words.len();
        let doubts = (steps >= STEPS_MIN || last) && nats > DOUBTFUL * steps;
        if !doubts && word.is_ascii() {
            continue;
        }
        let (from, to) = (number.saturating_sub(AROUND), (number + AROUND).min(words.len()));
        match parts.last_mut() {
            Some(part) if part.end >= from => part.end = to,
            _ => parts.push(from..to),
        }
    }
    parts
}

/// The readings that are worth a try.
fn readings(text: &str, words: &[Range<usize>]) -> Vec<Reading> {
    let mut readings = vec![
        Reading::AsItStands,
        Reading::Reversed,
        Reading::Shifted(13),
        Reading::ShiftedReversed(13),
        Reading::Mirrored,
    ];
    if text.chars().any(is_turned) {
        readings.push(Reading::Turned);
    }
    let mut shifts: Vec<u8> = Vec::new();
    for window in words.chunks(WINDOW) {
        if shifts.len() >= SHIFTS_MAX {
            break;
        }
        let mut counts = [0_u32; 26];
        for word in window {
            for letter in text[word.clone()].chars().map(symbol).filter(|symbol| *symbol > 0) {
                counts[usize::from(letter) - 1] += 1;
            }
        }
        let shift = likeliest_shift(&counts);
        if shift != 0 && shift != 13 && !shifts.contains(&shift) {
            shifts.push(shift);
        }
    }
    readings.extend(shifts.into_iter().map(Reading::Shifted));
    readings
}

/// The shift after which the letters are as frequent as in English.
fn likeliest_shift(counts: &[u32; 26]) -> u8 {
    // Per thousand, a to z.
    const FREQUENCY: [u32; 26] =
        [82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24, 67, 75, 19, 1, 60, 63, 91, 28, 10, 24, 2, 20, 1];
    let fit = |shift: usize| -> u32 {
        (0..26).map(|letter| counts[(letter + shift) % 26] * FREQUENCY[letter]).sum()
    };
    (0..26).max_by_key(|shift| fit(*shift)).unwrap_or(0) as u8
}

/// For each word the number of the reading on the cheapest way.
fn choose(text: &str, words: &[Range<usize>], readings: &[Reading]) -> Vec<u8> {
    let mut costs: Vec<f32> = readings.iter().map(|reading| first_price(*reading)).collect();
    let mut came_from: Vec<u8> = Vec::with_capacity(words.len() * readings.len());
    for word in words {
        let word = &text[word.clone()];
        let (cheapest, least) = minimum(&costs);
        for (number, reading) in readings.iter().enumerate() {
            let stays = costs[number] <= least + CHANGE;
            came_from.push(if stays { number as u8 } else { cheapest as u8 });
            costs[number] = costs[number].min(least + CHANGE) + cost(word, *reading);
        }
    }
    // The last change has its price too.
    for (cost, reading) in costs.iter_mut().zip(readings) {
        *cost += first_price(*reading);
    }
    let (mut reading, _) = minimum(&costs);
    let mut chosen = vec![0; words.len()];
    for (number, choice) in chosen.iter_mut().enumerate().rev() {
        *choice = reading as u8;
        reading = usize::from(came_from[number * readings.len() + reading]);
    }
    chosen
}

const fn first_price(reading: Reading) -> f32 {
    if matches!(reading, Reading::AsItStands) { 0.0 } else { CHANGE / 2.0 }
}

fn minimum(costs: &[f32]) -> (usize, f32) {
    let mut best = (0, f32::INFINITY);
    for (number, cost) in costs.iter().enumerate() {
        if *cost < best.1 {
            best = (number, *cost);
        }
    }
    best
}

/// What a word costs when it is read so, in nats.
fn cost(word: &str, reading: Reading) -> f32 {
    letters(word, reading).nats() + posture(word, reading)
}

fn letters(word: &str, reading: Reading) -> Cost {
    let shifted = |by: u8| move |letter: u8| if letter == 0 { 0 } else { (letter + 25 - by) % 26 + 1 };
    match reading {
        Reading::AsItStands => Cost::over(word.chars().map(symbol)),
        Reading::Reversed => Cost::over(word.chars().rev().map(symbol)),
        Reading::Turned => Cost::over(word.chars().rev().map(turned).map(symbol)),
        Reading::Shifted(by) => Cost::over(word.chars().map(symbol).map(shifted(by))),
        Reading::ShiftedReversed(by) => Cost::over(word.chars().rev().map(symbol).map(shifted(by))),
        Reading::Mirrored => {
            Cost::over(word.chars().map(symbol).map(|letter| if letter == 0 { 0 } else { 27 - letter }))
        }
    }
}

/// What speaks against a reading in the place of punctuation and capitals, whatever the script.
fn posture(word: &str, reading: Reading) -> f32 {
    let backwards = matches!(reading, Reading::Reversed | Reading::ShiftedReversed(_) | Reading::Turned);
    let (Some(first), Some(last)) = (word.chars().next(), word.chars().next_back()) else { return 0.0 };
    let ends = |character: char| {
        matches!(
            character,
            '.' | ',' | '?' | '!' | ';' | ':' | '。' | '，' | '？' | '！' | '、' | '।' | '؟' | '،' | '˙'
        )
    };
    let mut against = 0.0;
    if reading != Reading::Turned && !word.is_ascii() {
        against += 3.0 * word.chars().filter(|character| is_turned(*character)).count() as f32;
    }
    match (ends(first), ends(last)) {
        (true, false) if !backwards => against += if first.is_ascii() { 2.5 } else { 6.0 },
        (false, true) if backwards => against += if last.is_ascii() { 2.5 } else { 6.0 },
        _ => {}
    }
    match (first.is_uppercase(), last.is_uppercase()) {
        (true, false) if backwards && last.is_lowercase() => against += 2.5,
        (false, true) if !backwards && first.is_lowercase() => against += 2.5,
        _ => {}
    }
    against
}

/// Whether a stretch clearly gains by being read so.
fn is_sure(text: &str, stretch: &[Range<usize>], reading: Reading) -> bool {
    let (mut gain, mut nats, mut count, mut beyond) = (0.0, 0.0, 0, 0);
    let mut steps = 0;
    for word in stretch {
        let word = &text[word.clone()];
        let read = letters(word, reading);
        gain += cost(word, Reading::AsItStands) - cost(word, reading);
        nats += read.nats();
        count += read.letters();
        beyond +=
            word.chars().filter(|character| character.is_alphabetic() && symbol(*character) == 0).count();
        steps += read.letters() + u32::from(read.letters() > 0);
    }
    if gain < GAIN_MIN {
        return false;
    }
    // Of other scripts there is no model; punctuation and capitals alone must then speak for it.
    let reads = nats / (steps.max(1) as f32) < READS && gain > GAIN_PER_LETTER * count as f32;
    (count >= LETTERS_MIN && reads) || (beyond > 2 * count as usize && reading == Reading::Reversed)
}

fn write(builder: &mut Builder<'_>, text: &str, stretch: &[Range<usize>], reading: Reading) {
    let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { return };
    let whole = first.start..last.end;
    match reading {
        Reading::AsItStands => {}
        Reading::Reversed if word_by_word(text, stretch) => {
            for word in stretch {
                builder.reverse(word.clone(), Decoding::Reversed, |character| character);
            }
        }
        Reading::Reversed => builder.reverse(whole, Decoding::Reversed, |character| character),
        Reading::Turned => builder.reverse(whole, Decoding::UpsideDown, turned),
        Reading::ShiftedReversed(by) => {
            builder.reverse(whole, Decoding::Caesar, |character| moved_back(character, by));
        }
        Reading::Shifted(_) | Reading::Mirrored => {
            for word in stretch {
                let write = |character| match reading {
                    Reading::Shifted(by) => moved_back(character, by),
                    _ => mirrored(character),
                };
                let plain: String = text[word.clone()].chars().map(write).collect();
                builder.replace(word.clone(), Decoding::Caesar, &plain);
            }
        }
    }
}

/// Whether each word is backwards and their order is not: capitals and full stops tell.
fn word_by_word(text: &str, stretch: &[Range<usize>]) -> bool {
    let word = |range: Option<&Range<usize>>| range.and_then(|range| text.get(range.clone())).unwrap_or("");
    let capital_last =
        |word: &str| word.chars().count() > 1 && word.chars().next_back().is_some_and(char::is_uppercase);
    let stop_first = |word: &str| word.starts_with(['.', '!', '?']);
    let (first, last) = (word(stretch.first()), word(stretch.last()));
    let whole = usize::from(stop_first(first)) + usize::from(capital_last(last));
    let by_word = usize::from(stop_first(last)) + usize::from(capital_last(first));
    by_word > whole
}

fn moved_back(character: char, by: u8) -> char {
    let moved = |base: u8| char::from((character as u8 - base + 26 - by) % 26 + base);
    match character {
        'a'..='z' => moved(b'a'),
        'A'..='Z' => moved(b'A'),
        _ => character,
    }
}

fn mirrored(character: char) -> char {
    match character {
        'a'..='z' => char::from(b'z' - (character as u8 - b'a')),
        'A'..='Z' => char::from(b'Z' - (character as u8 - b'A')),
        _ => character,
    }
}

/// Letters that look like others turned by 180 degrees, and what they look like.
const TURNED: [(char, char); 62] = [
    ('ɐ', 'a'),
    ('ɔ', 'c'),
    ('ǝ', 'e'),
    ('ə', 'e'),
    ('ɟ', 'f'),
    ('ƃ', 'g'),
    ('ɓ', 'g'),
    ('ᵷ', 'g'),
    ('ɥ', 'h'),
    ('ᴉ', 'i'),
    ('ı', 'i'),
    ('ɾ', 'j'),
    ('ſ', 'j'),
    ('ʞ', 'k'),
    ('ɯ', 'm'),
    ('ɹ', 'r'),
    ('ʇ', 't'),
    ('ʌ', 'v'),
    ('ʍ', 'w'),
    ('ʎ', 'y'),
    ('ꞁ', 'l'),
    ('ʃ', 'l'),
    ('∀', 'A'),
    ('Ɐ', 'A'),
    ('Ɔ', 'C'),
    ('Ǝ', 'E'),
    ('Ⅎ', 'F'),
    ('⅁', 'G'),
    ('Ʌ', 'V'),
    ('Ɯ', 'M'),
    ('Ԁ', 'P'),
    ('ᴚ', 'R'),
    ('⊥', 'T'),
    ('┴', 'T'),
    ('Ʇ', 'T'),
    ('∩', 'U'),
    ('Λ', 'V'),
    ('⅄', 'Y'),
    ('˥', 'L'),
    ('⅂', 'L'),
    ('ſ', 'J'),
    ('˙', '.'),
    ('¿', '?'),
    ('¡', '!'),
    ('‾', '_'),
    ('⅋', '&'),
    ('„', '"'),
    ('Ɩ', '1'),
    ('ᄅ', '2'),
    ('Ɛ', '3'),
    ('ㄣ', '4'),
    ('ϛ', '5'),
    ('ㄥ', '7'),
    ('ƅ', 'q'),
    ('n', 'u'),
    ('u', 'n'),
    ('d', 'p'),
    ('p', 'd'),
    ('b', 'q'),
    ('q', 'b'),
    ('6', '9'),
    ('9', '6'),
];

fn turned(character: char) -> char {
    match character {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        '{' => '}',
        '}' => '{',
        '<' => '>',
        '>' => '<',
        ',' => '\'',
        '\'' => ',',
        _ => TURNED.iter().find(|(from, _)| *from == character).map_or(character, |(_, to)| *to),
    }
}

/// Whether a letter is one that only turned text has.
fn is_turned(character: char) -> bool {
    matches!(character, 'ɐ' | 'ǝ' | 'ɥ' | 'ʞ' | 'ɯ' | 'ɹ' | 'ʇ' | 'ʌ' | 'ʍ' | 'ʎ' | 'ɟ' | 'ɔ' | 'ᴉ')
}
