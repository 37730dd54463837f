//! `llm-shield eval`: a detector against labelled rows.

mod disguise;
mod examples;
mod judges;
mod metrics;
mod pii;
mod robustness;
mod rows;
mod share;
mod slices;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use llm_shield::pii::AnalyzerParams;
use llm_shield::{Classifier, RedactMode, Secrets, Text, Threshold};
use serde_json::{Map, Value, json};

use crate::models;
use judges::Judges;
use metrics::{Metrics, Scored};
use robustness::Robustness;
use rows::Row;
use slices::Slices;

#[derive(Args)]
pub(crate) struct EvalArgs {
    /// What to measure
    #[arg(long)]
    task: Task,
    /// Rows as JSON Lines, plain or gzip, in one file or more: `text`, `label`, and if known `source`, `technique`,
    /// `channel`, `lang`, `pair`, `span` of the attack in code points, which make tables of their own (for secrets: `text`, `label` T/F/X,
    /// `value_start`, `value_end`, `before`, `after`, `repo`; for secret-examples: `source`, `rule_id`, `examples`,
    /// `negative_examples`; for pii: `text`, `entities` with `kind`, `start`, `end` in bytes)
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
    match args.task {
        Task::SecretExamples => {
            let rules = examples::read(only_file(args)?)?;
            let secrets = Secrets::new(RedactMode::default())?.show_identifiers()?.show_placeholders(true);
            examples::report(&rules, &secrets, args.misses, args.json, &mut std::io::stdout().lock())?;
        }
        Task::Pii => {
            let default = AnalyzerParams::default().threshold.value();
            pii::run(only_file(args)?, Threshold::new(args.threshold.unwrap_or(default))?, args.json)?;
        }
        Task::Injection | Task::Toxicity | Task::Secrets => run_rows(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Tasks whose rows are each an attack or harmless.
fn run_rows(args: &EvalArgs) -> Result<()> {
    let rows = rows::read(&args.files, args.task == Task::Secrets)?;
    let default = match args.task {
        // The model's own, which the embedded policy uses too.
        Task::Injection => llm_shield_models::PROMPT_INJECTION.threshold(),
        // Any finding counts: rules say at least this much when they report at all.
        Task::Secrets | Task::SecretExamples => f64::MIN_POSITIVE,
        Task::Toxicity | Task::Pii => Threshold::TOXICITY.value(),
    };
    let threshold = args.threshold.map(Threshold::new).transpose()?.map_or(default, Threshold::value);
    let classifiers = models::fast_tier();
    let classifier =
        if args.task == Task::Injection { classifiers.prompt_injection } else { classifiers.toxicity };
    let (scored, remark) = if args.task == Task::Secrets {
        let judges = Judges::load(args.judge.as_deref())?;
        (judges.score(&rows)?, judges.remark(&rows))
    } else {
        (score(&*classifier, &rows), None)
    };
    let figures = Figures {
        threshold,
        overall: Metrics::measure(&scored, threshold),
        by_source: by_source(&rows, &scored, threshold),
        baselines: baselines(args.task, &rows, &scored),
        slices: (args.task != Task::Secrets).then(|| Slices::measure(&rows, &scored, threshold)),
        disguises: args
            .disguises
            .then(|| Robustness::measure(&rows, &scored, &*classifier, threshold))
            .transpose()?,
        remark,
    };
    let mut out = std::io::stdout().lock();
    if args.json { Ok(writeln!(out, "{:#}", figures.json())?) } else { figures.write(&mut out) }
}

/// All that is measured on rows.
struct Figures<'r> {
    threshold: f64,
    overall: Metrics,
    by_source: BTreeMap<&'r str, Metrics>,
    baselines: Vec<(&'static str, Metrics)>,
    slices: Option<Slices>,
    disguises: Option<Robustness>,
    /// What a reader of the figures must know.
    remark: Option<String>,
}

impl Figures<'_> {
    fn json(&self) -> Value {
        let mut json = self.overall.json(self.threshold);
        let named =
            |name: &str, metrics: &Metrics| (name.to_owned(), Value::Object(metrics.json(self.threshold)));
        let sources: Map<String, Value> =
            self.by_source.iter().map(|(name, metrics)| named(name, metrics)).collect();
        let trivial: Map<String, Value> =
            self.baselines.iter().map(|(name, metrics)| named(name, metrics)).collect();
        json.insert("by_source".into(), Value::Object(sources));
        json.insert("baselines".into(), Value::Object(trivial));
        json.insert("interval".into(), json!("95 %, percentile bootstrap over rows, 400 resamples, seed 7"));
        if let Some(slices) = &self.slices {
            json.extend(slices.json(self.threshold));
        }
        if let Some(disguises) = &self.disguises {
            json.insert("disguises".into(), disguises.json());
        }
        if let Some(remark) = &self.remark {
            json.insert("judge".into(), json!(remark));
        }
        Value::Object(json)
    }

    fn write(&self, out: &mut impl Write) -> Result<()> {
        writeln!(out, "threshold {:.4}; intervals: 95 %, bootstrap over rows", self.threshold)?;
        Metrics::write_head(out)?;
        self.overall.write(out, "all rows")?;
        for (name, metrics) in &self.baselines {
            metrics.write(out, name)?;
        }
        writeln!(out)?;
        for (name, metrics) in &self.by_source {
            metrics.write(out, name)?;
        }
        if let Some(slices) = &self.slices {
            slices.write(out)?;
        }
        if let Some(disguises) = &self.disguises {
            disguises.write(out)?;
        }
        if let Some(remark) = &self.remark {
            writeln!(out, "\n{remark}")?;
        }
        Ok(())
    }
}

fn by_source<'r>(rows: &'r [Row], scored: &[Scored], threshold: f64) -> BTreeMap<&'r str, Metrics> {
    let mut sources: BTreeMap<&str, Vec<Scored>> = BTreeMap::new();
    for (row, scored) in rows.iter().zip(scored) {
        sources.entry(&row.source).or_default().push(*scored);
    }
    sources.into_iter().map(|(source, rows)| (source, Metrics::measure(&rows, threshold))).collect()
}

/// What a detector must beat: no look at the text, its length alone, and a handful of words.
fn baselines(task: Task, rows: &[Row], scored: &[Scored]) -> Vec<(&'static str, Metrics)> {
    const WORDS: [&str; 8] = [
        "ignore",
        "disregard",
        "instructions",
        "system prompt",
        "jailbreak",
        "pretend",
        "you are now",
        "bypass",
    ];
    let by = |score: &dyn Fn(&Row) -> f64| {
        let scored: Vec<Scored> =
            rows.iter().zip(scored).map(|(row, of)| Scored { score: score(row), ..*of }).collect();
        Metrics::measure(&scored, 0.5)
    };
    let mut baselines = vec![("all_allow", by(&|_| 0.0)), ("all_block", by(&|_| 1.0))];
    if task == Task::Injection {
        baselines.push(("length", by(&|row| row.text.len() as f64 / (row.text.len() as f64 + 200.0))));
        baselines.push((
            "trigger_words",
            by(&|row| {
                let text = row.text.to_lowercase();
                f64::from(u8::from(WORDS.iter().any(|word| text.contains(word))))
            }),
        ));
    }
    baselines
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
    if args.disguises && !matches!(args.task, Task::Injection | Task::Toxicity) {
        bail!("--disguises goes with --task injection and --task toxicity");
    }
    if args.threshold.is_some() && examples {
        bail!("--threshold does not go with --task secret-examples: any finding counts");
    }
    Ok(())
}

/// The detector's score of each row.
fn score(classifier: &dyn Classifier, rows: &[Row]) -> Vec<Scored> {
    rows.iter()
        .map(|row| Scored {
            positive: row.positive,
            score: f64::from(classifier.score(Text::new(&*row.text).folded().as_str())),
        })
        .collect()
}
