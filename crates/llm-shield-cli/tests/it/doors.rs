//! The cases in `testdata/scanners/*.toml` through the other doors: HTTP, and the command line.

use std::sync::Mutex;
use std::thread;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use llm_shield::{Pair, Policy, Shield};
use llm_shield_server::{Guards, ServerConfig, app};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::cases::{self, Case, Side};
use crate::scan::Folder;

fn pairs(pairs: &[Pair]) -> Value {
    serde_json::to_value(pairs).unwrap()
}

/// Compares what a door answered; `risk` is nothing where no scanner ran.
#[track_caller]
fn check(at: &str, case: &Case, valid: &Value, risk: Option<&Value>, sanitized: &Value) {
    assert_eq!(valid, &json!(case.valid), "{at}");
    let risk = risk.map_or(-1.0, |risk| risk.as_f64().unwrap());
    assert!((risk - case.risk).abs() < 1e-9, "{at}: risk {risk}");
    if let Some(expected) = case.sanitized() {
        assert_eq!(sanitized, &json!(expected), "{at}");
    }
}

#[tokio::test]
async fn cases_hold_over_http() {
    for (scanner, cases) in cases::load() {
        for case in cases {
            let at = format!("{scanner}: {}", case.name);
            let policy = Policy::from_yaml(&case.policy(&scanner)).unwrap().shield(&cases::tables()).unwrap();
            let other = Shield::default;
            let guards = Guards { scan: other(), pipeline: other(), secrets: other(), policy };
            let side = match case.side(&scanner) {
                Side::Prompt => "prompt",
                Side::Output => "output",
            };
            let mut body = json!({"prompt": case.prompt, "vault": pairs(&case.vault)});
            body[side] = json!(case.text());
            let request =
                Request::post(format!("/analyze/{side}")).body(Body::from(body.to_string())).unwrap();
            let response = app(guards, &ServerConfig::default()).oneshot(request).await.unwrap();
            assert_eq!(response.status(), 200, "{at}");
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let answer: Value = serde_json::from_slice(&bytes).unwrap();
            let risk = answer["scanners"].get(&scanner);
            check(&at, &case, &answer["is_valid"], risk, &answer[format!("sanitized_{side}")]);
            if let Some(expected) = &case.pairs {
                assert_eq!(answer["vault"], pairs(expected), "{at}");
            }
            let findings = answer["findings"].as_array().unwrap();
            if let Some(expected) = &case.spans {
                let spans: Vec<Value> = findings.iter().map(|found| found["span"].clone()).collect();
                let span = |&(start, end): &(usize, usize)| json!({"start": start, "end": end});
                assert_eq!(spans, expected.iter().map(span).collect::<Vec<_>>(), "{at}");
            }
            if let Some(expected) = &case.rules {
                let rules: Vec<&str> = findings.iter().map(|found| found["rule"].as_str().unwrap()).collect();
                assert_eq!(&rules, expected, "{at}");
            }
        }
    }
}

#[test]
fn cases_hold_on_the_command_line() {
    let all: Vec<(String, Case)> = cases::load()
        .into_iter()
        // The real one goes to the network.
        .filter(|(scanner, _)| scanner != "URLReachability")
        .flat_map(|(scanner, cases)| cases.into_iter().map(move |case| (scanner.clone(), case)))
        .collect();
    let left = Mutex::new(all.iter());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((scanner, case)) = next(&left) {
                    check_command(scanner, case);
                }
            });
        }
    });
}

fn next<'c>(left: &Mutex<std::slice::Iter<'c, (String, Case)>>) -> Option<&'c (String, Case)> {
    left.lock().unwrap().next()
}

fn check_command(scanner: &str, case: &Case) {
    let at = format!("{scanner}: {}", case.name);
    let folder = Folder::new(&[("policy.yml", &case.policy(scanner)), ("text", &case.text())]);
    let mut arguments = vec!["--json", "--config", "policy.yml", "text"];
    if case.side(scanner) == Side::Output {
        arguments.push("--output");
        if !case.prompt.is_empty() {
            arguments.extend(["--prompt", &case.prompt]);
        }
    }
    let has_vault = ["Anonymize", "Deanonymize"].contains(&scanner);
    if has_vault {
        folder.write("vault.json", pairs(&case.vault).to_string());
        arguments.extend(["--vault", "vault.json"]);
    }
    let done = folder.scan(&arguments);
    assert_eq!(done.code, i32::from(!case.valid), "{at}: {done:?}");
    let report = done.json_lines().remove(0);
    check(&at, case, &report["is_valid"], report["scanners"][0].get("risk_score"), &report["sanitized"]);
    if let Some(expected) = &case.pairs {
        let kept: Value = serde_json::from_str(&folder.read("vault.json")).unwrap();
        assert_eq!(kept, pairs(expected), "{at}");
    }
}

#[test]
fn what_is_skipped_is_said_by_every_door() {
    let yaml = "input_scanners: [{type: BanTopics, params: {topics: [war]}}, {type: InvisibleText}]\n";
    let folder = Folder::new(&[("policy.yml", yaml), ("text", "some text")]);
    let refused = folder.scan(&["--config", "policy.yml", "text"]);
    assert!(refused.code == 2 && refused.err.contains("waits for the encoder"), "{refused:?}");
    let skip = ["--config", "policy.yml", "--on-unavailable", "skip"];
    let text = folder.scan(&[&skip[..], &["text"]].concat());
    assert!(text.err.contains("warning: BanTopics is skipped: it waits for the encoder"), "{text:?}");
    assert!(text.code == 0 && text.out.starts_with("text: BanTopics skipped: it waits"), "{text:?}");
    let report = folder.scan(&[&skip[..], &["--json", "text"]].concat()).json_lines().remove(0);
    assert_eq!(report["skipped"][0]["name"], "BanTopics");
    let checked = folder.run("policy", &["check", "policy.yml", "--on-unavailable", "skip"], b"");
    assert!(checked.code == 0 && checked.err.contains("BanTopics is skipped"), "{checked:?}");
    // Named for prompts and for outputs, it is missing once.
    let both = format!("{yaml}output_scanners: [{{type: BanTopics, params: {{topics: [war]}}}}]\n");
    let folder = Folder::new(&[("policy.yml", &both), ("text", "some text")]);
    let checked = folder.run("policy", &["check", "policy.yml", "--on-unavailable", "skip"], b"");
    assert_eq!(checked.err.matches("BanTopics is skipped").count(), 1, "{checked:?}");
}

#[tokio::test]
async fn what_is_skipped_stands_in_the_http_answer() {
    let yaml = "on_unavailable: skip\noutput_scanners: [{type: Bias}, {type: NoRefusalLight}]\n";
    let policy = Policy::from_yaml(yaml).unwrap().shield(&cases::tables()).unwrap();
    let guards =
        Guards { scan: Shield::default(), pipeline: Shield::default(), secrets: Shield::default(), policy };
    let body = json!({"prompt": "p", "output": "fine"}).to_string();
    let request = Request::post("/analyze/output").body(Body::from(body)).unwrap();
    let response = app(guards, &ServerConfig::default()).oneshot(request).await.unwrap();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let answer: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(answer["scanners"], json!({"NoRefusalLight": -1.0}));
    assert_eq!(answer["skipped"][0]["name"], "Bias");
}
