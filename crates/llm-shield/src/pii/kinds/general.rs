//! Kinds of no one country: llm-guard's defaults, its regex groups, addresses of machines.

use crate::pii::checks::{luhn, mod_97, number, one_digit_repeated};
use crate::pii::kind::{Candidate, Code, How, Kind, Marker, Reach, Verdict};

const CARD_WORDS: &[&str] = &[
    "credit",
    "card",
    "visa",
    "mastercard",
    "cc ",
    "amex",
    "discover",
    "jcb",
    "diners",
    "maestro",
    "instapayment",
];
const SSN_WORDS: &[&str] = &["social", "security", "ssn", "ssns", "ssid"];

const fn code(name: &'static str, code: Code, context: &'static [&'static str]) -> Kind {
    Kind { name, how: How::Code(code), context, reach: Reach::Wide }
}

const fn marker(marker: Marker, context: &'static [&'static str]) -> Kind {
    Kind { name: "", how: How::Marker(marker), context, reach: Reach::Near }
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "CREDIT_CARD",
        how: How::Forms {
            forms: &[
                ("9{12,19}", 1.0),
                ("9{4}~9{4}~9{4}~9{4}", 1.0),
                ("9{4}~9{4}~9{4}~9{4}~9{3}", 1.0),
                ("9{4}~9{6}~9{5}", 1.0),
                ("9{4}~9{6}~9{4}", 1.0),
                ("9{4}~9{4}~9{5}", 1.0),
                ("9{4}~9{4}~9{4}~9{1,3}", 1.0),
            ],
            check: card,
            checked: Some("luhn"),
        },
        context: CARD_WORDS,
        reach: Reach::Wide,
    },
    Kind {
        name: "CREDIT_CARD_RE",
        how: How::Forms {
            forms: &[
                ("9{4}~?9{4}~?9{4}~?9{4}", 0.75),
                ("9{4}~?9{6}~?9{5}", 0.75),
                ("9{4}~?9{6}~?9{4}", 0.75),
            ],
            check: card_by_prefix,
            checked: None,
        },
        context: &[],
        reach: Reach::Wide,
    },
    code("CRYPTO", Code::Bitcoin, &["wallet", "btc", "bitcoin", "crypto"]),
    code("EMAIL_ADDRESS", Code::Email, &["email"]),
    code("EMAIL_ADDRESS_RE", Code::EmailRe, &[]),
    Kind {
        name: "IBAN_CODE",
        how: How::Forms {
            forms: &[
                ("AA99N{11,30}", 1.0),
                ("AA99~NNNN~NNNN~NNNN", 1.0),
                ("AA99~NNNN~NNNN~NNN", 1.0),
                ("AA99~NNNN~NNNN~NNNN~N?N?N?N?", 1.0),
                ("AA99~NNNN~NNNN~NNNN~NNNN~N?N?N?N?", 1.0),
                ("AA99~NNNN~NNNN~NNNN~NNNN~NNNN~N?N?N?N?", 1.0),
                ("AA99~NNNN~NNNN~NNNN~NNNN~NNNN~NNNN~N?N?N?N?", 1.0),
                ("AA99~NNNN~NNNN~NNNN~NNNN~NNNN~NNNN~NNNN~N?N?N?N?", 1.0),
                ("AA99~NNNN~NNNN~NNNN~NNNN", 1.0),
                ("AA99~NNNN~NNNN~NNNN~NNNN~NNNN", 1.0),
                ("AA99~NNNN~NNNN~NNNN~NNNN~NNNN~NNNN", 1.0),
            ],
            check: iban,
            checked: Some("mod-97"),
        },
        context: &["iban", "bank", "transaction"],
        reach: Reach::Wide,
    },
    code("IP_ADDRESS", Code::Ip, &["ip", "ipv4", "ipv6"]),
    code(
        "PHONE_NUMBER",
        Code::Phone,
        &[
            "phone",
            "telephone",
            "cell",
            "cellphone",
            "mobile",
            "call",
            "tel:",
            "tel.",
            "tel ",
            "fax",
            "whatsapp",
            "dial",
            "sms",
            "téléphone",
            "telefon",
            "teléfono",
            "telefono",
            "telefone",
            "handy",
            "móvil",
            "celular",
            "portable",
            "電話",
            "电话",
            "手机",
            "전화",
            "телефон",
            "тел",
            "טלפון",
            "هاتف",
        ],
    ),
    marker(Marker::Number, &["number", "numbers"]),
    marker(
        Marker::OtherId,
        &[
            "imei",
            "nir",
            "sécu",
            "sécurité sociale",
            "securite sociale",
            "tckn",
            "kimlik",
            "siret",
            "siren",
            "iccid",
            "nik",
            "ktp",
            "tracking",
            "device id",
            "handset",
            "south african",
            "said",
            "id number",
            "identity number",
            "rsa id",
        ],
    ),
    marker(
        Marker::OtherNumber,
        &[
            "order",
            "nhs",
            "insurance",
            "social",
            "employer",
            "aadhaar",
            "file",
            "national",
            "identification",
            "reg",
            "ein",
            "health",
            "record",
            "vehicle",
            "account",
            "invoice",
            "ticket",
            "tracking",
            "card",
            "ssn",
            "case",
            "passport",
            "serial",
            "model",
            "part",
            "reference",
            "ref",
            "version",
            "build",
            "routing",
            "policy",
            "member",
            "customer",
            "licence",
            "license",
            "id",
            "vat",
            "tax",
            "transaction",
            "batch",
            "revision",
            "row",
            "line",
            "isbn",
            "issue",
            "pesel",
            "npi",
            "dea",
            "registration",
            "claim",
            "prime",
            "random",
            "port",
            "process",
            "code",
        ],
    ),
    marker(
        Marker::Version,
        &[
            "version",
            "ver",
            "v",
            "release",
            "released",
            "build",
            "firmware",
            "section",
            "chapter",
            "clause",
            "paragraph",
            "oid",
            "driver",
            "upgrade",
            "upgraded",
            "downgrade",
            "sdk",
            "figure",
            "heading",
        ],
    ),
    Kind {
        name: "US_SSN",
        how: How::Forms {
            forms: &[
                ("999-99-9999", 0.5),
                ("999.99.9999", 0.5),
                ("999 99 9999", 0.5),
                ("99999-9999", 0.05),
                ("999-999999", 0.05),
                ("9{9}", 0.05),
            ],
            check: social_security_number,
            checked: None,
        },
        context: SSN_WORDS,
        reach: Reach::Wide,
    },
    Kind {
        name: "US_SSN_RE",
        how: How::Forms { forms: &[("999-99-9999", 0.75)], check: |_| Verdict::Plain, checked: None },
        context: &[],
        reach: Reach::Wide,
    },
    Kind {
        name: "US_BANK_NUMBER",
        how: How::Forms { forms: &[("9{8,17}", 0.05)], check: |_| Verdict::Plain, checked: None },
        context: &["check", "account", "account#", "acct", "bank", "save", "debit"],
        reach: Reach::Wide,
    },
    Kind {
        name: "UUID",
        how: How::Forms {
            forms: &[("N{8}-N{4}-N{4}-N{4}-N{12}", 0.75)],
            check: |candidate| Verdict::plain_if(candidate.compact.iter().all(u8::is_ascii_hexdigit)),
            checked: None,
        },
        context: &[],
        reach: Reach::Wide,
    },
    code("PHONE_NUMBER_WITH_EXT", Code::PhoneWithExtension, &[]),
    code("URL", Code::Url, &["url", "website", "link"]),
    code("URL_RE", Code::UrlRe, &[]),
    code("HEX_COLOR", Code::HexColor, &[]),
    code("PRICE_RE", Code::Price, &[]),
];

/// Issuer by first digits and length, all groups parted alike, Luhn.
///
/// Presidio takes any number that begins with 1, 3, 4, 5 or 6; the issuers' own lengths keep out device numbers,
/// company numbers and times in milliseconds, of which one in ten passes Luhn.
fn card(candidate: &Candidate<'_>) -> Verdict {
    let digits = candidate.compact;
    let even = one_separator(candidate.raw);
    Verdict::pass_if(is_issued(digits) && even && !one_digit_repeated(digits) && luhn(digits))
}

/// Ranges of ISO/IEC 7812 that card schemes use, with the lengths of their numbers.
fn is_issued(digits: &[u8]) -> bool {
    let prefix = number(&digits[..4]);
    let length = digits.len();
    match prefix {
        4000..=4999 => matches!(length, 13 | 16 | 19),
        1000..=1999 | 3400..=3499 | 3700..=3799 => length == 15,
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => length == 14,
        3528..=3589 => matches!(length, 16 | 19),
        5100..=5599 | 2221..=2720 | 2200..=2204 => length == 16,
        5000..=5099 | 5600..=5899 | 6300..=6399 | 6700..=6799 => (12..=19).contains(&length),
        6000..=6299 | 6400..=6599 | 8100..=8299 => matches!(length, 16 | 19),
        _ => false,
    }
}

/// Whether all separators are the same.
fn one_separator(raw: &[u8]) -> bool {
    let mut separators = raw.iter().filter(|byte| !byte.is_ascii_alphanumeric());
    separators.next().is_none_or(|first| separators.all(|byte| byte == first))
}

/// llm-guard's card pattern: Visa, American Express, Diners Club by their first digits.
fn card_by_prefix(candidate: &Candidate<'_>) -> Verdict {
    let digits = candidate.compact;
    Verdict::plain_if(match digits.len() {
        16 => digits[0] == b'4' && (candidate.raw.len() == 16 || candidate.raw.len() == 19),
        15 => digits[0] == b'3' && matches!(digits[1], b'4' | b'7'),
        14 => {
            digits[0] == b'3' && (matches!(digits[1], b'6' | b'8') || digits[1] == b'0' && digits[2] <= b'5')
        }
        _ => false,
    })
}

/// What Presidio excludes: mixed separators, one digit repeated, empty groups, numbers never issued.
fn social_security_number(candidate: &Candidate<'_>) -> Verdict {
    let digits = candidate.compact;
    let excluded = [&b"000"[..], b"666", b"123456789", b"98765432", b"078051120"];
    Verdict::plain_if(
        one_separator(candidate.raw)
            && !one_digit_repeated(digits)
            && &digits[3..5] != b"00"
            && &digits[5..] != b"0000"
            && !excluded.iter().any(|start| digits.starts_with(start)),
    )
}

/// Countries of the IBAN registry (SWIFT) with the length of their numbers.
const IBAN_LENGTHS: &[(&[u8; 2], u8)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

fn iban(candidate: &Candidate<'_>) -> Verdict {
    let compact = candidate.compact;
    let length = IBAN_LENGTHS.binary_search_by_key(&&compact[..2], |(country, _)| &country[..]);
    let right = length.is_ok_and(|place| usize::from(IBAN_LENGTHS[place].1) == compact.len());
    Verdict::pass_if(right && mod_97(compact[4..].iter().chain(&compact[..4]).copied()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn countries_are_sorted() {
        assert!(super::IBAN_LENGTHS.is_sorted_by_key(|(country, _)| &country[..]));
    }
}
