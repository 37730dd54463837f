//! Scans what a reader yields, however long, in overlapping pieces of bounded size.
//!
//! A finding belongs to the piece in which it begins, counted up to the middle of the overlap; so it has at least half
//! an overlap of context on either side, more than any rule for secrets looks at. Lines and columns are counted once,
//! from finding to finding.

use std::collections::HashMap;
use std::io::{self, Read};
use std::ops::Range;

use llm_shield::{Shield, Span};

use super::decode::{self, Decoded, Tail, decode, floor_boundary};
use super::found::{Found, Position, Show};

/// Bytes that are read and scanned at once.
const PIECE_BYTES: usize = 4 << 20;
/// Bytes that are read first, to see what a file is.
const HEAD_BYTES: usize = 64 << 10;
/// Bytes that two pieces share: twice what stands around a finding, and that is twice the longest match of a rule.
const OVERLAP_BYTES: usize = 64 << 10;
/// The longest text for scanners that have to see it whole.
const WHOLE_BYTES_MAX: usize = 64 << 20;
/// Scanners whose findings depend only on what stands near.
const LOCAL: [&str; 5] = ["Anonymize", "BanSubstrings", "InvisibleText", "Secrets", "Sensitive"];
/// How far from a finding its line's comment is looked for, in bytes.
const COMMENT_BYTES: usize = 1_024;
/// Comments by which a line says that its finding is meant; the last two are detect-secrets' and gitleaks'.
const ALLOW_COMMENTS: [&str; 3] = ["llm-shield:allow", "pragma: allowlist secret", "gitleaks:allow"];

/// What every source is scanned with.
pub(super) struct Scan<'s> {
    shield: &'s Shield,
    /// Whether every scanner finds the same in pieces as in the whole.
    is_local: bool,
    pub(super) show: Show,
    /// Whether the line of a finding may allow it by a comment.
    pub(super) allow_comments: bool,
    /// Whether binary files are scanned too.
    pub(super) binary: bool,
}

/// What a source held.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// In the order of the file.
    pub(super) findings: Vec<Found>,
    /// Findings beyond the most that a report lists.
    pub(super) omitted: usize,
    /// Findings that a comment allows.
    pub(super) allowed: usize,
    pub(super) bytes: u64,
    pub(super) is_binary: bool,
    /// Scanners that failed, in words.
    pub(super) failures: Vec<String>,
}

/// A thread's buffer, kept from file to file.
#[derive(Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    filled: usize,
}

impl Buffer {
    /// Reads until `limit` bytes are there or nothing follows.
    fn fill(&mut self, source: &mut impl Read, limit: usize) -> io::Result<Tail> {
        while self.filled < limit {
            if self.filled == self.bytes.len() {
                let longer = (self.bytes.len() * 2).clamp(PIECE_BYTES, limit.max(PIECE_BYTES));
                self.bytes.resize(longer, 0);
            }
            let end = self.bytes.len().min(limit);
            match source.read(&mut self.bytes[self.filled..end]) {
                Ok(0) => return Ok(Tail::End),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Tail::Open)
    }

    /// Drops the first `count` bytes.
    fn drop_front(&mut self, count: usize) {
        self.bytes.copy_within(count..self.filled, 0);
        self.filled -= count;
    }
}

/// How far the file has been counted.
struct Cursor {
    /// Bytes of the text of the present piece.
    at: usize,
    /// Bytes of the file.
    file: usize,
    position: Position,
}

impl Cursor {
    fn advance(&mut self, piece: &Decoded<'_>, to: usize) {
        self.position = self.position.after(&piece.text[self.at..to]);
        self.file += piece.file_bytes(self.at, to);
        self.at = to;
    }
}

impl<'s> Scan<'s> {
    pub(super) fn new(shield: &'s Shield, show: Show) -> Self {
        let is_local = shield.prompt_scanners().all(|name| LOCAL.contains(&name));
        Self { shield, is_local, show, allow_comments: false, binary: false }
    }

    /// Everything that `source` yields, up to its end.
    pub(super) fn run(&self, source: &mut impl Read, buffer: &mut Buffer) -> io::Result<Scanned> {
        buffer.filled = 0;
        let limit = if self.is_local { PIECE_BYTES } else { WHOLE_BYTES_MAX };
        // Most of a large binary file need not be read.
        let mut tail = buffer.fill(source, HEAD_BYTES)?;
        let (encoding, mark) = decode::encoding(&buffer.bytes[..buffer.filled]);
        if mark == 0 && !self.binary && decode::is_binary(&buffer.bytes[..buffer.filled]) {
            return Ok(Scanned { is_binary: true, ..Scanned::default() });
        }
        if tail == Tail::Open {
            tail = buffer.fill(source, limit)?;
        }
        let mut scanned = Scanned { bytes: buffer.filled as u64, ..Scanned::default() };
        if tail == Tail::Open && !self.is_local {
            let message =
                format!("over {WHOLE_BYTES_MAX} bytes, the most for scanners that need a text whole");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        buffer.drop_front(mark);
        let mut cursor = Cursor { at: 0, file: mark, position: Position::START };
        let mut seen = HashMap::new();
        loop {
            let piece = decode(&buffer.bytes[..buffer.filled], encoding, tail);
            let length = piece.text.len();
            let (keep, next) = match tail {
                // A finding without a byte may stand at the very end.
                Tail::End => (length + 1, length),
                Tail::Open => (
                    floor_boundary(&piece.text, length.saturating_sub(OVERLAP_BYTES / 2)),
                    floor_boundary(&piece.text, length.saturating_sub(OVERLAP_BYTES)),
                ),
            };
            let new = scanned.findings.len();
            self.part(&piece.text, 0..length, cursor.at..keep, &mut scanned);
            place(&piece, &mut cursor, &mut scanned.findings[new..], &mut seen);
            if tail == Tail::End {
                return Ok(scanned);
            }
            cursor.advance(&piece, keep);
            cursor.at -= next;
            let dropped = piece.file_bytes(0, next);
            drop(piece);
            buffer.drop_front(dropped);
            let before = buffer.filled;
            tail = buffer.fill(source, limit)?;
            scanned.bytes += (buffer.filled - before) as u64;
        }
    }

    /// Adds the findings within `window` of the text that begin in `keep`, in their order.
    ///
    /// A report lists only so many findings; where it leaves some out, the halves are scanned apart.
    fn part(&self, text: &str, window: Range<usize>, keep: Range<usize>, scanned: &mut Scanned) {
        let report = self.shield.scan_prompt(&text[window.clone()]);
        let omitted: usize = report.scanners.iter().map(|scanner| scanner.findings_omitted).sum();
        if omitted > 0 && self.is_local && window.len() > 2 * OVERLAP_BYTES {
            drop(report);
            let middle = floor_boundary(text, window.start + window.len() / 2);
            let left_end = floor_boundary(text, middle + OVERLAP_BYTES / 2);
            let right_start = floor_boundary(text, middle - OVERLAP_BYTES / 2);
            self.part(text, window.start..left_end, keep.start..keep.end.min(middle), scanned);
            self.part(text, right_start..window.end, keep.start.max(middle)..keep.end, scanned);
            return;
        }
        scanned.omitted += omitted;
        let first = scanned.findings.len();
        for scanner in &report.scanners {
            if let Some(error) = &scanner.error {
                scanned.failures.push(format!("{} failed: {error}", scanner.name));
            }
            for finding in &scanner.findings {
                let span = Span::new(finding.span.start + window.start, finding.span.end + window.start);
                if !keep.contains(&span.start) {
                    continue;
                }
                if self.allow_comments && is_allowed(text, span) {
                    scanned.allowed += 1;
                    continue;
                }
                let mut found = Found::new(scanner.name, finding, &text[span.range()], self.show);
                found.span = span;
                scanned.findings.push(found);
            }
        }
        scanned.findings[first..].sort_by_key(|found| (found.span, found.scanner));
    }
}

/// Turns spans of the piece into places in the file, in one walk over both.
fn place(
    piece: &Decoded<'_>,
    cursor: &mut Cursor,
    findings: &mut [Found],
    seen: &mut HashMap<(String, [u8; 32]), u32>,
) {
    for found in findings {
        let Span { start, end } = found.span;
        cursor.advance(piece, start);
        let bytes = piece.file_bytes(start, end);
        found.span = Span::new(cursor.file, cursor.file + bytes);
        found.start = cursor.position;
        found.end = cursor.position.after(&piece.text[start..end]);
        let count = seen.entry((found.rule.to_string(), found.digest)).or_insert(0);
        found.occurrence = *count;
        *count += 1;
    }
}

/// Whether a comment on one of the finding's lines says that it is meant to stand there.
fn is_allowed(text: &str, span: Span) -> bool {
    let from = floor_boundary(text, span.start.saturating_sub(COMMENT_BYTES));
    let to = floor_boundary(text, span.end + COMMENT_BYTES);
    let line_start = text[from..span.start].rfind('\n').map_or(from, |newline| from + newline + 1);
    let line_end = text[span.end..to].find('\n').map_or(to, |newline| span.end + newline);
    let lines = &text[line_start..line_end];
    ALLOW_COMMENTS.iter().any(|comment| lines.contains(comment))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use llm_shield::{RedactMode, Secrets};

    use super::*;

    fn shield() -> Shield {
        Shield::new(vec![Arc::new(Secrets::new(RedactMode::All).unwrap())], Vec::new())
    }

    /// An AWS key id that no other call with another number yields.
    fn key(number: usize) -> String {
        let letter = |place: u32| char::from(b'A' + (number / 26usize.pow(place) * 7 % 26) as u8);
        format!("AKIA{}Q7ZTXW2M5RL4K", (0..3).map(letter).collect::<String>())
    }

    #[test]
    fn a_long_stream_is_scanned_as_if_it_were_whole() {
        let shield = shield();
        let scan = Scan::new(&shield, Show::Clear);
        // Umlauts, so that pieces would be cut within characters; keys near and across every cut.
        let mut text = "würdig ist das Lamm\n".repeat(PIECE_BYTES / 20);
        let mut planted = Vec::new();
        for (number, distance) in [200_000, 65_560, 65_530, 32_790, 32_760, 100, 8].into_iter().enumerate() {
            let at = floor_boundary(&text, PIECE_BYTES - distance);
            let secret = key(number);
            text.insert_str(at, &format!(" {secret} "));
            planted.push((at + 1, secret));
        }
        text.push_str(&"ein weiterer Satz\n".repeat(PIECE_BYTES / 10));
        text.push_str(&key(99));
        planted.push((text.len() - 20, key(99)));
        planted.sort();
        let scanned = scan.run(&mut text.as_bytes(), &mut Buffer::default()).unwrap();
        assert_eq!(scanned.bytes, text.len() as u64);
        assert_eq!(scanned.findings.len(), planted.len());
        for found in &scanned.findings {
            let secret = &text[found.span.range()];
            assert_eq!(found.shown.as_deref(), Some(secret));
            assert!(planted.iter().any(|(_, planted)| planted == secret), "{secret}");
            assert_eq!(found.start, Position::START.after(&text[..found.span.start]));
            assert_eq!(found.end, Position::START.after(&text[..found.span.end]));
        }
    }

    #[test]
    fn more_findings_than_a_report_lists_are_all_found() {
        let shield = shield();
        let scan = Scan::new(&shield, Show::Masked);
        let filler = "nothing to see in this line\n".repeat(10);
        let lines: Vec<String> = (0..3_000).map(|number| format!("{filler}id {}\n", key(number))).collect();
        let text = lines.concat();
        let scanned = scan.run(&mut text.as_bytes(), &mut Buffer::default()).unwrap();
        assert_eq!((scanned.findings.len(), scanned.omitted), (3_000, 0));
        assert!(scanned.findings.is_sorted_by_key(|found| found.span));
    }

    #[test]
    fn comments_count_only_when_asked_and_only_on_the_line() {
        let shield = shield();
        let mut scan = Scan::new(&shield, Show::Masked);
        let text = format!("a = {} # gitleaks:allow\nb = {}\n", key(1), key(2));
        assert_eq!(scan.run(&mut text.as_bytes(), &mut Buffer::default()).unwrap().findings.len(), 2);
        scan.allow_comments = true;
        let scanned = scan.run(&mut text.as_bytes(), &mut Buffer::default()).unwrap();
        assert_eq!((scanned.findings.len(), scanned.allowed), (1, 1));
        assert_eq!(scanned.findings[0].start.line, 2);
    }

    #[test]
    fn broken_utf8_and_utf16_have_spans_in_bytes_of_the_file() {
        let shield = shield();
        let scan = Scan::new(&shield, Show::Clear);
        let mut latin1 = b"Schl\xfcssel \xe4\xf6:\n".to_vec();
        latin1.extend(key(3).as_bytes());
        let mut utf16 = b"\xff\xfe".to_vec();
        utf16.extend(format!("Schlüssel 😀:\n{}", key(3)).encode_utf16().flat_map(u16::to_le_bytes));
        let start_utf16 = 2 + 2 * "Schlüssel 😀:\n".encode_utf16().count();
        for (file, span) in [(latin1, Span::new(14, 34)), (utf16, Span::new(start_utf16, start_utf16 + 40))] {
            let scanned = scan.run(&mut file.as_slice(), &mut Buffer::default()).unwrap();
            assert_eq!(scanned.findings.len(), 1);
            assert_eq!(scanned.findings[0].span, span);
            assert_eq!(scanned.findings[0].start, Position { line: 2, column: 1 });
            assert_eq!(scanned.findings[0].shown.as_deref(), Some(key(3).as_str()));
        }
    }
}
