//! Many texts in one request.

use axum::http::{Method, StatusCode};
use llm_shield_server::{Limits, ServerConfig, app};
use serde_json::{Value, json};

use crate::setup::{call, live, served};

const POLICY: &str = "
input_scanners:
  - type: Anonymize
    params: {entity_types: [EMAIL_ADDRESS]}
  - type: BanSubstrings
    params: {substrings: [alpha], match_type: str}
output_scanners:
  - type: Deanonymize
  - type: BanSubstrings
    params: {substrings: [beta], match_type: str}
";

#[tokio::test(flavor = "multi_thread")]
async fn each_text_is_answered_as_its_own_route_would_and_in_order() {
    let router = served(POLICY);
    let items: Vec<Value> = (0..500)
        .map(|number| match number % 4 {
            0 => json!({"prompt": format!("alpha {number}")}),
            1 => json!({"prompt": format!("mail a{number}@mail.com"), "vault": []}),
            2 => json!({"prompt": "x", "output": format!("beta {number}")}),
            _ => json!({"prompt": format!("alpha {number}"), "scanners_suppress": ["BanSubstrings"]}),
        })
        .collect();
    let answer = call(&router, Method::POST, "/analyze/batch", json!({"items": items}).to_string()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let results = answer.json()["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), items.len());
    for (item, result) in items.iter().zip(&results) {
        let path = if item.get("output").is_some() { "/analyze/output" } else { "/analyze/prompt" };
        let alone = call(&router, Method::POST, path, item.to_string()).await;
        assert_eq!(alone.json(), *result, "{item}");
    }
    let all = json!({"items": items, "scanners_suppress": ["BanSubstrings"]}).to_string();
    let answer = call(&router, Method::POST, "/analyze/batch", all).await.json();
    assert!(answer["results"].as_array().unwrap()[..1].iter().all(|result| result["is_valid"] == true));
}

#[tokio::test]
async fn what_is_wrong_with_a_batch_is_told_by_its_place() {
    let router = served(POLICY);
    let check = async |body: &str, loc: Value, kind: &str| {
        let answer = call(&router, Method::POST, "/analyze/batch", body.to_owned()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let detail = &answer.json()["details"][0];
        assert_eq!((&detail["loc"], &detail["type"]), (&loc, &json!(kind)), "{body}");
        assert!(!answer.body.contains("canary"), "{}", answer.body);
    };
    check("{}", json!(["body", "items"]), "missing").await;
    check("[]", json!(["body"]), "model_attributes_type").await;
    check("{\"items\": \"canary\"}", json!(["body", "items"]), "list_type").await;
    check("{\"items\": [{\"prompt\": \"canary\"}, 7]}", json!(["body", "items", 1]), "model_attributes_type")
        .await;
    check("{\"items\": [{\"prompt\": \"canary\"}, {}]}", json!(["body", "items", 1, "prompt"]), "missing")
        .await;
    check("{\"items\": [{\"prompt\": [\"canary\"]}]}", json!(["body", "items", 0, "prompt"]), "string_type")
        .await;
    check(
        "{\"items\": [{\"prompt\": \"x\"}, {\"prompt\": \"x\", \"vault\": [[\"\", \"canary\"]]}]}",
        json!(["body", "items", 1, "vault"]),
        "value_error",
    )
    .await;
    let empty = call(&router, Method::POST, "/analyze/batch", "{\"items\": []}").await;
    assert_eq!(empty.json(), json!({"results": []}));
}

#[tokio::test]
async fn a_batch_is_bounded_in_texts_and_bytes_and_counts_as_many_calls() {
    let limits = Limits { batch_items_max: 3, batch_bytes_max: 2_000, ..Limits::default() };
    let yaml = format!("rate_limit: {{enabled: true, limit: 5/minute}}\n{POLICY}");
    let router = app(live(&yaml), &ServerConfig { limits, ..ServerConfig::default() });
    let items = |count: usize| json!({"items": vec![json!({"prompt": "x"}); count]}).to_string();
    let many = call(&router, Method::POST, "/analyze/batch", items(4)).await;
    assert_eq!(many.json()["details"][0]["type"], "too_long");
    assert_eq!(call(&router, Method::POST, "/analyze/batch", items(3)).await.status, StatusCode::OK);
    let long = json!({"items": [{"prompt": "x".repeat(2_000)}]}).to_string();
    assert_eq!(
        call(&router, Method::POST, "/analyze/batch", long).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(
        call(&router, Method::POST, "/analyze/batch", items(2)).await.status,
        StatusCode::TOO_MANY_REQUESTS,
        "1 for the one that was too many, 3, 1, and now 2"
    );
}
