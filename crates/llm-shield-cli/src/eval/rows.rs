//! Labelled rows, read from JSON Lines.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The most bytes of one row; a limit on everything.
const ROW_BYTES_MAX: usize = 16 << 20;

/// A text and what it is.
pub(super) struct Row {
    pub(super) text: String,
    pub(super) positive: bool,
    pub(super) source: String,
    /// Where in `text` a finding must stand to count, bytes; the whole text without it.
    pub(super) place: std::ops::Range<usize>,
}

#[derive(Deserialize)]
struct Labelled {
    text: String,
    label: u8,
    #[serde(default)]
    source: Option<String>,
}

#[derive(Deserialize)]
struct Credential {
    text: String,
    label: String,
    #[serde(default)]
    repo: Option<String>,
    #[serde(default = "unknown")]
    value_start: i64,
    #[serde(default = "unknown")]
    value_end: i64,
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    after: Vec<String>,
}

const fn unknown() -> i64 {
    -1
}

/// Reads all rows; an error names the file and the line.
pub(super) fn read(file: &Path, credentials: bool) -> Result<Vec<Row>> {
    read_lines(file, if credentials { credential } else { labelled })
}

/// Reads a file of JSON Lines, plain or gzip, line by line; an error names the file and the line.
pub(super) fn read_lines<R>(file: &Path, parse: impl Fn(&[u8]) -> Result<R>) -> Result<Vec<R>> {
    let name = file.display();
    let opened = File::open(file).with_context(|| format!("cannot read {name}"))?;
    let mut reader = BufReader::new(opened);
    let gzip = reader.fill_buf().with_context(|| format!("cannot read {name}"))?.starts_with(&[0x1f, 0x8b]);
    let mut reader: Box<dyn BufRead> = if gzip {
        Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(reader)))
    } else {
        Box::new(reader)
    };
    let mut rows = Vec::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = reader.by_ref().take(ROW_BYTES_MAX as u64 + 1).read_until(b'\n', &mut line);
        if read.with_context(|| format!("{name}, line {number}"))? == 0 {
            break;
        }
        if line.len() > ROW_BYTES_MAX {
            bail!("{name}, line {number}: longer than {ROW_BYTES_MAX} bytes");
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        rows.push(parse(&line).with_context(|| format!("{name}, line {number}"))?);
    }
    if rows.is_empty() {
        bail!("{name} holds no rows");
    }
    Ok(rows)
}

fn labelled(line: &[u8]) -> Result<Row> {
    let row: Labelled = serde_json::from_slice(line)?;
    if row.label > 1 {
        bail!("`label` is {}, not 0 or 1", row.label);
    }
    let place = 0..row.text.len();
    Ok(Row {
        place,
        positive: row.label == 1,
        source: row.source.unwrap_or_else(|| "all".into()),
        text: row.text,
    })
}

/// A line of code with its neighbours, as a scanner meets it in a file. `value_start` and `value_end` count
/// characters of a one-line `text`; -1 stands for all of it.
fn credential(line: &[u8]) -> Result<Row> {
    let row: Credential = serde_json::from_slice(line)?;
    if !matches!(row.label.as_str(), "T" | "F" | "X") {
        bail!("`label` is {:?}, not T, F or X", row.label);
    }
    let before: String = row.before.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    let after: String = row.after.iter().flat_map(|line| ["\n", line.as_str()]).collect();
    let byte =
        |character: i64| row.text.char_indices().nth(character as usize).map_or(row.text.len(), |(at, _)| at);
    let one_line = row.value_start >= 0 && row.value_end > row.value_start && !row.text.contains('\n');
    let value = if one_line { byte(row.value_start)..byte(row.value_end) } else { 0..row.text.len() };
    Ok(Row {
        place: before.len() + value.start..before.len() + value.end,
        positive: row.label == "T",
        source: row.repo.unwrap_or_else(|| "all".into()),
        text: [before, row.text, after].concat(),
    })
}
