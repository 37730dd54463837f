//! Any bytes as a rule file: an error that says something, or rules; never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llm_shield::RuleSet;

fuzz_target!(|file: &str| {
    if let Err(error) = RuleSet::from_toml(&[("any.toml", file)]) {
        assert!(error.to_string().contains("any.toml") || error.to_string().contains("keywords"));
    }
});
