//! Kinds of western, central and northern Europe.

use super::{BY_WORD, SURE, WEAK, forms};
use crate::pii::checks::{
    base_36, digit, is_date, is_ddmmyy, luhn, mod_11_10, number, one_digit_repeated, remainder, two, weighted,
};
use crate::pii::kind::{Candidate, Kind, Verdict};

pub(super) const KINDS: &[Kind] = &[
    forms(
        "FI_PERSONAL_IDENTITY_CODE",
        &[("9{6}-999N", SURE), ("9{6}+999N", SURE), ("9{6}A999N", SURE)],
        |c| Verdict::pass_if(finnish(c)),
        "mod-31",
        &["hetu", "henkilötunnus", "personbeteckning", "personal identity code"],
    ),
    forms(
        "SE_PERSONNUMMER",
        &[("9{6}-9{4}", 0.5), ("9{6}+9{4}", SURE), ("9{8}-9{4}", SURE), ("9{10}", WEAK), ("9{12}", WEAK)],
        |c| {
            let digits = &c.compact[c.compact.len() - 10..];
            let century = c.compact.len() == 10 || matches!(two(c.compact, 0), 18..=20);
            let day = two(digits, 4);
            // A coordination number has 60 more on its day.
            let day = if day > 60 { day - 60 } else { day };
            Verdict::pass_if(century && is_date(2000 + two(digits, 0), two(digits, 2), day) && luhn(digits))
        },
        "luhn",
        &["personnummer", "samordningsnummer", "swedish", "personal number", "svenskt", "persnr"],
    ),
    forms(
        "SE_ORGANISATIONSNUMMER",
        &[("9{6}-9{4}", 0.45), ("9{10}", WEAK)],
        |c| Verdict::pass_if(c.compact[2] >= b'2' && luhn(c.compact)),
        "luhn",
        &["organisationsnummer", "orgnr", "org.nr", "org nr"],
    ),
    forms(
        "NO_FODSELSNUMMER",
        &[("9{6} 9{5}", SURE), ("9{11}", WEAK)],
        |c| Verdict::pass_if(fodselsnummer(c.compact)),
        "mod-11",
        &["fødselsnummer", "fodselsnummer", "personnummer", "fnr", "norwegian"],
    ),
    forms(
        "NO_ORGANISASJONSNUMMER",
        &[("9{9}", WEAK), ("999 999 999", WEAK)],
        |c| {
            let rest = weighted(c.compact, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11;
            Verdict::pass_if(rest != 1 && (11 - rest) % 11 == digit(c.compact[8]))
        },
        "mod-11",
        &["organisasjonsnummer", "orgnr", "org.nr", "foretaksregisteret"],
    ),
    forms(
        "DK_CPR",
        &[("9{6}-9{4}", 0.4), ("9{10}", BY_WORD)],
        |c| Verdict::plain_if(is_ddmmyy(&c.compact[..6])),
        "",
        &["cpr", "personnummer", "danish", "cpr-nr", "cprnr"],
    ),
    forms(
        "DK_CVR",
        &[("dk9{8}", SURE), ("9{8}", WEAK), ("99 99 99 99", WEAK)],
        |c| {
            let digits = c.compact.strip_prefix(b"DK").unwrap_or(c.compact);
            Verdict::pass_if(
                digits[0] != b'0' && weighted(digits, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11),
            )
        },
        "mod-11",
        &["cvr"],
    ),
    forms(
        "NL_BSN",
        &[("9{9}", WEAK), ("9999.99.999", SURE), ("9{8}", WEAK)],
        |c| {
            let mut digits = *b"000000000";
            digits[9 - c.compact.len()..].copy_from_slice(c.compact);
            let sum = weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
            Verdict::pass_if(sum > 0 && sum % 11 == digit(digits[8]) && !one_digit_repeated(c.compact))
        },
        "elfproef",
        &["bsn", "burgerservicenummer", "sofinummer", "burger service"],
    ),
    forms(
        "BE_NATIONAL_NUMBER",
        &[("99.99.99-999.99", SURE), ("9{6}-999-99", SURE), ("9{6}-999.99", SURE), ("9{11}", WEAK)],
        |c| {
            let body = number(&c.compact[..9]);
            let check = number(&c.compact[9..]);
            let holds = body % 97 + check == 97 || (2_000_000_000 + body) % 97 + check == 97;
            // Month and day may be 0 where they are unknown, and a register adds 20 or 40 to the month.
            let month = two(c.compact, 2) % 20;
            Verdict::pass_if(holds && month <= 12 && two(c.compact, 4) <= 31)
        },
        "mod-97",
        &[
            "rijksregisternummer",
            "registre national",
            "national number",
            "rrn",
            "nrn",
            "niss",
            "insz",
            "numéro national",
        ],
    ),
    forms(
        "BE_VAT_NUMBER",
        &[
            ("be9{10}", SURE),
            ("be 9999.999.999", SURE),
            ("be9999.999.999", SURE),
            ("9999.999.999", WEAK),
            ("9{10}", WEAK),
        ],
        |c| {
            let digits = c.compact.strip_prefix(b"BE").unwrap_or(c.compact);
            Verdict::pass_if(
                matches!(digits[0], b'0' | b'1') && (97 - number(&digits[..8]) % 97) == number(&digits[8..]),
            )
        },
        "mod-97",
        &["ondernemingsnummer", "numéro d'entreprise", "btw", "tva", "kbo", "bce"],
    ),
    forms(
        "DE_TAX_ID",
        &[("9{11}", WEAK), ("99 999 999 999", SURE)],
        |c| Verdict::pass_if(german_tax_id(c.compact)),
        "mod-11-10",
        &[
            "steueridentifikationsnummer",
            "steuer-id",
            "steuerid",
            "steuer_id",
            "idnr",
            "steuer-idnr",
            "identifikationsnummer",
            "tin",
            "tax id",
        ],
    ),
    forms(
        "DE_TAX_NUMBER",
        &[("999/999/9{5}", 0.4), ("99/999/9{5}", 0.4), ("999/9999/9{4}", 0.3), ("9{13}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["steuernummer", "st.-nr", "steuer-nr", "stnr", "finanzamt"],
    ),
    forms(
        "DE_VAT_ID",
        &[("de9{9}", SURE), ("de 9{9}", SURE), ("de 999 999 999", SURE)],
        |c| Verdict::pass_if(mod_11_10(&c.compact[2..])),
        "mod-11-10",
        &["ust-id", "ustid", "umsatzsteuer", "vat", "ust-idnr"],
    ),
    forms(
        "DE_PASSPORT",
        &[("AN{7}9", BY_WORD), ("AN{7}99?d?", BY_WORD)],
        |c| Verdict::plain_if(german_serial(c.compact)),
        "",
        &["reisepass", "passnummer", "passport", "pass-nr"],
    ),
    forms(
        "DE_ID_CARD",
        &[("AN{7}9", BY_WORD), ("AN{7}99", BY_WORD), ("9{10}d", 0.3)],
        |c| Verdict::plain_if(c.compact[0].is_ascii_digit() || german_serial(c.compact)),
        "",
        &["personalausweis", "ausweis", "ausweisnummer", "identity card", "id card"],
    ),
    forms(
        "DE_SOCIAL_SECURITY",
        &[("99 9{6} A 999", SURE), ("9{8}A999", SURE), ("99 9{6}A999", SURE)],
        |c| Verdict::pass_if(german_insurance(c.compact)),
        "mod-10",
        &["sozialversicherungsnummer", "rentenversicherungsnummer", "rvnr", "svnr", "versicherungsnummer"],
    ),
    forms(
        "DE_HEALTH_INSURANCE",
        &[("A9{9}", WEAK)],
        |c| {
            let mut digits = [0; 11];
            let letter = base_36(c.compact[0]) - 9;
            digits[0] = b'0' + (letter / 10) as u8;
            digits[1] = b'0' + (letter % 10) as u8;
            digits[2..].copy_from_slice(&c.compact[1..]);
            let sum: u32 = digits[..10]
                .iter()
                .enumerate()
                .map(|(place, &byte)| {
                    let product = digit(byte) * (1 + place as u32 % 2);
                    product / 10 + product % 10
                })
                .sum();
            Verdict::pass_if(sum % 10 == digit(digits[10]))
        },
        "mod-10",
        &[
            "krankenversichertennummer",
            "kvnr",
            "krankenversicherung",
            "krankenkasse",
            "versichertennummer",
            "egk",
        ],
    ),
    forms(
        "DE_FUEHRERSCHEIN",
        &[("AA9{8}N", BY_WORD), ("A999NN9{3,4}NN", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["führerschein", "fuehrerschein", "fahrerlaubnis"],
    ),
    forms(
        "DE_KFZ",
        &[("A{1,3}~A{1,2}~9{1,4}", 0.2)],
        |_| Verdict::Plain,
        "",
        &["kennzeichen", "kfz", "nummernschild"],
    ),
    forms(
        "DE_PLZ",
        &[("9{5}", BY_WORD)],
        |c| Verdict::plain_if(number(c.compact) >= 1001),
        "",
        &["plz", "postleitzahl"],
    ),
    forms(
        "DE_LANR",
        &[("9{9}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["lanr", "arztnummer", "lebenslange arztnummer"],
    ),
    forms(
        "DE_BSNR",
        &[("9{9}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["bsnr", "betriebsstättennummer", "betriebsstaette"],
    ),
    forms(
        "DE_HANDELSREGISTER",
        &[("hra 9{1,6}", 0.5), ("hrb 9{1,6}", 0.5), ("hra9{1,6}", 0.4), ("hrb9{1,6}", 0.4)],
        |_| Verdict::Plain,
        "",
        &["handelsregister", "amtsgericht", "registergericht"],
    ),
    forms(
        "FR_NIR",
        &[
            ("9 99 99 99 999 999 99", SURE),
            ("9{15}", WEAK),
            ("9{13} 99", SURE),
            ("9 99 99 9N 999 999 99", SURE),
            ("9{6}N9{8}", WEAK),
        ],
        |c| Verdict::pass_if(french_social_security(c.compact)),
        "mod-97",
        &[
            "nir",
            "sécurité sociale",
            "securite sociale",
            "sécu",
            "insee",
            "numéro de sécurité",
            "numéro de sécu",
            "secu",
        ],
    ),
    forms(
        "FR_SIREN",
        &[("9{9}", WEAK), ("999 999 999", WEAK)],
        |c| Verdict::pass_if(luhn(c.compact)),
        "luhn",
        &["siren", "rcs"],
    ),
    forms(
        "FR_SIRET",
        &[("9{14}", WEAK), ("999 999 999 99999", SURE)],
        |c| Verdict::pass_if(luhn(c.compact)),
        "luhn",
        &["siret"],
    ),
    forms(
        "FR_TAX_NUMBER",
        &[("9{13}", WEAK), ("99 99 999 999 999", SURE)],
        |c| {
            Verdict::pass_if(
                c.compact[0] <= b'3' && number(&c.compact[..10]) % 511 == number(&c.compact[10..]),
            )
        },
        "mod-511",
        &["numéro fiscal", "fiscal", "spi", "impôts"],
    ),
    forms(
        "CH_AHV",
        &[
            ("756.9999.9999.99", SURE),
            ("9{13}", WEAK),
            ("999 9999 9999 99", SURE),
            ("999.9999.9999.99", SURE),
        ],
        |c| {
            let sum = weighted(c.compact, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
            Verdict::pass_if(c.compact.starts_with(b"756") && (10 - sum % 10) % 10 == digit(c.compact[12]))
        },
        "ean-13",
        &["ahv", "avs", "oasi", "sozialversicherungsnummer", "ahv-nr", "ahvn13"],
    ),
    forms(
        "CH_UID",
        &[("che-999.999.999", SURE), ("che9{9}", SURE), ("che 999 999 999", SURE)],
        |c| {
            let sum = weighted(&c.compact[3..], &[5, 4, 3, 2, 7, 6, 5, 4]);
            Verdict::pass_if((11 - sum % 11) % 11 == digit(c.compact[11]))
        },
        "mod-11",
        &["uid", "mwst", "tva", "ide"],
    ),
    forms(
        "AT_SVNR",
        &[("9999 9{6}", WEAK), ("9{10}", WEAK), ("9999-9{6}", WEAK)],
        |c| {
            let sum = weighted(c.compact, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
            // Months 13 to 15 stand for days of which a month has too few numbers.
            Verdict::pass_if(
                c.compact[0] != b'0'
                    && sum % 11 == digit(c.compact[3])
                    && matches!(two(c.compact, 4), 1..=31)
                    && matches!(two(c.compact, 6), 1..=15),
            )
        },
        "mod-11",
        &["svnr", "sozialversicherungsnummer", "sv-nummer", "versicherungsnummer", "sv-nr"],
    ),
    forms(
        "AT_UID",
        &[("atu9{8}", SURE)],
        |c| {
            Verdict::pass_if({
                let sum: u32 = c.compact[3..10]
                    .iter()
                    .enumerate()
                    .map(|(place, &byte)| {
                        let product = digit(byte) * (1 + place as u32 % 2);
                        product / 10 + product % 10
                    })
                    .sum();
                (206 - sum) % 10 == digit(c.compact[10])
            })
        },
        "mod-10",
        &["uid", "ust-id", "vat"],
    ),
    forms(
        "IS_KENNITALA",
        &[("9{6}-9{4}", 0.5), ("9{10}", WEAK)],
        |c| {
            let sum = weighted(c.compact, &[3, 2, 7, 6, 5, 4, 3, 2]);
            let century = matches!(c.compact[9], b'0' | b'9');
            let mut date = [0; 6];
            date.copy_from_slice(&c.compact[..6]);
            // A company has 4 more on the first digit of its day.
            if date[0] >= b'4' {
                date[0] -= 4;
            }
            Verdict::pass_if(
                century && is_ddmmyy(&date) && sum % 11 != 1 && (11 - sum % 11) % 11 == digit(c.compact[8]),
            )
        },
        "mod-11",
        &["kennitala", "kt.", "icelandic", "kennitölu"],
    ),
    forms(
        "LU_NATIONAL_ID",
        &[("9{13}", WEAK), ("9{8} 9{5}", SURE)],
        |c| {
            let year = number(&c.compact[..4]) as u32;
            let date = is_date(year, two(c.compact, 4), two(c.compact, 6)) && (1850..2100).contains(&year);
            Verdict::pass_if(date && luhn(&c.compact[..12]))
        },
        "luhn",
        &["matricule", "luxembourg", "cns"],
    ),
];

fn finnish(candidate: &Candidate<'_>) -> bool {
    let separator = candidate.raw[6].to_ascii_uppercase();
    let year = match separator {
        b'+' => 1800,
        b'-' | b'U'..=b'Y' => 1900,
        b'A'..=b'F' => 2000,
        _ => return false,
    };
    let compact = candidate.compact;
    let serial = &compact[compact.len() - 4..compact.len() - 1];
    let value = number(&compact[..6]) * 1000 + number(serial);
    is_date(year + two(compact, 4), two(compact, 2), two(compact, 0))
        && compact.last() == Some(&b"0123456789ABCDEFHJKLMNPRSTUVWXY"[(value % 31) as usize])
}

fn fodselsnummer(digits: &[u8]) -> bool {
    let first = weighted(digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]);
    let second = weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
    // A D-number has 4 more on its day, a hospital's number 4 more on its month.
    let (day, month) = (two(digits, 0), two(digits, 2));
    let (day, month) = (if day > 40 { day - 40 } else { day }, if month > 40 { month - 40 } else { month });
    first.is_multiple_of(11) && second.is_multiple_of(11) && is_date(2000 + two(digits, 4), month, day)
}

/// Of the first ten digits one comes twice or three times, and none of the others more than once.
fn german_tax_id(digits: &[u8]) -> bool {
    let mut counts = [0u8; 10];
    for &byte in &digits[..10] {
        counts[digit(byte) as usize] += 1;
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let repeated = counts.iter().filter(|&&count| count > 1).count();
    digits[0] != b'0' && matches!(most, 2 | 3) && repeated == 1 && mod_11_10(digits)
}

/// Nine or ten characters without vowels and without the letters that look like digits.
fn german_serial(characters: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"CFGHJKLMNPRTVWXYZ0123456789";
    let body = &characters[..9.min(characters.len())];
    body.iter().all(|byte| ALPHABET.contains(byte)) && body[1..].iter().any(u8::is_ascii_digit)
}

fn german_insurance(characters: &[u8]) -> bool {
    let mut digits = [b'0'; 13];
    digits[..8].copy_from_slice(&characters[..8]);
    let letter = base_36(characters[8]) - 9;
    digits[8] = b'0' + (letter / 10) as u8;
    digits[9] = b'0' + (letter % 10) as u8;
    digits[10..].copy_from_slice(&characters[9..]);
    let sum: u32 = digits[..12]
        .iter()
        .zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
        .map(|(&byte, weight)| {
            let product = digit(byte) * weight;
            product / 10 + product % 10
        })
        .sum();
    let day = two(characters, 2);
    matches!(day, 1..=31 | 51..=81) && matches!(two(characters, 4), 1..=12) && sum % 10 == digit(digits[12])
}

fn french_social_security(characters: &[u8]) -> bool {
    let month = two(characters, 2 + 1);
    let sex = matches!(characters[0], b'1' | b'2' | b'3' | b'4' | b'7' | b'8');
    // Corsica's departments 2A and 2B count as 19 and 18.
    let mut digits = [0; 15];
    digits.copy_from_slice(characters);
    match &characters[5..7] {
        b"2A" => digits[5..7].copy_from_slice(b"19"),
        b"2B" => digits[5..7].copy_from_slice(b"18"),
        _ => {}
    }
    let key = 97 - remainder(digits[..13].iter().copied(), 97);
    let months = matches!(month, 1..=12 | 20..=42 | 50..=99);
    sex && months && digits.iter().all(u8::is_ascii_digit) && u64::from(key) == number(&digits[13..])
}
