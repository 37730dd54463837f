//! Runs the cases in `testdata/scanners/*.toml` through a policy of one scanner.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helper functions too")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use llm_shield::{Classifier, Classifiers, Pair, Policy, Shield, Vault};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    params: Option<toml::Table>,
    /// The prompt beside an output.
    #[serde(default)]
    prompt: String,
    text: String,
    /// What the conversation's vault holds before.
    #[serde(default)]
    vault: Vec<Pair>,
    /// What it holds afterwards; without it not looked at.
    pairs: Option<Vec<Pair>>,
    /// How many times the text is repeated; 1 without it.
    #[serde(default)]
    repeat: Option<usize>,
    valid: bool,
    risk: f64,
    /// Without it: unchanged if the text is valid, not looked at if not.
    sanitized: Option<String>,
    spans: Option<Vec<(usize, usize)>>,
    rules: Option<Vec<String>>,
}

/// Scores 0.97 when one of its words occurs, else 0.02.
struct Words(&'static [&'static str]);

impl Classifier for Words {
    fn score(&self, folded: &str) -> f32 {
        if self.0.iter().any(|word| folded.contains(word)) { 0.97 } else { 0.02 }
    }
}

const OUTPUT_ONLY: [&str; 5] = ["Deanonymize", "LanguageSame", "MaliciousURLs", "NoRefusal", "Sensitive"];

fn shield(scanner: &str, params: Option<&toml::Table>) -> Shield {
    let params = params.map_or_else(|| "null".to_owned(), |params| serde_json::to_string(params).unwrap());
    let list = if OUTPUT_ONLY.contains(&scanner) { "output_scanners" } else { "input_scanners" };
    let yaml = if params == "null" {
        format!("{list}: [{{type: {scanner}}}]")
    } else {
        format!("{list}:\n  - type: {scanner}\n    params: {params}\n")
    };
    let classifiers = Classifiers {
        prompt_injection: Arc::new(Words(&["ignore all previous"])),
        toxicity: Arc::new(Words(&["idiot"])),
        // The shipped ones: their cases hold through every door.
        ..llm_shield_models::classifiers()
    };
    Policy::from_yaml(&yaml)
        .unwrap_or_else(|error| panic!("{error}\n{yaml}"))
        .shield(&classifiers)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// `ban_substrings` → `BanSubstrings`.
fn class_name(stem: &str) -> String {
    let word =
        |word: &str| if word == "urls" { "URLs".to_owned() } else { word[..1].to_uppercase() + &word[1..] };
    stem.split('_').map(word).collect()
}

#[test]
fn cases_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/scanners");
    let mut ran = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let scanner = class_name(path.file_stem().unwrap().to_str().unwrap());
        let cases: Cases = toml::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(cases.case.len() >= 15, "{scanner} has {} cases", cases.case.len());
        for case in cases.case {
            check(&scanner, &case);
            ran += 1;
        }
    }
    assert!(ran >= 45, "{ran} cases");
}

fn check(scanner: &str, case: &Case) {
    let at = format!("{scanner}: {}", case.name);
    let text = case.text.repeat(case.repeat.unwrap_or(1));
    let shield = shield(scanner, case.params.as_ref());
    let vault = Vault::new();
    vault.extend(case.vault.clone()).unwrap();
    let report = if OUTPUT_ONLY.contains(&scanner) {
        shield.scan_output_in(&case.prompt, &text, &vault)
    } else {
        shield.scan_prompt_in(&text, &vault)
    };
    assert_eq!(report.is_valid, case.valid, "{at}: {report:?}");
    let risk = report.scanners.first().map_or(-1.0, |entry| entry.risk_score.0);
    assert!((risk - case.risk).abs() < 1e-9, "{at}: risk {risk}");
    if case.valid {
        assert_eq!(report.sanitized, case.sanitized.as_deref().unwrap_or(&text), "{at}");
    } else if let Some(sanitized) = &case.sanitized {
        assert_eq!(report.sanitized, sanitized.as_str(), "{at}");
    }
    for finding in report.findings() {
        assert!(text.get(finding.span.range()).is_some(), "{at}: {finding:?}");
    }
    if let Some(expected) = &case.pairs {
        let pairs: Vec<(String, String)> = vault.get().into_iter().map(Into::into).collect();
        let expected: Vec<(String, String)> = expected.iter().cloned().map(Into::into).collect();
        assert_eq!(pairs, expected, "{at}");
    }
    if let Some(expected) = &case.spans {
        let spans: Vec<_> = report.findings().map(|finding| (finding.span.start, finding.span.end)).collect();
        assert_eq!(&spans, expected, "{at}");
    }
    if let Some(expected) = &case.rules {
        let rules: Vec<_> = report.findings().map(|finding| finding.rule.to_string()).collect();
        assert_eq!(&rules, expected, "{at}");
    }
}
