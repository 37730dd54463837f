//! What is counted, and how it is shown.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::Value;

use crate::setup::{call, router, send};

async fn json(router: &axum::Router) -> (Value, String) {
    let request = Request::get("/metrics").header("accept", "text/html, application/json;q=0.9");
    let answer = send(router, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    (answer.json(), answer.body)
}

#[tokio::test]
async fn requests_errors_and_times_are_counted_until_reset() {
    let router = router();
    for body in [r#"{"text":"x"}"#, r#"{"text":"canary bomb"}"#, r#"{"text":7}"#] {
        call(&router, Method::POST, "/scan", body).await;
    }
    call(&router, Method::POST, "/echo", r#"{"text":"x"}"#).await;
    call(&router, Method::GET, "/canary", "").await;
    call(&router, Method::GET, "/health", "").await;
    let (metrics, text) = json(&router).await;
    assert_eq!(metrics["total_requests"], 5);
    assert_eq!(metrics["total_errors"], 2);
    assert_eq!(metrics["by_route"]["/scan"]["requests"], 3);
    assert_eq!(metrics["by_route"]["/scan"]["client_errors"], 1);
    assert_eq!(metrics["by_route"]["/echo"]["requests"], 1);
    assert_eq!(metrics["by_route"]["other"]["client_errors"], 1);
    assert_eq!(metrics["in_flight"], 0);
    assert!(!text.contains("canary") && !text.contains("bomb"), "{text}");
    let number = |key: &str| metrics[key].as_f64().unwrap_or_else(|| panic!("{key}"));
    assert!(number("mean_latency_us") > 0.0);
    assert!(number("p50_latency_us") <= number("p95_latency_us"));
    assert!(number("p95_latency_us") <= number("p99_latency_us"));
    assert!(number("p99_latency_us") <= number("p999_latency_us"));
    let rate = number("total_requests") / number("since_reset_secs");
    assert!((number("requests_per_second") / rate - 1.0).abs() < 1e-6);
    #[cfg(target_os = "linux")]
    assert!(number("resident_bytes") > 1e6);

    call(&router, Method::POST, "/metrics/reset", "").await;
    let (metrics, _) = json(&router).await;
    assert_eq!((metrics["total_requests"].as_u64(), metrics["total_errors"].as_u64()), (Some(0), Some(0)));
    assert_eq!(metrics["p99_latency_us"], 0.0);
    assert_eq!(metrics["by_route"].as_object().unwrap().len(), 0);
}

#[tokio::test]
async fn the_contracts_keys_come_first_in_its_order() {
    let (_, text) = json(&router()).await;
    let expected = [
        "total_requests",
        "total_errors",
        "mean_latency_us",
        "p50_latency_us",
        "p95_latency_us",
        "p99_latency_us",
        "requests_per_second",
    ];
    let keys: Vec<_> = text.split('"').skip(1).step_by(2).take(7).collect();
    assert_eq!(keys, expected);
}

#[tokio::test]
async fn the_default_is_prometheus_text_with_help_and_type_for_each_name() {
    let router = router();
    call(&router, Method::POST, "/scan", r#"{"text":"canary"}"#).await;
    let answer = call(&router, Method::GET, "/metrics", "").await;
    assert_eq!(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert!(!answer.body.contains("canary"));
    assert!(answer.body.contains("llm_shield_requests_total{route=\"/scan\",status=\"2xx\"} 1\n"));
    assert!(answer.body.contains("llm_shield_request_duration_seconds_count{route=\"/scan\"} 1\n"));
    let mut announced = Vec::new();
    for line in answer.body.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            announced.push(rest.split(' ').next().unwrap());
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let name = name.split('{').next().unwrap();
            assert!(announced.iter().any(|known| name.starts_with(known)), "{line}");
            value.parse::<f64>().unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }
    for name in
        ["process_cpu_seconds_total", "process_resident_memory_bytes", "llm_shield_in_flight_requests"]
    {
        assert!(announced.contains(&name), "{name}");
    }
}
