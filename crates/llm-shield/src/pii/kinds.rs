//! The list of all kinds.

mod general;

use super::kind::Kind;

/// Every kind that is found by format, and the markers, in an order that is stable within a build.
pub(super) fn all() -> impl Iterator<Item = &'static Kind> {
    [general::KINDS].into_iter().flatten()
}
