//! Which digits are dialled in the countries that Presidio searches: facts of their national numbering plans.

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

/// Area codes in use in the North American numbering plan, services included.
const NORTH_AMERICA: &[(u16, u16)] = &[
    (201, 210),
    (212, 220),
    (223, 229),
    (231, 231),
    (234, 236),
    (239, 240),
    (248, 254),
    (256, 256),
    (260, 260),
    (262, 263),
    (267, 267),
    (269, 270),
    (272, 272),
    (276, 276),
    (279, 279),
    (281, 281),
    (283, 283),
    (289, 289),
    (301, 310),
    (312, 321),
    (323, 323),
    (325, 327),
    (329, 332),
    (334, 334),
    (336, 337),
    (339, 339),
    (341, 341),
    (343, 343),
    (346, 347),
    (350, 352),
    (354, 354),
    (360, 361),
    (363, 365),
    (367, 369),
    (380, 380),
    (382, 382),
    (385, 386),
    (401, 410),
    (412, 419),
    (423, 425),
    (428, 428),
    (430, 432),
    (434, 435),
    (437, 438),
    (440, 440),
    (442, 443),
    (445, 445),
    (447, 448),
    (450, 450),
    (458, 458),
    (463, 464),
    (468, 470),
    (472, 472),
    (474, 475),
    (478, 480),
    (484, 484),
    (500, 510),
    (512, 531),
    (533, 534),
    (539, 541),
    (544, 544),
    (548, 548),
    (551, 551),
    (557, 557),
    (559, 559),
    (561, 564),
    (566, 567),
    (570, 575),
    (577, 577),
    (579, 582),
    (584, 588),
    (600, 610),
    (612, 620),
    (622, 623),
    (626, 626),
    (628, 631),
    (633, 633),
    (636, 636),
    (639, 641),
    (645, 647),
    (650, 651),
    (656, 662),
    (667, 667),
    (669, 672),
    (678, 678),
    (680, 683),
    (689, 689),
    (701, 709),
    (712, 720),
    (724, 728),
    (730, 732),
    (734, 734),
    (737, 737),
    (740, 740),
    (742, 743),
    (747, 747),
    (753, 754),
    (757, 757),
    (760, 760),
    (762, 763),
    (765, 765),
    (769, 775),
    (778, 782),
    (785, 787),
    (800, 810),
    (812, 820),
    (825, 826),
    (828, 833),
    (835, 835),
    (838, 840),
    (843, 845),
    (847, 850),
    (854, 860),
    (862, 867),
    (870, 870),
    (872, 873),
    (876, 879),
    (888, 888),
    (900, 910),
    (912, 920),
    (925, 925),
    (928, 931),
    (934, 934),
    (936, 943),
    (945, 945),
    (947, 949),
    (951, 952),
    (954, 954),
    (956, 956),
    (959, 959),
    (970, 973),
    (978, 980),
    (983, 986),
    (989, 989),
];

/// First three digits of German fixed lines.
const GERMANY: &[(u16, u16)] = &[
    (201, 206),
    (208, 248),
    (250, 269),
    (271, 277),
    (280, 287),
    (290, 309),
    (330, 347),
    (349, 369),
    (371, 377),
    (381, 388),
    (390, 410),
    (412, 456),
    (460, 468),
    (470, 477),
    (479, 497),
    (502, 508),
    (510, 538),
    (540, 577),
    (580, 588),
    (590, 597),
    (600, 600),
    (602, 648),
    (650, 659),
    (661, 678),
    (680, 699),
    (702, 708),
    (711, 727),
    (730, 748),
    (750, 758),
    (760, 768),
    (770, 777),
    (780, 785),
    (790, 791),
    (793, 797),
    (800, 800),
    (802, 817),
    (819, 834),
    (836, 846),
    (850, 851),
    (853, 859),
    (861, 868),
    (870, 878),
    (880, 882),
    (884, 886),
    (890, 900),
    (906, 957),
    (960, 968),
    (970, 974),
    (976, 977),
    (980, 987),
    (990, 997),
];

/// First three digits of Indian numbers of ten digits.
const INDIA: &[(u16, u16)] = &[
    (112, 117),
    (140, 140),
    (202, 207),
    (209, 209),
    (222, 227),
    (229, 229),
    (290, 290),
    (323, 323),
    (332, 337),
    (342, 342),
    (380, 380),
    (402, 407),
    (442, 447),
    (600, 999),
];

/// The same, where a digit from 2 to 7 follows.
const INDIA_FOURTH: &[(u16, u16)] = &[
    (120, 122),
    (124, 124),
    (129, 132),
    (135, 135),
    (141, 141),
    (144, 145),
    (151, 151),
    (154, 154),
    (160, 161),
    (164, 164),
    (171, 172),
    (175, 175),
    (177, 177),
    (180, 181),
    (183, 184),
    (186, 186),
    (191, 191),
    (194, 194),
    (212, 212),
    (215, 215),
    (217, 217),
    (230, 231),
    (233, 233),
    (240, 241),
    (250, 251),
    (253, 253),
    (257, 257),
    (260, 261),
    (265, 265),
    (268, 268),
    (278, 278),
    (281, 281),
    (285, 286),
    (288, 288),
    (291, 291),
    (294, 294),
    (326, 326),
    (341, 341),
    (343, 343),
    (353, 354),
    (360, 361),
    (364, 364),
    (368, 370),
    (372, 374),
    (376, 376),
    (381, 381),
    (385, 385),
    (389, 389),
    (413, 413),
    (416, 416),
    (421, 424),
    (427, 427),
    (431, 431),
    (435, 435),
    (451, 452),
    (460, 462),
    (466, 472),
    (474, 481),
    (483, 485),
    (487, 487),
    (490, 491),
    (494, 497),
    (510, 510),
    (512, 512),
    (515, 515),
    (522, 522),
    (532, 532),
    (535, 535),
    (542, 542),
    (548, 548),
    (551, 552),
    (562, 562),
    (565, 565),
    (571, 571),
    (581, 581),
    (591, 591),
    (595, 595),
];

/// The same, where a digit from 2 to 7 follows as the fifth.
const INDIA_FIFTH: &[(u16, u16)] = &[
    (123, 123),
    (125, 128),
    (133, 134),
    (136, 139),
    (142, 143),
    (146, 150),
    (152, 153),
    (155, 159),
    (162, 163),
    (165, 169),
    (173, 174),
    (176, 176),
    (178, 179),
    (182, 182),
    (185, 185),
    (187, 190),
    (192, 193),
    (195, 199),
    (211, 211),
    (213, 214),
    (216, 216),
    (218, 219),
    (232, 232),
    (234, 238),
    (242, 248),
    (252, 252),
    (255, 256),
    (258, 259),
    (262, 264),
    (266, 267),
    (269, 269),
    (271, 271),
    (273, 277),
    (279, 279),
    (282, 284),
    (287, 287),
    (289, 289),
    (292, 293),
    (295, 299),
    (301, 301),
    (317, 317),
    (319, 319),
    (321, 322),
    (324, 325),
    (345, 348),
    (351, 352),
    (355, 356),
    (358, 359),
    (362, 363),
    (365, 367),
    (371, 371),
    (375, 375),
    (377, 379),
    (382, 384),
    (386, 388),
    (411, 411),
    (414, 415),
    (417, 418),
    (425, 426),
    (428, 429),
    (432, 434),
    (436, 437),
    (454, 457),
    (463, 463),
    (465, 465),
    (473, 473),
    (482, 482),
    (486, 486),
    (488, 489),
    (492, 493),
    (498, 499),
    (511, 511),
    (514, 514),
    (516, 519),
    (521, 521),
    (524, 528),
    (531, 531),
    (533, 534),
    (536, 536),
    (541, 541),
    (544, 546),
    (549, 549),
    (554, 554),
    (556, 556),
    (561, 561),
    (564, 564),
    (566, 569),
    (572, 574),
    (582, 588),
    (592, 592),
    (594, 594),
    (596, 596),
];

/// The same, where a digit below 2 or above 7 follows.
const INDIA_MOBILE: &[(u16, u16)] = &[(280, 280)];
