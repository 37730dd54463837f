//! Hand-made rows for tests: not measured, but consistent with each other and with Little's law.

use crate::row::Row;

/// What a fixture row is made from.
struct Shape {
    kind: &'static str,
    connections: u32,
    repeat: u32,
    requests_per_second: f64,
    cpu_us: (f64, f64),
}

/// Four connection counts for `scan` and `echo`, 100 connections for `pipeline` and `secrets`, three repeats each.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for repeat in 1..=3 {
        let noise = 1.0 + (f64::from(repeat) - 2.0) * 0.01;
        for (kind, points, cpu_us) in [
            ("echo", &[(10, 40_000.0), (50, 52_000.0), (100, 54_000.0), (500, 50_000.0)][..], (3.0, 8.0)),
            ("scan", &[(10, 36_000.0), (50, 47_000.0), (100, 49_000.0), (500, 45_000.0)], (4.5, 8.0)),
            ("pipeline", &[(100, 32_000.0)], (10.0, 8.2)),
            ("secrets", &[(100, 41_000.0)], (6.5, 8.1)),
        ] {
            for &(connections, rps) in points {
                let requests_per_second = rps * noise;
                rows.push(row(&Shape { kind, connections, repeat, requests_per_second, cpu_us }));
            }
        }
    }
    rows
}

fn row(shape: &Shape) -> Row {
    let total = (shape.requests_per_second * 30.0).round() as u64;
    let requests_per_second = total as f64 / 30.0;
    let mean = f64::from(shape.connections) / requests_per_second * 1000.0;
    let path = match shape.kind {
        "scan" => "scan".to_owned(),
        "echo" => "echo".to_owned(),
        kind => format!("scan/{kind}"),
    };
    Row {
        endpoint: format!("http://localhost:3000/{path}"),
        duration_secs: 30.0,
        concurrency: shape.connections,
        total_requests: total,
        successful_requests: total,
        failed_requests: 0,
        requests_per_second,
        mean_latency_ms: mean,
        p50_latency_ms: mean * 0.95,
        p95_latency_ms: mean * 1.6,
        p99_latency_ms: mean * 2.5,
        min_latency_ms: mean * 0.1,
        max_latency_ms: mean * 8.0,
        timestamp: "2026-01-01T00:00:00Z".to_owned(),
        scenario: format!("{}_c{}", shape.kind, shape.connections),
        mode: "closed".to_owned(),
        workload: "fixture".to_owned(),
        repeat: shape.repeat,
        offered_rps: None,
        p90_latency_ms: mean * 1.4,
        p999_latency_ms: mean * 4.0,
        errors_connect: 0,
        errors_timeout: 0,
        errors_refused: 0,
        errors_4xx: 0,
        errors_5xx: 0,
        wrong_verdicts: 0,
        client_cpu_share: 0.6,
        client_bound: false,
        server_cpu_user_us: Some(shape.cpu_us.0),
        server_cpu_system_us: Some(shape.cpu_us.1),
        server_rss_bytes: Some(12_000_000),
        littles_law_ratio: Some(requests_per_second * mean / 1000.0 / f64::from(shape.connections)),
        valid: true,
    }
}

/// Open-loop rows that follow an M/M/2 queue with 40 µs of service and 100 µs around it.
pub(crate) fn open_rows() -> Vec<Row> {
    [5_000.0, 15_000.0, 25_000.0, 35_000.0, 42_000.0]
        .into_iter()
        .map(|offered: f64| {
            let utilisation: f64 = offered * 40e-6 / 2.0;
            // M/M/2: mean time in system = s / (1 − ρ²).
            let mean = (100e-6 + 40e-6 / (1.0 - utilisation * utilisation)) * 1000.0;
            let connections = 100;
            let shape = Shape {
                kind: "scan",
                connections,
                repeat: 1,
                requests_per_second: offered,
                cpu_us: (12.0, 8.0),
            };
            Row {
                scenario: format!("scan_open_{offered:.0}"),
                mode: "open".to_owned(),
                offered_rps: Some(offered),
                littles_law_ratio: None,
                mean_latency_ms: mean,
                p50_latency_ms: mean * 0.9,
                p90_latency_ms: mean * 1.5,
                p95_latency_ms: mean * 2.0,
                p99_latency_ms: mean * 3.0,
                p999_latency_ms: mean * 5.0,
                min_latency_ms: mean * 0.2,
                max_latency_ms: mean * 9.0,
                ..row(&shape)
            }
        })
        .collect()
}
