//! The rows of an evaluation by what they say of themselves, and minimal pairs.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::forest;
use super::metrics::{Metrics, Scored};
use super::report::Block;
use super::rows::{Facts, Row};
use super::sample::Sample;
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

/// What the rows of a part are ranked against.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ranked {
    /// One another.
    AmongThemselves,
    /// They are attacks, and ranked against all harmless rows.
    AgainstHarmless,
    /// They are harmless, and ranked against all attacks.
    AgainstAttacks,
}

/// Figures by one fact.
pub(super) struct Part {
    pub(super) title: &'static str,
    pub(super) ranked: Ranked,
    pub(super) slices: Vec<(String, Metrics)>,
}

/// Figures by language, channel, length, technique and benign kind, as far as the rows name them.
pub(super) struct Slices {
    pub(super) parts: Vec<Part>,
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
    pub(super) fn measure(sample: &Sample<'_>) -> Self {
        let named = |fact: fn(&Facts) -> &Option<String>| move |row: &Row| fact(&row.facts).clone();
        let technique = named(|facts| &facts.technique);
        let attack = |row: &Row| technique(row).filter(|_| row.positive);
        let benign = |row: &Row| technique(row).filter(|_| !row.positive);
        let length = |row: &Row| {
            let characters = row.text.chars().count();
            LENGTHS.iter().find(|(most, _)| characters <= *most).map(|(_, name)| (*name).to_owned())
        };
        let by: [(&'static str, Fact<'_>, Ranked); 5] = [
            ("By language", &named(|facts| &facts.lang), Ranked::AmongThemselves),
            ("By channel", &named(|facts| &facts.channel), Ranked::AmongThemselves),
            ("By length", &length, Ranked::AmongThemselves),
            ("By technique", &attack, Ranked::AgainstHarmless),
            ("By benign kind", &benign, Ranked::AgainstAttacks),
        ];
        let parts = by
            .into_iter()
            .map(|(title, value, ranked)| Part { title, ranked, slices: slice(sample, value, ranked) })
            .filter(|part| !part.slices.is_empty())
            .collect();
        Self { parts, pairs: Pairs::measure(sample) }
    }

    pub(super) fn write(&self, out: &mut impl Write) -> Result<()> {
        for Part { title, slices, .. } in &self.parts {
            writeln!(out, "\n{title}:")?;
            slices.iter().try_for_each(|(name, metrics)| metrics.write(out, name))?;
        }
        if let Some(Pairs { both_right, ordered }) = self.pairs {
            writeln!(out, "\nminimal pairs, both right:          {}", both_right.cell())?;
            writeln!(out, "minimal pairs, attack scores higher: {}", ordered.cell())?;
        }
        Ok(())
    }

    /// `overall` is of all rows.
    pub(super) fn blocks(&self, overall: &Metrics) -> Vec<Block> {
        let mut blocks = Vec::new();
        for part in &self.parts {
            blocks.push(Block::Heading(part.title.to_owned()));
            let note = match part.ranked {
                Ranked::AmongThemselves => None,
                Ranked::AgainstHarmless => Some(
                    "Attacks alone; AUC and recall at a rate of false alarms are against all harmless rows.",
                ),
                Ranked::AgainstAttacks => Some(
                    "Harmless rows alone; AUC and recall at a rate of false alarms are those of all attacks against them.",
                ),
            };
            blocks.extend(note.map(|note| Block::Paragraph(note.to_owned())));
            blocks.push(Block::Chart(forest::of_slices(part, overall)));
            blocks.push(Metrics::table(part.slices.iter().map(|(name, metrics)| (name.as_str(), metrics))));
        }
        if let Some(Pairs { both_right, ordered }) = self.pairs {
            blocks.push(Block::Heading("Minimal pairs".into()));
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
        for Part { title, slices, .. } in &self.parts {
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
fn slice(sample: &Sample<'_>, value: Fact<'_>, ranked: Ranked) -> Vec<(String, Metrics)> {
    let mut slices: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, row) in sample.rows.iter().enumerate() {
        if let Some(value) = value(row) {
            slices.entry(value).or_default().push(place);
        }
    }
    let rare =
        slices.extract_if(.., |_, rows| rows.len() < ROWS_MIN).flat_map(|(_, rows)| rows).collect::<Vec<_>>();
    let others = (!rare.is_empty()).then(|| ("others".to_owned(), rare));
    let measure = |places: &[usize]| match ranked {
        Ranked::AmongThemselves => sample.measure(places),
        Ranked::AgainstHarmless => sample.measure_against_others(places, true),
        Ranked::AgainstAttacks => sample.measure_against_others(places, false),
    };
    slices.into_iter().chain(others).map(|(name, places)| (name, measure(&places))).collect()
}

impl Pairs {
    fn measure(sample: &Sample<'_>) -> Option<Self> {
        let threshold = sample.threshold();
        let mut pairs: BTreeMap<&str, Vec<Scored>> = BTreeMap::new();
        for (row, scored) in sample.rows.iter().zip(sample.scored) {
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
        let json = Slices::measure(&Sample::new(&rows, &scored, 0.5)).json(0.5);
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
        let json = Slices::measure(&Sample::new(&rows, &scored, 0.5)).json(0.5);
        assert_eq!(json["by_language"]["en"]["n"], 12);
        assert_eq!(json["by_language"]["others"]["n"], 2);
        assert_eq!(json.keys().collect::<Vec<_>>(), ["by_language", "by_length"]);
    }
}
