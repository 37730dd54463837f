//! Telephone numbers as llm-guard finds them: by libphonenumber's matcher, for the regions that Presidio gives it.
//!
//! Its matcher is generous: whatever is a valid number of one of the regions counts, as a run of digits without any
//! sign that it is a number to dial. That is what `compat: exact` asks for; [`super::phone`] is stricter.
//! A candidate is a bounded run of digits and punctuation, and so are the pieces that it is tried in.

mod plans;
mod ranges;

use std::ops::Range;

use plans::Region;

use crate::Span;

/// Most digits in a block, most blocks in a candidate, and most punctuation between two.
const BLOCK_MAX: usize = 20;
const BLOCKS_MAX: usize = 21;
const GAP_MAX: usize = 4;

/// The telephone numbers in a text, sorted; those of different regions may overlap.
pub(super) fn numbers(text: &[u8]) -> Vec<Span> {
    let mut found = Vec::new();
    for region in Region::ALL {
        let mut from = 0;
        while let Some(candidate) = candidate(text, from) {
            let candidate = candidate.start..cut_second(text, candidate.clone());
            from = candidate.end;
            if let Some(number) = (Matcher { text, region }).number(candidate) {
                from = number.end;
                found.push(Span::new(number.start, number.end));
            }
        }
    }
    found.sort_unstable_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    found.dedup();
    found
}

/// What may stand between digits; an apostrophe is a space to llm-guard.
fn is_punctuation(byte: u8) -> bool {
    matches!(byte, b'-' | b'x' | b'X' | b' ' | b'(' | b')' | b'[' | b']' | b'.' | b'/' | b'~' | b'\'')
}

fn is_lead(byte: u8) -> bool {
    matches!(byte, b'(' | b'[' | b'+')
}

/// The next run of blocks of digits with punctuation between them, with at most two brackets or a plus before it.
fn candidate(text: &[u8], from: usize) -> Option<Range<usize>> {
    let digit = from + text[from..].iter().position(u8::is_ascii_digit)?;
    let floor = digit.saturating_sub(2 * (GAP_MAX + 1)).max(from);
    let gap = |range: Range<usize>| range.len() <= GAP_MAX && text[range].iter().copied().all(is_punctuation);
    let leads = |at: usize| {
        is_lead(text[at])
            && (gap(at + 1..digit)
                || (at + 1..digit)
                    .any(|second| is_lead(text[second]) && gap(at + 1..second) && gap(second + 1..digit)))
    };
    let start = (floor..digit).find(|&at| leads(at)).unwrap_or(digit);
    let mut end = digit;
    for _ in 0..BLOCKS_MAX {
        let gap = text[end..].iter().take(GAP_MAX).take_while(|byte| is_punctuation(**byte)).count();
        let digits =
            text[end + gap..].iter().take(BLOCK_MAX).take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            break;
        }
        end += gap + digits;
    }
    Some(start..end)
}

/// Where a second number, behind `/x` or `\x`, begins, if there is one.
fn cut_second(text: &[u8], candidate: Range<usize>) -> usize {
    let end = candidate.end;
    let mut slash = None;
    for at in candidate {
        match text[at] {
            b'/' => slash = Some(at),
            b' ' => {}
            b'x' if slash.is_some() => return slash.unwrap_or(at),
            _ => slash = None,
        }
    }
    end
}

/// Looks for numbers of one region.
struct Matcher<'t> {
    text: &'t [u8],
    region: Region,
}

impl Matcher<'_> {
    /// The first number in a candidate: the whole of it, or a piece.
    fn number(&self, range: Range<usize>) -> Option<Range<usize>> {
        let bytes = &self.text[range.clone()];
        if has_slashed_date(bytes) || self.has_time(range.clone()) {
            return None;
        }
        if self.is_number(range.clone()) {
            return Some(range);
        }
        SPLITS.iter().find_map(|split| self.piece(range.clone(), *split))
    }

    /// The first number among the pieces that one way to split makes.
    fn piece(&self, range: Range<usize>, split: Split) -> Option<Range<usize>> {
        let mut from = range.start;
        let mut first = true;
        while let Some((at, piece)) = split(self.text, from..range.end) {
            if first {
                first = false;
                let before = self.trimmed(range.start..at);
                if self.is_number(before.clone()) {
                    return Some(before);
                }
            }
            let piece = self.trimmed(piece);
            if self.is_number(piece.clone()) {
                return Some(piece);
            }
            from = at + 1;
        }
        None
    }

    /// Without what cannot end a number.
    fn trimmed(&self, mut range: Range<usize>) -> Range<usize> {
        while range.end > range.start && !self.text[range.end - 1].is_ascii_alphanumeric() {
            range.end -= 1;
        }
        range
    }

    fn is_number(&self, range: Range<usize>) -> bool {
        let bytes = &self.text[range.clone()];
        if bytes.is_empty() || !brackets_match(bytes) || is_page(bytes) {
            return false;
        }
        let touches =
            |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphabetic() || b"%$".contains(byte));
        let before = range.start.checked_sub(1).and_then(|at| self.text.get(at));
        if !is_lead(bytes[0]) && touches(before) || touches(self.text.get(range.end)) {
            return false;
        }
        // An `x` is an extension's or stands for a digit; neither is a plain number.
        if bytes.iter().any(u8::is_ascii_alphabetic) {
            return false;
        }
        let Some(first) = bytes.iter().position(|byte| byte.is_ascii_digit() || *byte == b'+') else {
            return false;
        };
        let mut digits = [0; 24];
        let mut length = 0;
        for byte in bytes.iter().filter(|byte| byte.is_ascii_digit()) {
            if length == digits.len() {
                return false;
            }
            digits[length] = *byte;
            length += 1;
        }
        plans::is_dialled(&digits[..length], bytes[first] == b'+', self.region)
    }

    /// A time stamp: `2024-01-31 12` with `:30` behind it.
    fn has_time(&self, range: Range<usize>) -> bool {
        let bytes = &self.text[range.clone()];
        let behind = self.text.get(range.end..range.end + 3);
        let minutes = behind.is_some_and(|text| {
            text[0] == b':' && (b'0'..=b'5').contains(&text[1]) && text[2].is_ascii_digit()
        });
        let hour = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        minutes && hour == 2 && bytes.len() >= 11 && bytes[bytes.len() - 3] == b' ' && {
            let date = bytes[..bytes.len() - 3].trim_ascii_end();
            let digits = date.iter().rev().take(10).filter(|byte| byte.is_ascii_digit()).count();
            digits == 8
                && date.iter().rev().take(10).all(|byte| byte.is_ascii_digit() || b"-/".contains(byte))
        }
    }
}

/// `31/1/24`, `1/31/2024`.
fn has_slashed_date(bytes: &[u8]) -> bool {
    let mut slashes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    let Some(mut one) = slashes.next() else { return false };
    for two in slashes {
        let middle = &bytes[one + 1..two];
        let before = one > 0 && bytes[one - 1].is_ascii_digit();
        let month = (1..=2).contains(&middle.len()) && middle.iter().all(u8::is_ascii_digit);
        let year = bytes[two + 1..].iter().take(2).filter(|byte| byte.is_ascii_digit()).count() == 2;
        if before && month && year {
            return true;
        }
        one = two;
    }
    false
}

/// Whether brackets stand as in a number: one may be open or closed at the start, then come at most three closed pairs.
fn brackets_match(bytes: &[u8]) -> bool {
    let (opens, closes) = (|byte: u8| b"([".contains(&byte), |byte: u8| b")]".contains(&byte));
    let plain =
        |from: usize| bytes[from..].iter().take_while(|byte| !opens(**byte) && !closes(**byte)).count();
    let ends = |at: usize| bytes.get(at).copied().is_some_and(closes);
    let mut at = usize::from(opens(bytes[0]));
    let lead = plain(at);
    at += lead;
    if lead > 0 && ends(at) {
        let number = plain(at + 1);
        if number == 0 {
            return false;
        }
        at += 1 + number;
    }
    for _ in 0..3 {
        let inside = if at < bytes.len() && opens(bytes[at]) { plain(at + 1) } else { 0 };
        if inside == 0 || !ends(at + 1 + inside) {
            break;
        }
        at += inside + 2;
    }
    lead > 0 && at + plain(at) == bytes.len()
}

/// Pages of a publication: `211-227 (2003)`.
fn is_page(bytes: &[u8]) -> bool {
    let Some(open) = bytes.iter().position(|byte| *byte == b'(') else { return false };
    let before = bytes[..open].trim_ascii_end();
    let last = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let dash = before[..before.len() - last].last() == Some(&b'-');
    (1..=5).contains(&last) && dash && bytes.get(open + 1).is_some_and(u8::is_ascii_digit)
}

/// A way to split a candidate: where the next sign of it stands in a range, and the piece behind it.
type Split = fn(&[u8], Range<usize>) -> Option<(usize, Range<usize>)>;

const SPLITS: [Split; 5] = [at_slash, at_bracket, at_dash, at_dot, at_space];

fn find(text: &[u8], range: Range<usize>, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    text[range.clone()].iter().position(|byte| wanted(*byte)).map(|at| range.start + at)
}

fn behind(text: &[u8], from: usize, end: usize, skip: impl Fn(u8) -> bool) -> usize {
    find(text, from..end, |byte| !skip(byte)).unwrap_or(end)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\'')
}

fn at_slash(text: &[u8], range: Range<usize>) -> Option<(usize, Range<usize>)> {
    let at = find(text, range.clone(), |byte| byte == b'/')?;
    Some((at, behind(text, at, range.end, |byte| byte == b'/')..range.end))
}

fn at_bracket(text: &[u8], range: Range<usize>) -> Option<(usize, Range<usize>)> {
    let at = find(text, range.clone(), |byte| byte == b'(')?;
    let end = find(text, at + 1..range.end, |byte| byte == b'(').unwrap_or(range.end);
    Some((at, at..end))
}

fn at_dash(text: &[u8], range: Range<usize>) -> Option<(usize, Range<usize>)> {
    let pair = |pair: &[u8]| is_space(pair[0]) && pair[1] == b'-' || pair[0] == b'-' && is_space(pair[1]);
    let at = range.start + text[range.clone()].windows(2).position(pair)?;
    Some((at, behind(text, at + 2, range.end, is_space)..range.end))
}

fn at_dot(text: &[u8], range: Range<usize>) -> Option<(usize, Range<usize>)> {
    let at = find(text, range.clone(), |byte| byte == b'.')?;
    let start = behind(text, behind(text, at, range.end, |byte| byte == b'.'), range.end, is_space);
    let end = find(text, start..range.end, |byte| byte == b'.').unwrap_or(range.end);
    (start < end).then_some((at, start..end))
}

fn at_space(text: &[u8], range: Range<usize>) -> Option<(usize, Range<usize>)> {
    let at = find(text, range.clone(), is_space)?;
    let start = behind(text, at, range.end, is_space);
    let end = find(text, start..range.end, is_space).unwrap_or(range.end);
    (start < end).then_some((at, start..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<_> = numbers(text.as_bytes()).iter().map(|span| &text[span.range()]).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn numbers_of_the_regions_are_found_as_libphonenumber_finds_them() {
        check("dial 212-555-0143 now", &["212-555-0143"]);
        check("(646) 555 0121", &["(646) 555 0121"]);
        check("1 415 555 0167", &["1 415 555 0167"]);
        check("+44 20 7946 0958", &["+44 20 7946 0958"]);
        // Indian mobile, Brazilian mobile, Israeli and German numbers with their trunk prefix.
        check("9123456780", &["9123456780"]);
        check("(11) 96123-4567", &["(11) 96123-4567"]);
        check("02-123-4567", &["02-123-4567"]);
        check("030 123456", &["030 123456"]);
    }

    #[test]
    fn what_only_looks_dialled_is_no_number() {
        for text in
            ["", "12", "123-45", "75873555098", "31/1/2024", "2024-01-31 12:30", "A2125550143", "2125550143b"]
        {
            check(text, &[]);
        }
        // German and Israeli numbers without their trunk prefix.
        check("30 123456", &[]);
        check("21234567", &[]);
    }

    #[test]
    fn pieces_of_a_candidate_are_tried() {
        check("212 555 0143 / 646 555 0121", &["212 555 0143", "646 555 0121"]);
        check("(212) 555 0143 (646) 555 0121", &["(212) 555 0143", "(646) 555 0121"]);
        check("((212) 555 0143", &["(212) 555 0143"]);
    }

    #[test]
    fn any_bytes_are_read() {
        for text in
            ["(", "+", "((((1", "1)", "1(2)3(4)5(6)7(8)", "9.................", "-1-1-1-1- /x 1", "٣٤"]
        {
            let _ = numbers(text.as_bytes());
        }
        check(&"9".repeat(5000), &[]);
        assert_eq!(numbers("212-555-0143, ".repeat(500).as_bytes()).len(), 500);
    }
}
