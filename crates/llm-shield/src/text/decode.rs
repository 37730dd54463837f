//! Undoing disguises: what a text says once what is hidden in it, spelled in a code or moved about is put back.
//!
//! A look at the text, in one cheap pass, says which disguises there could be; most texts show no sign and are left
//! alone. Otherwise each decoder replaces what it is sure of by what it stands for, and the result is looked at again,
//! since codes are nested. A decoded part is never longer than what it replaces, and there are at most
//! [`ROUNDS_MAX`] rounds, so time and space are linear in the text. What only may be a disguise counts as one when the
//! decoded text is clearly likelier as a language than the text as it stands (`likelihood`).

mod bytes;
mod cipher;
mod escapes;
mod hidden;
mod layer;
mod likelihood;
mod morse;
mod signs;
mod spaced;
mod tokens;
mod words;

use serde::Serialize;

pub(super) use layer::Layer;
use signs::Signs;

/// How often a text is looked at again: a code within a code within a code.
const ROUNDS_MAX: usize = 4;

/// A disguise that was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decoding {
    /// Bytes as variation selectors behind another character, or bits as characters without width.
    Smuggled,
    /// ASCII as tag characters.
    Tags,
    /// Letters of mathematics, in circles, full width, small capitals.
    StyledLetters,
    /// Letters of other scripts in Latin words.
    Homoglyphs,
    /// A stretch that bidirectional controls show backwards.
    Bidirectional,
    /// Letters turned by 180 degrees.
    UpsideDown,
    /// Digits and signs for letters.
    Leet,
    /// Letters with a space or mark between them.
    SpacedLetters,
    /// Text written backwards.
    Reversed,
    /// Letters moved along the alphabet (ROT13 and the like), or mirrored in it.
    Caesar,
    /// Base64 and its form for URLs.
    Base64,
    /// Base32.
    Base32,
    /// Bytes in hexadecimal digits.
    Hex,
    /// Character codes as decimal, octal or binary numbers.
    Numbers,
    /// Percent-encoding of URLs.
    Percent,
    /// Character references of HTML.
    HtmlEntities,
    /// Escapes of programming languages: `\u0041`, `\x41`, `U+0041`.
    Escapes,
    /// Morse code.
    Morse,
}

impl Decoding {
    /// Its name as it stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Smuggled => "smuggled",
            Self::Tags => "tags",
            Self::StyledLetters => "styled_letters",
            Self::Homoglyphs => "homoglyphs",
            Self::Bidirectional => "bidirectional",
            Self::UpsideDown => "upside_down",
            Self::Leet => "leet",
            Self::SpacedLetters => "spaced_letters",
            Self::Reversed => "reversed",
            Self::Caesar => "caesar",
            Self::Base64 => "base64",
            Self::Base32 => "base32",
            Self::Hex => "hex",
            Self::Numbers => "numbers",
            Self::Percent => "percent",
            Self::HtmlEntities => "html_entities",
            Self::Escapes => "escapes",
            Self::Morse => "morse",
        }
    }
}

/// The layers of disguise that were taken off `text`, the outermost first; none when it stands as it reads.
pub(super) fn decode(text: &str) -> Vec<Layer> {
    // Offsets are kept in 32 bits.
    if u32::try_from(text.len()).is_err() {
        return Vec::new();
    }
    let mut layers: Vec<Layer> = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let current = layers.last().map_or(text, Layer::as_str);
        let signs = Signs::of(current);
        if !signs.any() {
            break;
        }
        let before = layers.len();
        take_off(signs, text, &mut layers);
        if layers.len() == before {
            break;
        }
    }
    layers
}

/// A decoder: the text beneath one kind of disguise, if there is any.
type Step = fn(&str) -> Option<Layer>;

/// One round: each decoder that there is a sign of sees the text as the one before it left it.
fn take_off(signs: Signs, text: &str, layers: &mut Vec<Layer>) {
    let steps: [(bool, Step); 10] = [
        (signs.beyond_ascii, hidden::smuggled),
        (signs.beyond_ascii, hidden::bidirectional),
        (signs.beyond_ascii, words::styled),
        (signs.beyond_ascii, cipher::upright),
        (signs.escapes, escapes::decoded),
        (signs.sparse, morse::decoded),
        (signs.sparse, spaced::joined),
        (signs.codes, tokens::decoded),
        (signs.digits || signs.beyond_ascii, words::spelled),
        (signs.unlikely, cipher::decoded),
    ];
    for (wanted, step) in steps {
        let current = layers.last().map_or(text, Layer::as_str);
        if let Some(layer) = wanted.then(|| step(current)).flatten() {
            layers.push(layer);
        }
    }
}

#[cfg(test)]
mod tests;
