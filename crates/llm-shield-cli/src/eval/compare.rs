//! What became better or worse since figures that were kept, beyond their intervals.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A figure that moved.
#[derive(Debug, PartialEq)]
struct Change {
    /// The keys that lead to it, the metric last.
    at: String,
    before: f64,
    now: f64,
    better: bool,
}

/// Prints the figures of `now` that moved since those in `file`, both in the form of `eval --json`; whether any is
/// worse.
pub(super) fn report(file: &Path, now: &Value, out: &mut impl Write) -> Result<bool> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {name}"))?;
    let before: Value = serde_json::from_slice(&bytes).with_context(|| format!("{name} is no JSON"))?;
    for count in ["n", "positives"] {
        if before[count] != now[count] {
            bail!(
                "{name} holds figures of other rows: its `{count}` is {}, here {}",
                before[count],
                now[count]
            );
        }
    }
    let mut changes = Vec::new();
    compare("", &before, now, &mut changes);
    writeln!(out, "{} figures moved beyond their 95 % intervals", changes.len())?;
    changes.sort_by_key(|change| change.better);
    for Change { at, before, now, better } in &changes {
        let verdict = if *better { "better" } else { "worse" };
        writeln!(out, "{verdict:<6} {at:<60} {before:.4} -> {now:.4}")?;
    }
    Ok(changes.iter().any(|change| !change.better))
}

/// Walks both trees where they have the same keys. A figure is `value` or `rate` beside its `interval`, or a number
/// beside `intervals`, which holds its interval under the same key.
fn compare(at: &str, before: &Value, now: &Value, changes: &mut Vec<Change>) {
    let (Some(old), Some(new)) = (before.as_object(), now.as_object()) else { return };
    for figure in ["value", "rate"] {
        let intervals = (&before["interval"], &now["interval"]);
        changes.extend(change(at, (&before[figure], &now[figure]), intervals));
    }
    for (key, old) in old.iter().filter(|(key, _)| !matches!(key.as_str(), "baselines" | "intervals")) {
        let Some(new) = new.get(key) else { continue };
        let at = if at.is_empty() { key.clone() } else { format!("{at} / {key}") };
        let intervals = (&before["intervals"][key], &now["intervals"][key]);
        changes.extend(change(&at, (old, new), intervals));
        compare(&at, old, new, changes);
    }
}

/// A change when each value lies outside the other's interval.
fn change(at: &str, (before, now): (&Value, &Value), intervals: (&Value, &Value)) -> Option<Change> {
    let outside =
        |value: f64, interval: &Value| Some(value < interval[0].as_f64()? || value > interval[1].as_f64()?);
    let (before, now) = (before.as_f64()?, now.as_f64()?);
    let moved = outside(now, intervals.0)? && outside(before, intervals.1)?;
    // Of these less is better; of all others, more.
    let less = at.split(" / ").any(|key| matches!(key, "fpr" | "fpr_plain" | "calibration_error"));
    moved.then(|| Change { at: at.to_owned(), before, now, better: (now > before) != less })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn figures(recall: f64, fpr: f64, kept: f64) -> Value {
        json!({
            "n": 9, "positives": 4, "recall": recall, "threshold": 0.5,
            "intervals": {"recall": [recall - 0.1, recall + 0.1], "auc": [null, null]},
            "baselines": {"all_block": {"recall": recall, "intervals": {"recall": [recall, recall]}}},
            "disguises": {"by_disguise": {"hex": {
                "kept": {"value": kept, "interval": [kept, kept]},
                "fpr": {"rate": fpr, "interval": [fpr - 0.01, fpr + 0.01], "found": 3},
            }}},
        })
    }

    fn changes(before: &Value, now: &Value) -> Vec<(String, bool)> {
        let mut changes = Vec::new();
        compare("", before, now, &mut changes);
        changes.into_iter().map(|change| (change.at, change.better)).collect()
    }

    #[test]
    fn only_what_moves_beyond_both_intervals_is_a_change() {
        let before = figures(0.5, 0.02, 0.9);
        assert_eq!(changes(&before, &before), []);
        assert_eq!(changes(&before, &figures(0.59, 0.029, 0.9)), []);
        let of = |metric: &str| format!("disguises / by_disguise / hex / {metric}");
        assert_eq!(
            changes(&before, &figures(0.65, 0.04, 0.8)),
            [(of("fpr"), false), (of("kept"), false), ("recall".into(), true)]
        );
        assert_eq!(changes(&before, &figures(0.5, 0.0, 0.9)), [(of("fpr"), true)]);
    }

    #[test]
    fn figures_of_other_rows_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("before.json");
        let mut now = figures(0.5, 0.0, 0.9);
        std::fs::write(&file, now.to_string()).unwrap();
        let mut out = Vec::new();
        assert!(!report(&file, &now, &mut out).unwrap());
        assert_eq!(String::from_utf8(out).unwrap(), "0 figures moved beyond their 95 % intervals\n");
        now["n"] = json!(10);
        let error = report(&file, &now, &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("its `n` is 9, here 10"), "{error}");
    }
}
