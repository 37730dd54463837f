//! What each route answers when all is well.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use llm_shield::{Anonymize, AnonymizeParams, Deanonymize, MatchingStrategy, Shield};
use llm_shield_server::{Guards, Limits, ServerConfig, app};
use serde_json::{Value, json};

use crate::setup::{call, config, guards, router, send};

#[tokio::test]
async fn scans_answer_by_the_contract_and_say_what_and_where() {
    let router = router();
    let ban = json!({"scanner": "BanSubstrings", "rule": "banned-word", "category": "banned_content", "score": 1.0});
    let secret =
        json!({"scanner": "Secrets", "rule": "banned-word", "category": "banned_content", "score": 1.0});
    let at = |threat: &serde_json::Value, start: usize, end: usize| {
        let mut threat = threat.clone();
        threat["start"] = start.into();
        threat["end"] = end.into();
        threat
    };
    let broken = json!({
        "scanner": "Broken", "rule": "scanner_error", "category": "scanner_error", "start": 0, "end": 5, "score": 1.0
    });
    for (path, text, threats) in [
        ("/scan", "hello", json!([])),
        ("/scan", "", json!([])),
        ("/scan", "a bomb", json!([at(&ban, 2, 6)])),
        ("/scan", "é\n\"bomb\"", json!([at(&ban, 4, 8)])),
        ("/scan", "hunter2", json!([])),
        ("/scan/pipeline", "bomb hunter2", json!([at(&ban, 0, 4), at(&secret, 5, 12)])),
        ("/scan/secrets", "hello", json!([broken])),
        ("/echo", "a bomb", json!([])),
    ] {
        let answer = call(&router, Method::POST, path, json!({"text": text}).to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{path} {text}");
        assert_eq!(answer.headers["content-type"], "application/json");
        let json = answer.json();
        assert_eq!(json.as_object().unwrap().len(), 3);
        assert_eq!(json["threats"], threats, "{path} {text}");
        assert_eq!(json["safe"], threats.as_array().unwrap().is_empty(), "{path} {text}");
        assert!(json["latency_us"].is_f64(), "{path} {text}");
        if path != "/echo" {
            assert!(json["latency_us"].as_f64().unwrap() > 0.0, "{path} {text}");
        }
    }
}

#[tokio::test]
async fn unknown_fields_and_content_types_are_tolerated() {
    let body = r#" {"id": [1, {"text": 3}], "text": "a\u0020bomb", "\ud83d\ude00": null} "#;
    let request = Request::post("/scan").header("content-type", "text/plain").body(Body::from(body)).unwrap();
    let answer = send(&router(), request).await;
    assert_eq!(answer.json()["threats"][0]["start"], 2);
}

#[tokio::test]
async fn long_texts_give_the_same_answer_from_the_pool() {
    let router = router();
    for filler in [10, 32 << 10, 500 << 10] {
        let text = format!("{}bomb", "x".repeat(filler));
        let answer = call(&router, Method::POST, "/scan", json!({"text": text}).to_string()).await;
        assert_eq!(answer.json()["threats"][0]["start"], filler);
    }
}

#[tokio::test]
async fn analyses_have_llm_guards_shape_and_order() {
    let router = router();
    let body = json!({"prompt": "a bomb", "scanners_suppress": []}).to_string();
    let answer = call(&router, Method::POST, "/analyze/prompt", body).await;
    let expected = concat!(
        r#"{"is_valid":false,"scanners":{"BanSubstrings":1.0,"Secrets":-1.0},"sanitized_prompt":"a ***","findings":"#,
        r#"[{"scanner":"BanSubstrings","span":{"start":2,"end":6},"rule":"banned-word","category":"banned_content","#,
        r#""score":1.0,"owasp":"LLM01:2025"}]}"#
    );
    assert_eq!(answer.body, expected);
    let body = json!({"prompt": "hunter2", "output": "a bomb"}).to_string();
    let answer = call(&router, Method::POST, "/analyze/output", body).await;
    let expected =
        r#"{"is_valid":true,"scanners":{"Secrets":-1.0},"sanitized_output":"a bomb","findings":[]}"#;
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn a_conversation_keeps_its_vault_with_the_client() {
    let anonymize = Anonymize::new(AnonymizeParams::default(), None).unwrap();
    let deanonymize = Deanonymize::new(MatchingStrategy::Fuzzy);
    let policy = Shield::new(vec![Arc::new(anonymize)], vec![Arc::new(deanonymize)]);
    let router = app(Guards { policy, ..guards() }, &config(Limits::default()));
    let ask = async |path, body: Value| call(&router, Method::POST, path, body.to_string()).await.json();

    let first = ask("/analyze/prompt", json!({"prompt": "mail ann@mail.com", "vault": []})).await;
    assert_eq!(first["sanitized_prompt"], "mail [REDACTED_EMAIL_ADDRESS_1]");
    assert_eq!(first["vault"], json!([["[REDACTED_EMAIL_ADDRESS_1]", "ann@mail.com"]]));
    assert_eq!(first["findings"][0]["category"], "personal_data");
    let second = ask("/analyze/prompt", json!({"prompt": "and bob@mail.com", "vault": first["vault"]})).await;
    assert_eq!(second["sanitized_prompt"], "and [REDACTED_EMAIL_ADDRESS_2]");
    let output = "[redacted email address 2], [REDACTED_EMAIL_ADDRESS_1]";
    let body = json!({"prompt": "and bob@mail.com", "output": output, "vault": second["vault"]});
    assert_eq!(ask("/analyze/output", body).await["sanitized_output"], "bob@mail.com, ann@mail.com");

    // Without a vault each request is alone: nothing of an earlier one comes out.
    let alone = ask("/analyze/prompt", json!({"prompt": "cid@mail.com"})).await;
    assert_eq!(alone["sanitized_prompt"], "[REDACTED_EMAIL_ADDRESS_1]");
    assert_eq!(alone.get("vault"), None);
    let output = ask("/analyze/output", json!({"prompt": "", "output": "[REDACTED_EMAIL_ADDRESS_1]"})).await;
    assert_eq!(output["sanitized_output"], "[REDACTED_EMAIL_ADDRESS_1]");
}

#[tokio::test]
async fn health_and_the_index_answer() {
    let router = router();
    for (path, expected) in [("/health", "healthy"), ("/healthz", "alive"), ("/readyz", "ready")] {
        let answer = call(&router, Method::GET, path, "").await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({"status": expected})));
    }
    assert_eq!(call(&router, Method::GET, "/", "").await.body, r#"{"name":"LLM Guard API"}"#);
}

#[tokio::test]
async fn echo_exists_only_when_asked_for() {
    let body = || r#"{"text":"x"}"#;
    let without = app(guards(), &ServerConfig { limits: Limits::default(), ..ServerConfig::default() });
    assert_eq!(call(&without, Method::POST, "/echo", body()).await.status, StatusCode::NOT_FOUND);
    let with = app(guards(), &config(Limits::default()));
    assert_eq!(call(&with, Method::POST, "/echo", body()).await.status, StatusCode::OK);
}
