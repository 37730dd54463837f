//! The list of all kinds.

mod americas;
mod asia_pacific;
mod british_isles;
mod eastern_europe;
mod general;
mod objects;
mod southern_europe;
mod western_europe;

use super::kind::{Check, How, Kind, Reach};

/// Every kind that is found by format, and the markers, in an order that is stable within a build.
pub(super) fn all() -> impl Iterator<Item = &'static Kind> {
    [
        general::KINDS,
        objects::KINDS,
        americas::KINDS,
        british_isles::KINDS,
        southern_europe::KINDS,
        western_europe::KINDS,
        eastern_europe::KINDS,
        asia_pacific::KINDS,
    ]
    .into_iter()
    .flatten()
}

/// Score of a form that proves itself: its check rarely holds by chance, or nothing else is written so. Just below
/// the score of a check that holds beside a word that names the kind, so that of two kinds the named one wins.
const SURE: f32 = 0.95;
/// Score of a form whose check one in ten other numbers passes: below the usual threshold until a word before it
/// names the kind.
const WEAK: f32 = 0.4;
/// Score of a form without a check: a word before it lifts it just over the usual threshold.
const BY_WORD: f32 = 0.2;

/// A kind with masks, a check, and words of which one must stand near.
const fn forms(
    name: &'static str,
    forms: &'static [(&'static str, f32)],
    check: Check,
    checked: &'static str,
    context: &'static [&'static str],
) -> Kind {
    let checked = if checked.is_empty() { None } else { Some(checked) };
    Kind { name, how: How::Forms { forms, check, checked }, context, reach: Reach::Near }
}
