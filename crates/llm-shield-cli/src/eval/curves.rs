//! ROC, precision over recall, and reliability, each with its 95 % band.

use super::estimate::{Estimate, percentiles};
use super::metrics::Scored;
use super::resample::Resamples;
use super::sample::Sample;
use super::svg::{Anchor, Svg};

/// More points than this are not told apart on a chart of this size.
const POINTS_MAX: usize = 400;
/// Places along the lower axis at which a band is measured.
const BAND: usize = 40;
/// The lowest rate of false alarms of the chart with a logarithmic axis.
const ALARMS_MIN: f64 = 0.001;

type Points = Vec<(f64, f64)>;
/// The lower and the upper edge of a band at places along the lower axis.
type Band = Vec<(f64, f64, f64)>;

/// The four charts; nothing of rows that are all of one label.
pub(super) fn charts(sample: &Sample<'_>) -> Vec<String> {
    let scored = sample.scored;
    let positives = scored.iter().filter(|row| row.positive).count();
    if positives == 0 || positives == scored.len() {
        return Vec::new();
    }
    let (roc, precision_recall) = curves(scored);
    let share = positives as f64 / scored.len() as f64;
    let bands = Bands::of(sample);
    let plain = Axis { low: 0.0, high: 1.0, logarithmic: false };
    let logarithmic = Axis { low: ALARMS_MIN, high: 1.0, logarithmic: true };
    let diagonal = [(0.0, 0.0), (1.0, 1.0)];
    let chance: Points = (0..=60).map(|n| 10_f64.powf(f64::from(n) / 20.0 - 3.0)).map(|x| (x, x)).collect();
    let zoomed: Points = roc.iter().map(|&(x, y)| (x.max(ALARMS_MIN), y)).collect();
    let mut svgs = vec![
        line("ROC", ("false alarms", plain), "recall", &thinned(roc), &bands.roc, (&diagonal, "chance")),
        line(
            "ROC where false alarms are few",
            ("false alarms, logarithmic", logarithmic),
            "recall",
            &thinned(zoomed),
            &bands.zoomed,
            (&chance, "chance"),
        ),
        line(
            "Precision over recall",
            ("recall", plain),
            "precision",
            &thinned(precision_recall),
            &bands.precision_recall,
            (&[(0.0, share), (1.0, share)], "all refused"),
        ),
    ];
    svgs.push(reliability_chart(scored, &bands.reliability));
    svgs
}

/// (false alarms, recall) and (recall, precision) over all thresholds, from the highest.
fn curves(scored: &[Scored]) -> (Points, Points) {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|left, right| right.score.total_cmp(&left.score));
    curves_of_sorted(&sorted)
}

fn curves_of_sorted(sorted: &[Scored]) -> (Points, Points) {
    let positives = sorted.iter().filter(|row| row.positive).count() as f64;
    let negatives = sorted.len() as f64 - positives;
    let (mut found, mut alarms) = (0.0, 0.0);
    let (mut roc, mut precision_recall) = (vec![(0.0, 0.0)], Vec::new());
    for tied in sorted.chunk_by(|left, right| left.score.total_cmp(&right.score).is_eq()) {
        let of_group = tied.iter().filter(|row| row.positive).count() as f64;
        found += of_group;
        alarms += tied.len() as f64 - of_group;
        roc.push((alarms / negatives, found / positives));
        precision_recall.push((found / positives, found / (found + alarms)));
    }
    (roc, precision_recall)
}

/// Rows, sum of scores and positives of each of ten equal bins of scores.
fn binned(scored: &[Scored]) -> [(f64, f64, f64); 10] {
    let mut bins = [(0.0, 0.0, 0.0); 10];
    for row in scored {
        let bin = &mut bins[((row.score * 10.0) as usize).min(9)];
        bin.0 += 1.0;
        bin.1 += row.score;
        bin.2 += if row.positive { 1.0 } else { 0.0 };
    }
    bins
}

/// Every so many points, and the last.
fn thinned(points: Points) -> Points {
    let (step, last) = (points.len().div_ceil(POINTS_MAX), points.len() - 1);
    points
        .into_iter()
        .enumerate()
        .filter(|(at, _)| at % step == 0 || *at == last)
        .map(|(_, point)| point)
        .collect()
}

/// What resamples give, by sources where there are several.
struct Bands {
    roc: Band,
    zoomed: Band,
    precision_recall: Band,
    /// The share of positives of each bin.
    reliability: Vec<(f64, f64)>,
}

impl Bands {
    fn of(sample: &Sample<'_>) -> Self {
        let mut order = sample.all();
        order.sort_by(|left, right| sample.scored[*right].score.total_cmp(&sample.scored[*left].score));
        let resamples = Resamples::of(order.iter().map(|place| sample.sources()[*place]));
        let even: Vec<f64> = (0..=BAND).map(|n| n as f64 / BAND as f64).collect();
        let few: Vec<f64> = even.iter().map(|x| ALARMS_MIN.powf(1.0 - x)).collect();
        let mut drawn: [Vec<Vec<f64>>; 3] = [&even, &few, &even].map(|places| vec![Vec::new(); places.len()]);
        let mut bins: Vec<Vec<f64>> = vec![Vec::new(); 10];
        let draw = |random: &mut rand::rngs::StdRng, weights: &mut [u32]| {
            if resamples.has_sources() {
                resamples.sources(random, weights);
            } else {
                resamples.rows(random, weights);
            }
        };
        resamples.each(&draw, |weights| {
            let repeated: Vec<Scored> = order
                .iter()
                .zip(weights)
                .flat_map(|(place, weight)| std::iter::repeat_n(sample.scored[*place], *weight as usize))
                .collect();
            let positives = repeated.iter().filter(|row| row.positive).count();
            if positives == 0 || positives == repeated.len() {
                return;
            }
            let (roc, precision_recall) = curves_of_sorted(&repeated);
            for ((drawn, curve), places) in
                drawn.iter_mut().zip([&roc, &roc, &precision_recall]).zip([&even, &few, &even])
            {
                for (values, place) in drawn.iter_mut().zip(places) {
                    values.push(value_at(curve, *place));
                }
            }
            for (values, bin) in bins.iter_mut().zip(binned(&repeated)) {
                values.push(bin.2 / bin.0);
            }
        });
        let [roc, zoomed, precision_recall] = drawn;
        let band = |drawn: Vec<Vec<f64>>, places: &[f64]| -> Band {
            drawn
                .into_iter()
                .map(percentiles)
                .zip(places)
                .map(|((low, high), x)| (*x, low, high))
                .filter(|(_, low, high)| low.is_finite() && high.is_finite())
                .collect()
        };
        Self {
            roc: band(roc, &even),
            zoomed: band(zoomed, &few),
            precision_recall: band(precision_recall, &even),
            reliability: bins.into_iter().map(percentiles).collect(),
        }
    }
}

/// The height of a curve at the last point that is not right of `place`; of precision over recall, where the first
/// point may be, at the first.
fn value_at(curve: &[(f64, f64)], place: f64) -> f64 {
    let right = curve.partition_point(|(x, _)| *x <= place);
    curve.get(right.saturating_sub(1)).map_or(f64::NAN, |(_, y)| *y)
}

/// An axis from `low` to `high`.
#[derive(Clone, Copy)]
struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Axis {
    fn part(self, value: f64) -> f64 {
        if self.logarithmic {
            (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    fn ticks(self) -> Vec<(f64, &'static str)> {
        if self.logarithmic {
            vec![(0.001, "0.1 %"), (0.01, "1 %"), (0.1, "10 %"), (1.0, "100 %")]
        } else {
            vec![(0.0, "0"), (0.25, "0.25"), (0.5, "0.5"), (0.75, "0.75"), (1.0, "1")]
        }
    }
}

const LEFT: f64 = 58.0;
const TOP: f64 = 42.0;
const SIDE: f64 = 205.0;

/// A square with axes, and where a point of it lies.
fn square(title: &str, (x_name, x): (&str, Axis), y_name: &str) -> (Svg, impl Fn((f64, f64)) -> (f64, f64)) {
    let mut svg = Svg::new(LEFT + SIDE + 24.0, TOP + SIDE + 48.0, title);
    let at = move |(of_x, of_y): (f64, f64)| (LEFT + x.part(of_x) * SIDE, TOP + (1.0 - of_y) * SIDE);
    svg.text("head", (LEFT, TOP - 22.0), Anchor::Start, title);
    for (tick, label) in x.ticks() {
        svg.line("grid", at((tick, 0.0)), at((tick, 1.0)));
        svg.text("soft", (at((tick, 0.0)).0, TOP + SIDE + 17.0), Anchor::Middle, label);
    }
    for (tick, label) in (Axis { low: 0.0, high: 1.0, logarithmic: false }).ticks() {
        let y = at((x.low, tick)).1;
        svg.line("grid", (LEFT, y), (LEFT + SIDE, y));
        svg.text("soft", (LEFT - 7.0, y + 4.0), Anchor::End, label);
    }
    svg.text("name", (LEFT + SIDE / 2.0, TOP + SIDE + 38.0), Anchor::Middle, x_name);
    svg.text("name turned", (14.0, TOP + SIDE / 2.0), Anchor::Middle, y_name);
    (svg, at)
}

/// A curve with its band, over a dashed line of what a detector without knowledge would do.
fn line(
    title: &str,
    x: (&str, Axis),
    y: &str,
    points: &[(f64, f64)],
    band: &Band,
    (reference, named): (&[(f64, f64)], &str),
) -> String {
    let (mut svg, at) = square(title, x, y);
    let upper = band.iter().map(|&(x, _, high)| at((x, high)));
    let lower = band.iter().rev().map(|&(x, low, _)| at((x, low)));
    svg.path("band", &upper.chain(lower).collect::<Vec<_>>());
    svg.path("mark", &reference.iter().map(|point| at(*point)).collect::<Vec<_>>());
    svg.path("curve", &points.iter().map(|point| at(*point)).collect::<Vec<_>>());
    dashed(&mut svg, named);
    svg.finish()
}

/// What the dashed line is, where no curve comes.
fn dashed(svg: &mut Svg, named: &str) {
    svg.text("soft", (LEFT + SIDE, TOP - 4.0), Anchor::End, &format!("dashed: {named}"));
}

/// Shares of positives over mean scores, with bars below for how many rows a bin holds.
fn reliability_chart(scored: &[Scored], intervals: &[(f64, f64)]) -> String {
    let plain = Axis { low: 0.0, high: 1.0, logarithmic: false };
    let (mut svg, at) = square("Reliability", ("mean score of a bin", plain), "share of positives");
    let bins = binned(scored);
    for (number, (rows, ..)) in bins.iter().enumerate() {
        // A fifth of the height is all rows.
        let height = rows / scored.len() as f64 * SIDE / 5.0;
        let (x, y) = at((number as f64 / 10.0, 0.0));
        svg.bar("count", (x + 2.0, y - height), (SIDE / 10.0 - 4.0, height));
    }
    svg.path("mark", &[at((0.0, 0.0)), at((1.0, 1.0))]);
    let filled = bins.iter().zip(intervals).filter(|((rows, ..), _)| *rows > 0.0);
    let mut points = Vec::new();
    for ((rows, scores, positives), &(low, high)) in filled {
        let (x, value) = (scores / rows, positives / rows);
        if low.is_finite() && high.is_finite() {
            svg.line("whisker", at((x, low)), at((x, high)));
        }
        points.push((at((x, value)), format!("{rows} rows: {}", Estimate { value, low, high }.cell())));
    }
    svg.path("curve", &points.iter().map(|(point, _)| *point).collect::<Vec<_>>());
    for (point, says) in &points {
        svg.dot("dot", *point, 4.0, says);
    }
    dashed(&mut svg, "scores that are right");
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Scored> {
        [(true, 0.9), (true, 0.4), (false, 0.6), (false, 0.4), (false, 0.1)]
            .map(|(positive, score)| Scored { positive, score })
            .into()
    }

    #[test]
    fn curves_of_a_small_table_are_those_worked_out_by_hand() {
        let (roc, precision_recall) = curves(&rows());
        let thirds = [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0];
        assert_eq!(roc, [(0.0, 0.0), (0.0, 0.5), (thirds[1], 0.5), (thirds[2], 1.0), (1.0, 1.0)]);
        assert_eq!(precision_recall, [(0.5, 1.0), (0.5, 0.5), (1.0, 0.5), (1.0, 0.4)]);
        let bins = binned(&rows());
        assert_eq!((bins[1], bins[4], bins[9]), ((1.0, 0.1, 0.0), (2.0, 0.8, 1.0), (1.0, 0.9, 1.0)));
        assert!((value_at(&roc, 0.5) - 0.5).abs() < 1e-12 && (value_at(&roc, 1.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_long_curve_keeps_its_ends() {
        let points: Points = (0..=2500).map(|n| (f64::from(n), 0.0)).collect();
        let kept = thinned(points);
        assert!(kept.len() <= POINTS_MAX + 1);
        assert_eq!((kept.first(), kept.last()), (Some(&(0.0, 0.0)), Some(&(2500.0, 0.0))));
    }

    #[test]
    fn rows_of_one_label_have_no_charts() {
        let row = |scored: &Scored| super::super::rows::Row {
            text: "x".into(),
            positive: scored.positive,
            source: "all".into(),
            place: 0..1,
            facts: super::super::rows::Facts::default(),
        };
        for (scored, expected) in [(rows(), 4), (rows()[..2].to_vec(), 0)] {
            let rows: Vec<_> = scored.iter().map(row).collect();
            let svgs = charts(&Sample::new(&rows, &scored, 0.5));
            assert_eq!(svgs.iter().filter(|svg| svg.starts_with("<svg")).count(), expected);
        }
    }
}
