//! OpenAI's moderation call.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::setup::{call, router};

async fn ask(body: Value) -> (StatusCode, Value) {
    let answer = call(&router(), Method::POST, "/v1/moderations", body.to_string()).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    (answer.status, answer.json())
}

#[tokio::test]
async fn each_input_has_its_result_and_the_parts_of_one_input_are_judged_together() {
    for (input, flagged) in [
        (json!("hello"), vec![false]),
        (json!("a bomb"), vec![true]),
        (json!(""), vec![false]),
        (json!(["hello", "a bomb", "hunter2"]), vec![false, true, true]),
        (json!([{"type": "text", "text": "hello"}, {"type": "text", "text": "a bomb"}]), vec![true]),
    ] {
        let (status, answer) = ask(json!({"input": input, "model": "omni-moderation-latest"})).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let results = answer["results"].as_array().unwrap();
        let found: Vec<_> = results.iter().map(|result| result["flagged"].as_bool().unwrap()).collect();
        assert_eq!(found, flagged, "{input}");
        assert!(answer["id"].as_str().unwrap().starts_with("modr-"));
        assert!(answer["model"].as_str().unwrap().starts_with("llm-shield-"));
    }
}

#[tokio::test]
async fn every_category_of_openai_is_there_and_those_that_nobody_judged_say_so() {
    let (_, answer) = ask(json!({"input": "a bomb"})).await;
    let result = &answer["results"][0];
    for name in
        ["hate/threatening", "illicit", "self-harm/intent", "sexual/minors", "violence/graphic", "harassment"]
    {
        assert_eq!(result["categories"][name], false, "{name}");
        assert_eq!(result["category_scores"][name], 0.0, "{name}");
        assert_eq!(result["category_applied_input_types"][name], json!([]), "{name}");
    }
    assert_eq!(result["categories"]["banned_content"], true);
    assert_eq!(result["category_scores"]["banned_content"], 1.0);
    assert_eq!(result["category_applied_input_types"]["banned_content"], json!(["text"]));
    assert_eq!(result["findings"][0]["span"], json!({"start": 2, "end": 6}));
    for key in ["category_scores", "category_applied_input_types"] {
        let names = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&result["categories"]), names(&result[key]));
    }
}

#[tokio::test]
async fn bad_calls_are_refused_in_openais_shape_and_never_quoted() {
    let many = vec!["canary"; 129];
    for (body, code, param) in [
        (json!({}).to_string(), "missing_field", json!("input")),
        (json!({"Input": "canary"}).to_string(), "missing_field", json!("input")),
        (json!("canary").to_string(), "not_an_object", json!("input")),
        (json!(["canary"]).to_string(), "not_an_object", json!("input")),
        (json!({"input": 7}).to_string(), "wrong_type", json!("input")),
        (json!({"input": null}).to_string(), "wrong_type", json!("input")),
        (json!({"input": {"text": "canary"}}).to_string(), "wrong_type", json!("input")),
        (json!({"input": ["canary", 7]}).to_string(), "wrong_type", json!("input")),
        (json!({"input": [["canary"]]}).to_string(), "wrong_type", json!("input")),
        (
            json!({"input": ["canary", {"type": "text", "text": "x"}]}).to_string(),
            "wrong_type",
            json!("input"),
        ),
        (json!({"input": [{"type": "text"}]}).to_string(), "wrong_type", json!("input")),
        (json!({"input": [{"type": "text", "text": 7}]}).to_string(), "wrong_type", json!("input")),
        (
            json!({"input": [{"type": "image_url", "image_url": {"url": "canary"}}]}).to_string(),
            "unsupported_part",
            json!("input"),
        ),
        (json!({"input": []}).to_string(), "empty_input", json!("input")),
        (json!({"input": many}).to_string(), "too_many_inputs", json!("input")),
        (r#"{"input": "canary", "input": "x"}"#.to_owned(), "duplicate_field", json!("input")),
        ("canary".to_owned(), "not_json", Value::Null),
        (String::new(), "empty_body", Value::Null),
        (format!("{{\"input\": {}", "[".repeat(200)), "wrong_type", json!("input")),
    ] {
        let answer = call(&router(), Method::POST, "/v1/moderations", body.clone()).await;
        let error = &answer.json()["error"];
        assert_eq!(
            (answer.status, &error["code"]),
            (StatusCode::BAD_REQUEST, &json!(code)),
            "{body}: {error}"
        );
        assert_eq!(error["param"], param, "{body}");
        assert_eq!(error["type"], "invalid_request_error");
        assert!(!answer.body.contains("canary"), "{}", answer.body);
    }
}
