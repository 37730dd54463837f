//! `llm-shield eval`: a detector against labelled rows.

mod compare;
mod curves;
mod disguise;
mod examples;
mod figures;
mod judges;
mod labels;
mod metrics;
mod pii;
mod report;
mod robustness;
mod rows;
mod share;
mod slices;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use llm_shield::pii::AnalyzerParams;
use llm_shield::{Classifier, MaliciousUrls, RedactMode, Secrets, Text, Threshold};

use crate::models;
use figures::Figures;
use judges::Judges;
use metrics::Scored;
use robustness::Robustness;
use rows::Row;

#[derive(Args)]
pub(crate) struct EvalArgs {
    /// What to measure
    #[arg(long)]
    task: Task,
    /// Rows as JSON Lines, plain or gzip, in one file or more: `text`, `label`, and if known `source`, `technique`,
    /// `channel`, `lang`, `pair`, and `span` of the attack in code points, which make tables of their own (for secrets:
    /// `text`, `label` T/F/X, `value_start`, `value_end`, `before`, `after`, `repo`; for secret-examples: `source`,
    /// `rule_id`, `examples`, `negative_examples`; for language, code-language and gibberish: `text`, `label` as the
    /// detector names it, `source`; for pii: `text`, `entities` with `kind`, `start`, `end` in bytes)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Scores above it count as positive; default: the policy's
    #[arg(long)]
    threshold: Option<f64>,
    /// For secrets: models of the generic-secret judge by folds of repositories, as `training/secret_judge.py --folds`
    /// writes them; each row is scored by the one that did not see its repository. Without it, the shipped judge
    #[arg(long, value_name = "FILE")]
    judge: Option<PathBuf>,
    /// For injection and toxicity: measure too under disguises (invisible characters, look-alikes, encodings); recall
    /// before and after, the share of it that is kept, and false alarms on disguised harmless rows
    #[arg(long)]
    disguises: bool,
    /// For rows that are each positive or negative: write `eval.md` and `eval.html`, with ROC, precision and reliability
    /// curves, into this folder
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
    /// Say instead what became better or worse, beyond both intervals, since the figures in this file, which `--json`
    /// printed of the same rows; exit 1 when something became worse
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    compare: Option<PathBuf>,
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
            let rules = examples::read(only_file(args)?)?;
            let secrets = Secrets::new(RedactMode::default())?.show_identifiers()?.show_placeholders(true);
            examples::report(&rules, &secrets, args.misses, args.json, &mut std::io::stdout().lock())?;
        }
        Task::Pii => {
            let threshold =
                Threshold::new(args.threshold.unwrap_or(AnalyzerParams::default().threshold.value()))?;
            pii::run(only_file(args)?, threshold, args.json)?;
        }
        Task::Language => labels::run(only_file(args)?, &*classifiers.language, args.json)?,
        Task::CodeLanguage => labels::run(only_file(args)?, &*classifiers.code_language, args.json)?,
        Task::Gibberish => labels::run(only_file(args)?, &*classifiers.gibberish, args.json)?,
        Task::Secrets => {
            let rows = rows::read(&args.files, true)?;
            let judges = Judges::load(args.judge.as_deref())?;
            // Any finding counts: rules say at least this much when they report at all.
            let threshold = threshold(args, f64::MIN_POSITIVE)?;
            let scored = judges.score(&rows)?;
            let mut figures = Figures::measure(args.task, &rows, &scored, threshold);
            figures.remark = judges.remark(&rows);
            return write(args, &figures, &scored);
        }
        Task::Url => {
            let rows = rows::read(&args.files, false)?;
            let score = |row: &Row| Scored { positive: row.positive, score: MaliciousUrls::score(&row.text) };
            let scored: Vec<Scored> = rows.iter().map(score).collect();
            let threshold = threshold(args, Threshold::MALICIOUS_URLS.value())?;
            return write(args, &Figures::measure(args.task, &rows, &scored, threshold), &scored);
        }
        Task::Injection | Task::Toxicity | Task::Refusal | Task::Code => {
            let rows = rows::read(&args.files, false)?;
            // The models' own thresholds, but for toxicity the policy's.
            let (classifier, usual) = match args.task {
                Task::Injection => {
                    (classifiers.prompt_injection, llm_shield_models::PROMPT_INJECTION.threshold())
                }
                Task::Refusal => (classifiers.refusal, llm_shield_models::REFUSAL.threshold()),
                Task::Code => (classifiers.code, llm_shield_models::CODE.threshold()),
                _ => (classifiers.toxicity, Threshold::TOXICITY.value()),
            };
            let (scored, threshold) = (score(&*classifier, &rows), threshold(args, usual)?);
            let mut figures = Figures::measure(args.task, &rows, &scored, threshold);
            if args.disguises {
                figures.disguises = Some(Robustness::measure(&rows, &scored, &*classifier, threshold)?);
            }
            return write(args, &figures, &scored);
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

/// Prints the figures, or what moved since others, and writes them as a report where one is wanted.
fn write(args: &EvalArgs, figures: &Figures<'_>, scored: &[Scored]) -> Result<ExitCode> {
    if let Some(folder) = &args.report {
        let blocks = figures.blocks(scored)?;
        let (markdown, html) = (report::markdown(&blocks), report::html("llm-shield eval", &blocks));
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        for (name, text) in [("eval.md", markdown), ("eval.html", html)] {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    let mut out = std::io::stdout().lock();
    if let Some(before) = &args.compare {
        let worse = compare::report(before, &figures.json(), &mut out)?;
        return Ok(ExitCode::from(u8::from(worse)));
    }
    if args.json {
        writeln!(out, "{:#}", figures.json())?;
    } else {
        figures.write(&mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn only_file(args: &EvalArgs) -> Result<&Path> {
    match &*args.files {
        [file] => Ok(file),
        files => bail!("{} files: this task takes one", files.len()),
    }
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
    let labels = matches!(
        args.task,
        Task::SecretExamples | Task::Pii | Task::Language | Task::CodeLanguage | Task::Gibberish
    );
    for (name, given) in [("--report", args.report.is_some()), ("--compare", args.compare.is_some())] {
        if given && labels {
            bail!("{name} goes with tasks whose rows are each positive or negative");
        }
    }
    if args.disguises && !matches!(args.task, Task::Injection | Task::Toxicity) {
        bail!("--disguises goes with --task injection and --task toxicity");
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
            score: f64::from(classifier.score(Text::new(&*row.text).revealed().as_str())),
        })
        .collect()
}
