//! What the caller adds: hidden names, and patterns of his own in llm-guard's form.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::scan::with_context;
use super::{AnalyzerError, AnalyzerParams, Entity, Language, context, kind};
use crate::Span;

/// Most patterns and names, and bytes of a compiled pattern.
const EXPRESSIONS_MAX: usize = 1000;
const NAMES_MAX: usize = 10_000;
const COMPILED_BYTES_MAX: usize = 10 << 20;

/// One of llm-guard's `regex_patterns`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternParams {
    /// The kind of what matches; reported in upper case.
    pub name: String,
    /// Regular expressions; letters match in either case, `^` and `$` at lines, `.` also the end of a line.
    #[serde(default)]
    pub expressions: Vec<String>,
    /// Words that make a match likelier when they stand among the five before it.
    #[serde(default)]
    pub context: Vec<String>,
    /// The score of a match without context.
    #[serde(default = "pattern_score")]
    pub score: f32,
    /// The languages of an analysis that the pattern takes part in.
    #[serde(default = "english")]
    pub languages: Vec<String>,
    /// A built-in kind to use for these languages too, instead of expressions. It matters for llm-guard's regex groups
    /// alone, which a list of patterns else replaces: all other kinds run for every language.
    #[serde(default)]
    pub reuse: Option<Reuse>,
}

/// The built-in kind that a pattern of llm-guard's form takes over.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reuse {
    /// The language it is built for.
    pub language: String,
    /// Its name, for example `CREDIT_CARD`.
    pub name: String,
}

impl PatternParams {
    /// Whether it takes over the built-in kind `name` for this language.
    pub(super) fn takes_over(&self, name: &str, language: Language) -> bool {
        self.reuse.as_ref().is_some_and(|reuse| reuse.name == name)
            && self.languages.iter().any(|code| code == language.code())
    }
}

const fn pattern_score() -> f32 {
    0.75
}

fn english() -> Vec<String> {
    vec!["en".to_owned()]
}

/// A compiled pattern of the caller.
pub(super) struct Pattern {
    pub(super) kind: String,
    expressions: Vec<Regex>,
    context: Vec<String>,
    score: f32,
}

impl Pattern {
    /// Compiles the patterns that take part in an analysis in this language.
    pub(super) fn compile(
        patterns: &[PatternParams],
        language: Language,
    ) -> Result<Vec<Self>, AnalyzerError> {
        let mut compiled = Vec::new();
        let mut count = 0;
        for pattern in patterns {
            if !(0.0..=1.0).contains(&pattern.score) {
                return Err(AnalyzerError::Score { name: pattern.name.clone(), score: pattern.score });
            }
            for language in &pattern.languages {
                Language::parse(language)?;
            }
            if let Some(reuse) = &pattern.reuse {
                Language::parse(&reuse.language)?;
                super::known(&reuse.name, &[])?;
            } else if pattern.expressions.is_empty() {
                return Err(AnalyzerError::NoExpressions { name: pattern.name.clone() });
            }
            count += pattern.expressions.len();
            if count > EXPRESSIONS_MAX {
                return Err(AnalyzerError::TooMany { what: "expressions", most: EXPRESSIONS_MAX });
            }
            if !pattern.languages.iter().any(|code| code == language.code()) {
                continue;
            }
            let kind = pattern.name.to_uppercase();
            let expressions = pattern
                .expressions
                .iter()
                .map(|source| expression(&kind, source))
                .collect::<Result<_, _>>()?;
            let context = pattern.context.iter().map(|word| word.to_lowercase()).collect();
            compiled.push(Self { kind, expressions, context, score: pattern.score });
        }
        Ok(compiled)
    }

    /// Adds its matches that reach the threshold.
    pub(super) fn find(&self, text: &str, threshold: f32, found: &mut Vec<Entity>) {
        for expression in &self.expressions {
            for hit in expression.find_iter(text).filter(|hit| !hit.is_empty()) {
                let near = !self.context.is_empty() && {
                    let words = context::words_before(text, hit.start());
                    self.context.iter().any(|word| words.contains(word))
                };
                let score = with_context(self.score, kind::Verdict::Plain, near);
                if score >= threshold {
                    let span = Span::new(hit.start(), hit.end());
                    found.push(Entity { span, kind: Cow::Owned(self.kind.clone()), score, checked: None });
                }
            }
        }
    }
}

fn expression(kind: &str, source: &str) -> Result<Regex, AnalyzerError> {
    RegexBuilder::new(source)
        .case_insensitive(true)
        .multi_line(true)
        .dot_matches_new_line(true)
        .size_limit(COMPILED_BYTES_MAX)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            AnalyzerError::Pattern { name: kind.to_owned(), expression: source.to_owned(), reason }
        })
}

/// The pattern that finds hidden names as whole words in any case; nothing when there are none.
pub(super) fn hidden_names(params: &AnalyzerParams) -> Result<Option<Regex>, AnalyzerError> {
    let names = &params.hidden_names;
    if names.is_empty() {
        return Ok(None);
    }
    if names.len() > NAMES_MAX {
        return Err(AnalyzerError::TooMany { what: "hidden names", most: NAMES_MAX });
    }
    if let Some(index) = names.iter().position(|name| name.trim().is_empty()) {
        return Err(AnalyzerError::EmptyName { index });
    }
    let escaped: Vec<String> = names.iter().map(|name| regex::escape(&name.replace('\'', " "))).collect();
    let source = format!(r"\b{{start-half}}(?:{})\b{{end-half}}", escaped.join("|"));
    expression("CUSTOM", &source).map(Some)
}
