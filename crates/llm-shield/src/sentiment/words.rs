//! The word lists of VADER's rules, lower case and sorted.

/// 1 for a word that makes the next one stronger, -1 for one that makes it weaker.
pub(super) fn booster(word: &str) -> Option<f64> {
    let has = |list: &[&str]| list.binary_search(&word).is_ok();
    if has(&STRONGER) {
        Some(1.0)
    } else if has(&WEAKER) {
        Some(-1.0)
    } else {
        None
    }
}

/// Whether a word, in lower case, turns round what follows.
pub(super) fn is_negation(word: &str) -> bool {
    word.contains("n't") || NEGATIONS.binary_search(&word).is_ok()
}

/// Phrases that mean something else than their words.
pub(super) const IDIOMS: [(&str, f64); 7] = [
    ("the shit", 3.0),
    ("the bomb", 3.0),
    ("bad ass", 1.5),
    ("yeah right", -2.0),
    ("cut the mustard", 2.0),
    ("kiss of death", -1.5),
    ("hand to mouth", -2.0),
];

/// Pairs of words that make the next one weaker.
pub(super) const BOOSTED_PAIRS: [(&str, &str); 3] = [("just", "enough"), ("kind", "of"), ("sort", "of")];

const STRONGER: [&str; 46] = [
    "absolutely",
    "amazingly",
    "awfully",
    "completely",
    "considerably",
    "decidedly",
    "deeply",
    "effing",
    "enormously",
    "entirely",
    "especially",
    "exceptionally",
    "extremely",
    "fabulously",
    "flippin",
    "flipping",
    "frickin",
    "fricking",
    "friggin",
    "frigging",
    "fucking",
    "fully",
    "greatly",
    "hella",
    "highly",
    "hugely",
    "incredibly",
    "intensely",
    "majorly",
    "more",
    "most",
    "particularly",
    "purely",
    "quite",
    "really",
    "remarkably",
    "so",
    "substantially",
    "thoroughly",
    "totally",
    "tremendously",
    "uber",
    "unbelievably",
    "unusually",
    "utterly",
    "very",
];

const WEAKER: [&str; 17] = [
    "almost",
    "barely",
    "hardly",
    "kind-of",
    "kinda",
    "kindof",
    "less",
    "little",
    "marginally",
    "occasionally",
    "partly",
    "scarcely",
    "slightly",
    "somewhat",
    "sort-of",
    "sorta",
    "sortof",
];

/// Without those in "n't".
const NEGATIONS: [&str; 37] = [
    "aint", "arent", "cannot", "cant", "couldnt", "darent", "despite", "didnt", "doesnt", "dont", "hadnt",
    "hasnt", "havent", "isnt", "mightnt", "mustnt", "neednt", "neither", "never", "none", "nope", "nor",
    "not", "nothing", "nowhere", "oughtnt", "rarely", "seldom", "shant", "shouldnt", "uh-uh", "uhuh",
    "wasnt", "werent", "without", "wont", "wouldnt",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(STRONGER.is_sorted() && WEAKER.is_sorted() && NEGATIONS.is_sorted());
    }
}
