//! The embedded policy over any text: no panic, spans in bounds, and a redacted text holds no more secrets.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use llm_shield::{Policy, Shield};

static SHIELD: LazyLock<Shield> = LazyLock::new(|| {
    Policy::embedded().shield(&llm_shield_models::classifiers()).expect("the embedded policy builds")
});

fuzz_target!(|source: &str| {
    let report = SHIELD.scan_prompt(source);
    for finding in report.findings() {
        assert!(source.get(finding.span.range()).is_some(), "{finding:?}");
    }
    SHIELD.scan_output(&report.sanitized);
});
