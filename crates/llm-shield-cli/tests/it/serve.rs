//! `llm-shield serve` as people run it: the real binary, its environment, its signals, its log.

mod client;
mod hostile;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

use client::{Served, refused_start};

const POLICY: &str = "
app: {name: '${APP_NAME:Ours}'}
input_scanners:
  - type: BanSubstrings
    params:
      match_type: str
      substrings:
        - ${WORD:alpha}
";

/// A policy file, gone after the test.
fn file(yaml: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scanners.yml");
    fs::write(&path, yaml).unwrap();
    (folder, path)
}

#[test]
fn the_environment_fills_the_file_and_plain_scalars_alone() {
    let (_folder, path) = file(POLICY);
    let served =
        Served::start(&["--config", path.to_str().unwrap()], &[("WORD", "beta"), ("APP_NAME", "Theirs")]);
    assert_eq!(served.get("/").1, json!({"name": "${APP_NAME:Ours}"}));
    assert_eq!(served.analyze("alpha")["is_valid"], true);
    assert_eq!(served.analyze("beta")["is_valid"], false);
    let served = Served::start(&[], &[("CONFIG_FILE", path.to_str().unwrap())]);
    assert_eq!(served.analyze("alpha")["is_valid"], false);
}

#[test]
fn without_a_file_llm_guards_variables_still_count() {
    let served = Served::start(&[], &[("AUTH_TOKEN", "t0ken"), ("APP_NAME", "Ours")]);
    assert_eq!(served.get("/").1, json!({"name": "Ours"}));
    assert_eq!(served.post("/analyze/prompt", &[], "{\"prompt\": \"x\"}").0, 403);
    let bearer = [("authorization", "Bearer t0ken")];
    assert_eq!(served.post("/analyze/prompt", &bearer, "{\"prompt\": \"x\"}").0, 200);
}

#[test]
fn what_cannot_serve_is_told_at_the_start() {
    let check = |yaml: &str, environment: &[(&str, &str)], parts: &[&str]| {
        let (_folder, path) = file(yaml);
        let error = refused_start(&["--config", path.to_str().unwrap()], environment);
        for part in parts {
            assert!(error.contains(part), "{part:?} not in {error:?}");
        }
    };
    let bearer = "auth:\n  type: http_bearer\n  token: ${AUTH_TOKEN:}\ninput_scanners: []\n";
    check(bearer, &[], &["scanners.yml", "AUTH_TOKEN", "lock everyone out"]);
    check(bearer, &[("AUTH_TOKEN", "")], &["scanners.yml", "AUTH_TOKEN"]);
    check("app:\n  nam: x\ninput_scanners: []\n", &[], &["scanners.yml", "line 2", "`name`"]);
    check("app: {lazy_load: true}\ninput_scanners:\n  - type: Secret\n", &[], &["line 3", "`Secrets`"]);
    let late = "app: {lazy_load: true}\ninput_scanners:\n  - type: Deanonymize\n";
    check(late, &[], &["scanners.yml", "Deanonymize", "outputs only"]);
    check("input_scanners:\n  - type: BanTopics\n", &[], &["scanners.yml", "BanTopics", "on_unavailable"]);
    let error = refused_start(&["--config", "/nowhere/scanners.yml"], &[]);
    assert!(error.contains("/nowhere/scanners.yml"), "{error}");
    assert!(refused_start(&[], &[("AUTH_TOKEN", "")]).contains("AUTH_TOKEN"));
}

/// llm-guard's stock configuration.
const STOCK: &str = include_str!("../../../../testdata/server/stock.yml");

#[test]
fn the_stock_file_serves() {
    let (_folder, path) = file(STOCK);
    let served = Served::start(&["--config", path.to_str().unwrap()], &[("AUTH_TOKEN", "t0ken")]);
    served.until_ready();
    let bearer = [("authorization", "Bearer t0ken")];
    let (status, answer) = served.post("/analyze/prompt", &bearer, "{\"prompt\": \"a nice day\"}");
    assert_eq!(status, 200, "{answer}");
    let skipped: Vec<_> = answer["skipped"].as_array().unwrap().iter().map(|skip| &skip["name"]).collect();
    assert!(
        skipped.contains(&&json!("BanTopics")) && skipped.contains(&&json!("EmotionDetection")),
        "{answer}"
    );
    let (status, answer) =
        served.post("/analyze/output", &bearer, "{\"prompt\": \"x\", \"output\": \"a nice day\"}");
    assert_eq!((status, &answer["scanners"]["ReadingTime"]), (200, &json!(-1.0)), "{answer}");
    assert!(served.log().contains("BanTopics is skipped"), "{}", served.log());
}

#[test]
fn a_hangup_swaps_the_policy_whole_or_keeps_the_old_one_and_says_why() {
    let (_folder, path) = file(POLICY);
    let served = Served::start(&["--config", path.to_str().unwrap()], &[]);
    assert_eq!(served.analyze("alpha")["is_valid"], false);

    fs::write(&path, "input_scanners:\n  - type: BanSubstrings\n    params: {substrings: [gamma], match_type: str}\nauth: {type: http_bearer, token: new}\n").unwrap();
    served.hang_up();
    served.until_logged("renewed the policy");
    assert_eq!(served.post("/analyze/prompt", &[], "{}").0, 403, "the new token counts");
    let bearer = [("authorization", "Bearer new")];
    let ask = |word: &str| {
        served.post("/analyze/prompt", &bearer, &json!({"prompt": word}).to_string()).1["is_valid"].clone()
    };
    assert_eq!((ask("alpha"), ask("gamma")), (json!(true), json!(false)));
    let scan = served.post("/scan", &bearer, "{\"text\": \"gamma\"}").1;
    assert_eq!(scan["safe"], false, "the contract's routes go along");

    fs::write(&path, "input_scanners:\n  - type: BanSubstring\n").unwrap();
    served.hang_up();
    served.until_logged("kept the policy");
    let log = served.log();
    assert!(log.contains("line 2") && log.contains("`BanSubstrings`"), "{log}");
    assert_eq!((ask("alpha"), ask("gamma")), (json!(true), json!(false)));
    let metrics = served.get_text("/metrics");
    assert!(metrics.contains("llm_shield_reloads_total{outcome=\"renewed\"} 1\n"), "{metrics}");
    assert!(metrics.contains("llm_shield_reloads_total{outcome=\"kept\"} 1\n"));
}

#[test]
fn a_reload_gives_nobody_the_conversations_of_another_token() {
    let policy = |first: &str, second: &str| {
        let named = |token: &str| {
            format!(
                "  - name: of-{token}\n    tokens: [{token}]\n    policy:\n      input_scanners: [{{type: Anonymize}}]\n      output_scanners: [{{type: Deanonymize}}]\n"
            )
        };
        let auth = "auth: {type: http_bearer, token: main}\npolicies:\n";
        format!("{auth}{}{}input_scanners: []\n", named(first), named(second))
    };
    let (_folder, path) = file(&policy("ann", "bob"));
    let served = Served::start(&["--config", path.to_str().unwrap()], &[]);
    let ask = |token: &str, route: &str, body: serde_json::Value| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("x-llm-shield-conversation", "c-1")];
        let (status, answer) = served.post(route, &headers, &body.to_string());
        assert_eq!(status, 200, "{answer}");
        answer
    };
    ask("ann", "/analyze/prompt", json!({"prompt": "mail ann@mail.com"}));
    fs::write(&path, policy("bob", "ann")).unwrap();
    served.hang_up();
    served.until_logged("renewed the policy");
    let restored = |token: &str| {
        let output = json!({"prompt": "", "output": "[REDACTED_EMAIL_ADDRESS_1]"});
        ask(token, "/analyze/output", output)["sanitized_output"].clone()
    };
    assert_eq!(restored("bob"), "[REDACTED_EMAIL_ADDRESS_1]");
    assert_eq!(restored("ann"), "ann@mail.com", "its own conversation goes on");
}

#[test]
fn a_lazy_server_is_reachable_at_once_and_ready_once_it_is() {
    let (_folder, path) =
        file(&format!("{POLICY}  - type: Secrets\n").replace("app: {", "app: {lazy_load: on, "));
    let served = Served::start(&["--config", path.to_str().unwrap()], &[]);
    let (status, health) = served.get("/healthz");
    assert_eq!((status, health), (200, json!({"status": "alive"})));
    // A request that comes while the scanners are being built waits for them.
    let started = Instant::now();
    assert_eq!(served.analyze("alpha")["is_valid"], false);
    assert!(started.elapsed() < Duration::from_secs(30));
    assert_eq!(served.get("/readyz"), (200, json!({"status": "ready"})));
}
