//! How surprising a string is.

/// Shannon entropy of the characters of `text`, in bits a character (Shannon 1948, with the string's own
/// frequencies). 0 for an empty string.
pub(super) fn shannon(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    // Bytes stand for characters: secrets are ASCII, and for the rest this is close enough.
    for &byte in text.as_bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = text.len() as f64;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| f64::from(count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::shannon;

    #[test]
    fn entropy_counts_how_evenly_characters_are_spread() {
        for (text, expected) in
            [("", 0.0), ("aaaa", 0.0), ("abab", 1.0), ("abcd", 2.0), ("0123456789abcdef", 4.0)]
        {
            assert!((shannon(text) - expected).abs() < 1e-9, "{text}: {}", shannon(text));
        }
    }
}
