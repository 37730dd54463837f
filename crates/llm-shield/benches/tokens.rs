//! Tokenizer throughput on prose and on texts that are hard on it, at 10 KB and at 1 MB: bytes per second must not fall.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use llm_shield::{Encoding, Scanner, Text, TokenLimit, TokenLimitParams};

const SIZES: [usize; 2] = [10_000, 1_000_000];
const KINDS: [&str; 8] =
    ["prose", "one_letter", "spaces", "letters", "symbols", "emoji", "cyrillic", "newlines"];

fn main() {
    divan::main();
}

/// Pseudo-random numbers (xorshift), so that the bench needs no dependency.
fn numbers() -> impl Iterator<Item = usize> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    std::iter::from_fn(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some((state >> 33) as usize)
    })
}

fn text(kind: &str, bytes: usize) -> String {
    const WORDS: [&str; 16] = [
        "the ",
        "model ",
        "please ",
        "summarise ",
        "this ",
        "invoice, ",
        "and ",
        "tell ",
        "me ",
        "whether ",
        "it's ",
        "paid.\n",
        "In ",
        "2024 ",
        "tokenisation ",
        "unreasonably ",
    ];
    let pick = |from: &[&str]| {
        let mut out = String::with_capacity(bytes + 16);
        let mut numbers = numbers();
        while out.len() < bytes {
            out.push_str(from[numbers.next().unwrap_or(0) % from.len()]);
        }
        out
    };
    let split = |characters: &str| {
        let characters: Vec<String> = characters.chars().map(String::from).collect();
        pick(&characters.iter().map(String::as_str).collect::<Vec<_>>())
    };
    match kind {
        "one_letter" => split("a"),
        "spaces" => split(" "),
        "letters" => split("abcdefghijklmnopqrstuvwxyz"),
        "symbols" => split("{}[]()<>;:=+-*_\"'`~!@#$%^&|,.?"),
        "emoji" => split("😀🦀🎉👩🏽❤🔥💧🚀"),
        "cyrillic" => split("абвгдежзийклмнопрстуфхцчшщъыьэюя"),
        "newlines" => split("\n "),
        _ => pick(&WORDS),
    }
}

fn count(bencher: Bencher, encoding: Encoding, kind: &str, bytes: usize) {
    let text = text(kind, bytes);
    encoding.count("load the tables");
    bencher.counter(BytesCount::of_str(&text)).bench(|| encoding.count(black_box(&text)));
}

#[divan::bench(args = KINDS, consts = SIZES, max_time = 0.5)]
fn cl100k<const N: usize>(bencher: Bencher, kind: &str) {
    count(bencher, Encoding::Cl100kBase, kind, N);
}

#[divan::bench(args = KINDS, consts = SIZES, max_time = 0.5)]
fn o200k<const N: usize>(bencher: Bencher, kind: &str) {
    count(bencher, Encoding::O200kBase, kind, N);
}

/// A megabyte costs no more than its first 4,096 tokens.
#[divan::bench(max_time = 0.5)]
fn scan_1_mb_with_the_default_limit(bencher: Bencher) {
    let text = text("prose", 1_000_000);
    let scanner = TokenLimit::new(&TokenLimitParams::default()).ok();
    bencher.bench(|| scanner.as_ref().map(|scanner| scanner.scan(&Text::new(black_box(text.as_str())))));
}
