//! `llm-shield eval`: a detector against labelled rows.

mod baseline;
mod compare;
mod curves;
mod disguise;
mod estimate;
mod examples;
mod figures;
mod forest;
mod judges;
mod labels;
mod leave_one_out;
mod metrics;
mod pii;
mod report;
mod resample;
mod robustness;
mod rows;
mod sample;
mod share;
mod slices;
mod svg;
mod word_attack;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use llm_shield::pii::AnalyzerParams;
use llm_shield::{Classifier, MaliciousUrls, RedactMode, Secrets, Text, Threshold};
use serde_json::json;

use crate::models;
use baseline::Baseline;
use figures::Figures;
use judges::Judges;
use leave_one_out::LeaveOneOut;
use metrics::Scored;
use robustness::Robustness;
use rows::Row;
use sample::Sample;
use word_attack::WordAttack;

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
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
    /// For injection and toxicity: reword attacks that are found until they pass (synonyms, typos, filler words, most
    /// important words first, at most 200 queries each); how many then pass, after how many queries and changes
    #[arg(long)]
    word_attack: bool,
    /// For rows that are each positive or negative: write `eval.md` and `eval.html`, with ROC, precision and reliability
    /// curves and charts of every slice, into this folder
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
    /// With --report: put these figures first, which `training/leave_one_out.py --json FILE` wrote; may be repeated
    #[arg(long, value_name = "FILE", requires = "report")]
    leave_one_out: Vec<PathBuf>,
    /// Write the figures with their intervals to this file, one a line, for --compare
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// Say instead what became better or worse, beyond both intervals, since the figures in this file, which
    /// --write-baseline wrote or `--json` printed of the same rows
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    compare: Option<PathBuf>,
    /// With --compare: exit 1 when something became worse
    #[arg(long, requires = "compare")]
    fail_on_worse: bool,
    /// Write each row's score to this file, JSON Lines of `label` and `score` in the order of the rows
    #[arg(long, value_name = "FILE")]
    scores: Option<PathBuf>,
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
            let sample = Sample::new(&rows, &scored, threshold);
            let mut figures = Figures::measure(args.task, &sample);
            figures.remark = judges.remark(&rows);
            return write(args, figures, &sample);
        }
        Task::Url => {
            let rows = rows::read(&args.files, false)?;
            let score = |row: &Row| Scored { positive: row.positive, score: MaliciousUrls::score(&row.text) };
            let scored: Vec<Scored> = rows.iter().map(score).collect();
            let threshold = threshold(args, Threshold::MALICIOUS_URLS.value())?;
            let sample = Sample::new(&rows, &scored, threshold);
            return write(args, Figures::measure(args.task, &sample), &sample);
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
            let sample = Sample::new(&rows, &scored, threshold);
            let mut figures = Figures::measure(args.task, &sample);
            if args.disguises {
                figures.disguises = Some(Robustness::measure(&rows, &scored, &*classifier, threshold)?);
            }
            if args.word_attack {
                figures.word_attack = Some(WordAttack::measure(&rows, &scored, &*classifier, threshold)?);
            }
            return write(args, figures, &sample);
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

/// Prints the figures, or what moved since others, and writes them to the files that are wanted.
fn write(args: &EvalArgs, mut figures: Figures<'_>, sample: &Sample<'_>) -> Result<ExitCode> {
    if let Some(folder) = &args.report {
        figures.leave_one_out =
            args.leave_one_out.iter().map(|file| LeaveOneOut::read(file)).collect::<Result<_>>()?;
        let blocks = figures.blocks(sample);
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        save(&folder.join("eval.md"), &report::markdown(&blocks))?;
        save(&folder.join("eval.html"), &report::html("llm-shield eval", &blocks))?;
    }
    if let Some(path) = &args.scores {
        let line =
            |row: &Scored| format!("{}\n", json!({"label": u8::from(row.positive), "score": row.score}));
        save(path, &sample.scored.iter().map(line).collect::<String>())?;
    }
    let json = figures.json();
    let baseline = Baseline::of(&json);
    let mut out = std::io::stdout().lock();
    let mut worse = false;
    if let Some(before) = &args.compare {
        worse = compare::report(before, &baseline, &mut out)?;
    } else if args.json {
        writeln!(out, "{json:#}")?;
    } else {
        figures.write(&mut out)?;
    }
    // After the comparison, which may be with this file.
    if let Some(path) = &args.write_baseline {
        save(path, &baseline.text())?;
    }
    Ok(ExitCode::from(u8::from(worse && args.fail_on_worse)))
}

fn save(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
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
    for (name, given) in [
        ("--report", args.report.is_some()),
        ("--compare", args.compare.is_some()),
        ("--write-baseline", args.write_baseline.is_some()),
        ("--scores", args.scores.is_some()),
    ] {
        if given && labels {
            bail!("{name} goes with tasks whose rows are each positive or negative");
        }
    }
    for (name, given) in [("--disguises", args.disguises), ("--word-attack", args.word_attack)] {
        if given && !matches!(args.task, Task::Injection | Task::Toxicity) {
            bail!("{name} goes with --task injection and --task toxicity");
        }
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
