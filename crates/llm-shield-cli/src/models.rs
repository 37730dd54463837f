//! The learned detectors that this binary ships.

use std::sync::Arc;

use llm_shield::Classifiers;

/// The embedded fast tier.
pub(crate) fn fast_tier() -> Classifiers {
    Classifiers {
        // Used only by a policy that asks for it.
        urls: Some(Arc::new(llm_shield_fetch::PublicFetcher::new())),
        ..llm_shield_models::classifiers()
    }
}
