//! Refuses texts that have too many tokens, and cuts them.

use std::borrow::Cow;

use serde::Deserialize;

use crate::tokens::{Encoding, TokenCount, UnknownTokenizer};
use crate::{Category, Compat, Edit, Finding, Outcome, Owasp, RiskScore, ScanError, Scanner, Span, Text};

/// Refuses texts that have `limit` tokens or more, and cuts them to the first `limit` tokens.
///
/// # What it finds
/// Texts whose number of tokens, in OpenAI's `cl100k_base` or `o200k_base` encoding, reaches the limit. The counts
/// are exactly those of `tiktoken`. As in llm-guard a text of exactly `limit` tokens is refused, although nothing
/// of it is cut.
///
/// # Why it matters
/// A model is paid by the token and is slow on long prompts: an unbounded prompt is an attack on the purse and on
/// the service (OWASP LLM10, unbounded consumption).
///
/// # What it misses
/// Models with another tokenizer (Llama, Claude, Gemini) count differently. Special tokens such as `<|endoftext|>`
/// are counted as the ordinary text that they are in a prompt; llm-guard fails on them. When the limit falls inside
/// a character, the cut is made before that character, where llm-guard leaves a replacement character. A cut text
/// still has about `limit` tokens, so scanned again it may be refused again.
///
/// # Example
/// ```
/// use llm_shield::{Scanner, Text, TokenLimit, TokenLimitParams};
///
/// let scanner = TokenLimit::new(&TokenLimitParams { limit: 3, ..Default::default() }).unwrap();
/// assert!(scanner.scan(&Text::new("hello world")).unwrap().is_valid);
///
/// let text = Text::new("hello world, how are you?");
/// let outcome = scanner.scan(&text).unwrap();
/// assert!(!outcome.is_valid);
/// assert_eq!(text.edited(&outcome.edits).as_str(), "hello world,");
/// ```
#[derive(Debug, Clone)]
pub struct TokenLimit {
    limit: usize,
    encoding: Encoding,
    compat: Compat,
}

/// What [`TokenLimit`] is built from; the names are llm-guard's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenLimitParams {
    /// The number of tokens at which a text is refused; at least 1.
    pub limit: usize,
    /// The encoding by its name in tiktoken: `cl100k_base` or `o200k_base`.
    pub encoding_name: String,
    /// The model whose encoding counts; when given, `encoding_name` does not matter.
    pub model_name: Option<String>,
}

impl Default for TokenLimitParams {
    fn default() -> Self {
        Self { limit: 4096, encoding_name: Encoding::default().name().to_owned(), model_name: None }
    }
}

/// A [`TokenLimit`] that cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenLimitError {
    /// Every text reaches a limit of 0.
    #[error("`limit` is 0, which would refuse every text; it must be at least 1")]
    ZeroLimit,
    /// The encoding or the model is not known.
    #[error(transparent)]
    Tokenizer(#[from] UnknownTokenizer),
}

impl TokenLimit {
    /// A scanner with `params`.
    pub fn new(params: &TokenLimitParams) -> Result<Self, TokenLimitError> {
        if params.limit == 0 {
            return Err(TokenLimitError::ZeroLimit);
        }
        let encoding = match &params.model_name {
            Some(model) => Encoding::for_model(model)?,
            None => Encoding::from_name(&params.encoding_name)?,
        };
        Ok(Self { limit: params.limit, encoding, compat: Compat::Mended })
    }

    /// Whether a cut inside a character leaves a replacement character (U+FFFD) there, as in llm-guard.
    #[must_use]
    pub fn compat(self, compat: Compat) -> Self {
        Self { compat, ..self }
    }
}

impl Scanner for TokenLimit {
    fn name(&self) -> &'static str {
        "TokenLimit"
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        // A token has at least one byte, so a short text needs no counting.
        if text.as_str().len() < self.limit || text.is_blank() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let TokenCount::Reached { end, inside_character } =
            self.encoding.count_up_to(text.as_str(), self.limit)
        else {
            return Ok(Outcome::pass(RiskScore::NONE));
        };
        let beyond = Span::new(end, text.as_str().len());
        let finding = Finding {
            span: beyond,
            rule: Cow::Borrowed("token_limit"),
            category: Category::TokenLimit,
            score: 1.0,
            owasp: Owasp::Llm10UnboundedConsumption,
            checked: None,
            decoded_from: Vec::new(),
        };
        let torn = inside_character && self.compat == Compat::Exact;
        let replacement = Cow::Borrowed(if torn { "\u{fffd}" } else { "" });
        let cut = (!beyond.is_empty()).then_some(Edit { span: beyond, replacement });
        Ok(Outcome::refuse(RiskScore::CERTAIN, vec![finding], cut.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scanner(limit: usize, encoding: Encoding) -> TokenLimit {
        TokenLimit::new(&TokenLimitParams {
            limit,
            encoding_name: encoding.name().to_owned(),
            model_name: None,
        })
        .unwrap()
    }

    #[test]
    fn impossible_parameters_are_refused() {
        let params = |limit, encoding: &str, model: Option<&str>| TokenLimitParams {
            limit,
            encoding_name: encoding.to_owned(),
            model_name: model.map(str::to_owned),
        };
        for (params, expected) in [
            (params(0, "cl100k_base", None), "at least 1"),
            (params(1, "p50k_base", None), "unknown encoding `p50k_base`"),
            (params(1, "cl100k_base", Some("gpt4o")), "nearest model is `gpt-4o`"),
        ] {
            let error = TokenLimit::new(&params).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let error = toml::from_str::<TokenLimitParams>("limits = 3").unwrap_err().to_string();
        assert!(error.contains("limits"), "{error}");
        assert_eq!(toml::from_str::<TokenLimitParams>("").unwrap(), TokenLimitParams::default());
    }

    proptest! {
        #[test]
        fn the_cut_is_the_longest_whole_text_within_the_limit(
            text in r"[ -~\n]{0,30}|\PC{0,20}|[a-zé中😀' \n]{0,40}",
            limit in 1usize..12,
        ) {
            for encoding in Encoding::ALL {
                let tokens = encoding.count(&text);
                let outcome = scanner(limit, encoding).scan(&Text::new(text.as_str())).unwrap();
                let passes = tokens < limit || Text::new(text.as_str()).is_blank();
                prop_assert_eq!(outcome.is_valid, passes);
                for edit in &outcome.edits {
                    prop_assert_eq!(edit.span.end, text.len());
                    prop_assert!(text.is_char_boundary(edit.span.start));
                }
                if tokens == limit {
                    prop_assert!(outcome.edits.is_empty());
                }
            }
        }
    }
}
