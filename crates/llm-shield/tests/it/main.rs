//! Runs the cases in `testdata/scanners/*.toml` through a policy of one scanner.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helper functions too")]

mod cases;
mod policy;

use cases::{Case, Side};
use llm_shield::{Policy, Shield, Vault};

fn shield(scanner: &str, case: &Case) -> Shield {
    let yaml = case.policy(scanner);
    Policy::from_yaml(&yaml)
        .unwrap_or_else(|error| panic!("{error}\n{yaml}"))
        .shield(&cases::tables())
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn cases_hold() {
    let mut ran = 0;
    for (scanner, cases) in cases::load() {
        assert!(cases.len() >= 15, "{scanner} has {} cases", cases.len());
        for case in cases {
            check(&scanner, &case);
            ran += 1;
        }
    }
    assert!(ran >= 195, "{ran} cases");
}

fn check(scanner: &str, case: &Case) {
    let at = format!("{scanner}: {}", case.name);
    let text = case.text();
    let shield = shield(scanner, case);
    let vault = Vault::new();
    vault.extend(case.vault.clone()).unwrap();
    let report = match case.side(scanner) {
        Side::Prompt => shield.scan_prompt_in(&text, &vault),
        Side::Output => shield.scan_output_in(&case.prompt, &text, &vault),
    };
    assert_eq!(report.is_valid, case.valid, "{at}: {report:?}");
    let risk = report.scanners.first().map_or(-1.0, |entry| entry.risk_score.0);
    assert!((risk - case.risk).abs() < 1e-9, "{at}: risk {risk}");
    if let Some(sanitized) = case.sanitized() {
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
