//! Charts of a run as SVG text.

use plotters::{
    coord::ranged1d::{NoDefaultFormatting, Ranged, ValueFormatter},
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use crate::{
    machine::RunKind,
    model::usl::UslFit,
    row::Row,
    summary::{Scenario, closed_of_kind},
};

const SIZE: (u32, u32) = (860, 460);
/// Where the middle of a mark across the chart stands.
const MIDDLE: (i32, i32) = (430, 230);
const TEXT: (&str, u32) = ("sans-serif", 15);
const TITLE: (&str, u32) = ("sans-serif", 19);
const GRID: RGBColor = RGBColor(225, 225, 230);
const BLUE_INK: RGBColor = RGBColor(31, 95, 170);
const GREY_INK: RGBColor = RGBColor(120, 120, 125);
const ORANGE_INK: RGBColor = RGBColor(214, 110, 20);
const GREEN_INK: RGBColor = RGBColor(35, 135, 75);
const RED_INK: RGBColor = RGBColor(190, 45, 50);

/// A chart could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("could not draw the chart `{chart}`: {reason}")]
pub struct ChartError {
    /// Which.
    pub chart: &'static str,
    /// What the plotting library said.
    pub reason: String,
}

/// A drawn chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Name of its file, without `.svg`.
    pub name: &'static str,
    /// What it shows, in one sentence.
    pub caption: &'static str,
    /// The SVG document.
    pub svg: String,
}

/// All charts that the scenarios allow; what was not measured has no chart.
///
/// # Errors
/// When the plotting library fails.
pub fn charts(
    scenarios: &[Scenario<'_>],
    fit: Option<&UslFit>,
    kind: RunKind,
) -> Result<Vec<Chart>, ChartError> {
    let drawn: [(&'static str, &'static str, Option<Drawing>); 4] = [
        (
            "throughput",
            "Throughput over connections: medians with 95 % intervals, the fitted Universal Scalability Law, the echo floor.",
            throughput(scenarios, fit, kind),
        ),
        (
            "latency",
            "Latency percentiles over connections of /scan, logarithmic axes.",
            latency(scenarios, kind),
        ),
        (
            "cpu",
            "Server CPU a request, user and kernel, with the bare echo of the same run.",
            cpu(scenarios, kind),
        ),
        ("peers", "Server CPU a request of the peer ÷ ours, same machine and run.", peers(scenarios, kind)),
    ];
    let mut charts = Vec::new();
    for (name, caption, drawing) in drawn {
        match drawing {
            None => {}
            Some(Ok(svg)) => charts.push(Chart { name, caption, svg }),
            Some(Err(reason)) => return Err(ChartError { chart: name, reason }),
        }
    }
    Ok(charts)
}

type Drawing = Result<String, String>;
/// A named line of (connections, milliseconds).
type Line = (&'static str, RGBColor, Vec<(f64, f64)>);
type Percentile = (&'static str, RGBColor, fn(&Row) -> f64);

fn draw(
    kind: RunKind,
    paint: impl FnOnce(&DrawingArea<SVGBackend<'_>, plotters::coord::Shift>) -> Result<(), String>,
) -> Drawing {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        area.fill(&WHITE).map_err(text_of)?;
        paint(&area)?;
        let mark = match kind {
            RunKind::Measured => None,
            RunKind::Quick => Some("QUICK"),
            RunKind::Simulated => Some("SIMULATED"),
        };
        if let Some(mark) = mark {
            let style = ("sans-serif", 90)
                .into_font()
                .color(&RED_INK.mix(0.13))
                .pos(Pos::new(HPos::Center, VPos::Center));
            area.draw(&Text::new(mark, MIDDLE, style)).map_err(text_of)?;
        }
        area.present().map_err(text_of)?;
    }
    Ok(svg)
}

fn text_of(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn throughput(scenarios: &[Scenario<'_>], fit: Option<&UslFit>, kind: RunKind) -> Option<Drawing> {
    let scan = closed_of_kind(scenarios, "scan");
    let echo = closed_of_kind(scenarios, "echo");
    let x_max = scan.iter().map(|scenario| scenario.concurrency).max()?;
    let y_max =
        scan.iter().chain(&echo).filter_map(|s| s.median(|row| row.requests_per_second)).reduce(f64::max)?;
    Some(draw(kind, |area| {
        let mut chart = ChartBuilder::on(area)
            .caption("Throughput over connections", TITLE)
            .margin(14)
            .x_label_area_size(48)
            .y_label_area_size(84)
            .build_cartesian_2d((0.9..f64::from(x_max) * 1.3).log_scale(), 0.0..y_max * 1.28)
            .map_err(text_of)?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .bold_line_style(GRID)
            .x_desc("connections (log)")
            .y_desc("requests a second")
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| thousands(*y))
            .label_style(TEXT)
            .axis_desc_style(TEXT)
            .draw()
            .map_err(text_of)?;
        if let Some(fit) = fit {
            let (low, high) = (fit.measured_range.low.ln(), fit.measured_range.high.ln());
            let curve = (0..=40).map(|step| (low + (high - low) * f64::from(step) / 40.0).exp());
            chart
                .draw_series(LineSeries::new(
                    curve.map(|n| (n, fit.curve.throughput(n))),
                    BLUE_INK.stroke_width(2),
                ))
                .map_err(text_of)?
                .label("/scan, fitted curve (USL)")
                .legend(|(x, y)| PathElement::new([(x, y), (x + 22, y)], BLUE_INK.stroke_width(2)));
        }
        for (series, color, label) in
            [(&echo, GREY_INK, "bare echo, median"), (&scan, BLUE_INK, "/scan, median")]
        {
            let points: Vec<(f64, f64)> = series
                .iter()
                .filter_map(|s| Some((f64::from(s.concurrency), s.median(|row| row.requests_per_second)?)))
                .collect();
            if points.is_empty() {
                continue;
            }
            if color == GREY_INK {
                chart.draw_series(LineSeries::new(points.clone(), color.stroke_width(1))).map_err(text_of)?;
            }
            let bars = series.iter().filter_map(|s| {
                let interval = s.interval(|row| row.requests_per_second)?;
                let x = f64::from(s.concurrency);
                Some(PathElement::new(
                    [(x, interval.low.max(0.0)), (x, interval.high)],
                    color.stroke_width(2),
                ))
            });
            chart.draw_series(bars).map_err(text_of)?;
            chart
                .draw_series(points.into_iter().map(|point| Circle::new(point, 5, color.filled())))
                .map_err(text_of)?
                .label(label)
                .legend(move |(x, y)| Circle::new((x + 11, y), 5, color.filled()));
        }
        legend(&mut chart, SeriesLabelPosition::LowerRight)
    }))
}

fn latency(scenarios: &[Scenario<'_>], kind: RunKind) -> Option<Drawing> {
    let scan = closed_of_kind(scenarios, "scan");
    let percentiles: [Percentile; 5] = [
        ("p50", BLUE_INK, |row| row.p50_latency_ms),
        ("p95", GREEN_INK, |row| row.p95_latency_ms),
        ("p99", ORANGE_INK, |row| row.p99_latency_ms),
        ("p99.9", RED_INK, |row| row.p999_latency_ms),
        ("max", GREY_INK, |row| row.max_latency_ms),
    ];
    let series: Vec<Line> = percentiles
        .into_iter()
        .map(|(label, color, metric)| {
            let points = scan.iter().filter_map(|s| {
                Some((f64::from(s.concurrency), s.median(metric).filter(|value| *value > 0.0)?))
            });
            (label, color, points.collect())
        })
        .collect();
    let all = || series.iter().flat_map(|(_, _, points)| points).map(|point| point.1);
    let (low, high) = (all().reduce(f64::min)?, all().reduce(f64::max)?);
    let x_max = scan.iter().map(|scenario| scenario.concurrency).max()?;
    Some(draw(kind, |area| {
        let mut chart = ChartBuilder::on(area)
            .caption("Latency percentiles of /scan", TITLE)
            .margin(14)
            .x_label_area_size(48)
            .y_label_area_size(84)
            .build_cartesian_2d(
                (0.9..f64::from(x_max) * 1.3).log_scale(),
                (low / 2.0..high * 6.0).log_scale(),
            )
            .map_err(text_of)?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .bold_line_style(GRID)
            .x_desc("connections (log)")
            .y_desc("milliseconds (log)")
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| short_number(*y))
            .label_style(TEXT)
            .axis_desc_style(TEXT)
            .draw()
            .map_err(text_of)?;
        for (label, color, points) in series.iter().rev().filter(|(_, _, points)| !points.is_empty()) {
            let color = *color;
            chart
                .draw_series(LineSeries::new(points.clone(), color.stroke_width(2)).point_size(4))
                .map_err(text_of)?
                .label(*label)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], color.stroke_width(2)));
        }
        legend(&mut chart, SeriesLabelPosition::UpperLeft)
    }))
}

/// A bar with its name: parts stacked from zero.
struct Bar {
    name: String,
    parts: Vec<f64>,
}

fn cpu(scenarios: &[Scenario<'_>], kind: RunKind) -> Option<Drawing> {
    let bars: Vec<Bar> = scenarios
        .iter()
        .filter(|s| s.concurrency == 100 && s.is_closed() && !s.kind.starts_with("peer_"))
        .filter_map(|s| {
            let user = s.median(|row| row.server_cpu_user_us.unwrap_or(f64::NAN))?;
            let system = s.median(|row| row.server_cpu_system_us.unwrap_or(f64::NAN))?;
            Some(Bar { name: s.kind.to_owned(), parts: vec![system, user] })
        })
        .collect();
    let top = bars.iter().map(|bar| bar.parts.iter().sum::<f64>()).reduce(f64::max)?;
    let title = "Server CPU a request, 100 connections";
    let parts = [("kernel", GREY_INK), ("user", BLUE_INK)];
    Some(draw(kind, |area| bar_chart(area, title, "microseconds", &bars, &parts, 0.0..top * 1.35)))
}

fn peers(scenarios: &[Scenario<'_>], kind: RunKind) -> Option<Drawing> {
    let bars: Vec<Bar> = crate::report::peer_ratios(scenarios)
        .into_iter()
        .map(|peer| Bar { name: peer.name.replace("peer_", ""), parts: vec![peer.ratio] })
        .collect();
    let top = bars.iter().map(|bar| bar.parts[0]).reduce(f64::max)?;
    let parts = [("CPU a request, peer ÷ ours", ORANGE_INK)];
    Some(draw(kind, |area| {
        bar_chart(area, "Peer against ours, same machine and run", "times", &bars, &parts, 0.0..top * 1.35)
    }))
}

fn bar_chart(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    title: &str,
    unit: &str,
    bars: &[Bar],
    parts: &[(&'static str, RGBColor)],
    y: std::ops::Range<f64>,
) -> Result<(), String> {
    let names: Vec<String> = bars.iter().map(|bar| bar.name.clone()).collect();
    let mut chart = ChartBuilder::on(area)
        .caption(title, TITLE)
        .margin(14)
        .x_label_area_size(48)
        .y_label_area_size(84)
        .build_cartesian_2d(Slots(names), y)
        .map_err(text_of)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .bold_line_style(GRID)
        .y_desc(unit)
        .y_label_formatter(&|y| short_number(*y))
        .label_style(TEXT)
        .axis_desc_style(TEXT)
        .draw()
        .map_err(text_of)?;
    for (index, (label, color)) in parts.iter().enumerate() {
        let color = *color;
        let boxes = bars.iter().enumerate().map(|(slot, bar)| {
            let bottom: f64 = bar.parts.iter().take(index).sum();
            let x = slot as f64;
            Rectangle::new(
                [(x - 0.3, bottom), (x + 0.3, bottom + bar.parts[index])],
                color.mix(0.85).filled(),
            )
        });
        chart.draw_series(boxes).map_err(text_of)?.label(*label).legend(move |(x, y)| {
            Rectangle::new([(x + 4, y - 6), (x + 18, y + 6)], color.mix(0.85).filled())
        });
    }
    let labels = bars.iter().enumerate().map(|(slot, bar)| {
        let total: f64 = bar.parts.iter().sum();
        let style = TEXT.into_font().color(&BLACK).pos(Pos::new(HPos::Center, VPos::Bottom));
        Text::new(short_number(total), (slot as f64, total), style)
    });
    chart.draw_series(labels).map_err(text_of)?;
    legend(&mut chart, SeriesLabelPosition::UpperRight)
}

fn legend<'a, X: Ranged, Y: Ranged>(
    chart: &mut ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, Y>>,
    position: SeriesLabelPosition,
) -> Result<(), String> {
    chart
        .configure_series_labels()
        .position(position)
        .background_style(WHITE.mix(0.9))
        .border_style(GRID)
        .label_font(TEXT)
        .draw()
        .map_err(text_of)
}

/// A horizontal axis of named slots, each one unit wide.
struct Slots(Vec<String>);

impl Ranged for Slots {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value + 0.5) / self.0.len().max(1) as f64;
        limit.0 + (f64::from(limit.1 - limit.0) * share) as i32
    }

    fn key_points<Hint: plotters::coord::ranged1d::KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        (0..self.0.len()).map(|slot| slot as f64).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        -0.5..self.0.len() as f64 - 0.5
    }
}

impl ValueFormatter<f64> for Slots {
    fn format(value: &f64) -> String {
        value.to_string()
    }

    fn format_ext(&self, value: &f64) -> String {
        self.0.get(value.round().max(0.0) as usize).cloned().unwrap_or_default()
    }
}

/// `48,200` for 48200.
pub fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 && digits != "0" { format!("-{text}") } else { text }
}

/// Three figures or so: `0.034`, `1.88`, `12.5`, `1,220`.
pub fn short_number(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude >= 100.0 {
        thousands(value)
    } else if magnitude >= 10.0 {
        format!("{value:.1}")
    } else if magnitude >= 0.1 || magnitude == 0.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, expected) in [
            (48_200.4, "48,200"),
            (1_000_000.0, "1,000,000"),
            (12.51, "12.5"),
            (1.885, "1.89"),
            (0.0339, "0.034"),
            (0.0, "0.00"),
        ] {
            assert_eq!(short_number(value), expected);
        }
        assert_eq!(thousands(-1234.0), "-1,234");
    }
}
