//! `llm-shield eval`: a detector against labelled rows.

mod examples;
mod judges;
mod labels;
mod metrics;
mod pii;
mod rows;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use llm_shield::pii::AnalyzerParams;
use llm_shield::{Classifier, MaliciousUrls, RedactMode, Secrets, Text, Threshold};
use serde_json::{Map, Value, json};

use crate::models;
use judges::Judges;
use metrics::{Metrics, Scored};
use rows::Row;

#[derive(Args)]
pub(crate) struct EvalArgs {
    /// What to measure
    #[arg(long)]
    task: Task,
    /// Rows as JSON Lines, plain or gzip: `text`, `label`, `source` (for secrets: `text`, `label` T/F/X,
    /// `value_start`, `value_end`, `before`, `after`, `repo`; for secret-examples: `source`, `rule_id`, `examples`,
    /// `negative_examples`; for language, code-language and gibberish: `text`, `label` as the detector names it, `source`; for pii: `text`, `entities` with `kind`, `start`, `end` in bytes)
    file: PathBuf,
    /// Scores above it count as positive; default: the policy's
    #[arg(long)]
    threshold: Option<f64>,
    /// For secrets: models of the generic-secret judge by folds of repositories, as `training/secret_judge.py --folds`
    /// writes them; each row is scored by the one that did not see its repository. Without it, the shipped judge
    #[arg(long, value_name = "FILE")]
    judge: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// With secret-examples: list the rules whose examples came out wrong
    #[arg(long)]
    misses: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Task {
    /// Prompt injection: the fast tier behind `PromptInjection`
    Injection,
    /// Toxicity: the fast tier behind `Toxicity`
    Toxicity,
    /// Refusals: the fast tier behind `NoRefusal`
    Refusal,
    /// Source code against prose: the fast tier behind `BanCode`
    Code,
    /// Natural languages: the detector behind `Language` and `LanguageSame`
    Language,
    /// Programming languages: the detector behind `Code`
    CodeLanguage,
    /// Gibberish: the detector behind `Gibberish`
    Gibberish,
    /// Malicious links, one a row: the signs behind `MaliciousURLs`
    Url,
    /// Secrets: a row is found when a finding stands on it
    Secrets,
    /// The examples that the authors of secret rules publish: a text is found when a finding stands anywhere in it.
    /// Placeholders, which the scanner does not report by default, are counted apart
    SecretExamples,
    /// Personal data: every marked value must be found with its kind and span, and nothing else
    Pii,
}

pub(crate) fn run(args: &EvalArgs) -> Result<ExitCode> {
    refuse_ignored_flags(args)?;
    let classifiers = models::fast_tier();
    match args.task {
        Task::SecretExamples => {
            let rules = examples::read(&args.file)?;
            let secrets = Secrets::new(RedactMode::default())?.show_identifiers()?.show_placeholders(true);
            examples::report(&rules, &secrets, args.misses, args.json, &mut std::io::stdout().lock())?;
        }
        Task::Pii => {
            let threshold =
                Threshold::new(args.threshold.unwrap_or(AnalyzerParams::default().threshold.value()))?;
            pii::run(&args.file, threshold, args.json)?;
        }
        Task::Language => labels::run(&args.file, &*classifiers.language, args.json)?,
        Task::CodeLanguage => labels::run(&args.file, &*classifiers.code_language, args.json)?,
        Task::Gibberish => labels::run(&args.file, &*classifiers.gibberish, args.json)?,
        Task::Secrets => {
            let rows = rows::read(&args.file, true)?;
            let judges = Judges::load(args.judge.as_deref())?;
            // Any finding counts: rules say at least this much when they report at all.
            let threshold = threshold(args, f64::MIN_POSITIVE)?;
            write(args, &rows, &judges.score(&rows)?, threshold, judges.remark(&rows))?;
        }
        Task::Url => {
            let rows = rows::read(&args.file, false)?;
            let score = |row: &Row| Scored { positive: row.positive, score: MaliciousUrls::score(&row.text) };
            let scored: Vec<Scored> = rows.iter().map(score).collect();
            write(args, &rows, &scored, threshold(args, Threshold::MALICIOUS_URLS.value())?, None)?;
        }
        Task::Injection | Task::Toxicity | Task::Refusal | Task::Code => {
            let rows = rows::read(&args.file, false)?;
            // The models' own thresholds, but for toxicity the policy's.
            let (classifier, usual) = match args.task {
                Task::Injection => {
                    (classifiers.prompt_injection, llm_shield_models::PROMPT_INJECTION.threshold())
                }
                Task::Refusal => (classifiers.refusal, llm_shield_models::REFUSAL.threshold()),
                Task::Code => (classifiers.code, llm_shield_models::CODE.threshold()),
                _ => (classifiers.toxicity, Threshold::TOXICITY.value()),
            };
            write(args, &rows, &score(&*classifier, &rows), threshold(args, usual)?, None)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The threshold that the user gave, or the usual one.
fn threshold(args: &EvalArgs, usual: f64) -> Result<f64> {
    Ok(match args.threshold {
        Some(value) => Threshold::new(value)?.value(),
        None => usual,
    })
}

/// Prints the metrics of all rows, of each source, and of the verdicts that need no detector.
fn write(
    args: &EvalArgs,
    rows: &[Row],
    scored: &[Scored],
    threshold: f64,
    remark: Option<String>,
) -> Result<()> {
    let overall = Metrics::measure(scored, threshold);
    let mut sources: BTreeMap<&str, Vec<Scored>> = BTreeMap::new();
    for (row, scored) in rows.iter().zip(scored) {
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
        if let Some(remark) = remark {
            json.insert("judge".into(), json!(remark));
        }
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
        if let Some(remark) = remark {
            writeln!(out, "\n{remark}")?;
        }
    }
    Ok(())
}

/// A flag that a task would not look at is an error.
fn refuse_ignored_flags(args: &EvalArgs) -> Result<()> {
    let examples = args.task == Task::SecretExamples;
    if args.misses && !examples {
        bail!("--misses goes with --task secret-examples");
    }
    if args.judge.is_some() && args.task != Task::Secrets {
        bail!("--judge goes with --task secrets");
    }
    if args.threshold.is_some() && examples {
        bail!("--threshold does not go with --task secret-examples: any finding counts");
    }
    if args.threshold.is_some() && matches!(args.task, Task::Language | Task::CodeLanguage | Task::Gibberish)
    {
        bail!("--threshold does not go with a task of several labels: the likeliest counts");
    }
    Ok(())
}

/// The fast tier's score of each row.
fn score(classifier: &dyn Classifier, rows: &[Row]) -> Vec<Scored> {
    rows.iter()
        .map(|row| Scored {
            positive: row.positive,
            score: f64::from(classifier.score(Text::new(&*row.text).folded().as_str())),
        })
        .collect()
}
