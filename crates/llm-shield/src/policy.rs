//! The policy: which scanners run over prompts and outputs, in which order, with which parameters.
//!
//! The format is llm-guard's `scanners.yml`. What this version does not have is refused by name, never ignored.

mod entry;

use std::sync::Arc;

use serde::Deserialize;

use crate::pii::NameFinder;
use crate::shield::{FailFast, Step};
use crate::{Classifier, LabelClassifier, Shield};
use entry::Entry;
pub(crate) use entry::Side;

/// The policy that is used when none is given.
const EMBEDDED: &str = include_str!("../policy/default.yml");

/// Which scanners run, in which order, with which parameters.
///
/// ```
/// let policy = llm_shield::Policy::from_yaml("
/// input_scanners:
///   - type: BanSubstrings
///     params:
///       substrings: [ransomware]
/// ")?;
/// let error = llm_shield::Policy::from_yaml("input_scanners: [{type: Secret}]").unwrap_err();
/// assert!(error.to_string().contains("did you mean `Secrets`?"));
/// # Ok::<(), llm_shield::PolicyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    #[serde(default)]
    app: App,
    #[serde(default)]
    input_scanners: Vec<Entry>,
    #[serde(default)]
    output_scanners: Vec<Entry>,
}

/// What the policy says of the scan as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct App {
    /// Whether the first refusal ends the scan.
    #[serde(default)]
    scan_fail_fast: bool,
}

/// The models behind the learned scanners.
#[derive(Clone)]
pub struct Classifiers {
    /// Behind `BanCode`.
    pub code: Arc<dyn Classifier>,
    /// Behind `Code`: labels are llm-guard's names of programming languages, and `text`.
    pub code_language: Arc<dyn LabelClassifier>,
    /// Behind `Gibberish`: labels are grades of llm-guard's, one of them `clean`.
    pub gibberish: Arc<dyn LabelClassifier>,
    /// Behind `Language` and `LanguageSame`: labels are ISO 639-1 codes.
    pub language: Arc<dyn LabelClassifier>,
    /// Behind `PromptInjection`.
    pub prompt_injection: Arc<dyn Classifier>,
    /// Behind `NoRefusal`.
    pub refusal: Arc<dyn Classifier>,
    /// Behind `Toxicity`.
    pub toxicity: Arc<dyn Classifier>,
    /// Behind `Anonymize` and `Sensitive`: finds the names of people, places and organisations. Without one these
    /// kinds are never found.
    pub names: Option<Arc<dyn NameFinder>>,
}

/// A policy that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Not YAML, an unknown key, a wrong type or an impossible value.
    #[error("{}{message}{}", at(*.line, *.column), hint(.nearest.as_deref()))]
    Invalid {
        /// From 1; 0 when the place is not known.
        line: u64,
        /// From 1; 0 when the place is not known.
        column: u64,
        /// What is wrong.
        message: String,
        /// The right name that is nearest to the one given.
        nearest: Option<String>,
    },
    /// A scanner refused its parameters.
    #[error("{list}[{index}] ({scanner}): {reason}")]
    Scanner {
        /// `input_scanners` or `output_scanners`.
        list: &'static str,
        /// Place in the list, from 0.
        index: usize,
        /// The scanner's name.
        scanner: &'static str,
        /// What is wrong.
        reason: String,
    },
}

fn at(line: u64, column: u64) -> String {
    if line == 0 { String::new() } else { format!("line {line}, column {column}: ") }
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

impl Default for Policy {
    fn default() -> Self {
        Self::embedded()
    }
}

impl Policy {
    /// The embedded default: llm-guard's stop phrases, invisible text, secrets, token limit, prompt injection
    /// and toxicity over prompts; secrets and toxicity over outputs.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "a constant file that every test loads"
    )]
    pub fn embedded() -> Self {
        Self::from_yaml(EMBEDDED).expect("the embedded policy is valid")
    }

    /// The text of the embedded default, as an example to start from.
    pub const fn embedded_yaml() -> &'static str {
        EMBEDDED
    }

    /// Reads a policy in llm-guard's `scanners.yml` format.
    pub fn from_yaml(yaml: &str) -> Result<Self, PolicyError> {
        serde_saphyr::from_str(yaml).map_err(|error| {
            let (line, column) =
                error.location().map_or((0, 0), |location| (location.line(), location.column()));
            let message = plain_message(&error);
            let nearest = nearest_name(&message);
            PolicyError::Invalid { line, column, message, nearest }
        })
    }

    /// The policy of only these scanners over prompts, in this order: with this policy's parameters where it
    /// has the scanner, else with those of the embedded default. Names that neither has are left out.
    #[must_use]
    pub fn with_only(&self, names: &[&str]) -> Self {
        let embedded = Self::embedded();
        let find = |policy: &Self, name: &str| {
            policy.input_scanners.iter().find(|entry| entry.name() == name).cloned()
        };
        let input_scanners =
            names.iter().filter_map(|name| find(self, name).or_else(|| find(&embedded, name))).collect();
        Self { app: self.app, input_scanners, output_scanners: Vec::new() }
    }

    /// Builds the scanners.
    pub fn shield(&self, classifiers: &Classifiers) -> Result<Shield, PolicyError> {
        let fail_fast = if self.app.scan_fail_fast { FailFast::On } else { FailFast::Off };
        Ok(Shield::from_steps(
            build(&self.input_scanners, Side::Prompt, classifiers)?,
            build(&self.output_scanners, Side::Output, classifiers)?,
            fail_fast,
        ))
    }
}

fn build(entries: &[Entry], side: Side, classifiers: &Classifiers) -> Result<Vec<Step>, PolicyError> {
    let list = match side {
        Side::Prompt => "input_scanners",
        Side::Output => "output_scanners",
    };
    let step = |(index, entry): (usize, &Entry)| {
        let scanner = entry.build(side, classifiers).map_err(|reason| PolicyError::Scanner {
            list,
            index,
            scanner: entry.name(),
            reason,
        })?;
        Ok(Step { scanner, on_error: entry.on_error })
    };
    entries.iter().enumerate().map(step).collect()
}

/// The parser's message without its own rendering of the place.
fn plain_message(error: &serde_saphyr::Error) -> String {
    let rendered = error.without_snippet().to_string();
    let message = rendered.lines().next().unwrap_or_default().trim_end_matches(':').to_owned();
    match message.find(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}

/// serde says "unknown field `wrong`, expected one of right, names"; the nearest of them helps most.
fn nearest_name(message: &str) -> Option<String> {
    let (wrong, expected) = message.split_once(", expected ")?;
    let wrong = wrong.split('`').nth(1)?;
    let names = expected.trim_start_matches("one of ").split([',', ' ']);
    nearest(wrong, names.map(|name| name.trim_matches('`')).filter(|name| !name.is_empty()))
        .map(str::to_owned)
}

/// The name most like `wrong`, if one is like it at all.
pub(crate) fn nearest<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wrong = wrong.to_lowercase();
    names
        .map(|name| (strsim::jaro_winkler(&wrong, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_place_and_the_nearest_right_name() {
        let check = |yaml: &str, parts: &[&str]| {
            let error = Policy::from_yaml(yaml).unwrap_err().to_string();
            for part in parts {
                assert!(error.contains(part), "{part:?} not in {error:?}");
            }
        };
        check("input_scanners:\n  - type: PromptInjektion\n", &["line 2", "`PromptInjection`"]);
        check("input_scanner: []\n", &["line 1", "`input_scanners`"]);
        check(
            "input_scanners:\n  - type: BanSubstrings\n    params:\n      substring: [a]\n",
            &["line 4", "`substrings`"],
        );
        check("input_scanners:\n  - type: Toxicity\n    params: {threshold: 1.5}\n", &["line 3", "1.5"]);
        check("input_scanners:\n  - type: Toxicity\n    params: {threshold: high}\n", &["line 3"]);
        check("input_scanners:\n  - type: Toxicity\n    dangerously_allow: true\n", &["line 3"]);
        check("input_scanners:\n  - params: {}\n    type: Toxicity\n", &["line 2", "type"]);
        let anonymize =
            |params: &str| format!("input_scanners:\n  - type: Anonymize\n    params:\n      {params}\n");
        check(&anonymize("preambel: x"), &["line 4", "`preamble`"]);
        check(&anonymize("entity_types: [EMAIL_ADRESS]"), &["line 4", "EMAIL_ADRESS", "`EMAIL_ADDRESS`"]);
        check(&anonymize("use_onnx: true"), &["line 4", "`use_onnx` chooses", "leave it out"]);
        check(&anonymize("recognizer_conf: {}"), &["line 4", "`recognizer_conf` names", "leave it out"]);
        check(&anonymize("vault: {}"), &["line 4", "one conversation"]);
        check(&anonymize("language: de"), &["line 4", "`de`", "en, zh"]);
        check(&anonymize("{use_faker: true, preserve_format: true}"), &["line 4", "exclude each other"]);
        check(&anonymize("regex_patterns: [{name: a b, expressions: [x]}]"), &["line 4", "`a b`"]);
        let output = |entry: &str| format!("output_scanners:\n  - type: {entry}\n");
        check(&output("Deanonymize\n    params: {matching_strategy: fuzy}"), &["line 3", "`fuzzy`"]);
        check(&output("Sensitive\n    params: {entity_types: [PERSONS]}"), &["line 3", "`PERSON`"]);
        check(&output("Sensitive\n    params: {use_onnx: false}"), &["line 3", "leave it out"]);
        let input = |entry: &str| format!("input_scanners:\n  - type: {entry}\n");
        check(&input("Language"), &["valid_languages"]);
        check(&input("Language\n    params: {valid_language: [en]}"), &["line 3", "`valid_languages`"]);
        check(&input("Code\n    params: {is_blocked: true}"), &["line 3", "languages"]);
        check(&input("BanCompetitors"), &["competitors"]);
        check("input_scanners: [", &["line"]);
        check("input_scanners:\n  - type: BanTopics\n", &["BanTopics", "not in this version"]);
    }

    #[test]
    fn a_scanner_in_the_wrong_list_is_refused() {
        struct Never;
        impl Classifier for Never {
            fn score(&self, _: &str) -> f32 {
                0.0
            }
        }
        impl LabelClassifier for Never {
            fn labels(&self) -> &[&'static str] {
                &["en"]
            }
            fn probabilities(&self, _: &str) -> Vec<f32> {
                Vec::new()
            }
        }
        let never: Arc<dyn Classifier> = Arc::new(Never);
        let none: Arc<dyn LabelClassifier> = Arc::new(Never);
        let classifiers = Classifiers {
            code: Arc::clone(&never),
            code_language: Arc::clone(&none),
            gibberish: Arc::clone(&none),
            language: none,
            prompt_injection: Arc::clone(&never),
            refusal: Arc::clone(&never),
            toxicity: never,
            names: None,
        };
        for (list, name, right) in [
            ("input_scanners", "Deanonymize", "outputs"),
            ("input_scanners", "Sensitive", "outputs"),
            ("input_scanners", "NoRefusal", "outputs"),
            ("input_scanners", "LanguageSame", "outputs"),
            ("output_scanners", "Anonymize", "prompts"),
        ] {
            let policy = Policy::from_yaml(&format!("{list}: [{{type: {name}}}]")).unwrap();
            let Err(error) = policy.shield(&classifiers) else { panic!("{name} in {list}") };
            assert!(error.to_string().contains(&format!("{name} scans {right} only")), "{error}");
        }
    }

    #[test]
    fn the_embedded_policy_loads() {
        assert!(Policy::embedded().input_scanners.len() >= 3);
    }
}
