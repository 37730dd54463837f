//! Over real sockets: slow clients, limits on connections, endings, many requests on one connection, noise.

use std::time::{Duration, Instant};

use llm_shield_server::Limits;
use tokio::io::AsyncWriteExt;

use crate::setup::{Running, post, read_answer, read_to_end};

const SHORT: Duration = Duration::from_millis(200);

fn impatient() -> Limits {
    Limits { header_timeout: SHORT, body_timeout: SHORT, idle_timeout: SHORT, ..Limits::default() }
}

#[tokio::test]
async fn a_slow_head_is_answered_408_and_closed() {
    let server = Running::start(impatient()).await;
    let started = Instant::now();
    let answer = server.exchange(b"POST /scan HTTP/1.1\r\nhost: te").await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.contains("\"code\":\"slow_head\""), "{answer}");
    assert!((SHORT..10 * SHORT).contains(&started.elapsed()), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_head_that_drips_is_no_faster() {
    let server = Running::start(impatient()).await;
    let mut stream = server.connect().await;
    let started = Instant::now();
    for byte in b"POST /scan HTTP/1.1\r\nx: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" {
        if stream.write_all(&[*byte]).await.is_err() || started.elapsed() > 10 * SHORT {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let answer = read_to_end(&mut stream).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(started.elapsed() < 10 * SHORT, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_slow_second_head_is_timed_from_its_first_byte() {
    let limits = Limits { header_timeout: SHORT, idle_timeout: Duration::from_secs(50), ..Limits::default() };
    let server = Running::start(limits).await;
    let mut stream = server.connect().await;
    stream.write_all(&post("/scan", r#"{"text":"x"}"#)).await.unwrap();
    read_answer(&mut stream).await;
    tokio::time::sleep(2 * SHORT).await;
    stream.write_all(b"POST /scan HT").await.unwrap();
    let started = Instant::now();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(started.elapsed() >= SHORT / 2 && started.elapsed() < 10 * SHORT, "{:?}", started.elapsed());
}

#[tokio::test]
async fn silent_and_idle_connections_are_closed_without_a_word() {
    let server = Running::start(impatient()).await;
    assert_eq!(server.exchange(b"").await, "");
    let mut stream = server.connect().await;
    stream.write_all(&post("/scan", r#"{"text":"x"}"#)).await.unwrap();
    read_answer(&mut stream).await;
    assert_eq!(read_to_end(&mut stream).await, "");
}

#[tokio::test]
async fn a_slow_body_is_answered_408_and_closed() {
    let server = Running::start(impatient()).await;
    let answer =
        server.exchange(b"POST /scan HTTP/1.1\r\nhost: test\r\ncontent-length: 50\r\n\r\n{\"text\": ").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"code\":\"slow_body\""), "{answer}");
}

#[tokio::test]
async fn a_body_over_the_limit_is_answered_413_whether_declared_or_chunked() {
    let server = Running::start(Limits { body_bytes_max: 1_000, ..Limits::default() }).await;
    let long = format!("{{\"text\":\"{}\"}}", "x".repeat(2_000));
    let answer = server.exchange(&post("/scan", &long)).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let mut chunked = b"POST /scan HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..3 {
        chunked.extend_from_slice(format!("258\r\n{}\r\n", "x".repeat(600)).as_bytes());
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let answer = server.exchange(&chunked).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_chunked_body_is_put_together() {
    let server = Running::start(impatient()).await;
    let mut stream = server.connect().await;
    let head = "POST /scan HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    for chunk in ["5\r\n{\"tex\r\n", "9\r\nt\":\"a bom\r\n", "3\r\nb\"}\r\n0\r\n\r\n"] {
        stream.write_all(chunk.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (_, body) = read_answer(&mut stream).await;
    assert!(body.contains("\"start\":2,\"end\":6"), "{body}");
}

#[tokio::test]
async fn one_connection_over_the_limit_is_told_503() {
    let server = Running::start(Limits { connections_max: 1, ..Limits::default() }).await;
    let mut first = server.connect().await;
    first.write_all(&post("/scan", r#"{"text":"x"}"#)).await.unwrap();
    read_answer(&mut first).await;
    let answer = server.exchange(&post("/scan", r#"{"text":"x"}"#)).await;
    assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{answer}");
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
    assert!(answer.contains("\"code\":\"too_many_connections\""), "{answer}");
    drop(first);
    for attempt in 0.. {
        let mut next = server.connect().await;
        next.write_all(&post("/scan", r#"{"text":"x"}"#)).await.unwrap();
        if read_answer(&mut next).await.0.starts_with("HTTP/1.1 200") {
            break;
        }
        assert!(attempt < 100, "the place is never given back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_finishes_what_was_accepted_and_closes_the_rest() {
    let server = Running::start(Limits { inline_bytes_max: 4, ..Limits::default() }).await;
    let mut busy = server.connect().await;
    busy.write_all(&post("/scan", r#"{"text":"slow bomb"}"#)).await.unwrap();
    let mut idle = server.connect().await;
    idle.write_all(&post("/scan", r#"{"text":"x"}"#)).await.unwrap();
    read_answer(&mut idle).await;
    let mut silent = server.connect().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let port = server.port;
    let ended = server.stop();
    assert_eq!(read_to_end(&mut idle).await, "");
    assert_eq!(read_to_end(&mut silent).await, "");
    let (head, body) = read_answer(&mut busy).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(body.contains("\"safe\":false"), "{body}");
    tokio::time::timeout(Duration::from_secs(5), ended).await.expect("the server ends").unwrap();
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

#[tokio::test]
async fn stopping_waits_no_longer_than_it_was_told() {
    let limits = Limits { drain_timeout: SHORT, ..Limits::default() };
    let server = Running::start(limits).await;
    let mut stuck = server.connect().await;
    stuck.write_all(b"POST /scan HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let started = Instant::now();
    tokio::time::timeout(Duration::from_secs(5), server.stop()).await.expect("the server ends").unwrap();
    assert!(started.elapsed() >= SHORT);
}

#[tokio::test]
async fn many_requests_on_one_connection_are_answered_in_order_also_after_errors() {
    let server = Running::start(Limits::default()).await;
    let mut stream = server.connect().await;
    let mut pipelined = Vec::new();
    for round in 0..50 {
        pipelined.extend(post("/scan", &format!("{{\"text\":\"{}bomb\"}}", "x".repeat(round))));
        pipelined.extend(post("/scan", "not json"));
        pipelined.extend(post("/nowhere", "{}"));
    }
    stream.write_all(&pipelined).await.unwrap();
    for round in 0..50 {
        let (head, body) = read_answer(&mut stream).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(body.contains(&format!("\"start\":{round},")), "{round}: {body}");
        assert!(read_answer(&mut stream).await.0.starts_with("HTTP/1.1 400"));
        assert!(read_answer(&mut stream).await.0.starts_with("HTTP/1.1 404"));
    }
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: t\r\naccept: application/json\r\n\r\n").await.unwrap();
    let metrics: serde_json::Value = serde_json::from_str(&read_answer(&mut stream).await.1).unwrap();
    assert_eq!(metrics["total_requests"], 150);
    assert_eq!(metrics["total_errors"], 100);
    assert_eq!(metrics["connections_open"], 1);
    assert!(metrics["wait_mean_us"].as_f64().unwrap() > 0.0);
    assert!(metrics["wait_p99_us"].as_f64().unwrap() < 10e6);
}

#[tokio::test]
async fn noise_is_refused_and_the_server_lives_on() {
    let server = Running::start(impatient()).await;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for round in 0..500 {
        let noise: Vec<u8> = (0..random() % 200).map(|_| random() as u8).collect();
        let bytes = match round % 3 {
            0 => noise,
            1 => [b"POST /scan HTTP/1.1\r\n".as_slice(), &noise, b"\r\n\r\n"].concat(),
            _ => {
                let head =
                    format!("POST /scan HTTP/1.1\r\nhost: t\r\ncontent-length: {}\r\n\r\n", noise.len());
                [head.as_bytes(), &noise].concat()
            }
        };
        let mut stream = server.connect().await;
        stream.write_all(&bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert!(!answer.contains("HTTP/1.1 200") && !answer.contains("HTTP/1.1 5"), "{round}: {answer}");
    }
    let mut stream = server.connect().await;
    stream.write_all(&post("/scan", r#"{"text":"bomb"}"#)).await.unwrap();
    assert!(read_answer(&mut stream).await.1.contains("\"safe\":false"));
}
