//! Kinds of the United Kingdom and Ireland.

use super::{BY_WORD, SURE, WEAK, forms};
use crate::pii::checks::{base_36, digit, one_digit_repeated, two, weighted};
use crate::pii::kind::{Kind, Verdict};

pub(super) const KINDS: &[Kind] = &[
    forms(
        "UK_NHS",
        &[("999~999~9999", WEAK), ("9{10}", WEAK)],
        |c| {
            let rest = weighted(c.compact, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            Verdict::pass_if(
                (11 - rest) % 11 == digit(c.compact[9]) && rest != 1 && !one_digit_repeated(c.compact),
            )
        },
        "mod-11",
        &["nhs", "national health service", "health services authority", "health authority"],
    ),
    forms(
        "UK_NINO",
        &[
            ("AA9{6}A", 0.5),
            ("AA 99 99 99 A", 0.5),
            ("AA 9{6} A", 0.5),
            ("AA-99-99-99-A", 0.5),
            ("AA99 99 99A", 0.5),
        ],
        |c| Verdict::plain_if(nino(c.compact)),
        "",
        &["national insurance", "ni number", "nino", "insurance"],
    ),
    forms(
        "UK_PASSPORT",
        &[("9{9}", BY_WORD), ("AA9{7}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["passport", "hmpo", "travel document"],
    ),
    forms(
        "UK_POSTCODE",
        &[
            ("A99? 9AA", 0.2),
            ("AA99? 9AA", 0.2),
            ("A9A 9AA", 0.2),
            ("AA9A 9AA", 0.2),
            ("A99?9AA", BY_WORD),
            ("AA99?9AA", BY_WORD),
            ("AA9A9AA", BY_WORD),
        ],
        |c| {
            let end = &c.compact[c.compact.len() - 2..];
            Verdict::plain_if(
                !end.iter().any(|letter| b"CIKMOV".contains(letter)) && !b"QVX".contains(&c.compact[0]),
            )
        },
        "",
        &["postcode", "post code", "postal code", "address", "postal", "zip"],
    ),
    forms(
        "UK_DRIVING_LICENCE",
        &[("NNNNN9{6}NNNAA", 0.5), ("NNNNN 9{6} NNNAA", 0.5)],
        |c| {
            let surname = c.compact[..5].iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'9');
            let month = two(c.compact, 6);
            Verdict::plain_if(
                surname
                    && c.compact[0] != b'9'
                    && matches!(month, 1..=12 | 51..=62)
                    && matches!(two(c.compact, 8), 1..=31),
            )
        },
        "",
        &["driving", "licence", "license", "driver", "dvla"],
    ),
    forms(
        "UK_VEHICLE_REGISTRATION",
        &[("AA99 AAA", 0.3), ("AA99AAA", BY_WORD), ("A9{1,3} AAA", BY_WORD), ("A9{1,3}AAA", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["registration", "vehicle", "plate", "car", "reg", "vrm", "number plate"],
    ),
    forms(
        "UK_UTR",
        &[("9{10}", WEAK), ("9{5} 9{5}", WEAK)],
        |c| {
            let rest = weighted(&c.compact[1..], &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
            Verdict::pass_if(b"21987654321"[rest as usize] == c.compact[0])
        },
        "mod-11",
        &["utr", "unique taxpayer", "self assessment", "hmrc"],
    ),
    forms(
        "UK_VAT_NUMBER",
        &[("gb9{9}", SURE), ("gb 999 9999 99", SURE), ("9{9}", WEAK), ("999 9999 99", WEAK)],
        |c| {
            let digits = c.compact.strip_prefix(b"GB").unwrap_or(c.compact);
            let sum = weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) + two(digits, 7);
            Verdict::pass_if(matches!(sum % 97, 0 | 42 | 55))
        },
        "mod-97",
        &["vat"],
    ),
    forms(
        "UK_SORT_CODE",
        &[("99-99-99", BY_WORD), ("99 99 99", BY_WORD), ("9{6}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["sort code", "sortcode", "sort_code", "sort"],
    ),
    forms(
        "IE_PPS",
        &[("9{7}A", SURE), ("9{7}AA", SURE)],
        |c| {
            let second =
                c.compact.get(8).map_or(0, |&letter| if letter == b'W' { 0 } else { base_36(letter) - 9 });
            let sum = weighted(c.compact, &[8, 7, 6, 5, 4, 3, 2]) + second * 9;
            let range =
                c.compact.get(8).is_none_or(|letter| (b'A'..=b'I').contains(letter) || *letter == b'W');
            Verdict::pass_if(range && b"WABCDEFGHIJKLMNOPQRSTUV"[(sum % 23) as usize] == c.compact[7])
        },
        "mod-23",
        &["pps", "ppsn", "personal public service"],
    ),
];

/// Prefixes never given out, after HMRC's rules.
fn nino(characters: &[u8]) -> bool {
    let prefix = &characters[..2];
    let reserved = [b"BG", b"GB", b"NK", b"KN", b"NT", b"TN", b"ZZ"];
    !b"DFIQUV".contains(&prefix[0])
        && !b"DFIOQUV".contains(&prefix[1])
        && !reserved.iter().any(|known| prefix == *known)
        && (b'A'..=b'D').contains(&characters[8])
}
