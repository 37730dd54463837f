//! The policy: which scanners run over prompts and outputs, in which order, with which parameters.
//!
//! The format is llm-guard's `scanners.yml`. What this version does not have is refused by name, never ignored.

mod entry;
mod environment;
mod params;
mod switch;

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;

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
    input_scanners: ScannerList,
    #[serde(default)]
    output_scanners: ScannerList,
}

/// The scanners of one side as a file lists them: for programs that read a policy's lists among keys of their own.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(transparent)]
pub struct ScannerList(Vec<Entry>);

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

    /// The policy of these lists.
    pub fn new(input_scanners: ScannerList, output_scanners: ScannerList) -> Self {
        Self {
            app: App::default(),
            on_unavailable: OnUnavailable::default(),
            compat: Compat::default(),
            input_scanners,
            output_scanners,
        }
    }

    /// Reads a policy in llm-guard's `scanners.yml` format: the lists of scanners, `app.scan_fail_fast`,
    /// `on_unavailable` and `compat`. A server's sections of the same file are the server's to read.
    pub fn from_yaml(yaml: &str) -> Result<Self, PolicyError> {
        read_yaml(yaml)
    }

    /// The policy of only these scanners over prompts, in this order: with this policy's parameters where it
    /// has the scanner, else with those of the embedded default. Names that neither has are left out.
    #[must_use]
    pub fn with_only(&self, names: &[&str]) -> Self {
        let embedded = Self::embedded();
        let find = |policy: &Self, name: &str| {
            policy.input_scanners.0.iter().find(|entry| entry.name() == name).cloned()
        };
        let input_scanners =
            names.iter().filter_map(|name| find(self, name).or_else(|| find(&embedded, name))).collect();
        Self {
            input_scanners: ScannerList(input_scanners),
            output_scanners: ScannerList::default(),
            ..self.clone()
        }
    }

    /// The same policy, of which the first refusal ends the scan or does not.
    #[must_use]
    pub fn with_scan_fail_fast(self, scan_fail_fast: Switch) -> Self {
        Self { app: App { scan_fail_fast }, ..self }
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
            self.build(&self.input_scanners.0, Side::Prompt, classifiers)?,
            self.build(&self.output_scanners.0, Side::Output, classifiers)?,
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
