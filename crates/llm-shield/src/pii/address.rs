//! IP addresses, version 4 and 6.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::Span;

/// Longest text of an IPv6 address with an embedded IPv4 address.
const V6_MAX: usize = 45;

fn is_word(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// A dotted quad that begins at `start`, with its prefix length if it has one.
pub(super) fn v4(text: &[u8], start: usize) -> Option<Span> {
    let before = start.checked_sub(1).map(|at| &text[at]);
    if is_word(before) || before == Some(&b'.') && start > 1 && is_word(Some(&text[start - 2])) {
        return None;
    }
    let run =
        text[start..].iter().take(16).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let run = &text[start..start + run];
    let run = run.strip_suffix(b".").unwrap_or(run);
    std::str::from_utf8(run).ok()?.parse::<Ipv4Addr>().ok()?;
    let end = start + run.len();
    if is_word(text.get(end)) || text.get(end) == Some(&b'.') && is_word(text.get(end + 1)) {
        return None;
    }
    Some(Span::new(start, prefix_end(text, end, 32)))
}

/// The end of `/n` at `end`, if there is one of at most `most`; else `end`.
fn prefix_end(text: &[u8], end: usize, most: u64) -> usize {
    if text.get(end) != Some(&b'/') {
        return end;
    }
    let digits = text[end + 1..].iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let length = super::checks::number(&text[end + 1..end + 1 + digits]);
    let after = end + 1 + digits;
    if digits > 0 && length <= most && !is_word(text.get(after)) && text.get(after) != Some(&b'/') {
        after
    } else {
        end
    }
}

/// What stands around a colon.
pub(super) struct V6 {
    pub(super) span: Span,
    /// Whether it is the bare `::`.
    pub(super) unspecified: bool,
}

/// The IPv6 address whose first colon stands at `colon`.
pub(super) fn v6(text: &[u8], colon: usize) -> Option<V6> {
    let hex = |byte: &&u8| byte.is_ascii_hexdigit();
    let lead = text[colon.saturating_sub(5)..colon].iter().rev().take_while(hex).count();
    let start = colon - lead;
    let before = start.checked_sub(1).map(|at| &text[at]);
    if lead > 4 || is_word(before) || matches!(before, Some(b':' | b'.')) {
        return None;
    }
    let run = text[start..].iter().take(V6_MAX + 1);
    let run = run.take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')).count();
    let run = &text[start..start + run];
    let run = run.strip_suffix(b".").unwrap_or(run);
    let run = if run.ends_with(b"::") { run } else { run.strip_suffix(b":").unwrap_or(run) };
    if run.len() > V6_MAX {
        return None;
    }
    std::str::from_utf8(run).ok()?.parse::<Ipv6Addr>().ok()?;
    let end = start + run.len();
    if is_word(text.get(end)) {
        return None;
    }
    let unspecified = run == b"::";
    // `a::b` and `fe::de` are names in C++ and Rust; an address without a digit has all its groups.
    if !unspecified && !run.iter().any(u8::is_ascii_digit) && run.windows(2).any(|pair| pair == b"::") {
        return None;
    }
    Some(V6 { span: Span::new(start, prefix_end(text, end, 128)), unspecified })
}
