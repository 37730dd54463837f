//! E-mail addresses: from the `@` outwards, with the top-level domain looked up.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::Span;

/// Longest local part (RFC 5321) and domain (RFC 1035), in bytes.
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 253;

static TOP_LEVEL_DOMAINS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../../data/top_level_domains.txt").lines().collect());

/// Whether a label, in any case, is a top-level domain.
pub(super) fn is_top_level_domain(label: &str) -> bool {
    label.len() >= 2
        && (TOP_LEVEL_DOMAINS.contains(label)
            || label.len() <= 24 && TOP_LEVEL_DOMAINS.contains(label.to_lowercase().as_str()))
}

/// Builds the table of top-level domains, so that no scan pays for it.
pub(super) fn prepare() {
    LazyLock::force(&TOP_LEVEL_DOMAINS);
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'.' | b'_' | b'+' | b'-' | b'%' | b'~')
}

fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte >= 0x80
}

/// The local part that ends before `at`, or nothing.
fn local_start(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let floor = at.saturating_sub(LOCAL_MAX + 1);
    let mut start = at;
    while start > floor && is_local(bytes[start - 1]) && !bytes[start - 1..].starts_with(b"..") {
        start -= 1;
    }
    // Longer than any local part: not the tail of a run is reported, but nothing.
    if start == floor && start > 0 && at - start > LOCAL_MAX {
        return None;
    }
    // An address begins with a letter, a digit or an underscore; quotes and dashes of other scripts do not count.
    let local = &text[ceil_boundary(text, start)..at];
    let skipped = local.find(|character: char| character.is_alphanumeric() || character == '_')?;
    let local = &local[skipped..];
    // Text in a script without spaces runs into the address: the address starts at its last ASCII part.
    let foreign =
        local.char_indices().rev().find(|(_, character)| is_cjk(*character) || !is_name(*character));
    let local = foreign.map_or(local, |(index, character)| &local[index + character.len_utf8()..]);
    let local = local.trim_start_matches(['.', '-', '+', '%', '~']);
    (!local.is_empty() && !local.ends_with('.')).then_some(at - local.len())
}

fn is_name(character: char) -> bool {
    character.is_ascii() || character.is_alphanumeric()
}

/// Scripts that are written without spaces.
pub(super) fn is_cjk(character: char) -> bool {
    matches!(character, '\u{0E00}'..='\u{0E7F}' | '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{FF00}'..='\u{FFEF}')
}

fn ceil_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// The end of the host name that begins at `start`: labels and dots, no dot at the end.
pub(super) fn host_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let ceiling = bytes.len().min(start + DOMAIN_MAX);
    let mut end = start;
    while end < ceiling
        && (is_label(bytes[end])
            || bytes[end] == b'.' && end > start && bytes.get(end + 1).is_some_and(|&byte| is_label(byte)))
    {
        end += 1;
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let host = &text[start..end];
    let foreign = host.find(|character: char| is_cjk(character) || !is_name(character) && character != '-');
    let host = foreign.map_or(host, |index| &host[..index]);
    start + host.trim_end_matches(['.', '-', '_']).len()
}

/// The address around the `@` at `at`, if its domain has a dot and a known top-level domain.
pub(super) fn address(text: &str, at: usize) -> Option<Span> {
    let start = local_start(text, at)?;
    let domain_start = at + 1;
    let end = host_end(text, domain_start);
    let domain = &text[domain_start..end];
    let (rest, last) = domain.rsplit_once('.')?;
    if domain.starts_with(['-', '.']) || rest.is_empty() {
        return None;
    }
    let end = if is_top_level_domain(last) {
        end
    } else {
        // `bob@corp.io.Then`: a sentence that begins without a space.
        let (_, suffix) = rest.rsplit_once('.')?;
        if !last.starts_with(char::is_uppercase) || !is_top_level_domain(suffix) {
            return None;
        }
        domain_start + rest.len()
    };
    (!is_login(text, start, at, end)).then_some(Span::new(start, end))
}

/// Whether it is a login before a host: `https://user:pass@host` or `git@host:path`.
fn is_login(text: &str, start: usize, at: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    if &text[start..at] == "git" && bytes.get(end) == Some(&b':') {
        return true;
    }
    let before = &bytes[start.saturating_sub(80)..start];
    let run = before.iter().rposition(u8::is_ascii_whitespace).map_or(before, |place| &before[place..]);
    before.last().is_some_and(|byte| matches!(byte, b':' | b'/'))
        && run.windows(3).any(|three| three == b"://")
}

/// llm-guard's own pattern: `@` or `[AT]`, `.` or `[DOT]`, no look at the suffix beyond two letters.
pub(super) fn loose_address(text: &str, at: usize) -> Option<Span> {
    const AT: &str = "[AT]";
    const DOT: &str = "[DOT]";
    let bytes = text.as_bytes();
    let marks = |place: usize, mark: &str| {
        bytes.get(place..place + mark.len()).is_some_and(|bytes| bytes.eq_ignore_ascii_case(mark.as_bytes()))
    };
    let domain_start = if bytes[at] == b'@' {
        at + 1
    } else if marks(at, AT) {
        at + AT.len()
    } else {
        return None;
    };
    let start = local_start(text, at)?;
    let ceiling = bytes.len().min(domain_start + DOMAIN_MAX);
    let mut end = domain_start;
    let mut last_dot = None;
    while end < ceiling {
        if marks(end, DOT) {
            last_dot = Some(end);
            end += DOT.len();
        } else if bytes[end] == b'.' {
            last_dot = Some(end);
            end += 1;
        } else if bytes[end].is_ascii_alphanumeric() || bytes[end] == b'-' {
            end += 1;
        } else {
            break;
        }
    }
    // Back to the last dot that two letters follow.
    let mut dot = last_dot?;
    loop {
        let after = dot + if bytes[dot] == b'.' { 1 } else { DOT.len() };
        let letters = bytes[after..end].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if letters >= 2
            && dot > domain_start
            && bytes.get(after + letters).is_none_or(|byte| !byte.is_ascii_alphanumeric())
        {
            let end = after + letters;
            return (!is_login(text, start, at, end)).then_some(Span::new(start, end));
        }
        end = dot;
        dot = domain_start + bytes[domain_start..end].iter().rposition(|byte| matches!(byte, b'.' | b'['))?;
        if bytes[dot] == b'[' && !marks(dot, DOT) {
            return None;
        }
    }
}
