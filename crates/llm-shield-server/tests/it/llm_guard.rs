//! What llm-guard's clients see: bodies, statuses and errors of its API server, byte for byte where they are fixed.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use llm_shield::Shield;
use llm_shield_server::{Guards, Limits, ServerConfig, Settings, app};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::setup::{
    Running, Waiting, call, config, guards, live, post, post_with, read_answer, send, served,
};

/// A word that stands in every bad body and may stand in no answer.
const CANARY: &str = "canary";

const POLICY: &str = "
input_scanners:
  - type: BanSubstrings
    params: {substrings: [alpha], match_type: str, redact: true}
  - type: BanSubstrings
    params: {substrings: [beta], match_type: str}
  - type: TokenLimit
    params: {limit: 50}
output_scanners:
  - type: BanSubstrings
    params: {substrings: [beta], match_type: str}
";

#[tokio::test]
async fn validation_speaks_pydantics_language_and_never_quotes_the_text() {
    let router = served(POLICY);
    let missing = |field: &str| json!({"type": "missing", "loc": ["body", field], "msg": "Field required"});
    let string =
        |loc: Value| json!({"type": "string_type", "loc": loc, "msg": "Input should be a valid string"});
    let object = json!({
        "type": "model_attributes_type", "loc": ["body"],
        "msg": "Input should be a valid dictionary or object to extract fields from"
    });
    let body_missing = json!({"type": "missing", "loc": ["body"], "msg": "Field required"});
    let list = json!({
        "type": "list_type", "loc": ["body", "scanners_suppress"], "msg": "Input should be a valid list"
    });
    let twice = |field: &str| json!({"type": "duplicate_field", "loc": ["body", field], "msg": "Field given more than once"});
    let rows: &[(&str, &str, Vec<Value>)] = &[
        ("/analyze/prompt", "", vec![body_missing.clone()]),
        ("/analyze/prompt", "null", vec![body_missing]),
        ("/analyze/prompt", "{}", vec![missing("prompt")]),
        ("/scan/prompt", "{\"text\": \"canary\"}", vec![missing("prompt")]),
        ("/analyze/output", "{\"scanners_suppress\": []}", vec![missing("prompt"), missing("output")]),
        ("/scan/output", "{\"prompt\": \"canary\"}", vec![missing("output")]),
        ("/analyze/prompt", "{\"prompt\": 7}", vec![string(json!(["body", "prompt"]))]),
        ("/analyze/output", "{\"output\": null}", vec![missing("prompt"), string(json!(["body", "output"]))]),
        ("/analyze/prompt", "\"canary\"", vec![object.clone()]),
        ("/analyze/prompt", "[\"canary\"]", vec![object.clone()]),
        ("/analyze/prompt", "7", vec![object.clone()]),
        (
            "/analyze/prompt",
            "{\"prompt\": \"canary\", \"scanners_suppress\": \"canary\"}",
            vec![list.clone()],
        ),
        ("/analyze/prompt", "{\"prompt\": \"x\", \"scanners_suppress\": {\"a\": [1]}}", vec![list]),
        (
            "/analyze/prompt",
            "{\"prompt\": [\"canary\"], \"scanners_suppress\": [\"a\", 7]}",
            vec![string(json!(["body", "scanners_suppress", 1])), string(json!(["body", "prompt"]))],
        ),
        ("/analyze/prompt", "{\"prompt\": \"canary\", \"prompt\": \"canary\"}", vec![twice("prompt")]),
    ];
    for (path, body, details) in rows {
        let answer = call(&router, Method::POST, path, *body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {body}");
        assert_eq!(answer.headers["content-type"], "application/json");
        let sorted = |details: &Vec<Value>| {
            let mut texts: Vec<String> = details.iter().map(Value::to_string).collect();
            texts.sort();
            texts
        };
        let found = answer.json();
        assert_eq!(found["message"], "Validation failed", "{path} {body}");
        assert_eq!(sorted(found["details"].as_array().unwrap()), sorted(&details.clone()), "{path} {body}");
        assert!(!answer.body.contains(CANARY), "{}", answer.body);
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = post_with(&router, "/analyze/prompt", &form, "{\"prompt\": \"x\"}").await;
    assert_eq!(answer.json()["details"], json!([object]));
    for content_type in ["application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json"] {
        let headers = [("content-type", content_type)];
        let answer = post_with(&router, "/analyze/prompt", &headers, "{\"prompt\": \"x\"}").await;
        assert_eq!(answer.status, StatusCode::OK, "{content_type}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_where() {
    let router = served(POLICY);
    for (body, offset) in
        [("{", 1), ("é{", 0), ("{\"prompt\": \"é\",\n canary}", 16), ("{\"a\": 1} canary", 9)]
    {
        let answer = call(&router, Method::POST, "/analyze/prompt", body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let detail = &answer.json()["details"][0];
        assert_eq!(detail["type"], "json_invalid", "{body}");
        assert_eq!(detail["msg"], "JSON decode error", "{body}");
        assert_eq!(detail["loc"][0], "body");
        let found = detail["loc"][1].as_i64().unwrap();
        assert!((found - offset).abs() <= 1, "{body}: {found}");
        assert!(detail["ctx"]["error"].is_string() && !answer.body.contains(CANARY), "{}", answer.body);
    }
    let unreadable = r#"{"message":"There was an error parsing the body","details":null}"#;
    let deep = format!("{{\"prompt\": {}", "[".repeat(1_000));
    for body in [b"{\"prompt\": \"\xff\"}".to_vec(), deep.into_bytes()] {
        let answer = call(&router, Method::POST, "/analyze/prompt", body).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::BAD_REQUEST, unreadable));
    }
}

#[tokio::test]
async fn a_vault_that_cannot_be_is_refused_without_quoting_it() {
    let router = served(POLICY);
    for (vault, kind) in [
        (json!(null), "list_type"),
        (json!({"[X]": "canary"}), "list_type"),
        (json!(["canary"]), "list_type"),
        (json!([["[X]", "canary", "Lee"]]), "list_type"),
        (json!([["[X]", 7]]), "list_type"),
        (json!([["", "canary"]]), "value_error"),
        (json!([["[X]", "canary"], ["[X]", "Bob"]]), "value_error"),
    ] {
        let body = json!({"prompt": "x", "vault": vault}).to_string();
        let answer = call(&router, Method::POST, "/analyze/prompt", body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{vault}");
        let detail = &answer.json()["details"][0];
        assert_eq!((&detail["type"], &detail["loc"]), (&json!(kind), &json!(["body", "vault"])), "{vault}");
        assert!(!answer.body.contains(CANARY), "{}", answer.body);
    }
    let body = json!({"prompt": "x", "vault": vec![["[X]", "Ann"]; 3]}).to_string();
    let answer = call(&router, Method::POST, "/analyze/prompt", body).await;
    assert_eq!((answer.status, &answer.json()["vault"]), (StatusCode::OK, &json!([["[X]", "Ann"]])));
    let both = json!({"prompt": "x", "vault": [], "conversation": "c"}).to_string();
    let answer = call(&router, Method::POST, "/analyze/prompt", both).await;
    assert_eq!(answer.json()["details"][0]["loc"], json!(["body", "conversation"]));
}

#[tokio::test]
async fn analyses_feed_the_redacted_text_on_and_scans_the_text_as_it_came() {
    let router = served(POLICY);
    let ask = async |path: &str, body: Value| {
        let answer = call(&router, Method::POST, path, body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    };
    let analyzed = ask("/analyze/prompt", json!({"prompt": "an alpha"})).await;
    assert_eq!(analyzed["sanitized_prompt"], "an [REDACTED]");
    // Of two scanners of one class the later one's risk stands there; the verdict is of both.
    assert_eq!(analyzed["scanners"], json!({"BanSubstrings": -1.0, "TokenLimit": -1.0}));
    assert_eq!(analyzed["is_valid"], false);
    let scanned = ask("/scan/prompt", json!({"prompt": "an alpha"})).await;
    assert_eq!(scanned.get("sanitized_prompt"), None);
    assert_eq!(scanned["is_valid"], false);
    let blank = ask("/analyze/prompt", json!({"prompt": " \n"})).await;
    assert_eq!((&blank["is_valid"], &blank["scanners"]), (&json!(true), &json!({})));
    let blank = ask("/scan/prompt", json!({"prompt": " \n"})).await;
    assert_eq!(blank["scanners"].as_object().unwrap().len(), 2);
    let output = ask("/analyze/output", json!({"prompt": "alpha", "output": "beta"})).await;
    assert_eq!((&output["is_valid"], &output["sanitized_output"]), (&json!(false), &json!("beta")));
    let output = ask("/scan/output", json!({"prompt": "beta", "output": "gamma"})).await;
    assert_eq!(output["is_valid"], true);

    let all = json!({"prompt": "alpha beta", "scanners_suppress": ["BanSubstrings", "TokenLimit", "Nobody"]});
    let suppressed = ask("/analyze/prompt", all.clone()).await;
    assert_eq!((&suppressed["is_valid"], &suppressed["scanners"]), (&json!(true), &json!({})));
    assert_eq!(suppressed["sanitized_prompt"], "alpha beta");
    assert_eq!(suppressed["skipped"][0]["name"], "BanSubstrings");
    assert_eq!(ask("/scan/prompt", all).await["is_valid"], true);
    let lower = json!({"prompt": "alpha", "scanners_suppress": ["bansubstrings"]});
    assert_eq!(ask("/analyze/prompt", lower).await["is_valid"], false, "names count as they are written");
}

#[tokio::test]
async fn fail_fast_lists_what_ran_and_scans_list_the_refusal_alone() {
    let router = served(&format!("app: {{scan_fail_fast: true}}\n{POLICY}"));
    let long = json!({"prompt": "beta and so on and so forth"}).to_string();
    let analyzed = call(&router, Method::POST, "/analyze/prompt", long.clone()).await.json();
    assert_eq!(analyzed["scanners"], json!({"BanSubstrings": 1.0}));
    let hasty = "
app: {scan_fail_fast: true}
input_scanners:
  - type: InvisibleText
  - type: TokenLimit
    params: {limit: 3}
  - type: BanSubstrings
    params: {substrings: [beta], match_type: str}
";
    let router = served(hasty);
    let scanned = call(&router, Method::POST, "/scan/prompt", long.clone()).await.json();
    assert_eq!(scanned["scanners"], json!({"TokenLimit": 1.0}));
    let analyzed = call(&router, Method::POST, "/analyze/prompt", long).await.json();
    assert_eq!(analyzed["scanners"].as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn bearer_tokens_come_before_the_body_and_open_every_post() {
    let router = served(&format!("auth: {{type: http_bearer, token: t0ken}}\n{POLICY}"));
    let none = r#"{"message":"Not authenticated","details":null}"#;
    let scheme = r#"{"message":"Invalid authentication credentials","details":null}"#;
    let wrong = r#"{"message":"Invalid API key","details":null}"#;
    for path in ["/analyze/prompt", "/analyze/output", "/scan/prompt", "/scan/output", "/analyze/batch"] {
        for (sent, status, expected) in [
            (None, 403, none),
            (Some(""), 403, none),
            (Some("Bearer "), 403, none),
            (Some("Basic dDpw"), 403, scheme),
            (Some("Bearer t0ke"), 401, wrong),
        ] {
            let headers: Vec<_> = sent.map(|value| ("authorization", value)).into_iter().collect();
            let answer = post_with(&router, path, &headers, "canary").await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (status, expected), "{path} {sent:?}");
        }
    }
    let bearer = [("authorization", "Bearer t0ken")];
    assert_eq!(post_with(&router, "/analyze/prompt", &bearer, "{\"prompt\": \"x\"}").await.status, 200);
    assert_eq!(post_with(&router, "/scan", &bearer, "{\"text\": \"x\"}").await.status, 200);
    assert_eq!(post_with(&router, "/scan", &[], "{\"text\": \"x\"}").await.error().0, "not_authenticated");
    assert_eq!(post_with(&router, "/metrics/reset", &[], "").await.status, 403);
    assert_eq!(post_with(&router, "/v1/moderations", &[], "{\"input\": \"x\"}").await.status, 403);
    for path in ["/", "/health", "/healthz", "/readyz", "/metrics"] {
        assert_eq!(call(&router, Method::GET, path, "").await.status, 200, "{path}");
    }
    assert_eq!(call(&router, Method::GET, "/shadow", "").await.status, 403);
    assert_eq!(call(&router, Method::DELETE, "/conversation", "").await.status, 403);
}

#[tokio::test]
async fn basic_authentication_has_its_own_words() {
    let router = served(&format!("auth: {{type: http_basic, username: ann, password: secret}}\n{POLICY}"));
    for (sent, status, message) in [
        (None, 401, "Not authenticated"),
        (Some("Basic !"), 401, "Invalid authentication credentials"),
        (Some("Basic YW5uOndyb25n"), 401, "Invalid Username or Password"),
        (Some("Basic YW5uOnNlY3JldA=="), 200, ""),
    ] {
        let headers: Vec<_> = sent.map(|value| ("authorization", value)).into_iter().collect();
        let answer = post_with(&router, "/analyze/prompt", &headers, "{\"prompt\": \"x\"}").await;
        assert_eq!(answer.status, status, "{sent:?}");
        if status != 200 {
            assert_eq!(answer.json(), json!({"message": message, "details": null}), "{sent:?}");
            assert!(!answer.headers.contains_key("www-authenticate"));
        }
    }
}

#[tokio::test]
async fn errors_say_is_valid_false_when_asked_to() {
    let yaml = format!("app: {{is_valid_in_errors: true}}\nauth: {{type: http_bearer, token: t}}\n{POLICY}");
    let router = served(&yaml);
    let answer = post_with(&router, "/analyze/prompt", &[], "{}").await;
    assert_eq!(answer.body, r#"{"message":"Not authenticated","details":null,"is_valid":false}"#);
}

#[tokio::test]
async fn a_rate_limit_counts_by_client_and_route_and_comes_first() {
    let yaml = format!(
        "rate_limit: {{enabled: true, limit: 3/minute}}\nauth: {{type: http_bearer, token: t}}\n{POLICY}"
    );
    let server = Running::start_live(live(&yaml), config(Limits::default())).await;
    let mut stream = server.connect().await;
    let ask = async |stream: &mut tokio::net::TcpStream, path: &str| {
        stream.write_all(&post(path, r#"{"prompt":"x"}"#)).await.unwrap();
        read_answer(stream).await
    };
    for _ in 0..3 {
        assert!(ask(&mut stream, "/analyze/prompt").await.0.starts_with("HTTP/1.1 403"));
    }
    // From another connection of the same address.
    let mut other = server.connect().await;
    let (head, body) = ask(&mut other, "/analyze/prompt").await;
    assert!(head.starts_with("HTTP/1.1 429 Too Many Requests\r\n"), "{head}");
    assert!(head.contains("retry-after: "), "{head}");
    assert_eq!(body, r#"{"error":"Rate limit exceeded: 3 per 1 minute"}"#);
    assert!(ask(&mut other, "/scan/prompt").await.0.starts_with("HTTP/1.1 403"), "each route counts alone");
    other.write_all(b"GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n").await.unwrap();
    assert!(read_answer(&mut other).await.0.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_takes_too_long_is_answered_in_time() {
    let policy = Shield::new(vec![std::sync::Arc::new(Waiting)], vec![]);
    let settings = Settings::from_yaml("app: {scan_prompt_timeout: 1}\ninput_scanners: []").unwrap();
    let router = app((Guards { policy, ..guards() }, settings), &ServerConfig::default());
    for path in ["/analyze/prompt", "/scan/prompt"] {
        let started = Instant::now();
        let answer = call(&router, Method::POST, path, "{\"prompt\": \"wait 3\"}").await;
        assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
        assert_eq!(answer.body, r#"{"message":"Request timeout.","details":null}"#);
        assert!(started.elapsed() < Duration::from_millis(2_500), "{:?}", started.elapsed());
    }
    assert_eq!(call(&router, Method::POST, "/analyze/prompt", "{\"prompt\": \"x\"}").await.status, 200);
}

#[tokio::test]
async fn a_scan_that_breaks_down_is_plain_text_and_one_that_cannot_decide_refuses() {
    let policy = Shield::new(vec![std::sync::Arc::new(Waiting)], vec![]);
    let router = app(Guards { policy, ..guards() }, &ServerConfig::default());
    let answer = call(&router, Method::POST, "/analyze/prompt", "{\"prompt\": \"panic\"}").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.body, "Internal Server Error");
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    let answer = call(&router, Method::POST, "/analyze/prompt", "{\"prompt\": \"error\"}").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["is_valid"], false);
    assert_eq!(answer.json()["sanitized_prompt"], "");
}

#[tokio::test]
async fn pages_of_other_origins_may_call_or_only_those_that_are_named() {
    let ask = async |router: &axum::Router, origin: &str| {
        let request = Request::options("/analyze/prompt")
            .header("origin", origin)
            .header("access-control-request-method", "POST");
        send(router, request.body(Body::empty()).unwrap()).await
    };
    let body = "{\"prompt\": \"x\"}";
    let any = served(POLICY);
    let asked = ask(&any, "https://chat.example").await;
    assert_eq!((asked.status, asked.body.as_str()), (StatusCode::OK, "OK"));
    assert_eq!(asked.headers["access-control-allow-origin"], "https://chat.example");
    assert_eq!(asked.headers["access-control-allow-credentials"], "true");
    assert_eq!(asked.headers["access-control-max-age"], "600");
    let answer = post_with(&any, "/analyze/prompt", &[("origin", "https://chat.example")], body).await;
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    for (method, path) in
        [(Method::GET, "/shadow"), (Method::GET, "/openapi.json"), (Method::DELETE, "/conversation")]
    {
        let request = Request::builder().method(method).uri(path).header("origin", "https://chat.example");
        let answer = send(&any, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.headers["access-control-allow-origin"], "*", "{path}");
    }
    let some = served(&format!("app:\n  cors_origins: ['https://chat.example']\n{POLICY}"));
    let asked = ask(&some, "https://evil.example").await;
    assert_eq!(asked.status, StatusCode::BAD_REQUEST);
    assert!(!asked.headers.contains_key("access-control-allow-origin"));
    let answer = post_with(&some, "/analyze/prompt", &[("origin", "https://evil.example")], body).await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    let answer = post_with(&some, "/analyze/prompt", &[("origin", "https://chat.example")], body).await;
    assert_eq!(answer.headers["access-control-allow-origin"], "https://chat.example");
    let answer = post_with(&some, "/analyze/prompt", &[], body).await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
}
