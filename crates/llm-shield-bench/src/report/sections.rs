//! The report's sections, each a function of the analysed rows.

use std::fmt::Write as _;

use super::{
    Analysis,
    document::{Block, Document},
    peer_ratios,
};
use crate::{
    chart::{short_number, thousands},
    claims::{Metric, State, Verdict},
    machine::RunKind,
    row::Row,
    summary::{Scenario, closed_of_kind},
};

const BLANK: &str = "–";

pub(super) fn document(analysis: &Analysis<'_>) -> Document {
    let sections = [
        summary,
        configuration,
        results,
        scaling,
        latency,
        littles_law,
        server_cost,
        comparison_with_claims,
        comparison_with_peer,
        capacity,
        recommendations,
        reproduce,
    ];
    let title = match mark(analysis) {
        None => "Throughput of LLM Shield".to_owned(),
        Some(mark) => format!("{mark}: throughput of LLM Shield"),
    };
    Document { title, blocks: sections.into_iter().flat_map(|section| section(analysis)).collect() }
}

fn mark(analysis: &Analysis<'_>) -> Option<&'static str> {
    match analysis.info.kind {
        RunKind::Measured => None,
        RunKind::Quick => Some("QUICK"),
        RunKind::Simulated => Some("SIMULATED"),
    }
}

fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(|| BLANK.to_owned(), short_number)
}

fn percent(value: f64) -> String {
    format!("{:.1} %", value * 100.0)
}

fn heading(text: &str) -> Block {
    Block::Heading(text.to_owned())
}

fn head(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn count(verdicts: &[Verdict], state: State) -> usize {
    verdicts.iter().filter(|verdict| verdict.state == state).count()
}

fn claims_line(analysis: &Analysis<'_>) -> String {
    let states = [State::Pass, State::Fail, State::Unproven, State::NotMeasured];
    let counts = states.map(|state| format!("{} {state}", count(&analysis.verdicts, state)));
    format!("Claims: {}.", counts.join(", "))
}

/// The closed-loop scenario of `/scan` with the highest median throughput.
fn best<'a, 'b>(analysis: &'b Analysis<'a>) -> Option<(&'b Scenario<'a>, f64)> {
    closed_of_kind(&analysis.scenarios, "scan")
        .into_iter()
        .filter_map(|scenario| Some((scenario, scenario.median(|row| row.requests_per_second)?)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

fn summary(analysis: &Analysis<'_>) -> Vec<Block> {
    let total: u64 = analysis.rows.iter().map(|row| row.total_requests).sum();
    let failed: u64 = analysis.rows.iter().map(|row| row.failed_requests).sum();
    let wrong: u64 = analysis.rows.iter().map(|row| row.wrong_verdicts).sum();
    let invalid = analysis.rows.iter().filter(|row| !row.valid).count();
    let bound = analysis.rows.iter().filter(|row| row.client_bound).count();
    let mut points = vec![
        format!(
            "{} requests in {} rows of {} scenarios; {} failed, {} wrong verdicts.",
            thousands(total as f64),
            analysis.rows.len(),
            analysis.scenarios.len(),
            thousands(failed as f64),
            thousands(wrong as f64)
        ),
        format!("{invalid} rows are not valid (Little's law); in {bound} rows the client had no CPU left."),
        claims_line(analysis),
    ];
    if let Some((scenario, rps)) = best(analysis) {
        points.insert(1, format!(
            "Highest throughput of /scan: {} requests/s at {} connections, p50 {} ms, p99 {} ms (medians of {} repeats).",
            thousands(rps),
            scenario.concurrency,
            number(scenario.median(|row| row.p50_latency_ms)),
            number(scenario.median(|row| row.p99_latency_ms)),
            scenario.rows.len()
        ));
    }
    let mut blocks = vec![heading("Summary")];
    match analysis.info.kind {
        RunKind::Measured => {}
        RunKind::Quick => blocks.push(Block::Paragraph(
            "QUICK: short windows. It shows that everything works; its figures are no ground for a claim."
                .into(),
        )),
        RunKind::Simulated => blocks.push(Block::Paragraph(
            "SIMULATED: out of a model fitted to measured rows. Nothing here was measured.".into(),
        )),
    }
    blocks.push(Block::List(points));
    blocks
}

fn configuration(analysis: &Analysis<'_>) -> Vec<Block> {
    let info = analysis.info;
    let or_unknown = |text: &str| if text.is_empty() { "not told".to_owned() } else { text.to_owned() };
    let lengths: Vec<String> = info
        .text_lengths
        .iter()
        .map(|(name, count)| format!("{name}: {}", thousands(*count as f64)))
        .collect();
    let thresholds: Vec<String> =
        info.thresholds.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let windows: Vec<f64> = analysis.rows.iter().map(|row| row.duration_secs).collect();
    let line = |name: &str, value: String| vec![name.to_owned(), value];
    let memory = info.machine.memory_bytes as f64 / f64::from(1 << 30);
    let lines = vec![
        line("CPU", format!("{}, {} cores", info.machine.cpu_model, info.machine.cores)),
        line("Memory", format!("{memory:.1} GiB")),
        line("Kernel", info.machine.kernel.clone()),
        line("LLM Shield", format!("{}, commit {}", info.version, info.commit)),
        line("Compiler", info.rustc.clone()),
        line("Placement", info.pinning.clone()),
        line("Warm-up", format!("{} s", info.warmup_secs)),
        line("Window", format!("{} s (median)", number(crate::statistics::median(&windows)))),
        line("Workload", or_unknown(&info.workload)),
        line("Text lengths", or_unknown(&lengths.join(", "))),
        line("Policy", or_unknown(&info.policy)),
        line("Thresholds", or_unknown(&thresholds.join(", "))),
    ];
    vec![heading("Configuration"), Block::Table(head(&["what", "value"]), lines)]
}

fn result_line(scenario: &Scenario<'_>) -> Vec<String> {
    let interval = scenario
        .interval(|row| row.requests_per_second)
        .map_or_else(|| BLANK.to_owned(), |i| format!("{} to {}", thousands(i.low), thousands(i.high)));
    let ms = |metric: fn(&Row) -> f64| number(scenario.median(metric));
    vec![
        scenario.name.to_owned(),
        scenario.concurrency.to_string(),
        scenario.rows.len().to_string(),
        scenario.median(|row| row.requests_per_second).map_or_else(|| BLANK.to_owned(), thousands),
        interval,
        ms(|row| row.p50_latency_ms),
        ms(|row| row.p95_latency_ms),
        ms(|row| row.p99_latency_ms),
        scenario.error_share().map_or_else(|| BLANK.to_owned(), percent),
    ]
}

fn results(analysis: &Analysis<'_>) -> Vec<Block> {
    let columns = [
        "scenario",
        "connections",
        "repeats",
        "requests/s",
        "95 % interval",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "errors",
    ];
    let mut blocks = vec![heading("Results by concurrency"), Block::Chart("throughput")];
    let (scan, rest): (Vec<_>, Vec<_>) =
        analysis.scenarios.iter().partition(|s| s.kind == "scan" && s.is_closed());
    blocks.push(Block::Table(head(&columns), scan.into_iter().map(result_line).collect()));
    blocks.push(heading("Pipeline, secrets, the echo floor and others"));
    blocks.push(Block::Table(head(&columns), rest.into_iter().map(result_line).collect()));
    let kinds: Vec<Vec<String>> = analysis.scenarios.iter().filter_map(error_line).collect();
    if !kinds.is_empty() {
        let columns = ["scenario", "connect", "time-out", "refused", "4xx", "5xx", "wrong verdict"];
        blocks.extend([heading("Errors by kind"), Block::Table(head(&columns), kinds)]);
    }
    blocks
}

fn error_line(scenario: &Scenario<'_>) -> Option<Vec<String>> {
    let sum = |metric: fn(&Row) -> u64| scenario.rows.iter().map(|row| metric(row)).sum::<u64>();
    let counts = [
        sum(|row| row.errors_connect),
        sum(|row| row.errors_timeout),
        sum(|row| row.errors_refused),
        sum(|row| row.errors_4xx),
        sum(|row| row.errors_5xx),
        sum(|row| row.wrong_verdicts),
    ];
    let cells = counts.iter().map(ToString::to_string);
    (counts.iter().sum::<u64>() > 0).then(|| std::iter::once(scenario.name.to_owned()).chain(cells).collect())
}

fn scaling(analysis: &Analysis<'_>) -> Vec<Block> {
    let scan = closed_of_kind(&analysis.scenarios, "scan");
    let rps = |scenario: &Scenario<'_>| scenario.median(|row| row.requests_per_second);
    let base = scan.iter().find(|scenario| scenario.concurrency == 10).and_then(|scenario| rps(scenario));
    let top = best(analysis).map(|(_, rps)| rps);
    let over = |value: Option<f64>, of: Option<f64>| number(value.zip(of).map(|(value, of)| value / of));
    let lines = scan
        .iter()
        .map(|s| vec![s.concurrency.to_string(), number(rps(s)), over(rps(s), base), over(rps(s), top)])
        .collect();
    let columns = ["connections", "requests/s", "÷ the 10-connection row", "÷ the best row"];
    let mut blocks = vec![heading("Scaling"), Block::Table(head(&columns), lines)];
    if let (Some((scenario, best)), Some(last)) = (best(analysis), scan.last())
        && let Some(last_rps) = rps(last)
    {
        blocks.push(Block::Paragraph(format!(
            "Best point: {} connections. From there to {} connections throughput falls by {}.",
            scenario.concurrency,
            last.concurrency,
            percent(1.0 - last_rps / best)
        )));
    }
    blocks
}

fn latency(analysis: &Analysis<'_>) -> Vec<Block> {
    let lines = analysis
        .scenarios
        .iter()
        .map(|s| {
            let ms = |metric: fn(&Row) -> f64| number(s.median(metric));
            let behind = |share: f64| thousands((s.successful_requests() as f64 * share).round());
            vec![
                s.name.to_owned(),
                ms(|row| row.min_latency_ms),
                ms(|row| row.mean_latency_ms),
                ms(|row| row.p50_latency_ms),
                ms(|row| row.p90_latency_ms),
                ms(|row| row.p95_latency_ms),
                ms(|row| row.p99_latency_ms),
                ms(|row| row.p999_latency_ms),
                ms(|row| row.max_latency_ms),
                behind(0.01),
                behind(0.001),
            ]
        })
        .collect();
    let columns = [
        "scenario",
        "min ms",
        "mean",
        "p50",
        "p90",
        "p95",
        "p99",
        "p99.9",
        "max",
        "requests past p99",
        "past p99.9",
    ];
    vec![heading("Latency distribution"), Block::Chart("latency"), Block::Table(head(&columns), lines)]
}

fn littles_law(analysis: &Analysis<'_>) -> Vec<Block> {
    let lines = analysis
        .rows
        .iter()
        .map(|row| {
            let in_flight = row.littles_law_ratio.map(|ratio| ratio * f64::from(row.concurrency));
            vec![
                row.scenario.clone(),
                row.repeat.to_string(),
                row.concurrency.to_string(),
                number(in_flight),
                row.littles_law_ratio.map_or_else(|| BLANK.to_owned(), |ratio| format!("{ratio:.3}")),
                if row.valid { "yes" } else { "NO" }.to_owned(),
                if row.client_cpu_share.is_finite() {
                    percent(row.client_cpu_share)
                } else {
                    BLANK.to_owned()
                },
                if row.client_bound { "YES" } else { "no" }.to_owned(),
            ]
        })
        .collect();
    let text = "In a closed loop without think time, throughput × mean latency is the number of connections. A row that is \
                more than 5 % off is not valid. Open-loop rows have no such identity.";
    let columns = [
        "scenario",
        "repeat",
        "connections",
        "throughput × latency",
        "ratio",
        "valid",
        "client CPU",
        "client bound",
    ];
    vec![
        heading("Little's law, row by row"),
        Block::Paragraph(text.into()),
        Block::Table(head(&columns), lines),
    ]
}

fn server_cost(analysis: &Analysis<'_>) -> Vec<Block> {
    let echo = |connections: u32| {
        analysis.scenarios.iter().find(|s| s.kind == "echo" && s.concurrency == connections && s.is_closed())
    };
    let lines = analysis
        .scenarios
        .iter()
        .map(|s| {
            let cpu = s.server_cpu_us();
            let floor = echo(s.concurrency).and_then(Scenario::server_cpu_us).filter(|_| s.is_closed());
            vec![
                s.name.to_owned(),
                number(s.median(|row| row.server_cpu_user_us.unwrap_or(f64::NAN))),
                number(s.median(|row| row.server_cpu_system_us.unwrap_or(f64::NAN))),
                number(cpu),
                number(cpu.zip(floor).map(|(cpu, floor)| cpu / floor)),
                number(s.median(|row| row.server_rss_bytes.map_or(f64::NAN, |bytes| bytes as f64 / 1e6))),
            ]
        })
        .collect();
    let columns = ["scenario", "user µs", "kernel µs", "CPU µs a request", "÷ echo", "resident MB"];
    let text = "On a shared machine the server's CPU a request, and its ratio to a bare echo on the same stack in the same \
                run, outlast any throughput.";
    let table = Block::Table(head(&columns), lines);
    vec![heading("Server cost"), Block::Paragraph(text.into()), Block::Chart("cpu"), table]
}

fn claim_value(metric: Metric, is_ratio: bool, value: f64) -> String {
    match metric {
        Metric::ErrorShare if !is_ratio => format!("{:.3} %", value * 100.0),
        Metric::WrongVerdicts | Metric::InvalidRows | Metric::ClientBoundRows | Metric::Connections => {
            thousands(value)
        }
        _ => short_number(value),
    }
}

fn comparison_with_claims(analysis: &Analysis<'_>) -> Vec<Block> {
    let lines = analysis
        .verdicts
        .iter()
        .map(|verdict| {
            let claim = &verdict.claim;
            let show = |value| claim_value(claim.metric, claim.baseline.is_some(), value);
            let what = match &claim.baseline {
                None => claim.scenario.clone(),
                Some(baseline) => format!("{} ÷ {baseline}", claim.scenario),
            };
            vec![
                claim.id.clone(),
                format!("{what}: {:?}", claim.metric),
                format!("{} {}", claim.comparison, show(claim.threshold)),
                verdict.value.map_or_else(|| BLANK.to_owned(), show),
                verdict
                    .interval
                    .map_or_else(|| BLANK.to_owned(), |i| format!("{} to {}", show(i.low), show(i.high))),
                verdict.values.len().to_string(),
                verdict.state.to_string(),
                verdict.reason.clone(),
                claim.source.clone(),
            ]
        })
        .collect();
    let columns = ["claim", "what", "target", "actual", "95 % interval", "n", "status", "why", "source"];
    let text =
        "Evidence: `throughput_results.csv`, the scenarios named. Actual is the median over n repeats.";
    vec![
        heading("Comparison with the claims"),
        Block::Paragraph(claims_line(analysis)),
        Block::Paragraph(text.into()),
        Block::Table(head(&columns), lines),
    ]
}

fn comparison_with_peer(analysis: &Analysis<'_>) -> Vec<Block> {
    let ratios = peer_ratios(&analysis.scenarios);
    if ratios.is_empty() {
        let text = "Not measured in this run. `llm-shield bench --peer llm-guard` does.";
        return vec![heading("Comparison with Python"), Block::Paragraph(text.into())];
    }
    let lines = ratios.into_iter().map(|peer| vec![peer.name, peer.ours, short_number(peer.ratio)]).collect();
    let columns = ["peer", "ours", "server CPU a request, peer ÷ ours"];
    vec![heading("Comparison with Python"), Block::Chart("peers"), Block::Table(head(&columns), lines)]
}

fn error_text(validation: Option<crate::model::CrossValidation>) -> String {
    validation.map_or_else(
        || "too few settings for cross-validation".to_owned(),
        |v| {
            format!(
                "left-out error {} mean, {} worst of {}",
                percent(v.mean_error),
                percent(v.max_error),
                v.folds
            )
        },
    )
}

fn capacity(analysis: &Analysis<'_>) -> Vec<Block> {
    let mut blocks = vec![heading("Capacity model")];
    match &analysis.usl {
        Err(error) => blocks.push(Block::Paragraph(format!("No Universal Scalability Law fit: {error}."))),
        Ok(fit) => {
            let names = ["λ, requests/s of one connection", "σ, contention", "κ, coherency"];
            let values = [fit.curve.lambda, fit.curve.sigma, fit.curve.kappa];
            let show = |value: f64| {
                if value != 0.0 && value.abs() < 0.01 { format!("{value:.2e}") } else { short_number(value) }
            };
            let lines = names.into_iter().zip(values).zip(fit.intervals).map(|((name, value), interval)| {
                let interval = interval.map_or_else(
                    || "not determined".to_owned(),
                    |i| format!("{} to {}", show(i.low), show(i.high)),
                );
                vec![name.to_owned(), show(value), interval]
            });
            blocks.push(Block::Table(head(&["parameter", "value", "95 % interval"]), lines.collect()));
            blocks.push(Block::List(predictions(analysis, fit)));
        }
    }
    match &analysis.queue {
        Err(error) => blocks.push(Block::Paragraph(format!("No queueing model of the open loop: {error}."))),
        Ok(fit) => blocks.push(Block::Paragraph(format!(
            "Open loop as M/M/{}: service {} ms, constant delay {} ms, capacity {} requests/s; {}.",
            fit.queue.servers,
            short_number(fit.queue.service_ms),
            short_number(fit.queue.delay_ms),
            thousands(fit.queue.capacity_rps()),
            error_text(fit.cross_validation)
        ))),
    }
    blocks
}

fn predictions(analysis: &Analysis<'_>, fit: &crate::model::usl::UslFit) -> Vec<String> {
    let mut points = vec![format!(
        "Universal Scalability Law (Gunther) over /scan: fit error {}; {}.",
        percent(fit.fit_error),
        error_text(fit.cross_validation)
    )];
    points.push(match fit.curve.peak() {
        Some(peak) => format!(
            "Predicted peak: {} requests/s at {:.0} connections{}.",
            thousands(peak.requests_per_second),
            peak.connections,
            if peak.connections > fit.measured_range.high { " (outside the measured range)" } else { "" }
        ),
        None => "The curve has no peak within reach: throughput saturates and does not fall.".to_owned(),
    });
    let Some((scenario, rps)) = best(analysis) else { return points };
    let error = fit.cross_validation.map_or(fit.fit_error, |v| v.max_error);
    for replicas in [2.0, 4.0] {
        let total = rps * replicas;
        points.push(format!(
            "{replicas:.0} replicas on such machines: {} requests/s, {} to {} with the model's worst error. Assumed: \
             nothing shared, a balancer without cost, clients elsewhere.",
            thousands(total),
            thousands(total * (1.0 - error).max(0.0)),
            thousands(total * (1.0 + error))
        ));
    }
    if let Some(cpu_us) = scenario.server_cpu_us().filter(|cpu| *cpu > 0.0) {
        let used = rps * cpu_us / 1e6;
        for factor in [2, 4] {
            let cores = analysis.info.machine.cores * factor;
            points.push(format!(
                "{cores} cores: between {} (the server's share of the machine, {} cores, grows alike) and {} requests/s \
                 (all cores serve, at {} µs a request). Assumed: the same cost a request, no contention that these \
                 {} cores do not show; not cross-validated, as the cores were not varied.",
                thousands(rps * factor as f64),
                short_number(used),
                thousands((cores as f64 * 1e6 / cpu_us).max(rps * factor as f64)),
                short_number(cpu_us),
                analysis.info.machine.cores
            ));
        }
    }
    points
}

fn recommendations(analysis: &Analysis<'_>) -> Vec<Block> {
    let mut points = Vec::new();
    let scan = closed_of_kind(&analysis.scenarios, "scan");
    if let Some((scenario, rps)) = best(analysis) {
        // Past this point more connections add waiting only.
        let enough =
            scan.iter().find(|s| s.median(|row| row.requests_per_second).is_some_and(|r| r >= rps * 0.95));
        if let Some(enough) = enough {
            points.push(format!(
                "Connection limit an instance: {} connections already give 95 % of the best throughput; more only wait.",
                enough.concurrency
            ));
        }
        points.push(format!(
            "Scale out at {} requests/s an instance (70 % of the best measured), where a queue is still short.",
            thousands(rps * 0.7)
        ));
        if let Some(p99) = scenario.median(|row| row.p99_latency_ms) {
            points.push(format!(
                "Alarm when p99 stays above {} ms: twice the p99 measured at the best point.",
                short_number(p99 * 2.0)
            ));
        }
        points.push(format!(
            "Pool and keep connections alive: every figure here is of connections that stay open; {} of them \
             give an instance its best throughput.",
            scenario.concurrency
        ));
    }
    if points.is_empty() {
        points.push("None: no closed-loop rows of /scan.".to_owned());
    }
    vec![heading("Recommendations"), Block::List(points)]
}

fn reproduce(analysis: &Analysis<'_>) -> Vec<Block> {
    let command = match analysis.info.command.as_str() {
        "" => "cargo run --release -- bench",
        command => command,
    };
    vec![
        heading("How to reproduce"),
        Block::Code(format!("{command}\nllm-shield bench check throughput_results.csv")),
    ]
}

/// What fits on one screen.
pub(super) fn one_screen(analysis: &Analysis<'_>) -> String {
    let title = mark(analysis).map_or_else(String::new, |mark| format!("{mark} "));
    let mut out = format!("{title}Throughput of LLM Shield {}\n", analysis.info.version);
    _ = writeln!(
        out,
        "{}, {} cores, {}\n",
        analysis.info.machine.cpu_model, analysis.info.machine.cores, analysis.info.machine.kernel
    );
    _ = writeln!(
        out,
        "{:<28} {:>10} {:>9} {:>9} {:>8} {:>9}",
        "scenario", "requests/s", "p50 ms", "p99 ms", "errors", "CPU µs"
    );
    for s in &analysis.scenarios {
        _ = writeln!(
            out,
            "{:<28} {:>10} {:>9} {:>9} {:>8} {:>9}",
            s.name,
            s.median(|row| row.requests_per_second).map_or_else(|| BLANK.to_owned(), thousands),
            number(s.median(|row| row.p50_latency_ms)),
            number(s.median(|row| row.p99_latency_ms)),
            s.error_share().map_or_else(|| BLANK.to_owned(), percent),
            number(s.server_cpu_us())
        );
    }
    _ = writeln!(out, "\n{}", claims_line(analysis));
    for verdict in analysis.verdicts.iter().filter(|v| matches!(v.state, State::Fail | State::Unproven)) {
        _ = writeln!(out, "{} {}: {}", verdict.state, verdict.claim.id, verdict.reason);
    }
    out
}
