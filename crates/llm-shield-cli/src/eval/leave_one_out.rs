//! What `training/leave_one_out.py --json` writes: figures of training with a whole group of rows held out.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::estimate::Estimate;
use super::forest::{self, Line};
use super::report::Block;
use super::rows;

/// The figures, as the file and as people call them.
const METRICS: [(&str, &str); 4] = [
    ("auc", "AUC"),
    ("recall_1", "recall at 1 % false alarms"),
    ("recall_01", "recall at 0.1 % false alarms"),
    ("ece", "calibration error"),
];

/// One file of figures.
pub(super) struct LeaveOneOut {
    title: String,
    /// Groups in the order of their AUC, best first.
    groups: Vec<(String, Group)>,
    /// Mean and worst, of the public groups and of the corpus.
    summaries: Vec<(&'static str, Group)>,
}

/// The figures of one group, or over groups.
#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    rows: Option<u64>,
    #[serde(default)]
    attacks: Option<u64>,
    intervals: BTreeMap<String, (f64, f64)>,
    #[serde(flatten)]
    values: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct File {
    groups: BTreeMap<String, Group>,
    /// What was held out, where the file says so.
    #[serde(default)]
    by: Option<String>,
    #[serde(flatten)]
    summaries: BTreeMap<String, serde_json::Value>,
}

impl LeaveOneOut {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let bytes = rows::read_small(path)?;
        let stem = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().replace('_', " "));
        Self::parse(&bytes, &stem).with_context(|| format!("{name} is no file of leave_one_out.py --json"))
    }

    fn parse(bytes: &[u8], stem: &str) -> Result<Self> {
        let mut file: File = serde_json::from_slice(bytes)?;
        if file.groups.is_empty() {
            bail!("it holds no groups");
        }
        let mut summaries = Vec::new();
        for name in ["mean", "worst", "corpus mean", "corpus worst"] {
            if let Some(value) = file.summaries.remove(name) {
                summaries.push((name, Group::deserialize(value).with_context(|| format!("`{name}`"))?));
            }
        }
        let mut groups: Vec<(String, Group)> = file.groups.into_iter().collect();
        for (name, group) in &groups {
            if let Some((figure, _)) = METRICS.iter().find(|(figure, _)| group.figure(figure).is_none()) {
                bail!("group `{name}` has no `{figure}` with its interval");
            }
        }
        let auc = |group: &Group| group.figure("auc").map_or(f64::NAN, |auc| auc.value);
        groups.sort_by(|(_, left), (_, right)| auc(right).total_cmp(&auc(left)));
        let title = match file.by {
            Some(by) => format!("A whole {by} held out"),
            None => format!("Held out: {stem}"),
        };
        Ok(Self { title, groups, summaries })
    }

    pub(super) fn blocks(&self) -> Vec<Block> {
        let head = ["held out", "rows", "attacks"].into_iter().chain(METRICS.map(|(_, name)| name));
        let row = |name: &str, group: &Group| -> Vec<String> {
            let count = |count: Option<u64>| count.map_or_else(String::new, |count| count.to_string());
            let figures =
                METRICS.iter().map(|(figure, _)| group.figure(figure).map_or("-".into(), Estimate::cell));
            [name.to_owned(), count(group.rows), count(group.attacks)].into_iter().chain(figures).collect()
        };
        let summaries = self.summaries.iter().map(|(name, group)| row(&format!("**{name}**"), group));
        let rows = summaries.chain(self.groups.iter().map(|(name, group)| row(name, group))).collect();
        let lines: Vec<Line> = self
            .groups
            .iter()
            .map(|(name, group)| Line {
                name: name.clone(),
                of: group.rows.map_or_else(String::new, |rows| rows.to_string()),
                figures: METRICS.iter().map(|(figure, _)| group.figure(figure)).collect(),
            })
            .collect();
        let mean = self.summaries.iter().find(|(name, _)| *name == "mean").map(|(_, group)| group);
        let marks: Vec<Option<f64>> =
            METRICS.iter().map(|(figure, _)| Some(mean?.figure(figure)?.value)).collect();
        vec![
            Block::Heading(self.title.clone()),
            Block::Paragraph(
                "Each group is measured by a model that saw none of it, with the same trainer: what an attack of a new kind \
                 meets. Dashed: the mean."
                    .into(),
            ),
            Block::Chart(forest::chart(&self.title, &METRICS.map(|(_, name)| name), &lines, &marks)),
            Block::Table(head.map(str::to_owned).collect(), rows),
        ]
    }
}

impl Group {
    fn figure(&self, name: &str) -> Option<Estimate> {
        let (value, (low, high)) = (self.values.get(name)?.as_f64()?, *self.intervals.get(name)?);
        Some(Estimate { value, low, high })
    }
}

#[cfg(test)]
mod tests {
    use super::super::report;
    use super::*;

    const FIGURES: &str = r#""auc": 0.9, "recall_1": 0.5, "recall_01": 0.25, "ece": 0.1,
        "intervals": {"auc": [0.8, 0.95], "recall_1": [0.4, 0.6], "recall_01": [0.2, 0.3], "ece": [0.0, 0.2]}"#;

    #[test]
    fn the_table_has_the_summaries_first_and_every_group() {
        let file = format!(
            r#"{{"by": "source", "groups": {{"bipia": {{"rows": 9, "attacks": 4, {FIGURES}}}}}, "mean": {{{FIGURES}}}}}"#
        );
        let blocks = LeaveOneOut::parse(file.as_bytes(), "x").unwrap().blocks();
        let markdown = report::markdown(&blocks);
        assert!(markdown.starts_with("## A whole source held out\n"), "{markdown}");
        let (mean, group) = (
            markdown.find("| **mean** |").unwrap(),
            markdown.find("| bipia | 9 | 4 | 0.900 [0.800, 0.950] |").unwrap(),
        );
        assert!(mean < group);
    }

    #[test]
    fn other_files_are_refused_with_the_reason() {
        for (file, expected) in [
            ("{}".to_owned(), "missing field `groups`"),
            (r#"{"groups": {}}"#.to_owned(), "no groups"),
            (r#"{"groups": {"a": {"auc": 1, "intervals": {}}}}"#.to_owned(), "group `a` has no `auc`"),
            (format!(r#"{{"groups": {{"a": {{{FIGURES}}}}}, "mean": 3}}"#), "`mean`"),
        ] {
            let error = LeaveOneOut::parse(file.as_bytes(), "x").map(|_| ()).unwrap_err();
            assert!(format!("{error:#}").contains(expected), "{error:#}");
        }
    }
}
