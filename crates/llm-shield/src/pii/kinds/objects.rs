//! Kinds of things and events rather than countries: vehicles, devices, accounts, days.

use super::{BY_WORD, SURE, WEAK, forms};
use crate::pii::checks::{base_36, is_date, luhn, mod_11_2, number, two};
use crate::pii::kind::{Candidate, Code, How, Kind, Reach, Verdict};

const BIRTH_WORDS: &[&str] = &[
    "born",
    "birth",
    "dob",
    "birthday",
    "birthdate",
    "birth_date",
    "dateofbirth",
    "d.o.b",
    "geboren",
    "geburtsdatum",
    "geb.",
    "né",
    "née",
    "naissance",
    "nato",
    "nata",
    "nascita",
    "nacimiento",
    "nacido",
    "nacida",
    "nascimento",
    "geboortedatum",
    "född",
    "født",
    "syntynyt",
    "urodzenia",
    "urodzony",
    "рождения",
    "родился",
    "生年月日",
    "出生",
    "생년월일",
];

pub(super) const KINDS: &[Kind] = &[
    forms("DATE_OF_BIRTH", DATES, date, "", BIRTH_WORDS),
    Kind {
        name: "DATE_TIME",
        how: How::Forms {
            forms: &[
                ("9999-99?-99?", 0.6),
                ("9999/99?/99?", 0.6),
                ("99?/99?/9999", 0.6),
                ("99?/99?/99", 0.6),
                ("99?-99?-9999", 0.6),
                ("99?.99?.9999", 0.6),
                ("99?.99?.99", 0.6),
                ("99?-AAA-99", 0.6),
                ("99?-AAA-9999", 0.6),
                ("9999-99-99t99:99", 0.8),
                ("9999-99-99t99:99z", 0.8),
                ("9999-99-99t99:99:99", 0.8),
                ("9999-99-99t99:99:99z", 0.8),
                ("9999-99-99t99:99:99.9{1,9}z?", 0.8),
                ("9999-99-99t99:99:99+99:99", 0.8),
                ("9999-99-99t99:99:99-99:99", 0.8),
            ],
            check: timestamp,
            checked: None,
        },
        context: &["date", "birthday"],
        reach: Reach::Wide,
    },
    Kind {
        name: "DATE_RE",
        how: How::Forms {
            forms: &[
                ("99? A{3,9} 9999", 0.75),
                ("99? A{3,9}, 9999", 0.75),
                ("99? A{3,9}", 0.75),
                ("A{3,9} 99?, 9999", 0.75),
                ("A{3,9} 99? 9999", 0.75),
                ("A{3,9} 99?", 0.75),
                ("99?-99?-9999", 0.75),
                ("99?-99?-99", 0.75),
                ("99?.99?.9999", 0.75),
                ("99?.99?.99", 0.75),
                ("99?/99?/9999", 0.75),
                ("99?/99?/99", 0.75),
            ],
            check: date,
            checked: None,
        },
        context: &["date", "time", "month", "year"],
        reach: Reach::Wide,
    },
    Kind {
        name: "TIME_RE",
        how: How::Forms {
            forms: &[
                ("99?:99", 0.75),
                ("99?:99 ?am", 0.75),
                ("99?:99 ?pm", 0.75),
                ("99?am", 0.75),
                ("99?pm", 0.75),
            ],
            check: |c| {
                let hour = c.raw.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let minute = if c.raw.get(hour) == Some(&b':') { two(c.raw, hour + 1) } else { 0 };
                Verdict::plain_if(number(&c.raw[..hour]) < 24 && minute < 60)
            },
            checked: None,
        },
        context: &[],
        reach: Reach::Wide,
    },
    Kind {
        name: "PHONE_NUMBER_ZH",
        how: How::Forms {
            forms: &[("9{11}", 0.75), ("999~9999~9999", 0.75)],
            check: |c| Verdict::plain_if(c.compact[0] == b'1' && (b'3'..=b'9').contains(&c.compact[1])),
            checked: None,
        },
        context: &["phone", "number", "telephone", "cell", "cellphone", "mobile", "call", "电话", "手机"],
        reach: Reach::Wide,
    },
    Kind {
        name: "PO_BOX_RE",
        how: How::Forms { forms: &[("box 9{1,6}", 0.75)], check: |_| Verdict::Plain, checked: None },
        context: &[],
        reach: Reach::Wide,
    },
    forms(
        "MAC_ADDRESS",
        &[("NN:NN:NN:NN:NN:NN", 0.6), ("NN-NN-NN-NN-NN-NN", 0.6), ("NNNN.NNNN.NNNN", 0.6)],
        |c| {
            let hex = c.compact.iter().all(u8::is_ascii_hexdigit);
            let some = c.compact.iter().any(|byte| *byte != c.compact[0]);
            // Six pairs of decimal digits with hyphens are more often a number in groups or a time.
            let letters = c.compact.iter().any(u8::is_ascii_alphabetic) || c.raw[2] == b':';
            Verdict::plain_if(hex && some && letters)
        },
        "",
        &["mac", "ethernet", "hardware", "bssid", "hwaddr"],
    ),
    forms(
        "VIN",
        &[("N{17}", WEAK)],
        vehicle_number,
        "vin-check-digit",
        &["vin", "vehicle", "chassis", "fahrgestellnummer", "fin", "car"],
    ),
    forms(
        "LICENSE_PLATE",
        &[
            ("A{1,3}~9{2,4}", BY_WORD),
            ("A{2,3}~?9{3,4}", BY_WORD),
            ("9{3}~?A{3}", BY_WORD),
            ("9A{3}9{3}", BY_WORD),
            ("A{2}~9{3}~A{2}", BY_WORD),
            ("A{2}9{3}A{2}", BY_WORD),
            ("9{4}~?A{3}", BY_WORD),
            ("A{3}9A99", BY_WORD),
            ("A{1,2}~9{2}~A{1,2}~9{2}", BY_WORD),
        ],
        |_| Verdict::Plain,
        "",
        &[
            "plate",
            "plates",
            "license plate",
            "licence plate",
            "number plate",
            "immatriculation",
            "matrícula",
            "targa",
            "kenteken",
        ],
    ),
    forms(
        "IMEI",
        &[("9{15}", WEAK), ("99~9{6}~9{6}~9", SURE)],
        |c| Verdict::pass_if(luhn(c.compact)),
        "luhn",
        &["imei", "device id", "handset"],
    ),
    forms("IMSI", &[("9{15}", BY_WORD)], |_| Verdict::Plain, "", &["imsi"]),
    forms(
        "ICCID",
        &[("9{19,20}", WEAK)],
        |c| Verdict::pass_if(c.compact.starts_with(b"89") && luhn(c.compact)),
        "luhn",
        &["iccid", "sim", "sim card"],
    ),
    forms(
        "ORCID",
        &[("9999-9999-9999-999N", SURE)],
        |c| Verdict::pass_if(c.compact.starts_with(b"000") && mod_11_2(c.compact)),
        "mod-11-2",
        &["orcid", "researcher"],
    ),
    forms(
        "BANK_ACCOUNT_NUMBER",
        &[("9{6,17}", BY_WORD), ("9{2,4}-9{6,12}", BY_WORD), ("9{4} 9{4}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["account", "acct", "account_number", "kontonummer", "konto", "cuenta", "compte"],
    ),
    forms(
        "CARD_SECURITY_CODE",
        &[("9{3,4}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["cvv", "cvc", "cvv2", "cvc2", "csc", "cid code", "security code"],
    ),
    forms(
        "CARD_EXPIRY",
        &[("99/99", BY_WORD), ("99/9999", BY_WORD), ("99-99", BY_WORD)],
        |c| Verdict::plain_if((1..=12).contains(&two(c.compact, 0))),
        "",
        &["exp", "expiry", "expires", "expiration", "valid thru", "valid until"],
    ),
    forms("PIN_CODE", &[("9{4,6}", BY_WORD)], |_| Verdict::Plain, "", &["pin"]),
    forms(
        "PASSPORT_NUMBER",
        &[("A{1,2}9{6,8}", 0.16), ("9{8,9}", 0.16), ("99AA9{5}", 0.2), ("A9{2}A9{5}", 0.2)],
        |_| Verdict::Plain,
        "",
        &["passport", "passeport", "passaporte", "pasaporte", "paspoort", "paszport", "护照"],
    ),
    Kind { name: "SWIFT_CODE", how: How::Code(Code::Swift), context: &["swift", "bic"], reach: Reach::Near },
    Kind {
        name: "ETHEREUM_ADDRESS",
        how: How::Code(Code::Ethereum),
        context: CRYPTO_WORDS,
        reach: Reach::Near,
    },
    Kind {
        name: "LITECOIN_ADDRESS",
        how: How::Code(Code::Litecoin),
        context: CRYPTO_WORDS,
        reach: Reach::Near,
    },
    Kind {
        name: "DOGECOIN_ADDRESS",
        how: How::Code(Code::Dogecoin),
        context: CRYPTO_WORDS,
        reach: Reach::Near,
    },
    Kind {
        name: "BITCOIN_CASH_ADDRESS",
        how: How::Code(Code::BitcoinCash),
        context: CRYPTO_WORDS,
        reach: Reach::Near,
    },
    Kind { name: "TRON_ADDRESS", how: How::Code(Code::Tron), context: CRYPTO_WORDS, reach: Reach::Near },
    Kind { name: "RIPPLE_ADDRESS", how: How::Code(Code::Ripple), context: CRYPTO_WORDS, reach: Reach::Near },
    Kind {
        name: "CARDANO_ADDRESS",
        how: How::Code(Code::Cardano),
        context: CRYPTO_WORDS,
        reach: Reach::Near,
    },
    Kind {
        name: "SOLANA_ADDRESS",
        how: How::Code(Code::Solana),
        context: &["solana", "sol", "phantom"],
        reach: Reach::Near,
    },
    Kind { name: "BTC_ADDRESS", how: How::Code(Code::BitcoinRe), context: &[], reach: Reach::Wide },
    Kind {
        name: "COORDINATES",
        how: How::Code(Code::Coordinates),
        context: &[
            "gps",
            "location",
            "coordinates",
            "coords",
            "lat",
            "latitude",
            "geo",
            "position",
            "located",
            "latlng",
            "koordinaten",
        ],
        reach: Reach::Near,
    },
];

const CRYPTO_WORDS: &[&str] =
    &["wallet", "address", "crypto", "coin", "send", "eth", "ltc", "xrp", "trx", "ada", "bch", "doge"];

/// Written days. Whether day or month comes first is not known, so either order may be a day.
const DATES: &[(&str, f32)] = &[
    ("9999-99?-99?", 0.25),
    ("9999/99?/99?", 0.25),
    ("9999.99?.99?", 0.25),
    ("99?/99?/9999", 0.25),
    ("99?/99?/99", 0.25),
    ("99?-99?-9999", 0.25),
    ("99?-99?-99", 0.25),
    ("99?.99?.9999", 0.25),
    ("99?.99?.99", 0.25),
    ("99? A{3,9} 9999", 0.25),
    ("99?. A{3,9} 9999", 0.25),
    ("99?-A{3,9}-9999", 0.25),
    ("99? A{3,9}, 9999", 0.25),
    ("99? de A{4,10} de 9999", 0.25),
    ("A{3,9} 99?, 9999", 0.25),
    ("A{3,9} 99? 9999", 0.25),
    ("A{3}. 99?, 9999", 0.25),
];

/// The first three letters of the months in English, French, German, Spanish, Italian, Portuguese, Dutch and the
/// Scandinavian languages.
const MONTHS: &[&[u8; 3]] = &[
    b"JAN", b"FEB", b"MAR", b"APR", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OCT", b"NOV", b"DEC", b"FEV",
    b"AVR", b"MAI", b"JUI", b"AOU", b"OKT", b"DEZ", b"ENE", b"ABR", b"AGO", b"DIC", b"GEN", b"MAG", b"GIU",
    b"LUG", b"SET", b"OTT", b"OUT", b"MEI", b"MRT", b"MAJ",
];

fn date(candidate: &Candidate<'_>) -> Verdict {
    Verdict::plain_if(is_written_day(candidate.raw))
}

/// Runs of digits and letters of a written day, with what they say.
fn is_written_day(raw: &[u8]) -> bool {
    let mut numbers = [0u32; 3];
    let mut digits = [0usize; 3];
    let mut count = 0;
    let mut month = None;
    for run in raw
        .split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|run| !run.is_empty() && !run.eq_ignore_ascii_case(b"de"))
    {
        if run[0].is_ascii_digit() {
            if count == 3 {
                return false;
            }
            numbers[count] = number(run) as u32;
            digits[count] = run.len();
            count += 1;
        } else {
            let start = [run[0], run[1], run[2]].map(|byte| byte.to_ascii_uppercase());
            if !MONTHS.iter().any(|known| **known == start) {
                return false;
            }
            month = Some(());
        }
    }
    let year = |place: usize| digits[place] != 4 || (1850..2100).contains(&numbers[place]);
    match (month, count) {
        (Some(()), 1) => (1..=31).contains(&numbers[0]),
        (Some(()), 2) => (1..=31).contains(&numbers[0]) && year(1),
        (None, 3) if digits[0] == 4 => year(0) && is_date(2000, numbers[1], numbers[2]),
        (None, 3) => {
            year(2) && (is_date(2000, numbers[1], numbers[0]) || is_date(2000, numbers[0], numbers[1]))
        }
        _ => false,
    }
}

fn timestamp(candidate: &Candidate<'_>) -> Verdict {
    let raw = candidate.raw;
    let day = raw
        .iter()
        .position(|byte| byte.eq_ignore_ascii_case(&b't'))
        .filter(|&at| at == 10)
        .map_or(raw, |at| &raw[..at]);
    Verdict::plain_if(is_written_day(day))
}

/// ISO 3779: no I, O, Q; letters and digits both. North America puts a check digit in the ninth place; elsewhere a
/// number without one is possible, so a failing check only takes away the proof.
fn vehicle_number(candidate: &Candidate<'_>) -> Verdict {
    const VALUES: &[u8; 26] = b"\x01\x02\x03\x04\x05\x06\x07\x08\x00\x01\x02\x03\x04\x05\x00\x07\x00\x09\x02\x03\x04\x05\x06\x07\x08\x09";
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let characters = candidate.compact;
    let letters = characters.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let upper = candidate.raw.iter().all(|byte| !byte.is_ascii_lowercase());
    let serial = characters[14..].iter().all(u8::is_ascii_digit);
    if characters.iter().any(|byte| b"IOQ".contains(byte)) || !(2..=13).contains(&letters) || !serial {
        return Verdict::Fail;
    }
    let value = |byte: u8| {
        if byte.is_ascii_digit() { base_36(byte) } else { u32::from(VALUES[usize::from(byte - b'A')]) }
    };
    let sum: u32 = characters.iter().zip(WEIGHTS).map(|(&byte, weight)| value(byte) * weight).sum();
    let expected = if sum % 11 == 10 { b'X' } else { b'0' + (sum % 11) as u8 };
    match (characters[8] == expected, upper) {
        (true, _) => Verdict::Pass,
        (false, true) => Verdict::Plain,
        (false, false) => Verdict::Fail,
    }
}
