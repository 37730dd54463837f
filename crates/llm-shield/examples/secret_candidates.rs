//! The candidates of the generic-secret judge with their features, as tab-separated lines for its training.
//!
//! `cargo run --release -p llm-shield --example secret_candidates < rows.jsonl > candidates.tsv`
//!
//! A row is the JSON of one text: `text`, and optionally `before` and `after` (its neighbouring lines) and
//! `value_start`, `value_end` (the characters of `text` that are labelled; all of it without them). The first line
//! of the output names the columns: the row's number (from 0), whether a provider's rule stands on the labelled
//! place, then a candidate's span in bytes and its features. Candidates elsewhere are left out; a row without any
//! has one line whose span is empty.

use std::io::{self, BufRead, Write};

use llm_shield::{RedactMode, Scanner, SecretCandidate, Secrets, Span, Text};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    text: String,
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    after: Vec<String>,
    #[serde(default = "unknown")]
    value_start: i64,
    #[serde(default = "unknown")]
    value_end: i64,
}

const fn unknown() -> i64 {
    -1
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secrets = Secrets::new(RedactMode::All)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "row\trule\tstart\tend\t{}", SecretCandidate::feature_names().join("\t"))?;
    for (number, line) in io::stdin().lock().lines().enumerate() {
        let row: Row = serde_json::from_str(&line?).map_err(|error| format!("row {number}: {error}"))?;
        let (text, place) = row.place();
        let stands = |span: Span| span.start < place.end && place.start < span.end;
        let outcome = secrets.scan(&Text::new(text.as_str()))?;
        let rule =
            outcome.findings.iter().any(|finding| finding.rule != "generic-secret" && stands(finding.span));
        let candidates = SecretCandidate::all(&text)?;
        let mut any = false;
        for candidate in candidates.iter().filter(|candidate| stands(candidate.span)) {
            any = true;
            write!(out, "{number}\t{}\t{}\t{}", u8::from(rule), candidate.span.start, candidate.span.end)?;
            for feature in &candidate.features {
                write!(out, "\t{feature}")?;
            }
            writeln!(out)?;
        }
        if !any {
            writeln!(out, "{number}\t{}\t0\t0", u8::from(rule))?;
        }
    }
    Ok(out.flush()?)
}

impl Row {
    /// The text with its neighbouring lines, and the bytes of it that are labelled.
    fn place(&self) -> (String, Span) {
        let before: String = self.before.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        let after: String = self.after.iter().flat_map(|line| ["\n", line.as_str()]).collect();
        let byte = |character: i64| {
            let character = usize::try_from(character).unwrap_or(0);
            self.text.char_indices().nth(character).map_or(self.text.len(), |(at, _)| at)
        };
        let known = self.value_start >= 0 && self.value_end > self.value_start && !self.text.contains('\n');
        let (start, end) =
            if known { (byte(self.value_start), byte(self.value_end)) } else { (0, self.text.len()) };
        let place = Span::new(before.len() + start, before.len() + end);
        ([before.as_str(), self.text.as_str(), after.as_str()].concat(), place)
    }
}
