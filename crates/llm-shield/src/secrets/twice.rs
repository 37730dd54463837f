//! Which secrets llm-guard finds twice: by the format of a provider and as a string of high entropy.

use super::entropy::shannon;
use crate::Span;

/// Shannon entropy that a Base64 string must exceed, bits a character; of a hexadecimal one.
const BASE64_ENTROPY: f64 = 4.5;
const HEX_ENTROPY: f64 = 3.0;

/// Whether llm-guard's entropy detectors take the secret of a provider at `span` for one of theirs too: behind a quote,
/// `:` or `=`, as far as a quote or the end of the line, random enough. It then replaces the secret twice.
pub(crate) fn is_found_twice(text: &str, span: Span) -> bool {
    let is_quote = |character: char| matches!(character, '\'' | '"');
    let value = &text[span.range()];
    let before =
        text[..span.start].trim_end_matches(|character: char| character.is_whitespace() && character != '\n');
    let behind = text[span.end..].trim_end_matches([' ', '\t', '\r']);
    let begins = before.ends_with(|character: char| is_quote(character) || matches!(character, ':' | '='));
    let line_end = behind.lines().next().is_none_or(|rest| rest.trim().is_empty());
    let ends = behind.starts_with(is_quote) || line_end;
    let is_base64 =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'\\' | b'-' | b'_' | b'=');
    begins
        && ends
        && ((value.bytes().all(is_base64) && shannon(value) > BASE64_ENTROPY)
            || (value.bytes().all(|byte| byte.is_ascii_hexdigit()) && hex_entropy(value) > HEX_ENTROPY))
}

/// Digits alone count for less.
fn hex_entropy(value: &str) -> f64 {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit()) && value.len() > 1;
    shannon(value) - if digits { 1.2 / (value.len() as f64).log2() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_ends_of_lines_decide() {
        // Drawn for this test; never issued.
        const TOKEN: &str = "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";
        for (before, behind, expected) in [
            ("token: ", "", true),
            ("token: ", "\nmore", true),
            ("token = \"", "\" # mine", true),
            ("token=", "", true),
            ("token: ", " leaked", false),
            ("token ", "", false),
        ] {
            let text = format!("{before}{TOKEN}{behind}");
            let span = Span::new(before.len(), before.len() + TOKEN.len());
            assert_eq!(is_found_twice(&text, span), expected, "{text}");
        }
        assert!(!is_found_twice("k: aaaabbbb", Span::new(3, 11)), "not random");
    }
}
