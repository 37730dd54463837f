//! `JSON`: answers whose JSON is broken or missing.

use serde::Deserialize;

use crate::json::{candidates, is_valid, repair};
use crate::{Category, Edit, Finding, Outcome, Owasp, RiskScore, ScanError, Scanner, Span, Text};

/// Refuses answers whose JSON objects are broken or too few and, with `repair`, mends them.
///
/// # What it finds
/// Stretches from an opening brace to the one that closes it that Python's `json` would not read, and answers with fewer
/// good ones than `required_elements`. With `repair` (the default) a broken one is replaced by what `json_repair` 0.44.1
/// makes of it, and counts as good. Each stays in its place: llm-guard also replaces the same text inside other objects.
///
/// # Why it matters
/// A program that reads a model's answer fails on a missing quote or a trailing comma (OWASP LLM05:2025, improper output
/// handling).
///
/// # What it misses
/// Arrays and single values are never looked at. Braces count also inside strings, as in llm-guard, so a brace there
/// breaks the object in two. Repair guesses: `{hello world}` becomes `{}`. What is nested deeper than 400 levels is not
/// repaired.
///
/// # Example
/// ```
/// use llm_shield::{Json, JsonParams, Scanner, Text};
///
/// let text = Text::new("Here: {'name': 'Ann', age: 7,}");
/// let outcome = Json::new(JsonParams::default()).scan(&text)?;
/// assert!(outcome.is_valid);
/// assert_eq!(text.edited(&outcome.edits).as_str(), r#"Here: {"name": "Ann", "age": 7}"#);
/// # Ok::<(), llm_shield::ScanError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Json {
    params: JsonParams,
}

/// llm-guard's parameters of [`Json`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JsonParams {
    /// How many good objects an answer needs.
    pub required_elements: u64,
    /// Whether to mend broken objects.
    pub repair: bool,
}

impl Default for JsonParams {
    fn default() -> Self {
        Self { required_elements: 0, repair: true }
    }
}

impl Json {
    /// llm-guard's name of the scanner.
    pub const NAME: &'static str = "JSON";

    /// A scanner with `params`.
    pub const fn new(params: JsonParams) -> Self {
        Self { params }
    }

    /// Whether Python's `json` would read `text`, as llm-guard's method of this name says.
    pub fn is_valid_json(text: &str) -> bool {
        is_valid(text)
    }

    /// `text` as JSON, by `json_repair`'s heuristics; the text itself when it is nested too deep.
    pub fn repair_json(text: &str) -> String {
        repair(text).unwrap_or_else(|| text.to_owned())
    }
}

impl Scanner for Json {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        if text.is_blank() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let text = text.as_str();
        let mut good = 0;
        let (mut edits, mut findings) = (Vec::new(), Vec::new());
        for span in candidates(text) {
            let candidate = &text[span.range()];
            if is_valid(candidate) {
                good += 1;
                continue;
            }
            match self.params.repair.then(|| repair(candidate)).flatten() {
                Some(repaired) => {
                    good += 1;
                    edits.push(Edit { span, replacement: repaired.into() });
                }
                None => findings.push(finding(span, "json-invalid")),
            }
        }
        if good < self.params.required_elements {
            findings.insert(0, finding(Span::new(0, text.len()), "json-too-few"));
        }
        if findings.is_empty() {
            return Ok(Outcome { edits, ..Outcome::pass(RiskScore::NONE) });
        }
        Ok(Outcome::refuse(RiskScore::CERTAIN, findings, edits))
    }
}

fn finding(span: Span, rule: &'static str) -> Finding {
    Finding {
        span,
        rule: rule.into(),
        category: Category::MalformedJson,
        score: 1.0,
        owasp: Owasp::Llm05OutputHandling,
        checked: None,
        decoded_from: Vec::new(),
    }
}
