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

fn every_kind() -> &'static Analyzer {
    static ANALYZER: std::sync::LazyLock<Analyzer> = std::sync::LazyLock::new(|| {
        let params =
            AnalyzerParams { entity_types: Some(vec![ALL_ENTITY_TYPES.into()]), ..AnalyzerParams::default() };
        Analyzer::new(&params, None).unwrap()
    });
    &ANALYZER
}

#[test]
fn unknown_kinds_name_the_nearest() {
    let params =
        AnalyzerParams { entity_types: Some(vec!["EMAIL_ADRESS".into()]), ..AnalyzerParams::default() };
    let error = Analyzer::new(&params, None).err().unwrap();
    assert_eq!(error.to_string(), "unknown entity type `EMAIL_ADRESS`; did you mean `EMAIL_ADDRESS`?");
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = every_name().collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(count > 150);
}

#[test]
fn the_manual_lists_every_kind() {
    let manual = include_str!("kinds.md");
    for name in every_name() {
        assert!(manual.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn numbers_that_only_look_like_personal_data_are_left() {
    for text in [
        "upgraded to version 10.4.2.17",
        "IMEI 356764616809290",
        "loss: 0.0683637727 after 76669 steps",
        "std::vector<a::b> items",
        "git clone git@forge.example.org:team/tool.git",
        "https://bot:pass@build.example.org/x",
        "3f786850e387550fdab836ed7e6dc881de23001b",
        "order 4155550132 has shipped",
        "it costs $123456789.00",
    ] {
        let kinds: Vec<_> = Analyzer::new(&AnalyzerParams::default(), None).unwrap().analyze(text);
        assert!(kinds.is_empty(), "{text}: {kinds:?}");
    }
}

#[test]
fn allowed_names_are_compared_with_the_whole_value() {
    let params = AnalyzerParams { allowed_names: vec!["a@corp.io".into()], ..AnalyzerParams::default() };
    let values: Vec<String> =
        found(&params, "a@corp.io and ba@corp.io").into_iter().map(|entity| entity.1).collect();
    assert_eq!(values, ["ba@corp.io", "ba@corp.io"]);
}

#[test]
fn patterns_of_the_caller_replace_the_groups() {
    let pattern = PatternParams {
        name: "badge".into(),
        expressions: vec![r"\bB-\d{4}\b".into()],
        context: vec!["badge".into()],
        score: 0.4,
        languages: vec!["en".into()],
        reuse: None,
    };
    let params = AnalyzerParams {
        entity_types: Some(vec!["BADGE".into(), "UUID".into()]),
        regex_patterns: Some(vec![pattern]),
        ..AnalyzerParams::default()
    };
    check(&params, "badge B-1234", &[("BADGE", "B-1234", 0.75)]);
    check(&params, "room B-1234, 0f8fad5b-d9cb-469f-a165-70867728950e", &[]);
}

struct Table;

impl NameFinder for Table {
    fn names(&self, text: &str) -> Vec<Entity> {
        let entity = |(start, name): (usize, &str)| Entity {
            span: Span::new(start, start + name.len()),
            kind: "PERSON".into(),
            score: 0.9,
            checked: None,
        };
        text.match_indices("Ada").map(entity).collect()
    }
}

#[test]
fn a_name_finder_adds_its_names() {
    let analyzer = Analyzer::new(&AnalyzerParams::default(), Some(Arc::new(Table))).unwrap();
    assert!(analyzer.kinds().any(|kind| kind == "PERSON"));
    let kinds: Vec<_> =
        analyzer.analyze("Ada wrote from ada@corp.io").into_iter().map(|entity| entity.kind).collect();
    assert_eq!(kinds, ["PERSON", "EMAIL_ADDRESS", "EMAIL_ADDRESS_RE"]);
    let without = Analyzer::new(&AnalyzerParams::default(), None).unwrap();
    assert!(without.kinds().all(|kind| kind != "PERSON"));
}

#[test]
fn typographic_characters_are_read_as_ascii() {
    let text = "電話 \u{FF10}\u{FF13}\u{2011}1234\u{2011}5678 card 4111\u{A0}1111\u{A0}1111\u{A0}1111";
    let values: Vec<&str> =
        every_kind().analyze(text).iter().map(|entity| &text[entity.span.range()]).collect();
    assert!(values.contains(&"\u{FF10}\u{FF13}\u{2011}1234\u{2011}5678"), "{values:?}");
    assert!(values.contains(&"4111\u{A0}1111\u{A0}1111\u{A0}1111"), "{values:?}");
}

#[test]
fn work_grows_with_the_text_and_not_faster() {
    let analyzer = every_kind();
    // Twenty times the text may take some sixty times the time of a short run on a busy machine, not four hundred.
    let time = |piece: &str, length: usize| {
        let text: String = piece.chars().cycle().take(length).collect();
        (0..3)
            .map(|_| {
                let start = std::time::Instant::now();
                analyzer.analyze(&text);
                start.elapsed()
            })
            .min()
            .unwrap_or_default()
    };
    for piece in [
        "1",
        "@",
        "1.1.1.",
        "a@a@a@",
        ":",
        "a:",
        "1 ",
        "1-",
        " - ",
        "12 34-56.",
        "a.a.",
        "http://",
        "A1",
        "1A ",
        "+1 (",
        "[AT]",
        "DE12 3456 ",
        "\u{FF11}",
        "\u{A0}1",
        "a@b.co ",
        "tel 1 ",
        "bc1q",
        "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
        "12.345, ",
        "x'1",
    ] {
        let (short, long) = (time(piece, 50_000), time(piece, 1_000_000));
        assert!(
            long < short * 100 + std::time::Duration::from_millis(50),
            "{piece:?}: {short:?}, then {long:?}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn spans_lie_in_the_text_on_character_boundaries(
        text in r"[0-9A-Za-z@:.\-+/ '()#$\[\]\u{A0}\u{FF10}-\u{FF19}\u{200B}\u{661}é年]{0,200}",
    ) {
        for entity in every_kind().analyze(&text) {
            proptest::prop_assert!(text.get(entity.span.range()).is_some_and(|value| !value.is_empty()));
            proptest::prop_assert!((0.5..=1.0).contains(&entity.score));
        }
    }

    #[test]
    fn digits_and_letters_of_any_grouping_are_safe(text in r"([0-9]{1,13}|[A-Z]{1,6})([ \-./]?([0-9]{1,13}|[A-Z]{1,6})){0,8}") {
        for entity in every_kind().analyze(&text) {
            proptest::prop_assert!(text.is_char_boundary(entity.span.start) && entity.span.end <= text.len());
        }
    }
}
