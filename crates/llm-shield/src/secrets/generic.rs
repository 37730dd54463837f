//! Secrets without a provider's format: values next to a name that says secret, and passwords in URLs.
//!
//! Three steps, each bounded in bytes: the name around a keyword is read and judged ([`name`]), the value behind it
//! is parsed as code, YAML, JSON, environment files, command lines, XML or prose write it ([`value`]), and the
//! value is judged by how unlike words, placeholders and code it is ([`judge`]).

mod judge;
mod letters;
mod name;
pub(super) mod placeholder;
mod value;

use crate::Span;
use name::Strength;
use value::Form;

/// Why a keyword is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trigger {
    /// It is part of a name whose value may be a secret.
    Name,
    /// `://`, which a password may follow.
    Url,
    /// `basic ` or `bearer `: an HTTP authentication scheme.
    Scheme,
}

/// The search for generic secrets in one text.
pub(super) struct Generic<'t> {
    text: &'t str,
    /// Where the last name that was read ends: its other keywords need no second look.
    name_end: usize,
}

/// Confidence in a random-looking value behind a name such as `password`.
const SCORE_STRONG: f32 = 0.7;
/// Confidence behind a name such as `key`, which also names harmless things.
const SCORE_WEAK: f32 = 0.5;

impl<'t> Generic<'t> {
    pub(super) const ID: &'static str = "generic-secret";

    /// Lower case; each at least three characters, as every hit costs a look at its surroundings.
    pub(super) const KEYWORDS: &'static [(&'static str, Trigger)] = &[
        ("passw", Trigger::Name),
        ("passphrase", Trigger::Name),
        ("passcode", Trigger::Name),
        ("_pass", Trigger::Name),
        ("pass=", Trigger::Name),
        ("pass:", Trigger::Name),
        ("pwd", Trigger::Name),
        ("secret", Trigger::Name),
        ("token", Trigger::Name),
        ("credential", Trigger::Name),
        ("apikey", Trigger::Name),
        ("api key", Trigger::Name),
        ("access key", Trigger::Name),
        ("key", Trigger::Name),
        ("auth", Trigger::Name),
        ("salt", Trigger::Name),
        ("nonce", Trigger::Name),
        ("identified", Trigger::Name),
        ("://", Trigger::Url),
        ("basic ", Trigger::Scheme),
        ("bearer ", Trigger::Scheme),
    ];

    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, name_end: 0 }
    }

    /// The secret that the keyword at `hit` leads to, and how sure it is.
    pub(super) fn at(&mut self, trigger: Trigger, hit: Span) -> Option<(Span, f32)> {
        match trigger {
            Trigger::Name => self.named(hit),
            Trigger::Url => {
                let span = value::url_password(self.text, hit.end)?;
                judge::is_secret(&self.text[span.range()], Strength::Password, Form::Bare)
                    .then_some((span, SCORE_STRONG))
            }
            Trigger::Scheme => {
                let span = value::run(self.text, hit.end);
                judge::is_authorization(&self.text[span.range()]).then_some((span, SCORE_STRONG))
            }
        }
    }

    fn named(&mut self, hit: Span) -> Option<(Span, f32)> {
        if hit.start < self.name_end {
            return None;
        }
        let name = value::name_around(self.text, hit);
        self.name_end = name.end;
        // Most keywords in prose end here: nothing behind them assigns a value.
        let found = value::behind(self.text, name)?;
        let strength = name::strength(&self.text[name.range()])?;
        let span = judge::secret_within(self.text, found.span, strength, found.form)?;
        let score = if matches!(strength, Strength::Weak) { SCORE_WEAK } else { SCORE_STRONG };
        Some((span, score))
    }
}
