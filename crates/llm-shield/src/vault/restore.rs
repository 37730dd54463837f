//! Finding the placeholders of a vault in a text, exactly or nearly, and putting the values back.
//!
//! Three looks, each over what the ones before it left: exactly, in any case, nearly. What is found by an earlier look
//! is settled, so a near match never takes what belongs to an exact one, and every place is replaced at most once.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Pairs;
use super::free_form::FreeForm;
use super::placeholder::{Kinds, Likeness, bracketed};
use crate::Span;

/// How a placeholder in a text is recognised; the names are llm-guard's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchingStrategy {
    /// Letter by letter.
    #[default]
    Exact,
    /// Letter by letter, in any case.
    CaseInsensitive,
    /// Also with other spacing, punctuation or brackets and a few wrong letters; every digit must agree. An exact
    /// match goes before a near one.
    Fuzzy,
    /// llm-guard's exact pass before its fuzzy one; [`MatchingStrategy::Fuzzy`] does both anyway.
    CombinedExactFuzzy,
}

/// A placeholder in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) span: Span,
    /// Place of its pair in the vault.
    pub(crate) pair: usize,
}

/// The placeholders of a vault, ready to be found in texts.
pub(crate) struct Finder<'p> {
    pairs: &'p Pairs,
    strategy: MatchingStrategy,
    kinds: Cow<'static, Kinds>,
    free_form: Option<FreeForm>,
}

impl<'p> Finder<'p> {
    pub(crate) fn new(pairs: &'p Pairs, strategy: MatchingStrategy) -> Self {
        Self { pairs, strategy, kinds: known_kinds(pairs), free_form: FreeForm::new(pairs, strategy) }
    }

    /// The placeholders in `text`, from left to right, without overlap.
    pub(crate) fn find(&self, text: &str) -> Vec<Found> {
        let pairs = self.pairs;
        if pairs.len() == 0 {
            return Vec::new();
        }
        let mut found = exact(text, pairs);
        if let Some(free_form) = &self.free_form {
            found = in_gaps(text, found, |gap| free_form.exact(gap));
        }
        if self.strategy > MatchingStrategy::Exact {
            found = in_gaps(text, found, |gap| in_any_case(gap, pairs));
            if let Some(free_form) = &self.free_form {
                found = in_gaps(text, found, |gap| free_form.in_any_case(gap));
            }
        }
        if self.strategy > MatchingStrategy::CaseInsensitive {
            found = in_gaps(text, found, |gap| rewritten(gap, pairs, &self.kinds));
            if let Some(free_form) = &self.free_form {
                found = in_gaps(text, found, |gap| free_form.nearly(gap));
            }
        }
        found
    }

    /// `text` with the values put back.
    pub(crate) fn restore<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let found = self.find(text);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut restored = String::with_capacity(text.len());
        let mut copied = 0;
        for Found { span, pair } in found {
            restored.push_str(&text[copied..span.start]);
            restored.push_str(&self.pairs.at(pair).original);
            copied = span.end;
        }
        restored.push_str(&text[copied..]);
        Cow::Owned(restored)
    }
}

/// What has a place in a text.
pub(crate) trait Placed: Sized {
    fn span(&self) -> Span;
    #[must_use]
    fn moved(self, by: usize) -> Self;
}

impl Placed for Found {
    fn span(&self) -> Span {
        self.span
    }

    fn moved(self, by: usize) -> Self {
        Self { span: self.span.moved(by), ..self }
    }
}

impl Placed for Span {
    fn span(&self) -> Span {
        *self
    }

    fn moved(self, by: usize) -> Self {
        Self::new(self.start + by, self.end + by)
    }
}

/// `found` (sorted, without overlap) and what `search` finds in the stretches between, in order.
pub(crate) fn in_gaps<F: Placed>(
    text: &str,
    found: Vec<F>,
    mut search: impl FnMut(&str) -> Vec<F>,
) -> Vec<F> {
    let mut all = Vec::with_capacity(found.len());
    let mut from = 0;
    for settled in found {
        let span = settled.span();
        all.extend(search(&text[from..span.start]).into_iter().map(|found| found.moved(from)));
        from = span.end;
        all.push(settled);
    }
    all.extend(search(&text[from..]).into_iter().map(|found| found.moved(from)));
    all
}

fn exact(text: &str, pairs: &Pairs) -> Vec<Found> {
    let starts = text.match_indices(bracketed::START).map(|(at, _)| at);
    starts.filter_map(|at| bracketed_at(text, at, |placeholder| pairs.position(placeholder))).collect()
}

fn in_any_case(text: &str, pairs: &Pairs) -> Vec<Found> {
    let begins = |at: &usize| {
        let start = text.as_bytes().get(*at..*at + bracketed::START.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(bracketed::START.as_bytes()))
    };
    let starts = text.match_indices('[').map(|(at, _)| at).filter(begins);
    starts
        .filter_map(|at| {
            bracketed_at(text, at, |placeholder| pairs.position(&placeholder.to_ascii_uppercase()))
        })
        .collect()
}

/// The placeholder that begins at `at` and ends at the next bracket, if `position` knows it.
fn bracketed_at(text: &str, at: usize, position: impl Fn(&str) -> Option<usize>) -> Option<Found> {
    let window = &text.as_bytes()[at..text.len().min(at + bracketed::BYTES_MAX)];
    let length = window.iter().position(|&byte| byte == b']')? + 1;
    let placeholder = &text[at..at + length];
    bracketed::parse(&placeholder.to_ascii_uppercase())?;
    position(placeholder).map(|pair| Found { span: Span::new(at, at + length), pair })
}

/// The kinds that are looked for, and those that they must not be taken for.
fn known_kinds(pairs: &Pairs) -> Cow<'static, Kinds> {
    static BUILT_IN: LazyLock<Kinds> = LazyLock::new(|| Kinds::new(crate::pii::every_name()));
    let mut kinds = Cow::Borrowed(&*BUILT_IN);
    for kind in pairs.kinds() {
        if !BUILT_IN.contains(kind) {
            kinds.to_mut().add(kind);
        }
    }
    kinds
}

fn rewritten(text: &str, pairs: &Pairs, kinds: &Kinds) -> Vec<Found> {
    let accept = |likeness: Likeness<'_>, number| match likeness {
        Likeness::One(kind) => pairs.position(&bracketed::write(kind, number)),
        Likeness::Several => None,
    };
    let found = kinds.rewritten(text, accept);
    found.into_iter().map(|(span, pair)| Found { span, pair }).collect()
}
