//! Realistic values that belong to nobody: names out of a library, the rest out of ranges that are reserved for
//! examples or never issued.

use fake::Fake;
use fake::faker::address::en::CityName;
use fake::faker::company::en::CompanyName;
use fake::faker::name::en::{FirstName, LastName, Name};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// The generator of the value number `order` of a kind: the same for the same seed, on every machine.
pub(super) fn generator(seed: u64, kind: &str, order: u64) -> ChaCha8Rng {
    // FNV-1a, so that each kind has a stream of its own.
    let hash = kind.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ hash);
    random.set_stream(order);
    random
}

/// A value of `kind` to stand for `original`, of which at most the form is looked at; `None` for kinds that have none.
pub(super) fn fake(kind: &str, original: &str, random: &mut ChaCha8Rng) -> Option<String> {
    Some(match kind {
        "PERSON" => Name().fake_with_rng(random),
        "LOCATION" => CityName().fake_with_rng(random),
        "ORGANIZATION" => CompanyName().fake_with_rng(random),
        "EMAIL_ADDRESS" | "EMAIL_ADDRESS_RE" => email(random),
        "PHONE_NUMBER" | "PHONE_NUMBER_WITH_EXT" => phone(random),
        "CREDIT_CARD" | "CREDIT_CARD_RE" => card(random),
        "IBAN_CODE" => iban(random),
        "IP_ADDRESS" if original.contains(':') => ipv6(random),
        "IP_ADDRESS" => ipv4(random),
        "URL" | "URL_RE" => url(random),
        "UUID" => uuid(random),
        "US_SSN" | "US_SSN_RE" => social_security(random),
        "US_BANK_NUMBER" => digits(12, random),
        "DATE_TIME" | "DATE_RE" => date(random),
        _ => return None,
    })
}

fn digits(count: usize, random: &mut ChaCha8Rng) -> String {
    (0..count).map(|_| char::from(b'0' + random.random_range(0..10_u8))).collect()
}

/// A person's name at a domain of RFC 2606.
fn email(random: &mut ChaCha8Rng) -> String {
    let first: String = FirstName().fake_with_rng(random);
    let last: String = LastName().fake_with_rng(random);
    let name: String = format!("{first}.{last}").to_lowercase();
    let name: String =
        name.chars().filter(|character| character.is_ascii_alphanumeric() || *character == '.').collect();
    let domain = ["example.com", "example.org", "example.net"][random.random_range(0..3_usize)];
    format!("{name}{}@{domain}", random.random_range(10..100_u8))
}

/// 555-0100 to 555-0199 are kept for fiction in every area of the North American plan.
fn phone(random: &mut ChaCha8Rng) -> String {
    let area = random.random_range(201..990_u16);
    format!("({area}) 555-01{:02}", random.random_range(0..100_u8))
}

/// Sixteen digits of the first issuer's range, with Luhn's check digit.
fn card(random: &mut ChaCha8Rng) -> String {
    let body = format!("4{}", digits(14, random));
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let value = u32::from(byte - b'0');
            if place % 2 == 1 { value } else { value * 2 - if value > 4 { 9 } else { 0 } }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// A German IBAN with its check digits (ISO 13616: the remainder by 97 is 1), of a bank code that is not given out.
fn iban(random: &mut ChaCha8Rng) -> String {
    let account = format!("0000{}", digits(14, random));
    // `DE00` moved to the end; D is 13, E is 14.
    let remainder =
        format!("{account}131400").bytes().fold(0, |rest, byte| (rest * 10 + u32::from(byte - b'0')) % 97);
    format!("DE{:02}{account}", 98 - remainder)
}

/// 198.18.0.0/15, kept for tests of devices (RFC 2544).
fn ipv4(random: &mut ChaCha8Rng) -> String {
    format!(
        "198.{}.{}.{}",
        random.random_range(18..20_u8),
        random.random::<u8>(),
        random.random_range(1..255_u8)
    )
}

/// `2001:db8::/32`, kept for documents (RFC 3849).
fn ipv6(random: &mut ChaCha8Rng) -> String {
    let [one, two, three] = random.random::<[u16; 3]>();
    format!("2001:db8:{one:x}:{two:x}::{three:x}")
}

fn url(random: &mut ChaCha8Rng) -> String {
    let word: String = LastName().fake_with_rng(random);
    let word: String = word.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("https://www.example.org/{word}/{}", random.random_range(100..100_000_u32))
}

/// Version 4, variant 1 (RFC 9562).
fn uuid(random: &mut ChaCha8Rng) -> String {
    let bits = random.random::<u128>() & !(0xf << 76) & !(0b11 << 62) | (4 << 76) | (0b10 << 62);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Area 666 is never given out.
fn social_security(random: &mut ChaCha8Rng) -> String {
    format!("666-{:02}-{:04}", random.random_range(1..100_u8), random.random_range(1..10_000_u16))
}

fn date(random: &mut ChaCha8Rng) -> String {
    let (year, month, day) =
        (random.random_range(1950..2006_u16), random.random_range(1..13_u8), random.random_range(1..29_u8));
    format!("{year}-{month:02}-{day:02}")
}
