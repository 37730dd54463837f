//! Kinds of North and South America.

use super::{BY_WORD, SURE, WEAK, forms};
use crate::pii::checks::{base_36, digit, is_date, luhn, number, one_digit_repeated, two, weighted};
use crate::pii::kind::{Candidate, Kind, Verdict};

pub(super) const KINDS: &[Kind] = &[
    forms(
        "US_ITIN",
        &[
            ("999-99-9999", 0.5),
            ("999 99 9999", 0.5),
            ("999-999999", 0.05),
            ("99999-9999", 0.05),
            ("9{9}", 0.3),
        ],
        taxpayer_number,
        "",
        &["individual", "taxpayer", "itin", "tax", "payer", "taxid", "tin"],
    ),
    forms(
        "US_PASSPORT",
        &[("9{9}", BY_WORD), ("A9{8}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["passport", "travel document"],
    ),
    forms(
        "US_DRIVER_LICENSE",
        &[
            ("A9{4,14}", 0.3),
            ("AA9{5,7}", 0.3),
            ("A999-9999-9999", 0.3),
            ("A999-999-99-999-9", 0.3),
            ("9{6,12}", BY_WORD),
        ],
        |_| Verdict::Plain,
        "",
        &["driver", "drivers", "license", "licence", "permit", "lic", "dls", "cdls", "driving", "dl"],
    ),
    forms(
        "ABA_ROUTING_NUMBER",
        &[("9999-9999-9", SURE), ("9{9}", WEAK)],
        |c| Verdict::pass_if(routing_number(c.compact)),
        "aba-mod-10",
        &["aba", "routing", "rtn", "abarouting", "bankrouting", "transit"],
    ),
    forms(
        "US_EIN",
        &[("99-9{7}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["ein", "fein", "employer", "federal tax", "employer identification"],
    ),
    forms(
        "US_MBI",
        &[("9ANN9AN9AA99", 0.3), ("9AN9AN9AA99", 0.5), ("9AN9-AN9-AA99", 0.5)],
        beneficiary_number,
        "",
        &["medicare", "mbi", "beneficiary", "cms", "medicaid", "hicn"],
    ),
    forms(
        "US_NPI",
        &[("9{10}", WEAK), ("9999~999~999", WEAK)],
        |c| Verdict::pass_if(provider_number(c.compact)),
        "luhn",
        &["npi", "provider", "prescriber", "taxonomy"],
    ),
    forms(
        "MEDICAL_LICENSE",
        &[("AA9{7}", SURE), ("A9{8}", WEAK)],
        |c| Verdict::pass_if(dea_number(c.compact)),
        "dea-check-digit",
        &["medical", "certificate", "dea", "prescriber", "physician"],
    ),
    forms(
        "US_HEALTH_INSURANCE_MEMBER_ID",
        &[("A{1,4}-?9{6,12}", BY_WORD), ("A{3}9{3,6}A9{3,6}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["member", "subscriber", "insurance", "insured", "health plan"],
    ),
    forms(
        "US_CLAIM_NUMBER",
        &[("clm-?9{6,15}", BY_WORD), ("9{6,15}", 0.16)],
        |_| Verdict::Plain,
        "",
        &["claim"],
    ),
    forms(
        "US_PRIOR_AUTHORIZATION_NUMBER",
        &[("pa-?9{6,12}", BY_WORD), ("9{6,12}", 0.16)],
        |_| Verdict::Plain,
        "",
        &["authorization", "preauthorization", "authorisation", "preauth"],
    ),
    forms(
        "US_PRESCRIPTION_NUMBER",
        &[("rx-?9{6,12}", BY_WORD), ("9{6,12}", 0.16)],
        |_| Verdict::Plain,
        "",
        &["rx", "prescription"],
    ),
    forms(
        "US_REFERRAL_NUMBER",
        &[("ref-?9{6,12}", BY_WORD), ("9{6,12}", 0.16)],
        |_| Verdict::Plain,
        "",
        &["referral"],
    ),
    forms(
        "MEDICAL_RECORD_NUMBER",
        &[("9{6,10}", BY_WORD), ("A{1,3}-?9{5,9}", BY_WORD), ("999-999-999", BY_WORD), ("99-99-99", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &[
            "mrn",
            "medical record",
            "patient id",
            "patient number",
            "chart number",
            "medical_record",
            "patient_id",
        ],
    ),
    forms(
        "CA_SIN",
        &[("999~999~999", WEAK), ("9{9}", WEAK)],
        |c| Verdict::pass_if(!matches!(c.compact[0], b'0' | b'8') && luhn(c.compact)),
        "luhn",
        &["sin", "social insurance", "insurance number", "nas", "assurance sociale"],
    ),
    forms(
        "CA_POSTAL_CODE",
        &[("A9A 9A9", BY_WORD), ("A9A9A9", BY_WORD), ("A9A-9A9", BY_WORD)],
        canadian_postal_code,
        "",
        &["postal", "postal code", "zip", "postcode", "address", "mail", "canada", "code postal"],
    ),
    forms(
        "US_ZIP_CODE",
        &[("9{5}", BY_WORD), ("9{5}-9{4}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["zip", "zipcode", "zip code", "postal code", "postal_code", "zip_code"],
    ),
    forms(
        "BR_CPF",
        &[("999.999.999-99", SURE), ("9{9}-99", SURE), ("9{11}", WEAK)],
        |c| Verdict::pass_if(cpf(c.compact)),
        "mod-11",
        &["cpf", "cadastro", "contribuinte"],
    ),
    forms(
        "BR_CNPJ",
        &[("99.999.999/9999-99", SURE), ("9{14}", WEAK)],
        |c| Verdict::pass_if(cnpj(c.compact)),
        "mod-11",
        &["cnpj", "empresa", "company"],
    ),
    forms(
        "MX_CURP",
        &[("A{4}9{6}A{6}N9", SURE)],
        |c| Verdict::pass_if(curp(c.compact)),
        "curp-check-digit",
        &["curp"],
    ),
    forms(
        "MX_RFC",
        &[("A{4}9{6}NNN", WEAK), ("A{4}~9{6}~NNN", WEAK), ("A{3}9{6}NNN", WEAK), ("A{3}~9{6}~NNN", WEAK)],
        |c| Verdict::pass_if(rfc(c.compact)),
        "mod-11",
        &["rfc", "contribuyente", "contribuyentes", "registro federal"],
    ),
    forms(
        "AR_CUIT",
        &[("99-9{8}-9", SURE), ("9{11}", WEAK)],
        |c| Verdict::pass_if(cuit(c.compact)),
        "mod-11",
        &["cuit", "cuil", "afip"],
    ),
    forms(
        "CL_RUT",
        &[
            ("99.999.999-9", SURE),
            ("9.999.999-9", WEAK),
            ("99?.999.999-k", SURE),
            ("9{7,8}-9", WEAK),
            ("9{7,8}-k", SURE),
            ("9{7,8}k", WEAK),
            ("9{8,9}", WEAK),
        ],
        |c| Verdict::pass_if(rut(c.compact)),
        "mod-11",
        &["rut", "run", "rol"],
    ),
    forms(
        "CO_NIT",
        &[("999.999.999-9", WEAK), ("9{9}-9", WEAK), ("9{10}", WEAK)],
        |c| Verdict::pass_if(nit(c.compact)),
        "mod-11",
        &["nit", "dian", "tributaria"],
    ),
    forms(
        "PE_RUC",
        &[("9{11}", WEAK)],
        |c| {
            let kind = matches!(two(c.compact, 0), 10 | 15 | 16 | 17 | 20);
            let sum = weighted(c.compact, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
            Verdict::pass_if(kind && (11 - sum % 11) % 10 == digit(c.compact[10]))
        },
        "mod-11",
        &["ruc", "sunat"],
    ),
    forms(
        "EC_CEDULA",
        &[("9{10}", WEAK), ("9{9}-9", WEAK)],
        |c| {
            let province = two(c.compact, 0);
            let person = digit(c.compact[2]) < 6;
            Verdict::pass_if((matches!(province, 1..=24) || province == 30) && person && luhn(c.compact))
        },
        "luhn",
        &["cedula", "cédula", "ecuador"],
    ),
    forms(
        "UY_CI",
        &[("9.999.999-9", SURE), ("9{7}-9", WEAK), ("9{8}", WEAK)],
        |c| {
            let sum = weighted(c.compact, &[2, 9, 8, 7, 6, 3, 4]);
            Verdict::pass_if((10 - sum % 10) % 10 == digit(c.compact[7]))
        },
        "mod-10",
        &["ci", "cedula", "cédula", "uruguay"],
    ),
];

fn taxpayer_number(candidate: &Candidate<'_>) -> Verdict {
    let digits = candidate.compact;
    let group = two(digits, 3);
    Verdict::plain_if(digits[0] == b'9' && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99))
}

fn routing_number(digits: &[u8]) -> bool {
    let district = matches!(two(digits, 0), 0..=12 | 21..=32 | 61..=72 | 80);
    let sum = weighted(digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]);
    district && number(digits) != 0 && sum.is_multiple_of(10)
}

/// Letters without S, L, O, I, B, Z at the places that CMS gives them.
fn beneficiary_number(candidate: &Candidate<'_>) -> Verdict {
    let letters = |byte: &u8| byte.is_ascii_digit() || !b"SLOIBZ".contains(byte);
    Verdict::plain_if(
        candidate.compact.len() == 11
            && candidate.compact[0] != b'0'
            && candidate.compact.iter().all(letters),
    )
}

/// Luhn over the prefix 80840, which ISO gives to health in the United States, and the ten digits.
fn provider_number(digits: &[u8]) -> bool {
    let mut whole = *b"808400000000000";
    whole[5..].copy_from_slice(digits);
    matches!(digits[0], b'1' | b'2') && luhn(&whole)
}

fn dea_number(characters: &[u8]) -> bool {
    let digits = &characters[2..];
    let sum = weighted(digits, &[1, 2, 1, 2, 1, 2]);
    b"ABCDEFGHJKLMPRSTUX".contains(&characters[0])
        && (characters[1].is_ascii_alphabetic() || characters[1] == b'9')
        && sum % 10 == digit(digits[6])
}

fn canadian_postal_code(candidate: &Candidate<'_>) -> Verdict {
    let code = candidate.compact;
    let letters = [code[0], code[2], code[4]];
    Verdict::plain_if(!letters.iter().any(|letter| b"DFIOQU".contains(letter)) && !b"WZ".contains(&code[0]))
}

/// Two check digits, each eleven less the weighted sum of all before it.
fn cpf(digits: &[u8]) -> bool {
    let check = |length: usize| {
        let sum: u32 = digits[..length]
            .iter()
            .zip((2..=length as u32 + 1).rev())
            .map(|(&byte, w)| digit(byte) * w)
            .sum();
        sum * 10 % 11 % 10
    };
    !one_digit_repeated(digits) && check(9) == digit(digits[9]) && check(10) == digit(digits[10])
}

fn cnpj(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 13] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    let check = |length: usize| {
        let rest = weighted(&digits[..length], &WEIGHTS[13 - length..]) % 11;
        if rest < 2 { 0 } else { 11 - rest }
    };
    !one_digit_repeated(digits) && check(12) == digit(digits[12]) && check(13) == digit(digits[13])
}

fn curp(characters: &[u8]) -> bool {
    // Letters after N stand one higher, because Ñ has a place of its own in the alphabet.
    let value = |byte: u8| base_36(byte) + u32::from(byte > b'N' && byte.is_ascii_alphabetic());
    let sum: u32 =
        characters[..17].iter().zip((2..=18).rev()).map(|(&byte, weight)| value(byte) * weight).sum();
    let date = &characters[4..10];
    is_date(2000 + two(date, 0), two(date, 2), two(date, 4))
        && matches!(characters[10], b'H' | b'M' | b'X')
        && (10 - sum % 10) % 10 == digit(characters[17])
}

fn rfc(characters: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ ";
    let date = &characters[characters.len() - 9..];
    let value = |byte: u8| ALPHABET.iter().position(|&known| known == byte).unwrap_or(0) as u32;
    // A company's number is one letter shorter; a space stands for it.
    let padding = (characters.len() == 12).then_some(b' ');
    let body = padding.into_iter().chain(characters[..characters.len() - 1].iter().copied());
    let sum: u32 = body.zip((2..=13).rev()).map(|(byte, weight)| value(byte) * weight).sum();
    let expected = match 11 - sum % 11 {
        11 => b'0',
        10 => b'A',
        rest => b'0' + rest as u8,
    };
    is_date(2000 + two(date, 0), two(date, 2), two(date, 4)) && characters.last() == Some(&expected)
}

fn cuit(digits: &[u8]) -> bool {
    let rest = weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let expected = match 11 - rest {
        11 => 0,
        10 => 9,
        check => check,
    };
    matches!(two(digits, 0), 20 | 23 | 24 | 25 | 26 | 27 | 30 | 33 | 34 | 50 | 51 | 55)
        && expected == digit(digits[10])
}

fn rut(characters: &[u8]) -> bool {
    let Some((&check, body)) = characters.split_last() else { return false };
    let weights = [2, 3, 4, 5, 6, 7, 2, 3, 4];
    let sum: u32 = body.iter().rev().zip(weights).map(|(&byte, weight)| digit(byte) * weight).sum();
    let expected = match 11 - sum % 11 {
        11 => b'0',
        10 => b'K',
        rest => b'0' + rest as u8,
    };
    check == expected
}

fn nit(digits: &[u8]) -> bool {
    let Some((&check, body)) = digits.split_last() else { return false };
    let weights = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53];
    let rest = body.iter().rev().zip(weights).map(|(&byte, weight)| digit(byte) * weight).sum::<u32>() % 11;
    digit(check) == if rest < 2 { rest } else { 11 - rest }
}
