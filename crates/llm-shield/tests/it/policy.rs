//! What a policy file may say, and how it is told what it may not.

use std::sync::Arc;

use llm_shield::{Classifiers, FetchError, OnUnavailable, Policy, UrlFetcher};

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

/// The shipped models, and this way to the network.
fn classifiers(urls: Option<Arc<dyn UrlFetcher>>) -> Classifiers {
    Classifiers { urls, ..llm_shield_models::classifiers() }
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
    let error = Policy::from_yaml("input_scanners: [{type: Secrets, params: {model_path: x}}]").unwrap_err();
    assert!(error.to_string().contains("model_path"), "{error}");
}

#[test]
fn the_network_is_off_unless_the_policy_asks_and_the_program_has_one() {
    struct Nowhere;
    impl UrlFetcher for Nowhere {
        fn statuses(&self, urls: &[&str], _: std::time::Duration) -> Vec<Result<u16, FetchError>> {
            vec![Err(FetchError::Failed); urls.len()]
        }
    }
    let urls = || Some(Arc::new(Nowhere) as Arc<dyn UrlFetcher>);
    let asked = "output_scanners: [{type: URLReachability, allow_network: true}]";
    let not_asked = "output_scanners: [{type: URLReachability}]";
    let check = |yaml: &str, urls, part: &str| {
        let error = Policy::from_yaml(yaml).unwrap().shield(&classifiers(urls)).err().unwrap().to_string();
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
    assert!(Policy::embedded().shield(&classifiers(None)).unwrap().prompt_scanners().count() >= 3);
}

#[test]
fn a_servers_sections_are_not_the_engines() {
    for yaml in ["auth: {}", "app: {log_level: INFO}", "policies: []"] {
        let error = Policy::from_yaml(yaml).unwrap_err().to_string();
        assert!(error.contains("unknown field"), "{error}");
    }
}
