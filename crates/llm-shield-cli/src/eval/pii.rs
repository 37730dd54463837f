//! `llm-shield eval --task pii`: the personal-data recognisers on rows with marked values.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Result, ensure};
use llm_shield::pii::{self, Analyzer, AnalyzerParams, Entity};
use llm_shield::{Span, Threshold};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rows;
use super::share::Share;

/// A text with the values that must be found in it, and no others.
#[derive(Deserialize)]
struct Row {
    text: String,
    entities: Vec<Marked>,
}

/// A marked value; offsets in bytes.
#[derive(Deserialize)]
struct Marked {
    kind: String,
    start: usize,
    end: usize,
}

/// Counts of values found, missed and reported falsely.
#[derive(Default, Clone, Copy, Serialize)]
struct Counts {
    found: usize,
    missed: usize,
    false_findings: usize,
}

impl Counts {
    fn recall(self) -> Share {
        Share::part(self.found, self.found + self.missed)
    }

    fn precision(self) -> Share {
        Share::part(self.found, self.found + self.false_findings)
    }
}

/// Kinds that describe a format rather than a person, or repeat another kind with less care: left out unless the
/// rows mark them.
const DESCRIPTIVE: &[&str] = &[
    "CREDIT_CARD_RE",
    "EMAIL_ADDRESS_RE",
    "US_SSN_RE",
    "BTC_ADDRESS",
    "URL_RE",
    "UUID",
    "PHONE_NUMBER_ZH",
    "PHONE_NUMBER_WITH_EXT",
    "DATE_RE",
    "DATE_TIME",
    "TIME_RE",
    "HEX_COLOR",
    "PRICE_RE",
    "PO_BOX_RE",
];

/// Measures the analyzer at a threshold on a file of rows and prints the figures.
pub(super) fn run(file: &Path, threshold: Threshold, as_json: bool) -> Result<()> {
    let kinds = pii::every_name().filter(|name| !DESCRIPTIVE.contains(name)).map(str::to_owned).collect();
    let params = AnalyzerParams { entity_types: Some(kinds), threshold, ..AnalyzerParams::default() };
    let analyzer = Analyzer::new(&params, None)?;
    let mut by_kind: BTreeMap<String, Counts> = BTreeMap::new();
    let mut errors = Vec::new();
    for row in rows::read_lines(file, parse)? {
        judge(&row, resolve(analyzer.analyze(&row.text)), &mut by_kind, &mut errors);
    }
    let all = by_kind.values().fold(Counts::default(), |all, kind| Counts {
        found: all.found + kind.found,
        missed: all.missed + kind.missed,
        false_findings: all.false_findings + kind.false_findings,
    });
    let mut out = std::io::stdout().lock();
    if as_json {
        let figures = |counts: &Counts| json!({"recall": counts.recall().json(), "precision": counts.precision().json(), "counts": counts});
        let kinds: BTreeMap<&String, _> =
            by_kind.iter().map(|(kind, counts)| (kind, figures(counts))).collect();
        let json =
            json!({"threshold": threshold.value(), "all": figures(&all), "by_kind": kinds, "errors": errors});
        writeln!(out, "{json:#}")?;
        return Ok(());
    }
    writeln!(
        out,
        "threshold {}; intervals: 95 %, Wilson; a value counts when its exact span is found",
        threshold.value()
    )?;
    writeln!(out, "{:<32} {:>24} {:>24}", "kind", "recall", "precision")?;
    for (kind, counts) in std::iter::once((&"all kinds".to_owned(), &all)).chain(&by_kind) {
        writeln!(out, "{kind:<32} {:>24} {:>24}", counts.recall().short(), counts.precision().short())?;
    }
    Ok(())
}

fn parse(line: &[u8]) -> Result<Row> {
    let row: Row = serde_json::from_slice(line)?;
    for marked in &row.entities {
        let value = row.text.get(marked.start..marked.end);
        ensure!(value.is_some_and(|value| !value.is_empty()), "no text at {}..{}", marked.start, marked.end);
    }
    Ok(row)
}

/// One entity for each place: the surest, then the longest, then the first.
fn resolve(mut entities: Vec<Entity>) -> Vec<Entity> {
    entities
        .sort_by(|one, other| other.score.total_cmp(&one.score).then(other.span.len().cmp(&one.span.len())));
    let mut kept: Vec<Entity> = Vec::new();
    for entity in entities {
        if kept.iter().all(|other| entity.span.end <= other.span.start || other.span.end <= entity.span.start)
        {
            kept.push(entity);
        }
    }
    kept
}

fn judge(
    row: &Row,
    found: Vec<Entity>,
    by_kind: &mut BTreeMap<String, Counts>,
    errors: &mut Vec<serde_json::Value>,
) {
    let mut open: Vec<&Marked> = row.entities.iter().collect();
    for entity in found {
        let right = open.iter().position(|marked| {
            entity.span == Span::new(marked.start, marked.end) && family(&marked.kind) == family(&entity.kind)
        });
        if let Some(place) = right {
            by_kind.entry(open.remove(place).kind.clone()).or_default().found += 1;
        } else {
            errors.push(json!({"false": entity.kind, "value": &row.text[entity.span.range()], "score": entity.score, "text": row.text}));
            by_kind.entry(entity.kind.into_owned()).or_default().false_findings += 1;
        }
    }
    for marked in open {
        errors.push(
            json!({"missed": marked.kind, "value": &row.text[marked.start..marked.end], "text": row.text}),
        );
        by_kind.entry(marked.kind.clone()).or_default().missed += 1;
    }
}

/// Kinds that name the same document of different countries count as one: `passport 912803456` does not say whose.
fn family(kind: &str) -> &str {
    const FAMILIES: &[(&str, &[&str])] = &[
        ("PASSPORT", &["PASSPORT"]),
        ("LICENSE_PLATE", &["LICENSE_PLATE", "VEHICLE_REGISTRATION", "DE_KFZ"]),
        ("DRIVER_LICENSE", &["DRIVER_LICENSE", "DRIVING_LICENCE", "FUEHRERSCHEIN"]),
        ("BANK_NUMBER", &["BANK_NUMBER", "BANK_ACCOUNT_NUMBER"]),
        ("PERSONAL_CODE", &["EE_ISIKUKOOD", "LT_ASMENS_KODAS"]),
    ];
    FAMILIES
        .iter()
        .find(|(_, parts)| parts.iter().any(|part| kind.contains(part)))
        .map_or(kind, |(name, _)| name)
}
