//! Several policies in one server, and one beside the live one.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::setup::{call, post_with, served};

fn ban(word: &str) -> String {
    format!(
        "{{input_scanners: [{{type: BanSubstrings, params: {{substrings: [{word}], match_type: str}}}}]}}"
    )
}

fn policies(auth: &str) -> String {
    format!(
        "{auth}
policies:
  - {{name: strict, tokens: [{strict}], policy: {}}}
  - {{name: other, policy: {}}}
input_scanners:
  - type: BanSubstrings
    params: {{substrings: [alpha], match_type: str}}
",
        ban("beta"),
        ban("gamma"),
        strict = if auth.is_empty() { "" } else { "strict-token" },
    )
}

#[tokio::test]
async fn the_header_chooses_the_policy() {
    let router = served(&policies(""));
    for (header, refused) in
        [(None, "alpha"), (Some("default"), "alpha"), (Some("strict"), "beta"), (Some("other"), "gamma")]
    {
        let headers: Vec<_> = header.map(|name| ("x-llm-shield-policy", name)).into_iter().collect();
        for word in ["alpha", "beta", "gamma"] {
            let body = json!({"prompt": word}).to_string();
            let answer = post_with(&router, "/analyze/prompt", &headers, &body).await.json();
            assert_eq!(answer["is_valid"], word != refused, "{header:?} {word}");
        }
    }
    let unknown = post_with(&router, "/analyze/prompt", &[("x-llm-shield-policy", "Strict")], "{}").await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert!(!unknown.body.contains("strict"), "{}", unknown.body);
}

#[tokio::test]
async fn a_token_that_is_bound_to_a_policy_gets_that_one_and_no_other() {
    let router = served(&policies("auth: {type: http_bearer, token: main}"));
    let ask = async |token: &str, policy: Option<&str>, word: &str| {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(policy.map(|name| ("x-llm-shield-policy", name)));
        let answer =
            post_with(&router, "/analyze/prompt", &headers, &json!({"prompt": word}).to_string()).await;
        (answer.status.as_u16(), answer.json()["is_valid"].clone())
    };
    assert_eq!(ask("strict-token", None, "beta").await, (200, json!(false)));
    assert_eq!(ask("strict-token", None, "alpha").await, (200, json!(true)));
    assert_eq!(ask("strict-token", Some("strict"), "beta").await, (200, json!(false)));
    for foreign in ["other", "default", "nowhere"] {
        assert_eq!(ask("strict-token", Some(foreign), "beta").await, (403, Value::Null), "{foreign}");
    }
    assert_eq!(ask("main", None, "alpha").await, (200, json!(false)));
    assert_eq!(ask("main", Some("other"), "gamma").await, (200, json!(false)));
}

#[tokio::test]
async fn a_shadow_is_counted_and_decides_nothing() {
    let router = served(&format!("{}shadow: {{policy: strict, samples: 2}}\n", policies("")));
    for (prompt, valid) in
        [("alpha", false), ("beta", true), ("alpha beta", false), ("canary", true), ("a beta", true)]
    {
        let body = json!({"prompt": prompt}).to_string();
        let answer = call(&router, Method::POST, "/analyze/prompt", body).await.json();
        assert_eq!(answer["is_valid"], valid, "{prompt}");
    }
    let other = [("x-llm-shield-policy", "other")];
    post_with(&router, "/analyze/prompt", &other, "{\"prompt\": \"beta\"}").await;
    let listing = settled(&router, 5).await;
    assert_eq!(
        listing["differences"],
        json!({"shadow_refuses": 2, "shadow_passes": 1, "scanners": 0, "sanitized": 0})
    );
    let samples = listing["samples"].as_array().unwrap();
    assert_eq!(samples.len(), 2, "no more than were asked for");
    let sample = &samples[0];
    assert_eq!(sample["difference"], "shadow_refuses");
    assert_eq!(sample["live"], json!({"is_valid": true, "scanners": {"BanSubstrings": -1.0}}));
    assert_eq!(sample["shadow"], json!({"is_valid": false, "scanners": {"BanSubstrings": 1.0}}));
    let text = listing.to_string();
    assert!(!text.contains("alpha") && !text.contains("beta"), "{text}");
    let metrics = call(&router, Method::GET, "/metrics", "").await.body;
    assert!(metrics.contains("llm_shield_shadow_compared_total 5\n"), "{metrics}");
    assert!(metrics.contains("llm_shield_shadow_differences_total{difference=\"shadow_refuses\"} 2\n"));
}

/// What the shadow has said of this many texts: it may come after the answers.
async fn settled(router: &axum::Router, compared: u64) -> Value {
    for _ in 0..500 {
        let listing = call(router, Method::GET, "/shadow", "").await.json();
        if listing["compared"].as_u64() == Some(compared) {
            return listing;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the shadow does not keep up");
}
