//! Detection metrics with bootstrap intervals.

use std::io::{self, Write};

use rand::rngs::StdRng;
use serde_json::{Map, Value, json};

use super::estimate::{Estimate, percentiles};
use super::report::Block;
use super::resample::Resamples;

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

/// A row as it counts in a measurement.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) scored: Scored,
    /// The number of the source that it comes from.
    pub(super) source: u32,
    /// Whether it is one of those that are measured. The others are only what these are ranked against.
    pub(super) own: bool,
}

/// The metrics of one set of rows.
pub(super) struct Metrics {
    n: usize,
    positives: usize,
    values: Values,
    /// Over rows: what another draw of rows from the same sources would give.
    intervals: [(f64, f64); 9],
    /// Over sources and the rows of each: what other sources would give. Nothing of rows that are all of one source.
    by_source: Option<[(f64, f64); 9]>,
}

impl Metrics {
    /// The metrics of the rows that are `own`; AUC and recall at a rate of false alarms are taken over all `members`, so
    /// that rows of one label are ranked against others of the other label.
    pub(super) fn measure(mut members: Vec<Member>, threshold: f64) -> Self {
        members.sort_by(|left, right| left.scored.score.total_cmp(&right.scored.score));
        let own = members.iter().filter(|member| member.own);
        let (n, positives) = (own.clone().count(), own.filter(|member| member.scored.positive).count());
        let ranked_apart = n < members.len();
        let values = |weights: &[u32]| {
            let mut values = weighted(&members, weights, threshold);
            if ranked_apart {
                // Of one label these say nothing.
                values[..3]
                    .iter_mut()
                    .enumerate()
                    .filter(|(at, _)| *at != 1)
                    .for_each(|(_, value)| *value = f64::NAN);
                values[5] = f64::NAN;
            }
            values
        };
        let resamples = Resamples::of(members.iter().map(|member| member.source));
        let over = |draw: &dyn Fn(&mut StdRng, &mut [u32])| {
            let mut drawn: [Vec<f64>; 9] = Default::default();
            resamples.each(draw, |weights| {
                for (metric, value) in drawn.iter_mut().zip(values(weights)) {
                    metric.push(value);
                }
            });
            drawn.map(percentiles)
        };
        Self {
            n,
            positives,
            values: values(&vec![1; members.len()]),
            intervals: over(&|random, weights| resamples.rows(random, weights)),
            by_source: resamples
                .has_sources()
                .then(|| over(&|random, weights| resamples.sources(random, weights))),
        }
    }

    pub(super) fn n(&self) -> usize {
        self.n
    }

    /// A figure by its name in [`NAMES`], with the interval that tables show: over sources, else over rows.
    pub(super) fn figure(&self, name: &str) -> Option<Estimate> {
        let at = NAMES.iter().position(|other| *other == name)?;
        let (low, high) = self.shown()[at];
        let value = self.values[at];
        value.is_finite().then_some(Estimate { value, low, high })
    }

    fn shown(&self) -> &[(f64, f64); 9] {
        self.by_source.as_ref().unwrap_or(&self.intervals)
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
        let named = |intervals: &[(f64, f64); 9]| {
            let pair = |(name, (low, high)): (&str, &(f64, f64))| {
                (name.to_owned(), json!([number(*low), number(*high)]))
            };
            Value::Object(NAMES.into_iter().zip(intervals).map(pair).collect())
        };
        json.insert("intervals".into(), named(&self.intervals));
        if let Some(intervals) = &self.by_source {
            json.insert("intervals_by_source".into(), named(intervals));
        }
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

    /// The same rows as a table of a report, without the columns that hold nothing.
    pub(super) fn table<'m>(rows: impl IntoIterator<Item = (&'m str, &'m Self)>) -> Block {
        let names = NAMES.map(|name| {
            name.replace('_', " ")
                .replace("01pct fpr", "0.1 % false alarms")
                .replace("1pct fpr", "1 % false alarms")
        });
        let names = names.map(|name| match name.as_str() {
            "fpr" => "false alarms".into(),
            "auc" => "AUC".into(),
            "f1" => "F1".into(),
            _ => name,
        });
        let head: Vec<String> =
            ["", "rows", "positives"].map(str::to_owned).into_iter().chain(names).collect();
        let row = |(name, metrics): (&str, &Self)| -> Vec<String> {
            let counts = [name.to_owned(), metrics.n.to_string(), metrics.positives.to_string()];
            counts.into_iter().chain(metrics.cells()).collect()
        };
        let rows: Vec<Vec<String>> = rows.into_iter().map(row).collect();
        let kept: Vec<bool> = (0..head.len()).map(|at| rows.iter().any(|row| row[at] != "-")).collect();
        let cut = |cells: Vec<String>| -> Vec<String> {
            cells.into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(cell, _)| cell).collect()
        };
        Block::Table(cut(head), rows.into_iter().map(cut).collect())
    }

    fn cells(&self) -> impl Iterator<Item = String> {
        self.values
            .iter()
            .zip(self.shown())
            .map(|(value, (low, high))| Estimate { value: *value, low: *low, high: *high }.cell())
    }
}

/// Metrics of members sorted by score, each counted `weights` times.
fn weighted(sorted: &[Member], weights: &[u32], threshold: f64) -> Values {
    let (mut true_positives, mut false_positives) = (0.0, 0.0);
    let (mut own_positives, mut own_negatives, mut positives, mut negatives) = (0.0, 0.0, 0.0, 0.0);
    // Mann-Whitney: pairs in which the positive scores higher, ties half; per group of equal scores.
    let (mut wins, mut group_positives, mut group_negatives, mut negatives_below) = (0.0, 0.0, 0.0, 0.0);
    let mut last = f64::NEG_INFINITY;
    for (Member { scored: row, own, .. }, &weight) in sorted.iter().zip(weights) {
        let weight = f64::from(weight);
        if row.score > last {
            wins += group_positives * (negatives_below + group_negatives / 2.0);
            negatives_below += group_negatives;
            (group_positives, group_negatives, last) = (0.0, 0.0, row.score);
        }
        let owned = if *own { weight } else { 0.0 };
        let flagged = if row.score > threshold { owned } else { 0.0 };
        if row.positive {
            positives += weight;
            own_positives += owned;
            group_positives += weight;
            true_positives += flagged;
        } else {
            negatives += weight;
            own_negatives += owned;
            group_negatives += weight;
            false_positives += flagged;
        }
    }
    wins += group_positives * (negatives_below + group_negatives / 2.0);
    let precision = true_positives / (true_positives + false_positives);
    let recall = true_positives / own_positives;
    let f1 = 2.0 * true_positives / (true_positives + false_positives + own_positives);
    let accuracy = (true_positives + own_negatives - false_positives) / (own_positives + own_negatives);
    let auc = wins / (positives * negatives);
    [
        precision,
        recall,
        f1,
        auc,
        false_positives / own_negatives,
        accuracy,
        recall_at(sorted, weights, 0.01 * negatives) / positives,
        recall_at(sorted, weights, 0.001 * negatives) / positives,
        calibration_error(sorted, weights),
    ]
}

/// Positives above the lowest threshold over which at most `false_alarms` negatives score. With fewer negatives than a
/// rate needs, that is none. NaN without negatives.
fn recall_at(sorted: &[Member], weights: &[u32], false_alarms: f64) -> f64 {
    let allowed = false_alarms.floor();
    let (mut found, mut alarms) = (0.0, 0.0);
    let (mut group_positives, mut group_negatives, mut last) = (0.0, 0.0, f64::INFINITY);
    for (Member { scored: row, .. }, &weight) in sorted.iter().zip(weights).rev() {
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
fn calibration_error(sorted: &[Member], weights: &[u32]) -> f64 {
    let mut bins = [(0.0, 0.0); 10];
    let mut rows = 0.0;
    for (Member { scored: row, .. }, &weight) in sorted.iter().zip(weights).filter(|(member, _)| member.own) {
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

    fn members(rows: &[(bool, f64)]) -> Vec<Member> {
        rows.iter()
            .map(|&(positive, score)| Member { scored: Scored { positive, score }, source: 0, own: true })
            .collect()
    }

    const ROWS: [(bool, f64); 5] = [(true, 0.9), (true, 0.4), (false, 0.6), (false, 0.4), (false, 0.1)];

    #[test]
    fn metrics_of_a_small_table_are_those_worked_out_by_hand() {
        let metrics = Metrics::measure(members(&ROWS), 0.5);
        let calibration_error = (0.1 + 2.0 * 0.1 + 0.6 + 0.1) / 5.0;
        let expected = [0.5, 0.5, 0.5, 4.5 / 6.0, 1.0 / 3.0, 0.6, 0.5, 0.5, calibration_error];
        for (value, expected) in metrics.values.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-12, "{:?}", metrics.values);
        }
        for ((low, high), value) in metrics.intervals.iter().zip(metrics.values) {
            assert!(*low <= value && value <= *high);
        }
        assert!(metrics.by_source.is_none());
    }

    #[test]
    fn rows_of_one_label_are_ranked_against_the_others_and_counted_alone() {
        let mut members = members(&ROWS);
        (members[0].own, members[3].own, members[4].own) = (false, false, false);
        members.remove(0);
        // Left: the attack at 0.4 and the harmless row at 0.6; against them those at 0.4 and 0.1.
        members.retain(|member| member.scored.positive || !member.own);
        let metrics = Metrics::measure(members, 0.3);
        let json = metrics.json(0.3);
        assert_eq!((metrics.n, &json["positives"], &json["recall"]), (1, &json!(1), &json!(1.0)));
        assert_eq!(json["auc"], json!(0.75));
        assert!(json["precision"].is_null() && json["accuracy"].is_null() && json["fpr"].is_null());
    }

    #[test]
    fn sources_that_differ_make_the_interval_wide() {
        // In one source every attack is found, in the other none.
        let members: Vec<Member> = (0..200)
            .map(|n| {
                let scored = Scored { positive: n % 2 == 0, score: if n < 100 { 0.9 } else { 0.1 } };
                Member { scored, source: n / 100, own: true }
            })
            .collect();
        let metrics = Metrics::measure(members, 0.5);
        let (low, high) = metrics.intervals[1];
        assert!(low > 0.35 && high < 0.65, "{low} {high}");
        assert_eq!(metrics.by_source.unwrap()[1], (0.0, 1.0));
        assert_eq!(metrics.figure("recall").map(|recall| (recall.value, recall.low)), Some((0.5, 0.0)));
    }

    #[test]
    fn recall_at_a_share_of_false_alarms_is_that_worked_out_by_hand() {
        let mut rows = members(&ROWS);
        rows.sort_by(|left, right| left.scored.score.total_cmp(&right.scored.score));
        // None may alarm; one may, and the tie at 0.4 does not count; two may.
        for (allowed, expected) in [(0.03, 1.0), (1.2, 1.0), (2.1, 2.0)] {
            let found = recall_at(&rows, &[1; 5], allowed);
            assert!((found - expected).abs() < 1e-12, "{allowed}: {found}");
        }
        assert!(recall_at(&rows[4..], &[1], 0.0).is_nan());
    }

    #[test]
    fn a_set_without_positives_has_no_recall_but_a_false_positive_rate() {
        let json = Metrics::measure(members(&[(false, 0.9), (false, 0.1)]), 0.5).json(0.5);
        assert!(json["recall"].is_null() && json["auc"].is_null());
        assert_eq!(json["fpr"], json!(0.5));
    }
}
