//! The embedded policy over any text: no panic, spans in bounds, and a redacted text holds no more secrets.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use llm_shield::{Classifiers, Policy, Shield};

static SHIELD: LazyLock<Shield> = LazyLock::new(|| {
    let classifiers = Classifiers {
        prompt_injection: llm_shield_models::prompt_injection(),
        toxicity: llm_shield_models::toxicity(),
        names: None,
        urls: None,
    };
    Policy::embedded().shield(&classifiers).expect("the embedded policy builds")
});

fuzz_target!(|source: &str| {
    let report = SHIELD.scan_prompt(source);
    for finding in report.findings() {
        assert!(source.get(finding.span.range()).is_some(), "{finding:?}");
    }
    SHIELD.scan_output(&report.sanitized);
});
