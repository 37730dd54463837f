//! What a kind of personal data is: its written forms, its check, the words that stand before it.

use super::Language;

/// One kind.
pub(super) struct Kind {
    /// By Presidio's name where it has one.
    pub(super) name: &'static str,
    pub(super) how: How,
    /// Words that make it likelier, in lower case.
    pub(super) context: &'static [&'static str],
    pub(super) reach: Reach,
}

/// How a kind is found.
pub(super) enum How {
    /// By the masks of its written forms and a check on what they match.
    Forms {
        /// Each mask with the score of a match without context (for kinds with a check: one that holds).
        forms: &'static [(&'static str, f32)],
        check: Check,
        /// What a passing check is called in [`super::Entity::checked`].
        checked: Option<&'static str>,
    },
    /// By code of its own, which the scan calls at the bytes that can start or mark one.
    Code(Code),
    /// Not a kind: words that speak for another reading of a number.
    Marker(Marker),
}

/// Decides on a match of a mask.
pub(super) type Check = fn(&Candidate<'_>) -> Verdict;

/// A run of characters that matches a mask.
pub(super) struct Candidate<'t> {
    /// As it stands in the text.
    pub(super) raw: &'t [u8],
    /// Its ASCII letters and digits, letters in upper case.
    pub(super) compact: &'t [u8],
}

/// What a check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Impossible.
    Fail,
    /// Possible, and nothing more can be said.
    Plain,
    /// A check digit, a checksum or something as telling holds.
    Pass,
}

impl Verdict {
    /// A check that proves.
    pub(super) const fn pass_if(holds: bool) -> Self {
        if holds { Self::Pass } else { Self::Fail }
    }

    /// A check that only excludes.
    pub(super) const fn plain_if(holds: bool) -> Self {
        if holds { Self::Plain } else { Self::Fail }
    }
}

/// How context words are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// As in Presidio: a substring of one of the five words before.
    Wide,
    /// Whole words (or parts of a `snake_case` or `camelCase` name) among the five before, and no other number
    /// between: the label of another value does not count.
    Near,
}

/// The kinds that are found by code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Code {
    Email,
    EmailRe,
    Ip,
    Phone,
    PhoneWithExtension,
    Url,
    UrlRe,
    Bitcoin,
    BitcoinRe,
    Ethereum,
    Litecoin,
    Dogecoin,
    BitcoinCash,
    Tron,
    Ripple,
    Cardano,
    Solana,
    Swift,
    Price,
    HexColor,
    Coordinates,
}

impl Code {
    pub(super) const COUNT: usize = Self::Coordinates as usize + 1;
}

/// Words that change how numbers after them are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Marker {
    /// A version or section number follows, not an address.
    Version,
    /// A number that is no phone number follows.
    OtherNumber,
    /// A number of another kind that looks like a card's follows.
    OtherId,
    /// `number`, which Presidio takes as a sign of a phone number.
    Number,
}

impl Marker {
    pub(super) const COUNT: usize = Self::Number as usize + 1;
}

/// llm-guard's groups of regular expressions: they exist only while the caller does not replace them.
pub(super) const GROUPS: &[(&str, &[Language])] = &[
    ("CREDIT_CARD_RE", &[Language::En, Language::Zh]),
    ("UUID", &[Language::En, Language::Zh]),
    ("EMAIL_ADDRESS_RE", &[Language::En, Language::Zh]),
    ("US_SSN_RE", &[Language::En]),
    ("BTC_ADDRESS", &[Language::En]),
    ("URL_RE", &[Language::En]),
    ("PHONE_NUMBER_ZH", &[Language::Zh]),
    ("PHONE_NUMBER_WITH_EXT", &[Language::En]),
    ("DATE_RE", &[Language::En]),
    ("TIME_RE", &[Language::En]),
    ("HEX_COLOR", &[Language::En]),
    ("PRICE_RE", &[Language::En]),
    ("PO_BOX_RE", &[Language::En]),
];
