//! Finds personal data by format: candidates by shape, then check digits, then words around them.

use std::borrow::Cow;

use crate::Span;

/// One piece of personal data in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Where it stands, in bytes of the text that was analysed.
    pub span: Span,
    /// Its kind, by Presidio's name where Presidio has one, for example `EMAIL_ADDRESS`.
    pub kind: Cow<'static, str>,
    /// How sure it is, from 0 to 1.
    pub score: f32,
    /// What of its structure was verified, for example `luhn`.
    pub checked: Option<&'static str>,
}
