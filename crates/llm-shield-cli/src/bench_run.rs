//! The main job of `llm-shield bench`: start the server, drive the load, judge the claims, write the report.

use std::fs;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use llm_shield::{Policy, Threshold};
use llm_shield_bench::accounting::Source;
use llm_shield_bench::claims::{self, Verdict};
use llm_shield_bench::client::Progress;
use llm_shield_bench::cores::{self, Cores, Pinning};
use llm_shield_bench::interrupt::stop_on_interrupt;
use llm_shield_bench::machine::{RunInfo, RunKind};
use llm_shield_bench::peer::{self, Installation};
use llm_shield_bench::row::Row;
use llm_shield_bench::server_process::ServerProcess;
use llm_shield_bench::suite::{Event, Extent, Suite};
use llm_shield_bench::target::Target;
use llm_shield_bench::workload::{Summary, Workload};
use llm_shield_bench::{report, row_csv};

use crate::bench::{RESULTS, ROWS, print_place, print_verdicts};

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct RunArgs {
    /// Under 45 seconds: shows that everything works, is no ground for a figure
    #[arg(long, conflicts_with = "full")]
    quick: bool,
    /// Repeats, open loop and capacity search after the plain scenarios (about half an hour)
    #[arg(long)]
    full: bool,
    /// How often each scenario is measured with --full
    #[arg(long, value_name = "N", default_value_t = 3, requires = "full")]
    repeats: u32,
    /// Seconds measured a scenario instead of 30, after as many of warm-up (5 at most); the floor takes a third
    #[arg(long, value_name = "SECONDS", conflicts_with = "quick")]
    duration: Option<u64>,
    /// Port of the server
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Directory of the results [default: benchmarks/results, or benchmarks/quick with --quick]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Texts to send: mixed, short60, long, or a TOML file
    #[arg(long, default_value = "mixed")]
    workload: String,
    /// Texts from a file instead: JSON lines {"text", "safe"?}, or one text a line
    #[arg(long, value_name = "FILE", conflicts_with = "workload")]
    corpus: Option<PathBuf>,
    /// Let the kernel place server and client, instead of half of the cores each
    #[arg(long)]
    no_pinning: bool,
    /// Measure this peer beside us, in the same run (installs it: about 6 GB, asks first)
    #[arg(long, value_enum)]
    peer: Option<Peer>,
    /// Install the peer without asking
    #[arg(long, requires = "peer")]
    yes: bool,
}

/// Whom we measure beside us.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Peer {
    /// protectai's llm-guard 0.3.16, behind a few lines of `FastAPI`
    LlmGuard,
}

pub(crate) fn run(args: &RunArgs) -> Result<ExitCode> {
    let stop = stop_on_interrupt()?;
    let workload = match &args.corpus {
        Some(path) => Workload::from_corpus(path)?,
        None => Workload::load(&args.workload)?,
    };
    let peer = match args.peer {
        Some(Peer::LlmGuard) => {
            Some(peer::ensure_installed(&mut |question| args.yes || agree(question), &mut |text| {
                say(&ProgressBar::hidden(), text);
            })?)
        }
        None => None,
    };
    let placement =
        cores::divide(if args.no_pinning { Pinning::None } else { Pinning::Split }, &cores::allowed());
    let server = start_server(args.port, &placement)?;
    let mut run = Run::new(args, &workload.summary(), &placement, server.start_to_answer_ms)?;
    let workload = Arc::new(workload);
    run.drive(args, workload.clone(), &placement, &server, &stop)?;
    drop(server);
    if let Some(peer) = peer {
        run.drive_peer(args, &peer, &workload, &placement, &stop)?;
    }
    let verdicts = run.write()?;
    print_verdicts(&verdicts)?;
    print_place(&run.out)?;
    if stop.load(Ordering::Relaxed) {
        bail!("interrupted: what was measured until then is in {}", run.out.display());
    }
    Ok(ExitCode::from(claims::exit_code(&verdicts)))
}

/// Asks on the terminal; without one the answer is no.
fn agree(question: &str) -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    say(&ProgressBar::hidden(), &format!("{question} [y/N]"));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// This very program as a server in a process of its own.
fn start_server(port: u16, placement: &Cores) -> Result<ServerProcess> {
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let mut arguments: Vec<String> =
        ["serve", "--echo", "--host", "127.0.0.1", "--port"].map(str::to_owned).to_vec();
    arguments.push(port.to_string());
    let health = format!("http://127.0.0.1:{port}/health");
    let limit = Duration::from_secs(20);
    Ok(ServerProcess::spawn(program.as_os_str(), &arguments, &health, placement.server.as_deref(), limit)?)
}

/// What was measured so far and where it goes.
struct Run {
    out: PathBuf,
    rows: Vec<Row>,
    info: RunInfo,
}

impl Run {
    fn new(args: &RunArgs, texts: &Summary, placement: &Cores, start_to_answer_ms: f64) -> Result<Self> {
        let kind = if args.quick { RunKind::Quick } else { RunKind::Measured };
        let out = args
            .out
            .clone()
            .unwrap_or_else(|| PathBuf::from(if args.quick { "benchmarks/quick" } else { RESULTS }));
        fs::create_dir_all(&out).with_context(|| format!("cannot write to {}", out.display()))?;
        // A new run starts a new file; the old one stays until the first row is there.
        let rows = out.join(ROWS);
        if rows.exists() {
            fs::rename(&rows, out.join(format!("{ROWS}.previous")))
                .with_context(|| format!("cannot set {} aside", rows.display()))?;
        }
        let mut info = RunInfo::gather(kind);
        describe(&mut info, args, texts, placement, start_to_answer_ms);
        Ok(Self { out, rows: Vec::new(), info })
    }

    fn drive(
        &mut self,
        args: &RunArgs,
        workload: Arc<Workload>,
        placement: &Cores,
        server: &ServerProcess,
        stop: &AtomicBool,
    ) -> Result<()> {
        let base: Target = format!("http://127.0.0.1:{}", args.port).parse()?;
        let extent = match (args.quick, args.full) {
            (true, _) => Extent::Quick,
            (_, true) => Extent::Full { repeats: args.repeats },
            _ => Extent::Plain,
        };
        let mut suite = Suite::new(&base, extent, workload);
        suite.client_cores.clone_from(&placement.client);
        suite.accounting =
            Source::Metrics { target: base.with_path("/metrics"), fallback_pid: Some(server.pid()) };
        suite.times =
            args.duration.map(|seconds| (Duration::from_secs(seconds.min(5)), Duration::from_secs(seconds)));
        let bar = progress_bar();
        let mut failed = None;
        suite.run(stop, |event| {
            if let Err(error) = self.on(&event, &bar, &base) {
                failed.get_or_insert(error);
                stop.store(true, Ordering::Relaxed);
            }
        })?;
        bar.finish_and_clear();
        failed.map_or(Ok(()), Err)
    }

    /// Writes results after every scenario, so that a crash loses nothing.
    fn on(&mut self, event: &Event<'_>, bar: &ProgressBar, base: &Target) -> Result<()> {
        match event {
            Event::Started(index, all, scenario) => {
                bar.set_prefix(format!("{}/{all} {}", index + 1, scenario.name));
                bar.set_position(0);
            }
            Event::Progress(Progress { part, requests }) => {
                bar.set_position((part * 1000.0) as u64);
                bar.set_message(format!("{requests} requests"));
            }
            Event::Finished(outcome) => {
                say(bar, &line(&outcome.row));
                for note in &outcome.notes {
                    say(bar, &format!("  {note}"));
                }
                row_csv::append_rows(&self.out.join(ROWS), std::slice::from_ref(&outcome.row))?;
                self.rows.push(outcome.row.clone());
                self.info.server_metrics = metrics(base);
                self.write()?;
            }
            Event::Capacity(endpoint, capacity) => {
                let limit = format!("p99 <= {} ms", capacity.limit.p99_ms);
                let found = match capacity.rate_per_s {
                    Some(rate) => format!("{rate:.0} requests/s"),
                    None => "no rate tried met it".to_owned(),
                };
                let text = format!("{found}, {} rates tried", capacity.trail.len());
                say(bar, &format!("capacity of {endpoint} with {limit}: {text}"));
                self.info.thresholds.push((format!("capacity of {endpoint}, {limit}"), text));
            }
        }
        Ok(())
    }

    fn drive_peer(
        &mut self,
        args: &RunArgs,
        peer: &Installation,
        workload: &Arc<Workload>,
        placement: &Cores,
        stop: &AtomicBool,
    ) -> Result<()> {
        // The interval of a ratio in the hundreds needs no more.
        let repeats = if args.full { args.repeats.min(3) } else { 1 };
        let mut rows = Vec::new();
        let path = self.out.join(ROWS);
        let mut failed = None;
        let notes = peer.measure(workload, placement, args.port, repeats, stop, |row| {
            say(&ProgressBar::hidden(), &line(row));
            if let Err(error) = row_csv::append_rows(&path, std::slice::from_ref(row)) {
                failed.get_or_insert(error);
            }
            rows.push(row.clone());
        })?;
        self.rows.extend(rows);
        for scanner in notes.left_out {
            self.info.thresholds.push(("left out of llm-guard's pipeline".to_owned(), scanner));
        }
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    fn write(&self) -> Result<Vec<Verdict>> {
        Ok(report::write_all(&self.out, &self.rows, &self.info, &claims::built_in()?)?)
    }
}

/// Fills in what only this program knows of the run.
fn describe(info: &mut RunInfo, args: &RunArgs, texts: &Summary, placement: &Cores, start_ms: f64) {
    info.pinning = match placement {
        Cores { server: Some(server), client: Some(client) } => {
            format!("server on core {}, client on core {}, same machine", list(server), list(client))
        }
        _ => "none: the kernel places server and client, same machine".to_owned(),
    };
    info.warmup_secs = if args.quick { 0.5 } else { args.duration.unwrap_or(5).min(5) as f64 };
    info.workload = format!(
        "{}: {} texts, mean {:.0} B; planted: {:.1} % banned phrases, {:.1} % secrets, {:.1} % insults",
        texts.name,
        texts.texts,
        texts.mean_bytes,
        texts.planted.banned * 100.0,
        texts.planted.secrets * 100.0,
        texts.planted.insults * 100.0
    );
    info.text_lengths =
        [("shortest", texts.min_bytes), ("median", texts.p50_bytes), ("longest", texts.max_bytes)]
            .map(|(name, bytes)| (name.to_owned(), bytes as u64))
            .to_vec();
    Policy::embedded_yaml().clone_into(&mut info.policy);
    info.thresholds = vec![
        ("PromptInjection".to_owned(), llm_shield_models::PROMPT_INJECTION.threshold().to_string()),
        ("Toxicity".to_owned(), Threshold::TOXICITY.value().to_string()),
        ("server start to first answer".to_owned(), format!("{start_ms:.1} ms")),
    ];
    info.command = std::env::args().skip(1).fold("llm-shield".to_owned(), |line, word| line + " " + &word);
}

fn list(cores: &[usize]) -> String {
    cores.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn metrics(base: &Target) -> Option<serde_json::Value> {
    let (status, body) = base.with_path("/metrics").fetch("application/json", Duration::from_secs(3)).ok()?;
    (status == 200).then(|| serde_json::from_slice(&body).ok())?
}

fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new(1000);
    if let Ok(style) = ProgressStyle::with_template("{prefix:24} [{bar:30}] {msg}") {
        bar.set_style(style);
    }
    bar
}

/// A line above the bar; where there is no terminal for a bar, on standard error.
#[expect(clippy::print_stderr, reason = "progress of a long job, for logs")]
fn say(bar: &ProgressBar, text: &str) {
    if bar.is_hidden() {
        eprintln!("{text}");
    } else {
        bar.println(text);
    }
}

fn line(row: &Row) -> String {
    let cpu = row.server_cpu_user_us.zip(row.server_cpu_system_us);
    let cpu = cpu.map_or_else(|| "?".to_owned(), |(user, system)| format!("{:.2}", user + system));
    let bad = if row.valid { "" } else { "  INVALID: breaks Little's law" };
    let bound = if row.client_bound { "  client-bound" } else { "" };
    format!(
        "{:<20} {:>9.0} req/s  p50 {:>7.3} ms  p99 {:>7.3} ms  server CPU {cpu:>6} µs  failed {}{bound}{bad}",
        row.scenario, row.requests_per_second, row.p50_latency_ms, row.p99_latency_ms, row.failed_requests
    )
}
