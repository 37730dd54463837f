//! Rows to and from CSV: appended one by one so that a crash loses nothing, read with errors that name the place.
//!
//! A reader takes any CSV that has the origin's 14 columns; ours may be absent. An empty cell means "not known".
//! [`read_records`] asks for no column at all, so that somebody else's table can be checked as far as it goes.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::row::Row;

/// Largest CSV that is read.
pub const FILE_BYTES_MAX: u64 = 64 << 20;

/// The columns of the origin's CSV, which every file must have to become [`Row`]s.
pub const REQUIRED_COLUMNS: [&str; 14] = [
    "endpoint",
    "duration_secs",
    "concurrency",
    "total_requests",
    "successful_requests",
    "failed_requests",
    "requests_per_second",
    "mean_latency_ms",
    "p50_latency_ms",
    "p95_latency_ms",
    "p99_latency_ms",
    "min_latency_ms",
    "max_latency_ms",
    "timestamp",
];

/// Why rows could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// The file could not be opened, read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is larger than [`FILE_BYTES_MAX`].
    #[error("{}: larger than {FILE_BYTES_MAX} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Not CSV: a line with too many or too few cells, or not UTF-8.
    #[error("{}, line {line}: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, from 1; the header is line 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A column is not in the header.
    #[error("{}, line 1: column `{column}` is missing", path.display())]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// A cell does not hold what its column says.
    #[error("{}, line {line}, column `{column}`: {reason}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// Line, from 1; the header is line 1.
        line: u64,
        /// The column.
        column: String,
        /// What is wrong.
        reason: String,
    },
    /// A header and nothing under it.
    #[error("{}: no rows", path.display())]
    NoRows {
        /// The file.
        path: PathBuf,
    },
    /// No check can run on the columns that are there.
    #[error(
        "{}: nothing to check; at least `concurrency`, `requests_per_second` and `mean_latency_ms` are needed",
        path.display()
    )]
    NothingToCheck {
        /// The file.
        path: PathBuf,
    },
    /// The file to append to was written with other columns.
    #[error("{}: has other columns than the rows to append; move it away first", path.display())]
    OtherColumns {
        /// The file.
        path: PathBuf,
    },
}

/// One data line: its cells by column name, not yet read as numbers.
#[derive(Debug, Clone)]
pub struct Record {
    path: PathBuf,
    line: u64,
    cells: Vec<(String, String)>,
}

impl Record {
    /// Line in the file, from 1; the header is line 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The cell, trimmed; `None` when the column is absent or the cell empty.
    pub fn text(&self, column: &str) -> Option<&str> {
        let (_, cell) = self.cells.iter().find(|(name, _)| name == column)?;
        (!cell.trim().is_empty()).then(|| cell.trim())
    }

    /// The cell as a finite number that is not negative.
    pub fn number(&self, column: &str) -> Result<Option<f64>, CsvError> {
        let Some(cell) = self.text(column) else { return Ok(None) };
        match cell.parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => Ok(Some(value)),
            Ok(_) => Err(self.bad(column, format!("`{}` is not a finite number from 0 up", shorten(cell)))),
            Err(_) => Err(self.bad(column, format!("`{}` is not a number", shorten(cell)))),
        }
    }

    fn count(&self, column: &str) -> Result<Option<u64>, CsvError> {
        match self.number(column)? {
            None => Ok(None),
            // Spreadsheets and pandas write counts as 100.0 when a column also has empty cells.
            Some(value) if value.fract() == 0.0 && value < 9e15 => Ok(Some(value as u64)),
            Some(value) => Err(self.bad(column, format!("`{value}` is not a whole number"))),
        }
    }

    fn flag(&self, column: &str) -> Result<Option<bool>, CsvError> {
        match self.text(column) {
            None => Ok(None),
            Some("true" | "True" | "TRUE" | "1") => Ok(Some(true)),
            Some("false" | "False" | "FALSE" | "0") => Ok(Some(false)),
            Some(cell) => Err(self.bad(column, format!("`{}` is neither true nor false", shorten(cell)))),
        }
    }

    fn required<T>(&self, column: &str, value: Option<T>) -> Result<T, CsvError> {
        value.ok_or_else(|| self.bad(column, "empty".to_owned()))
    }

    fn bad(&self, column: &str, reason: String) -> CsvError {
        CsvError::Cell { path: self.path.clone(), line: self.line, column: column.to_owned(), reason }
    }

    fn row(&self) -> Result<Row, CsvError> {
        let number = |column| self.number(column).and_then(|value| self.required(column, value));
        let count = |column| self.count(column).and_then(|value| self.required(column, value));
        let optional_count = |column| self.count(column).map(Option::unwrap_or_default);
        let successful_requests = count("successful_requests")?;
        // When nothing was answered there is no latency: the cell may be empty, and NaN stands for "not known".
        let latency = |column| match self.number(column)? {
            None if successful_requests > 0 => Err(self.bad(column, "empty".to_owned())),
            value => Ok(value.unwrap_or(f64::NAN)),
        };
        let concurrency = count("concurrency").and_then(|value| {
            u32::try_from(value).map_err(|_| self.bad("concurrency", format!("`{value}` is too many")))
        })?;
        let endpoint = self.required("endpoint", self.text("endpoint"))?.to_owned();
        let requests_per_second = number("requests_per_second")?;
        let mean_latency_ms = latency("mean_latency_ms")?;
        let mode = self.text("mode").unwrap_or("closed").to_owned();
        let ratio = crate::check::littles_law_ratio(concurrency, requests_per_second, mean_latency_ms);
        let littles_law_ratio =
            self.number("littles_law_ratio")?.or((mode == "closed").then_some(ratio).flatten());
        Ok(Row {
            duration_secs: number("duration_secs")?,
            concurrency,
            total_requests: count("total_requests")?,
            successful_requests,
            failed_requests: count("failed_requests")?,
            requests_per_second,
            mean_latency_ms,
            p50_latency_ms: latency("p50_latency_ms")?,
            p95_latency_ms: latency("p95_latency_ms")?,
            p99_latency_ms: latency("p99_latency_ms")?,
            min_latency_ms: latency("min_latency_ms")?,
            max_latency_ms: latency("max_latency_ms")?,
            timestamp: self.required("timestamp", self.text("timestamp"))?.to_owned(),
            scenario: self
                .text("scenario")
                .map_or_else(|| scenario_of(&endpoint, concurrency), str::to_owned),
            workload: self.text("workload").unwrap_or("unknown").to_owned(),
            repeat: self.count("repeat")?.and_then(|value| u32::try_from(value).ok()).unwrap_or(1),
            offered_rps: self.number("offered_rps")?,
            p90_latency_ms: self.number("p90_latency_ms")?.unwrap_or(f64::NAN),
            p999_latency_ms: self.number("p999_latency_ms")?.unwrap_or(f64::NAN),
            errors_connect: optional_count("errors_connect")?,
            errors_timeout: optional_count("errors_timeout")?,
            errors_refused: optional_count("errors_refused")?,
            errors_4xx: optional_count("errors_4xx")?,
            errors_5xx: optional_count("errors_5xx")?,
            wrong_verdicts: optional_count("wrong_verdicts")?,
            client_cpu_share: self.number("client_cpu_share")?.unwrap_or(f64::NAN),
            client_bound: self.flag("client_bound")?.unwrap_or(false),
            server_cpu_user_us: self.number("server_cpu_user_us")?,
            server_cpu_system_us: self.number("server_cpu_system_us")?,
            server_rss_bytes: self.count("server_rss_bytes")?,
            valid: match self.flag("valid")? {
                Some(valid) => valid,
                None => mode != "closed" || ratio.is_some_and(crate::check::littles_law_holds),
            },
            littles_law_ratio,
            mode,
            endpoint,
        })
    }
}

/// `http://host:3000/scan/pipeline` at 100 connections becomes `pipeline_c100`, the name of our own scenario.
fn scenario_of(endpoint: &str, concurrency: u32) -> String {
    let last = endpoint.trim_end_matches('/').rsplit('/').next().unwrap_or(endpoint);
    format!("{last}_c{concurrency}")
}

fn shorten(cell: &str) -> String {
    cell.chars().take(40).collect()
}

/// All data lines of a CSV file, whatever its columns. The file is limited to [`FILE_BYTES_MAX`] bytes.
pub fn read_records(path: &Path) -> Result<Vec<Record>, CsvError> {
    let io = |source| CsvError::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(CsvError::TooLarge { path: path.to_owned() });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| syntax(path, 1, &error))?.clone();
    for (index, name) in header.iter().enumerate() {
        if header.iter().take(index).any(|earlier| earlier.trim() == name.trim()) {
            let reason = format!("column `{}` stands twice", shorten(name));
            return Err(CsvError::Syntax { path: path.to_owned(), line: 1, reason });
        }
    }
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            syntax(path, error.position().map_or(records.len() as u64 + 2, csv::Position::line), &error)
        })?;
        let line = record.position().map_or(records.len() as u64 + 2, csv::Position::line);
        let cells = header
            .iter()
            .zip(&record)
            .map(|(name, cell)| (name.trim().to_owned(), cell.to_owned()))
            .collect();
        records.push(Record { path: path.to_owned(), line, cells });
    }
    if records.is_empty() {
        return Err(CsvError::NoRows { path: path.to_owned() });
    }
    Ok(records)
}

fn syntax(path: &Path, line: u64, error: &csv::Error) -> CsvError {
    let reason = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} cells, but the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8".to_owned(),
        _ => error.to_string(),
    };
    CsvError::Syntax { path: path.to_owned(), line, reason }
}

/// Rows of a CSV file that has at least [`REQUIRED_COLUMNS`].
pub fn read_rows(path: &Path) -> Result<Vec<Row>, CsvError> {
    let records = read_records(path)?;
    if let Some(first) = records.first() {
        for column in REQUIRED_COLUMNS {
            if !first.cells.iter().any(|(name, _)| name == column) {
                return Err(CsvError::MissingColumn { path: path.to_owned(), column: column.to_owned() });
            }
        }
    }
    records.iter().map(Record::row).collect()
}

/// Appends rows to a file; it is on the disk when this returns. A new file gets the header first. A last line
/// without its newline, which only a crash in the middle of a write leaves, is cut off before.
pub fn append_rows(path: &Path, rows: &[Row]) -> Result<(), CsvError> {
    let io = |source| CsvError::Io { path: path.to_owned(), source };
    let text = to_csv(rows);
    let Some(header_end) = text.find('\n') else { return Ok(()) };
    let (header, lines) = text.split_at(header_end + 1);
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
    let mut bytes = Vec::new();
    (&mut file).take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(CsvError::TooLarge { path: path.to_owned() });
    }
    let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    if whole > 0 && !bytes.starts_with(header.as_bytes()) {
        return Err(CsvError::OtherColumns { path: path.to_owned() });
    }
    file.set_len(whole as u64).map_err(io)?;
    file.seek(SeekFrom::End(0)).map_err(io)?;
    let addition = if whole == 0 { text.as_str() } else { lines };
    file.write_all(addition.as_bytes()).map_err(io)?;
    file.sync_data().map_err(io)
}

/// The whole CSV text of some rows, header included; empty for no rows. What is not known is an empty cell.
pub fn to_csv(rows: &[Row]) -> String {
    let mut serialised = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Into memory, and a row has only plain fields: neither can fail.
        let _ = serialised.serialize(row);
    }
    let bytes = serialised.into_inner().unwrap_or_default();
    let mut text = csv::Writer::from_writer(Vec::new());
    for record in
        csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice()).records().flatten()
    {
        let cells = record.iter().map(|cell| if matches!(cell, "NaN" | "inf" | "-inf") { "" } else { cell });
        let _ = text.write_record(cells);
    }
    String::from_utf8(text.into_inner().unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn read(name: &str, text: &str) -> Result<Vec<Row>, String> {
        let path = std::env::temp_dir().join(format!("llm-shield-rows-{}-{name}.csv", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let rows = read_rows(&path).map_err(|error| error.to_string());
        std::fs::remove_file(&path).unwrap();
        rows
    }

    #[test]
    fn rows_come_back_as_they_were_written() {
        let rows = fixture::rows();
        assert_eq!(read("round-trip", &to_csv(&rows)).unwrap(), rows);
    }

    #[test]
    fn appending_row_by_row_equals_writing_at_once_and_a_torn_line_is_cut() {
        let rows = fixture::rows();
        let path = std::env::temp_dir().join(format!("llm-shield-append-{}.csv", std::process::id()));
        let _ = std::fs::remove_file(&path);
        for row in &rows[..2] {
            append_rows(&path, std::slice::from_ref(row)).unwrap();
        }
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"http://localhost,30.0,1").unwrap();
        append_rows(&path, &rows[2..]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), to_csv(&rows));
        std::fs::write(&path, "other,columns\n1,2\n").unwrap();
        assert!(matches!(append_rows(&path, &rows), Err(CsvError::OtherColumns { .. })));
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn the_origins_columns_are_enough() {
        let text = format!(
            "{}\nhttp://localhost:3000/scan/pipeline,30.0,100,300000,300000,0,10000.0,10.0,9.5,12.0,14.0,1.0,20.0,t\n",
            REQUIRED_COLUMNS.join(",")
        );
        let row = read("origin", &text).unwrap().remove(0);
        assert_eq!((row.scenario.as_str(), row.mode.as_str(), row.repeat), ("pipeline_c100", "closed", 1));
        assert_eq!((row.littles_law_ratio, row.valid), (Some(1.0), true));
        assert!(row.p90_latency_ms.is_nan());
    }

    #[test]
    fn errors_name_the_line_and_the_column() {
        let head = REQUIRED_COLUMNS.join(",");
        let good = "http://h/scan,30,100,10,10,0,1,1,1,1,1,1,1,t";
        for (name, text, expected) in [
            (
                "word",
                format!("{head}\n{good}\n{}\n", good.replace(",100,", ",many,")),
                "line 3, column `concurrency`: `many` is not a number",
            ),
            (
                "negative",
                format!("{head}\n{}\n", good.replace(",30,", ",-30,")),
                "line 2, column `duration_secs`: `-30` is not a finite",
            ),
            (
                "nan",
                format!("{head}\n{}\n", good.replace(",30,", ",NaN,")),
                "column `duration_secs`: `NaN` is not a finite",
            ),
            (
                "fraction",
                format!("{head}\n{}\n", good.replace(",100,", ",1.5,")),
                "`1.5` is not a whole number",
            ),
            (
                "empty",
                format!("{head}\n{}\n", good.replace(",100,", ",,")),
                "line 2, column `concurrency`: empty",
            ),
            ("short", format!("{head}\n{good}\n1,2\n"), "line 3: 2 cells, but the header has 14"),
            (
                "missing",
                format!("{}\n", head.replace(",timestamp", "")) + "1,2,3,4,5,6,7,8,9,10,11,12,13\n",
                "column `timestamp` is missing",
            ),
            ("twice", "a,a\n1,2\n".to_owned(), "column `a` stands twice"),
            ("no-rows", format!("{head}\n"), "no rows"),
        ] {
            let error = read(name, &text).unwrap_err();
            assert!(error.contains(expected), "{name}: {error}");
        }
        assert!(matches!(read_rows(Path::new("does/not/exist.csv")), Err(CsvError::Io { .. })));
    }
}
