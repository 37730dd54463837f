//! Log lines on standard error, as JSON or as text, by a thread of their own.
//!
//! A line holds names, numbers and ids only: its fields are of types that scanned text cannot get into. A reader that
//! is slow costs lines, never a request's time; lines that were lost are counted in the next one.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// Lines that wait for the writer at most.
const LINES_MAX: usize = 4096;

/// From which weight on lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Every request.
    Debug,
    /// What an operator wants to know: start, stop, a new policy.
    Info,
    /// Requests that were refused by their own fault.
    Warning,
    /// Requests that the server failed.
    Error,
    /// Nothing at all.
    Off,
}

impl std::str::FromStr for LogLevel {
    type Err = UnknownLogLevel;

    /// Python's names of levels, in any case.
    fn from_str(name: &str) -> Result<Self, UnknownLogLevel> {
        match name.to_ascii_lowercase().as_str() {
            "debug" | "notset" => Ok(Self::Debug),
            "info" => Ok(Self::Info),
            "warning" | "warn" => Ok(Self::Warning),
            "error" | "critical" => Ok(Self::Error),
            "off" => Ok(Self::Off),
            _ => Err(UnknownLogLevel(name.to_owned())),
        }
    }
}

/// A word that is no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no log level; there are debug, info, warning, error, critical and off")]
pub struct UnknownLogLevel(pub String);

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// One JSON object a line, with structlog's keys `event`, `level` and `timestamp`.
    Json,
    /// `timestamp level event key=value …`.
    #[default]
    Text,
}

/// What is logged, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogConfig {
    /// From which weight on.
    pub level: LogLevel,
    /// In which form.
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: LogLevel::Off, format: LogFormat::Text }
    }
}

/// A value in a line.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
pub(crate) enum Field<'a> {
    Number(u64),
    Name(&'static str),
    /// An id or an address that the server made, or a reason out of the operator's own configuration.
    Own(&'a str),
}

/// Where lines go.
pub(crate) struct Log {
    config: LogConfig,
    lines: Option<SyncSender<Line>>,
    lost: Arc<AtomicU64>,
}

enum Line {
    Text(String),
    /// Tells the sender when all lines before it are out.
    Flush(SyncSender<()>),
}

impl Log {
    pub(crate) fn new(config: LogConfig) -> Self {
        let lost = Arc::new(AtomicU64::new(0));
        let lines = (config.level < LogLevel::Off).then(|| {
            let (sender, receiver) = sync_channel(LINES_MAX);
            let lost = Arc::clone(&lost);
            let written = std::thread::Builder::new().name("llm-shield-log".to_owned());
            written.spawn(move || write_lines(&receiver, &lost, config.format)).ok().map(|_| sender)
        });
        Self { config, lines: lines.flatten(), lost }
    }

    /// Whether a line of this weight would be written.
    pub(crate) fn writes(&self, level: LogLevel) -> bool {
        self.lines.is_some() && level >= self.config.level
    }

    pub(crate) fn write(&self, level: LogLevel, event: &'static str, fields: &[(&'static str, Field<'_>)]) {
        if !self.writes(level) {
            return;
        }
        let line = line(self.config.format, SystemTime::now(), level, event, fields);
        if let Some(Err(TrySendError::Full(_))) = self.lines.as_ref().map(|to| to.try_send(Line::Text(line)))
        {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits a little until what was logged is out.
    pub(crate) fn flush(&self) {
        let Some(lines) = &self.lines else { return };
        let (done, wait) = sync_channel(1);
        if lines.try_send(Line::Flush(done)).is_ok() {
            let _ = wait.recv_timeout(Duration::from_secs(1));
        }
    }
}

fn write_lines(lines: &Receiver<Line>, lost: &AtomicU64, format: LogFormat) {
    let mut out = std::io::stderr();
    while let Ok(next) = lines.recv() {
        match next {
            Line::Text(text) => {
                // Nobody may be reading; there is no other place to say so.
                let _ = out.write_all(text.as_bytes());
            }
            Line::Flush(done) => {
                let _ = done.send(());
            }
        }
        let lines_lost = lost.swap(0, Ordering::Relaxed);
        if lines_lost > 0 {
            let fields = [("lines", Field::Number(lines_lost))];
            let text = line(format, SystemTime::now(), LogLevel::Warning, "log lines lost", &fields);
            let _ = out.write_all(text.as_bytes());
        }
    }
}

/// One line with its end.
fn line(
    format: LogFormat,
    at: SystemTime,
    level: LogLevel,
    event: &'static str,
    fields: &[(&'static str, Field<'_>)],
) -> String {
    let timestamp = rfc3339(at);
    // A write into a string cannot fail.
    let mut line = match format {
        LogFormat::Json => {
            let mut line = format!(
                "{{\"timestamp\":\"{timestamp}\",\"level\":{},\"event\":{}",
                json(&level),
                json(&event)
            );
            for (name, value) in fields {
                let _ = write!(line, ",\"{name}\":{}", json(value));
            }
            line.push('}');
            line
        }
        LogFormat::Text => {
            let mut line = format!("{timestamp} {} {event}", json(&level).trim_matches('"'));
            for (name, value) in fields {
                let value = json(value);
                let bare = value.trim_matches('"');
                let plain = bare.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
                let _ = write!(line, " {name}={}", if plain { bare } else { &value });
            }
            line
        }
    };
    line.push('\n');
    line
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Date and time in UTC to the microsecond, by Hinnant's `civil_from_days`.
fn rfc3339(at: SystemTime) -> String {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let microsecond = since.subsec_micros();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{microsecond:06}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_civil() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_399, "2000-02-28T23:59:59.000000Z"),
            (951_782_400, "2000-02-29T00:00:00.000000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
        ] {
            assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn lines_are_json_or_text_and_keep_to_one_line() {
        let fields = [
            ("status", Field::Number(422)),
            ("reason", Field::Own("a \"b\"\nc")),
            ("route", Field::Name("/scan")),
        ];
        let json = line(LogFormat::Json, UNIX_EPOCH, LogLevel::Warning, "request refused", &fields);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["level"], "warning");
        assert_eq!(value["event"], "request refused");
        assert_eq!(value["status"], 422);
        assert_eq!(value["reason"], "a \"b\"\nc");
        let text = line(LogFormat::Text, UNIX_EPOCH, LogLevel::Warning, "request refused", &fields);
        assert_eq!(
            text,
            "1970-01-01T00:00:00.000000Z warning request refused status=422 reason=\"a \\\"b\\\"\\nc\" route=/scan\n"
        );
    }

    #[test]
    fn levels_have_pythons_names() {
        assert_eq!("WARNING".parse(), Ok(LogLevel::Warning));
        assert_eq!("critical".parse(), Ok(LogLevel::Error));
        assert!("loud".parse::<LogLevel>().is_err());
        assert!(LogLevel::Debug < LogLevel::Error);
    }
}
