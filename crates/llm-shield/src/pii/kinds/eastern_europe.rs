//! Kinds of central and eastern Europe.

use super::{BY_WORD, SURE, WEAK, forms};
use crate::pii::checks::{base_36, digit, is_date, is_yymmdd, mod_11_10, number, two, weighted};
use crate::pii::kind::{Kind, Verdict};

pub(super) const KINDS: &[Kind] = &[
    forms(
        "PL_PESEL",
        &[("9{11}", WEAK)],
        |c| {
            let sum = weighted(c.compact, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
            // The century is told by what is added to the month.
            let month = two(c.compact, 2) % 20;
            let date = is_date(2000 + two(c.compact, 0), month, two(c.compact, 4));
            Verdict::pass_if(date && (10 - sum % 10) % 10 == digit(c.compact[10]))
        },
        "mod-10",
        &["pesel"],
    ),
    forms(
        "PL_NIP",
        &[("999-999-99-99", SURE), ("999-99-99-999", SURE), ("9{10}", WEAK), ("pl9{10}", SURE)],
        |c| {
            let digits = c.compact.strip_prefix(b"PL").unwrap_or(c.compact);
            let rest = weighted(digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11;
            Verdict::pass_if(rest == digit(digits[9]) && number(digits) != 0)
        },
        "mod-11",
        &["nip"],
    ),
    forms(
        "PL_REGON",
        &[("9{9}", WEAK), ("9{14}", WEAK)],
        |c| {
            let short = weighted(c.compact, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == digit(c.compact[8]);
            let long = c.compact.len() == 9
                || weighted(c.compact, &[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]) % 11 % 10
                    == digit(c.compact[13]);
            Verdict::pass_if(short && long)
        },
        "mod-11",
        &["regon"],
    ),
    forms(
        "PL_ID_CARD",
        &[("AAA9{6}", WEAK), ("AAA 9{6}", WEAK)],
        |c| {
            let weights = [7, 3, 1, 9, 7, 3, 1, 7, 3];
            let sum: u32 = c.compact.iter().zip(weights).map(|(&byte, weight)| base_36(byte) * weight).sum();
            Verdict::pass_if(sum.is_multiple_of(10))
        },
        "mod-10",
        &["dowód osobisty", "dowodu", "dowód", "dowod"],
    ),
    forms(
        "CZ_RODNE_CISLO",
        &[("9{6}/9{4}", SURE), ("9{6}/999", BY_WORD), ("9{10}", WEAK)],
        |c| {
            let month = two(c.compact, 2);
            let month = if month > 50 { month - 50 } else { month };
            let month = if month > 20 { month - 20 } else { month };
            let date = is_date(2000 + two(c.compact, 0), month, two(c.compact, 4));
            if c.compact.len() == 9 {
                // Given out before 1954, without a check digit.
                return Verdict::plain_if(date && two(c.compact, 0) < 54);
            }
            let rest = number(&c.compact[..9]) % 11 % 10;
            Verdict::pass_if(date && rest == u64::from(digit(c.compact[9])))
        },
        "mod-11",
        &["rodné číslo", "rodne cislo", "rodné", "r.č", "rč", "rodného"],
    ),
    forms(
        "CZ_ICO",
        &[("9{8}", WEAK)],
        |c| {
            let sum = weighted(c.compact, &[8, 7, 6, 5, 4, 3, 2]);
            Verdict::pass_if(number(c.compact) != 0 && (11 - sum % 11) % 10 == digit(c.compact[7]))
        },
        "mod-11",
        &["ičo", "ico", "iČO", "IČO"],
    ),
    forms(
        "RO_CNP",
        &[("9{13}", WEAK)],
        |c| {
            let rest = weighted(c.compact, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
            let check = if rest == 10 { 1 } else { rest };
            Verdict::pass_if(
                c.compact[0] != b'0' && is_yymmdd(&c.compact[1..7]) && check == digit(c.compact[12]),
            )
        },
        "mod-11",
        &["cnp", "cod numeric personal"],
    ),
    forms(
        "BG_EGN",
        &[("9{10}", WEAK)],
        |c| {
            let month = two(c.compact, 2);
            let month = if month > 40 {
                month - 40
            } else if month > 20 {
                month - 20
            } else {
                month
            };
            let rest = weighted(c.compact, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10;
            Verdict::pass_if(
                is_date(2000 + two(c.compact, 0), month, two(c.compact, 4)) && rest == digit(c.compact[9]),
            )
        },
        "mod-11",
        &["egn", "егн", "ЕГН"],
    ),
    forms(
        "HU_TAX_ID",
        &[("9{10}", WEAK)],
        |c| {
            let rest = weighted(c.compact, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11;
            Verdict::pass_if(c.compact[0] == b'8' && rest == digit(c.compact[9]))
        },
        "mod-11",
        &["adóazonosító", "adoazonosito", "adószám"],
    ),
    forms(
        "HU_TAJ",
        &[("9{9}", WEAK), ("999 999 999", WEAK), ("999-999-999", WEAK)],
        |c| {
            let sum = weighted(c.compact, &[3, 7, 3, 7, 3, 7, 3, 7]);
            Verdict::pass_if(sum > 0 && sum % 10 == digit(c.compact[8]))
        },
        "mod-10",
        &["taj", "társadalombiztosítási"],
    ),
    forms(
        "HR_OIB",
        &[("9{11}", WEAK)],
        |c| Verdict::pass_if(mod_11_10(c.compact)),
        "mod-11-10",
        &["oib", "osobni identifikacijski"],
    ),
    forms(
        "JMBG",
        &[("9{13}", WEAK)],
        |c| {
            let sum = weighted(c.compact, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
            let year = number(&c.compact[4..7]) as u32;
            let year = if year < 800 { 2000 + year } else { 1000 + year };
            let check = (11 - sum % 11) % 11 % 10;
            Verdict::pass_if(
                is_date(year, two(c.compact, 2), two(c.compact, 0)) && check == digit(c.compact[12]),
            )
        },
        "mod-11",
        &["jmbg", "emšo", "emso", "матични", "ЈМБГ"],
    ),
    forms(
        "SI_TAX_NUMBER",
        &[("si9{8}", SURE), ("9{8}", WEAK)],
        |c| {
            let digits = c.compact.strip_prefix(b"SI").unwrap_or(c.compact);
            let sum = weighted(digits, &[8, 7, 6, 5, 4, 3, 2]);
            let check = 11 - sum % 11;
            Verdict::pass_if(digits[0] != b'0' && check != 11 && check % 10 == digit(digits[7]))
        },
        "mod-11",
        &["davčna", "davcna", "ddv"],
    ),
    forms(
        "EE_ISIKUKOOD",
        &[("9{11}", WEAK)],
        |c| Verdict::pass_if(baltic(c.compact)),
        "mod-11",
        &["isikukood", "estonian", "isikukoodi"],
    ),
    forms(
        "LT_ASMENS_KODAS",
        &[("9{11}", WEAK)],
        |c| Verdict::pass_if(baltic(c.compact)),
        "mod-11",
        &["asmens kodas", "asmens", "lithuanian"],
    ),
    forms(
        "LV_PERSONAS_KODS",
        &[("9{6}-9{5}", 0.4), ("9{11}", BY_WORD)],
        |c| {
            // Numbers given out since July 2017 begin with 32 and tell no date.
            if c.compact.starts_with(b"32") {
                return Verdict::Plain;
            }
            let year = 1800 + 100 * digit(c.compact[6]) + two(c.compact, 4);
            let sum = weighted(c.compact, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
            let check = (1 + sum) % 11 % 10;
            let holds = is_date(year, two(c.compact, 2), two(c.compact, 0)) && check == digit(c.compact[10]);
            Verdict::pass_if(holds)
        },
        "mod-11",
        &["personas kods", "personas", "latvian"],
    ),
    forms(
        "UA_RNOKPP",
        &[("9{10}", WEAK)],
        |c| {
            // The first weight is -1: ten times it, modulo 11, is the same.
            let sum = weighted(c.compact, &[10, 5, 7, 9, 4, 6, 10, 5, 7]);
            Verdict::pass_if(sum % 11 % 10 == digit(c.compact[9]))
        },
        "mod-11",
        &["рнокпп", "РНОКПП", "іпн", "ІПН", "rnokpp", "ipn"],
    ),
    forms(
        "RU_INN",
        &[("9{10}", WEAK), ("9{12}", WEAK)],
        |c| Verdict::pass_if(inn(c.compact)),
        "mod-11",
        &["инн", "ИНН", "inn"],
    ),
    forms(
        "RU_SNILS",
        &[("999-999-999 99", SURE), ("999-999-999-99", SURE), ("9{11}", WEAK)],
        |c| {
            let sum = weighted(c.compact, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100;
            Verdict::pass_if(number(&c.compact[..9]) > 1_001_998 && sum == two(c.compact, 9))
        },
        "mod-101",
        &["снилс", "СНИЛС", "snils"],
    ),
    forms(
        "RU_PASSPORT",
        &[("9999 9{6}", BY_WORD), ("99 99 9{6}", BY_WORD), ("9{10}", BY_WORD)],
        |_| Verdict::Plain,
        "",
        &["паспорт", "Паспорт", "паспорта", "russian passport"],
    ),
    forms(
        "SK_IC_DPH",
        &[("sk9{10}", SURE)],
        |c| Verdict::pass_if(number(&c.compact[2..]).is_multiple_of(11)),
        "mod-11",
        &["ič dph", "dph", "vat"],
    ),
];

/// The personal code that Estonia and Lithuania share.
fn baltic(digits: &[u8]) -> bool {
    let first = weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
    let check = if first < 10 { first } else { second % 10 };
    (b'1'..=b'8').contains(&digits[0]) && is_yymmdd(&digits[1..7]) && check == digit(digits[10])
}

fn inn(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let check = |length: usize| weighted(&digits[..length], &WEIGHTS[11 - length..]) % 11 % 10;
    match digits.len() {
        10 => number(digits) != 0 && check(9) == digit(digits[9]),
        12 => number(digits) != 0 && check(10) == digit(digits[10]) && check(11) == digit(digits[11]),
        _ => false,
    }
}
