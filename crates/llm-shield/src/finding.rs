//! What a scanner found: where, by which rule, how sure, and which risk it stands for.

use std::borrow::Cow;

use serde::Serialize;

use crate::Decoding;

/// A half-open range of bytes in the caller's text, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span from `start` to `end`, in bytes.
    ///
    /// ```
    /// assert_eq!(llm_shield::Span::new(3, 5).len(), 2);
    /// ```
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Length in bytes.
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether it holds no byte; such a span marks a place, for example that of a zero-width match.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same span in a text that has `by` bytes more before it.
    pub(crate) const fn moved(self, by: usize) -> Self {
        Self { start: self.start + by, end: self.end + by }
    }

    /// The same range for indexing a string.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start..self.end
    }
}

/// One thing that a scanner found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Where it stands in the caller's text.
    pub span: Span,
    /// The rule that found it, for example `github-pat` or `ban_substrings`.
    pub rule: Cow<'static, str>,
    /// What kind of thing it is.
    pub category: Category,
    /// How sure the scanner is, from 0 to 1; patterns that either match or do not say 1.
    pub score: f32,
    /// The entry of the OWASP Top 10 for LLM applications (2025) that it falls under.
    pub owasp: Owasp,
    /// What of its structure was verified beyond the pattern, for example `luhn` or `github-crc32`; nothing where
    /// the pattern is all there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<&'static str>,
    /// The disguises that it was found under, the outermost first; empty where the text reads as it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decoded_from: Vec<Decoding>,
}

/// What kind of thing a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Category {
    /// A phrase or pattern that the policy bans.
    BannedContent,
    /// Source code.
    Code,
    /// Text without sense.
    Gibberish,
    /// Characters that a reader does not see.
    InvisibleText,
    /// A natural language that the policy does not want.
    Language,
    /// A link that leads to harm.
    MaliciousUrl,
    /// JSON that a program could not read, or too little of it.
    MalformedJson,
    /// A datum that identifies or describes a person.
    PersonalData,
    /// An attempt to override the application's instructions.
    PromptInjection,
    /// More to read than the policy allows.
    ReadingTime,
    /// A model that declines to answer.
    Refusal,
    /// A credential.
    Secret,
    /// Too negative a feeling.
    Sentiment,
    /// More tokens than the policy allows.
    TokenLimit,
    /// Toxic, hateful or insulting language.
    Toxicity,
    /// An address that does not answer.
    UnreachableUrl,
}

impl Category {
    /// The category's name as it stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BannedContent => "banned_content",
            Self::Code => "code",
            Self::Gibberish => "gibberish",
            Self::InvisibleText => "invisible_text",
            Self::Language => "language",
            Self::MaliciousUrl => "malicious_url",
            Self::MalformedJson => "malformed_json",
            Self::PersonalData => "personal_data",
            Self::PromptInjection => "prompt_injection",
            Self::ReadingTime => "reading_time",
            Self::Refusal => "refusal",
            Self::Secret => "secret",
            Self::Sentiment => "sentiment",
            Self::TokenLimit => "token_limit",
            Self::Toxicity => "toxicity",
            Self::UnreachableUrl => "unreachable_url",
        }
    }
}

/// An entry of the OWASP Top 10 for LLM applications, edition 2025.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Owasp {
    /// Prompt injection.
    #[serde(rename = "LLM01:2025")]
    Llm01PromptInjection,
    /// Sensitive information disclosure.
    #[serde(rename = "LLM02:2025")]
    Llm02SensitiveInformation,
    /// Improper output handling.
    #[serde(rename = "LLM05:2025")]
    Llm05OutputHandling,
    /// Misinformation and, for want of a nearer entry, harmful content.
    #[serde(rename = "LLM09:2025")]
    Llm09Misinformation,
    /// Unbounded consumption.
    #[serde(rename = "LLM10:2025")]
    Llm10UnboundedConsumption,
}
