//! One pass over the bytes: candidates by shape, each handed to the kinds that it may be.
//!
//! Words without a digit cost a table look-up a byte. A word with a digit starts a walk through the automaton of
//! [`Shapes`] and an attempt to read a telephone number; a few bytes (`@`, `:`, `[`, `#`, `$`, a
//! dot between labels) call the code of the kinds they mark. Each attempt looks at a bounded number of bytes, so the
//! pass is linear in the text.

use std::borrow::Cow;

use super::context::Kinds;
use super::kind::{Candidate, Code, How, Kind, Marker, Reach, Verdict};
use super::shape::Shapes;
use super::{Analyzer, Entity, address, codes, crypto, email, libphonenumber, phone};
use crate::{Compat, Span};

/// Letters and digits of the longest form.
const COMPACT_MAX: usize = 64;
/// Longest word of letters that may open a form whose digits come later.
const PREFIX_MAX: usize = 10;

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const UNDERSCORE: u8 = 4;
const LOWER: u8 = 8;
const TRIGGER: u8 = 16;
const WORD: u8 = LETTER | DIGIT | UNDERSCORE;

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'A'..=b'Z' => LETTER,
            b'a'..=b'z' => LETTER | LOWER,
            b'_' => UNDERSCORE,
            b'@' | b':' | b'[' | b'#' | b'$' | b'.' => TRIGGER,
            _ => 0,
        };
        byte += 1;
    }
    table
}

static CLASSES: [u8; 256] = classes();

pub(super) struct Pass<'a, 't> {
    analyzer: &'a Analyzer,
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    threshold: f32,
    /// The context of the last start that asked.
    context: Option<(usize, Kinds)>,
    /// Where the last telephone number ended.
    phone_end: usize,
    pub(super) found: Vec<Entity>,
}

impl<'a, 't> Pass<'a, 't> {
    pub(super) fn new(analyzer: &'a Analyzer, text: &'t str) -> Self {
        Self {
            analyzer,
            text,
            bytes: text.as_bytes(),
            threshold: analyzer.threshold,
            context: None,
            phone_end: 0,
            found: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Vec<Entity> {
        let bytes = self.bytes;
        // First, since of kinds that are equally sure the one that was found first stays.
        if let (Some(kind), Compat::Exact) = (self.enabled(Code::Phone), self.analyzer.compat) {
            for span in libphonenumber::numbers(bytes) {
                self.phone_number(kind, span, 0.4, None);
            }
        }
        let mut at = 0;
        // The two words before the current one, nearest first: where each starts and what classes of bytes it has.
        let mut previous = [(0, 0, WORD); 2];
        while at < bytes.len() {
            let class = CLASSES[usize::from(bytes[at])];
            if class & WORD == 0 {
                if class & TRIGGER != 0 {
                    self.trigger(at);
                }
                at += 1;
                continue;
            }
            let start = at;
            let mut seen = 0;
            while let Some(class) =
                bytes.get(at).map(|&byte| CLASSES[usize::from(byte)]).filter(|class| class & WORD != 0)
            {
                seen |= class;
                at += 1;
            }
            if seen & DIGIT != 0 {
                self.number(start, at, previous);
            }
            if seen & (LOWER | UNDERSCORE) == 0 && matches!(at - start, 8 | 11) && seen & LETTER != 0 {
                codes::swift(&mut self, start, at);
            }
            previous = [(start, at, seen), previous[0]];
        }
        self.found
    }

    fn trigger(&mut self, at: usize) {
        match self.bytes[at] {
            b'@' => {
                if let Some(kind) = self.enabled(Code::Email)
                    && let Some(span) = email::address(self.text, at)
                {
                    self.report(kind, span, 1.0, Verdict::Pass, Some("public-suffix"));
                }
                self.loose_email(at);
            }
            b'[' => self.loose_email(at),
            b':' => self.colon(at),
            b'.' => codes::dot(self, at),
            b'#' => codes::hash(self, at),
            _ => codes::dollar(self, at),
        }
    }

    fn loose_email(&mut self, at: usize) {
        if let Some(kind) = self.enabled(Code::EmailRe)
            && let Some(span) = email::loose_address(self.text, at)
        {
            self.report(kind, span, 0.75, Verdict::Plain, None);
        }
    }

    fn colon(&mut self, at: usize) {
        if self.bytes[at..].starts_with(b"://") {
            codes::url(self, at);
        } else if let Some(kind) = self.enabled(Code::Ip)
            && at.checked_sub(1).is_none_or(|before| self.bytes[before] != b':')
            && let Some(found) = address::v6(self.bytes, at)
        {
            let score = if found.unspecified { 0.1 } else { 0.6 };
            self.report(kind, found.span, score, Verdict::Plain, None);
        }
    }

    /// A word with a digit, from `start` to `end`.
    fn number(&mut self, start: usize, end: usize, previous: [(usize, usize, u8); 2]) {
        self.shapes(start);
        // One or two words of letters may open a form: `AB 123456`, `HH-AB 123`.
        let mut opened = start;
        for (before, before_end, seen) in previous {
            let joined = before_end + 1 == opened
                && before < before_end
                && before_end - before <= PREFIX_MAX
                && seen & (DIGIT | UNDERSCORE) == 0
                && matches!(self.bytes[before_end], b' ' | b'-' | b'.' | b'/' | b':' | b'\'');
            if !joined {
                break;
            }
            self.shapes(before);
            opened = before;
        }
        let digits_only = self.bytes[start..end].iter().all(u8::is_ascii_digit);
        if digits_only && end - start <= 3 && self.bytes.get(end) == Some(&b'.') {
            self.ip(start);
        }
        if self.bytes[start].is_ascii_digit() && start >= self.phone_end {
            self.phone(start);
        }
        if end - start >= crypto::LENGTH_MIN {
            crypto::address(self, start, end);
        }
    }

    fn ip(&mut self, start: usize) {
        let Some(kind) = self.enabled(Code::Ip) else { return };
        let Some(span) = address::v4(self.bytes, start) else { return };
        let version = self.marked(Marker::Version, start) && !self.in_context(kind, start);
        if !version {
            self.report(kind, span, 0.6, Verdict::Plain, None);
        }
    }

    fn phone(&mut self, start: usize) {
        let with_extension = self.enabled(Code::PhoneWithExtension);
        let Some(kind) = self.enabled(Code::Phone).or(with_extension) else { return };
        let Some(found) = phone::number(self.bytes, start) else { return };
        self.phone_end = found.span.end;
        if let Some(kind) = with_extension
            && let Some(end) = phone::extension_end(self.bytes, found.span.end)
        {
            self.report(kind, Span::new(found.span.start, end), 0.75, Verdict::Plain, None);
        }
        if self.enabled(Code::Phone).is_none() || self.analyzer.compat == Compat::Exact {
            return;
        }
        let (score, checked) = match found.form {
            phone::Form::International => (0.6, Some("calling-code")),
            phone::Form::Grouped | phone::Form::Bare => (0.4, None),
        };
        self.phone_number(kind, found.span, score, checked);
    }

    fn phone_number(&mut self, kind: usize, span: Span, score: f32, checked: Option<&'static str>) {
        let number = self.marked(Marker::Number, span.start)
            && (self.analyzer.compat == Compat::Exact || !self.marked(Marker::OtherNumber, span.start));
        let context = self.in_context(kind, span.start) || number;
        self.push(kind, span, with_context(score, Verdict::Plain, context), checked);
    }

    /// Walks the automaton from `start` and asks every kind whose form ends on the way.
    fn shapes(&mut self, start: usize) {
        let analyzer = self.analyzer;
        let mut state = Shapes::START;
        let mut compact = [0u8; COMPACT_MAX];
        let mut length = 0;
        for at in start..self.bytes.len() {
            let byte = self.bytes[at];
            state = analyzer.shapes.step(state, byte);
            if state == 0 {
                return;
            }
            if byte.is_ascii_alphanumeric() {
                if length == COMPACT_MAX {
                    return;
                }
                compact[length] = byte.to_ascii_uppercase();
                length += 1;
            }
            let ending = analyzer.shapes.ending(state);
            if ending.is_empty() {
                continue;
            }
            let after = self.bytes.get(at + 1).copied().unwrap_or(b' ');
            if CLASSES[usize::from(after)] & WORD != 0 {
                continue;
            }
            let span = Span::new(start, at + 1);
            if !self.stands_alone(span) {
                continue;
            }
            let candidate = Candidate { raw: &self.bytes[span.range()], compact: &compact[..length] };
            for &form in ending {
                let (kind, score) = analyzer.forms[usize::from(form)];
                self.candidate(kind, score, span, &candidate);
            }
        }
    }

    fn candidate(&mut self, kind: usize, score: f32, span: Span, candidate: &Candidate<'_>) {
        let How::Forms { check, checked, .. } = &self.analyzer.kinds[kind].how else { return };
        let best = with_context(score, Verdict::Pass, true);
        if best < self.threshold {
            return;
        }
        // Groups among more groups of digits are a piece of something longer.
        let near = self.analyzer.kinds[kind].reach == Reach::Near;
        if near && candidate.raw.contains(&b' ') && self.in_row(span) {
            return;
        }
        let verdict = check(candidate);
        if verdict == Verdict::Fail {
            return;
        }
        // One number in ten passes Luhn: one that a word before it calls something else is no card.
        let digits_only = candidate.raw.len() == candidate.compact.len();
        let is_card = self.analyzer.kinds[kind].name == "CREDIT_CARD";
        if is_card
            && digits_only
            && self.marked(Marker::OtherId, span.start)
            && !self.in_context(kind, span.start)
        {
            return;
        }
        let checked = if verdict == Verdict::Pass { *checked } else { None };
        self.report(kind, span, score, verdict, checked);
    }

    /// Whether a space and a digit stand before or after.
    fn in_row(&self, span: Span) -> bool {
        let before = self.bytes[..span.start].last_chunk::<2>();
        let after = self.bytes[span.end..].first_chunk::<2>();
        before.is_some_and(|[digit, space]| *space == b' ' && digit.is_ascii_digit())
            || after.is_some_and(|[space, digit]| *space == b' ' && digit.is_ascii_digit())
    }

    /// Whether a run is not a piece of a longer number, path, address or amount.
    fn stands_alone(&self, span: Span) -> bool {
        self.opens(span.start) && self.closes(span.end)
    }

    fn opens(&self, start: usize) -> bool {
        let Some(&before) = start.checked_sub(1).map(|at| &self.bytes[at]) else { return true };
        let further = start.checked_sub(2).map_or(b' ', |at| self.bytes[at]);
        match before {
            b'@' | b'$' | b'%' | b'\\' | b'^' | b'~' | b'&' => false,
            b'.' => !further.is_ascii_alphanumeric(),
            b'/' | b'+' => further.is_ascii_whitespace(),
            b'-' => !further.is_ascii_digit(),
            b':' | b',' => !further.is_ascii_digit() || !self.bytes[start].is_ascii_digit() || before == b',',
            byte if byte >= 0x80 => {
                let before = self.text[..start].chars().next_back();
                before.is_none_or(|before| {
                    !(before.is_alphanumeric() && !email::is_cjk(before) || is_currency(before))
                })
            }
            _ => true,
        }
    }

    fn closes(&self, end: usize) -> bool {
        let Some(&after) = self.bytes.get(end) else { return true };
        let further = self.bytes.get(end + 1).copied().unwrap_or(b' ');
        match after {
            b'@' | b'%' | b'\\' => false,
            b'.' | b'-' | b'/' | b'+' | b'=' => !further.is_ascii_alphanumeric() && further != after,
            byte if byte >= 0x80 => {
                let after = self.text[end..].chars().next();
                after.is_none_or(|after| !after.is_alphanumeric() || email::is_cjk(after))
            }
            _ => true,
        }
    }

    /// Where a kind that is found by code stands in the list, if the caller wants it.
    pub(super) fn enabled(&self, code: Code) -> Option<usize> {
        self.analyzer.codes[code as usize]
    }

    fn context(&mut self, start: usize) -> Kinds {
        match self.context {
            Some((at, kinds)) if at == start => kinds,
            _ => {
                let kinds = self
                    .analyzer
                    .context
                    .as_ref()
                    .map(|context| context.before(self.bytes, start))
                    .unwrap_or_default();
                self.context = Some((start, kinds));
                kinds
            }
        }
    }

    pub(super) fn in_context(&mut self, kind: usize, start: usize) -> bool {
        self.context(start).contains(kind)
    }

    pub(super) fn marked(&mut self, marker: Marker, start: usize) -> bool {
        self.analyzer.markers[marker as usize].is_some_and(|place| self.context(start).contains(place))
    }

    /// Scores a match by its context and keeps it if that reaches the threshold.
    pub(super) fn report(
        &mut self,
        kind: usize,
        span: Span,
        score: f32,
        verdict: Verdict,
        checked: Option<&'static str>,
    ) {
        let score = if score >= 1.0 {
            score
        } else {
            let context = self.in_context(kind, span.start);
            with_context(score, verdict, context)
        };
        self.push(kind, span, score, checked);
    }

    fn push(&mut self, kind: usize, span: Span, score: f32, checked: Option<&'static str>) {
        if score + 1e-6 >= self.threshold {
            let kind: &Kind = self.analyzer.kinds[kind];
            self.found.push(Entity { span, kind: Cow::Borrowed(kind.name), score, checked });
        }
    }
}

fn is_currency(character: char) -> bool {
    matches!(character, '\u{A2}'..='\u{A5}' | '\u{20A0}'..='\u{20CF}')
}

/// Presidio's context rule: 0.35 more, at least 0.4, at most 1; a check that holds beside a context word is certain.
pub(super) fn with_context(score: f32, verdict: Verdict, context: bool) -> f32 {
    match (context, verdict) {
        (false, _) => score,
        (true, Verdict::Pass) => 1.0,
        // The sum of two decimals, as one decimal.
        (true, _) => (((score + 0.35) * 100.0).round() / 100.0).clamp(0.4, 1.0),
    }
}
