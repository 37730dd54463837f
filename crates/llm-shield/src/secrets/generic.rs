//! Secrets without a provider's format: values next to a name that says secret, and passwords in URLs.
//!
//! Three steps, each bounded in bytes: the name around a keyword is read ([`name`]), the value behind it is parsed as
//! code, YAML, JSON, environment files, command lines, XML or prose write it ([`value`]), and what is neither a
//! placeholder nor plainly code is judged ([`judge`]) by a model over its features ([`features`]). Most keywords end
//! before the last step, for want of an assignment.

mod features;
mod judge;
mod letters;
mod name;
pub(super) mod placeholder;
mod spread;
mod unnamed;
mod value;
mod words;

use aho_corasick::AhoCorasick;

use crate::Span;
use crate::base64;
pub use judge::{Judge, JudgeError};
use name::Strength;
use placeholder::{holds_redaction, is_placeholder};
use value::{Form, Found, Operator};

/// Why a keyword is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trigger {
    /// It is part of a name whose value may be a secret.
    Name,
    /// `://`, which a password may follow.
    Url,
    /// `basic ` or `bearer `: an HTTP authentication scheme.
    Scheme,
    /// `--user` of a command line, which takes `user:password`.
    User,
    /// The start of a JSON object in base64, as of the header of a JSON Web Token.
    WebToken,
    /// `kty`, which each JSON Web Key has.
    WebKey,
}

/// A value that may be a secret, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    /// What the value is assigned to; empty behind a scheme and in a URL.
    name: Span,
    value: Span,
    form: Form,
    operator: Operator,
    trigger: Trigger,
    strength: Option<Strength>,
    /// A call wraps the value.
    wrapped: bool,
    /// It is the random part of a longer value.
    part: bool,
}

/// The rule of what no provider's format tells.
pub(crate) const GENERIC_RULE: &str = "generic-secret";

/// The search for generic secrets in one text.
pub(super) struct Generic<'t> {
    text: &'t str,
    judge: &'t Judge,
    /// Where the last name that was read ends: its other keywords need no second look.
    name_end: usize,
    /// Where the last web token that was read ends: it may hold the start of one again.
    token_end: usize,
    /// Up to where web keys have been read.
    key_end: usize,
    /// Where values stand for a secret, if that is asked for.
    placeholders: Option<Vec<Span>>,
}

impl<'t> Generic<'t> {
    pub(super) const ID: &'static str = GENERIC_RULE;

    /// Lower case; each at least three bytes, as every hit costs a look at its surroundings.
    pub(super) const KEYWORDS: &'static [(&'static str, Trigger)] = &[
        ("passw", Trigger::Name),
        ("passphrase", Trigger::Name),
        ("passcode", Trigger::Name),
        ("_pass", Trigger::Name),
        ("pass=", Trigger::Name),
        ("pass:", Trigger::Name),
        ("pass\"", Trigger::Name),
        ("pass'", Trigger::Name),
        ("pass ", Trigger::Name),
        ("pass\\", Trigger::Name),
        ("pwd", Trigger::Name),
        ("kennwort", Trigger::Name),
        ("mot de passe", Trigger::Name),
        ("senha", Trigger::Name),
        ("secret", Trigger::Name),
        ("token", Trigger::Name),
        ("credential", Trigger::Name),
        ("key", Trigger::Name),
        ("auth", Trigger::Name),
        ("salt", Trigger::Name),
        ("nonce", Trigger::Name),
        ("identified", Trigger::Name),
        ("seed", Trigger::Name),
        ("ticket", Trigger::Name),
        ("jwt", Trigger::Name),
        ("cookie", Trigger::Name),
        ("://", Trigger::Url),
        ("basic ", Trigger::Scheme),
        ("bearer ", Trigger::Scheme),
        ("--user ", Trigger::User),
        (" -u ", Trigger::User),
        ("eyj", Trigger::WebToken),
        ("kty", Trigger::WebKey),
    ];

    /// A search of `text`, which keeps the placeholders if they are to be `shown`.
    pub(super) fn new(text: &'t str, judge: &'t Judge, shown: bool) -> Self {
        let placeholders = shown.then(Vec::new);
        Self { text, judge, name_end: 0, token_end: 0, key_end: 0, placeholders }
    }

    /// The placeholders that were met.
    pub(super) fn placeholders(&mut self) -> impl Iterator<Item = Span> + use<> {
        self.placeholders.take().unwrap_or_default().into_iter()
    }

    /// Keeps the value at `span`, which nobody judges, if it stands for a secret behind a name that says so.
    fn keep_placeholder(&mut self, span: Span, strength: Option<Strength>) {
        let value = &self.text[span.range()];
        if let Some(placeholders) = &mut self.placeholders
            && matches!(strength, Some(Strength::Secret | Strength::Password))
            && value.len() >= 4
            && !holds_redaction(value)
            && is_placeholder(value)
        {
            placeholders.push(span);
        }
    }

    /// What names in scripts other than ASCII lead to. They are sought apart: in the automaton of all keywords their
    /// bytes would double its tables, and slow every text for the sake of few.
    pub(super) fn foreign(&mut self) -> Vec<(Span, f32)> {
        self.name_end = 0;
        let text = self.text;
        name::foreign(text).filter_map(|hit| self.at(Trigger::Name, hit)).collect()
    }

    /// The secret that the keyword at `hit` leads to, and how likely it is one.
    pub(super) fn at(&mut self, trigger: Trigger, hit: Span) -> Option<(Span, f32)> {
        let mut best: Option<(Span, f32)> = None;
        for candidate in self.candidates(trigger, hit).into_iter().flatten() {
            let row = features::Row::new(self.text, &candidate);
            let probability = self.judge.probability(&row.values);
            if probability > self.judge.threshold() && best.is_none_or(|(_, most)| most < probability) {
                best = Some((candidate.value, probability));
            }
        }
        best
    }

    /// What is worth a judgement: the value that the keyword leads to, and its random part when it is a record.
    fn candidates(&mut self, trigger: Trigger, hit: Span) -> [Option<Candidate>; 2] {
        let found = match trigger {
            Trigger::Name => return self.named(hit),
            Trigger::Url => {
                unnamed::url_password(self.text, hit.end).map(|span| Found::other(span, Form::Bare))
            }
            Trigger::Scheme => Some(Found::other(unnamed::run(self.text, hit.end), Form::Prose)),
            Trigger::User => {
                unnamed::user_password(self.text, hit.end).map(|span| Found::other(span, Form::Bare))
            }
            Trigger::WebToken => {
                unnamed::web_token(self.text, hit.start).map(|span| Found::other(span, Form::Bare))
            }
            Trigger::WebKey => return self.web_key(hit),
        };
        let Some(found) = found else { return [None, None] };
        let name = Span::new(hit.start, hit.start);
        let candidate = Candidate::new(trigger, name, None, found);
        let value = &self.text[found.span.range()];
        let plain = match trigger {
            // `Basic` goes before `user:password` in base64.
            Trigger::Scheme => value.len() < 8 || (!is_pair(value) && letters::read(value).mean_bits < 4.4),
            Trigger::WebToken => hit.start < std::mem::replace(&mut self.token_end, found.span.end),
            _ => value.len() < 3 || value.starts_with(['$', '%', '{', '<']),
        };
        if !plain {
            self.keep_placeholder(found.span, Some(Strength::Secret));
        }
        [(!plain && !holds_redaction(value) && !is_placeholder(value)).then_some(candidate), None]
    }

    fn named(&mut self, hit: Span) -> [Option<Candidate>; 2] {
        if hit.start < self.name_end {
            return [None, None];
        }
        self.name_end = value::name_end(self.text, hit);
        if !value::can_assign(self.text, self.name_end) {
            return [None, None];
        }
        let name = Span::new(value::name_start(self.text, hit), self.name_end);
        let Some(mut found) = value::behind(self.text, name) else { return [None, None] };
        found.span.start += scheme_bytes(&self.text[found.span.range()]);
        let value = &self.text[found.span.range()];
        // Most sentences end here: `the key is that`.
        if found.form == Form::Prose && (value.len() < 4 || value.starts_with('-') || is_word(value)) {
            return [None, None];
        }
        let strength = name::strength(&self.text[name.range()]);
        if strength.is_none() && (found.form == Form::Prose || found.operator == Operator::Blank) {
            return [None, None];
        }
        let whole = Candidate::new(Trigger::Name, name, strength, found);
        let part = (found.form == Form::Quoted && value.len() >= 20).then(|| longest_token(value)).flatten();
        let part = part.map(|within| {
            let start = found.span.start + within.start;
            Candidate { value: Span::new(start, start + within.len()), part: true, ..whole }
        });
        let plain = is_plain(value, found.form, strength);
        if plain {
            self.keep_placeholder(found.span, strength);
        }
        [(!plain).then_some(whole), part]
    }

    /// The private members `d` and `k` (RFC 7518, section 6) around the `kty` at `hit`.
    fn web_key(&mut self, hit: Span) -> [Option<Candidate>; 2] {
        let from = hit.start.saturating_sub(unnamed::WEB_KEY_BYTES).max(self.key_end);
        let to = (hit.end + unnamed::WEB_KEY_BYTES).min(self.text.len());
        self.key_end = to;
        let mut members = unnamed::members(self.text, Span::new(from, to), [b'd', b'k'])
            .map(|(name, found)| Candidate::new(Trigger::WebKey, name, Some(Strength::Secret), found));
        [members.next(), members.next()]
    }
}

impl Candidate {
    const fn new(trigger: Trigger, name: Span, strength: Option<Strength>, found: Found) -> Self {
        let Found { span: value, form, operator, wrapped } = found;
        Self { name, value, form, operator, trigger, strength, wrapped, part: false }
    }

    #[cfg(test)]
    fn example(text: &str, name: std::ops::Range<usize>, value: std::ops::Range<usize>) -> Self {
        let found = Found::other(Span::new(value.start, value.end), Form::Quoted);
        let strength = name::strength(&text[name.clone()]);
        Self::new(Trigger::Name, Span::new(name.start, name.end), strength, found)
    }
}

/// The longest run of token characters in a record such as `{"sign":"…"}` or a cookie with attributes.
fn longest_token(value: &str) -> Option<Span> {
    if !value.contains(['{', ';', '&', ' ', '?', '|', ',']) {
        return None;
    }
    let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '/');
    let part = value.split(|c: char| !is_token(c)).max_by_key(|part| part.len())?;
    let start = part.as_ptr() as usize - value.as_ptr() as usize;
    (part.len() >= 16 && !holds_redaction(value) && !is_placeholder(part))
        .then(|| Span::new(start, start + part.len()))
}

/// How many bytes name the scheme in `ApiKey 4f6a…`. `Basic` and `Bearer` are keywords of their own.
fn scheme_bytes(value: &str) -> usize {
    let Some((scheme, token)) = value.split_once(' ') else { return 0 };
    let known = ["apikey", "api-key", "token", "key", "secret"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme));
    if known && !token.contains(' ') { scheme.len() + 1 } else { 0 }
}

/// Whether no judgement is needed: too short, a placeholder, or, without quotes, an expression or a word.
fn is_plain(value: &str, form: Form, strength: Option<Strength>) -> bool {
    if value.len() < 4 || value.starts_with("${") || is_public_key(value) || is_public_number(value, strength)
    {
        return true;
    }
    if form != Form::Quoted {
        let bytes = value.as_bytes();
        let is_number =
            value.len() <= 18 && value.starts_with("0x") && bytes[2..].iter().all(u8::is_ascii_hexdigit);
        if is_number {
            return true;
        }
        if bytes.iter().any(|byte| matches!(byte, b'(' | b'[' | b'{')) {
            return true;
        }
        let can_be_word = form == Form::Bare && strength == Some(Strength::Password) && value.len() < 24;
        if !can_be_word && is_word(value) {
            return true;
        }
    }
    holds_redaction(value) || is_placeholder(value)
}

/// Whether it is the base64 of a public key: `SubjectPublicKeyInfo` (RFC 5280) with RSA's or an elliptic curve's
/// identifier, each of which comes out in one of two alignments.
fn is_public_key(value: &str) -> bool {
    const STARTS: [&str; 4] =
        ["MA0GCSqGSIb3DQEBAQUAA", "ANBgkqhkiG9w0BAQEFAAOC", "MFkwEwYHKoZIzj0", "MHYwEAYHKoZIzj0"];
    value.starts_with('M')
        && value.get(..48).is_some_and(|start| STARTS.iter().any(|known| start.contains(known)))
}

/// Whether it is the number of a vulnerability (`CVE-…`) or the fingerprint of an `OpenPGP` key as people write it (RFC 4880,
/// 12.2: 20 bytes): what stands behind `key` in change logs and manuals.
fn is_public_number(value: &str, strength: Option<Strength>) -> bool {
    let is_fingerprint = || {
        value.len() == 40 && value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'A'..=b'F'))
    };
    value.starts_with("CVE-") || (matches!(strength, None | Some(Strength::Weak)) && is_fingerprint())
}

/// Whether it is made of words, as a name in code or a sentence is.
fn is_word(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'-'))
        && letters::read(value).mean_bits < 4.4
}

/// Whether it is `user:password` in base64.
fn is_pair(value: &str) -> bool {
    base64::decode(value)
        .is_some_and(|bytes| bytes.contains(&b':') && bytes.iter().all(|byte| (b' '..=b'~').contains(byte)))
}

/// A candidate as the training of the judge reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct SecretCandidate {
    /// The value.
    pub span: Span,
    /// What the judge sees of it, in the order of [`SecretCandidate::feature_names`].
    pub features: Vec<u8>,
}

impl SecretCandidate {
    /// The candidates in `text`, for the training of a [`Judge`].
    ///
    /// # Errors
    ///
    /// When the automaton of the keywords cannot be built, which the crate's tests rule out.
    pub fn all(text: &str) -> Result<Vec<Self>, JudgeError> {
        let keywords = Self::keywords()?;
        let mut generic = Generic::new(text, Judge::embedded().map_err(Clone::clone)?, false);
        let mut all = Vec::new();
        for hit in keywords.find_overlapping_iter(text) {
            let trigger = Generic::KEYWORDS[hit.pattern().as_usize()].1;
            for candidate in
                generic.candidates(trigger, Span::new(hit.start(), hit.end())).into_iter().flatten()
            {
                let features = features::Row::new(text, &candidate).values.to_vec();
                all.push(Self { span: candidate.value, features });
            }
        }
        generic.name_end = 0;
        for hit in name::foreign(text) {
            for candidate in generic.candidates(Trigger::Name, hit).into_iter().flatten() {
                let features = features::Row::new(text, &candidate).values.to_vec();
                all.push(Self { span: candidate.value, features });
            }
        }
        Ok(all)
    }

    fn keywords() -> Result<AhoCorasick, JudgeError> {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(Generic::KEYWORDS.iter().map(|(keyword, _)| keyword))
            .map_err(|_| JudgeError::Value("the keywords do not fit an automaton"))
    }

    /// The names of the features.
    pub fn feature_names() -> Vec<String> {
        let text = "password = 'x'";
        let found = Found::other(Span::new(12, 13), Form::Quoted);
        let candidate = Candidate::new(Trigger::Name, Span::new(0, 8), None, found);
        let mut names = features::Names(Vec::new());
        features::write(text, &candidate, &mut names);
        names.0
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let keywords = SecretCandidate::keywords().unwrap();
        let mut generic = Generic::new(text, Judge::embedded().unwrap(), false);
        let mut secrets = Vec::new();
        for hit in keywords.find_overlapping_iter(text) {
            let trigger = Generic::KEYWORDS[hit.pattern().as_usize()].1;
            secrets.extend(
                generic.at(trigger, Span::new(hit.start(), hit.end())).map(|(span, _)| &text[span.range()]),
            );
        }
        secrets.extend(generic.foreign().iter().map(|(span, _)| &text[span.range()]));
        secrets
    }

    #[test]
    fn secrets_are_found_in_every_notation() {
        for (text, secret) in [
            ("password = \"vT9#qLw2xZ!m\"", "vT9#qLw2xZ!m"),
            ("DB_PASSWORD=xk3jq9wz", "xk3jq9wz"),
            ("my wifi password is Harbor!2291x", "Harbor!2291x"),
            ("the password for the staging database is kT7wq-Zp4m", "kT7wq-Zp4m"),
            ("login with user anna and password pW8xqk2z", "pW8xqk2z"),
            ("\"client_secret\": \"q8Zr2mXv7Lk0TtYw3nBs\",", "q8Zr2mXv7Lk0TtYw3nBs"),
            ("api_key: 9f1b6c3d7a2e48500c6dd1f7b3a9e264", "9f1b6c3d7a2e48500c6dd1f7b3a9e264"),
            ("postgres://app:xq7Lw2Zk@db.internal:5432/app", "xq7Lw2Zk"),
            ("mysql --password Zk3vQx81 -u root", "Zk3vQx81"),
            ("我的密码是Kx92mQzp", "Kx92mQzp"),
        ] {
            assert_eq!(found(text), [secret], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_secrets_is_left() {
        for text in [
            "password = get_password()",
            "password: string; // the password of the user",
            "token = self.next_token",
            "the token is required for this endpoint",
            "the key idea is that authors read",
            "password: changeme",
            "secret_name: payroll-db-credentials",
            "max_tokens = 4096",
            "api_key = os.environ['API_KEY']",
            "PASSWORD=${DB_PASSWORD}",
            "<label for=\"password\">Enter your password</label>",
            "primary_key = 'customer_id'",
            "https://user:password@example.com/",
            "the password is stored in the vault",
            "signed with key 7C3D2E91B0A4F65D8E12C9074B5A6F3D2E1C0B98",
            "key: CVE-2031-40117",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_judgement_reads_a_bounded_number_of_bytes() {
        let near = "password = 'vT9#qLw2xZ!m'\n";
        let features = |before: &str| {
            let text = format!("{before}{near}{before}");
            let candidates = SecretCandidate::all(&text).unwrap();
            candidates
                .into_iter()
                .find(|candidate| candidate.span.start == before.len() + 12)
                .unwrap()
                .features
        };
        // Four kilobytes of other text make no difference to what a megabyte makes.
        assert_eq!(features(&"lorem ipsum\n".repeat(400)), features(&"lorem ipsum\n".repeat(90_000)));
    }

    #[test]
    fn hostile_text_has_no_more_candidates_than_names() {
        for piece in
            ["key=", "key='", "password=x7Qz ", "eyJ.", "kty:", "token is ", "pass\\\"", "-u a:b", "://a:b@"]
        {
            let text = piece.repeat(1_000_000 / piece.len());
            let candidates = SecretCandidate::all(&text).unwrap();
            assert!(candidates.len() <= 2 * 1_000_000 / piece.len(), "{piece}");
            assert!(candidates.iter().all(|candidate| candidate.span.len() <= 4096), "{piece}");
        }
        let mut mixed = String::new();
        for number in 0..60_000 {
            let _ = write!(mixed, "token{number}='q{number}");
        }
        assert!(SecretCandidate::all(&mixed).unwrap().len() <= 120_000);
    }
}
