//! The load tester against real sockets: known delays, and servers that misbehave.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use std::ffi::OsStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use llm_shield_bench::accounting::{Source, read};
use llm_shield_bench::client::{Headers, LoadMode, RunError, Scenario, ScenarioOutcome, run_scenario};
use llm_shield_bench::cores::allowed;
use llm_shield_bench::schedule::Arrivals;
use llm_shield_bench::server_process::ServerProcess;
use llm_shield_bench::suite::{Event, Extent, Suite};
use llm_shield_bench::workload::Workload;
use server::Behaviour;

fn scenario(url: &str, path: &str, connections: u32) -> Scenario {
    let workload = Arc::new(Workload::load("short60").unwrap());
    let target = format!("{url}{path}").parse().unwrap();
    Scenario {
        warmup: Duration::from_millis(200),
        measured: Duration::from_secs(1),
        timeout: Duration::from_millis(300),
        threads: 2,
        ..Scenario::closed("test", target, workload, connections)
    }
}

fn run(scenario: &Scenario) -> ScenarioOutcome {
    run_scenario(scenario, &AtomicBool::new(false), |_| {}).unwrap()
}

#[test]
fn a_known_delay_is_measured() {
    let url = server::start(Behaviour::Safe(Duration::from_millis(20)));
    let row = run(&scenario(&url, "/echo", 10)).row;
    assert_eq!((row.failed_requests, row.concurrency, row.mode.as_str()), (0, 10, "closed"));
    assert!((19.9..26.0).contains(&row.p50_latency_ms), "{row:?}");
    assert!(row.min_latency_ms >= 19.9 && row.p50_latency_ms <= row.p99_latency_ms, "{row:?}");
    assert!((10.0 / 0.026..=10.0 / 0.0199).contains(&row.requests_per_second), "{row:?}");
    assert!((row.littles_law_ratio.unwrap() - 1.0).abs() < 0.05 && row.valid, "{row:?}");
    assert!(row.client_cpu_share < 0.5 && !row.client_bound, "{row:?}");
}

#[test]
fn an_open_loop_keeps_its_rate_and_counts_the_queue() {
    let url = server::start(Behaviour::Safe(Duration::from_millis(20)));
    for arrivals in [Arrivals::Poisson, Arrivals::Constant] {
        let mode = LoadMode::Open { rate_per_s: 300.0, arrivals };
        let row = run(&Scenario { mode, ..scenario(&url, "/echo", 50) }).row;
        assert_eq!((row.failed_requests, row.littles_law_ratio, row.offered_rps), (0, None, Some(300.0)));
        assert!((230.0..370.0).contains(&row.requests_per_second), "{row:?}");
        assert!((19.9..26.0).contains(&row.p50_latency_ms), "{row:?}");
    }
    // Two connections of 20 ms each carry 100 requests/s: at 200 the queue grows, and latency with it.
    let mode = LoadMode::Open { rate_per_s: 200.0, arrivals: Arrivals::Constant };
    let outcome = run(&Scenario { mode, ..scenario(&url, "/echo", 2) });
    assert!(outcome.row.p50_latency_ms > 150.0, "{:?}", outcome.row);
    assert!(outcome.notes.iter().any(|note| note.contains("fell behind")), "{:?}", outcome.notes);
}

#[test]
fn each_kind_of_error_is_counted_as_itself() {
    let check = |behaviour, kind: fn(&ScenarioOutcome) -> u64| {
        let outcome = run(&scenario(&server::start(behaviour), "/echo", 4));
        let row = &outcome.row;
        assert!(kind(&outcome) > 0, "{behaviour:?}: {row:?}");
        assert_eq!(
            (kind(&outcome), row.successful_requests),
            (row.total_requests, 0),
            "{behaviour:?}: {row:?}"
        );
        assert_eq!(row.failed_requests, row.total_requests);
    };
    check(Behaviour::Status(429), |outcome| outcome.row.errors_refused);
    check(Behaviour::Status(503), |outcome| outcome.row.errors_refused);
    check(Behaviour::Status(404), |outcome| outcome.row.errors_4xx);
    check(Behaviour::Status(500), |outcome| outcome.row.errors_5xx);
    check(Behaviour::Unsafe, |outcome| outcome.row.wrong_verdicts);
    check(Behaviour::Garbage, |outcome| outcome.row.errors_connect);
    check(Behaviour::Close, |outcome| outcome.row.errors_connect);
    check(Behaviour::Half, |outcome| outcome.row.errors_connect);
    check(Behaviour::Silent, |outcome| outcome.row.errors_timeout);
}

#[test]
fn bodies_and_headers_of_the_user_arrive_as_they_are() {
    let folder = std::env::temp_dir().join(format!("llm-shield-load-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("bodies.jsonl");
    std::fs::write(&file, "{\"prompt\":\"one\"}\n").unwrap();
    let workload = Arc::new(Workload::from_bodies(&file).unwrap());
    std::fs::remove_dir_all(&folder).unwrap();
    let headers = Headers(vec!["Authorization: Bearer t0".parse().unwrap()]);
    let url =
        server::start(Behaviour::Wants("\r\nAuthorization: Bearer t0\r\n", "\r\n\r\n{\"prompt\":\"one\"}"));
    let plain = Scenario { workload, ..scenario(&url, "/analyze/prompt", 4) };
    let row = run(&Scenario { headers, ..plain.clone() }).row;
    assert!(row.successful_requests > 50 && row.failed_requests == 0, "{row:?}");
    let row = run(&plain).row;
    assert_eq!((row.successful_requests, row.errors_4xx), (0, row.total_requests));
}

#[test]
fn chunks_and_closing_servers_are_no_errors() {
    for behaviour in [Behaviour::Chunked, Behaviour::CloseAfter] {
        let row = run(&scenario(&server::start(behaviour), "/echo", 4)).row;
        assert!(row.successful_requests > 50, "{row:?}");
        assert_eq!(row.failed_requests, 0, "{behaviour:?} {row:?}");
    }
}

#[test]
fn planted_truth_is_checked() {
    let url = server::start(Behaviour::Safe(Duration::ZERO));
    let mixed = Arc::new(Workload::load("mixed").unwrap());
    for (path, share) in [("/echo", 0.0), ("/scan", 0.04), ("/scan/secrets", 0.04), ("/scan/pipeline", 0.08)]
    {
        let row = run(&Scenario { workload: Arc::clone(&mixed), ..scenario(&url, path, 8) }).row;
        let wrong = row.wrong_verdicts as f64 / row.total_requests as f64;
        assert!(
            (wrong - share).abs() < 0.02 && row.failed_requests == row.wrong_verdicts,
            "{path}: {wrong} {row:?}"
        );
    }
}

#[test]
fn a_stopped_run_gives_what_it_has() {
    let url = server::start(Behaviour::Safe(Duration::from_millis(1)));
    let scenario = Scenario { measured: Duration::from_mins(1), ..scenario(&url, "/echo", 4) };
    let stop = AtomicBool::new(false);
    let started = Instant::now();
    let outcome = run_scenario(&scenario, &stop, |progress| {
        if progress.part > 0.01 {
            stop.store(true, Ordering::Relaxed);
        }
    });
    let outcome = outcome.unwrap();
    assert!(outcome.interrupted && started.elapsed() < Duration::from_secs(10));
    assert!(outcome.row.duration_secs < 10.0 && outcome.row.total_requests > 10, "{:?}", outcome.row);
}

#[test]
fn nobody_there_is_an_error_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = run_scenario(&scenario(&url, "/echo", 4), &AtomicBool::new(false), |_| {}).unwrap_err();
    assert!(matches!(error, RunError::Target(_)) && error.to_string().contains("cannot reach"), "{error}");
}

#[test]
fn the_suite_hands_out_every_scenario_as_it_ends() {
    let url = server::start(Behaviour::Safe(Duration::ZERO));
    let workload = Arc::new(Workload::load("short60").unwrap());
    let mut suite = Suite::new(&url.parse().unwrap(), Extent::Plain, workload);
    suite.times = Some((Duration::from_millis(50), Duration::from_millis(300)));
    let mut log = Vec::new();
    let run = suite.run(&AtomicBool::new(false), |event| match event {
        Event::Started(_, count, scenario) => log.push(format!("{} of {count}", scenario.name)),
        Event::Finished(outcome) => {
            assert_eq!(outcome.row.failed_requests, 0, "{:?}", outcome.row);
            assert!(outcome.row.total_requests > 0, "{:?}", outcome.row);
            log.push(outcome.row.scenario.clone());
        }
        Event::Progress(_) | Event::Capacity(..) => {}
    });
    run.unwrap();
    assert_eq!(log.len(), 20);
    assert_eq!(log[..4], ["echo_c10 of 10", "echo_c10", "scan_c10 of 10", "scan_c10"]);
}

#[test]
fn a_child_server_is_awaited_pinned_accounted_and_ended() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let arguments: Vec<String> =
        ["-m", "http.server", &port.to_string(), "--bind", "127.0.0.1"].map(str::to_owned).to_vec();
    let core = allowed()[0];
    let health = format!("http://127.0.0.1:{port}/");
    let server = ServerProcess::spawn(
        OsStr::new("python3"),
        &arguments,
        &health,
        Some(&[core]),
        Duration::from_secs(20),
    );
    let server = server.unwrap();
    let pid = server.pid();
    assert!((1.0..20_000.0).contains(&server.start_to_answer_ms));
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    assert!(status.contains(&format!("Cpus_allowed_list:\t{core}\n")), "{status}");
    let used = read(&Source::ProcessTree { pid }).unwrap();
    assert!(used.cpu_user_us + used.cpu_system_us > 0 && used.resident_bytes > 1_000_000, "{used:?}");
    drop(server);
    assert_eq!(read(&Source::ProcessTree { pid }), None);
}
