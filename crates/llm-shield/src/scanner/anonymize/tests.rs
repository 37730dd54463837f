//! What holds for every text: what was taken out comes back.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use proptest::prelude::*;

use super::*;
use crate::pii::Entity;
use crate::vault::Finder;
use crate::{MatchingStrategy, Pair};

const STRATEGIES: [MatchingStrategy; 3] =
    [MatchingStrategy::Exact, MatchingStrategy::CaseInsensitive, MatchingStrategy::Fuzzy];

/// Finds the words of a table, of which some overlap.
struct Table;

impl NameFinder for Table {
    fn names(&self, text: &str) -> Vec<Entity> {
        let words = [
            ("Ann", "PERSON", 0.9),
            ("Ann Lee", "PERSON", 0.6),
            ("Lee Bank", "ORGANIZATION", 0.8),
            ("Émile", "LOCATION", 0.7),
        ];
        let found = words.iter().flat_map(|&(word, kind, score)| {
            text.match_indices(word).map(move |(at, _)| Entity {
                span: Span::new(at, at + word.len()),
                kind: kind.into(),
                score,
                checked: None,
            })
        });
        found.collect()
    }
}

fn anonymize(style: Style) -> Anonymize {
    let params = AnonymizeParams {
        hidden_names: vec!["Zebra 7".to_owned(), "r".to_owned()],
        entity_types: Some(vec!["all".to_owned()]),
        use_faker: style == Style::Fake,
        preserve_format: style == Style::SameFormat,
        ..AnonymizeParams::default()
    };
    Anonymize::new(params, Some(Arc::new(Table))).unwrap()
}

static PLACEHOLDERS: LazyLock<Anonymize> = LazyLock::new(|| anonymize(Style::Placeholder));
static FAKES: LazyLock<Mutex<Anonymize>> = LazyLock::new(|| Mutex::new(anonymize(Style::Fake)));
static SAME_FORMAT: LazyLock<Mutex<Anonymize>> = LazyLock::new(|| Mutex::new(anonymize(Style::SameFormat)));

fn redact(anonymize: &Anonymize, text: &str, vault: &Vault) -> String {
    let text = Text::new(text);
    let outcome = anonymize.scan_in(&text, &Context::new(vault)).unwrap();
    text.edited(&outcome.edits).into_inner().into_owned()
}

/// Pieces of texts: personal data, what reads like a placeholder, and what may stand around either.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec![
            "ann@mail.com", "bob.ray@mail.com", "10.20.30.40", "2001:db8::7", "4929526018159081", "536-22-8714",
            "DE71000030166131860913", "+1 212 555 0142", "Ann", "Ann Lee", "Lee Bank", "Émile", "zebra 7",
            "https://mail.com/ann", "1990-02-03", "0f8fad5b-d9cb-469f-a165-70867728950e",
        ]).prop_map(str::to_owned),
        3 => prop::sample::select(vec![
            "[REDACTED_EMAIL_ADDRESS_1]", "[REDACTED_EMAIL_ADDRESS_2]", "[redacted_person_1]", "REDACTED PERSON 1",
            "[REDACTED_PLACEHOLDER_1]", "redacted-ip-address#1", "\\[REDACTED\\_IP\\_ADDRESS\\_1\\]", "[REDACTED_",
            "REDACTED_CUSTOM_1]", "redacted", "person 1", "【REDACTED_PERSON_1】", "redact perso 1", "REDACTEDPERSON1",
            "[REDACTED_EMAIL_ADDRES_1]", "redacted r 1", "[REDACTED_EMAIL_ADDRESS_RE_1]",
        ]).prop_map(str::to_owned),
        3 => prop::sample::select(vec![
            " ", "  ", "\n", "'", "[", "]", "\\", "*", "_", "1", "5", "a", "é", ",", ". ", "\u{200b}", "(", ")", "中", "İ",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
        1 => "[rRedacted_ 1\\[\\]-]{0,24}",
    ]
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    let text = prop::collection::vec(piece(), 0..10).prop_map(|pieces| pieces.concat());
    prop::collection::vec(text, 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_prompt_of_a_conversation_is_restored_by_every_strategy_also_after_later_prompts(texts in texts()) {
        let scanner = &*PLACEHOLDERS;
        let vault = Vault::new();
        let mut redacted = Vec::new();
        for text in &texts {
            redacted.push(redact(scanner, text, &vault));
            for (text, redacted) in texts.iter().zip(&redacted) {
                for strategy in STRATEGIES {
                    prop_assert_eq!(&vault.restore(redacted, strategy), text, "{:?} of {:?}", strategy, redacted);
                }
            }
        }
        // What is redacted already is redacted again and restored step by step.
        let again = redact(scanner, &redacted[0], &vault);
        prop_assert_eq!(&vault.restore(&again, MatchingStrategy::Fuzzy), &redacted[0]);
    }

    #[test]
    fn drawn_values_are_restored_by_every_strategy(texts in texts(), fake in any::<bool>(), seed in 0..20_u64) {
        let scanner = if fake { &*FAKES } else { &*SAME_FORMAT };
        let mut scanner = scanner.lock().unwrap_or_else(PoisonError::into_inner);
        scanner.redactor.set_seed(seed);
        let vault = Vault::new();
        let mut earlier = String::new();
        for text in &texts {
            // The answer comes back in the next prompt, with the drawn values in it.
            let text = format!("{text}{earlier}");
            let before = vault.len();
            let redacted = redact(&scanner, &text, &vault);
            for strategy in STRATEGIES {
                prop_assert_eq!(&vault.restore(&redacted, strategy), &text, "{:?} of {:?}", strategy, redacted);
            }
            earlier = redacted;
            let pairs = vault.get();
            let drawn = pairs[before..].iter().filter(|pair| !pair.placeholder.starts_with('['));
            for Pair { placeholder, .. } in drawn {
                prop_assert!(pairs.iter().all(|pair| pair.original != *placeholder), "{}", placeholder);
            }
        }
    }

    #[test]
    fn a_placeholder_that_a_model_rewrote_is_restored(
        pieces in prop::collection::vec((prop::sample::select(vec![
            "ann@mail.com", "bob.ray@mail.com", "10.20.30.40", "4929526018159081", "Ann", "Lee Bank", "Émile", "Zebra 7",
        ]), prop::sample::select(vec![" and ", ", ", ". ", "\n- ", " (", ") ", ": «", "» "])), 1..8),
        changes in prop::collection::vec(prop::collection::vec(0..14_usize, 0..4), 8),
    ) {
        let text: String = pieces.iter().flat_map(|(value, between)| [*value, *between]).collect();
        let vault = Vault::new();
        let redacted = redact(&PLACEHOLDERS, &text, &vault);
        let pairs = vault.lock();
        let (mut rewritten, mut expected, mut copied) = (String::new(), String::new(), 0);
        for (found, changes) in Finder::new(&pairs, MatchingStrategy::Exact).find(&redacted).into_iter().zip(&changes) {
            let mut placeholder = redacted[found.span.range()].to_owned();
            for change in changes {
                placeholder = change_one(&placeholder, *change);
            }
            let before = &redacted[copied..found.span.start];
            // Spaces around it stay where the model put them.
            let around = if changes.len() == 3 { " " } else { "" };
            rewritten.extend([before, around, &placeholder, around]);
            expected.extend([before, around, &pairs.at(found.pair).original, around]);
            copied = found.span.end;
        }
        rewritten.push_str(&redacted[copied..]);
        expected.push_str(&redacted[copied..]);
        let restored = Finder::new(&pairs, MatchingStrategy::Fuzzy).restore(&rewritten);
        prop_assert_eq!(restored, expected, "{}", rewritten);
    }
}

/// One thing that models do to a placeholder.
fn change_one(placeholder: &str, change: usize) -> String {
    let replaced = |from: &str, to: &str| placeholder.replace(from, to);
    match change {
        0 => placeholder.to_lowercase(),
        1 => placeholder.chars().map(|c| if c == 'E' { 'e' } else { c }).collect(),
        2 => replaced("_", " "),
        3 => replaced("_", "-"),
        4 if !placeholder.contains("\\_") => replaced("_", "\\_"),
        5 => replaced("_", "\u{a0}"),
        6 if placeholder.starts_with("[R") => replaced("[", "").replace(']', ""),
        7 => replaced("[", "[ ").replace(']', " ]"),
        8 => replaced("[", "【").replace(']', "】"),
        9 if !placeholder.contains("\\[") => replaced("[", "\\[").replace(']', "\\]"),
        10 => replaced("DD", "D"),
        11 => replaced("CTED", "CTD"),
        12 => replaced("ADDRESS", "ADRESS"),
        13 => replaced("_", "_\u{200b}"),
        _ => placeholder.to_owned(),
    }
}

#[test]
fn drawn_values_differ_from_all_others_and_equal_values_share_one() {
    for style in [Style::Fake, Style::SameFormat] {
        let scanner = anonymize(style);
        let vault = Vault::new();
        let text = "ann@mail.com, bob@mail.com, ann@mail.com; 4929526018159081, DE71000030166131860913";
        let redacted = redact(&scanner, text, &vault);
        let values: Vec<&str> = redacted.split([',', ';', ' ']).filter(|value| !value.is_empty()).collect();
        assert_eq!(values.len(), 5, "{redacted}");
        assert_eq!(values[0], values[2]);
        assert_ne!(values[0], values[1]);
        assert!(vault.get().iter().all(|pair| pair.placeholder != pair.original), "{redacted}");
        // Drawn anew with the same seed they are the same.
        assert_eq!(redact(&scanner, text, &Vault::new()), redacted);
        let checked = |kind: &str| {
            let found = scanner.analyzer.analyze(&redacted);
            found.iter().any(|entity| entity.kind == kind && entity.checked.is_some())
        };
        assert!(checked("CREDIT_CARD") && checked("IBAN_CODE"), "{redacted}");
    }
}

#[test]
fn the_same_format_keeps_lengths_separators_and_case() {
    let scanner = anonymize(Style::SameFormat);
    for text in ["Ann.Lee@Mail.com", "10.200.3.44", "4929 5260 1815 9081", "536-22-8714", "Émile", "zebra 7"]
    {
        let redacted = redact(&scanner, text, &Vault::new());
        let shape = |text: &str| -> String {
            let class = |c: char| match c {
                '0'..='9' => '9',
                _ if c.is_uppercase() => 'A',
                _ if c.is_alphabetic() => 'a',
                _ => c,
            };
            text.chars().map(class).collect()
        };
        assert_eq!(shape(&redacted), shape(text), "{redacted}");
        assert_ne!(redacted, text);
    }
}

#[test]
fn a_full_vault_refuses_the_text_and_keeps_what_it_had() {
    let vault = Vault::with_limits(crate::VaultLimits { pairs_max: 2, bytes_max: 1000 });
    vault.append(Pair::new("[REDACTED_EMAIL_ADDRESS_1]", "ann@mail.com")).unwrap();
    let scanner = anonymize(Style::Placeholder);
    let text = Text::new("bob@mail.com, cid@mail.com");
    let error = scanner.scan_in(&text, &Context::new(&vault)).unwrap_err();
    assert!(error.to_string().contains("at most 2 pairs"), "{error}");
    assert_eq!(vault.len(), 1);
    assert_eq!(redact(&scanner, "bob@mail.com", &vault), "[REDACTED_EMAIL_ADDRESS_2]");
}

#[test]
fn time_is_linear_in_hostile_texts() {
    let scanner = anonymize(Style::Placeholder);
    let vault = Vault::new();
    redact(&scanner, "ann@mail.com Ann", &vault);
    let fakes = Vault::new();
    fakes.extend((0..50).map(|n| Pair::new(format!("Maria Keene {n}"), format!("x{n}")))).unwrap();
    for piece in [
        "redacted 1 ",
        "[REDACTED_",
        "r1",
        "[",
        "redacted email addres 1 ",
        "maria ",
        "[redacted_",
        "keene 1",
    ] {
        let text = piece.repeat(20_000 / piece.len());
        for vault in [&vault, &fakes] {
            vault.restore(&text, MatchingStrategy::Fuzzy);
        }
        // Look-alikes that fill the vault are refused, not endured.
        let _ = scanner.scan_in(&Text::new(text.as_str()), &Context::new(&vault));
    }
}
