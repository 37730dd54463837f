//! Python and Rust compute the same features and scores: the cases that `training/make_cases.py` writes.

use llm_shield::{Classifier, Text};
use llm_shield_models::{Linear, PROMPT_INJECTION, TOXICITY, buckets};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    text: String,
    folded: String,
    words: Vec<u32>,
    characters: Vec<u32>,
    blocks: Vec<(usize, usize)>,
    injection: Scored,
    toxicity: Scored,
}

#[derive(Deserialize)]
struct Scored {
    logit: f64,
    score: f64,
}

#[expect(clippy::expect_used, reason = "a helper of tests")]
fn cases() -> Vec<Case> {
    include_str!("../../../testdata/features/cases.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a case"))
        .collect()
}

fn check(model: &Linear, folded: &str, expected: &Scored) {
    let logit = model.logit(folded);
    assert!((logit - expected.logit).abs() < 1e-9, "{logit} and {} on {folded:?}", expected.logit);
    let score = f64::from(model.score(folded));
    assert!((score - expected.score).abs() < 1e-6, "{score} and {} on {folded:?}", expected.score);
}

#[test]
fn features_and_scores_equal_pythons() {
    let cases = cases();
    assert!(cases.len() > 40);
    for case in cases {
        let text = Text::new(case.text.as_str());
        let folded = text.folded().as_str();
        assert_eq!(folded, case.folded, "{:?}", case.text);
        let buckets = buckets(folded);
        assert_eq!(buckets.words, case.words, "{folded:?}");
        assert_eq!(buckets.characters, case.characters, "{folded:?}");
        assert_eq!(buckets.blocks, case.blocks, "{folded:?}");
        check(&PROMPT_INJECTION, folded, &case.injection);
        check(&TOXICITY, folded, &case.toxicity);
    }
}
