//! Dots with their intervals, a row each and small multiples side by side: figures of many parts at a glance.

use super::estimate::Estimate;
use super::metrics::Metrics;
use super::slices::{Part, Ranked};
use super::svg::{Anchor, Svg};

/// One row: its name, how many rows it is of, and a figure for each column.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) of: String,
    pub(super) figures: Vec<Option<Estimate>>,
}

const ROW: f64 = 20.0;
const TOP: f64 = 46.0;
const GAP: f64 = 58.0;
/// Width of all columns together, with their gaps.
const COLUMNS: f64 = 930.0;
/// A column is no wider than this.
const COLUMN_MAX: f64 = 230.0;
/// Width of a character of the labels, at most.
const CHARACTER: f64 = 7.2;
/// Longer names are cut.
const NAME_MAX: usize = 34;

/// The figures of one part, best first; of lengths in their order.
pub(super) fn of_slices(part: &Part, overall: &Metrics) -> String {
    let columns: &[(&str, &str)] = match part.ranked {
        Ranked::AmongThemselves => {
            &[("AUC", "auc"), ("recall at 1 % false alarms", "recall_at_1pct_fpr"), ("false alarms", "fpr")]
        }
        Ranked::AgainstHarmless => {
            &[("AUC", "auc"), ("recall at 1 % false alarms", "recall_at_1pct_fpr"), ("recall", "recall")]
        }
        Ranked::AgainstAttacks => &[("false alarms", "fpr"), ("AUC", "auc")],
    };
    let mut lines: Vec<Line> = part
        .slices
        .iter()
        .map(|(name, metrics)| Line {
            name: name.clone(),
            of: metrics.n().to_string(),
            figures: columns.iter().map(|(_, figure)| metrics.figure(figure)).collect(),
        })
        .collect();
    if part.title != "By length" {
        let first = |line: &Line| line.figures[0].map_or(f64::NEG_INFINITY, |figure| figure.value);
        lines.sort_by(|left, right| first(right).total_cmp(&first(left)));
    }
    let heads: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
    let marks: Vec<Option<f64>> =
        columns.iter().map(|(_, figure)| overall.figure(figure).map(|figure| figure.value)).collect();
    chart(part.title, &heads, &lines, &marks)
}

/// `marks` are drawn as a dashed line through each column: what all rows together have.
pub(super) fn chart(title: &str, heads: &[&str], lines: &[Line], marks: &[Option<f64>]) -> String {
    let names: Vec<String> = lines.iter().map(|line| cut(&line.name)).collect();
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0) as f64;
    let counts = lines.iter().map(|line| line.of.chars().count()).max().unwrap_or(0) as f64;
    let left = longest * CHARACTER + counts * CHARACTER + 24.0;
    let bottom = TOP + ROW * lines.len() as f64;
    let column_width = (COLUMNS / heads.len() as f64 - GAP).min(COLUMN_MAX);
    let width = left + heads.len() as f64 * (column_width + GAP) + 10.0;
    let mut svg = Svg::new(width, bottom + 26.0, title);
    for (number, (name, line)) in names.iter().zip(lines).enumerate() {
        let y = TOP + ROW * (number as f64 + 0.5) + 4.0;
        svg.text("name", (longest * CHARACTER + 6.0, y), Anchor::End, name);
        svg.text("soft", (left - 8.0, y), Anchor::End, &line.of);
    }
    for (column, head) in heads.iter().enumerate() {
        let x = left + column as f64 * (column_width + GAP);
        let figures: Vec<Option<Estimate>> = lines.iter().map(|line| line.figures[column]).collect();
        let scale = Scale::of(&figures, marks[column], (x, column_width));
        svg.text("head", (x, TOP - 26.0), Anchor::Start, head);
        for tick in scale.ticks() {
            let at = scale.at(tick);
            svg.line("grid", (at, TOP - 4.0), (at, bottom + 4.0));
            svg.text("soft", (at, TOP - 9.0), Anchor::Middle, &short(tick));
            svg.text("soft", (at, bottom + 18.0), Anchor::Middle, &short(tick));
        }
        if let Some(mark) = marks[column] {
            svg.line("mark", (scale.at(mark), TOP - 4.0), (scale.at(mark), bottom + 4.0));
        }
        for (number, (figure, name)) in figures.iter().zip(&names).enumerate() {
            let y = TOP + ROW * (number as f64 + 0.5);
            let Some(figure) = figure else { continue };
            if figure.low.is_finite() && figure.high.is_finite() {
                svg.line("whisker", (scale.at(figure.low), y), (scale.at(figure.high), y));
            }
            svg.dot("dot", (scale.at(figure.value), y), 4.0, &format!("{name}, {head}: {}", figure.cell()));
            svg.text(
                "value",
                (x + column_width + 8.0, y + 4.0),
                Anchor::Start,
                &format!("{:.3}", figure.value),
            );
        }
    }
    svg.finish()
}

/// The part of 0 to 1 that a column shows.
struct Scale {
    low: f64,
    high: f64,
    step: f64,
    x: f64,
    width: f64,
}

impl Scale {
    /// What the figures and their intervals need, to the next step.
    fn of(figures: &[Option<Estimate>], mark: Option<f64>, (x, width): (f64, f64)) -> Self {
        let values: Vec<f64> = figures
            .iter()
            .flatten()
            .flat_map(|figure| [figure.value, figure.low, figure.high])
            .chain(mark)
            .filter(|value| value.is_finite())
            .collect();
        let low = values.iter().copied().fold(1.0, f64::min).clamp(0.0, 1.0);
        let high = values.iter().copied().fold(0.0, f64::max).clamp(0.0, 1.0);
        let step = [0.02, 0.05, 0.1, 0.2].into_iter().find(|step| (high - low) / step <= 5.0).unwrap_or(0.25);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        Self { low, high: if high > low { high } else { low + step }, step, x, width }
    }

    fn at(&self, value: f64) -> f64 {
        self.x + (value - self.low) / (self.high - self.low) * self.width
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let count = ((self.high - self.low) / self.step).round() as u32;
        let (low, step) = (self.low, self.step);
        (0..=count).map(move |tick| low + f64::from(tick) * step)
    }
}

fn short(tick: f64) -> String {
    let text = format!("{tick:.2}");
    text.strip_suffix('0').map_or(text.clone(), str::to_owned)
}

fn cut(name: &str) -> String {
    if name.chars().count() <= NAME_MAX {
        return name.to_owned();
    }
    name.chars().take(NAME_MAX - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_lies_within_its_column_and_says_what_it_is() {
        let figure = |value: f64| Some(Estimate { value, low: value - 0.1, high: (value + 0.1).min(1.0) });
        let line = |name: &str, value| Line { name: name.into(), of: "12".into(), figures: vec![value] };
        let lines = [line("a<b", figure(0.93)), line("other", figure(0.41)), line("none", None)];
        let svg = chart("By kind", &["recall"], &lines, &[Some(0.8)]);
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(
            svg.contains("a&lt;b, recall: 0.930 [0.830, 1.000]") && svg.contains(">0.930</text>"),
            "{svg}"
        );
        let scale = Scale::of(&[figure(0.93), figure(0.41)], Some(0.8), (100.0, 230.0));
        assert_eq!(
            (scale.at(1.0), scale.ticks().map(short).collect::<Vec<_>>()),
            (330.0, ["0.2", "0.4", "0.6", "0.8", "1.0"].map(str::to_owned).into())
        );
    }
}
