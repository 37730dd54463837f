//! What became better or worse since figures that were kept, beyond their intervals.

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};

use super::baseline::{Baseline, Figure};

/// Files keep four decimals.
const ROUNDING: f64 = 1e-4;

/// A figure that moved.
#[derive(Debug, PartialEq)]
struct Change<'f> {
    at: &'f str,
    before: f64,
    now: f64,
    better: bool,
}

/// Prints the figures of `now` that moved since those in `file`; whether any is worse.
pub(super) fn report(file: &Path, now: &Baseline, out: &mut impl Write) -> Result<bool> {
    let (name, before) = (file.display(), Baseline::read(file)?);
    for (count, before, now) in
        [("rows", &before.rows, &now.rows), ("positives", &before.positives, &now.positives)]
    {
        if before != now {
            bail!("{name} holds figures of other rows: its number of {count} is {before}, here {now}");
        }
    }
    if before.threshold != now.threshold {
        writeln!(out, "the threshold was {}, now it is {}", before.threshold, now.threshold)?;
    }
    let mut changes = changes(&before, now);
    let better = changes.iter().filter(|change| change.better).count();
    writeln!(
        out,
        "{better} figures better and {} worse beyond their 95 % intervals, of {}",
        changes.len() - better,
        before.figures.keys().filter(|at| now.figures.contains_key(*at)).count()
    )?;
    changes.sort_by_key(|change| change.better);
    for Change { at, before, now, better } in &changes {
        let verdict = if *better { "better" } else { "worse" };
        writeln!(out, "{verdict:<6} {at:<60} {before:.4} -> {now:.4}")?;
    }
    Ok(changes.iter().any(|change| !change.better))
}

fn changes<'f>(before: &'f Baseline, now: &Baseline) -> Vec<Change<'f>> {
    before.figures.iter().filter_map(|(at, old)| change(at, *old, *now.figures.get(at)?)).collect()
}

/// A change when each value lies outside the other's interval.
fn change(at: &str, before: Figure, now: Figure) -> Option<Change<'_>> {
    let outside =
        |[value, ..]: Figure, [_, low, high]: Figure| value < low - ROUNDING || value > high + ROUNDING;
    // Of these less is better; of all others, more.
    let less =
        at.rsplit(" / ").any(|key| matches!(key, "fpr" | "fpr_plain" | "calibration_error" | "success"));
    let moved = outside(now, before) && outside(before, now);
    moved.then(|| Change { at, before: before[0], now: now[0], better: (now[0] > before[0]) != less })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn figures(recall: f64, fpr: f64, kept: f64) -> Value {
        json!({
            "n": 9, "positives": 4, "recall": recall, "threshold": 0.5,
            "intervals": {"recall": [recall - 0.1, recall + 0.1], "auc": [null, null]},
            "intervals_by_source": {"recall": [0.0, 1.0]},
            "baselines": {"all_block": {"recall": recall, "intervals": {"recall": [recall, recall]}}},
            "disguises": {"by_disguise": {"hex": {
                "kept": {"value": kept, "interval": [kept, kept]},
                "fpr": {"rate": fpr, "interval": [fpr - 0.01, fpr + 0.01], "found": 3},
            }}},
        })
    }

    fn moved(before: &Value, now: &Value) -> Vec<(String, bool)> {
        let (before, now) = (Baseline::of(before), Baseline::of(now));
        changes(&before, &now).into_iter().map(|change| (change.at.to_owned(), change.better)).collect()
    }

    #[test]
    fn only_what_moves_beyond_both_intervals_is_a_change() {
        let before = figures(0.5, 0.02, 0.9);
        assert_eq!(moved(&before, &before), []);
        assert_eq!(moved(&before, &figures(0.59, 0.029, 0.9)), []);
        let of = |metric: &str| format!("disguises / by_disguise / hex / {metric}");
        assert_eq!(
            moved(&before, &figures(0.65, 0.04, 0.8)),
            [(of("fpr"), false), (of("kept"), false), ("recall".into(), true)]
        );
        assert_eq!(moved(&before, &figures(0.5, 0.0, 0.9)), [(of("fpr"), true)]);
    }

    #[test]
    fn figures_of_other_rows_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("before.json");
        let mut now = figures(0.5, 0.0, 0.9);
        std::fs::write(&file, now.to_string()).unwrap();
        let mut out = Vec::new();
        assert!(!report(&file, &Baseline::of(&now), &mut out).unwrap());
        let said = String::from_utf8(out).unwrap();
        assert_eq!(said, "0 figures better and 0 worse beyond their 95 % intervals, of 3\n");
        now["n"] = json!(10);
        let error = report(&file, &Baseline::of(&now), &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("its number of rows is 9, here 10"), "{error}");
    }
}
