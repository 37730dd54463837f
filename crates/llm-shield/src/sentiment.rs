//! How a text feels, by VADER: a lexicon of words and emoticons, and rules for what stands before them.
//!
//! The compound score equals that of NLTK's `SentimentIntensityAnalyzer` to all four decimals, odd corners included:
//! a word that occurs again is judged by the words before its first place. C.J. Hutto and E.E. Gilbert, VADER: A
//! Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text, ICWSM 2014.

mod words;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::text::python;
use words::{BOOSTED_PAIRS, IDIOMS, booster, is_negation};

/// Words and emoticons, lower case, with how they are felt, in tenths from -40 to 40.
static LEXICON: LazyLock<HashMap<&'static str, i8>> = LazyLock::new(|| {
    let lines = include_str!("../data/sentiment_lexicon.tsv").lines();
    lines
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(word, tenths)| Some((word, tenths.parse().ok()?)))
        .collect()
});

/// What a booster in capitals among other words adds.
const CAPITALS: f64 = 0.733;
/// What a word that makes another stronger adds to it; one that makes it weaker takes as much.
const BOOST: f64 = 0.293;
/// What a negation multiplies by.
const NEGATION: f64 = -0.74;
/// How far a word before another reaches: at one, two and three places.
const DAMPING: [f64; 3] = [1.0, 0.95, 0.9];

/// VADER's compound score, from -1 (most negative) to 1, rounded to four decimals; 0 for a text without a word.
pub(crate) fn compound(text: &str) -> f64 {
    let tokens = Tokens::new(text);
    if tokens.words.is_empty() {
        return 0.0;
    }
    let mut first_place = HashMap::with_capacity(tokens.words.len());
    for (place, word) in tokens.words.iter().enumerate() {
        first_place.entry(*word).or_insert(place);
    }
    let mut valences: Vec<f64> = tokens.words.iter().map(|word| tokens.valence(first_place[word])).collect();
    if let Some(but) = tokens.lower.iter().position(|word| word == "but") {
        valences[..but].iter_mut().for_each(|valence| *valence *= 0.5);
        valences[but + 1..].iter_mut().for_each(|valence| *valence *= 1.5);
    }
    let mut sum: f64 = valences.iter().fold(0.0, |sum, valence| sum + valence);
    let emphasis = emphasis(text);
    if sum > 0.0 {
        sum += emphasis;
    } else if sum < 0.0 {
        sum -= emphasis;
    }
    let compound = sum / (sum * sum + 15.0).sqrt();
    format!("{compound:.4}").parse().unwrap_or(0.0) + 0.0
}

/// What exclamation and question marks add.
fn emphasis(text: &str) -> f64 {
    let count = |mark| text.bytes().filter(|&byte| byte == mark).count();
    let exclamations = count(b'!').min(4) as f64 * 0.292;
    let questions = match count(b'?') {
        0 | 1 => 0.0,
        few @ 2..=3 => few as f64 * 0.18,
        _ => 0.96,
    };
    exclamations + questions
}

/// The words of a text, without the punctuation at one end; emoticons stay whole.
struct Tokens<'t> {
    words: Vec<&'t str>,
    lower: Vec<String>,
    /// Whether some words but not all are in capitals, so that capitals say something.
    capitals_differ: bool,
}

impl<'t> Tokens<'t> {
    fn new(text: &'t str) -> Self {
        let several = |word: &&str| word.chars().nth(1).is_some();
        let words: Vec<&str> =
            python::words(text).map(|(_, word)| word).filter(several).map(without_mark).collect();
        let lower = words.iter().map(|word| word.to_lowercase()).collect();
        let capitals = words.iter().filter(|word| python::is_upper(word)).count();
        let capitals_differ = capitals > 0 && capitals < words.len();
        Self { words, lower, capitals_differ }
    }

    /// How the word at `place` is felt, with what stands before it.
    fn valence(&self, place: usize) -> f64 {
        let word = self.lower[place].as_str();
        let kind_of = word == "kind" && self.lower.get(place + 1).is_some_and(|next| next == "of");
        if kind_of || booster(word).is_some() {
            return 0.0;
        }
        let Some(&tenths) = LEXICON.get(word) else { return 0.0 };
        let mut valence = f64::from(tenths) / 10.0;
        if self.capitals_differ && python::is_upper(self.words[place]) {
            valence += if valence > 0.0 { CAPITALS } else { -CAPITALS };
        }
        for (back, damping) in (1..=3).zip(DAMPING) {
            if place < back || LEXICON.contains_key(self.lower[place - back].as_str()) {
                continue;
            }
            let boost = self.boost(place - back, valence);
            // Three products of llm-guard's: an unchanged one must not be multiplied by 1.
            valence += if back == 1 || boost == 0.0 { boost } else { boost * damping };
            valence = self.negated(valence, place, back);
            if back == 3 {
                valence = self.idiom(valence, place);
            }
        }
        self.least(valence, place)
    }

    /// What the word at `place` adds to one of `valence` behind it.
    fn boost(&self, place: usize, valence: f64) -> f64 {
        let Some(sign) = booster(&self.lower[place]) else { return 0.0 };
        let mut boost = sign * BOOST;
        if valence < 0.0 {
            boost *= -1.0;
        }
        if self.capitals_differ && python::is_upper(self.words[place]) {
            boost += if valence > 0.0 { CAPITALS } else { -CAPITALS };
        }
        boost
    }

    fn negated(&self, valence: f64, place: usize, back: usize) -> f64 {
        let so = |back: usize| matches!(self.words[place - back], "so" | "this");
        let never = |back: usize| self.words[place - back] == "never";
        match back {
            2 if never(2) && so(1) => valence * 1.5,
            3 if (never(3) && so(2)) || so(1) => valence * 1.25,
            _ if is_negation(&self.lower[place - back]) => valence * NEGATION,
            _ => valence,
        }
    }

    /// Idioms around a word that has three before it, and "kind of" and its like one or two places before it.
    fn idiom(&self, mut valence: f64, place: usize) -> f64 {
        let words = &self.words;
        let felt = |from: usize, to: usize| {
            let phrase = words.get(from..to)?;
            IDIOMS
                .iter()
                .find(|(idiom, _)| idiom.split(' ').eq(phrase.iter().copied()))
                .map(|&(_, felt)| felt)
        };
        let before = [
            (place - 1, place + 1),
            (place - 2, place + 1),
            (place - 2, place),
            (place - 3, place),
            (place - 3, place - 1),
        ];
        for felt in [
            before.into_iter().find_map(|(from, to)| felt(from, to)),
            felt(place, place + 2),
            felt(place, place + 3),
        ] {
            valence = felt.unwrap_or(valence);
        }
        let weak = |from: usize| BOOSTED_PAIRS.contains(&(words[from], words[from + 1]));
        if weak(place - 3) || weak(place - 2) { valence - BOOST } else { valence }
    }

    fn least(&self, valence: f64, place: usize) -> f64 {
        if place == 0 || self.lower[place - 1] != "least" || LEXICON.contains_key("least") {
            return valence;
        }
        let idiom = place > 1 && matches!(self.lower[place - 2].as_str(), "at" | "very");
        if idiom { valence } else { valence * NEGATION }
    }
}

/// `word` without a mark at its beginning or its end, if what remains is a plain word of two characters or more.
fn without_mark(word: &str) -> &str {
    const RUNS: [&str; 17] = [
        ".", "!", "?", ",", ";", ":", "-", "'", "\"", "!!", "!!!", "??", "???", "?!?", "!?!", "?!?!", "!?!?",
    ];
    let is_mark = |character: char| character.is_ascii_punctuation();
    let behind = word.trim_start_matches(is_mark);
    let plain = behind.trim_end_matches(is_mark);
    let marks = match (word.len() - behind.len(), behind.len() - plain.len()) {
        (before, 0) => &word[..before],
        (0, after) => &word[word.len() - after..],
        // Marks at both ends stay.
        _ => return word,
    };
    let whole = plain.chars().nth(1).is_some() && !plain.contains(is_mark);
    if whole && RUNS.contains(&marks) { plain } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compounds_equal_nltks() {
        // Each value is what NLTK 3.10.4 answers.
        for (text, expected) in COMPOUNDS {
            assert!(
                (compound(text) - expected).abs() < 1e-9,
                "{text}: {} instead of {expected}",
                compound(text)
            );
        }
    }

    const COMPOUNDS: &[(&str, f64)] = &[
        ("", 0.0),
        ("   ", 0.0),
        ("The parcel came on Tuesday.", 0.0),
        ("What a wonderful, brilliant day!", 0.8313),
        ("I hate this terrible, ugly mess.", -0.9118),
        ("The soup was not good.", -0.3412),
        ("The soup was VERY good", 0.6028),
        ("THE SOUP WAS VERY GOOD", 0.4927),
        ("The soup was GOOD but the bread was awful.", -0.3986),
        ("I never loved it so much", -0.4847),
        ("never so happy as now", 0.7572),
        ("It was never this bad", -0.7709),
        ("without doubt the best", -0.3089),
        ("kind of good, sort of bad", -0.1531),
        ("The plan is kind of good", 0.3832),
        ("That is the bomb, my friend", 0.8402),
        ("what a kiss of death it is", 0.0772),
        ("yeah right this is fine", 0.4588),
        ("At least it was nice", 0.4215),
        ("the least happy person", -0.4585),
        ("very least happy person", 0.6096),
        ("barely happy, hardly sad, almost great", 0.6605),
        ("so so GREAT!!!!!", 0.0),
        ("really? really?? good???? bad", -0.7186),
        ("good good bad good", 0.6369),
        ("not good. good", -0.5875),
        ("can't love, won't love, don't like", -0.7109),
        ("\"good\" :) :( ;-) <3 XD", 0.8602),
        ("LOL that SUX, lmao", 0.6369),
        ("ÉPOUVANTABLE good ÀB", 0.4404),
        ("good\u{2003}bad\u{85}ugly\u{1c}nice", -0.2732),
        ("ok, sob, fav; muah", 0.7579),
        ("hope. Hope! HOPE", 0.8666),
        ("no way this is fun", 0.2732),
        ("she is neither happy nor rich", -0.1467),
        ("cut the mustard well here is love", 0.6369),
        ("bad ass good thing bad ass", -0.9022),
        ("I am extremely extremely extremely happy", 0.6741),
        ("most people like less trouble", 0.0954),
        ("despite the pain, hope", 0.0762),
        ("x!!!! great!", 0.7405),
        ("great!!!! awful???", -0.6916),
        ("It isn't a horrible book at least, very nice!?!?", 0.7837),
        (" kind of", 0.0),
        ("but", 0.0),
        ("but good", 0.5927),
        ("good but", 0.2382),
        ("İstanbul is great, ǅ GOOD", 0.8286),
    ];

    #[test]
    fn the_lexicon_is_whole() {
        assert_eq!(LEXICON.len(), 7_484);
        assert_eq!(LEXICON["sux"], -15);
    }

    #[test]
    fn one_run_of_marks_comes_off_at_one_end() {
        for (word, expected) in [
            ("good!", "good"),
            ("\"good", "good"),
            ("good!!", "good"),
            ("good!!!!", "good!!!!"),
            ("\"good\"", "\"good\""),
            ("a!", "a!"),
            ("can't.", "can't."),
            (":)", ":)"),
            ("--", "--"),
            ("é!", "é!"),
            ("né,", "né"),
        ] {
            assert_eq!(without_mark(word), expected, "{word}");
        }
    }
}
