//! A detector with several labels against labelled rows: accuracy, each source and label, the commonest confusions.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use llm_shield::LabelClassifier;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::rows::read_lines;

/// Resamples behind each interval.
const RESAMPLES: usize = 400;
/// Confusions that are listed.
const CONFUSIONS: usize = 20;

#[derive(Deserialize)]
struct Row {
    text: String,
    label: String,
    #[serde(default = "all")]
    source: String,
}

fn all() -> String {
    "all".into()
}

/// A row's truth and the likeliest label; nothing where the text holds nothing to go by.
struct Said<'r> {
    row: &'r Row,
    label: Option<&'static str>,
}

impl Said<'_> {
    fn right(&self) -> bool {
        self.label == Some(self.row.label.as_str())
    }
}

/// Reads the rows of `file`, asks `classifier`, writes what it got right.
pub(super) fn run(file: &Path, classifier: &dyn LabelClassifier, as_json: bool) -> Result<()> {
    let rows: Vec<Row> = read_lines(file, |line| Ok(serde_json::from_slice(line)?))?;
    if !rows.iter().any(|row| classifier.labels().contains(&row.label.as_str())) {
        bail!("no row has a label that the detector knows: {}", classifier.labels().join(", "));
    }
    let said: Vec<Said<'_>> =
        rows.iter().map(|row| Said { row, label: likeliest(classifier, &row.text) }).collect();
    let mut out = std::io::stdout().lock();
    let report = report(&said);
    if as_json {
        writeln!(out, "{report:#}")?;
        return Ok(());
    }
    writeln!(out, "accuracy; intervals: 95 %, bootstrap over rows")?;
    for part in ["all", "always_the_commonest"] {
        writeln!(out, "{part:<28} {}", report[part])?;
    }
    for part in ["sources", "labels"] {
        writeln!(out, "\n{part}")?;
        for (name, figures) in report[part].as_object().into_iter().flatten() {
            writeln!(out, "{name:<28} {figures}")?;
        }
    }
    writeln!(out, "\ncommonest confusions (truth, said, rows)")?;
    for confusion in report["confused"].as_array().into_iter().flatten() {
        writeln!(out, "{confusion}")?;
    }
    Ok(())
}

fn likeliest(classifier: &dyn LabelClassifier, text: &str) -> Option<&'static str> {
    let probabilities = classifier.probabilities(text);
    let scored = probabilities.iter().zip(classifier.labels());
    scored.max_by(|left, right| left.0.total_cmp(right.0)).map(|(_, &label)| label)
}

fn report(said: &[Said<'_>]) -> Value {
    let mut sources: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
    let mut truths: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut answers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut confused: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for one in said {
        let (truth, label) = (one.row.label.as_str(), one.label.unwrap_or("nothing"));
        sources.entry(&one.row.source).or_default().push(one.right());
        let of = truths.entry(truth).or_default();
        of.0 += 1;
        of.1 += usize::from(one.right());
        *answers.entry(label).or_default() += 1;
        if !one.right() {
            *confused.entry((truth, label)).or_default() += 1;
        }
    }
    let commonest = truths.values().map(|(rows, _)| *rows).max().unwrap_or_default();
    let labels: Map<String, Value> = truths
        .iter()
        .map(|(name, &(rows, right))| {
            let precision = answers.get(name).map(|&said| right as f64 / said as f64);
            let figures = json!({"n": rows, "recall": right as f64 / rows as f64, "precision": precision});
            ((*name).to_owned(), figures)
        })
        .collect();
    let by_source: Map<String, Value> =
        sources.into_iter().map(|(name, right)| (name.to_owned(), accuracy(&right))).collect();
    let mut confused: Vec<_> = confused.into_iter().collect();
    confused.sort_by_key(|&(_, rows)| std::cmp::Reverse(rows));
    confused.truncate(CONFUSIONS);
    let right: Vec<bool> = said.iter().map(Said::right).collect();
    json!({
        "all": accuracy(&right),
        "always_the_commonest": commonest as f64 / said.len() as f64,
        "sources": by_source,
        "labels": labels,
        "confused": confused.into_iter().map(|((truth, said), rows)| json!([truth, said, rows])).collect::<Vec<_>>(),
        "interval": "95 %, percentile bootstrap over rows, 400 resamples, seed 7",
    })
}

fn accuracy(right: &[bool]) -> Value {
    let share = |hits: usize| hits as f64 / right.len() as f64;
    let mut random = StdRng::seed_from_u64(7);
    let mut drawn: Vec<f64> = (0..RESAMPLES)
        .map(|_| share((0..right.len()).filter(|_| right[random.random_range(0..right.len())]).count()))
        .collect();
    drawn.sort_by(f64::total_cmp);
    let at = |quantile: f64| drawn[((quantile * RESAMPLES as f64) as usize).min(RESAMPLES - 1)];
    let hits = right.iter().filter(|&&right| right).count();
    json!({"n": right.len(), "accuracy": share(hits), "interval": [at(0.025), at(0.975)]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_small_table_are_those_worked_out_by_hand() {
        let row = |label: &str, source: &str| Row {
            text: String::new(),
            label: label.into(),
            source: source.into(),
        };
        let rows = [row("en", "a"), row("en", "a"), row("fr", "b"), row("de", "b")];
        let labels = [Some("en"), Some("fr"), Some("fr"), None];
        let said: Vec<Said<'_>> = rows.iter().zip(labels).map(|(row, label)| Said { row, label }).collect();
        let report = report(&said);
        assert_eq!(report["all"]["accuracy"], json!(0.5));
        assert_eq!(report["always_the_commonest"], json!(0.5));
        assert_eq!(report["labels"]["fr"], json!({"n": 1, "recall": 1.0, "precision": 0.5}));
        assert_eq!(report["labels"]["de"], json!({"n": 1, "recall": 0.0, "precision": null}));
        assert_eq!(report["sources"]["b"]["n"], json!(2));
        assert_eq!(report["confused"], json!([["de", "nothing", 1], ["en", "fr", 1]]));
        let interval = &report["all"]["interval"];
        assert!(interval[0].as_f64() < Some(0.5) && interval[1].as_f64() > Some(0.5));
    }
}
