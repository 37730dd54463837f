//! One rule of a rule file, checked once when it is loaded.

use std::sync::OnceLock;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use serde::Deserialize;

use super::check::Check;
use super::entropy::shannon;
use super::generic::placeholder::is_redaction;
use super::pattern::Pattern;
use super::placeholder::{PLACEHOLDER, SCORE_PLACEHOLDER, is_counting, is_made_up, is_published};
use crate::literals::Literals;

/// Confidence in a match whose structure was verified.
pub(super) const SCORE_CHECKED: f32 = 1.0;
/// Confidence in a match of a provider's format without a structural check.
const SCORE_FORMAT: f32 = 0.9;
/// Confidence in a match of a provider's format whose checksum is wrong: altered, mistyped or made up. A guard still
/// redacts it, as llm-guard does.
pub(super) const SCORE_DOUBTED: f32 = 0.6;

/// Confidence that an identifier matters: it is no secret.
const SCORE_IDENTIFIER: f32 = 0.2;
/// What [`crate::Finding::checked`] says of an identifier.
pub(super) const IDENTIFIER: &str = "identifier";

/// Longest match that a pattern may have, in bytes. It bounds the window around a keyword.
const MATCH_BYTES_MAX: usize = 16 * 1024;
/// A rule file that cannot be used, or a rule in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// Not TOML, or a key is unknown, missing or of the wrong type.
    #[error("{file}: {source}")]
    File {
        /// The rule file's name.
        file: String,
        /// What and where.
        source: Box<toml::de::Error>,
    },
    /// The rule breaks a rule of the format.
    #[error("{file}: rule `{id}`: {problem}")]
    Rule {
        /// The rule file's name.
        file: String,
        /// The rule's id.
        id: String,
        /// What is wrong with it.
        problem: String,
    },
    /// All rules together have more keywords than can be looked for at once.
    #[error("the rules have {count} keywords, over the limit of {most}")]
    Keywords {
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
}

/// What stands in a rule file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    #[serde(default)]
    pub(super) rule: Vec<RuleText>,
}

/// A rule as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) keywords: Vec<String>,
    pub(super) pattern: String,
    pub(super) entropy: Option<f64>,
    /// The least digits in the secret, which an identifier of the same length often lacks.
    pub(super) digits: Option<usize>,
    pub(super) check: Option<String>,
    pub(super) examples: Vec<String>,
    pub(super) negative_examples: Vec<String>,
}

/// What a rule finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What gives access.
    Secret,
    /// What only names an account, an application or a host.
    Identifier,
}

/// What is known of a match beyond its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    /// Confidence from 0 to 1.
    pub(super) score: f32,
    /// What was verified, as [`crate::Finding::checked`] says it.
    pub(super) checked: Option<&'static str>,
}

/// A rule whose keys are sound. Its pattern is read when its keyword is first seen: most never are, and to read
/// all of them would double the time to start.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) text: RuleText,
    pub(super) check: Option<Check>,
    pub(super) kind: Kind,
    file: String,
    bound: OnceLock<Result<usize, String>>,
    pattern: OnceLock<Result<Pattern, String>>,
    offsets: OnceLock<Option<Vec<isize>>>,
}

impl Rule {
    /// Checks a rule of `file`.
    pub(super) fn new(file: &str, text: RuleText, kind: Kind) -> Result<Self, RuleError> {
        let refuse =
            |problem: String| Err(RuleError::Rule { file: file.to_owned(), id: text.id.clone(), problem });
        let kebab = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.id.is_empty() || !text.id.bytes().all(kebab) {
            return refuse("the id is not kebab-case".to_owned());
        }
        if text.name.trim().is_empty() {
            return refuse("the name is empty".to_owned());
        }
        if text.keywords.is_empty() {
            return refuse("there is no keyword".to_owned());
        }
        let fits = |keyword: &&String| keyword.len() >= Literals::BYTES_MIN && keyword.is_ascii();
        if let Some(keyword) = text.keywords.iter().find(|keyword| !fits(keyword)) {
            let least = Literals::BYTES_MIN;
            return refuse(format!("keyword {keyword:?} is not ASCII of at least {least} characters"));
        }
        if text.examples.is_empty() || text.negative_examples.is_empty() {
            return refuse("it needs at least one example and one negative example".to_owned());
        }
        if text.entropy.is_some_and(|bits| !(0.0..=8.0).contains(&bits)) {
            return refuse("entropy is not from 0 to 8 bits a character".to_owned());
        }
        let check = match text.check.as_deref().map(|name| (name, Check::by_name(name))) {
            Some((name, None)) => return refuse(format!("there is no check `{name}`")),
            Some((_, known)) => known,
            None => None,
        };
        Ok(Self {
            text,
            check,
            kind,
            file: file.to_owned(),
            bound: OnceLock::new(),
            pattern: OnceLock::new(),
            offsets: OnceLock::new(),
        })
    }

    /// The longest match in bytes.
    pub(super) fn match_bytes_max(&self) -> Result<usize, RuleError> {
        let bound = self.bound.get_or_init(|| bound(&self.text.pattern));
        bound.as_ref().copied().map_err(|problem| self.error(problem))
    }

    /// The compiled pattern.
    pub(super) fn pattern(&self) -> Result<&Pattern, RuleError> {
        let compile =
            || Pattern::new(&self.text.pattern).map_err(|error| format!("the pattern is not valid: {error}"));
        self.pattern.get_or_init(compile).as_ref().map_err(|problem| self.error(problem))
    }

    /// How far before one of its keywords a match begins, where that is known; see [`Pattern::offsets`].
    pub(super) fn offsets(&self) -> Result<Option<&[isize]>, RuleError> {
        if let Some(known) = self.offsets.get() {
            return Ok(known.as_deref());
        }
        let keywords: Vec<String> =
            self.text.keywords.iter().map(|keyword| keyword.to_ascii_lowercase()).collect();
        let offsets = self.pattern()?.offsets(&keywords);
        Ok(self.offsets.get_or_init(|| offsets).as_deref())
    }

    /// What is wrong with this rule, with its place.
    pub(super) fn error(&self, problem: &str) -> RuleError {
        RuleError::Rule { file: self.file.clone(), id: self.text.id.clone(), problem: problem.to_owned() }
    }

    /// What the pattern cannot say: how sure it is that a match is a secret of this kind; `None` when it is not.
    pub(super) fn verdict(&self, secret: &str) -> Option<Verdict> {
        let placeholder = Some(Verdict { score: SCORE_PLACEHOLDER, checked: Some(PLACEHOLDER) });
        // What stands where a secret was is not shown either: redacting it again would change the text again.
        if secret.is_empty() || is_redaction(secret) {
            return None;
        }
        if is_published(secret) {
            return placeholder;
        }
        let held = self.check.map(|check| check.holds(secret));
        // What a checksum confirms was drawn, whatever it looks like.
        if !(held == Some(true) && self.check.is_some_and(Check::is_checksum)) && is_made_up(secret) {
            return placeholder;
        }
        if self.kind == Kind::Identifier {
            return Some(Verdict { score: SCORE_IDENTIFIER, checked: Some(IDENTIFIER) });
        }
        let digits = || secret.bytes().filter(u8::is_ascii_digit).count();
        if self.text.entropy.is_some_and(|bits| shannon(secret) < bits)
            || self.text.digits.is_some_and(|least| digits() < least)
        {
            // `abcdef…` in the place of a key stands for one; a word does not.
            return if is_counting(secret) { placeholder } else { None };
        }
        match (self.check, held) {
            (None, _) if is_counting(secret) => Some(Verdict { score: SCORE_DOUBTED, checked: None }),
            (Some(check), Some(true)) => Some(Verdict { score: SCORE_CHECKED, checked: Some(check.name()) }),
            (Some(check), _) => {
                check.leaves_doubt().then_some(Verdict { score: SCORE_DOUBTED, checked: None })
            }
            (None, _) => Some(Verdict { score: SCORE_FORMAT, checked: self.text.entropy.map(|_| "entropy") }),
        }
    }
}

/// The longest match of `pattern`, or why it cannot be a rule's.
fn bound(pattern: &str) -> Result<usize, String> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    let hir: Hir = parser.parse(pattern).map_err(|error| format!("the pattern is not valid: {error}"))?;
    match (hir.properties().minimum_len(), hir.properties().maximum_len()) {
        (None | Some(0), _) => Err("the pattern matches the empty string".to_owned()),
        (_, None) => Err("the pattern has an unbounded repeat".to_owned()),
        (_, Some(most)) if most > MATCH_BYTES_MAX => {
            Err(format!("the pattern matches up to {most} bytes, over the limit of {MATCH_BYTES_MAX}"))
        }
        (_, Some(most)) => Ok(most),
    }
}

#[cfg(test)]
mod tests {
    fn check(change: &str, to: &str, expected: Result<(), &str>) {
        let toml = r#"
            [[rule]]
            id = "acme-key"
            name = "Acme key"
            keywords = ["acme_"]
            pattern = '\bacme_[a-z]{8}\b'
            examples = ["acme_qwpoeiru"]
            negative_examples = ["acme_"]
        "#
        .replace(change, to);
        let loaded = crate::RuleSet::from_toml(&[("acme.toml", &toml)]).map(drop);
        match (loaded, expected) {
            (Ok(()), Ok(())) => {}
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (loaded, expected) => panic!("{change} -> {to}: {loaded:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn a_broken_rule_is_named() {
        check("", "", Ok(()));
        check("name =", "title =", Err("title"));
        check("acme-key", "Acme", Err("acme.toml: rule `Acme`: the id is not kebab-case"));
        check(r#"["acme_"]"#, "[]", Err("rule `acme-key`: there is no keyword"));
        check(r#"["acme_"]"#, r#"["é"]"#, Err("is not ASCII"));
        check("{8}", "+", Err("unbounded"));
        check("{8}", "{99999}", Err("the pattern"));
        check("{8}", "(", Err("not valid"));
        check(r"\bacme_[a-z]{8}\b", "a?", Err("empty string"));
        check("name =", "check = 'md5'\nname =", Err("there is no check `md5`"));
        check("name =", "entropy = 9.0\nname =", Err("entropy"));
        check(r#"["acme_qwpoeiru"]"#, "[]", Err("at least one example"));
    }
}
