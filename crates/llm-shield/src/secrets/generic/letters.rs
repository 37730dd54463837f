//! How unlike English a run of letters is.

/// Bits, times ten, that a letter costs after another (row 0: at the start of a word), so that words of English
/// text and identifiers are cheap and letters drawn at random are dear.
///
/// Counted over the distinct words of each module of `CPython` 3's standard library (PSF licence; counts are facts):
/// `-10·log2((count + 0.5) / (row + 13))`.
#[rustfmt::skip]
const COST: [[u8; 26]; 27] = [
    [39, 47, 35, 42, 42, 43, 55, 55, 41, 80, 69, 47, 44, 48, 49, 41, 83, 41, 33, 39, 52, 62, 48, 84, 81, 92],
    [93, 48, 39, 44, 99, 73, 54, 99, 46, 99, 61, 29, 43, 33, 99, 49, 99, 29, 35, 27, 58, 61, 74, 72, 60, 99],
    [29, 64, 52, 65, 29, 87, 97, 99, 39, 46, 99, 25, 73, 84, 33, 63, 99, 43, 46, 67, 29, 99, 94, 99, 50, 93],
    [31, 99, 57, 85, 28, 86, 93, 34, 48, 99, 40, 39, 76, 92, 22, 84, 98, 47, 69, 30, 47, 94, 97, 99, 71, 99],
    [40, 76, 75, 46, 15, 73, 73, 89, 24, 91, 96, 44, 84, 71, 34, 80, 99, 56, 43, 63, 44, 82, 88, 91, 63, 99],
    [43, 76, 41, 33, 51, 51, 66, 89, 71, 99, 96, 43, 49, 30, 80, 51, 66, 25, 31, 37, 89, 59, 68, 44, 67, 99],
    [33, 96, 71, 74, 38, 38, 77, 99, 18, 99, 99, 47, 87, 86, 24, 85, 99, 38, 60, 46, 38, 99, 99, 99, 59, 99],
    [46, 84, 78, 77, 16, 85, 55, 36, 33, 99, 99, 44, 64, 42, 51, 74, 99, 38, 36, 59, 39, 73, 84, 99, 95, 88],
    [22, 93, 90, 74, 16, 94, 99, 95, 28, 99, 92, 70, 71, 81, 26, 97, 99, 51, 72, 41, 62, 99, 99, 99, 76, 99],
    [54, 53, 43, 48, 51, 54, 50, 99, 87, 99, 78, 39, 44, 18, 35, 57, 99, 50, 37, 33, 99, 56, 99, 62, 99, 60],
    [40, 99, 63, 83, 14, 81, 99, 95, 61, 99, 57, 86, 95, 99, 21, 75, 99, 83, 54, 95, 22, 99, 99, 99, 75, 99],
    [46, 72, 66, 69, 12, 74, 59, 87, 28, 99, 89, 46, 88, 42, 68, 68, 88, 64, 32, 67, 60, 78, 45, 99, 73, 99],
    [33, 78, 78, 48, 20, 62, 92, 96, 27, 99, 95, 32, 88, 82, 33, 67, 99, 76, 43, 46, 48, 83, 82, 99, 39, 99],
    [24, 50, 91, 75, 17, 98, 99, 99, 38, 99, 85, 67, 48, 76, 33, 27, 99, 88, 50, 72, 49, 99, 99, 99, 76, 99],
    [38, 90, 38, 32, 33, 58, 27, 86, 44, 99, 67, 63, 81, 61, 39, 73, 99, 87, 35, 26, 56, 59, 89, 99, 67, 99],
    [67, 57, 46, 41, 71, 68, 62, 99, 63, 99, 64, 46, 40, 22, 52, 43, 99, 24, 47, 42, 39, 54, 45, 77, 91, 99],
    [27, 95, 73, 67, 26, 77, 91, 71, 45, 99, 94, 31, 90, 94, 32, 39, 99, 28, 56, 37, 52, 97, 86, 99, 50, 99],
    [85, 77, 78, 75, 88, 94, 99, 82, 99, 99, 99, 67, 94, 67, 91, 94, 64, 60, 60, 91, 2, 99, 82, 99, 99, 99],
    [34, 76, 58, 54, 18, 71, 55, 94, 34, 99, 67, 68, 51, 48, 32, 73, 99, 41, 41, 38, 53, 73, 73, 99, 51, 99],
    [50, 99, 51, 79, 20, 72, 78, 48, 34, 99, 68, 64, 73, 71, 46, 44, 89, 83, 34, 22, 39, 94, 73, 99, 57, 99],
    [35, 89, 59, 69, 22, 70, 99, 30, 26, 99, 83, 60, 77, 83, 42, 66, 99, 35, 42, 47, 46, 89, 70, 97, 50, 99],
    [51, 48, 51, 61, 37, 63, 57, 99, 48, 99, 99, 33, 41, 28, 71, 38, 99, 30, 32, 30, 99, 99, 99, 96, 99, 99],
    [21, 84, 78, 99, 8, 86, 95, 99, 29, 99, 99, 95, 82, 87, 51, 92, 99, 82, 84, 99, 99, 91, 87, 99, 99, 99],
    [25, 92, 78, 65, 35, 83, 99, 27, 21, 99, 99, 59, 99, 41, 34, 89, 99, 35, 45, 80, 98, 99, 66, 85, 99, 99],
    [44, 76, 27, 67, 31, 62, 95, 72, 30, 99, 99, 69, 56, 80, 71, 30, 99, 76, 61, 20, 79, 78, 82, 44, 58, 96],
    [75, 55, 56, 68, 41, 67, 72, 86, 41, 99, 99, 52, 49, 40, 43, 23, 99, 50, 26, 26, 91, 62, 50, 99, 77, 73],
    [36, 98, 72, 70, 6, 73, 99, 89, 32, 99, 99, 72, 67, 84, 42, 73, 99, 84, 78, 66, 84, 99, 93, 99, 66, 70],
];

/// How a text reads.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reading {
    /// Mean cost of a letter.
    pub(super) mean_bits: f32,
    /// Letters.
    pub(super) letters: usize,
    /// Letters that cost more than [`DEAR_TENTH_BITS`].
    pub(super) dear: usize,
    /// Runs of at least three letters.
    pub(super) words: usize,
    /// Mean cost of a letter in the dearest of these.
    pub(super) dearest_word_bits: f32,
}

/// Dear is a letter that follows its neighbour less than once in 64.
const DEAR_TENTH_BITS: u32 = 60;

/// Mean cost of the letters of `text` in bits a letter, and how many letters there are. Letters drawn at random cost
/// about 7, words about 3.5. A capital after a small letter starts a word, and so does a letter after something else.
pub(super) fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let (mut total, mut word, mut word_letters) = (0u32, 0u32, 0u32);
    let mut row = 0;
    let mut previous = b' ';
    let end_word = |reading: &mut Reading, bits: u32, letters: u32| {
        if letters >= 3 {
            reading.words += 1;
            reading.dearest_word_bits = reading.dearest_word_bits.max(bits as f32 / letters as f32 / 10.0);
        }
    };
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphabetic() {
            if !previous.is_ascii_alphabetic() || (byte.is_ascii_uppercase() && previous.is_ascii_lowercase())
            {
                end_word(&mut reading, word, word_letters);
                (row, word, word_letters) = (0, 0, 0);
            }
            let column = usize::from(byte.to_ascii_lowercase() - b'a');
            let cost = u32::from(COST[row][column]);
            total += cost;
            word += cost;
            word_letters += 1;
            reading.letters += 1;
            reading.dear += usize::from(cost > DEAR_TENTH_BITS);
            row = column + 1;
        }
        previous = byte;
    }
    end_word(&mut reading, word, word_letters);
    if reading.letters > 0 {
        reading.mean_bits = total as f32 / 10.0 / reading.letters as f32;
    }
    reading
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_cheap_and_random_letters_dear() {
        for word in ["password", "whatever", "newAccessToken", "owltester", "authentication", "some_value"] {
            assert!(super::read(word).mean_bits < 4.8, "{word} {}", super::read(word).mean_bits);
        }
        for random in ["xqzjvkwp", "hwzkcqnf", "bvqtzmxw"] {
            assert!(super::read(random).mean_bits > 6.0, "{random} {}", super::read(random).mean_bits);
        }
        assert_eq!(super::read("1234").letters, 0);
    }
}
