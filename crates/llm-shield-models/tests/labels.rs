//! Python and Rust compute the same hashes and scores of the label models: the cases that
//! `training/make_label_cases.py` writes.

use std::collections::BTreeMap;

use llm_shield::LabelClassifier;
use llm_shield_models::{Label, LabelHashes, Reading, code_language, gibberish, label_hashes, language};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    text: String,
    letters: (Vec<u32>, Vec<u32>),
    tokens: (Vec<u32>, Vec<u32>),
    code_language: BTreeMap<String, f64>,
    gibberish: BTreeMap<String, f64>,
    language: BTreeMap<String, f64>,
}

fn check(model: &Label, text: &str, expected: &BTreeMap<String, f64>) {
    let logits = model.logits(text);
    assert_eq!(logits.is_empty(), expected.is_empty(), "{text:?}");
    for (label, &logit) in model.labels().iter().zip(&logits) {
        let known = expected.get(*label);
        assert!(
            known.is_none_or(|expected| (expected - logit).abs() < 1e-6),
            "{label} {logit} {known:?} {text:?}"
        );
    }
}

#[test]
fn hashes_and_scores_equal_pythons() {
    let models = (code_language(), gibberish(), language());
    let lines = include_str!("../../../testdata/features/labels.jsonl").lines();
    let cases: Vec<Case> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() > 50);
    for case in cases {
        for (reading, (first, second)) in [(Reading::Letters, case.letters), (Reading::Tokens, case.tokens)] {
            assert_eq!(label_hashes(&case.text, reading), LabelHashes { first, second }, "{:?}", case.text);
        }
        check(&models.0, &case.text, &case.code_language);
        check(&models.1, &case.text, &case.gibberish);
        check(&models.2, &case.text, &case.language);
    }
}

#[test]
fn probabilities_add_up_and_point_the_right_way() {
    let best = |model: &Label, text: &str| {
        let probabilities = model.probabilities(text);
        assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{text:?}");
        let scored = probabilities.into_iter().zip(model.labels());
        scored.max_by(|left, right| left.0.total_cmp(&right.0)).map_or("", |(_, label)| label)
    };
    let language = language();
    for (code, text) in [
        ("en", "Could you tell me when the last bus leaves on Sunday?"),
        ("de", "Wann fährt am Sonntag der letzte Bus zurück?"),
        ("fr", "À quelle heure part le dernier bus le dimanche ?"),
        ("ru", "Во сколько в воскресенье уходит последний автобус?"),
        ("ja", "日曜日の最終バスは何時に出ますか。"),
        ("hi", "रविवार को आख़िरी बस कितने बजे जाती है?"),
        ("ar", "متى تغادر الحافلة الأخيرة يوم الأحد؟"),
    ] {
        assert_eq!(best(&language, text), code, "{text}");
    }
    let code = code_language();
    assert_eq!(best(&code, "def area(r):\n    return 3.14 * r ** 2\n\nprint(area(2))"), "Python");
    assert_eq!(best(&code, "fn area(r: f64) -> f64 {\n    let pi = 3.14;\n    pi * r * r\n}"), "Rust");
    assert_eq!(best(&code, "We walked to the harbour and had a coffee by the water."), "text");
    let gibberish = gibberish();
    assert_eq!(best(&gibberish, "kjhdsf lkjweq oiuxcv mnbwe sdlkfj"), "noise");
    assert_eq!(best(&gibberish, "We walked to the harbour and had a coffee by the water."), "clean");
    assert!(language.probabilities("12 + 30 = 42 🙂").is_empty());
}
