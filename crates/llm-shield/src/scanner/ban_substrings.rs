//! `BanSubstrings`: phrases that may not occur.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde::Deserialize;

use super::redacted;
use crate::text::Lowered;
use crate::{Category, Edit, Finding, Outcome, Owasp, RiskScore, ScanError, Scanner, Span, Text};

/// Refuses texts that hold one of a list of phrases.
///
/// # What it finds
/// Each occurrence of each phrase, anywhere (`match_type: str`) or as whole words (`word`), in any case unless
/// `case_sensitive`. With `contains_all` the text is refused only if every phrase occurs. With `redact` every
/// occurrence of the phrases that were found becomes `[REDACTED]`.
///
/// # Why it matters
/// It is the cheapest way to keep out known attack phrases, product names or code words: one pass over the
/// text, however long the list.
///
/// # What it misses
/// Paraphrases, other spellings and disguised letters. As in llm-guard, redaction replaces the phrase inside
/// longer words too, even with `match_type: word`. Where phrases overlap, the one earlier in the list wins.
///
/// # Example
/// ```
/// use llm_shield::{BanSubstrings, BanSubstringsParams, Scanner, Text};
///
/// let params = BanSubstringsParams { substrings: vec!["ransomware".into()], ..Default::default() };
/// let scanner = BanSubstrings::new(params)?;
/// let outcome = scanner.scan(&Text::new("Write me some Ransomware"))?;
/// assert!(!outcome.is_valid);
/// assert_eq!(outcome.findings[0].span.range(), 14..24);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BanSubstrings {
    /// Phrases as they are compared: lower-cased unless case matters.
    phrases: Vec<String>,
    /// Finds every occurrence, also overlapping ones.
    automaton: AhoCorasick,
    params: BanSubstringsParams,
}

/// llm-guard's parameters of [`BanSubstrings`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BanSubstringsParams {
    /// The phrases.
    pub substrings: Vec<String>,
    /// Anywhere, or whole words.
    #[serde(default)]
    pub match_type: SubstringMatch,
    /// Whether case matters.
    #[serde(default)]
    pub case_sensitive: bool,
    /// Whether to replace what was found by `[REDACTED]`.
    #[serde(default)]
    pub redact: bool,
    /// Whether to refuse only if every phrase occurs.
    #[serde(default)]
    pub contains_all: bool,
}

/// Where a phrase counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubstringMatch {
    /// Anywhere.
    #[default]
    Str,
    /// Between word boundaries.
    Word,
}

/// The phrases are too many or too long for one automaton.
#[derive(Debug, thiserror::Error)]
#[error("the substrings cannot be compiled: {0}")]
pub struct BanSubstringsError(#[from] aho_corasick::BuildError);

impl BanSubstrings {
    /// Compiles the phrases into one automaton.
    pub fn new(params: BanSubstringsParams) -> Result<Self, BanSubstringsError> {
        let phrases: Vec<String> = if params.case_sensitive {
            params.substrings.clone()
        } else {
            params.substrings.iter().map(|phrase| phrase.to_lowercase()).collect()
        };
        let bytes: usize = phrases.iter().map(String::len).sum();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            // On raw ASCII text this saves the lower-cased copy; Unicode text is lower-cased first.
            .ascii_case_insensitive(!params.case_sensitive)
            // A DFA is twice as fast; past some 16 KB of phrases it would cost too much memory.
            .kind((bytes < 16 << 10).then_some(AhoCorasickKind::DFA))
            .build(&phrases)?;
        Ok(Self { phrases, automaton, params })
    }

    /// Occurrences that count, in the order of their ends, as spans of `text`.
    fn occurrences(&self, text: &str, view: &View<'_>) -> Vec<(usize, Span, bool)> {
        let haystack = view.haystack(text);
        self.automaton
            .find_overlapping_iter(haystack)
            .map(|found| {
                let counts = match self.params.match_type {
                    SubstringMatch::Str => true,
                    SubstringMatch::Word => {
                        is_word_boundary(haystack, found.start()) && is_word_boundary(haystack, found.end())
                    }
                };
                (found.pattern().as_usize(), view.source(found.start(), found.end()), counts)
            })
            .collect()
    }
}

/// The text as the phrases are compared with it.
enum View<'t> {
    Raw,
    Lowered(Lowered<'t>),
}

impl View<'_> {
    fn haystack<'a>(&'a self, raw: &'a str) -> &'a str {
        match self {
            Self::Raw => raw,
            Self::Lowered(lowered) => lowered.as_str(),
        }
    }

    fn source(&self, start: usize, end: usize) -> Span {
        match self {
            Self::Raw => Span::new(start, end),
            Self::Lowered(lowered) => lowered.source(start, end),
        }
    }
}

impl Scanner for BanSubstrings {
    fn name(&self) -> &'static str {
        "BanSubstrings"
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let raw = text.as_str();
        let view = if self.params.case_sensitive || raw.is_ascii() {
            View::Raw
        } else {
            View::Lowered(Lowered::new(raw))
        };
        if self.phrases.is_empty() {
            let outcome = if self.params.contains_all {
                Outcome::refuse(RiskScore::CERTAIN, Vec::new(), Vec::new())
            } else {
                Outcome::pass(RiskScore::NONE)
            };
            return Ok(outcome);
        }
        if !self.automaton.is_match(view.haystack(raw)) {
            let risk = if self.params.contains_all { RiskScore::ZERO } else { RiskScore::NONE };
            return Ok(Outcome::pass(risk));
        }
        let occurrences = self.occurrences(raw, &view);
        let mut found = vec![false; self.phrases.len()];
        for &(phrase, _, counts) in &occurrences {
            found[phrase] |= counts;
        }
        if self.params.contains_all && !found.iter().all(|&found| found) {
            return Ok(Outcome::pass(RiskScore::ZERO));
        }
        if !found.iter().any(|&found| found) {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let findings = outermost(&occurrences).map(finding).collect();
        let edits = if self.params.redact { redactions(&occurrences, &found) } else { Vec::new() };
        Ok(Outcome::refuse(RiskScore::CERTAIN, findings, edits))
    }
}

fn finding(span: Span) -> Finding {
    Finding {
        span,
        rule: "ban_substrings".into(),
        category: Category::BannedContent,
        score: 1.0,
        owasp: Owasp::Llm01PromptInjection,
        checked: None,
    }
}

/// The occurrences that count, without those that lie inside another, in the order of the text.
fn outermost(occurrences: &[(usize, Span, bool)]) -> impl Iterator<Item = Span> {
    let mut spans: Vec<Span> =
        occurrences.iter().filter(|(_, _, counts)| *counts).map(|&(_, span, _)| span).collect();
    spans.sort_unstable_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let mut end = None;
    spans.into_iter().filter(move |span| {
        let inside = end.is_some_and(|end| span.end <= end);
        end = end.max(Some(span.end));
        !inside
    })
}

/// Every occurrence of every phrase that was found, phrase by phrase in the list's order; an occurrence that
/// overlaps an earlier choice stays.
fn redactions(occurrences: &[(usize, Span, bool)], found: &[bool]) -> Vec<Edit> {
    let mut chosen: Vec<Span> = Vec::new();
    for phrase in (0..found.len()).filter(|&phrase| found[phrase]) {
        let mut added = Vec::new();
        let mut taken = chosen.iter().peekable();
        let mut end = 0;
        for &(_, span, _) in occurrences.iter().filter(|&&(other, ..)| other == phrase) {
            while taken.next_if(|other| other.end <= span.start).is_some() {}
            let free = taken.peek().is_none_or(|other| span.end <= other.start);
            if free && span.start >= end && !span.is_empty() {
                added.push(span);
                end = span.end;
            }
        }
        chosen.extend(added);
        chosen.sort_unstable();
    }
    chosen.into_iter().map(redacted).collect()
}

/// Python's `\b` at byte `at`.
fn is_word_boundary(text: &str, at: usize) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let before = text[..at].chars().next_back().is_some_and(is_word);
    let after = text[at..].chars().next().is_some_and(is_word);
    before != after
}
