//! Detection metrics with bootstrap intervals.

use std::io::{self, Write};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

use super::report::Block;

/// Resamples behind each interval.
const RESAMPLES: usize = 400;

/// A row's truth and the detector's score.
#[derive(Clone, Copy)]
pub(super) struct Scored {
    pub(super) positive: bool,
    pub(super) score: f64,
}

/// The names of the metrics, in the order of [`Values`].
const NAMES: [&str; 9] = [
    "precision",
    "recall",
    "f1",
    "auc",
    "fpr",
    "accuracy",
    "recall_at_1pct_fpr",
    "recall_at_01pct_fpr",
    "calibration_error",
];

/// One value a metric; NaN where it is not defined (no positives, no negatives, nothing flagged).
type Values = [f64; 9];

/// The metrics of one set of rows.
pub(super) struct Metrics {
    n: usize,
    positives: usize,
    values: Values,
    intervals: [(f64, f64); 9],
}

impl Metrics {
    pub(super) fn measure(rows: &[Scored], threshold: f64) -> Self {
        let mut sorted = rows.to_vec();
        sorted.sort_by(|left, right| left.score.total_cmp(&right.score));
        let values = weighted(&sorted, &vec![1; sorted.len()], threshold);
        let mut random = StdRng::seed_from_u64(7);
        let mut resampled: [Vec<f64>; 9] = Default::default();
        let mut weights = vec![0; sorted.len()];
        for _ in 0..RESAMPLES {
            weights.fill(0);
            for _ in 0..sorted.len() {
                weights[random.random_range(0..sorted.len())] += 1;
            }
            for (metric, value) in resampled.iter_mut().zip(weighted(&sorted, &weights, threshold)) {
                if value.is_finite() {
                    metric.push(value);
                }
            }
        }
        let intervals = resampled.map(|mut values| {
            values.sort_by(f64::total_cmp);
            let at = |share: f64| {
                let index = (share * values.len() as f64) as usize;
                values.get(index.min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
            };
            (at(0.025), at(0.975))
        });
        Self { n: rows.len(), positives: rows.iter().filter(|row| row.positive).count(), values, intervals }
    }

    pub(super) fn json(&self, threshold: f64) -> Map<String, Value> {
        let number = |value: f64| if value.is_finite() { json!(value) } else { Value::Null };
        let mut json = Map::new();
        json.insert("n".into(), json!(self.n));
        json.insert("positives".into(), json!(self.positives));
        for (name, value) in NAMES.into_iter().zip(self.values) {
            json.insert(name.into(), number(value));
        }
        json.insert("threshold".into(), json!(threshold));
        let intervals: Map<String, Value> = NAMES
            .into_iter()
            .zip(self.intervals)
            .map(|(name, (low, high))| (name.to_owned(), json!([number(low), number(high)])))
            .collect();
        json.insert("intervals".into(), Value::Object(intervals));
        json
    }

    pub(super) fn write_head(out: &mut impl Write) -> io::Result<()> {
        write!(out, "{:<28} {:>6} {:>6}", "", "n", "pos")?;
        NAMES.iter().try_for_each(|name| write!(out, "  {name:<20}"))?;
        writeln!(out)
    }

    pub(super) fn write(&self, out: &mut impl Write, name: &str) -> io::Result<()> {
        write!(out, "{name:<28} {:>6} {:>6}", self.n, self.positives)?;
        self.cells().try_for_each(|cell| write!(out, "  {cell:<20}"))?;
        writeln!(out)
    }

    /// The same rows as a table of a report.
    pub(super) fn table<'m>(rows: impl IntoIterator<Item = (&'m str, &'m Self)>) -> Block {
        let names = NAMES.map(|name| name.replace('_', " ").replace("01pct", "0.1 %").replace("1pct", "1 %"));
        let head = ["", "rows", "positives"].map(str::to_owned).into_iter().chain(names).collect();
        let row = |(name, metrics): (&str, &Self)| {
            let counts = [name.to_owned(), metrics.n.to_string(), metrics.positives.to_string()];
            counts.into_iter().chain(metrics.cells()).collect()
        };
        Block::Table(head, rows.into_iter().map(row).collect())
    }

    fn cells(&self) -> impl Iterator<Item = String> {
        self.values.iter().zip(self.intervals).map(|(value, (low, high))| {
            if value.is_finite() { format!("{value:.3} [{low:.3}, {high:.3}]") } else { "-".into() }
        })
    }
}

/// Metrics of rows sorted by score, each counted `weights` times.
fn weighted(sorted: &[Scored], weights: &[u32], threshold: f64) -> Values {
    let (mut true_positives, mut false_positives, mut positives, mut negatives) = (0.0, 0.0, 0.0, 0.0);
    // Mann-Whitney: pairs in which the positive scores higher, ties half; per group of equal scores.
    let (mut wins, mut group_positives, mut group_negatives, mut negatives_below) = (0.0, 0.0, 0.0, 0.0);
    let mut last = f64::NEG_INFINITY;
    for (row, &weight) in sorted.iter().zip(weights) {
        let weight = f64::from(weight);
        if row.score > last {
            wins += group_positives * (negatives_below + group_negatives / 2.0);
            negatives_below += group_negatives;
            (group_positives, group_negatives, last) = (0.0, 0.0, row.score);
        }
        let flagged = if row.score > threshold { weight } else { 0.0 };
        if row.positive {
            positives += weight;
            group_positives += weight;
            true_positives += flagged;
        } else {
            negatives += weight;
            group_negatives += weight;
            false_positives += flagged;
        }
    }
    wins += group_positives * (negatives_below + group_negatives / 2.0);
    let precision = true_positives / (true_positives + false_positives);
    let recall = true_positives / positives;
    let f1 = 2.0 * true_positives / (true_positives + false_positives + positives);
    let accuracy = (true_positives + negatives - false_positives) / (positives + negatives);
    let auc = wins / (positives * negatives);
    [
        precision,
        recall,
        f1,
        auc,
        false_positives / negatives,
        accuracy,
        recall_at(sorted, weights, 0.01 * negatives) / positives,
        recall_at(sorted, weights, 0.001 * negatives) / positives,
        calibration_error(sorted, weights),
    ]
}

/// Positives above the lowest threshold over which at most `false_alarms` negatives score. With fewer negatives than a
/// rate needs, that is none. NaN without negatives.
fn recall_at(sorted: &[Scored], weights: &[u32], false_alarms: f64) -> f64 {
    let allowed = false_alarms.floor();
    let (mut found, mut alarms) = (0.0, 0.0);
    let (mut group_positives, mut group_negatives, mut last) = (0.0, 0.0, f64::INFINITY);
    for (row, &weight) in sorted.iter().zip(weights).rev() {
        if row.score < last {
            if alarms + group_negatives > allowed {
                return found;
            }
            found += group_positives;
            alarms += group_negatives;
            (group_positives, group_negatives, last) = (0.0, 0.0, row.score);
        }
        *(if row.positive { &mut group_positives } else { &mut group_negatives }) += f64::from(weight);
    }
    // The lowest group of scores: its negatives are over what is allowed, unless there are none at all.
    if alarms + group_negatives > allowed { found } else { f64::NAN }
}

/// Expected calibration error over ten bins of equal width: by how much the mean score of a bin misses its share of
/// positives, over the rows.
fn calibration_error(sorted: &[Scored], weights: &[u32]) -> f64 {
    let mut bins = [(0.0, 0.0); 10];
    let mut rows = 0.0;
    for (row, &weight) in sorted.iter().zip(weights) {
        let (weight, bin) = (f64::from(weight), &mut bins[((row.score * 10.0) as usize).min(9)]);
        bin.0 += weight * row.score;
        bin.1 += if row.positive { weight } else { 0.0 };
        rows += weight;
    }
    bins.iter().map(|(scores, positives)| (scores - positives).abs()).sum::<f64>() / rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_of_a_small_table_are_those_worked_out_by_hand() {
        let rows: Vec<Scored> = [(true, 0.9), (true, 0.4), (false, 0.6), (false, 0.4), (false, 0.1)]
            .map(|(positive, score)| Scored { positive, score })
            .into();
        let metrics = Metrics::measure(&rows, 0.5);
        let calibration_error = (0.1 + 2.0 * 0.1 + 0.6 + 0.1) / 5.0;
        let expected = [0.5, 0.5, 0.5, 4.5 / 6.0, 1.0 / 3.0, 0.6, 0.5, 0.5, calibration_error];
        for (value, expected) in metrics.values.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-12, "{:?}", metrics.values);
        }
        for ((low, high), value) in metrics.intervals.iter().zip(metrics.values) {
            assert!(*low <= value && value <= *high);
        }
    }

    #[test]
    fn recall_at_a_share_of_false_alarms_is_that_worked_out_by_hand() {
        let rows: Vec<Scored> = [(false, 0.1), (false, 0.4), (true, 0.4), (false, 0.6), (true, 0.9)]
            .map(|(positive, score)| Scored { positive, score })
            .into();
        // None may alarm; one may, and the tie at 0.4 does not count; two may.
        for (allowed, expected) in [(0.03, 1.0), (1.2, 1.0), (2.1, 2.0)] {
            let found = recall_at(&rows, &[1; 5], allowed);
            assert!((found - expected).abs() < 1e-12, "{allowed}: {found}");
        }
        assert!(recall_at(&rows[4..], &[1], 0.0).is_nan());
    }

    #[test]
    fn a_set_without_positives_has_no_recall_but_a_false_positive_rate() {
        let rows = [Scored { positive: false, score: 0.9 }, Scored { positive: false, score: 0.1 }];
        let json = Metrics::measure(&rows, 0.5).json(0.5);
        assert!(json["recall"].is_null() && json["auc"].is_null());
        assert_eq!(json["fpr"], json!(0.5));
    }
}
