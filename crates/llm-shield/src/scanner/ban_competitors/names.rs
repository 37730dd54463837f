//! Names in a text, exact or nearly so, between word boundaries.
//!
//! Names and text are compared in the folded view, as the run of their letters and digits: what stands between the words
//! of a name does not matter, within [`GAP_MAX`] bytes. A word is looked up alone and together with the words after it, as
//! many as the longest name could be written in, so the time is linear in the text.

use std::collections::HashMap;
use std::ops::Range;

use super::BanCompetitorsError;
use crate::{Span, Text};

/// The most names in a list.
const NAMES_MAX: usize = 10_000;
/// The most letters and digits of a name.
const LETTERS_MAX: usize = 80;
/// The most bytes between two words of a name: `A. - B`.
const GAP_MAX: usize = 4;
/// Words that a name may be written in beyond those that it has: `face book`.
const SPLITS_MAX: usize = 2;
/// A slip is allowed from this many letters on, two from the second number on.
const SLIP_LETTERS: [usize; 2] = [8, 12];

const AS_LISTED: f64 = 1.0;
const OTHER_SPACING: f64 = 0.9;
const SMALL_LETTERS: f64 = 0.8;
const SLIPS: [f64; 2] = [0.7, 0.6];

/// The names to look for.
pub(super) struct Names {
    /// The list, as given.
    listed: Vec<String>,
    /// Letters of a name → places in the list.
    exact: HashMap<String, Vec<usize>>,
    /// First letter of a name → the names that may have slips.
    slips: HashMap<char, Vec<Fuzzy>>,
    words_max: usize,
    letters_max: usize,
    /// A bit for each pair of letters (by their last six bits) that a name, with or without slips, can begin with. Most words
    /// of a text begin otherwise, and need no more looking at.
    starts: [u64; 64],
}

/// How letters are a name.
enum Match<'n> {
    /// All of them: places in the list.
    Exact(&'n [usize]),
    Slips(usize),
}

struct Fuzzy {
    letters: String,
    count: usize,
    slips: usize,
    signature: u64,
}

impl Names {
    pub(super) fn new(listed: &[String]) -> Result<Self, BanCompetitorsError> {
        if listed.len() > NAMES_MAX {
            return Err(BanCompetitorsError::TooMany { names: listed.len(), limit: NAMES_MAX });
        }
        let mut names = Self {
            listed: listed.to_vec(),
            exact: HashMap::new(),
            slips: HashMap::new(),
            words_max: 0,
            letters_max: 0,
            starts: [0; 64],
        };
        for (index, name) in listed.iter().enumerate() {
            let text = Text::new(name.as_str());
            let folded = text.folded().as_str();
            let words = words(folded);
            let letters: String = words.iter().map(|word| word.letters(folded)).collect();
            let count = letters.chars().count();
            if count == 0 {
                return Err(BanCompetitorsError::NoLetter { index });
            }
            if count > LETTERS_MAX {
                return Err(BanCompetitorsError::TooLong { index, limit: LETTERS_MAX });
            }
            names.words_max = names.words_max.max(words.len() + SPLITS_MAX);
            names.letters_max = names.letters_max.max(count);
            // A digit more or less is another name.
            let slips = SLIP_LETTERS.iter().filter(|&&least| count >= least).count();
            if slips > 0 && !letters.contains(|c: char| c.is_numeric()) && !names.exact.contains_key(&letters)
            {
                let first = letters.chars().next().unwrap_or_default();
                let fuzzy = Fuzzy { count, slips, signature: signature(&letters), letters: letters.clone() };
                names.slips.entry(first).or_default().push(fuzzy);
                names.starts[low_bits(first)] = u64::MAX;
            }
            let mut start = letters.chars();
            if let Some(first) = start.next() {
                // Of a name of one letter what follows is another word.
                names.starts[low_bits(first)] |=
                    start.next().map_or(u64::MAX, |second| 1 << low_bits(second));
            }
            names.exact.entry(letters).or_default().push(index);
        }
        Ok(names)
    }

    /// Spans of names with a score of at least `threshold`, in order, without overlap; where names overlap, the longer
    /// one, and of equal ones the one with the higher score.
    pub(super) fn find(&self, text: &Text<'_>, threshold: f64) -> Vec<(Span, f64)> {
        let folded = text.folded();
        let words = words(folded.as_str());
        let mut found: Vec<(Span, f64)> = Vec::new();
        let mut next = 0;
        while next < words.len() {
            match self.longest_at(&words[next..], folded.as_str(), text, threshold) {
                Some((count, span, score)) => {
                    found.push((span, score));
                    next += count;
                }
                None => next += 1,
            }
        }
        found
    }

    /// The best name that begins with the first of `words`: how many words it has, its span in the text, its score.
    fn longest_at(
        &self,
        words: &[Word],
        folded: &str,
        text: &Text<'_>,
        threshold: f64,
    ) -> Option<(usize, Span, f64)> {
        if !self.may_start(words[0].letters(folded)) {
            return None;
        }
        let mut letters = String::new();
        let mut count = 0;
        let mut best: Option<(usize, Span, f64)> = None;
        for (index, word) in words.iter().enumerate().take(self.words_max) {
            let gap = index.checked_sub(1).map_or(0, |before| word.bytes.start - words[before].bytes.end);
            letters.push_str(word.letters(folded));
            count += word.letters(folded).chars().count();
            if gap > GAP_MAX || count > self.letters_max + SLIPS.len() {
                break;
            }
            let Some(found) = self.matches(&letters, count) else { continue };
            let span = text.folded().source(words[0].bytes.start..word.bytes.end);
            let written = &text.as_str()[span.range()];
            let score = match found {
                Match::Exact(places) => {
                    places.iter().map(|&place| likeness(&self.listed[place], written)).fold(0.0, f64::max)
                }
                Match::Slips(slips) => SLIPS[slips - 1],
            };
            if score >= threshold && best.is_none_or(|(_, _, before)| score >= before) {
                best = Some((index + 1, span, score));
            }
        }
        best
    }

    fn may_start(&self, word: &str) -> bool {
        let mut letters = word.chars();
        let starts = letters.next().map_or(0, |first| self.starts[low_bits(first)]);
        match letters.next() {
            Some(second) => starts >> low_bits(second) & 1 == 1,
            None => starts != 0,
        }
    }

    /// How `letters` are a name of the list, if they are.
    fn matches(&self, letters: &str, count: usize) -> Option<Match<'_>> {
        if let Some(places) = self.exact.get(letters) {
            return Some(Match::Exact(places));
        }
        let candidates = self.slips.get(&letters.chars().next()?)?;
        if count < SLIP_LETTERS[0] - 1 || letters.contains(|c: char| c.is_numeric()) {
            return None;
        }
        let signature = signature(letters);
        let slips = candidates.iter().filter_map(|name| {
            let differ = (name.signature ^ signature).count_ones() as usize;
            let near = name.count.abs_diff(count) <= name.slips && differ <= 2 * name.slips;
            let slips = near.then(|| strsim::osa_distance(&name.letters, letters))?;
            (1..=name.slips).contains(&slips).then_some(slips)
        });
        slips.min().map(Match::Slips)
    }
}

/// A letter's place in a set of 64.
fn low_bits(letter: char) -> usize {
    u32::from(letter) as usize % 64
}

/// The score of a text with the same folded letters as a name.
fn likeness(listed: &str, written: &str) -> f64 {
    if listed == written {
        return AS_LISTED;
    }
    let differs_in_case_only = listed.to_lowercase() == written.to_lowercase();
    let begins_with_capital =
        |name: &str| name.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase);
    let smaller = begins_with_capital(listed) && !begins_with_capital(written);
    match (smaller, differs_in_case_only) {
        (true, _) => SMALL_LETTERS,
        (false, true) => AS_LISTED,
        (false, false) => OTHER_SPACING,
    }
}

/// A bit for each letter that occurs; one slip changes two bits at most.
fn signature(letters: &str) -> u64 {
    letters.chars().fold(0, |bits, letter| bits | 1 << low_bits(letter))
}

/// A run of letters and digits of a folded text, or one ideograph.
struct Word {
    bytes: Range<usize>,
    /// `&`, which reads as `and`.
    ampersand: bool,
}

impl Word {
    fn letters<'f>(&self, folded: &'f str) -> &'f str {
        if self.ampersand { "and" } else { &folded[self.bytes.clone()] }
    }
}

fn words(folded: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = None;
    for (at, character) in folded.char_indices() {
        let end = at + character.len_utf8();
        // Chinese and Japanese write no spaces: each character begins and ends where a word may.
        let alone =
            ('\u{2e80}'..='\u{ffef}').contains(&character) && !('\u{ac00}'..='\u{d7a3}').contains(&character);
        if character.is_alphanumeric() && !alone {
            open.get_or_insert(at);
            continue;
        }
        if let Some(start) = open.take() {
            words.push(Word { bytes: start..at, ampersand: false });
        }
        if character == '&' || (alone && character.is_alphanumeric()) {
            words.push(Word { bytes: at..end, ampersand: character == '&' });
        }
    }
    if let Some(start) = open {
        words.push(Word { bytes: start..folded.len(), ampersand: false });
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(list: &[&str], text: &str) -> Vec<(String, f64)> {
        let names = Names::new(&list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).unwrap();
        let text = Text::new(text);
        let spans = names.find(&text, 0.5);
        spans.into_iter().map(|(span, score)| (text.as_str()[span.range()].to_owned(), score)).collect()
    }

    #[test]
    fn names_are_found_as_they_are_written() {
        let list = [
            "Northwind",
            "Acme",
            "Blue Harbour Logistics",
            "Pomme",
            "Smith & Sons",
            "青山商事",
            "Nestlight Café",
        ];
        for (text, expected) in [
            ("Northwind's plan", &[("Northwind", 1.0)][..]),
            ("NORTHWIND, northwind", &[("NORTHWIND", 1.0), ("northwind", 0.8)]),
            ("north-wind North Wind", &[("north-wind", 0.8), ("North Wind", 0.9)]),
            ("Ｎｏｒｔｈｗｉｎｄ", &[("Ｎｏｒｔｈｗｉｎｄ", 0.9)]),
            ("Nortwind Northwnid Norhtwindd", &[("Nortwind", 0.7), ("Northwnid", 0.7)]),
            (
                "blue harbor logistics, Blue Harbour Logistic",
                &[("blue harbor logistics", 0.7), ("Blue Harbour Logistic", 0.7)],
            ),
            ("acmeology, Acne, acm", &[]),
            ("ask Smith and Sons or Smith&Sons", &[("Smith and Sons", 0.9), ("Smith&Sons", 0.9)]),
            ("我们用青山商事的服务", &[("青山商事", 1.0)]),
            ("nestlight cafe", &[("nestlight cafe", 0.8)]),
            ("acme.example and acme_ads", &[("acme", 0.8), ("acme", 0.8)]),
            ("", &[]),
            ("--- ...", &[]),
        ] {
            let expected: Vec<(String, f64)> =
                expected.iter().map(|&(name, score)| (name.to_owned(), score)).collect();
            assert_eq!(found(&list, text), expected, "{text:?}");
        }
    }

    #[test]
    fn of_names_that_overlap_the_longer_one_counts() {
        assert_eq!(
            found(&["Acme", "Acme Bank"], "Acme Bank and Acme"),
            [("Acme Bank".to_owned(), 1.0), ("Acme".to_owned(), 1.0)]
        );
    }

    #[test]
    fn lists_that_cannot_be_searched_for_are_refused() {
        assert!(matches!(Names::new(&["…".to_owned()]), Err(BanCompetitorsError::NoLetter { index: 0 })));
        assert!(matches!(Names::new(&["a".repeat(81)]), Err(BanCompetitorsError::TooLong { index: 0, .. })));
        let many: Vec<String> = (0..=NAMES_MAX).map(|number| number.to_string()).collect();
        assert!(matches!(Names::new(&many), Err(BanCompetitorsError::TooMany { .. })));
    }

    proptest! {
        #[test]
        fn spans_are_in_order_and_on_boundaries(text in "(Northwind|nortwind|acme|[ .&é你😀]|[a-zäß]{1,9}){0,30}") {
            let names = Names::new(&["Northwind".to_owned(), "Acme".to_owned()]).unwrap();
            let text = Text::new(text);
            let mut end = 0;
            for (span, score) in names.find(&text, 0.5) {
                prop_assert!(span.start >= end && text.as_str().get(span.range()).is_some());
                prop_assert!(score >= 0.5);
                end = span.end;
            }
        }
    }
}
