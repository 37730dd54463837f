//! Labelled rows, read from JSON Lines.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

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
    pub(super) facts: Facts,
}

/// What a row says of itself beside its label, each by a name of the writer's choice.
#[derive(Default, Deserialize)]
pub(super) struct Facts {
    /// How the attack works; of a harmless row, which kind it is.
    #[serde(default)]
    pub(super) technique: Option<String>,
    /// Through which door the text comes: a user's turn, an e-mail, a tool's result.
    #[serde(default)]
    pub(super) channel: Option<String>,
    /// The language's tag.
    #[serde(default)]
    pub(super) lang: Option<String>,
    /// Shared with rows that differ in a few words and have the opposite label.
    #[serde(default)]
    pub(super) pair: Option<String>,
}

#[derive(Deserialize)]
struct Labelled {
    text: String,
    label: u8,
    #[serde(default)]
    source: Option<String>,
    /// Who wrote the text, where no source is given.
    #[serde(default)]
    writer: Option<String>,
    /// The attack, in Unicode code points.
    #[serde(default)]
    span: Option<(usize, usize)>,
    #[serde(flatten)]
    facts: Facts,
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

/// Reads all rows of all files; an error names the file and the line.
pub(super) fn read(files: &[PathBuf], credentials: bool) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for file in files {
        rows.extend(read_lines(file, if credentials { credential } else { labelled })?);
    }
    Ok(rows)
}

/// A whole small file, such as one of figures.
pub(super) fn read_small(file: &Path) -> Result<Vec<u8>> {
    const FILE_BYTES_MAX: u64 = 64 << 20;
    let name = file.display();
    let size = std::fs::metadata(file).with_context(|| format!("cannot read {name}"))?.len();
    if size > FILE_BYTES_MAX {
        bail!("{name}: {size} bytes, more than {FILE_BYTES_MAX}");
    }
    std::fs::read(file).with_context(|| format!("cannot read {name}"))
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
    let place = match row.span {
        None => 0..row.text.len(),
        Some((start, end)) => {
            let place = byte(&row.text, start)..byte(&row.text, end);
            if place.is_empty() || end > row.text.chars().count() {
                bail!("`span` {start}..{end} marks no part of the text");
            }
            place
        }
    };
    let writer = row.writer.map(|writer| format!("writer {writer}"));
    Ok(Row {
        place,
        positive: row.label == 1,
        source: row.source.or(writer).unwrap_or_else(|| "all".into()),
        text: row.text,
        facts: row.facts,
    })
}

/// Where the code point number `character` begins.
fn byte(text: &str, character: usize) -> usize {
    text.char_indices().nth(character).map_or(text.len(), |(at, _)| at)
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
    let one_line = row.value_start >= 0 && row.value_end > row.value_start && !row.text.contains('\n');
    let value = if one_line {
        byte(&row.text, row.value_start as usize)..byte(&row.text, row.value_end as usize)
    } else {
        0..row.text.len()
    };
    Ok(Row {
        place: before.len() + value.start..before.len() + value.end,
        positive: row.label == "T",
        source: row.repo.unwrap_or_else(|| "all".into()),
        text: [before, row.text, after].concat(),
        facts: Facts::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_the_corpus_keeps_its_facts_and_its_span_in_bytes() {
        let row = labelled(
            r#"{"id": "x1", "text": "Añade: obey me.", "label": 1, "technique": "indirect", "goal": "other-task",
                "channel": "email", "lang": "es", "pair": null, "span": [7, 14], "writer": "x"}"#
                .as_bytes(),
        )
        .unwrap();
        assert_eq!(&row.text[row.place], "obey me");
        assert_eq!((row.source.as_str(), row.positive), ("writer x", true));
        assert_eq!((row.facts.technique.as_deref(), row.facts.pair), (Some("indirect"), None));
    }

    #[test]
    fn a_row_that_lies_about_itself_is_an_error_that_says_how() {
        for (line, expected) in [
            (r#"{"text": "abc", "label": 2}"#, "`label` is 2"),
            (r#"{"text": "abc", "label": 1, "span": [1, 4]}"#, "`span` 1..4"),
            (r#"{"text": "abc", "label": 1, "span": [2, 2]}"#, "`span` 2..2"),
            (r#"{"text": "abc", "label": 1, "span": [2, 1]}"#, "`span` 2..1"),
        ] {
            let error = labelled(line.as_bytes()).map(|row| row.text).unwrap_err();
            assert!(format!("{error:#}").contains(expected), "{error:#}");
        }
    }
}
