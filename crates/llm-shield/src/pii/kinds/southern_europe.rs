//! Kinds of southern Europe.

use super::{BY_WORD, SURE, WEAK, forms};
use crate::pii::checks::{base_36, digit, is_ddmmyy, luhn, number, weighted};
use crate::pii::kind::{Kind, Verdict};

pub(super) const KINDS: &[Kind] = &[
    forms(
        "ES_NIF",
        &[("9{8}A", SURE), ("9{8}-A", SURE), ("9{7}A", WEAK), ("99.999.999-A", SURE)],
        |c| Verdict::pass_if(spanish_letter(c.compact)),
        "mod-23",
        &["dni", "nif", "identificación", "documento nacional de identidad"],
    ),
    forms(
        "ES_NIE",
        &[("A9{7}A", SURE), ("A-9{7}-A", SURE), ("A9{7}-A", SURE)],
        |c| {
            let mut digits = [0; 9];
            let first = match c.compact[0] {
                b'X' => b'0',
                b'Y' => b'1',
                b'Z' => b'2',
                _ => return Verdict::Fail,
            };
            digits.copy_from_slice(c.compact);
            digits[0] = first;
            Verdict::pass_if(spanish_letter(&digits))
        },
        "mod-23",
        &["nie", "extranjero", "identificación de extranjero"],
    ),
    forms(
        "ES_CIF",
        &[("A9{7}N", WEAK), ("A-9{8}", WEAK)],
        |c| Verdict::pass_if(cif(c.compact)),
        "cif-check-character",
        &["cif", "nif", "empresa", "sociedad"],
    ),
    forms("ES_PASSPORT", &[("AAA9{6}A?", BY_WORD)], |_| Verdict::Plain, "", &["pasaporte", "passport"]),
    forms(
        "ES_SOCIAL_SECURITY",
        &[("99/9{8}/99", SURE), ("99 9{8} 99", SURE), ("9{12}", WEAK), ("99-9{8}-99", SURE)],
        |c| {
            let serial = number(&c.compact[2..10]);
            let province = number(&c.compact[..2]);
            let whole = if serial < 10_000_000 {
                province * 10_000_000 + serial
            } else {
                province * 100_000_000 + serial
            };
            Verdict::pass_if((1..=66).contains(&province) && whole % 97 == number(&c.compact[10..]))
        },
        "mod-97",
        &["seguridad social", "nuss", "naf", "afiliación"],
    ),
    forms(
        "IT_FISCAL_CODE",
        &[("A{6}NNANNANNNA", SURE)],
        |c| Verdict::pass_if(fiscal_code(c.compact)),
        "mod-26",
        &["codice fiscale", "fiscale", "fiscal code", "cf"],
    ),
    forms(
        "IT_VAT_CODE",
        &[("it9{11}", SURE), ("9{11}", WEAK)],
        |c| {
            let digits = c.compact.strip_prefix(b"IT").unwrap_or(c.compact);
            Verdict::pass_if(number(digits) != 0 && luhn(digits))
        },
        "luhn",
        &["piva", "partita iva", "p.iva", "p. iva", "iva"],
    ),
    forms(
        "IT_DRIVER_LICENSE",
        &[("AA9{7}A", BY_WORD), ("u1N{7}A", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["patente", "patente di guida", "licenza", "driver", "driving"],
    ),
    forms(
        "IT_PASSPORT",
        &[("AA9{7}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["passaporto", "passport", "elettronico"],
    ),
    forms(
        "IT_IDENTITY_CARD",
        &[("AA 9{7}", BY_WORD), ("AA9{7}", BY_WORD), ("9{7}AA", BY_WORD), ("AA9{5}AA", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["carta d'identità", "carta d identità", "identità", "identita", "cie", "elettronica"],
    ),
    forms(
        "PT_NIF",
        &[("9{9}", WEAK), ("999 999 999", WEAK), ("pt9{9}", SURE)],
        |c| {
            let digits = c.compact.strip_prefix(b"PT").unwrap_or(c.compact);
            let rest = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            Verdict::pass_if(
                b"1235689".contains(&digits[0]) && (if rest < 2 { 0 } else { 11 - rest }) == digit(digits[8]),
            )
        },
        "mod-11",
        &["nif", "contribuinte", "número de contribuinte"],
    ),
    forms(
        "GR_AFM",
        &[("9{9}", WEAK), ("el9{9}", SURE)],
        |c| {
            let digits = c.compact.strip_prefix(b"EL").unwrap_or(c.compact);
            let sum = weighted(digits, &[256, 128, 64, 32, 16, 8, 4, 2]);
            Verdict::pass_if(sum > 0 && sum % 11 % 10 == digit(digits[8]))
        },
        "mod-11",
        &["afm", "α.φ.μ", "Α.Φ.Μ", "αφμ", "ΑΦΜ"],
    ),
    forms(
        "GR_AMKA",
        &[("9{11}", WEAK)],
        |c| Verdict::pass_if(is_ddmmyy(&c.compact[..6]) && luhn(c.compact)),
        "luhn",
        &["amka", "αμκα", "ΑΜΚΑ"],
    ),
];

fn spanish_letter(characters: &[u8]) -> bool {
    let Some((&letter, digits)) = characters.split_last() else { return false };
    b"TRWAGMYFPDXBNJZSQVHLCKE"[(number(digits) % 23) as usize] == letter
}

fn cif(characters: &[u8]) -> bool {
    let digits = &characters[1..8];
    let odd: u32 = digits
        .iter()
        .step_by(2)
        .map(|&byte| digit(byte) * 2)
        .map(|product| product / 10 + product % 10)
        .sum();
    let even: u32 = digits.iter().skip(1).step_by(2).map(|&byte| digit(byte)).sum();
    let check = (10 - (odd + even) % 10) % 10;
    let (figure, letter) = (b'0' + check as u8, b"JABCDEFGHI"[check as usize]);
    match characters[0] {
        b'P' | b'Q' | b'R' | b'S' | b'W' | b'N' => characters[8] == letter,
        b'A' | b'B' | b'E' | b'H' => characters[8] == figure,
        b'C' | b'D' | b'F' | b'G' | b'J' | b'U' | b'V' => characters[8] == letter || characters[8] == figure,
        _ => false,
    }
}

fn fiscal_code(characters: &[u8]) -> bool {
    // Values of the characters at odd places, for 0 to 9 and A to Z.
    const ODD: [u32; 36] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12,
        14, 16, 10, 22, 25, 24, 23,
    ];
    // Letters that stand for digits where two people would have the same code.
    let figure = |byte: u8| byte.is_ascii_digit() || b"LMNPQRSTUV".contains(&byte);
    let sum: u32 = characters[..15]
        .iter()
        .enumerate()
        .map(|(place, &byte)| {
            let value = base_36(byte);
            if place % 2 == 0 {
                ODD[value as usize]
            } else if value > 9 {
                value - 10
            } else {
                value
            }
        })
        .sum();
    [6, 7, 9, 10, 12, 13, 14].iter().all(|&place| figure(characters[place]))
        && b"ABCDEHLMPRST".contains(&characters[8])
        && u32::from(characters[15] - b'A') == sum % 26
}
