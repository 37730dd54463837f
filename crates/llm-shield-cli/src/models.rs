//! The learned detectors that this binary ships.

use llm_shield::Classifiers;

/// The embedded fast tier.
pub(crate) fn fast_tier() -> Classifiers {
    Classifiers {
        prompt_injection: llm_shield_models::prompt_injection(),
        toxicity: llm_shield_models::toxicity(),
        names: None,
    }
}
