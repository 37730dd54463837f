//! The policy: which scanners run over prompts and outputs, in which order, with which parameters.
//!
//! The format is llm-guard's `scanners.yml`. What this version does not have is refused by name, never ignored.

mod entry;
mod environment;
mod params;
mod switch;

use std::sync::Arc;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::pii::NameFinder;
use crate::shield::{self, FailFast, Step};
use crate::{Classifier, Compat, LabelClassifier, Shield, Skipped, UrlFetcher};
pub(crate) use entry::Side;
use entry::{Built, Entry};
pub use environment::{Expanded, expand_environment};
pub use switch::Switch;

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
    on_unavailable: OnUnavailable,
    #[serde(default)]
    compat: Compat,
    #[serde(default)]
    input_scanners: Vec<Entry>,
    #[serde(default)]
    output_scanners: Vec<Entry>,
    // Sections of the same file that concern the server alone, which reads and checks them.
    #[serde(default, rename = "auth")]
    _auth: IgnoredAny,
    #[serde(default, rename = "cache")]
    _cache: IgnoredAny,
    #[serde(default, rename = "conversations")]
    _conversations: IgnoredAny,
    #[serde(default, rename = "metrics")]
    _metrics: IgnoredAny,
    #[serde(default, rename = "policies")]
    _policies: IgnoredAny,
    #[serde(default, rename = "rate_limit")]
    _rate_limit: IgnoredAny,
    #[serde(default, rename = "shadow")]
    _shadow: IgnoredAny,
    #[serde(default, rename = "tracing")]
    _tracing: IgnoredAny,
}

/// What becomes of a policy that names a scanner which llm-guard has and this program has not; the policy's
/// `on_unavailable`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnUnavailable {
    /// It does not load.
    #[default]
    Refuse,
    /// It loads without the scanner, and every report lists it as skipped.
    Skip,
}

/// What the policy says of the scan as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct App {
    /// Whether the first refusal ends the scan.
    #[serde(default)]
    scan_fail_fast: Switch,
    // As above: the server's.
    #[serde(default, rename = "name")]
    _name: IgnoredAny,
    #[serde(default, rename = "log_level")]
    _log_level: IgnoredAny,
    #[serde(default, rename = "log_json")]
    _log_json: IgnoredAny,
    #[serde(default, rename = "scan_prompt_timeout")]
    _scan_prompt_timeout: IgnoredAny,
    #[serde(default, rename = "scan_output_timeout")]
    _scan_output_timeout: IgnoredAny,
    #[serde(default, rename = "lazy_load")]
    _lazy_load: IgnoredAny,
    #[serde(default, rename = "is_valid_in_errors")]
    _is_valid_in_errors: IgnoredAny,
    #[serde(default, rename = "cors_origins")]
    _cors_origins: IgnoredAny,
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
    /// Behind `URLReachability`: the way to the network. Without one the scanner is not available.
    pub urls: Option<Arc<dyn UrlFetcher>>,
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
        read_yaml(yaml)
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
        Self { input_scanners, output_scanners: Vec::new(), ..self.clone() }
    }

    /// The same policy with another answer to scanners that are not there.
    #[must_use]
    pub fn with_on_unavailable(self, on_unavailable: OnUnavailable) -> Self {
        Self { on_unavailable, ..self }
    }

    /// The same policy with llm-guard's defects mended or kept.
    #[must_use]
    pub fn with_compat(self, compat: Compat) -> Self {
        Self { compat, ..self }
    }

    /// Builds the scanners.
    pub fn shield(&self, classifiers: &Classifiers) -> Result<Shield, PolicyError> {
        let fail_fast = if self.app.scan_fail_fast.0 { FailFast::On } else { FailFast::Off };
        Ok(Shield::from_sides(
            self.build(&self.input_scanners, Side::Prompt, classifiers)?,
            self.build(&self.output_scanners, Side::Output, classifiers)?,
            fail_fast,
            self.compat,
        ))
    }

    fn build(
        &self,
        entries: &[Entry],
        side: Side,
        classifiers: &Classifiers,
    ) -> Result<shield::Side, PolicyError> {
        let list = match side {
            Side::Prompt => "input_scanners",
            Side::Output => "output_scanners",
        };
        let mut built = shield::Side::default();
        for (index, entry) in entries.iter().enumerate() {
            let name = entry.name();
            let error = |reason| PolicyError::Scanner { list, index, scanner: name, reason };
            built.without_effect.extend(entry.without_effect.iter().map(|param| (name, *param)));
            match entry.build(side, classifiers, self.compat).map_err(error)? {
                Built::Scanner(scanner) => {
                    built.steps.push(Step { scanner, on_error: entry.on_error, on_hit: entry.on_hit });
                }
                Built::Unavailable(reason) if self.on_unavailable == OnUnavailable::Skip => {
                    built.unavailable.push(Skipped { name, reason });
                }
                Built::Unavailable(reason) => {
                    return Err(error(format!(
                        "{reason}; leave it out, or write `on_unavailable: skip` to load the policy without it"
                    )));
                }
            }
        }
        Ok(built)
    }
}

/// Reads YAML into a type, with errors that say where and what was probably meant: for those who keep settings of
/// their own in a policy file.
pub fn read_yaml<T: DeserializeOwned>(yaml: &str) -> Result<T, PolicyError> {
    serde_saphyr::from_str(yaml).map_err(|error| {
        let (line, column) = error.location().map_or((0, 0), |location| (location.line(), location.column()));
        let message = plain_message(&error);
        let nearest = nearest_name(&message);
        PolicyError::Invalid { line, column, message, nearest }
    })
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
    }

    #[test]
    fn a_scanner_in_the_wrong_list_is_refused() {
        let classifiers = classifiers(None);
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

    fn classifiers(urls: Option<Arc<dyn UrlFetcher>>) -> Classifiers {
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
        Classifiers {
            code: Arc::clone(&never),
            code_language: Arc::clone(&none),
            gibberish: Arc::clone(&none),
            language: none,
            prompt_injection: Arc::clone(&never),
            refusal: Arc::clone(&never),
            toxicity: never,
            names: None,
            urls,
        }
    }

    #[test]
    fn what_waits_for_the_encoder_is_refused_or_skipped() {
        let lists = "
input_scanners:
  - {type: BanTopics, params: {topics: [violence], threshold: 0.8, model_max_length: 256}}
  - type: InvisibleText
output_scanners:
  - type: Bias
  - type: Relevance
    params: {threshold: 0.2}
  - type: URLReachability
    params: {}
";
        let error = Policy::from_yaml(lists).unwrap().shield(&classifiers(None)).err().unwrap().to_string();
        for part in ["input_scanners[0] (BanTopics)", "waits for the encoder", "`on_unavailable: skip`"] {
            assert!(error.contains(part), "{error}");
        }
        let policy = Policy::from_yaml(&format!("on_unavailable: skip\n{lists}")).unwrap();
        let shield = policy.shield(&classifiers(None)).unwrap();
        let names: Vec<&str> = shield.unavailable().map(|skipped| skipped.name).collect();
        assert_eq!(names, ["BanTopics", "Bias", "Relevance", "URLReachability"]);
        let report = shield.scan_prompt("text");
        assert_eq!(report.skipped.iter().map(|skipped| skipped.name).collect::<Vec<_>>(), ["BanTopics"]);
        assert!(report.is_valid && report.skipped[0].reason.contains("encoder"));
        assert_eq!(shield.scan_output("text").skipped.len(), 3);
        let refuse = policy.with_on_unavailable(OnUnavailable::Refuse);
        assert!(refuse.shield(&classifiers(None)).is_err(), "the caller has the last word");
    }

    #[test]
    fn what_tells_llm_guards_server_how_to_run_a_model_has_no_effect_and_is_named() {
        let yaml = "
input_scanners:
  - type: PromptInjection
    params: {threshold: 0.92, match_type: truncate_head_tail, model_max_length: 256}
  - type: Toxicity
    params: {model_path: /models/toxicity, model_batch_size: 4, threshold: 0.9}
output_scanners:
  - {type: Toxicity, params: {}}
";
        let shield = Policy::from_yaml(yaml).unwrap().shield(&classifiers(None)).unwrap();
        let named: Vec<_> = shield.without_effect().collect();
        assert_eq!(
            named,
            [
                ("PromptInjection", "model_max_length"),
                ("Toxicity", "model_path"),
                ("Toxicity", "model_batch_size")
            ]
        );
        let error =
            Policy::from_yaml("input_scanners: [{type: Secrets, params: {model_path: x}}]").unwrap_err();
        assert!(error.to_string().contains("model_path"), "{error}");
    }

    #[test]
    fn the_network_is_off_unless_the_policy_asks_and_the_program_has_one() {
        struct Nowhere;
        impl UrlFetcher for Nowhere {
            fn statuses(&self, urls: &[&str], _: std::time::Duration) -> Vec<Result<u16, crate::FetchError>> {
                vec![Err(crate::FetchError::Failed); urls.len()]
            }
        }
        let urls = || Some(Arc::new(Nowhere) as Arc<dyn UrlFetcher>);
        let asked = "output_scanners: [{type: URLReachability, allow_network: true}]";
        let not_asked = "output_scanners: [{type: URLReachability}]";
        let check = |yaml: &str, urls, part: &str| {
            let error =
                Policy::from_yaml(yaml).unwrap().shield(&classifiers(urls)).err().unwrap().to_string();
            assert!(error.contains(part), "{error}");
        };
        check(not_asked, urls(), "off unless its entry says `allow_network: true`");
        check(asked, None, "no way to the network");
        check(&asked.replace("true", "true, params: {timeout: 0}"), urls(), "from 1 to 30 seconds");
        let shield = Policy::from_yaml(asked).unwrap().shield(&classifiers(urls())).unwrap();
        assert!(shield.output_waits() && !shield.scan_output("http://a.test").is_valid);
        let error = Policy::from_yaml("input_scanners: [{type: Secrets, allow_network: true}]").unwrap_err();
        assert!(error.to_string().contains("`type: URLReachability` only"), "{error}");
    }

    #[test]
    fn parameters_without_meaning_are_refused() {
        let check = |yaml: &str, parts: &[&str]| {
            let policy = Policy::from_yaml(yaml);
            let error = match policy.map(|policy| policy.shield(&classifiers(None))) {
                Err(error) | Ok(Err(error)) => error.to_string(),
                Ok(Ok(_)) => panic!("{yaml} loads"),
            };
            for part in parts {
                assert!(error.contains(part), "{part:?} not in {error:?}");
            }
        };
        check("compat: strict", &["strict", "exact"]);
        check("on_unavailable: ignore", &["ignore", "skip"]);
        check("input_scanners: [{type: Sentiment, params: {threshold: 1.5}}]", &["1.5", "-1 to 1"]);
        check("input_scanners: [{type: Sentiment, params: {lexicon: afinn}}]", &["afinn", "vader_lexicon"]);
        check("output_scanners: [{type: ReadingTime}]", &["max_time"]);
        check("output_scanners: [{type: ReadingTime, params: {max_time: -1}}]", &["-1"]);
        check("output_scanners: [{type: JSON, params: {required_elements: -1}}]", &["line 1"]);
        check("output_scanners: [{type: NoRefusalLight, params: {threshold: 1}}]", &["threshold"]);
        check("input_scanners: [{type: JSON}]", &["JSON scans outputs only"]);
        check(
            "input_scanners: [{type: Regex, params: {patterns: ['(?<=a)b']}}]",
            &["look-around", "backtracking"],
        );
        check("input_scanners: [{type: Regex, params: {patterns: ['(a)\\1']}}]", &["back-reference"]);
    }

    #[test]
    fn only_what_replaces_all_it_finds_may_redact_and_pass() {
        let classifiers = classifiers(None);
        let build =
            |entry: &str| Policy::from_yaml(&format!("input_scanners: [{{{entry}}}]"))?.shield(&classifiers);
        let shield = build("type: Anonymize, on_hit: redact").unwrap();
        let report = shield.scan_prompt("mail ann@mail.com");
        assert!(report.is_valid);
        assert_eq!(report.sanitized, "mail [REDACTED_EMAIL_ADDRESS_1]");
        let kept = build("type: BanSubstrings, params: {substrings: [bomb]}, on_hit: redact").unwrap();
        assert!(!kept.scan_prompt("a bomb").is_valid, "without `redact` the scanner leaves it there");
        for (entry, words) in [
            ("type: TokenLimit, on_hit: redact", "only for scanners that replace all they find"),
            ("type: Regex, params: {patterns: [a]}, on_hit: redact", "only for scanners that replace"),
            ("type: Secrets, on_hit: pass", "pass"),
        ] {
            let Err(error) = build(entry) else { panic!("{entry}") };
            assert!(error.to_string().contains(words), "{entry}: {error}");
        }
    }

    #[test]
    fn the_embedded_policy_loads() {
        assert!(Policy::embedded().input_scanners.len() >= 3);
    }
}
