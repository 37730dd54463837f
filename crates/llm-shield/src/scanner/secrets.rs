//! llm-guard's `Secrets`: credentials in a text, redacted.

use std::borrow::Cow;

use crate::secrets::{GENERIC_RULE, edits, is_found_twice};
use crate::{
    Category, Compat, Edit, Finding, Outcome, Owasp, RedactMode, RiskScore, RuleError, RuleSet, ScanError,
    Scanner, Span, Text,
};

/// Finds credentials and redacts them.
///
/// # What it finds
///
/// Tokens of known services, by their public formats (`rules/secrets/*.toml`): keyword, pattern, and where the
/// format has one, its checksum, encoding or entropy. Beside them, as rule `generic-secret`: values that stand
/// behind a name such as `password`, `api_key` or `--token` in code, YAML, JSON, environment files, command lines
/// and prose (`my password is …`, also in some other languages), passwords in URLs, JSON Web Tokens and private JSON
/// Web Keys. A model judges each by what it and its surroundings look like ([`crate::Judge`]); its probability is the
/// finding's confidence.
///
/// [`Finding::checked`] names what was verified beyond the pattern: `github-crc32`, `jwt`, `pem`, `entropy` and so on.
/// A token whose format is telling but whose check fails is found with a score of 0.6: altered, mistyped or made up.
///
/// Placeholders are no findings: templates, words such as EXAMPLE in a token, counting or repeated characters, the
/// default passwords of databases, and the sample keys that providers publish. [`Secrets::show_placeholders`] shows
/// them, with a score of 0.1 and `placeholder` as what was checked; they are then redacted too. Neither are
/// identifiers, which name an account, an application or a host (`arn:aws:…`, `….okta.com`, OAuth client IDs):
/// [`Secrets::show_identifiers`] shows those, with a score of 0.2 and `identifier` as what was checked.
///
/// Every place at which a found secret stands is redacted, also where nothing around it gives it away. Overlapping
/// secrets become one replacement, and the most specific rule is reported.
///
/// # Why it matters
///
/// A credential in a prompt leaves the company with it, is logged by the model's host and can come back in an
/// answer to somebody else (OWASP LLM02:2025, sensitive information disclosure).
///
/// # What it misses
///
/// Secrets without a known format that stand alone, passwords that are plain words, UUIDs behind names that do not
/// say secret, secrets split over lines or by
/// zero-width characters, and secrets that are encoded once more. The comment `pragma: allowlist secret`, which makes
/// llm-guard skip a line, is deliberately not honoured: in a guard, whoever writes the text would switch it off.
///
/// # Example
///
/// ```
/// use llm_shield::{RedactMode, Scanner, Secrets, Text};
///
/// let secrets = Secrets::new(RedactMode::Partial)?;
/// let text = Text::new("db_password = 'vT9#qLw2xZ!m'");
/// let outcome = secrets.scan(&text)?;
/// assert!(!outcome.is_valid);
/// assert_eq!(text.edited(&outcome.edits).as_str(), "db_password = 'vT..!m'");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Secrets {
    rules: &'static RuleSet,
    redact_mode: RedactMode,
    show_placeholders: bool,
    compat: Compat,
}

impl Secrets {
    /// llm-guard's name of the scanner.
    pub const NAME: &'static str = "Secrets";

    /// A scanner with the embedded rules.
    ///
    /// # Errors
    ///
    /// When the embedded rule files do not load, which the crate's tests rule out.
    pub fn new(redact_mode: RedactMode) -> Result<Self, &'static RuleError> {
        Ok(Self {
            rules: RuleSet::embedded()?,
            redact_mode,
            show_placeholders: false,
            compat: Compat::Mended,
        })
    }

    /// Whether placeholders and the sample keys of the providers' documentation are findings too, with a low score
    /// and [`Finding::checked`] `placeholder`. By default they are not.
    #[must_use]
    pub const fn show_placeholders(mut self, show: bool) -> Self {
        self.show_placeholders = show;
        self
    }

    /// Finds identifiers too (`rules/identifiers/*.toml`). By default it does not. With rules of the caller's own it
    /// goes back to the embedded ones.
    ///
    /// # Errors
    ///
    /// When the embedded rule files do not load, which the crate's tests rule out.
    pub fn show_identifiers(mut self) -> Result<Self, &'static RuleError> {
        self.rules = RuleSet::embedded_with_identifiers()?;
        Ok(self)
    }

    /// With [`Compat::Exact`] a secret that two of llm-guard's detectors find is replaced twice, as `************`, and
    /// placeholders and sample keys are findings, as in llm-guard.
    #[must_use]
    pub fn compat(mut self, compat: Compat) -> Self {
        self.compat = compat;
        self.show_placeholders |= compat == Compat::Exact;
        self
    }

    /// A scanner with rules of the caller's, which live as long as the process.
    pub const fn with_rules(rules: &'static RuleSet, redact_mode: RedactMode) -> Self {
        Self { rules, redact_mode, show_placeholders: false, compat: Compat::Mended }
    }
}

impl Scanner for Secrets {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let text = text.as_str();
        let secrets = self.rules.search(text, self.show_placeholders)?;
        if secrets.is_empty() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let spans: Vec<Span> = secrets.iter().map(|secret| secret.span).collect();
        let mut edits: Vec<Edit> = edits(text, &spans, self.redact_mode);
        if self.compat == Compat::Exact {
            for secret in secrets.iter().filter(|secret| secret.rule != GENERIC_RULE) {
                let edit = edits.binary_search_by_key(&secret.span, |edit| edit.span);
                if let Some(edit) = edit.ok().filter(|_| is_found_twice(text, secret.span)) {
                    edits[edit].replacement = edits[edit].replacement.repeat(2).into();
                }
            }
        }
        let findings = secrets
            .iter()
            .map(|secret| Finding {
                span: secret.span,
                rule: Cow::Borrowed(secret.rule),
                category: Category::Secret,
                score: secret.score,
                owasp: Owasp::Llm02SensitiveInformation,
                checked: secret.checked,
                decoded_from: Vec::new(),
            })
            .collect();
        Ok(Outcome::refuse(RiskScore::CERTAIN, findings, edits))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn an_unknown_mode_is_an_error() {
        #[derive(Debug, Deserialize)]
        struct Mode {
            #[expect(dead_code, reason = "only whether it parses matters")]
            redact_mode: RedactMode,
        }
        let error = toml::from_str::<Mode>("redact_mode = 'some'").unwrap_err().to_string();
        assert!(error.contains("some") && error.contains("partial"), "{error}");
    }
}
