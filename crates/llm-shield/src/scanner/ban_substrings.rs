//! `BanSubstrings`: phrases that may not occur.

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

use super::redacted;
use crate::literals::Literals;
use crate::text::{Lowered, python};
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
    searcher: Searcher,
    /// Whether all phrases are ASCII.
    ascii: bool,
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
        let searcher = Searcher::new(&phrases, params.case_sensitive)?;
        let ascii = phrases.iter().all(|phrase| phrase.is_ascii());
        Ok(Self { phrases, searcher, ascii, params })
    }

    /// Occurrences that count, in the order of their ends, as spans of `text`.
    fn occurrences(&self, text: &str, view: &View<'_>) -> Vec<(usize, Span, bool)> {
        let haystack = view.haystack(text);
        let mut occurrences = Vec::new();
        self.searcher.each(&self.phrases, haystack, |phrase, start, end| {
            let counts = match self.params.match_type {
                SubstringMatch::Str => true,
                SubstringMatch::Word => is_word_boundary(haystack, start) && is_word_boundary(haystack, end),
            };
            occurrences.push((phrase, view.source(start, end), counts));
            true
        });
        occurrences.sort_by_key(|&(_, span, _)| (span.end, span.start));
        occurrences
    }
}

/// Finds every occurrence of every phrase, also overlapping ones.
enum Searcher {
    /// Compares with the case that the text has, or without regard to ASCII case.
    Literals { literals: Literals, case_sensitive: bool },
    /// For lists that are too long for the other, or hold phrases of one or two bytes.
    Automaton(AhoCorasick),
}

impl Searcher {
    fn new(phrases: &[String], case_sensitive: bool) -> Result<Self, BanSubstringsError> {
        if let Some(literals) = Literals::new(phrases) {
            return Ok(Self::Literals { literals, case_sensitive });
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            // On raw ASCII text this saves the lower-cased copy; Unicode text is lower-cased first.
            .ascii_case_insensitive(!case_sensitive)
            .build(phrases)?;
        Ok(Self::Automaton(automaton))
    }

    /// Hands number, start and end of each occurrence to `found`, until it says stop by `false`.
    fn each(&self, phrases: &[String], haystack: &str, mut found: impl FnMut(usize, usize, usize) -> bool) {
        match self {
            Self::Literals { literals, case_sensitive } => literals.each(haystack.as_bytes(), |hit| {
                let exact = || haystack.get(hit.start..hit.end) == Some(phrases[hit.literal].as_str());
                (*case_sensitive && !exact()) || found(hit.literal, hit.start, hit.end)
            }),
            Self::Automaton(automaton) => {
                let mut hits = automaton.find_overlapping_iter(haystack);
                while hits.next().is_some_and(|hit| found(hit.pattern().as_usize(), hit.start(), hit.end())) {
                }
            }
        }
    }

    fn is_match(&self, phrases: &[String], haystack: &str) -> bool {
        let mut any = false;
        self.each(phrases, haystack, |_, _, _| {
            any = true;
            false
        });
        any
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
        let view = if self.params.case_sensitive || raw.is_ascii() || (self.ascii && !lowers_to_ascii(raw)) {
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
        if !self.searcher.is_match(&self.phrases, view.haystack(raw)) {
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
        decoded_from: Vec::new(),
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

/// Whether a character beyond ASCII may become an ASCII letter in lower case: the Kelvin sign and the dotted capital I
/// are the only ones.
fn lowers_to_ascii(text: &str) -> bool {
    text.contains(['\u{212a}', '\u{130}'])
}

/// Python's `\b` at byte `at`.
fn is_word_boundary(text: &str, at: usize) -> bool {
    let is_word = |character: char| python::is_alphanumeric(character) || character == '_';
    let before = text[..at].chars().next_back().is_some_and(is_word);
    let after = text[at..].chars().next().is_some_and(is_word);
    before != after
}
