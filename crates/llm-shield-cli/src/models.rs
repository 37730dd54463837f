//! The learned detectors that this binary ships.

use llm_shield::Classifiers;

/// The embedded fast tier.
pub(crate) fn fast_tier() -> Classifiers {
    llm_shield_models::classifiers()
}
