//! All rules with the one searcher of their keywords, and the search.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use super::generic::{Generic, Judge, Trigger};
use super::pattern::Match;
use super::placeholder::{PLACEHOLDER, SCORE_PLACEHOLDER, settle};
use super::redact::places;
use super::rule::{Kind, Rule, RuleError, RuleFile, SCORE_CHECKED, Verdict};
use crate::literals::{Hit, Literals};
use crate::{ScanError, Span};

/// The rule files of the repository.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/secret_rules.rs"));
/// Rule files for what is no secret but names where one is used: accounts, applications, hosts.
const IDENTIFIERS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/identifier_rules.rs"));

/// A set of secret rules, ready to search texts.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    keywords: Literals,
    /// For each keyword, who asked for it.
    owners: Vec<Vec<Owner>>,
    judge: Judge,
}

#[derive(Debug, Clone, Copy)]
enum Owner {
    Rule(u32),
    Generic(Trigger),
}

/// A credential that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Secret<'r> {
    /// The secret itself, without the name in front of it.
    pub(crate) span: Span,
    /// The rule's id.
    pub(crate) rule: &'r str,
    /// How sure it is, from 0 to 1.
    pub(crate) score: f32,
    /// What was verified beyond the pattern.
    pub(crate) checked: Option<&'static str>,
    /// Which of two overlapping secrets stays; more is more specific.
    pub(super) rank: Rank,
}

/// Ordered by what makes a rule specific, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    by_format: bool,
    checked: bool,
    keyword_bytes: usize,
    secret_bytes: usize,
}

/// How far from its match a keyword may stand, in bytes: `twilio` names what the pattern then finds behind it.
const CONTEXT_BYTES_MAX: usize = 64;

/// How many secrets that touch are taken apart: redacting one uncovers the word bound of the next.
const GLUED_MAX: usize = 4;

impl RuleSet {
    /// The rules that come with the crate, loaded once for the process.
    pub fn embedded() -> Result<&'static Self, &'static RuleError> {
        static RULES: OnceLock<Result<RuleSet, RuleError>> = OnceLock::new();
        RULES.get_or_init(|| Self::load(EMBEDDED, &[])).as_ref()
    }

    /// Those, and the rules for identifiers beside them.
    pub(crate) fn embedded_with_identifiers() -> Result<&'static Self, &'static RuleError> {
        static RULES: OnceLock<Result<RuleSet, RuleError>> = OnceLock::new();
        RULES.get_or_init(|| Self::load(EMBEDDED, IDENTIFIERS)).as_ref()
    }

    /// Rules from files given as name and content. The detector of generic secrets is always there.
    pub fn from_toml(files: &[(&str, &str)]) -> Result<Self, RuleError> {
        let rules = Self::load(files, &[])?;
        rules.rules.iter().try_for_each(|rule| rule.match_bytes_max().map(drop))?;
        Ok(rules)
    }

    /// Rules whose patterns nobody has read yet; for the embedded ones a test does.
    fn load(secrets: &[(&str, &str)], identifiers: &[(&str, &str)]) -> Result<Self, RuleError> {
        let mut rules = Vec::new();
        let mut ids = HashSet::new();
        let kinds = [(secrets, Kind::Secret), (identifiers, Kind::Identifier)];
        for ((file, content), kind) in
            kinds.iter().flat_map(|(files, kind)| files.iter().map(move |file| (file, *kind)))
        {
            let parsed: RuleFile = toml::from_str(content)
                .map_err(|source| RuleError::File { file: (*file).to_owned(), source: Box::new(source) })?;
            for text in parsed.rule {
                let rule = Rule::new(file, text, kind)?;
                if rule.text.id == Generic::ID || !ids.insert(rule.text.id.clone()) {
                    return Err(rule.error("the id is taken"));
                }
                rules.push(rule);
            }
        }
        let mut wanted: BTreeMap<String, Vec<Owner>> = BTreeMap::new();
        for (rule, index) in rules.iter().zip(0u32..) {
            for keyword in &rule.text.keywords {
                wanted.entry(keyword.to_ascii_lowercase()).or_default().push(Owner::Rule(index));
            }
        }
        for (keyword, trigger) in Generic::KEYWORDS {
            wanted.entry((*keyword).to_owned()).or_default().push(Owner::Generic(*trigger));
        }
        let too_many = RuleError::Keywords { count: wanted.len(), most: Literals::COUNT_MAX };
        let keywords = Literals::new(wanted.keys()).ok_or(too_many)?;
        let judge = Judge::embedded().map_err(|error| RuleError::Rule {
            file: "secret_judge.bin".to_owned(),
            id: Generic::ID.to_owned(),
            problem: error.to_string(),
        })?;
        Ok(Self { rules, keywords, owners: wanted.into_values().collect(), judge: judge.clone() })
    }

    /// The embedded rules with another judge of generic secrets.
    pub fn embedded_with(judge: Judge) -> Result<Self, RuleError> {
        Ok(Self { judge, ..Self::load(EMBEDDED, &[])? })
    }

    /// Id and name of each rule.
    pub fn rules(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rules.iter().map(|rule| (rule.text.id.as_str(), rule.text.name.as_str()))
    }

    /// The rules as they are written.
    #[cfg(test)]
    pub(super) fn texts(&self) -> impl Iterator<Item = &super::rule::RuleText> {
        self.rules.iter().map(|rule| &rule.text)
    }

    /// Whether the pattern of the rule `id` fits its limits.
    #[cfg(test)]
    pub(super) fn compiles(&self, id: &str) -> Result<(), RuleError> {
        let mut named = self.rules.iter().filter(|rule| rule.text.id == id);
        named.try_for_each(|rule| rule.match_bytes_max().and(rule.pattern()).map(drop))
    }

    /// The credentials in `text`, in its order, without overlap; with the placeholders if they are to be `shown`.
    pub(crate) fn search<'r>(&'r self, text: &str, shown: bool) -> Result<Vec<Secret<'r>>, ScanError> {
        let mut secrets = settle(self.candidates(text, shown)?, shown);
        if secrets.is_empty() {
            return Ok(secrets);
        }
        for _ in 0..GLUED_MAX {
            let spans: Vec<Span> = secrets.iter().map(|secret| secret.span).collect();
            let places = places(text, &spans);
            if !places.iter().any(|place| is_glued(text, *place)) {
                break;
            }
            let uncovered = settle(self.candidates(&masked(text, &places), shown)?, shown);
            let before = secrets.len();
            secrets.extend(uncovered.into_iter().filter(|new| !spans.contains(&new.span)));
            secrets = without_overlap(secrets);
            if secrets.len() == before {
                break;
            }
        }
        Ok(secrets)
    }

    /// Every match of every rule, and if placeholders are to be `shown`, those of the generic detector too.
    pub(super) fn candidates<'r>(&'r self, text: &str, shown: bool) -> Result<Vec<Secret<'r>>, ScanError> {
        let mut search = Search { rules: &self.rules, text, found: Vec::new(), pending: Vec::new() };
        let mut generic = Generic::new(text, &self.judge, shown);
        let mut failure = None;
        self.keywords.each(text.as_bytes(), |hit| {
            for owner in &self.owners[hit.literal] {
                match *owner {
                    Owner::Generic(trigger) => search.generic(&mut generic, trigger, hit),
                    Owner::Rule(index) => failure = search.rule(index, hit).err(),
                }
                if failure.is_some() {
                    return false;
                }
            }
            true
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
        search.found.extend(generic.foreign().into_iter().map(|(span, score)| Secret::generic(span, score)));
        search.found.extend(generic.placeholders().map(Secret::generic_placeholder));
        search.finish()
    }
}

/// The search of one text: what was found, and where each rule has yet to look.
struct Search<'r, 't> {
    rules: &'r [Rule],
    text: &'t str,
    found: Vec<Secret<'r>>,
    /// By rule; ordinary texts have few, so that a place for every rule would cost more than to look them up.
    pending: Vec<Pending>,
}

/// How far the search for one rule has come.
struct Pending {
    rule: u32,
    /// Occurrences of its keywords that were looked at by themselves although the last was near.
    tries: usize,
    /// Where the last of them began.
    tried: usize,
    /// Where it has yet to look.
    window: Option<Span>,
}

/// Occurrences of a rule's keywords are looked at one by one where it is known how far from them a match begins: most
/// are no secrets, which a few bytes tell. Once so many stood within a match's length of the one before, the text is
/// searched window by window instead, no byte twice.
const TRIES_MAX: usize = 32;
/// And only rules whose matches are short, in bytes.
const TRIED_BYTES_MAX: usize = 512;

impl<'r> Search<'r, '_> {
    fn generic(&mut self, generic: &mut Generic<'_>, trigger: Trigger, hit: Hit) {
        let found = generic.at(trigger, Span::new(hit.start, hit.end));
        self.found.extend(found.map(|(span, score)| Secret::generic(span, score)));
    }

    fn rule(&mut self, index: u32, hit: Hit) -> Result<(), ScanError> {
        let rule = &self.rules[index as usize];
        let place = match self.pending.binary_search_by_key(&index, |pending| pending.rule) {
            Ok(place) => place,
            Err(place) => {
                self.pending.insert(place, Pending { rule: index, tries: 0, tried: 0, window: None });
                place
            }
        };
        let pending = &mut self.pending[place];
        let reach = rule.match_bytes_max().map_err(failed)?;
        if pending.tries < TRIES_MAX
            && reach <= TRIED_BYTES_MAX
            && let Some(offsets) = rule.offsets().map_err(failed)?
        {
            pending.tries += usize::from(hit.start < pending.tried + reach);
            pending.tried = hit.start;
            for offset in offsets {
                if let Some(start) = hit.start.checked_add_signed(-offset) {
                    rule.match_at(self.text, start, &mut self.found)?;
                }
            }
            return Ok(());
        }
        let window = rule.window(self.text, hit.start, hit.end)?;
        match &mut pending.window {
            // Overlapping keywords may come in either order.
            Some(open) if window.start <= open.end => {
                *open = Span::new(open.start.min(window.start), open.end.max(window.end));
            }
            slot => {
                if let Some(done) = slot.replace(window) {
                    rule.matches(self.text, done, &mut self.found)?;
                }
            }
        }
        Ok(())
    }

    /// Looks into the windows that are still open.
    fn finish(mut self) -> Result<Vec<Secret<'r>>, ScanError> {
        for pending in self.pending {
            if let Some(window) = pending.window {
                self.rules[pending.rule as usize].matches(self.text, window, &mut self.found)?;
            }
        }
        Ok(self.found)
    }
}

impl Secret<'_> {
    /// What the judge took for a secret: any rule's match goes before it.
    fn generic(span: Span, score: f32) -> Self {
        let rank = Rank { by_format: false, checked: false, keyword_bytes: 0, secret_bytes: span.len() };
        Self { span, rule: Generic::ID, score, checked: None, rank }
    }

    fn generic_placeholder(span: Span) -> Self {
        Self { checked: Some(PLACEHOLDER), ..Self::generic(span, SCORE_PLACEHOLDER) }
    }
}

impl Rule {
    /// The bytes in which a match that holds or neighbours the keyword at `start..end` must lie, and a little more
    /// so that a word bound at its end sees what follows.
    fn window(&self, text: &str, start: usize, end: usize) -> Result<Span, ScanError> {
        let match_bytes_max = self.match_bytes_max().map_err(failed)?;
        let mut from = end.saturating_sub(match_bytes_max + CONTEXT_BYTES_MAX);
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        let mut to = (start + match_bytes_max).max(end).saturating_add(CONTEXT_BYTES_MAX).min(text.len());
        while !text.is_char_boundary(to) {
            to += 1;
        }
        Ok(Span::new(from, to))
    }

    /// Adds the matches within `window` to `found`.
    fn matches<'r>(&'r self, text: &str, window: Span, found: &mut Vec<Secret<'r>>) -> Result<(), ScanError> {
        let pattern = self.pattern().map_err(failed)?;
        let haystack = &text.as_bytes()[..window.end];
        let mut at = window.start;
        while let Some(hit) = pattern.find(haystack, at) {
            at = hit.end;
            found.extend(self.secret(text, hit));
        }
        Ok(())
    }

    /// Adds the match that begins at `start`, if there is one.
    fn match_at<'r>(
        &'r self,
        text: &str,
        start: usize,
        found: &mut Vec<Secret<'r>>,
    ) -> Result<(), ScanError> {
        let hit = self.pattern().map_err(failed)?.find_at(text.as_bytes(), start);
        found.extend(hit.and_then(|hit| self.secret(text, hit)));
        Ok(())
    }

    /// What a match is worth.
    fn secret(&self, text: &str, hit: Match) -> Option<Secret<'_>> {
        let span = whole_characters(text, hit.secret);
        let Verdict { score, checked } = self.verdict(&text[span.range()])?;
        let rank = Rank {
            by_format: self.kind == Kind::Secret,
            checked: score >= SCORE_CHECKED,
            keyword_bytes: self.text.keywords.iter().map(String::len).max().unwrap_or(0),
            secret_bytes: span.len(),
        };
        Some(Secret { span, rule: &self.text.id, score, checked, rank })
    }
}

/// A pattern sees bytes; a class such as `[^"]` may begin or end within a character.
fn whole_characters(text: &str, span: Span) -> Span {
    let Span { mut start, mut end } = span;
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    Span::new(start, end)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
fn failed(error: RuleError) -> ScanError {
    ScanError::Model(error.to_string())
}

/// Whether a letter or digit touches the secret, so that a word bound appears where it is redacted.
fn is_glued(text: &str, span: Span) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = text.as_bytes();
    bytes[..span.start].last().is_some_and(is_word) || bytes.get(span.end).is_some_and(is_word)
}

/// `text` of the same length with stars in `places`.
fn masked(text: &str, places: &[Span]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for place in places {
        out.push_str(&text[from..place.start]);
        out.extend(std::iter::repeat_n('*', place.len()));
        from = place.end;
    }
    out.push_str(&text[from..]);
    out
}

/// The most specific secrets, in the order of the text, none overlapping another.
pub(super) fn without_overlap(mut candidates: Vec<Secret<'_>>) -> Vec<Secret<'_>> {
    if candidates.len() > 1 {
        candidates.sort_by(|a, b| {
            b.rank.cmp(&a.rank).then_with(|| a.span.cmp(&b.span)).then_with(|| a.rule.cmp(b.rule))
        });
        let mut kept: BTreeMap<usize, Secret<'_>> = BTreeMap::new();
        for secret in candidates {
            let before = kept.range(..secret.span.end).next_back();
            if before.is_none_or(|(_, other)| other.span.end <= secret.span.start) {
                kept.insert(secret.span.start, secret);
            }
        }
        candidates = kept.into_values().collect();
    }
    candidates
}
