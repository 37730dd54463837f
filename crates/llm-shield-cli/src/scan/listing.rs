//! How findings are written: text for people, JSON lines, SARIF.

use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use serde_json::{Map, Value, json};

use super::found::Found;
use super::sarif::Sarif;
use super::sources::Place;

/// Format of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// path:line:column: rule, and the masked secret
    #[default]
    Text,
    /// One JSON object a finding and line
    Jsonl,
    /// One SARIF 2.1.0 document, as code scanning services read it
    Sarif,
}

/// Writes findings as they come.
pub(super) struct Listing<'w> {
    out: Box<dyn Write + 'w>,
    form: Form,
}

enum Form {
    Text,
    Jsonl,
    Sarif(Sarif),
}

impl<'w> Listing<'w> {
    pub(super) fn begin(format: Format, mut out: Box<dyn Write + 'w>) -> io::Result<Self> {
        let form = match format {
            Format::Text => Form::Text,
            Format::Jsonl => Form::Jsonl,
            Format::Sarif => Form::Sarif(Sarif::begin(&mut out)?),
        };
        Ok(Self { out, form })
    }

    pub(super) fn finding(&mut self, place: &Place, found: &Found, fingerprint: &str) -> io::Result<()> {
        match &mut self.form {
            Form::Text => text(&mut self.out, place, found),
            Form::Jsonl => writeln!(self.out, "{}", json_object(place, found, fingerprint)),
            Form::Sarif(sarif) => sarif.result(&mut self.out, place, found, fingerprint),
        }
    }

    /// Ends the document; `failures` are what could not be scanned.
    pub(super) fn end(mut self, failures: &[String], exit_code: u8) -> io::Result<()> {
        if let Form::Sarif(sarif) = self.form {
            sarif.end(&mut self.out, failures, exit_code)?;
        }
        self.out.flush()
    }

    /// Shows what was written so far.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn text(out: &mut impl Write, place: &Place, found: &Found) -> io::Result<()> {
    let Found { start, rule, span, score, .. } = found;
    write!(out, "{}:{}:{}: {rule}", printable(&place.path), start.line, start.column)?;
    if let Some(shown) = &found.shown {
        write!(out, " {}", shown.escape_debug())?;
    }
    write!(out, " (score {score:.2}, {} bytes", span.len())?;
    if let Some(checked) = found.checked {
        write!(out, ", checked {checked}")?;
    }
    out.write_all(b")")?;
    if let Some(commit) = &place.commit {
        write!(out, " in commit {} of {}", commit.id.get(..12).unwrap_or(&commit.id), commit.date)?;
    }
    out.write_all(b"\n")
}

fn json_object(place: &Place, found: &Found, fingerprint: &str) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("path", place.path.to_string_lossy().into());
    if let Some(commit) = &place.commit {
        put("commit", commit.id.as_str().into());
        put("date", commit.date.as_str().into());
    }
    put("line", found.start.line.into());
    put("column", found.start.column.into());
    put("end_line", found.end.line.into());
    put("end_column", found.end.column.into());
    put("span", json!({ "start": found.span.start, "end": found.span.end }));
    put("scanner", found.scanner.into());
    put("rule", found.rule.as_ref().into());
    put("category", found.category.as_str().into());
    // As a decimal: 0.9f32 is 0.8999999761581421 as a double.
    put("score", decimal(found.score));
    put("owasp", json!(found.owasp));
    if let Some(checked) = found.checked {
        put("checked", checked.into());
    }
    if let Some(shown) = &found.shown {
        put("secret", shown.as_str().into());
    }
    put("fingerprint", fingerprint.into());
    Value::Object(object)
}

/// The shortest decimal of a score, as a JSON number.
pub(super) fn decimal(score: f32) -> Value {
    score.to_string().parse::<f64>().map_or(Value::Null, Value::from)
}

/// A path for a terminal: control characters, which could forge lines or colours, are escaped.
pub(super) fn printable(path: &Path) -> String {
    let mut out = String::new();
    for character in path.to_string_lossy().chars() {
        if character.is_control() {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_forge_a_line() {
        assert_eq!(printable(Path::new("a\nb\u{1b}[31m/ü")), "a\\nb\\u{1b}[31m/ü");
    }

    #[test]
    fn scores_are_written_as_they_were_meant() {
        assert_eq!(decimal(0.9).to_string(), "0.9");
        assert_eq!(decimal(1.0).to_string(), "1.0");
    }
}
