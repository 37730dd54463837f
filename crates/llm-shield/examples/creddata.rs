//! Precision, recall and F1 of the Secrets scanner on labelled lines (JSON, one a line, on standard input).
//!
//! `zcat creddata_dev.jsonl.gz | cargo run --release -p llm-shield --example creddata [even|odd] [misses]`
//!
//! Each row's `text` is scanned alone. A row counts as found when a finding overlaps its value (`value_start` to
//! `value_end`, characters of `text`; the whole text when they are -1). Label `T` is positive, all others negative.
//! `even` and `odd` take every other repository in alphabetical order: one half to look at, one to report.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};

use llm_shield::{RedactMode, Scanner, Secrets, Text};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    repo: String,
    text: String,
    value_start: i64,
    value_end: i64,
    label: String,
    category: String,
}

#[expect(clippy::print_stdout, reason = "a program that prints its result")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rows = io::stdin()
        .lock()
        .lines()
        .map(|line| Ok(serde_json::from_str::<Row>(&line?)?))
        .collect::<Result<Vec<Row>, Box<dyn std::error::Error>>>()?;
    let repositories: BTreeSet<&str> = rows.iter().map(|row| row.repo.as_str()).collect();
    let half = |row: &Row| {
        repositories.iter().position(|repo| *repo == row.repo).is_some_and(|at| {
            match arguments.first().map(String::as_str) {
                Some("even") => at % 2 == 0,
                Some("odd") => at % 2 == 1,
                _ => true,
            }
        })
    };
    let secrets = Secrets::new(RedactMode::All)?;
    let mut counts: BTreeMap<&str, [u32; 4]> = BTreeMap::new();
    let mut total = [0u32; 4];
    for row in rows.iter().filter(|row| half(row)) {
        let byte = |at: i64| {
            row.text
                .char_indices()
                .nth(usize::try_from(at).unwrap_or(0))
                .map_or(row.text.len(), |(byte, _)| byte)
        };
        let (start, end) = if row.value_start < 0 {
            (0, row.text.len())
        } else {
            (byte(row.value_start), byte(row.value_end))
        };
        let outcome = secrets.scan(&Text::new(row.text.as_str()))?;
        let hit =
            outcome.findings.iter().find(|finding| finding.span.start < end && start < finding.span.end);
        let cell = match (hit.is_some(), row.label == "T") {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        total[cell] += 1;
        counts.entry(&row.category).or_default()[cell] += 1;
        if arguments.get(1).is_some() && (cell == 1 || cell == 2) {
            let kind = if cell == 1 { "FALSE" } else { "MISS" };
            let rule = hit.map_or("", |finding| &finding.rule);
            let shown: String = row.text.trim().chars().take(160).collect();
            println!(
                "{kind}\t{}\t{}\t{rule}\t{:?}\t{shown:?}",
                row.category,
                row.label,
                &row.text[start..end.min(start + 60).max(start)].trim()
            );
        }
    }
    let [tp, fp, missed, tn] = total.map(f64::from);
    let (precision, recall) = (tp / (tp + fp), tp / (tp + missed));
    let mut order: Vec<_> = counts.iter().collect();
    order.sort_by_key(|(_, cells)| std::cmp::Reverse(cells[1] + cells[2]));
    for (category, cells) in order.iter().take(20) {
        println!("{category:32} found {:5} false {:5} missed {:5}", cells[0], cells[1], cells[2]);
    }
    println!(
        "n {} precision {precision:.3} recall {recall:.3} f1 {:.3} ({tp} {fp} {missed} {tn})",
        tp + fp + missed + tn,
        2.0 * precision * recall / (precision + recall)
    );
    Ok(())
}
