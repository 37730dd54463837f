//! `llm-shield scan`: files or standard input through the policy.

use std::fs;
use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use llm_shield::{Report, Shield};
use serde_json::json;

use crate::{models, policy};

/// The longest text that is read, bytes; a limit on everything.
const TEXT_BYTES_MAX: u64 = 64 << 20;

#[derive(Args)]
pub(crate) struct ScanArgs {
    /// Files to scan, each as one text; without any, standard input
    files: Vec<PathBuf>,
    /// Scan this text instead
    #[arg(long, conflicts_with = "files")]
    text: Option<String>,
    /// Policy file (llm-guard's scanners.yml format); without it the embedded default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Treat the texts as a model's output: runs the policy's output scanners
    #[arg(long)]
    output: bool,
    /// One JSON report a line
    #[arg(long, conflicts_with = "redact")]
    json: bool,
    /// Print the sanitised text instead of the findings
    #[arg(long)]
    redact: bool,
}

pub(crate) fn run(args: &ScanArgs) -> Result<ExitCode> {
    let shield = policy::load(args.config.as_deref())?.shield(&models::fast_tier())?;
    let mut out = std::io::stdout().lock();
    let mut safe = true;
    let mut scan = |name: &str, text: &str| -> Result<()> {
        let report = scan_text(&shield, args, text);
        safe &= report.is_valid;
        print(&mut out, args, name, text, &report)
    };
    if let Some(text) = &args.text {
        scan("text", text)?;
    } else if args.files.is_empty() {
        if std::io::stdin().is_terminal() {
            bail!("nothing to scan: name files, pass --text, or pipe a text in (see --help)");
        }
        let mut bytes = Vec::new();
        std::io::stdin()
            .take(TEXT_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        scan("stdin", &decode("standard input", bytes)?)?;
    } else {
        for file in &args.files {
            let name = file.display().to_string();
            let size = fs::metadata(file).with_context(|| format!("cannot read {name}"))?.len();
            if size > TEXT_BYTES_MAX {
                bail!("{name} has {size} bytes, over the limit of {TEXT_BYTES_MAX}");
            }
            let bytes = fs::read(file).with_context(|| format!("cannot read {name}"))?;
            scan(&name, &decode(&name, bytes)?)?;
        }
    }
    Ok(if safe { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn decode(name: &str, bytes: Vec<u8>) -> Result<String> {
    if bytes.len() as u64 > TEXT_BYTES_MAX {
        bail!("{name} is over the limit of {TEXT_BYTES_MAX} bytes");
    }
    String::from_utf8(bytes)
        .map_err(|error| anyhow::anyhow!("{name} is not UTF-8 at byte {}", error.utf8_error().valid_up_to()))
}

fn scan_text<'t>(shield: &Shield, args: &ScanArgs, text: &'t str) -> Report<'t> {
    if args.output { shield.scan_output(text) } else { shield.scan_prompt(text) }
}

fn print(out: &mut impl Write, args: &ScanArgs, name: &str, text: &str, report: &Report<'_>) -> Result<()> {
    if args.json {
        let mut line = json!({ "name": name });
        if let (Some(line), Ok(serde_json::Value::Object(report))) =
            (line.as_object_mut(), serde_json::to_value(report))
        {
            line.extend(report);
        }
        writeln!(out, "{line}")?;
        return Ok(());
    }
    if args.redact {
        out.write_all(report.sanitized.as_bytes())?;
        return Ok(());
    }
    for scanner in &report.scanners {
        for finding in &scanner.findings {
            let (line, column) = position(text, finding.span.start);
            writeln!(
                out,
                "{name}:{line}:{column}: {} {} (score {:.2}, {} bytes)",
                scanner.name,
                finding.rule,
                finding.score,
                finding.span.len()
            )?;
        }
        if let Some(error) = &scanner.error {
            writeln!(out, "{name}: {} failed: {error}", scanner.name)?;
        }
    }
    writeln!(out, "{name}: {}", if report.is_valid { "safe" } else { "refused" })?;
    Ok(())
}

/// Line and column, from 1, of a byte; the column counts characters.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
