//! The scanners of answers over any text: no panic, spans and risks in bounds, and what is repaired is JSON.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use llm_shield::{Json, JsonParams, NoRefusalLight, ReadingTime, ReadingTimeParams, Scanner, Sentiment, SentimentParams, Text};

static SCANNERS: LazyLock<Vec<Box<dyn Scanner>>> = LazyLock::new(|| {
    vec![
        Box::new(NoRefusalLight::new().expect("constant phrases")),
        Box::new(ReadingTime::new(ReadingTimeParams { max_time: 0.02, truncate: true }).expect("a time")),
        Box::new(Sentiment::new(SentimentParams::default())),
        Box::new(Json::new(JsonParams::default())),
    ]
});

fuzz_target!(|source: &str| {
    for scanner in SCANNERS.iter() {
        let text = Text::new(source);
        let outcome = scanner.scan(&text).expect("no scanner fails");
        for finding in &outcome.findings {
            assert!(source.get(finding.span.range()).is_some(), "{finding:?}");
        }
        let edited = text.edited(&outcome.edits);
        assert!((-1.0..=1.0).contains(&outcome.risk.0), "{:?}", outcome.risk);
        drop(edited);
    }
    let repaired = Json::repair_json(source);
    assert!(repaired == source || Json::is_valid_json(&repaired), "{repaired}");
});
