//! What a word may be replaced by.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A way to change a word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// Another word or two of the same meaning, English.
    Synonym,
    /// Two inner letters swapped, one left out, one doubled.
    Typo,
    /// A word before it that adds nothing, English.
    Filler,
}

/// Kinds of attack, by what they may do.
pub(super) const ALL: [(&str, &[Edit]); 4] = [
    ("synonyms", &[Edit::Synonym]),
    ("typos", &[Edit::Typo]),
    ("fillers", &[Edit::Filler]),
    ("all", &[Edit::Synonym, Edit::Typo, Edit::Filler]),
];

/// Groups of words of one meaning, a group a line, separated by commas; forms of a word have groups of their own.
const SYNONYMS: &str = include_str!("synonyms.txt");
const FILLERS: [&str; 5] = ["kindly", "just", "then", "well", "so"];

static GROUPS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let mut groups: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in SYNONYMS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split(',').map(str::trim).collect();
        for word in &words {
            let others = words.iter().filter(|other| other != &word);
            groups.entry(word).or_default().extend(others);
        }
    }
    groups
});

/// The candidates for a word, in an order that does not change.
pub(super) fn of(word: &str, edits: &[Edit], english: bool) -> Vec<String> {
    let mut out = Vec::new();
    for edit in edits {
        match edit {
            Edit::Synonym if english => {
                let others = GROUPS.get(word.to_lowercase().as_str()).into_iter().flatten();
                out.extend(others.map(|other| cased(other, word)));
            }
            Edit::Filler if english => out.extend(FILLERS.iter().map(|filler| format!("{filler} {word}"))),
            Edit::Typo => out.extend(typos(word)),
            Edit::Synonym | Edit::Filler => {}
        }
    }
    out
}

/// `other` with a capital where `word` has one.
fn cased(other: &str, word: &str) -> String {
    let mut letters = word.chars();
    let (first, rest) = (letters.next().is_some_and(char::is_uppercase), letters.any(char::is_lowercase));
    match (first, rest || word.chars().count() == 1) {
        (true, true) => {
            let mut of = other.chars();
            of.next().into_iter().flat_map(char::to_uppercase).chain(of).collect()
        }
        (true, false) => other.to_uppercase(),
        _ => other.to_owned(),
    }
}

/// Slips inside a word of four letters or more; the first and the last letter stay, by which people read on.
fn typos(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < 4 {
        return Vec::new();
    }
    let middle = letters.len() / 2;
    let mut swapped = letters.clone();
    swapped.swap(middle - 1, middle);
    let mut dropped = letters.clone();
    dropped.remove(middle);
    let mut doubled = letters.clone();
    doubled.insert(middle, letters[middle]);
    let slips = [swapped, dropped, doubled].into_iter().filter(|slip| *slip != letters);
    slips.map(|slip| slip.into_iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_keep_the_case_of_the_word() {
        let synonyms = |word| of(word, &[Edit::Synonym], true);
        assert!(synonyms("Ignore").contains(&"Disregard".to_owned()), "{:?}", synonyms("Ignore"));
        assert!(synonyms("RULES").contains(&"GUIDELINES".to_owned()));
        assert!(of("ignore", &[Edit::Synonym, Edit::Filler], false).is_empty());
        assert_eq!(of("rules", &[Edit::Typo], true), ["rlues", "rues", "rulles"]);
        assert!(of("all", &[Edit::Typo], true).is_empty());
    }

    #[test]
    fn the_list_holds_a_few_hundred_words_in_groups_of_two_or_more() {
        assert!(GROUPS.len() > 300, "{}", GROUPS.len());
        for line in SYNONYMS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let words: Vec<&str> = line.split(',').map(str::trim).collect();
            let sound =
                words.len() > 1 && words.iter().all(|word| !word.is_empty() && *word == word.to_lowercase());
            assert!(sound, "{line}");
        }
    }
}
