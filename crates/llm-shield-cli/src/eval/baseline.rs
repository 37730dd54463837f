//! Figures as a small file that can be committed, one a line: what later figures are held against.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::rows;

/// Of slices and sources these are kept; of all rows, pairs, disguises and word attacks everything.
const KEPT: [&str; 5] = ["auc", "recall", "recall_at_1pct_fpr", "fpr", "calibration_error"];

/// A figure with its interval.
pub(super) type Figure = [f64; 3];

/// What is compared, of some rows.
#[derive(Debug)]
pub(super) struct Baseline {
    pub(super) rows: Value,
    pub(super) positives: Value,
    pub(super) threshold: Value,
    /// By the keys that lead to each, the metric last.
    pub(super) figures: BTreeMap<String, Figure>,
}

impl Baseline {
    /// Of what `eval --json` prints.
    pub(super) fn of(json: &Value) -> Self {
        let mut figures = BTreeMap::new();
        collect("", json, &mut figures);
        figures.retain(|at, _| {
            let keys: Vec<&str> = at.split(" / ").collect();
            keys.len() != 3
                || !keys[0].starts_with("by_")
                || keys.last().is_some_and(|key| KEPT.contains(key))
        });
        let of = |key: &str| json.get(key).cloned().unwrap_or(Value::Null);
        Self { rows: of("n"), positives: of("positives"), threshold: of("threshold"), figures }
    }

    /// Reads a file that `--write-baseline` wrote, or the print of `--json`.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let bytes = rows::read_small(path)?;
        let json: Value = serde_json::from_slice(&bytes).with_context(|| format!("{name} is no JSON"))?;
        let Some(figures) = json.get("figures") else { return Ok(Self::of(&json)) };
        let figures = serde_json::from_value(figures.clone())
            .with_context(|| format!("{name}: `figures` is not a table of [figure, low, high]"))?;
        let of = |key: &str| json.get(key).cloned().unwrap_or(Value::Null);
        Ok(Self { rows: of("rows"), positives: of("positives"), threshold: of("threshold"), figures })
    }

    /// One figure a line, so that a change of the file reads well.
    pub(super) fn text(&self) -> String {
        let lines: Vec<String> = self
            .figures
            .iter()
            .map(|(at, figure)| {
                let [value, low, high] = figure.map(|value| (value * 1e4).round() / 1e4);
                format!("  {}: [{value}, {low}, {high}]", json!(at))
            })
            .collect();
        format!(
            "{{\n \"rows\": {}, \"positives\": {}, \"threshold\": {},\n \"figures\": {{\n{}\n }}\n}}\n",
            self.rows,
            self.positives,
            self.threshold,
            lines.join(",\n")
        )
    }
}

/// Walks the tree. A figure is `value` or `rate` beside its `interval`, or a number beside `intervals`, which holds its
/// interval under the same key. Over rows: the sources stay the same when a detector changes.
fn collect(at: &str, json: &Value, figures: &mut BTreeMap<String, Figure>) {
    let Some(object) = json.as_object() else { return };
    let figure = |value: &Value, interval: &Value| -> Option<Figure> {
        Some([value.as_f64()?, interval[0].as_f64()?, interval[1].as_f64()?])
    };
    for key in ["value", "rate"] {
        figures.extend(figure(&json[key], &json["interval"]).map(|figure| (at.to_owned(), figure)));
    }
    let walked = object.iter().filter(|(key, _)| !key.starts_with("intervals") && *key != "baselines");
    for (key, value) in walked {
        let at = if at.is_empty() { key.clone() } else { format!("{at} / {key}") };
        figures.extend(figure(value, &json["intervals"][key]).map(|figure| (at.clone(), figure)));
        collect(&at, value, figures);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let metrics = json!({"n": 4, "recall": 0.5, "f1": 0.5, "intervals": {"recall": [0.4, 0.612_34], "f1": [0.1, 0.9]}});
        let mut json = metrics.clone();
        json["by_source"] = json!({"a / b\"": metrics});
        json["baselines"] = json!({"length": metrics});
        json["pairs"] =
            json!({"both_right": {"rate": 0.25, "interval": [0.2, 0.3], "of": 3}, "nothing": {"rate": null}});
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("baseline.json");
        std::fs::write(&file, Baseline::of(&json).text()).unwrap();
        let baseline = Baseline::read(&file).unwrap();
        let names: Vec<&str> = baseline.figures.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "by_source / a / b\" / f1",
                "by_source / a / b\" / recall",
                "f1",
                "pairs / both_right",
                "recall"
            ]
        );
        assert_eq!((baseline.figures["recall"], &baseline.rows), ([0.5, 0.4, 0.6123], &json!(4)));
        std::fs::write(&file, r#"{"figures": {"auc": [0.5]}}"#).unwrap();
        assert!(format!("{:#}", Baseline::read(&file).unwrap_err()).contains("`figures`"));
    }
}
