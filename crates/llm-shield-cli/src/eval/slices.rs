//! The rows of an evaluation by what they say of themselves, and minimal pairs.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::metrics::{Metrics, Scored};
use super::report::Block;
use super::rows::{Facts, Row};
use super::share::Share;

/// A value that fewer rows have stands under `others`: its figures would be chance.
const ROWS_MIN: usize = 10;

/// Code points up to which a text counts as of a length.
const LENGTHS: [(usize, &str); 5] = [
    (60, "1: to 60 characters"),
    (300, "2: 61 to 300"),
    (1000, "3: 301 to 1,000"),
    (3000, "4: 1,001 to 3,000"),
    (usize::MAX, "5: over 3,000"),
];

/// What a row says of itself, if it does.
type Fact<'f> = &'f dyn Fn(&Row) -> Option<String>;

/// Figures by language, channel, length, technique and benign kind, as far as the rows name them.
pub(super) struct Slices {
    parts: Vec<(&'static str, Vec<(String, Metrics)>)>,
    pairs: Option<Pairs>,
}

/// Rows that differ in a few words and have opposite labels.
struct Pairs {
    /// All of a pair on the right side of the threshold.
    both_right: Share,
    /// Each attack of a pair scores higher than each harmless row of it.
    ordered: Share,
}

impl Slices {
    pub(super) fn measure(rows: &[Row], scored: &[Scored], threshold: f64) -> Self {
        let named = |fact: fn(&Facts) -> &Option<String>| move |row: &Row| fact(&row.facts).clone();
        let technique = named(|facts| &facts.technique);
        let attack = |row: &Row| technique(row).filter(|_| row.positive);
        let benign = |row: &Row| technique(row).filter(|_| !row.positive);
        let length = |row: &Row| {
            let characters = row.text.chars().count();
            LENGTHS.iter().find(|(most, _)| characters <= *most).map(|(_, name)| (*name).to_owned())
        };
        let by: [(&'static str, Fact<'_>); 5] = [
            ("By language", &named(|facts| &facts.lang)),
            ("By channel", &named(|facts| &facts.channel)),
            ("By length", &length),
            ("By technique", &attack),
            ("By benign kind", &benign),
        ];
        let parts = by
            .into_iter()
            .map(|(title, value)| (title, slice(rows, scored, threshold, value)))
            .filter(|(_, slices)| !slices.is_empty())
            .collect();
        Self { parts, pairs: Pairs::measure(rows, scored, threshold) }
    }

    pub(super) fn write(&self, out: &mut impl Write) -> Result<()> {
        for (title, slices) in &self.parts {
            writeln!(out, "\n{title}:")?;
            slices.iter().try_for_each(|(name, metrics)| metrics.write(out, name))?;
        }
        if let Some(Pairs { both_right, ordered }) = self.pairs {
            writeln!(out, "\nminimal pairs, both right:          {}", both_right.cell())?;
            writeln!(out, "minimal pairs, attack scores higher: {}", ordered.cell())?;
        }
        Ok(())
    }

    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for (title, slices) in &self.parts {
            blocks.push(Block::Heading(title));
            blocks.push(Metrics::table(slices.iter().map(|(name, metrics)| (name.as_str(), metrics))));
        }
        if let Some(Pairs { both_right, ordered }) = self.pairs {
            blocks.push(Block::Heading("Minimal pairs"));
            blocks.push(Block::Paragraph(format!(
                "Both right: {}. The attack scores higher: {}. Intervals: Wilson.",
                both_right.cell(),
                ordered.cell()
            )));
        }
        blocks
    }

    pub(super) fn json(&self, threshold: f64) -> Map<String, Value> {
        let mut json = Map::new();
        for (title, slices) in &self.parts {
            let slices = slices
                .iter()
                .map(|(name, metrics)| (name.clone(), Value::Object(metrics.json(threshold))))
                .collect();
            json.insert(title.to_lowercase().replace(' ', "_"), Value::Object(slices));
        }
        if let Some(Pairs { both_right, ordered }) = self.pairs {
            let pairs = json!({
                "both_right": both_right.json(), "ordered": ordered.json(), "interval": "95 %, Wilson score interval",
            });
            json.insert("pairs".into(), pairs);
        }
        json
    }
}

/// Figures for each value, those of rare values together; nothing when no row has one.
fn slice(rows: &[Row], scored: &[Scored], threshold: f64, value: Fact<'_>) -> Vec<(String, Metrics)> {
    let mut slices: BTreeMap<String, Vec<Scored>> = BTreeMap::new();
    for (row, scored) in rows.iter().zip(scored) {
        if let Some(value) = value(row) {
            slices.entry(value).or_default().push(*scored);
        }
    }
    let rare =
        slices.extract_if(.., |_, rows| rows.len() < ROWS_MIN).flat_map(|(_, rows)| rows).collect::<Vec<_>>();
    let others = (!rare.is_empty()).then(|| ("others".to_owned(), rare));
    slices.into_iter().chain(others).map(|(name, rows)| (name, Metrics::measure(&rows, threshold))).collect()
}

impl Pairs {
    fn measure(rows: &[Row], scored: &[Scored], threshold: f64) -> Option<Self> {
        let mut pairs: BTreeMap<&str, Vec<Scored>> = BTreeMap::new();
        for (row, scored) in rows.iter().zip(scored) {
            if let Some(pair) = &row.facts.pair {
                pairs.entry(pair).or_default().push(*scored);
            }
        }
        // A twin may stand in a file that is not measured.
        pairs.retain(|_, rows| rows.iter().any(|row| row.positive) && rows.iter().any(|row| !row.positive));
        if pairs.is_empty() {
            return None;
        }
        let right = |row: &Scored| (row.score > threshold) == row.positive;
        let of_label = |rows: &[Scored], positive: bool| -> Vec<f64> {
            rows.iter().filter(|row| row.positive == positive).map(|row| row.score).collect()
        };
        let in_order = |rows: &Vec<Scored>| {
            let lowest = of_label(rows, true).into_iter().fold(f64::INFINITY, f64::min);
            of_label(rows, false).into_iter().all(|score| score < lowest)
        };
        Some(Self {
            both_right: Share::over(pairs.values().map(|rows| rows.iter().all(right))),
            ordered: Share::over(pairs.values().map(in_order)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(positive: bool, lang: &str, pair: Option<&str>) -> Row {
        Row {
            text: "some text".into(),
            positive,
            source: "all".into(),
            place: 0..9,
            facts: Facts { lang: Some(lang.into()), pair: pair.map(str::to_owned), ..Facts::default() },
        }
    }

    #[test]
    fn a_pair_is_right_when_all_of_it_is_and_a_single_twin_is_no_pair() {
        let rows = [
            (true, Some("p1"), 0.9),
            (false, Some("p1"), 0.1), // right
            (true, Some("p2"), 0.9),
            (false, Some("p2"), 0.6), // in order only
            (true, Some("p3"), 0.9),
            (true, Some("p3"), 0.3),
            (false, Some("p3"), 0.3), // a tie is no order
            (true, Some("p4"), 0.9),
            (false, None, 0.0),
        ];
        let scored = rows.map(|(positive, _, score)| Scored { positive, score });
        let rows = rows.map(|(positive, pair, _)| row(positive, "en", pair));
        let json = Slices::measure(&rows, &scored, 0.5).json(0.5);
        assert_eq!(json["pairs"]["both_right"]["found"], 1);
        assert_eq!(json["pairs"]["ordered"]["found"], 2);
        assert_eq!(json["pairs"]["both_right"]["of"], 3);
    }

    #[test]
    fn rare_values_stand_together_and_facts_that_no_row_has_are_absent() {
        let rows: Vec<Row> =
            (0..14_usize).map(|n| row(n % 2 == 0, ["en", "sv", "fi"][n.saturating_sub(11)], None)).collect();
        let scored: Vec<Scored> =
            rows.iter().map(|row| Scored { positive: row.positive, score: 0.5 }).collect();
        let json = Slices::measure(&rows, &scored, 0.5).json(0.5);
        assert_eq!(json["by_language"]["en"]["n"], 12);
        assert_eq!(json["by_language"]["others"]["n"], 2);
        assert_eq!(json.keys().collect::<Vec<_>>(), ["by_language", "by_length"]);
    }
}
