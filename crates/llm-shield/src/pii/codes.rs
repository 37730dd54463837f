//! The kinds found by code of their own, beside e-mail, IP and telephone: URLs, prices, colours and the like.

use super::checks::number;
use super::email::{self, is_top_level_domain};
use super::kind::{Code, Verdict};
use super::scan::Pass;
use crate::Span;

/// Longest URL reported, in bytes.
const URL_MAX: usize = 2048;

/// A word of eight or eleven letters and digits: a bank's SWIFT code (ISO 9362) if a word before says so.
pub(super) fn swift(pass: &mut Pass<'_, '_>, start: usize, end: usize) {
    let Some(kind) = pass.enabled(Code::Swift) else { return };
    let code = &pass.bytes[start..end];
    if code[..6].iter().all(u8::is_ascii_uppercase)
        && code[6..].iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    {
        pass.report(kind, Span::new(start, end), 0.2, Verdict::Plain, None);
    }
}

/// Latitude and longitude in degrees with at least three decimals each; the dot of the first stands at `dot`.
fn coordinates(pass: &mut Pass<'_, '_>, dot: usize) {
    let Some(kind) = pass.enabled(Code::Coordinates) else { return };
    let bytes = pass.bytes;
    let digits = |from: usize, most: usize| {
        bytes[from.min(bytes.len())..].iter().take(most).take_while(|byte| byte.is_ascii_digit()).count()
    };
    let lead =
        bytes[dot.saturating_sub(3)..dot].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let decimals = digits(dot + 1, 16);
    if !(1..=2).contains(&lead) || !(3..=15).contains(&decimals) {
        return;
    }
    let whole = dot - lead;
    let start = if whole > 0 && matches!(bytes[whole - 1], b'-' | b'+') { whole - 1 } else { whole };
    let mut at = dot + 1 + decimals;
    let gap = bytes[at..].iter().take(3).take_while(|byte| matches!(byte, b',' | b' ' | b';')).count();
    at += gap;
    if gap == 0
        || start > 0
            && (bytes[start - 1].is_ascii_alphanumeric() || matches!(bytes[start - 1], b'.' | b'$' | b'-'))
    {
        return;
    }
    at += usize::from(matches!(bytes.get(at), Some(b'-' | b'+')));
    let degrees = digits(at, 4);
    let decimals = digits(at + degrees + 1, 16);
    let end = at + degrees + 1 + decimals;
    if !(1..=3).contains(&degrees) || bytes.get(at + degrees) != Some(&b'.') || !(3..=15).contains(&decimals)
    {
        return;
    }
    let in_range = number(&bytes[whole..dot]) <= 90 && number(&bytes[at..at + degrees]) <= 180;
    if in_range && bytes.get(end).is_none_or(|byte| !byte.is_ascii_alphanumeric()) {
        pass.report(kind, Span::new(start, end), 0.3, Verdict::Plain, None);
    }
}

/// `scheme://`, with the colon at `at`.
pub(super) fn url(pass: &mut Pass<'_, '_>, at: usize) {
    let kinds = [(Code::Url, 0.6), (Code::UrlRe, 0.75)];
    if kinds.iter().all(|(code, _)| pass.enabled(*code).is_none()) {
        return;
    }
    let scheme = pass.bytes[at.saturating_sub(10)..at]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    if scheme == 0 {
        return;
    }
    let start = at - scheme;
    let authority = at + 3;
    let host = pass.bytes[authority..]
        .iter()
        .take(320)
        .position(|byte| {
            !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'@' | b'%'))
        })
        .map_or(pass.bytes.len().min(authority + 320), |length| authority + length);
    let host_start = pass.bytes[authority..host]
        .iter()
        .rposition(|byte| *byte == b'@')
        .map_or(authority, |at| authority + at + 1);
    let host_end = email::host_end(pass.text, host_start);
    let name = &pass.text[host_start..host_end];
    if !name.rsplit_once('.').is_some_and(|(_, last)| is_top_level_domain(last) || last.parse::<u8>().is_ok())
    {
        return;
    }
    let span = Span::new(start, path_end(pass, host_end));
    for (code, score) in kinds {
        if let Some(kind) = pass.enabled(code) {
            pass.report(kind, span, score, Verdict::Plain, None);
        }
    }
}

/// The end of port, path and query after a host.
fn path_end(pass: &Pass<'_, '_>, host_end: usize) -> usize {
    let bytes = pass.bytes;
    let mut end = host_end;
    if bytes.get(end) == Some(&b':') {
        let digits = bytes[end + 1..].iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
        end += if digits > 0 { digits + 1 } else { 0 };
    }
    if !matches!(bytes.get(end), Some(b'/' | b'?' | b'#')) {
        return end;
    }
    let ceiling = bytes.len().min(end + URL_MAX);
    while end < ceiling
        && !(bytes[end].is_ascii_whitespace()
            || bytes[end] < 0x20
            || matches!(bytes[end], b'"' | b'<' | b'>' | b'\\' | b'`' | b'{' | b'}' | b'|' | b'\''))
    {
        end += 1;
    }
    while !pass.text.is_char_boundary(end) {
        end -= 1;
    }
    host_end
        + pass.text[host_end..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '*', '_']).len()
}

/// Host names without a scheme: `www.example.com/path`, `example.com`.
pub(super) fn dot(pass: &mut Pass<'_, '_>, at: usize) {
    coordinates(pass, at);
    let kinds = [(Code::Url, 0.5), (Code::UrlRe, 0.75)];
    if kinds.iter().all(|(code, _)| pass.enabled(*code).is_none()) {
        return;
    }
    let bytes = pass.bytes;
    let label = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'-';
    let lead = bytes[at.saturating_sub(64)..at].iter().rev().take_while(label).count();
    let start = at - lead;
    let before = start.checked_sub(1).map(|at| bytes[at]);
    if lead == 0 || lead == 64 || !bytes.get(at + 1).is_some_and(|byte| label(&byte)) {
        return;
    }
    // Later dots of a name, e-mail domains, paths and what stands after a scheme are not host names of their own.
    if matches!(before, Some(b'.' | b'@' | b'/' | b'_' | b':' | b'\\' | b'$' | b'%' | b'+' | b'&'))
        || before.is_some_and(|byte| byte >= 0x80)
    {
        return;
    }
    let end = email::host_end(pass.text, start);
    let name = &pass.text[start..end];
    let Some((_, last)) = name.rsplit_once('.') else { return };
    let sure = name.as_bytes().get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"www."))
        || matches!(last, "com" | "org" | "edu" | "gov" | "info" | "mil")
        || matches!(bytes.get(end), Some(b'/'))
            && matches!(last, "net" | "io" | "uk" | "de" | "fr" | "co" | "app" | "ai");
    if !is_top_level_domain(last) || matches!(bytes.get(end), Some(b'@' | b'(' | b'[' | b'=')) {
        return;
    }
    let span = Span::new(start, path_end(pass, end));
    for (code, score) in kinds {
        // Half of all two-letter file endings and many names of fields are top-level domains.
        let score = if sure { score } else { 0.3 };
        if let Some(kind) = pass.enabled(code) {
            pass.report(kind, span, score, Verdict::Plain, None);
        }
    }
}

/// `#` and 3, 6 or 8 hexadecimal digits.
pub(super) fn hash(pass: &mut Pass<'_, '_>, at: usize) {
    let Some(kind) = pass.enabled(Code::HexColor) else { return };
    let digits = pass.bytes[at + 1..].iter().take(9).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let after = pass.bytes.get(at + 1 + digits);
    if matches!(digits, 3 | 6 | 8) && after.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
    {
        pass.report(kind, Span::new(at, at + 1 + digits), 0.75, Verdict::Plain, None);
    }
}

/// `$` and an amount with commas for thousands and up to two decimals.
pub(super) fn dollar(pass: &mut Pass<'_, '_>, at: usize) {
    let Some(kind) = pass.enabled(Code::Price) else { return };
    let bytes = pass.bytes;
    let digits = |from: usize, most: usize| {
        bytes[from..].iter().take(most).take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut end = at + 1;
    if bytes.get(end) == Some(&b' ') {
        end += 1;
    }
    let whole = digits(end, 15);
    if whole == 0 {
        return;
    }
    end += whole;
    while bytes.get(end) == Some(&b',') && digits(end + 1, 4) == 3 && end < at + 40 {
        end += 4;
    }
    if bytes.get(end) == Some(&b'.') && (1..=2).contains(&digits(end + 1, 3)) {
        end += 1 + digits(end + 1, 3);
    }
    pass.report(kind, Span::new(at, end), 0.75, Verdict::Plain, None);
}
