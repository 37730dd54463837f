//! Which digits are dialled in the countries that Presidio searches: facts of their national numbering plans.

use super::ranges::{GERMANY, INDIA, INDIA_FIFTH, INDIA_FOURTH, INDIA_MOBILE, NORTH_AMERICA};
use crate::pii::phone::is_international;

/// A country whose numbers count without a calling code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Region {
    NorthAmerica,
    Germany,
    Israel,
    India,
    Brazil,
}

impl Region {
    pub(super) const ALL: [Self; 5] =
        [Self::NorthAmerica, Self::Germany, Self::Israel, Self::India, Self::Brazil];

    const fn calling_code(self) -> &'static [u8] {
        match self {
            Self::NorthAmerica => b"1",
            Self::Germany => b"49",
            Self::Israel => b"972",
            Self::India => b"91",
            Self::Brazil => b"55",
        }
    }

    /// What is dialled before a calling code.
    fn abroad(self, digits: &[u8]) -> Option<&[u8]> {
        let rest = match self {
            Self::NorthAmerica => digits.strip_prefix(b"011"),
            Self::Brazil => None,
            _ => digits.strip_prefix(b"00"),
        };
        rest.filter(|rest| rest.first().is_some_and(|digit| *digit != b'0'))
    }

    const fn trunk(self) -> u8 {
        if matches!(self, Self::NorthAmerica) { b'1' } else { b'0' }
    }

    /// Whether a number is always written with its trunk prefix inside the country.
    fn needs_trunk(self, digits: &[u8]) -> bool {
        match self {
            Self::NorthAmerica | Self::India => false,
            Self::Germany => true,
            Self::Israel => digits[0] != b'1',
            Self::Brazil => digits.len() > 8 && matches!(&digits[..2], b"30" | b"50" | b"80" | b"90"),
        }
    }

    const fn most(self) -> usize {
        match self {
            Self::NorthAmerica => 10,
            Self::Germany => 15,
            Self::Israel => 12,
            Self::India => 13,
            Self::Brazil => 11,
        }
    }

    /// Whether digits have a length and a beginning that the plan knows at all.
    fn is_possible(self, digits: &[u8]) -> bool {
        let Some(&first) = digits.first() else { return false };
        let length = digits.len();
        match self {
            Self::NorthAmerica => first >= b'2' && length == 10,
            Self::Germany => match first {
                b'2' | b'5' | b'7' | b'9' => (6..=15).contains(&length),
                b'1' => (4..=14).contains(&length),
                b'0' => false,
                _ => (5..=15).contains(&length),
            },
            Self::Israel => match first {
                b'1' => matches!(length, 7 | 10..=12),
                b'5' | b'7' => length == 9,
                b'0' | b'6' => false,
                _ => length == 8,
            },
            Self::India => match first {
                b'0' => false,
                b'1' => (8..=13).contains(&length),
                _ => length == 10,
            },
            Self::Brazil => match length {
                8 => matches!(first, b'3' | b'4'),
                9 => matches!(first, b'3' | b'5' | b'8' | b'9'),
                10 => first != b'0',
                11 => first != b'0' && digits[..2] != *b"55" || digits[..2] == *b"55" && digits[2] != b'5',
                _ => false,
            },
        }
    }

    /// Whether digits without calling code and trunk prefix are a number of the plan.
    fn is_assigned(self, digits: &[u8]) -> bool {
        self.is_possible(digits)
            && match self {
                Self::NorthAmerica => within(NORTH_AMERICA, digits) && digits[3] >= b'2',
                Self::Germany => german(digits),
                Self::Israel => israeli(digits),
                Self::India => indian(digits),
                Self::Brazil => brazilian(digits),
            }
    }
}

/// Whether somebody in the region reaches a subscriber by dialling the digits.
pub(super) fn is_dialled(digits: &[u8], plus: bool, region: Region) -> bool {
    if plus {
        // A plus speaks for itself: one region is enough.
        return region == Region::NorthAmerica && reaches(digits);
    }
    if digits.len() < 3 {
        return false;
    }
    if let Some(rest) = region.abroad(digits) {
        return reaches(rest);
    }
    if let Some(rest) = digits.strip_prefix(region.calling_code()) {
        let rest = without_trunk(rest, region);
        if region.is_possible(rest) && !region.is_possible(digits) || digits.len() > region.most() {
            return region.is_assigned(rest);
        }
    }
    let subscriber = without_trunk(digits, region);
    region.is_assigned(subscriber) && (subscriber.len() < digits.len() || !region.needs_trunk(subscriber))
}

/// Digits with a calling code before them.
fn reaches(digits: &[u8]) -> bool {
    for region in Region::ALL {
        if let Some(rest) = digits.strip_prefix(region.calling_code()) {
            return region.is_assigned(without_trunk(rest, region));
        }
    }
    is_international(digits)
}

fn without_trunk(digits: &[u8], region: Region) -> &[u8] {
    let Some((&first, rest)) = digits.split_first() else { return digits };
    let keeps = region.is_possible(digits) && !region.is_possible(rest);
    if first != region.trunk() || keeps || rest.len() < 4 { digits } else { rest }
}

fn within(ranges: &[(u16, u16)], digits: &[u8]) -> bool {
    let code = crate::pii::checks::number(&digits[..3]) as u16;
    ranges
        .binary_search_by(|&(first, last)| {
            if last < code {
                std::cmp::Ordering::Less
            } else if first > code {
                std::cmp::Ordering::Greater
            } else {
                std::cmp::Ordering::Equal
            }
        })
        .is_ok()
}

fn german(digits: &[u8]) -> bool {
    let length = digits.len();
    match digits {
        [b'1', b'7', b'6', ..] | [b'1', b'6', b'0' | b'2' | b'3', ..] | [b'9', b'0', b'0', ..] => {
            matches!(length, 10 | 11)
        }
        [b'1', b'7', ..] | [b'1', b'3', b'7', ..] => length == 10,
        [b'1', b'6', b'4' | b'8' | b'9', ..] => length <= 14,
        [b'1', b'8', b'0' | b'1', ..] => (8..=14).contains(&length),
        [b'1', b'5' | b'8', ..] | [b'7', b'0', b'0', ..] => length == 11,
        [b'1', b'3', b'8', ..] => length == 7,
        [b'1', ..] => false,
        [b'8', b'0', b'0', ..] => length >= 10,
        [b'3' | b'4', b'0', ..] | [b'6' | b'8', b'9', ..] => true,
        _ => length >= 6 && within(GERMANY, digits),
    }
}

fn israeli(digits: &[u8]) -> bool {
    match (digits[0], digits.len()) {
        (b'1', 10) => matches!(&digits[1..3], b"80" | b"20" | b"90" | b"70" | b"59"),
        (b'1', 11 | 12) => matches!(&digits[1..3], b"51" | b"53"),
        (b'1', _) => digits[1..4] == *b"255",
        (b'2', _) => digits[1] < b'9' || digits[2] != b'0',
        (b'5', _) => matches!(digits[1], b'0'..=b'6' | b'8' | b'9'),
        (b'7', _) => matches!(digits[1], b'2' | b'3' | b'4' | b'6'..=b'9'),
        _ => true,
    }
}

fn indian(digits: &[u8]) -> bool {
    match digits.len() {
        10 => {
            let middle = |digit: u8| (b'2'..=b'7').contains(&digit);
            within(INDIA, digits)
                || middle(digits[3]) && within(INDIA_FOURTH, digits)
                || middle(digits[4]) && within(INDIA_FIFTH, digits)
                || !middle(digits[3]) && within(INDIA_MOBILE, digits)
        }
        _ => digits.starts_with(b"1800") || digits.starts_with(b"186"),
    }
}

fn brazilian(digits: &[u8]) -> bool {
    let area = match digits[0] {
        b'1' | b'4' | b'6' | b'8' | b'9' => digits[1] != b'0',
        b'2' => matches!(digits[1], b'1' | b'2' | b'4' | b'7' | b'8'),
        b'3' => matches!(digits[1], b'1'..=b'5' | b'7' | b'8'),
        b'5' => matches!(digits[1], b'1' | b'3' | b'4' | b'5'),
        b'7' => matches!(digits[1], b'1' | b'3' | b'4' | b'5' | b'7' | b'9'),
        _ => false,
    };
    match digits.len() {
        8 => {
            digits.starts_with(b"300")
                || digits.starts_with(b"400")
                || digits.starts_with(b"4020")
                || digits.starts_with(b"4370")
        }
        9 => matches!(&digits[..3], b"800" | b"300" | b"500" | b"900"),
        10 => {
            area && matches!(digits[2], b'2'..=b'5' | b'7')
                || matches!(&digits[..3], b"800" | b"300" | b"303" | b"500" | b"900")
        }
        _ => area && digits[2] == b'9',
    }
}
