//! What holds for every embedded rule, and for redaction of any text.

use std::sync::OnceLock;
use std::time::Instant;

use proptest::prelude::*;

use super::RedactMode;
use super::rule::{IDENTIFIER, SCORE_DOUBTED};
use super::ruleset::{RuleSet, Secret};
use crate::{Scanner, Secrets, Text};

#[test]
fn every_rule_finds_its_examples_and_nothing_in_its_negative_examples() {
    let rules = RuleSet::embedded_with_identifiers().unwrap();
    let mut problems = Vec::new();
    for rule in rules.texts() {
        if let Err(error) = rules.compiles(&rule.id) {
            problems.push(format!("{}: does not compile: {error}", rule.id));
            continue;
        }
        for example in &rule.examples {
            let lower = example.to_ascii_lowercase();
            if !rule.keywords.iter().any(|keyword| lower.contains(&keyword.to_ascii_lowercase())) {
                problems.push(format!("{}: no keyword in {example:?}", rule.id));
            }
            // An example stands for a real secret: no placeholder, no wrong checksum.
            let found = |secret: &Secret<'_>| secret.rule == rule.id && is_sure(secret);
            if !rules.candidates(example, false).unwrap().iter().any(found) {
                problems.push(format!("{}: misses {example:?}", rule.id));
            }
        }
        for example in &rule.negative_examples {
            // A wrong checksum leaves doubt, not silence.
            let taken = |secret: &Secret<'_>| secret.rule == rule.id && is_sure(secret);
            if rules.candidates(example, false).unwrap().iter().any(taken) {
                problems.push(format!("{}: takes {example:?}", rule.id));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn is_sure(secret: &Secret<'_>) -> bool {
    secret.score > SCORE_DOUBTED || secret.checked == Some(IDENTIFIER)
}

#[test]
fn there_are_the_rules_that_the_readme_promises() {
    let count = RuleSet::embedded().unwrap().rules().count();
    assert!(count >= 850, "{count} rules");
}

/// Pieces that find their way into secrets, names, quotes and bounds.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("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".to_owned()),
        Just("password = ".to_owned()),
        Just("'vT9#qLw2xZ!m'".to_owned()),
        Just("token: ".to_owned()),
        Just("https://user:xqzjvkwp9@host ".to_owned()),
        Just("AKIAQ2W3E4R5T6Y7U2I3".to_owned()),
        "[ a-zé密\"'=:\\\\\n]{0,8}",
        "[A-Za-z0-9]{0,24}",
    ];
    // Groups of up to four that touch: longer chains of glued secrets are not taken apart.
    let glued = proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat());
    proptest::collection::vec(glued, 0..4).prop_map(|groups| groups.join(" "))
}

proptest! {
    #[test]
    fn spans_are_bounded_and_edits_cover_every_secret(text in text()) {
        let outcome = Secrets::new(RedactMode::All).unwrap().scan(&Text::new(text.as_str())).unwrap();
        let mut last = 0;
        for finding in &outcome.findings {
            prop_assert!(finding.span.start >= last && !finding.span.is_empty());
            prop_assert!(text.get(finding.span.range()).is_some());
            last = finding.span.end;
            let covered = outcome.edits.iter().any(|edit| edit.span.start <= finding.span.start && finding.span.end <= edit.span.end);
            prop_assert!(covered);
        }
        for pair in outcome.edits.windows(2) {
            prop_assert!(pair[0].span.end <= pair[1].span.start);
        }
        // Outside the edits no found secret is left.
        let mut from = 0;
        for to in outcome.edits.iter().map(|edit| edit.span).chain([crate::Span::new(text.len(), text.len())]) {
            for finding in &outcome.findings {
                prop_assert!(!text[from..to.start].contains(&text[finding.span.range()]));
            }
            from = to.end;
        }
    }

    #[test]
    fn redaction_is_idempotent(text in text(), partial in any::<bool>()) {
        let mode = if partial { RedactMode::Partial } else { RedactMode::All };
        let secrets = Secrets::new(mode).unwrap();
        let redact = |text: String| {
            let text = Text::new(text);
            let edits = secrets.scan(&text).unwrap().edits;
            text.edited(&edits).into_inner().into_owned()
        };
        let once = redact(text);
        prop_assert_eq!(redact(once.clone()), once);
    }
}

/// Pieces that, repeated, make each family look hard: keywords without end, openings that never close, runs.
fn hostile_pieces() -> Vec<String> {
    let keywords: Vec<&str> = RuleSet::embedded()
        .unwrap()
        .texts()
        .flat_map(|rule| rule.keywords.iter().map(String::as_str))
        .collect();
    let mut pieces: Vec<String> = [
        "password=",
        "ghp_",
        "eyJ",
        "eyJhbGciOiJub25lIn0.",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\n",
        "LS0tLS1CRUdJTi",
        "://a:b@",
        "postgres://a:b",
        "key:'\\",
        "a",
        "A",
        "QUJD",
        "0f",
        "\"token\":\"{",
        "airbrake key ",
        "user id=a;",
        "<add key=\"password\" ",
        "$krb5asrep$23$a:",
        "psexec -p ",
        "credentials {",
        "mail->Password = '",
        "AccountKey=",
        "?sig=%2F",
        "the password is '",
        "xoxb-1-",
        "\0\u{1}\u{7f}é",
    ]
    .map(str::to_owned)
    .into();
    pieces.push(keywords.join(" "));
    pieces.push(keywords.concat());
    pieces
}

/// Nanoseconds that this thread was on a processor, which other processes do not lengthen; where the system does not
/// tell, those on the clock.
fn busy_ns() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let busy =
        told.as_deref().and_then(|fields| fields.split(' ').next()).and_then(|field| field.parse().ok());
    busy.unwrap_or_else(|| START.get_or_init(Instant::now).elapsed().as_nanos() as u64)
}

#[test]
fn hostile_text_takes_linear_time() {
    // One text, and eight texts of an eighth each: the same bytes. A search that looked back over what it read would
    // take eight times as long for the one. Both sides are allowed some noise and the grain of the measure.
    const PARTS: usize = 8;
    let secrets = Secrets::new(RedactMode::All).unwrap();
    for piece in hostile_pieces() {
        let count = (24_000 / piece.len()).max(1);
        let (part, whole) = (Text::new(piece.repeat(count)), Text::new(piece.repeat(PARTS * count)));
        // Once unmeasured: patterns are compiled when their keyword is first seen.
        secrets.scan(&part).unwrap();
        let start = busy_ns();
        (0..PARTS).for_each(|_| drop(secrets.scan(&part).unwrap()));
        let middle = busy_ns();
        secrets.scan(&whole).unwrap();
        let (parts_ns, whole_ns) = (middle - start, busy_ns() - middle);
        let name: String = piece.chars().take(24).collect();
        println!("{name:?}: {parts_ns} ns in parts, {whole_ns} ns as one");
        assert!(
            whole_ns < 3 * parts_ns + 20_000_000,
            "{name:?}: {parts_ns} ns in parts, {whole_ns} ns as one"
        );
    }
}

#[test]
fn a_megabyte_of_hostile_text_ends() {
    let secrets = Secrets::new(RedactMode::All).unwrap();
    for piece in hostile_pieces() {
        secrets.scan(&Text::new(piece.repeat((1 << 20) / piece.len()))).unwrap();
    }
}
