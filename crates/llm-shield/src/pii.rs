//! Finds personal data by format: candidates by shape, then check digits, then words around them.
//!
//! One pass over the bytes finds candidates. A word with a digit starts a walk through one automaton that holds the
//! written forms of all kinds, and an attempt to read a telephone number; `@`, `:`, `[`, `#`, `$` and dots call the code
//! of the kinds they mark. What matches goes to its kinds' checks, and only then are the words before it looked up.
//! Every attempt reads a bounded number of bytes, so the time is linear in the text. Only patterns of the caller run as
//! regular expressions, on an engine that is linear too.
//!
//! # Scores
//! As in Presidio and llm-guard: a form has a base score; a check that holds makes it 1, one that fails drops the match;
//! a context word among the five before adds 0.35, to at least 0.4 and at most 1. For llm-guard's default kinds a
//! context word may be part of a longer word. For all others it must be a word of its own (or a part of a `snake_case`
//! or `camelCase` name), with no other number between, and where one number in ten passes the check, the check alone
//! scores 0.4 and the check beside a context word 1. So at the usual threshold of 0.5 a bare number is reported only
//! when its form is telling or a word names it.
//!
//! # Departures from Presidio
//! - Cards have their issuers' first digits and lengths, and a number that a word before it calls an IMEI or a company
//!   number is none; telephone numbers with a calling code score 0.6; `number` speaks for a telephone only where no word
//!   beside it names another number.
//! - Four-part version and section numbers and names such as `a::b` are no IP addresses; logins in URLs and
//!   `git@host:path` are no e-mail addresses.
//! - A match is no piece of a longer number, path, address or amount of money.
//! - Non-breaking spaces, typographic dashes, digits of other scripts and invisible characters are read as ASCII, and
//!   text in scripts without spaces may touch a number.
//! - `CREDIT_CARD_RE` keeps to word boundaries, which llm-guard's does not.
//!
//! # What it misses
//! Names, places and organisations (see [`NameFinder`]); numbers without check digits whose label stands after them, in
//! the head of a table, or in a language that the kind's words lack; values cut over lines; telephone numbers of local
//! length without a label.
//!
#![doc = include_str!("pii/kinds.md")]

mod address;
mod checks;
mod codes;
mod context;
mod crypto;
mod custom;
mod email;
mod kind;
mod kinds;
mod libphonenumber;
mod phone;
mod scan;
mod shape;
mod view;

use std::borrow::Cow;
use std::sync::Arc;

use regex::Regex;
use serde::Deserialize;

pub use custom::{PatternParams, Reuse};
use kind::{Code, How, Kind, Marker};

use crate::{Compat, Span, Threshold};

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

/// llm-guard's `DEFAULT_ENTITY_TYPES`, and `CUSTOM`, which is always looked for.
pub const DEFAULT_ENTITY_TYPES: &[&str] = &[
    "CREDIT_CARD",
    "CRYPTO",
    "EMAIL_ADDRESS",
    "IBAN_CODE",
    "IP_ADDRESS",
    "PERSON",
    "PHONE_NUMBER",
    "US_SSN",
    "US_BANK_NUMBER",
    "CREDIT_CARD_RE",
    "UUID",
    "EMAIL_ADDRESS_RE",
    "US_SSN_RE",
    "CUSTOM",
];

/// The kinds that only a [`NameFinder`] can report.
pub const NAME_TYPES: &[&str] = &["PERSON", "LOCATION", "ORGANIZATION", "NRP"];

/// In `entity_types`, this stands for every kind there is.
pub const ALL_ENTITY_TYPES: &str = "all";

/// The kind of hidden names.
pub const CUSTOM: &str = "CUSTOM";

/// What an [`Analyzer`] looks for; llm-guard's parameters and defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalyzerParams {
    /// The kinds to look for; nothing or an empty list means [`DEFAULT_ENTITY_TYPES`], `all` every kind.
    pub entity_types: Option<Vec<String>>,
    /// Words that are always found, as `CUSTOM`: whole words, any case.
    pub hidden_names: Vec<String>,
    /// Values that are not reported, compared exactly with the detected span.
    pub allowed_names: Vec<String>,
    /// llm-guard's `regex_patterns`: they replace its built-in groups (`CREDIT_CARD_RE`, `UUID`, ...) and, as
    /// there, are looked for when their names are among the entity types.
    pub regex_patterns: Option<Vec<PatternParams>>,
    /// Entities with a lower score are not reported.
    pub threshold: Threshold,
    /// Which of the patterns take part.
    pub language: Language,
}

impl Default for AnalyzerParams {
    fn default() -> Self {
        Self {
            entity_types: None,
            hidden_names: Vec::new(),
            allowed_names: Vec::new(),
            regex_patterns: None,
            threshold: Threshold::TOXICITY,
            language: Language::En,
        }
    }
}

/// llm-guard's languages of an analysis. Only its regex groups differ between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl Language {
    /// Its code, `en` or `zh`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// The language with this code.
    pub fn parse(code: &str) -> Result<Self, AnalyzerError> {
        match code {
            "en" => Ok(Self::En),
            "zh" => Ok(Self::Zh),
            other => Err(AnalyzerError::Language { code: other.to_owned() }),
        }
    }
}

/// An analyzer cannot be built from its parameters.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyzerError {
    /// A kind that neither this crate nor the patterns have.
    #[error("unknown entity type `{name}`{}", nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
    UnknownType {
        /// The name as it was given.
        name: String,
        /// The nearest name that exists.
        nearest: Option<String>,
    },
    /// A language that is not analysed.
    #[error("unknown language `{code}`; there are `en` and `zh`")]
    Language {
        /// The code as it was given.
        code: String,
    },
    /// A pattern that cannot be compiled.
    #[error("pattern of `{name}`: `{expression}` cannot be compiled: {reason}")]
    Pattern {
        /// The pattern's name.
        name: String,
        /// Its expression.
        expression: String,
        /// What the compiler said, last line.
        reason: String,
    },
    /// A pattern with neither expressions nor a kind to reuse.
    #[error("pattern `{name}` has neither expressions nor `reuse`")]
    NoExpressions {
        /// The pattern's name.
        name: String,
    },
    /// A score that is no probability.
    #[error("pattern `{name}`: score {score} is outside the range 0 to 1")]
    Score {
        /// The pattern's name.
        name: String,
        /// The score as it was given.
        score: f32,
    },
    /// A hidden name without a character to find.
    #[error("hidden name {index} is empty")]
    EmptyName {
        /// Its place in the list, from 0.
        index: usize,
    },
    /// More of something than an analyzer takes.
    #[error("more than {most} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        most: usize,
    },
}

/// Finds names of people, places and organisations, which have no format: a model, or a table in a test.
pub trait NameFinder: Send + Sync {
    /// The names in a text, with spans on its character boundaries and kinds out of [`NAME_TYPES`].
    fn names(&self, text: &str) -> Vec<Entity>;
}

/// Finds personal data in texts. Built once, then shared.
///
/// ```
/// use llm_shield::pii::{Analyzer, AnalyzerParams};
///
/// let analyzer = Analyzer::new(&AnalyzerParams::default(), None)?;
/// let text = "write to ada.byron@example.org";
/// let found = analyzer.analyze(text);
/// assert_eq!(found[0].kind, "EMAIL_ADDRESS");
/// assert_eq!(&text[found[0].span.range()], "ada.byron@example.org");
/// # Ok::<(), llm_shield::pii::AnalyzerError>(())
/// ```
pub struct Analyzer {
    threshold: f32,
    kinds: Vec<&'static Kind>,
    shapes: shape::Shapes,
    /// For each mask: its kind's place in `kinds`, and the score of a match.
    forms: Vec<(usize, f32)>,
    codes: [Option<usize>; Code::COUNT],
    markers: [Option<usize>; Marker::COUNT],
    context: Option<context::Context>,
    patterns: Vec<custom::Pattern>,
    hidden_names: Option<Regex>,
    allowed_names: Vec<String>,
    names: Option<Arc<dyn NameFinder>>,
    name_types: Vec<&'static str>,
    compat: Compat,
}

impl Analyzer {
    /// Builds an analyzer; `names` fills in what has no format.
    pub fn new(params: &AnalyzerParams, names: Option<Arc<dyn NameFinder>>) -> Result<Self, AnalyzerError> {
        let own: Vec<String> =
            params.regex_patterns.iter().flatten().map(|pattern| pattern.name.to_uppercase()).collect();
        let wanted = wanted(params, &own)?;
        let is_wanted =
            |name: &str| wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|kind| kind == name));
        let kinds: Vec<&'static Kind> = kinds::all()
            .filter(|kind| match kind.how {
                How::Marker(_) => true,
                _ => is_wanted(kind.name) && takes_part(kind.name, params),
            })
            .collect();
        if kinds.len() > context::Kinds::MAX {
            return Err(AnalyzerError::TooMany { what: "kinds", most: context::Kinds::MAX });
        }
        let mut masks = Vec::new();
        let mut forms = Vec::new();
        let mut codes = [None; Code::COUNT];
        for (place, kind) in kinds.iter().enumerate() {
            match &kind.how {
                How::Forms { forms: written, .. } => {
                    masks.extend(written.iter().map(|(mask, _)| *mask));
                    forms.extend(written.iter().map(|(_, score)| (place, *score)));
                }
                How::Code(code) => codes[*code as usize] = Some(place),
                How::Marker(_) => {}
            }
        }
        email::prepare();
        let mut patterns =
            custom::Pattern::compile(params.regex_patterns.as_deref().unwrap_or_default(), params.language)?;
        patterns.retain(|pattern| is_wanted(&pattern.kind));
        Ok(Self {
            threshold: params.threshold.value() as f32,
            shapes: shape::Shapes::new(masks.into_iter()),
            forms,
            codes,
            markers: context::markers(&kinds),
            context: context::Context::new(kinds.iter().copied().enumerate()),
            patterns,
            hidden_names: custom::hidden_names(params)?,
            allowed_names: params.allowed_names.clone(),
            name_types: NAME_TYPES.iter().copied().filter(|name| is_wanted(name)).collect(),
            names,
            kinds,
            compat: Compat::Mended,
        })
    }

    /// Whether telephone numbers are what libphonenumber takes for one in the regions that Presidio searches, all with the
    /// score 0.4, as in llm-guard: any run of digits that is somebody's number, and none without a word beside it.
    #[must_use]
    pub fn compat(self, compat: Compat) -> Self {
        Self { compat, ..self }
    }

    /// The kinds that this analyzer can report, in the order of its list: those that were asked for and that a
    /// recogniser, a pattern or the name finder serves.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        let named = self.names.is_some().then_some(&self.name_types);
        let built_in =
            self.kinds.iter().filter(|kind| !matches!(kind.how, How::Marker(_))).map(|kind| kind.name);
        built_in
            .chain(self.patterns.iter().map(|pattern| pattern.kind.as_str()))
            .chain(named.into_iter().flatten().copied())
            .chain(self.hidden_names.as_ref().map(|_| CUSTOM))
    }

    /// The personal data in a text: by start, then end; of one kind none inside another of at least its score, of
    /// different kinds as many as match; each with at least the threshold's score and no allowed name.
    pub fn analyze(&self, text: &str) -> Vec<Entity> {
        let view = view::View::new(text);
        let mut found = scan::Pass::new(self, &view.text).run();
        self.find_custom(&view.text, &mut found);
        for entity in &mut found {
            entity.span = view.span(entity.span);
        }
        if let Some(names) = &self.names
            && !self.name_types.is_empty()
        {
            let served = |entity: &Entity| {
                entity.score >= self.threshold
                    && self.name_types.iter().any(|name| *name == entity.kind)
                    && text.get(entity.span.range()).is_some_and(|value| !value.is_empty())
            };
            found.extend(names.names(text).into_iter().filter(served));
        }
        if !self.allowed_names.is_empty() {
            found.retain(|entity| !self.allowed_names.iter().any(|name| *name == text[entity.span.range()]));
        }
        without_contained(found)
    }

    /// Hidden names and the caller's patterns, which read `'` as a space as llm-guard does.
    fn find_custom(&self, text: &str, found: &mut Vec<Entity>) {
        if self.patterns.is_empty() && self.hidden_names.is_none() {
            return;
        }
        let copy =
            if text.contains('\'') { Cow::Owned(text.replace('\'', " ")) } else { Cow::Borrowed(text) };
        for pattern in &self.patterns {
            pattern.find(&copy, self.threshold, found);
        }
        let hidden = self.hidden_names.iter().flat_map(|names| names.find_iter(&copy));
        found.extend(hidden.map(|hit| Entity {
            span: Span::new(hit.start(), hit.end()),
            kind: Cow::Borrowed(CUSTOM),
            score: 1.0,
            checked: None,
        }));
    }
}

/// Whether a kind exists under these parameters: llm-guard's regex groups run in their languages, unless the caller
/// replaces them by patterns that do not take them over.
fn takes_part(name: &str, params: &AnalyzerParams) -> bool {
    let Some((_, languages)) = kind::GROUPS.iter().find(|(group, _)| *group == name) else { return true };
    params.regex_patterns.as_ref().map_or_else(
        || languages.contains(&params.language),
        |patterns| patterns.iter().any(|pattern| pattern.takes_over(name, params.language)),
    )
}

/// The kinds asked for, each known; nothing means all.
fn wanted(params: &AnalyzerParams, own: &[String]) -> Result<Option<Vec<String>>, AnalyzerError> {
    let names = params.entity_types.as_deref().unwrap_or_default();
    if names.is_empty() {
        return Ok(Some(DEFAULT_ENTITY_TYPES.iter().map(|&name| name.to_owned()).collect()));
    }
    for name in names {
        known(name, own)?;
    }
    let all = names.iter().any(|name| name == ALL_ENTITY_TYPES);
    Ok((!all).then(|| names.to_vec()))
}

/// Refuses a name of a kind that does not exist, with the nearest one that does.
fn known(name: &str, own: &[String]) -> Result<(), AnalyzerError> {
    let mut names: Vec<&str> = own.iter().map(String::as_str).collect();
    names.push(ALL_ENTITY_TYPES);
    for known in every_name() {
        names.push(known);
    }
    if names.contains(&name) {
        return Ok(());
    }
    let upper = name.to_uppercase();
    let nearest = names
        .into_iter()
        .map(|known| (strsim::jaro_winkler(known, &upper), known))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, known)| known.to_owned());
    Err(AnalyzerError::UnknownType { name: name.to_owned(), nearest })
}

/// The name of every kind there is.
pub fn every_name() -> impl Iterator<Item = &'static str> {
    kinds::all()
        .filter(|kind| !matches!(kind.how, How::Marker(_)))
        .map(|kind| kind.name)
        .chain(NAME_TYPES.iter().copied())
        .chain([CUSTOM])
}

/// Sorts, and drops what lies inside another entity of the same kind with at least its score.
fn without_contained(mut found: Vec<Entity>) -> Vec<Entity> {
    found.sort_by(|one, other| {
        let place = |entity: &Entity| (entity.span.start, std::cmp::Reverse(entity.span.end));
        place(one).cmp(&place(other)).then(one.kind.cmp(&other.kind)).then(other.score.total_cmp(&one.score))
    });
    let mut kept: Vec<Entity> = Vec::with_capacity(found.len());
    // Entities that still cover the place reached; forms are short, so these are few.
    let mut open: Vec<usize> = Vec::new();
    for entity in found {
        open.retain(|&place| kept[place].span.end > entity.span.start);
        let inside = |&place: &usize| {
            let outer: &Entity = &kept[place];
            outer.kind == entity.kind && outer.span.end >= entity.span.end && outer.score >= entity.score
        };
        if !open.iter().any(inside) {
            open.push(kept.len());
            kept.push(entity);
        }
    }
    kept.sort_by_key(|entity| (entity.span.start, entity.span.end));
    kept
}

#[cfg(test)]
mod tests;
