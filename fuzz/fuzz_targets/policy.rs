//! Any bytes as a policy: an error or a policy, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use llm_shield::Policy;

fuzz_target!(|yaml: &str| {
    if let Err(error) = Policy::from_yaml(yaml) {
        assert!(!error.to_string().is_empty());
    }
});
