//! Morse code (ITU-R M.1677-1).

use super::Decoding;
use super::layer::{Builder, Layer};
use super::likelihood::{Cost, READS};

/// Fewest letters of a message: `...` and `--` are punctuation.
const LETTERS_MIN: usize = 4;
/// From this many letters on a message may be in a language that the model of letters knows little of.
const LETTERS_SURE: usize = 12;
const READS_LONG: f32 = 3.6;
/// Longest sign.
const SIGN_MAX: usize = 6;

/// Signs by their number, a one and then a bit for each dot (0) or dash (1).
const SIGNS: [(u8, char); 49] = [
    (0b101, 'a'),
    (0b11000, 'b'),
    (0b11010, 'c'),
    (0b1100, 'd'),
    (0b10, 'e'),
    (0b10010, 'f'),
    (0b1110, 'g'),
    (0b10000, 'h'),
    (0b100, 'i'),
    (0b10111, 'j'),
    (0b1101, 'k'),
    (0b10100, 'l'),
    (0b111, 'm'),
    (0b110, 'n'),
    (0b1111, 'o'),
    (0b10110, 'p'),
    (0b11101, 'q'),
    (0b1010, 'r'),
    (0b1000, 's'),
    (0b11, 't'),
    (0b1001, 'u'),
    (0b10001, 'v'),
    (0b1011, 'w'),
    (0b11001, 'x'),
    (0b11011, 'y'),
    (0b11100, 'z'),
    (0b11_1111, '0'),
    (0b10_1111, '1'),
    (0b10_0111, '2'),
    (0b10_0011, '3'),
    (0b10_0001, '4'),
    (0b10_0000, '5'),
    (0b11_0000, '6'),
    (0b11_1000, '7'),
    (0b11_1100, '8'),
    (0b11_1110, '9'),
    (0b101_0101, '.'),
    (0b111_0011, ','),
    (0b100_1100, '?'),
    (0b101_1110, '\''),
    (0b11_0010, '/'),
    (0b11_0110, '('),
    (0b110_1101, ')'),
    (0b111_1000, ':'),
    (0b11_0001, '='),
    (0b10_1010, '+'),
    (0b110_0001, '-'),
    (0b101_0010, '"'),
    (0b101_1010, '@'),
];

/// Writes each stretch of Morse code as letters.
pub(super) fn decoded(text: &str) -> Option<Layer> {
    let mut builder = Builder::new(text);
    let mut message = Message::default();
    for (at, character) in text.char_indices() {
        match mark(character) {
            Mark::Dot | Mark::Dash => message.sign(at, character, mark(character) == Mark::Dash),
            Mark::Gap => message.gap(at, character),
            Mark::Other if character.is_ascii_alphabetic() => {
                message.close_sign();
                message.write(&mut builder);
            }
            // What Morse code has no sign for stands within messages as it is.
            Mark::Other => message.foreign(character),
        }
    }
    message.close_sign();
    message.write(&mut builder);
    builder.finish()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Dot,
    Dash,
    Gap,
    Other,
}

fn mark(character: char) -> Mark {
    match character {
        '.' | '·' | '•' | '∙' | '●' => Mark::Dot,
        '-' | '–' | '—' | '−' | '_' | '▬' => Mark::Dash,
        '/' | '|' | ' ' | '\t' | '\n' | '\r' => Mark::Gap,
        _ => Mark::Other,
    }
}

/// A letter or the space between words, and the bytes that stand for it.
struct Sign {
    start: usize,
    end: usize,
    character: char,
}

/// What may become a message.
#[derive(Default)]
struct Message {
    signs: Vec<Sign>,
    letters: usize,
    /// The open sign: its number, where it began, where it ends so far, and whether it is still one.
    open: Option<(u32, usize, usize)>,
    dots: bool,
    dashes: bool,
    spaces: usize,
    text: String,
}

impl Message {
    fn sign(&mut self, at: usize, character: char, dash: bool) {
        self.dots |= !dash;
        self.dashes |= dash;
        self.spaces = 0;
        let (number, start, _) = self.open.unwrap_or((1, at, at));
        // Longer than any sign: no letter, whatever follows.
        let number = if number >> SIGN_MAX == 0 { (number << 1) | u32::from(dash) } else { u32::MAX };
        self.open = Some((number, start, at + character.len_utf8()));
    }

    fn gap(&mut self, at: usize, character: char) {
        self.close_sign();
        self.spaces += 1;
        let end = at + character.len_utf8();
        let between_words = match character {
            '/' | '|' | '\n' => true,
            _ => self.spaces == 3,
        };
        if between_words && self.signs.last().is_some_and(|last| last.character != ' ') {
            self.signs.push(Sign { start: at, end, character: ' ' });
            self.text.push(' ');
        } else if let Some(last) = self.signs.last_mut().filter(|last| character == ' ' && last.end == at) {
            // The space behind a letter belongs to it.
            last.end = end;
        }
    }

    fn close_sign(&mut self) {
        let Some((number, start, end)) = self.open.take() else { return };
        if let Some((_, character)) = SIGNS.iter().find(|(sign, _)| u32::from(*sign) == number) {
            self.signs.push(Sign { start, end, character: *character });
            self.text.push(*character);
            self.letters += usize::from(character.is_alphanumeric());
        }
    }

    fn foreign(&mut self, character: char) {
        self.close_sign();
        self.spaces = 0;
        if !self.signs.is_empty() {
            self.text.push(character);
        }
    }

    /// Writes the message, if it is one, and begins anew.
    fn write(&mut self, builder: &mut Builder<'_>) {
        let message = std::mem::take(self);
        if message.letters < LETTERS_MIN || !message.dots || !message.dashes {
            return;
        }
        let cost = Cost::of(&message.text);
        // A long message is no accident of punctuation, in whatever language it is.
        let most = if message.letters < LETTERS_SURE { READS } else { READS_LONG };
        if cost.letters() as usize * 2 > message.letters && cost.per_letter() > most {
            return;
        }
        for sign in message.signs {
            builder.replace(sign.start..sign.end, Decoding::Morse, sign.character.encode_utf8(&mut [0; 4]));
        }
    }
}
