//! Regex: patterns of the policy that may not, or must, match.

mod python;

use regex::{CaptureLocations, Regex as Engine, RegexBuilder};
use serde::Deserialize;

use super::redacted;
use crate::{Category, Finding, Outcome, Owasp, RiskScore, ScanError, Scanner, Span, Text};
use python::{End, LINE_FEED, Unusable, translate};

/// Refuses texts that match a pattern or, with `is_blocked: false`, texts that match none.
///
/// # What it finds
/// The matches of the first pattern in the list that matches at all, as in llm-guard: later patterns are then
/// neither reported nor redacted.
///
/// # Why it matters
/// Every deployment has formats of its own (order numbers, internal host names) that no built-in rule knows.
///
/// # What it misses
/// The syntax is that of Python's `re`. Patterns run on an engine whose time is linear in the text, so look-around,
/// back-references, conditions, atomic groups and possessive repetitions are refused when the policy is loaded; Python
/// would accept them and could be made to hang.
///
/// # Example
/// ```
/// use llm_shield::{Regex, RegexParams, Scanner, Text};
///
/// let scanner = Regex::new(RegexParams::new([r"Bearer [A-Za-z0-9._~+/-]+"]))?;
/// let outcome = scanner.scan(&Text::new("Authorization: Bearer abc.def"))?;
/// assert_eq!(outcome.edits[0].replacement, "[REDACTED]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Regex {
    patterns: Vec<Pattern>,
    params: RegexParams,
}

/// llm-guard's parameters of [`Regex`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegexParams {
    /// The patterns, tried in order.
    pub patterns: Vec<String>,
    /// Whether a match refuses the text (true) or lets it pass (false).
    #[serde(default = "yes")]
    pub is_blocked: bool,
    /// What counts as a match and how much of it is redacted; without it `all` for prompts, `search` for
    /// outputs.
    #[serde(default)]
    pub match_type: Option<RegexMatch>,
    /// Whether to replace matches by `[REDACTED]`.
    #[serde(default = "yes")]
    pub redact: bool,
}

const fn yes() -> bool {
    true
}

impl RegexParams {
    /// llm-guard's defaults with these patterns.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Self {
        Self {
            patterns: patterns.into_iter().map(str::to_owned).collect(),
            is_blocked: true,
            match_type: None,
            redact: true,
        }
    }
}

/// What counts as a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegexMatch {
    /// The first match anywhere.
    Search,
    /// The whole text.
    FullMatch,
    /// Every match.
    All,
}

/// A pattern cannot be compiled.
#[derive(Debug, thiserror::Error)]
#[error(
    "pattern {index} `{pattern}` cannot be compiled: {reason}{}",
    if *.looks_around { ", which only a backtracking engine has; this one takes linear time whatever the text" } else { "" }
)]
pub struct RegexError {
    /// Its place in the list, from 0.
    pub index: usize,
    /// The pattern as it was given.
    pub pattern: String,
    /// What the compiler said, last line.
    pub reason: String,
    /// Whether it uses what only a backtracking engine can do.
    pub looks_around: bool,
}

/// A compiled pattern.
struct Pattern {
    engine: Engine,
    /// Groups that stand for the line feed behind a `$`, which belongs to no match.
    line_feeds: Vec<usize>,
}

impl Pattern {
    /// The first match from `from` on.
    fn find_at(&self, text: &str, from: usize, groups: &mut CaptureLocations) -> Option<Span> {
        if self.line_feeds.is_empty() {
            return self.engine.find_at(text, from).map(|found| Span::new(found.start(), found.end()));
        }
        let found = self.engine.captures_read_at(groups, text, from)?;
        let line_feed = self.line_feeds.iter().find_map(|&group| groups.get(group));
        Some(Span::new(found.start(), line_feed.map_or(found.end(), |(start, _)| start)))
    }

    /// Every match as Python's `finditer` gives them: an empty one may stand right behind another.
    fn find_all(&self, text: &str) -> Vec<Span> {
        let mut groups = self.engine.capture_locations();
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(span) = (from <= text.len()).then(|| self.find_at(text, from, &mut groups)).flatten() {
            found.push(span);
            let step = text[span.end..].chars().next().map_or(1, char::len_utf8);
            from = if span.is_empty() { span.end + step } else { span.end };
        }
        found
    }
}

impl Regex {
    /// Compiles the patterns.
    pub fn new(params: RegexParams) -> Result<Self, RegexError> {
        let whole = params.match_type == Some(RegexMatch::FullMatch);
        let compile = |(index, pattern): (usize, &String)| {
            let error =
                |reason, looks_around| RegexError { index, pattern: pattern.clone(), reason, looks_around };
            let end = if whole { End::Exact } else { End::OrLineFeed };
            let source = translate(pattern, end).map_err(|unusable| match unusable {
                Unusable::Backtracks(what) => error(format!("it has {what}"), true),
                Unusable::Wrong(reason) => error(reason, false),
            })?;
            let source = if whole { format!(r"\A(?:{source})\z") } else { source };
            let engine = RegexBuilder::new(&source).build().map_err(|fault| {
                let text = fault.to_string();
                error(text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(), false)
            })?;
            let is_line_feed = |name: Option<&str>| name.is_some_and(|name| name.starts_with(LINE_FEED));
            let names = engine.capture_names().enumerate();
            let line_feeds = names.filter(|(_, name)| is_line_feed(*name)).map(|(group, _)| group).collect();
            Ok(Pattern { engine, line_feeds })
        };
        let patterns = params.patterns.iter().enumerate().map(compile).collect::<Result<_, _>>()?;
        Ok(Self { patterns, params })
    }

    /// The matches of one pattern, as far as the match type asks for them.
    fn matches(&self, pattern: &Pattern, text: &str) -> Vec<Span> {
        match self.params.match_type {
            Some(RegexMatch::Search | RegexMatch::FullMatch) => {
                pattern.find_at(text, 0, &mut pattern.engine.capture_locations()).into_iter().collect()
            }
            Some(RegexMatch::All) | None => pattern.find_all(text),
        }
    }
}

impl Scanner for Regex {
    fn name(&self) -> &'static str {
        "Regex"
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let matches = self
            .patterns
            .iter()
            .enumerate()
            .map(|(index, pattern)| (index, self.matches(pattern, text.as_str())))
            .find(|(_, matches)| !matches.is_empty());
        Ok(match (matches, self.params.is_blocked) {
            (Some((index, matches)), true) => {
                let edits = if self.params.redact {
                    matches.iter().copied().map(redacted).collect()
                } else {
                    Vec::new()
                };
                let findings = matches.into_iter().map(|span| finding(span, format!("regex-{index}")));
                Outcome::refuse(RiskScore::CERTAIN, findings.collect(), edits)
            }
            (None, false) => {
                let whole = Span::new(0, text.as_str().len());
                let finding = finding(whole, "regex-none-matched".to_owned());
                Outcome::refuse(RiskScore::CERTAIN, vec![finding], Vec::new())
            }
            (Some(_), false) | (None, true) => Outcome::pass(RiskScore::NONE),
        })
    }
}

fn finding(span: Span, rule: String) -> Finding {
    Finding {
        span,
        rule: rule.into(),
        category: Category::BannedContent,
        score: 1.0,
        owasp: Owasp::Llm01PromptInjection,
        checked: None,
        decoded_from: Vec::new(),
    }
}
