//! `llm-shield eval`: a detector against labelled rows.

mod metrics;
mod pii;
mod rows;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use llm_shield::pii::AnalyzerParams;
use llm_shield::{Text, Threshold};
use serde_json::{Map, Value, json};

use crate::models;
use metrics::{Metrics, Scored};
use rows::Row;

#[derive(Args)]
pub(crate) struct EvalArgs {
    /// What to measure
    #[arg(long)]
    task: Task,
    /// Rows as JSON Lines, plain or gzip: `text`, `label`, `source` (for secrets: `text`, `label` T/F/X,
    /// `value_start`, `value_end`, `before`, `after`, `repo`; for pii: `text`, `entities` with `kind`, `start`,
    /// `end` in bytes)
    file: PathBuf,
    /// Scores above it count as positive; default: the policy's
    #[arg(long)]
    threshold: Option<f64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Task {
    /// Prompt injection: the fast tier behind `PromptInjection`
    Injection,
    /// Toxicity: the fast tier behind `Toxicity`
    Toxicity,
    /// Secrets: a row is found when a finding stands on it
    Secrets,
    /// Personal data: every marked value must be found with its kind and span, and nothing else
    Pii,
}

pub(crate) fn run(args: &EvalArgs) -> Result<ExitCode> {
    if args.task == Task::Pii {
        let threshold =
            Threshold::new(args.threshold.unwrap_or(AnalyzerParams::default().threshold.value()))?;
        pii::run(&args.file, threshold, args.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows = rows::read(&args.file, args.task == Task::Secrets)?;
    let threshold = match args.threshold {
        Some(value) => Threshold::new(value)?.value(),
        None => match args.task {
            // The model's own, which the embedded policy uses too.
            Task::Injection => llm_shield_models::PROMPT_INJECTION.threshold(),
            // Any finding counts: rules say at least this much when they report at all.
            Task::Secrets => f64::MIN_POSITIVE,
            Task::Toxicity | Task::Pii => Threshold::TOXICITY.value(),
        },
    };
    let scored = score(args.task, &rows)?;
    let overall = Metrics::measure(&scored, threshold);
    let mut sources: BTreeMap<&str, Vec<Scored>> = BTreeMap::new();
    for (row, scored) in rows.iter().zip(&scored) {
        sources.entry(&row.source).or_default().push(*scored);
    }
    let by_source: BTreeMap<&str, Metrics> =
        sources.into_iter().map(|(source, rows)| (source, Metrics::measure(&rows, threshold))).collect();
    let constant = |score| -> Vec<Scored> { scored.iter().map(|row| Scored { score, ..*row }).collect() };
    let baselines = [
        ("all_allow", Metrics::measure(&constant(0.0), 0.5)),
        ("all_block", Metrics::measure(&constant(1.0), 0.5)),
    ];
    let mut out = std::io::stdout().lock();
    if args.json {
        let mut json = overall.json(threshold);
        let named =
            |(name, metrics): (&str, &Metrics)| (name.to_owned(), Value::Object(metrics.json(threshold)));
        let sources: Map<String, Value> =
            by_source.iter().map(|(name, metrics)| named((name, metrics))).collect();
        let trivial: Map<String, Value> =
            baselines.iter().map(|(name, metrics)| named((name, metrics))).collect();
        json.insert("by_source".into(), Value::Object(sources));
        json.insert("baselines".into(), Value::Object(trivial));
        json.insert("interval".into(), json!("95 %, percentile bootstrap over rows, 400 resamples, seed 7"));
        writeln!(out, "{:#}", Value::Object(json))?;
    } else {
        writeln!(out, "threshold {threshold:.4}; intervals: 95 %, bootstrap over rows")?;
        Metrics::write_head(&mut out)?;
        overall.write(&mut out, "all rows")?;
        for (name, metrics) in &baselines {
            metrics.write(&mut out, name)?;
        }
        writeln!(out)?;
        for (name, metrics) in &by_source {
            metrics.write(&mut out, name)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn score(task: Task, rows: &[Row]) -> Result<Vec<Scored>> {
    let classifiers = models::fast_tier();
    let secrets = llm_shield::Secrets::new(llm_shield::RedactMode::default())?;
    let score = |row: &Row| match task {
        Task::Injection => {
            f64::from(classifiers.prompt_injection.score(Text::new(&*row.text).folded().as_str()))
        }
        Task::Toxicity => f64::from(classifiers.toxicity.score(Text::new(&*row.text).folded().as_str())),
        Task::Secrets | Task::Pii => rows::secret_score(&secrets, row),
    };
    Ok(rows.iter().map(|row| Scored { positive: row.positive, score: score(row) }).collect())
}
