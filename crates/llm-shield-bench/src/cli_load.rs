//! `llm-shield load` and `throughput-load-test`: options, progress bar, table, CSV. The only module here that prints.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};

use crate::accounting::Source;
use crate::capacity::{Capacity, Limit, search_capacity};
use crate::client::{Header, Headers, LoadMode, Scenario, ScenarioOutcome, run_scenario};
use crate::cores;
use crate::schedule::Arrivals;
use crate::suite::{Event, Extent, Floor, Suite};
use crate::target::Target;
use crate::workload::{Expectation, Form, Workload};
use crate::wrk::{Comparison, compare_with_wrk};

/// Drives a server and measures it.
///
/// With a bare server (http://host:port) the six scenarios of the benchmark are run: /scan at 10, 50, 100 and 500
/// connections, /scan/pipeline and /scan/secrets at 100, and the /echo floor if the server has it. With a path, that
/// one endpoint is driven.
#[derive(Debug, Clone, clap::Args)]
pub struct LoadArgs {
    /// Server or endpoint to drive.
    #[arg(default_value = "http://localhost:3000")]
    pub url: String,
    /// Connections, for one endpoint.
    #[arg(short, long, default_value_t = 100)]
    pub connections: u32,
    /// Seconds measured [default: 30].
    #[arg(short, long, value_parser = seconds)]
    pub duration: Option<Duration>,
    /// Seconds before that which are not counted [default: 5].
    #[arg(short, long, value_parser = seconds)]
    pub warmup: Option<Duration>,
    /// A few seconds a scenario: shows that it works, not how fast.
    #[arg(long)]
    pub quick: bool,
    /// Seconds until a request counts as lost.
    #[arg(long, default_value = "5", value_parser = seconds)]
    pub timeout: Duration,
    /// Threads of the client [default: half of the cores].
    #[arg(short, long)]
    pub threads: Option<usize>,
    /// Open loop: requests a second, whatever the server does; latency counts from the intended send time.
    #[arg(short, long)]
    pub rate: Option<f64>,
    /// Gaps of the open loop.
    #[arg(long, value_enum, default_value = "poisson", requires = "rate")]
    pub arrivals: ArrivalsArg,
    /// Search the highest rate whose 99th percentile stays within this many milliseconds, without any error.
    #[arg(long, value_name = "MS", conflicts_with = "rate")]
    pub capacity_p99: Option<f64>,
    /// Texts to send: mixed, short60, long, or a TOML file.
    #[arg(long, default_value = "mixed")]
    pub workload: String,
    /// Texts from a file instead: JSON lines {"text", "safe"?}, or one text a line.
    #[arg(long, conflicts_with = "workload")]
    pub corpus: Option<PathBuf>,
    /// Whole bodies from a file instead, one JSON value a line, sent in turn: for llm-guard's `/analyze/prompt`, for
    /// any chat endpoint. Only the status is checked.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["workload", "corpus", "compare_wrk"])]
    pub body: Option<PathBuf>,
    /// Body around each text: JSON in which "{{text}}", with the quotes, stands for it, such as
    /// '{"prompt": "{{text}}"}'. Only the status is checked.
    #[arg(long, value_name = "JSON", conflicts_with_all = ["body", "compare_wrk"])]
    pub template: Option<String>,
    /// Header of each request, such as 'Authorization: Bearer …'; may be repeated.
    #[arg(short = 'H', long, value_name = "NAME: VALUE", conflicts_with = "compare_wrk")]
    pub header: Vec<Header>,
    /// Check only the status, not the verdict.
    #[arg(long)]
    pub status_only: bool,
    /// Process id of the server, to read its CPU and memory from /proc instead of from /metrics.
    #[arg(long, value_name = "PID")]
    pub server_pid: Option<u32>,
    /// Let `wrk` drive the same endpoint with one fixed body, and compare.
    #[arg(long, conflicts_with_all = ["rate", "capacity_p99"])]
    pub compare_wrk: bool,
    /// Write the rows to this CSV file, each when it is measured.
    #[arg(short, long)]
    pub output: Option<PathBuf>,
}

/// Gaps of the open loop on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ArrivalsArg {
    /// Exponential: independent users.
    Poisson,
    /// Equal.
    Constant,
}

impl From<ArrivalsArg> for Arrivals {
    fn from(arrivals: ArrivalsArg) -> Self {
        match arrivals {
            ArrivalsArg::Poisson => Self::Poisson,
            ArrivalsArg::Constant => Self::Constant,
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if !(0.0..=86_400.0).contains(&seconds) {
        return Err("not within 0 to 86,400 seconds".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// Runs what the arguments ask for, and gives the outcomes. `stop` ends it early; what was measured stays.
pub fn run_load(args: &LoadArgs, stop: &AtomicBool) -> anyhow::Result<Vec<ScenarioOutcome>> {
    let target: Target = args.url.parse()?;
    let mut workload = match (&args.corpus, &args.body) {
        (Some(path), _) => Workload::from_corpus(path)?,
        (None, Some(path)) => Workload::from_bodies(path)?,
        (None, None) => Workload::load(&args.workload)?,
    };
    if let Some(template) = &args.template {
        workload = workload.in_template(template)?;
    }
    let mut output = Output::new(args)?;
    output.say(&describe(&workload));
    let workload = Arc::new(workload);
    if target.path == "/" {
        run_suite(args, &target, workload, stop, &mut output)?;
    } else {
        run_one(args, &target, workload, stop, &mut output)?;
    }
    output.bar.finish_and_clear();
    Ok(output.outcomes)
}

fn run_suite(
    args: &LoadArgs,
    target: &Target,
    workload: Arc<Workload>,
    stop: &AtomicBool,
    output: &mut Output,
) -> anyhow::Result<()> {
    let of_one = args.rate.is_some() || args.capacity_p99.is_some() || args.compare_wrk || args.status_only;
    if of_one || args.body.is_some() || args.template.is_some() || !args.header.is_empty() {
        bail!(
            "--rate, --capacity-p99, --compare-wrk, --status-only, --body, --template and --header need one endpoint: add its \
             path to {}",
            args.url
        );
    }
    let extent = if args.quick { Extent::Quick } else { Extent::Plain };
    let mut suite = Suite::new(target, extent, workload);
    suite.accounting = accounting(args, target);
    suite.threads = args.threads.unwrap_or(suite.threads);
    suite.floor = match target.with_path("/echo").fetch("*/*", args.timeout)? {
        // A GET where only POST is allowed: the route is there.
        (405, _) => Floor::Measured,
        _ => Floor::Absent,
    };
    if args.duration.is_some() || args.warmup.is_some() {
        let (warmup, measured) = times(args);
        suite.times = Some((warmup, measured));
    }
    let mut failed = None;
    suite.run(stop, |event| {
        if let Err(error) = output.on(&event) {
            failed.get_or_insert(error);
        }
    })?;
    failed.map_or(Ok(()), Err)
}

fn run_one(
    args: &LoadArgs,
    target: &Target,
    workload: Arc<Workload>,
    stop: &AtomicBool,
    output: &mut Output,
) -> anyhow::Result<()> {
    let route = target.path.split('?').next().unwrap_or("/");
    let name = format!("{}_c{}", route.trim_matches('/').replace('/', "_"), args.connections);
    let mut scenario = Scenario::closed(&name, target.clone(), workload, args.connections);
    (scenario.warmup, scenario.measured) = times(args);
    scenario.timeout = args.timeout;
    scenario.threads = args.threads.unwrap_or_else(cores::client_threads);
    scenario.accounting = accounting(args, target);
    scenario.headers = Headers(args.header.clone());
    // What an answer to a body of the user's own must say is not known.
    if args.status_only || args.body.is_some() || args.template.is_some() {
        scenario.expectation = Expectation::StatusOnly;
    }
    if let Some(rate_per_s) = args.rate {
        scenario.mode = LoadMode::Open { rate_per_s, arrivals: args.arrivals.into() };
    }
    output.on(&Event::Started(0, 1, &scenario))?;
    if args.compare_wrk {
        let comparison = compare_with_wrk(&scenario, stop)?;
        output.on(&Event::Finished(&comparison.ours))?;
        output.say(&compared(&comparison));
        return Ok(());
    }
    let Some(p99_ms) = args.capacity_p99 else {
        let bar = output.bar.clone();
        let outcome =
            run_scenario(&scenario, stop, |progress| bar.set_position((progress.part * 1000.0) as u64))?;
        return output.on(&Event::Finished(&outcome));
    };
    let limit = Limit { p99_ms, error_share: 0.0 };
    let bar = output.bar.clone();
    let mut failed = None;
    let capacity = search_capacity(
        &scenario,
        limit,
        1_000.0,
        stop,
        |progress| bar.set_position((progress.part * 1000.0) as u64),
        |outcome| {
            if let Err(error) = output.on(&Event::Finished(outcome)) {
                failed.get_or_insert(error);
            }
        },
    )?;
    output.on(&Event::Capacity(&target.path, &capacity))?;
    failed.map_or(Ok(()), Err)
}

fn times(args: &LoadArgs) -> (Duration, Duration) {
    let (warmup, measured) = if args.quick { (0.5, 3.0) } else { (5.0, 30.0) };
    let or = |given: Option<Duration>, seconds| given.unwrap_or(Duration::from_secs_f64(seconds));
    (or(args.warmup, warmup), or(args.duration, measured))
}

fn accounting(args: &LoadArgs, target: &Target) -> Source {
    match args.server_pid {
        Some(pid) => Source::ProcessTree { pid },
        None => Source::Metrics { target: target.with_path("/metrics"), fallback_pid: None },
    }
}

/// Where results go as they come.
struct Output {
    bar: ProgressBar,
    csv: Option<csv::Writer<File>>,
    outcomes: Vec<ScenarioOutcome>,
}

impl Output {
    fn new(args: &LoadArgs) -> anyhow::Result<Self> {
        let csv = match &args.output {
            None => None,
            Some(path) => {
                let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
                Some(csv::Writer::from_writer(file))
            }
        };
        let bar = ProgressBar::new(1000);
        bar.set_style(ProgressStyle::with_template("{msg:18} {wide_bar} {percent:>3} %")?);
        Ok(Self { bar, csv, outcomes: Vec::new() })
    }

    fn on(&mut self, event: &Event<'_>) -> anyhow::Result<()> {
        match event {
            Event::Started(number, count, scenario) => {
                self.bar.set_position(0);
                self.bar.set_message(format!("{}/{count} {}", number + 1, scenario.name));
            }
            Event::Progress(progress) => self.bar.set_position((progress.part * 1000.0) as u64),
            Event::Finished(outcome) => {
                if let Some(csv) = &mut self.csv {
                    csv.serialize(&outcome.row)?;
                    csv.flush()?;
                }
                self.say(&line(outcome));
                self.outcomes.push((*outcome).clone());
            }
            Event::Capacity(path, capacity) => self.say(&capacity_line(path, capacity)),
        }
        Ok(())
    }

    #[expect(clippy::print_stdout, reason = "the result of a command line")]
    fn say(&self, text: &str) {
        self.bar.suspend(|| println!("{text}"));
    }
}

fn describe(workload: &Workload) -> String {
    let summary = workload.summary();
    if workload.form == Form::Body {
        return format!(
            "bodies {}: {}, {} to {} bytes, median {}, mean {:.0}; only the status is checked",
            summary.name,
            summary.texts,
            summary.min_bytes,
            summary.max_bytes,
            summary.p50_bytes,
            summary.mean_bytes
        );
    }
    format!(
        "workload {}: {} texts, {} to {} bytes, median {}, mean {:.0}; planted: banned {:.1} %, secrets {:.1} %, insults {:.1} %",
        summary.name,
        summary.texts,
        summary.min_bytes,
        summary.max_bytes,
        summary.p50_bytes,
        summary.mean_bytes,
        summary.planted.banned * 100.0,
        summary.planted.secrets * 100.0,
        summary.planted.insults * 100.0
    )
}

fn line(outcome: &ScenarioOutcome) -> String {
    let row = &outcome.row;
    let cpu = row.server_cpu_user_us.zip(row.server_cpu_system_us).map_or(String::new(), |(user, system)| {
        format!(", server CPU {:.1} µs a request ({user:.1} user + {system:.1} kernel)", user + system)
    });
    let mut text = format!(
        "{:16} {:>9.0} requests/s, mean {:.3} ms, p50 {:.3}, p95 {:.3}, p99 {:.3}, max {:.1}; errors {} (connection {}, \
         time-out {}, refused {}, 4xx {}, 5xx {}, wrong verdict {}); client {:.0} %{cpu}",
        row.scenario,
        row.requests_per_second,
        row.mean_latency_ms,
        row.p50_latency_ms,
        row.p95_latency_ms,
        row.p99_latency_ms,
        row.max_latency_ms,
        row.failed_requests,
        row.errors_connect,
        row.errors_timeout,
        row.errors_refused,
        row.errors_4xx,
        row.errors_5xx,
        row.wrong_verdicts,
        row.client_cpu_share * 100.0
    );
    for note in &outcome.notes {
        text.push_str("\n                 note: ");
        text.push_str(note);
    }
    text
}

fn capacity_line(path: &str, capacity: &Capacity) -> String {
    let found = capacity
        .rate_per_s
        .map_or("no rate that was tried".to_owned(), |rate| format!("{rate:.0} requests/s"));
    let end = if capacity.complete { "" } else { " (the search did not end)" };
    format!("capacity of {path} with p99 ≤ {} ms and no errors: {found}{end}", capacity.limit.p99_ms)
}

fn compared(comparison: &Comparison) -> String {
    let (ours, wrk) = (&comparison.ours.row, &comparison.wrk);
    format!(
        "{:8} {:>9.0} requests/s, p50 {:.3} ms, p90 {:.3}, p99 {:.3}; client CPU {:.2} µs a request\n\
         {:8} {:>9.0} requests/s, p50 {:.3} ms, p90 {:.3}, p99 {:.3}; client CPU {:.2} µs a request, errors {}\n\
         ours ÷ wrk: {:.3} of the throughput",
        "ours",
        ours.requests_per_second,
        ours.p50_latency_ms,
        ours.p90_latency_ms,
        ours.p99_latency_ms,
        comparison.our_client_cpu_us,
        "wrk",
        wrk.requests_per_second,
        wrk.p50_ms,
        wrk.p90_ms,
        wrk.p99_ms,
        wrk.client_cpu_us,
        wrk.errors,
        ours.requests_per_second / wrk.requests_per_second
    )
}
