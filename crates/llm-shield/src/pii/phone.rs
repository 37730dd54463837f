//! Telephone numbers of all countries.
//!
//! The port of libphonenumber to Rust finds no numbers in text, compiles a regex for each country when first asked,
//! and puts about a megabyte of metadata into the binary. What a guard needs of it is less: may this run of digits be
//! dialled? The table has, for each calling code of ITU-T E.164, how many digits the national number has; the plans of
//! the countries that llm-guard searches (and some more) are checked closer.

use crate::Span;

/// Calling code, fewest and most digits of the national number. From ITU-T E.164 and the national plans.
const CALLING_CODES: &[(u16, u8, u8)] = &[
    (1, 10, 10),
    (7, 10, 10),
    (20, 8, 10),
    (27, 9, 9),
    (30, 10, 10),
    (31, 9, 9),
    (32, 8, 9),
    (33, 9, 9),
    (34, 9, 9),
    (36, 8, 9),
    (39, 6, 11),
    (40, 9, 9),
    (41, 9, 9),
    (43, 7, 13),
    (44, 9, 10),
    (45, 8, 8),
    (46, 7, 9),
    (47, 8, 8),
    (48, 9, 9),
    (49, 7, 11),
    (51, 8, 9),
    (52, 10, 10),
    (53, 8, 8),
    (54, 10, 11),
    (55, 10, 11),
    (56, 9, 9),
    (57, 10, 10),
    (58, 10, 10),
    (60, 8, 10),
    (61, 9, 9),
    (62, 8, 12),
    (63, 8, 10),
    (64, 8, 10),
    (65, 8, 8),
    (66, 8, 9),
    (81, 9, 10),
    (82, 8, 10),
    (84, 9, 10),
    (86, 10, 11),
    (90, 10, 10),
    (91, 10, 10),
    (92, 9, 10),
    (93, 9, 9),
    (94, 9, 9),
    (95, 7, 10),
    (98, 10, 10),
    (211, 9, 9),
    (212, 9, 9),
    (213, 8, 9),
    (216, 8, 8),
    (218, 9, 9),
    (220, 7, 7),
    (221, 9, 9),
    (222, 8, 8),
    (223, 8, 8),
    (224, 8, 9),
    (225, 10, 10),
    (226, 8, 8),
    (227, 8, 8),
    (228, 8, 8),
    (229, 8, 10),
    (230, 7, 8),
    (231, 7, 9),
    (232, 8, 8),
    (233, 9, 9),
    (234, 8, 10),
    (235, 8, 8),
    (236, 8, 8),
    (237, 9, 9),
    (238, 7, 7),
    (239, 7, 7),
    (240, 9, 9),
    (241, 7, 8),
    (242, 9, 9),
    (243, 7, 9),
    (244, 9, 9),
    (245, 7, 9),
    (246, 7, 7),
    (247, 4, 6),
    (248, 7, 7),
    (249, 9, 9),
    (250, 8, 9),
    (251, 9, 9),
    (252, 7, 9),
    (253, 8, 8),
    (254, 9, 10),
    (255, 9, 9),
    (256, 9, 9),
    (257, 8, 8),
    (258, 8, 9),
    (260, 9, 9),
    (261, 9, 9),
    (262, 9, 9),
    (263, 9, 10),
    (264, 8, 9),
    (265, 7, 9),
    (266, 8, 8),
    (267, 7, 8),
    (268, 8, 8),
    (269, 7, 7),
    (290, 5, 5),
    (291, 7, 7),
    (297, 7, 7),
    (298, 6, 6),
    (299, 6, 6),
    (350, 8, 8),
    (351, 9, 9),
    (352, 6, 11),
    (353, 7, 9),
    (354, 7, 9),
    (355, 8, 9),
    (356, 8, 8),
    (357, 8, 8),
    (358, 6, 10),
    (359, 8, 9),
    (370, 8, 8),
    (371, 8, 8),
    (372, 7, 8),
    (373, 8, 8),
    (374, 8, 8),
    (375, 9, 9),
    (376, 6, 9),
    (377, 8, 9),
    (378, 6, 10),
    (380, 9, 9),
    (381, 8, 9),
    (382, 8, 8),
    (383, 8, 8),
    (385, 8, 9),
    (386, 8, 8),
    (387, 8, 8),
    (389, 8, 8),
    (420, 9, 9),
    (421, 9, 9),
    (423, 7, 9),
    (500, 5, 5),
    (501, 7, 7),
    (502, 8, 8),
    (503, 8, 8),
    (504, 8, 8),
    (505, 8, 8),
    (506, 8, 8),
    (507, 7, 8),
    (508, 6, 6),
    (509, 8, 8),
    (590, 9, 9),
    (591, 8, 8),
    (592, 7, 7),
    (593, 8, 9),
    (594, 9, 9),
    (595, 9, 9),
    (596, 9, 9),
    (597, 6, 7),
    (598, 8, 8),
    (599, 7, 8),
    (670, 7, 8),
    (672, 6, 6),
    (673, 7, 7),
    (674, 7, 7),
    (675, 7, 8),
    (676, 5, 7),
    (677, 5, 7),
    (678, 5, 7),
    (679, 7, 7),
    (680, 7, 7),
    (681, 6, 6),
    (682, 5, 5),
    (683, 4, 7),
    (685, 5, 7),
    (686, 5, 8),
    (687, 6, 6),
    (688, 5, 6),
    (689, 6, 8),
    (690, 4, 7),
    (691, 7, 7),
    (692, 7, 7),
    (850, 8, 10),
    (852, 8, 8),
    (853, 8, 8),
    (855, 8, 9),
    (856, 8, 10),
    (880, 8, 10),
    (886, 8, 9),
    (960, 7, 7),
    (961, 7, 8),
    (962, 8, 9),
    (963, 8, 9),
    (964, 8, 10),
    (965, 8, 8),
    (966, 9, 9),
    (967, 7, 9),
    (968, 8, 8),
    (970, 8, 9),
    (971, 8, 9),
    (972, 8, 9),
    (973, 8, 8),
    (974, 8, 8),
    (975, 7, 8),
    (976, 8, 8),
    (977, 8, 10),
    (992, 9, 9),
    (993, 8, 8),
    (994, 9, 9),
    (995, 9, 9),
    (996, 9, 9),
    (998, 9, 9),
];

/// Most digits of a number (E.164), and with a prefix for dialling abroad.
const DIGITS_MAX: usize = 17;
const DIGITS_MIN: usize = 7;
/// Most bytes and groups of a number as written.
const BYTES_MAX: usize = 32;
const GROUPS_MAX: usize = 7;

/// A run of groups of digits that may be a telephone number.
#[derive(Debug, Clone, Copy)]
struct Run {
    digits: [u8; DIGITS_MAX],
    length: usize,
    /// Digits in each group.
    groups: [u8; GROUPS_MAX],
    group_count: usize,
    /// Digits and end of the run after each group.
    cuts: [(usize, usize); GROUPS_MAX],
    brackets: bool,
}

/// How sure a run is a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// With its calling code: `+44 20 7946 0958`.
    International,
    /// Without, but in groups: `(415) 555-0132`.
    Grouped,
    /// Digits only.
    Bare,
}

/// A telephone number in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phone {
    pub(super) span: Span,
    pub(super) form: Form,
}

/// Where a number whose first digit stands at `digit` would begin: at its `+` or bracket.
pub(super) fn start(text: &[u8], digit: usize) -> usize {
    let mut start = digit;
    if start > 0 && text[start - 1] == b'(' {
        start -= 1;
    }
    if start > 0 && text[start - 1] == b'+' {
        start -= 1;
        if start > 0 && text[start - 1] == b'(' && start + 1 < digit + 1 {
            start -= 1;
        }
    }
    start
}

/// The telephone number whose first digit stands at `digit`, if there is one.
pub(super) fn number(text: &[u8], digit: usize) -> Option<Phone> {
    let start = start(text, digit);
    let plus = text[start..digit].contains(&b'+');
    // A number among numbers is a row of a table.
    let in_row = !plus && start > 1 && text[start - 1] == b' ' && text[start - 2].is_ascii_digit();
    if in_row || !opens(text, start, plus) {
        return None;
    }
    let run = read(text, digit, start)?;
    // The longest number that the groups make: `415 555 0132 2 times` ends before the 2.
    (0..run.group_count).rev().find_map(|last| {
        let (digits, end) = run.cuts[last];
        if digits < DIGITS_MIN || !closes(text, end, last + 1 == run.group_count) {
            return None;
        }
        let form = classify(&run.digits[..digits], &run.groups[..=last], plus, run.brackets)?;
        // The first groups of a longer number are a number only where the plan says how long it is.
        let whole = last + 1 == run.group_count;
        if !whole && form != Form::International && !is_north_american(&run.digits[..digits]) {
            return None;
        }
        // An unclosed bracket before it is not part of it.
        let unclosed = text[start] == b'(' && !text[start..end].contains(&b')');
        let start = start + usize::from(unclosed);
        Some(Phone { span: Span::new(start, end), form })
    })
}

fn opens(text: &[u8], start: usize, plus: bool) -> bool {
    let Some(&before) = start.checked_sub(1).map(|at| &text[at]) else { return true };
    let further = start.checked_sub(2).map_or(b' ', |at| text[at]);
    match before {
        b'_' | b'@' | b'#' | b'$' | b'%' | b'*' | b'^' | b'\\' => false,
        b'.' | b'-' | b'/' | b'+' => plus && !further.is_ascii_alphanumeric(),
        b',' | b':' => !further.is_ascii_digit() || plus,
        // A quantity of money.
        0xA3 | 0xAC => plus,
        byte => !byte.is_ascii_alphanumeric(),
    }
}

fn closes(text: &[u8], end: usize, whole: bool) -> bool {
    let Some(&after) = text.get(end) else { return true };
    let further = text.get(end + 1).copied().unwrap_or(b' ');
    match after {
        b'_' | b'@' | b'%' => false,
        b'.' | b'-' | b'/' | b':' | b'+' => {
            !further.is_ascii_alphanumeric() || !whole && further.is_ascii_alphabetic()
        }
        byte => !byte.is_ascii_alphanumeric(),
    }
}

/// Reads groups of digits with single separators between them.
fn read(text: &[u8], digit: usize, start: usize) -> Option<Run> {
    let mut run = Run {
        digits: [0; DIGITS_MAX],
        length: 0,
        groups: [0; GROUPS_MAX],
        group_count: 0,
        cuts: [(0, 0); GROUPS_MAX],
        brackets: text[start..digit].contains(&b'('),
    };
    let mut at = digit;
    let ceiling = text.len().min(digit + BYTES_MAX);
    while run.group_count < GROUPS_MAX {
        let from = at;
        while at < ceiling && text[at].is_ascii_digit() {
            if run.length == DIGITS_MAX {
                return if run.group_count > 0 { Some(run) } else { None };
            }
            run.digits[run.length] = text[at];
            run.length += 1;
            at += 1;
        }
        if at == from || at < text.len() && (text[at].is_ascii_alphabetic() || text[at] == b'_') {
            break;
        }
        run.groups[run.group_count] = (at - from) as u8;
        run.cuts[run.group_count] = (run.length, at);
        run.group_count += 1;
        let gap = gap(&text[at..ceiling]);
        if gap == 0 {
            break;
        }
        run.brackets |= text[at..at + gap].contains(&b'(');
        at += gap;
    }
    (run.group_count > 0).then_some(run)
}

/// How long a separator between two groups is: one of ` -./'`, brackets with a space, ` - `.
fn gap(text: &[u8]) -> usize {
    let at = |place: usize| text.get(place).copied().unwrap_or(0);
    let digit = |place: usize| at(place).is_ascii_digit();
    let plain = |byte: u8| matches!(byte, b' ' | b'-' | b'.' | b'/' | b'\'');
    match at(0) {
        byte if plain(byte) && digit(1) => 1,
        b' ' if matches!(at(1), b'-' | b'/' | b'(') && digit(2) => 2,
        b' ' if matches!(at(1), b'-' | b'/') && at(2) == b' ' && digit(3) => 3,
        b')' if plain(at(1)) && digit(2) => 2,
        b'(' | b')' if digit(1) => 1,
        _ => 0,
    }
}

fn classify(digits: &[u8], groups: &[u8], plus: bool, brackets: bool) -> Option<Form> {
    if super::checks::one_digit_repeated(digits) {
        return None;
    }
    let abroad = if plus {
        Some(digits)
    } else {
        digits.strip_prefix(b"00").filter(|rest| rest.first() != Some(&b'0'))
    };
    if (plus || groups[0] >= 2) && abroad.is_some_and(is_international) {
        return Some(if plus || groups.len() > 1 { Form::International } else { Form::Bare });
    }
    if plus || !is_national(digits, groups) {
        return None;
    }
    Some(if groups.len() > 1 || brackets { Form::Grouped } else { Form::Bare })
}

/// Whether digits begin with a calling code and have a length of its plan.
pub(super) fn is_international(digits: &[u8]) -> bool {
    (1..=3).any(|length| {
        let Some((code, national)) = digits.split_at_checked(length) else { return false };
        let code = super::checks::number(code) as u16;
        let Ok(place) = CALLING_CODES.binary_search_by_key(&code, |row| row.0) else { return false };
        let (_, least, most) = CALLING_CODES[place];
        // `+44 (0)20`: the trunk prefix that is left out from abroad.
        let trunk = national
            .strip_prefix(b"0")
            .filter(|rest| !matches!(code, 39 | 225 | 241 | 242) && !rest.is_empty());
        let national = trunk.unwrap_or(national);
        (usize::from(least)..=usize::from(most)).contains(&national.len()) && follows_plan(code, national)
    })
}

fn follows_plan(code: u16, national: &[u8]) -> bool {
    match code {
        1 => is_north_american(national),
        7 => matches!(national[0], b'3' | b'4' | b'6'..=b'9'),
        33 | 44 | 41 | 49 => (b'1'..=b'9').contains(&national[0]),
        34 => (b'5'..=b'9').contains(&national[0]),
        55 => national[0] != b'0' && national[1] != b'0',
        61 => matches!(national[0], b'1'..=b'5' | b'7' | b'8'),
        91 => matches!(national[0], b'1'..=b'9'),
        _ => true,
    }
}

/// Area code and exchange begin with 2 to 9 and are not service codes.
fn is_north_american(digits: &[u8]) -> bool {
    let code = |at: usize| {
        (b'2'..=b'9').contains(&digits[at]) && !(digits[at + 1] == b'1' && digits[at + 2] == b'1')
    };
    digits.len() == 10 && code(0) && code(3)
}

/// Whether digits are dialled somewhere without a calling code.
fn is_national(digits: &[u8], groups: &[u8]) -> bool {
    if looks_like_date(digits, groups) || groups.iter().any(|&group| group > 11) {
        return false;
    }
    let many = groups.len() > 1;
    match digits.len() {
        7 => many && groups == [3, 4] && digits[0] >= b'2',
        8 => many && digits[0] >= b'2' && groups.iter().all(|&group| group <= 4),
        9 => digits[0] != b'1' || many,
        10 => {
            is_north_american(digits) || digits[0] == b'0' || digits[0] >= b'6' || digits[0] == b'1' || many
        }
        11 => {
            matches!(digits[0], b'0' | b'8')
                || digits[0] == b'1'
                    && (is_north_american(&digits[1..]) || (b'3'..=b'9').contains(&digits[1]))
                || digits[0] == b'7'
                || digits[2] == b'9' && digits[0] != b'0'
        }
        12 => digits[0] == b'0',
        _ => false,
    }
}

/// `2024-01-15`, `15.01.2024`, `15/01/24`: grouped as a date is.
fn looks_like_date(digits: &[u8], groups: &[u8]) -> bool {
    let number = |from: usize, length: u8| super::checks::number(&digits[from..from + usize::from(length)]);
    match groups {
        [4, 1..=2, 1..=2, ..] => (1900..2100).contains(&number(0, 4)) && number(4, groups[1]) <= 12,
        [1..=2, 1..=2, 4, ..] => {
            let from = usize::from(groups[0]) + usize::from(groups[1]);
            (1900..2100).contains(&number(from, 4)) && number(0, groups[0]) <= 31
        }
        _ => false,
    }
}

/// The end of an extension that follows a number at `end`: `x12`, `ext. 12`, `#12`, `extension 12`.
pub(super) fn extension_end(text: &[u8], end: usize) -> Option<usize> {
    let mut at = end;
    let skip = |at: &mut usize, wanted: &[u8]| {
        while text.get(*at).is_some_and(|byte| wanted.contains(byte)) && *at < end + 16 {
            *at += 1;
        }
    };
    skip(&mut at, b" ,;");
    let rest = &text[at..text.len().min(at + 10)];
    let word = ["extension", "ext", "#", "x"].into_iter().find(|word| {
        rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
    })?;
    at += word.len();
    skip(&mut at, b" .:");
    let digits = text[at..].iter().take(7).take_while(|byte| byte.is_ascii_digit()).count();
    let after = text.get(at + digits);
    ((1..=6).contains(&digits) && after.is_none_or(|byte| !byte.is_ascii_alphanumeric()))
        .then_some(at + digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, Form)>) {
        let digit = text.bytes().position(|byte| byte.is_ascii_digit()).unwrap();
        let found = number(text.as_bytes(), digit).map(|phone| (&text[phone.span.range()], phone.form));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        check("+44 20 7946 0958", Some(("+44 20 7946 0958", Form::International)));
        check("+44 (0)20 7946 0958.", Some(("+44 (0)20 7946 0958", Form::International)));
        check("(415) 555-0132", Some(("(415) 555-0132", Form::Grouped)));
        check("(call 415-555-0132)", Some(("415-555-0132", Form::Grouped)));
        check("415 555 0132 2", Some(("415 555 0132", Form::Grouped)));
        check("0049 30 901820", Some(("0049 30 901820", Form::International)));
        check("4155550132", Some(("4155550132", Form::Bare)));
        check("+999 123 4567", None);
        check("2024-01-15 10", None);
        check("$4155550132", None);
        check("x4155550132", None);
    }

    #[test]
    fn calling_codes_are_sorted() {
        assert!(CALLING_CODES.is_sorted_by_key(|row| row.0));
    }

    #[test]
    fn extensions_are_read() {
        assert_eq!(extension_end(b"415-555-0132 ext. 12", 12), Some(20));
        assert_eq!(extension_end(b"415-555-0132x9", 12), Some(14));
        assert_eq!(extension_end(b"415-555-0132 next", 12), None);
    }
}
