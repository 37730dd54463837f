//! The figures of a detector on rows that are each positive or negative, as a table and as JSON.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::Task;
use super::curves;
use super::metrics::{Metrics, Scored};
use super::report::{self, Block};
use super::robustness::Robustness;
use super::rows::Row;
use super::slices::Slices;

/// All that is measured on rows.
pub(super) struct Figures<'r> {
    threshold: f64,
    overall: Metrics,
    by_source: BTreeMap<&'r str, Metrics>,
    baselines: Vec<(&'static str, Metrics)>,
    slices: Option<Slices>,
    pub(super) disguises: Option<Robustness>,
    /// What a reader of the figures must know.
    pub(super) remark: Option<String>,
}

impl<'r> Figures<'r> {
    pub(super) fn measure(task: Task, rows: &'r [Row], scored: &[Scored], threshold: f64) -> Self {
        Self {
            threshold,
            overall: Metrics::measure(scored, threshold),
            by_source: by_source(rows, scored, threshold),
            baselines: baselines(task, rows, scored),
            slices: (task != Task::Secrets).then(|| Slices::measure(rows, scored, threshold)),
            disguises: None,
            remark: None,
        }
    }

    pub(super) fn json(&self) -> Value {
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

    /// The parts of a report; `scored` are the rows that were measured.
    pub(super) fn blocks(&self, scored: &[Scored]) -> Result<Vec<Block>> {
        let mut blocks = vec![
            Block::Paragraph(format!(
                "Threshold {:.4}. Intervals: 95 %, percentile bootstrap over rows, 400 resamples; of shares in brackets \
                 of pairs and disguises, Wilson.",
                self.threshold
            )),
            Metrics::table(
                std::iter::once(("all rows", &self.overall))
                    .chain(self.baselines.iter().map(|(name, metrics)| (*name, metrics))),
            ),
        ];
        blocks.extend(curves::charts(scored)?.into_iter().map(Block::Chart));
        blocks.push(Block::Heading("By source"));
        blocks.push(Metrics::table(self.by_source.iter().map(|(name, metrics)| (*name, metrics))));
        blocks.extend(self.slices.iter().flat_map(Slices::blocks));
        if let Some(disguises) = &self.disguises {
            blocks.extend([Block::Heading("Disguises"), disguises.table()]);
        }
        blocks.extend(self.remark.clone().map(Block::Paragraph));
        Ok(blocks)
    }

    pub(super) fn write(&self, out: &mut impl Write) -> Result<()> {
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
            write!(out, "\n{}", report::markdown(&[disguises.table()]))?;
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
