//! Each row of the table of errors, in process.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use llm_shield_server::{Limits, app, parse_scan_request};
use serde_json::json;

use crate::setup::{call, config, guards, router, send};

/// A word that stands in every bad body and may stand in no answer.
const CANARY: &str = "canary";

#[tokio::test]
async fn bad_bodies_get_their_code_and_place_and_are_never_quoted() {
    let router = router();
    let mut not_utf8 = br#"{"text": "canary "#.to_vec();
    not_utf8.extend([0xff, b'"', b'}']);
    let bomb = format!("{{\"text\": \"canary\", \"x\": {}", "[".repeat(100_000));
    let closed = format!("{{\"x\": {}{}, \"text\": \"canary\"}}", "[".repeat(200), "]".repeat(200));
    let objects = "{\"canary\":".repeat(1_000);
    let rows: &[(&[u8], u16, &str, &str)] = &[
        (b"", 400, "empty_body", "empty"),
        (b" \r\n\t", 400, "empty_body", "empty"),
        (b"canary", 400, "not_json", "line 1 column 1"),
        (b"{\"text\": \"canary", 400, "not_json", "line 1 column 16"),
        (b"{\n \"text\": \"canary\",\n}", 400, "not_json", "line 3 column 1"),
        (b"{\"text\": \"canary\"} canary", 400, "not_json", "trailing characters"),
        (b"{\"text\": \"canary \\x\"}", 400, "not_json", "invalid escape"),
        (b"{\"text\": \"canary \\ud800\"}", 400, "not_json", "line 1 column"),
        (b"{canary: 1}", 400, "not_json", "key must be a string"),
        (b"{\"x\": 1e999, \"text\": \"canary\"}", 400, "not_json", "number out of range"),
        (b"{\"x\": {\"text\": 1}, \"text\": \"canary\"}", 200, "", ""),
        (&not_utf8, 400, "not_utf8", "byte 17"),
        (bomb.as_bytes(), 400, "too_deep", "128"),
        (closed.as_bytes(), 400, "too_deep", "128"),
        (objects.as_bytes(), 400, "too_deep", "128"),
        (b"\"canary\"", 422, "not_an_object", "not a string"),
        (b"[\"canary\"]", 422, "not_an_object", "not an array"),
        (b"null", 422, "not_an_object", "not null"),
        (b"true", 422, "not_an_object", "not a boolean"),
        (b"-1.5", 422, "not_an_object", "not a number"),
        (b"{}", 422, "missing_field", "`text`"),
        (b"{\"canary\": \"canary\"}", 422, "missing_field", "`text`"),
        (b"{\"Text\": \"canary\"}", 422, "missing_field", "`text`"),
        (b"{\"text\": null}", 422, "wrong_type", "`text` must be a string, not null"),
        (b"{\"text\": 12345}", 422, "wrong_type", "not a number"),
        (b"{\"text\": false}", 422, "wrong_type", "not a boolean"),
        (b"{\"text\": [\"canary\"]}", 422, "wrong_type", "not an array"),
        (b"{\"text\": {\"text\": \"canary\"}}", 422, "wrong_type", "not an object"),
        (b"{\"text\": \"canary\",\n\"text\": \"canary\"}", 422, "duplicate_field", "line 2"),
    ];
    for path in ["/scan", "/scan/pipeline", "/scan/secrets", "/echo"] {
        for (body, status, code, words) in rows {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let answer = call(&router, Method::POST, path, body.to_vec()).await;
            assert_eq!(answer.status.as_u16(), *status, "{shown}");
            assert!(!answer.body.contains(CANARY), "{shown}: {}", answer.body);
            if *status != 200 {
                let (found, message) = answer.error();
                assert_eq!(found, *code, "{shown}");
                assert!(message.contains(words), "{shown}: {message}");
            }
        }
    }
}

#[tokio::test]
async fn wrong_methods_unknown_routes_and_codings_are_refused() {
    let router = router();
    for (method, path, allow) in [
        (Method::GET, "/scan", "POST"),
        (Method::PUT, "/scan/pipeline", "POST"),
        (Method::DELETE, "/metrics/reset", "POST"),
        (Method::POST, "/metrics", "GET,HEAD"),
        (Method::POST, "/health", "GET,HEAD"),
        (Method::GET, "/analyze/prompt", "POST"),
    ] {
        let answer = call(&router, method, path, r#"{"text":"x"}"#).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        if path.starts_with("/scan") {
            assert_eq!(answer.error().0, "method_not_allowed");
        } else {
            assert_eq!(answer.body, r#"{"message":"Method Not Allowed","details":null}"#);
        }
        assert_eq!(answer.headers["allow"], allow, "{path}");
    }
    for path in ["/scan/", "/Scan", "/canary", "/scan/../scan", "//"] {
        let answer = call(&router, Method::POST, path, r#"{"text":"x"}"#).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.body, r#"{"message":"Not Found","details":null}"#, "{path}");
    }
    let request = Request::post("/scan").header("content-encoding", "gzip").body(Body::from("x")).unwrap();
    let answer = send(&router, request).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(answer.error().0, "encoded_body");
}

#[tokio::test]
async fn the_size_limit_is_exact_and_counts_bytes() {
    let limits = Limits { body_bytes_max: 1_000, inline_bytes_max: 100, ..Limits::default() };
    let router = app(guards(), &config(limits));
    let body_of = |bytes: usize| format!("{{\"text\":\"{}\"}}", "x".repeat(bytes - 11));
    for (bytes, status) in [(100, 200), (101, 200), (1_000, 200), (1_001, 413), (3_000, 413), (9_000, 413)] {
        let answer = call(&router, Method::POST, "/scan", body_of(bytes)).await;
        assert_eq!(answer.status.as_u16(), status, "{bytes} bytes");
        if status == 413 {
            let (code, message) = answer.error();
            assert_eq!(code, "body_too_large");
            assert!(message.contains("1000 bytes"), "{message}");
            assert_eq!(answer.headers["connection"], "close");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_requests_than_the_limit_are_told_to_come_back() {
    let limits = Limits { in_flight_max: 1, inline_bytes_max: 4, ..Limits::default() };
    let router = app(guards(), &config(limits));
    let slow = {
        let router = router.clone();
        tokio::spawn(async move { call(&router, Method::POST, "/scan", r#"{"text":"slow"}"#).await.status })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    let refused = call(&router, Method::POST, "/scan", r#"{"text":"x"}"#).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.error().0, "too_many_in_flight");
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(slow.await.unwrap(), StatusCode::OK);
    assert_eq!(call(&router, Method::POST, "/scan", r#"{"text":"x"}"#).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_long_texts_than_the_limit_are_told_to_come_back_and_short_ones_pass() {
    let limits = Limits { large_bodies_max: 1, inline_bytes_max: 30, ..Limits::default() };
    let router = app(guards(), &config(limits));
    let long = json!({"text": format!("slow{}", "x".repeat(40))}).to_string();
    let slow = {
        let (router, long) = (router.clone(), long.clone());
        tokio::spawn(async move { call(&router, Method::POST, "/scan", long).await.status })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    let refused = call(&router, Method::POST, "/scan", long).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.error().0, "too_many_large");
    assert_eq!(call(&router, Method::POST, "/scan", r#"{"text":"x"}"#).await.status, StatusCode::OK);
    assert_eq!(slow.await.unwrap(), StatusCode::OK);
}

#[tokio::test]
async fn a_scan_that_takes_too_long_is_given_up() {
    let limits =
        Limits { request_timeout: Duration::from_millis(50), inline_bytes_max: 4, ..Limits::default() };
    let answer = call(&app(guards(), &config(limits)), Method::POST, "/scan", r#"{"text":"slow"}"#).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.error().0, "slow_scan");
}

#[test]
fn texts_are_borrowed_unless_escaped() {
    use std::borrow::Cow;
    assert!(matches!(parse_scan_request(br#"{"text":"plain"}"#).unwrap().text, Cow::Borrowed("plain")));
    assert!(
        matches!(parse_scan_request(br#"{"text":"a\nb"}"#).unwrap().text, Cow::Owned(text) if text == "a\nb")
    );
}
