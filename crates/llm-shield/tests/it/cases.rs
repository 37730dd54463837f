//! The cases in `testdata/scanners/*.toml`, as testdata/README.md describes them, and the policy of each.

use std::fs;
use std::path::Path;
use std::time::Duration;

use llm_shield::{Classifier, Classifiers, FetchError, Pair, UrlFetcher};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scanner: Option<String>,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) params: Option<toml::Table>,
    #[serde(default)]
    pub(crate) side: Option<Side>,
    #[serde(default)]
    pub(crate) compat: Option<String>,
    #[serde(default)]
    pub(crate) prompt: String,
    text: String,
    #[serde(default)]
    pub(crate) vault: Vec<Pair>,
    pub(crate) pairs: Option<Vec<Pair>>,
    #[serde(default)]
    repeat: Option<usize>,
    pub(crate) valid: bool,
    pub(crate) risk: f64,
    sanitized: Option<String>,
    pub(crate) spans: Option<Vec<(usize, usize)>>,
    pub(crate) rules: Option<Vec<String>>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    Prompt,
    Output,
}

const OUTPUT_ONLY: [&str; 9] = [
    "Deanonymize",
    "JSON",
    "LanguageSame",
    "MaliciousURLs",
    "NoRefusal",
    "NoRefusalLight",
    "ReadingTime",
    "Sensitive",
    "URLReachability",
];

impl Case {
    pub(crate) fn text(&self) -> String {
        self.text.repeat(self.repeat.unwrap_or(1))
    }

    pub(crate) fn side(&self, scanner: &str) -> Side {
        let only = if OUTPUT_ONLY.contains(&scanner) { Side::Output } else { Side::Prompt };
        self.side.unwrap_or(only)
    }

    /// The text afterwards; nothing where the case does not say.
    pub(crate) fn sanitized(&self) -> Option<String> {
        self.sanitized.clone().or_else(|| self.valid.then(|| self.text()))
    }

    /// A policy of the one scanner.
    pub(crate) fn policy(&self, scanner: &str) -> String {
        let list = match self.side(scanner) {
            Side::Prompt => "input_scanners",
            Side::Output => "output_scanners",
        };
        let params = self.params.as_ref().map_or_else(String::new, |params| {
            format!("    params: {}\n", serde_json::to_string(params).unwrap())
        });
        let network = if scanner == "URLReachability" { "    allow_network: true\n" } else { "" };
        let compat = self.compat.as_ref().map_or_else(String::new, |compat| format!("compat: {compat}\n"));
        format!("{compat}{list}:\n  - type: {scanner}\n{params}{network}")
    }
}

/// All cases by scanner.
pub(crate) fn load() -> Vec<(String, Vec<Case>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/scanners");
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        let file: File = toml::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = class_name(path.file_stem().unwrap().to_str().unwrap());
        (file.scanner.unwrap_or(name), file.case)
    };
    fs::read_dir(folder).unwrap().map(read).collect()
}

/// `ban_substrings` → `BanSubstrings`.
fn class_name(stem: &str) -> String {
    stem.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// Scores 0.97 when one of its words occurs, else 0.02.
struct Words(&'static [&'static str]);

impl Classifier for Words {
    fn score(&self, folded: &str) -> f32 {
        if self.0.iter().any(|word| folded.contains(word)) { 0.97 } else { 0.02 }
    }
}

/// Answers by the host: `status-404.test` with 404, `inside.test` is forbidden, others fail.
struct Table;

impl UrlFetcher for Table {
    fn statuses(&self, urls: &[&str], _: Duration) -> Vec<Result<u16, FetchError>> {
        let status = |url: &&str| {
            let host =
                url.split("://").nth(1).and_then(|rest| rest.split(['/', '?', ':']).next()).unwrap_or("");
            match host.strip_prefix("status-").and_then(|rest| rest.split('.').next()) {
                Some(status) => status.parse().map_err(|_| FetchError::Failed),
                None if host == "inside.test" => Err(FetchError::Forbidden),
                None => Err(FetchError::Failed),
            }
        };
        urls.iter().map(status).collect()
    }
}

/// Tables in the place of the network and of the models that have no cases; the cases of the others hold for the shipped ones.
pub(crate) fn tables() -> Classifiers {
    Classifiers {
        prompt_injection: std::sync::Arc::new(Words(&["ignore all previous"])),
        toxicity: std::sync::Arc::new(Words(&["idiot"])),
        urls: Some(std::sync::Arc::new(Table)),
        ..llm_shield_models::classifiers()
    }
}
