//! What the analyzer finds, by llm-guard's contract and beyond it.

use super::*;

fn found(params: &AnalyzerParams, text: &str) -> Vec<(String, String, f32)> {
    let analyzer = Analyzer::new(params, None).unwrap();
    let entity =
        |entity: Entity| (entity.kind.into_owned(), text[entity.span.range()].to_owned(), entity.score);
    analyzer.analyze(text).into_iter().map(entity).collect()
}

fn check(params: &AnalyzerParams, text: &str, expected: &[(&str, &str, f32)]) {
    let owned: Vec<_> = expected
        .iter()
        .map(|(kind, value, score)| ((*kind).to_owned(), (*value).to_owned(), *score))
        .collect();
    assert_eq!(found(params, text), owned, "{text}");
}

#[test]
fn llm_guards_examples_keep_their_scores() {
    let defaults = AnalyzerParams::default();
    check(
        &defaults,
        "mail a.b@corp.io now",
        &[("EMAIL_ADDRESS", "a.b@corp.io", 1.0), ("EMAIL_ADDRESS_RE", "a.b@corp.io", 0.75)],
    );
    check(&defaults, "a.b[AT]corp[DOT]io", &[("EMAIL_ADDRESS_RE", "a.b[AT]corp[DOT]io", 0.75)]);
    check(&defaults, "at 10.1.2.3", &[("IP_ADDRESS", "10.1.2.3", 0.6)]);
    check(&defaults, "ip 10.1.2.3", &[("IP_ADDRESS", "10.1.2.3", 0.95)]);
    check(&defaults, "536-22-8726", &[("US_SSN", "536-22-8726", 0.5), ("US_SSN_RE", "536-22-8726", 0.75)]);
    check(
        &defaults,
        "ssn 536-22-8726",
        &[("US_SSN", "536-22-8726", 0.85), ("US_SSN_RE", "536-22-8726", 0.75)],
    );
    check(
        &defaults,
        "4111 1111 1111 1111",
        &[("CREDIT_CARD", "4111 1111 1111 1111", 1.0), ("CREDIT_CARD_RE", "4111 1111 1111 1111", 0.75)],
    );
    check(&defaults, "4111111111111112", &[("CREDIT_CARD_RE", "4111111111111112", 0.75)]);
    check(&defaults, "bank account 12345678", &[]);
    check(&defaults, "phone 415-555-0132", &[("PHONE_NUMBER", "415-555-0132", 0.75)]);
    check(&defaults, "on 415-555-0132", &[]);
}

#[test]
fn hidden_names_are_whole_words_in_any_case() {
    let params = AnalyzerParams { hidden_names: vec!["Acme Corp".into()], ..AnalyzerParams::default() };
    check(
        &params,
        "Acme Corp and acme corp, not Acme Corps",
        &[("CUSTOM", "Acme Corp", 1.0), ("CUSTOM", "acme corp", 1.0)],
    );
}
