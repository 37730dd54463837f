//! ROC, precision over recall, and reliability, as SVG.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use super::metrics::Scored;

const SIZE: (u32, u32) = (520, 440);
/// More points than this are not told apart on a chart of this size.
const POINTS_MAX: usize = 400;
const INK: RGBColor = RGBColor(31, 95, 170);
const GREY: RGBColor = RGBColor(150, 150, 155);
const GRID: RGBColor = RGBColor(225, 225, 230);

type Points = Vec<(f64, f64)>;

/// The three charts; nothing of rows that are all of one label.
pub(super) fn charts(scored: &[Scored]) -> Result<Vec<String>> {
    let positives = scored.iter().filter(|row| row.positive).count();
    if positives == 0 || positives == scored.len() {
        return Ok(Vec::new());
    }
    let (roc, precision_recall) = curves(scored);
    let share = positives as f64 / scored.len() as f64;
    let diagonal = vec![(0.0, 0.0), (1.0, 1.0)];
    Ok(vec![
        chart("ROC", "false alarms", "recall", &thinned(roc), &diagonal, Marks::None)?,
        chart(
            "Precision over recall",
            "recall",
            "precision",
            &thinned(precision_recall),
            &[(0.0, share), (1.0, share)],
            Marks::None,
        )?,
        chart(
            "Reliability",
            "mean score of a tenth",
            "share of positives",
            &reliability(scored),
            &diagonal,
            Marks::Circles,
        )?,
    ])
}

/// (false alarms, recall) and (recall, precision) over all thresholds, from the highest.
fn curves(scored: &[Scored]) -> (Points, Points) {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|left, right| right.score.total_cmp(&left.score));
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

/// Mean score and share of positives of each of ten equal bins of scores that hold rows.
fn reliability(scored: &[Scored]) -> Points {
    let mut bins = [(0.0, 0.0, 0.0); 10];
    for row in scored {
        let bin = &mut bins[((row.score * 10.0) as usize).min(9)];
        bin.0 += 1.0;
        bin.1 += row.score;
        bin.2 += if row.positive { 1.0 } else { 0.0 };
    }
    bins.into_iter()
        .filter(|(rows, ..)| *rows > 0.0)
        .map(|(rows, scores, positives)| (scores / rows, positives / rows))
        .collect()
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

#[derive(Clone, Copy, PartialEq)]
enum Marks {
    None,
    Circles,
}

/// A line over the unit square, beside one in grey that shows what chance or perfect calibration would be.
fn chart(
    title: &str,
    x: &str,
    y: &str,
    line: &[(f64, f64)],
    reference: &[(f64, f64)],
    marks: Marks,
) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let failed = |error: &dyn std::fmt::Display| anyhow!("could not draw the chart `{title}`: {error}");
        area.fill(&WHITE).map_err(|error| failed(&error))?;
        let mut chart = ChartBuilder::on(&area)
            .caption(title, ("sans-serif", 17))
            .margin(12)
            .x_label_area_size(44)
            .y_label_area_size(54)
            .build_cartesian_2d(0.0..1.0, 0.0..1.0)
            .map_err(|error| failed(&error))?;
        chart
            .configure_mesh()
            .max_light_lines(0)
            .bold_line_style(GRID)
            .x_desc(x)
            .y_desc(y)
            .label_style(("sans-serif", 13))
            .draw()
            .map_err(|error| failed(&error))?;
        let lines = [(reference, GREY.stroke_width(1)), (line, INK.stroke_width(2))];
        for (points, style) in lines {
            chart
                .draw_series(LineSeries::new(points.iter().copied(), style))
                .map_err(|error| failed(&error))?;
        }
        if marks == Marks::Circles {
            chart
                .draw_series(line.iter().map(|point| Circle::new(*point, 4, INK.filled())))
                .map_err(|error| failed(&error))?;
        }
        area.present().map_err(|error| failed(&error))?;
    }
    Ok(svg)
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
        assert_eq!(reliability(&rows()), [(0.1, 0.0), (0.4, 0.5), (0.6, 0.0), (0.9, 1.0)]);
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
        assert_eq!(charts(&rows()).unwrap().iter().filter(|svg| svg.starts_with("<svg")).count(), 3);
        assert_eq!(charts(&rows()[..2]).unwrap(), Vec::<String>::new());
    }
}
