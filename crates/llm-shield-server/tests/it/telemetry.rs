//! Traces continued and begun, llm-guard's metrics, spans and metrics at a collector.

use llm_shield_server::Limits;
use tokio::io::AsyncWriteExt;

use crate::setup::{Running, post, read_answer};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn traced(path: &str, flags: &str, json: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: canary.example\r\ntraceparent: 00-{TRACE}-b7ad6b7169203331-{flags}\r\ntracestate: vendor=1\r\ncontent-length: {}\r\n\r\n{json}",
        json.len()
    )
    .into_bytes()
}

async fn ask(server: &Running, bytes: &[u8]) -> (String, String) {
    let mut stream = server.connect().await;
    stream.write_all(bytes).await.unwrap();
    read_answer(&mut stream).await
}

fn traceparent(head: &str) -> Option<&str> {
    head.lines().find_map(|line| line.strip_prefix("traceparent: "))
}

#[tokio::test]
async fn a_trace_goes_on_with_an_id_of_our_own_and_none_is_begun_unasked() {
    let server = Running::start(Limits::default()).await;
    for (path, body) in [("/scan", r#"{"text":"x"}"#), ("/scan", "not json"), ("/canary", "{}")] {
        for flags in ["00", "01"] {
            let (head, _) = ask(&server, &traced(path, flags, body)).await;
            let parts: Vec<_> = traceparent(&head).unwrap().split('-').collect();
            assert_eq!((parts[0], parts[1], parts[3]), ("00", TRACE, flags));
            assert_eq!(parts[2].len(), 16);
            assert_ne!(parts[2], "b7ad6b7169203331");
        }
    }
    let (head, _) = ask(&server, &post("/scan", r#"{"text":"x"}"#)).await;
    assert_eq!(traceparent(&head), None);
    let unsound = post("/scan", r#"{"text":"x"}"#);
    let unsound =
        String::from_utf8(unsound).unwrap().replace("host: test", "host: test\r\ntraceparent: 00-0-0-01");
    assert_eq!(traceparent(&ask(&server, unsound.as_bytes()).await.0), None);
}

#[tokio::test]
async fn llm_guards_metrics_have_its_names_and_labels_and_nothing_a_client_chose() {
    let server = Running::start(Limits::default()).await;
    for _ in 0..2 {
        ask(&server, &post("/analyze/prompt", r#"{"prompt":"a bomb"}"#)).await;
    }
    ask(&server, &post("/analyze/output", r#"{"prompt":"a","output":"b"}"#)).await;
    ask(&server, &post("/analyze/prompt", "canary")).await;
    ask(&server, &traced("/canary", "01", "{}")).await;
    ask(&server, b"CANARY /scan HTTP/1.1\r\nhost: canary.example\r\n\r\n").await;
    for path in ["/healthz", "/readyz", "/health", "/metrics"] {
        ask(&server, format!("GET {path} HTTP/1.1\r\nhost: t\r\n\r\n").as_bytes()).await;
    }
    let (_, text) = ask(&server, b"GET /metrics HTTP/1.1\r\nhost: t\r\n\r\n").await;
    let host = format!("127.0.0.1:{}", server.port);
    let port = server.port;
    for expected in [
        r#"scanners_valid_total{scanner="BanSubstrings",source="input",valid="false"} 2"#.to_owned(),
        r#"scanners_valid_total{scanner="Secrets",source="input",valid="true"} 2"#.to_owned(),
        r#"scanners_valid_total{scanner="Secrets",source="output",valid="true"} 1"#.to_owned(),
        format!(
            r#"http_server_duration_milliseconds_count{{http_flavor="1.1",http_host="{host}",http_method="POST",http_scheme="http",http_server_name="{host}",http_status_code="200",http_target="/analyze/prompt",net_host_port="{port}"}} 2"#
        ),
        format!(
            r#"http_server_request_size_bytes_sum{{http_flavor="1.1",http_host="{host}",http_method="POST",http_scheme="http",http_server_name="{host}",http_status_code="200",http_target="/analyze/prompt",net_host_port="{port}"}} 38"#
        ),
        format!(
            r#"http_server_response_size_bytes_bucket{{http_flavor="1.1",http_host="{host}",http_method="POST",http_scheme="http",http_server_name="{host}",http_status_code="404",le="+Inf",net_host_port="{port}"}} 1"#
        ),
        format!(
            r#"http_server_active_requests{{http_flavor="1.1",http_host="{host}",http_method="POST",http_scheme="http",http_server_name="{host}"}} 0"#
        ),
        format!(
            r#"target_info{{service_name="LLM Shield",service_version="{}"}} 1"#,
            env!("CARGO_PKG_VERSION")
        ),
    ] {
        assert!(text.contains(&format!("{expected}\n")), "{expected}\n{text}");
    }
    assert!(text.contains(r#"http_method="_OTHER""#));
    assert!(!text.to_lowercase().contains("canary"), "{text}");
    for path in ["healthz", "readyz", "http_target=\"/metrics"] {
        assert!(!text.contains(path), "{path}");
    }
    let buckets = text.lines().filter(|line| {
        line.starts_with("http_server_duration_milliseconds_bucket")
            && line.contains("http_status_code=\"200\"")
    });
    let buckets: Vec<u64> = buckets
        .filter(|line| line.contains("/analyze/prompt"))
        .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(buckets.len(), 16);
    assert!(buckets.is_sorted() && (buckets[0], buckets[15]) == (0, 2), "{buckets:?}");
}

#[cfg(feature = "otlp")]
mod otlp {
    use llm_shield_server::{ServerConfig, TelemetryConfig};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::*;
    use crate::setup::{config, read_request};

    /// Takes what exporters send and answers that all is well; gives path and body of each request.
    async fn collector() -> (u16, UnboundedReceiver<(String, Vec<u8>)>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, receiver) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read_request(&mut stream).await;
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
                sender.send(request).ok();
            }
        });
        (port, receiver)
    }

    fn holds(body: &[u8], part: &[u8]) -> bool {
        body.windows(part.len()).any(|window| window == part)
    }

    fn sending_to(port: u16) -> ServerConfig {
        let telemetry = TelemetryConfig {
            service_name: "guard of the house".to_owned(),
            traces_endpoint: Some(format!("http://127.0.0.1:{port}/v1/traces")),
            metrics_endpoint: Some(format!("http://127.0.0.1:{port}/v1/metrics")),
            ..TelemetryConfig::default()
        };
        ServerConfig { telemetry, ..config(Limits::default()) }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn spans_and_metrics_reach_the_collector_before_the_server_ends() {
        let (port, mut received) = collector().await;
        let server = Running::start_with(sending_to(port)).await;
        ask(&server, &traced("/analyze/prompt", "01", r#"{"prompt":"canary bomb"}"#)).await;
        ask(&server, &traced("/scan", "00", r#"{"text":"canary"}"#)).await;
        let (head, _) = ask(&server, &post("/scan/pipeline", r#"{"text":"canary"}"#)).await;
        assert!(traceparent(&head).unwrap().ends_with("-01"), "a trace begins here and is recorded");
        server.stop().await.unwrap();
        let (mut traces, mut metrics) = (Vec::new(), Vec::new());
        while let Ok((path, body)) = received.try_recv() {
            match path.as_str() {
                "/v1/traces" => traces.extend(body),
                "/v1/metrics" => metrics.extend(body),
                other => panic!("{other}"),
            }
        }
        let trace_id: Vec<u8> =
            (0..16).map(|i| u8::from_str_radix(&TRACE[2 * i..2 * i + 2], 16).unwrap()).collect();
        let wanted: [&[u8]; 7] = [
            b"guard of the house",
            b"POST /analyze/prompt",
            b"POST /scan/pipeline",
            b"BanSubstrings",
            b"vendor=1",
            &trace_id,
            &[0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31],
        ];
        for part in wanted {
            assert!(holds(&traces, part), "{}", String::from_utf8_lossy(part));
        }
        let unrecorded = |window: &[u8]| window.starts_with(b"POST /scan") && window[10] != b'/';
        assert!(!traces.windows(11).any(unrecorded), "the caller does not record this trace");
        let wanted: [&[u8]; 5] = [
            b"scanners.valid",
            b"http.server.duration",
            b"http.server.request.size",
            b"http.server.response.size",
            b"http.server.active_requests",
        ];
        for part in wanted {
            assert!(holds(&metrics, part), "{}", String::from_utf8_lossy(part));
        }
        assert!(!holds(&traces, b"canary") && !holds(&metrics, b"canary"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_collector_that_is_away_costs_no_answer() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let server = Running::start_with(sending_to(port)).await;
        for _ in 0..50 {
            let (head, _) = ask(&server, &post("/scan", r#"{"text":"x"}"#)).await;
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        }
        server.stop().await.unwrap();
    }

    #[tokio::test]
    async fn endpoints_that_cannot_be_sent_to_are_refused_at_the_start() {
        for (endpoint, words) in [
            ("https://collector:4318/v1/traces", "https is not built in"),
            ("collector:4318", "whole URL"),
            ("grpc://collector:4317", "whole URL"),
            ("http://", "no OTLP endpoint"),
            ("not an endpoint", "no OTLP endpoint"),
        ] {
            let telemetry =
                TelemetryConfig { traces_endpoint: Some(endpoint.to_owned()), ..TelemetryConfig::default() };
            let config = ServerConfig { telemetry, ..config(Limits::default()) };
            let error = llm_shield_server::Server::new(crate::setup::guards(), &config).connect_telemetry();
            let error = error.unwrap_err().to_string();
            assert!(error.contains(words) && error.contains(endpoint), "{error}");
        }
    }
}

#[cfg(not(feature = "otlp"))]
#[tokio::test]
async fn without_the_feature_an_endpoint_is_refused() {
    use llm_shield_server::{Server, ServerConfig, TelemetryConfig};

    let endpoint = Some("http://collector:4318/v1/traces".to_owned());
    let telemetry = TelemetryConfig { traces_endpoint: endpoint, ..TelemetryConfig::default() };
    let config = ServerConfig { telemetry, ..ServerConfig::default() };
    let error = Server::new(crate::setup::guards(), &config).connect_telemetry().unwrap_err();
    assert!(error.to_string().contains("without OTLP"), "{error}");
}
