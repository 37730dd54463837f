//! The figures of a detector on rows that are each positive or negative, as a table and as JSON.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::Task;
use super::curves;
use super::leave_one_out::LeaveOneOut;
use super::metrics::Metrics;
use super::report::{self, Block};
use super::robustness::Robustness;
use super::rows::Row;
use super::sample::Sample;
use super::slices::Slices;
use super::word_attack::WordAttack;

const INTERVALS: &str = "Intervals: 95 %, percentile bootstrap, 400 resamples, over sources and the rows of each, and over rows \
    where all are of one source; of shares in brackets of pairs, disguises and word attacks, Wilson.";

/// All that is measured on rows.
pub(super) struct Figures<'r> {
    threshold: f64,
    overall: Metrics,
    by_source: BTreeMap<&'r str, Metrics>,
    baselines: Vec<(&'static str, Metrics)>,
    slices: Option<Slices>,
    pub(super) disguises: Option<Robustness>,
    pub(super) word_attack: Option<WordAttack>,
    /// Figures of training with whole groups held out, which a report puts first.
    pub(super) leave_one_out: Vec<LeaveOneOut>,
    /// What a reader of the figures must know.
    pub(super) remark: Option<String>,
}

impl<'r> Figures<'r> {
    pub(super) fn measure(task: Task, sample: &Sample<'r>) -> Self {
        Self {
            threshold: sample.threshold(),
            overall: sample.measure(&sample.all()),
            by_source: by_source(sample),
            baselines: baselines(task, sample),
            slices: (task != Task::Secrets).then(|| Slices::measure(sample)),
            disguises: None,
            word_attack: None,
            leave_one_out: Vec::new(),
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
        json.insert(
            "interval".into(),
            json!(
                "95 %, percentile bootstrap, 400 resamples, seed 7; intervals: over rows; intervals_by_source: over sources and \
                 the rows of each"
            ),
        );
        if let Some(slices) = &self.slices {
            json.extend(slices.json(self.threshold));
        }
        if let Some(disguises) = &self.disguises {
            json.insert("disguises".into(), disguises.json());
        }
        if let Some(attack) = &self.word_attack {
            json.insert("word_attack".into(), attack.json());
        }
        if let Some(remark) = &self.remark {
            json.insert("judge".into(), json!(remark));
        }
        Value::Object(json)
    }

    /// The parts of a report.
    pub(super) fn blocks(&self, sample: &Sample<'_>) -> Vec<Block> {
        let mut blocks: Vec<Block> = self.leave_one_out.iter().flat_map(LeaveOneOut::blocks).collect();
        blocks.push(Block::Heading("All rows".into()));
        blocks.push(Block::Paragraph(format!("Threshold {:.4}. {INTERVALS}", self.threshold)));
        blocks.push(Metrics::table(
            std::iter::once(("all rows", &self.overall))
                .chain(self.baselines.iter().map(|(name, metrics)| (*name, metrics))),
        ));
        blocks.extend(curves::charts(sample).into_iter().map(Block::Chart));
        blocks.push(Block::Heading("By source".into()));
        blocks.push(Metrics::table(self.by_source.iter().map(|(name, metrics)| (*name, metrics))));
        blocks.extend(self.slices.iter().flat_map(|slices| slices.blocks(&self.overall)));
        if let Some(disguises) = &self.disguises {
            blocks.extend([Block::Heading("Disguises".into()), disguises.table()]);
        }
        blocks.extend(self.word_attack.iter().flat_map(WordAttack::blocks));
        blocks.extend(self.remark.clone().map(Block::Paragraph));
        blocks
    }

    pub(super) fn write(&self, out: &mut impl Write) -> Result<()> {
        writeln!(out, "threshold {:.4}; intervals: 95 %, bootstrap over sources and rows", self.threshold)?;
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
        if let Some(attack) = &self.word_attack {
            write!(out, "\n{}", report::markdown(&attack.blocks()))?;
        }
        if let Some(remark) = &self.remark {
            writeln!(out, "\n{remark}")?;
        }
        Ok(())
    }
}

fn by_source<'r>(sample: &Sample<'r>) -> BTreeMap<&'r str, Metrics> {
    let mut sources: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, row) in sample.rows.iter().enumerate() {
        sources.entry(&row.source).or_default().push(place);
    }
    sources.into_iter().map(|(source, places)| (source, sample.measure(&places))).collect()
}

/// What a detector must beat: no look at the text, its length alone, and a handful of words.
fn baselines(task: Task, sample: &Sample<'_>) -> Vec<(&'static str, Metrics)> {
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
    let by = |score: &dyn Fn(&Row) -> f64| sample.measure_by(score, 0.5);
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
