//! The classes of all characters in two stages; `tokens/pieces.rs` of the shield names the bits.

use anyhow::{Result, ensure};
use regex::Regex;

const CLASSES: [(&str, u8); 7] = [
    (r"[\p{Lu}\p{Lt}]", 1),
    (r"\p{Ll}", 2),
    (r"[\p{Lm}\p{Lo}]", 4),
    (r"\p{M}", 8),
    (r"\p{N}", 16),
    (r"\s", 32),
    (r"[\r\n]", 64),
];

pub fn build() -> Result<Vec<u8>> {
    let patterns =
        CLASSES.iter().map(|(pattern, bit)| Ok((Regex::new(pattern)?, *bit))).collect::<Result<Vec<_>>>()?;
    let mut numbers = Vec::new();
    let mut pages: Vec<Vec<u8>> = Vec::new();
    for first in (0u32..0x11_0000).step_by(256) {
        let page: Vec<u8> = (first..first + 256)
            .map(|code_point| {
                let text = char::from_u32(code_point).map(String::from).unwrap_or_default();
                patterns.iter().filter(|(pattern, _)| pattern.is_match(&text)).map(|(_, bit)| bit).sum()
            })
            .collect();
        let known = pages.iter().position(|other| *other == page);
        numbers.push(known.unwrap_or(pages.len()));
        if known.is_none() {
            pages.push(page);
        }
    }
    ensure!(pages.len() <= 256, "the number of a page fits a byte");
    Ok(numbers.into_iter().map(|number| number as u8).chain(pages.into_iter().flatten()).collect())
}
