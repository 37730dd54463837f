//! `llm-shield bench scanners`: each scanner of the policy alone, in process, by length of text.

use std::hint::black_box;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use llm_shield::{Policy, Shield};
use llm_shield_bench::workload::Workload;
use serde_json::json;

use crate::{models, policy};

/// Lengths of the texts, bytes.
const SIZES: [usize; 5] = [60, 1 << 10, 10 << 10, 100 << 10, 1 << 20];
/// Place in [`SIZES`] of the length that linearity is judged against.
const BASE: usize = 2;
/// Timed samples a cell; the median is printed.
const SAMPLES: usize = 9;
/// Each sample repeats the scan until it has lasted at least this long.
const SAMPLE_TIME: Duration = Duration::from_millis(4);

#[derive(Args)]
pub(crate) struct ScannersArgs {
    /// Policy whose scanners are timed; without it the embedded default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON: scanner, bytes, median, lowest and highest microseconds a scan
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &ScannersArgs) -> Result<ExitCode> {
    let policy = policy::load(args.config.as_deref(), policy::Choices::default())?;
    let classifiers = models::fast_tier();
    let names: Vec<&str> = policy.shield(&classifiers)?.prompt_scanners().collect();
    let texts = SIZES.iter().map(|&bytes| texts(bytes)).collect::<Result<Vec<_>>>()?;
    let mut out = std::io::stdout().lock();
    if !args.json {
        writeln!(
            out,
            "median of {SAMPLES} samples, µs a text; the last column is ns/B at 1 MiB ÷ ns/B at 10 KiB"
        )?;
        write!(out, "{:<16}", "")?;
        SIZES.iter().try_for_each(|bytes| write!(out, "{:>12}", size_name(*bytes)))?;
        writeln!(out, "{:>12}{:>8}", "ns/B, 1 MiB", "ratio")?;
    }
    for name in names {
        let shield = only(&policy, name).shield(&classifiers)?;
        let cells: Vec<[f64; 3]> = texts.iter().map(|texts| time(&shield, texts)).collect();
        if args.json {
            for (bytes, [median, low, high]) in SIZES.iter().zip(&cells) {
                let row = json!({"scanner": name, "bytes": bytes, "median_us": median, "min_us": low, "max_us": high});
                writeln!(out, "{row}")?;
            }
            continue;
        }
        let per_byte = |index: usize| cells[index][0] * 1e3 / SIZES[index] as f64;
        write!(out, "{name:<16}")?;
        cells.iter().try_for_each(|[median, ..]| write!(out, "{median:>12.3}"))?;
        let last = SIZES.len() - 1;
        writeln!(out, "{:>12.3}{:>8.2}", per_byte(last), per_byte(last) / per_byte(BASE))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn only(policy: &Policy, name: &str) -> Policy {
    policy.with_only(&[name])
}

/// Ordinary texts of this length with nothing planted, enough of them that the branch predictor cannot learn them
/// by heart.
fn texts(bytes: usize) -> Result<Vec<String>> {
    let count = (64 << 10).clamp(bytes, bytes * 64) / bytes;
    let definition = format!(
        "name = 'scanners'\nseed = 11\ntexts = {count}\n[length]\ndistribution = 'constant'\nbytes = {bytes}\n\
         [planted]\nbanned = 0.0\nsecrets = 0.0\ninsults = 0.0\n"
    );
    let workload = Workload::from_toml("scanners", &definition).context("the texts to time with")?;
    Ok(workload.entries.into_iter().map(|entry| entry.text).collect())
}

/// Median, lowest and highest time of one scan, µs.
fn time(shield: &Shield, texts: &[String]) -> [f64; 3] {
    for text in texts {
        black_box(shield.scan_prompt(text)); // Lazily built parts and caches are not what is timed.
    }
    let mut samples: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let started = Instant::now();
            let mut scans = 0;
            while started.elapsed() < SAMPLE_TIME {
                for text in texts {
                    black_box(shield.scan_prompt(black_box(text)));
                }
                scans += texts.len();
            }
            started.elapsed().as_secs_f64() * 1e6 / scans as f64
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    [samples[SAMPLES / 2], samples[0], samples[SAMPLES - 1]]
}

fn size_name(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}
