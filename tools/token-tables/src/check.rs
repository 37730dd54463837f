//! Compares the shield's encoder with `bpe-openai` and `tiktoken-rs` on random and hostile texts.

use std::fs;

use anyhow::{Context, Result, ensure};
use llm_shield::Encoding;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Texts on which `tiktoken-rs` takes quadratic time go to `bpe-openai` alone.
const SLOW_REFERENCE_BYTES_MAX: usize = 20_000;

pub fn run(rounds: usize, file: Option<&str>) -> Result<()> {
    let mut random = StdRng::seed_from_u64(7);
    let mut texts: Vec<String> = hostile();
    let tiktoken_cl100k = tiktoken_rs::cl100k_base()?;
    for _ in 0..rounds {
        texts.push(from_alphabet(&mut random));
        texts.push(from_tokens(&mut random));
    }
    if let Some(file) = file {
        let content = fs::read(file).with_context(|| format!("cannot read {file}"))?;
        texts.extend(String::from_utf8_lossy(&content).lines().map(str::to_owned));
    }
    let mut comparisons = 0;
    let mut differences = 0;
    for (encoding, reference, slow) in [
        (Encoding::Cl100kBase, bpe_openai::cl100k_base(), tiktoken_cl100k),
        (Encoding::O200kBase, bpe_openai::o200k_base(), tiktoken_rs::o200k_base()?),
    ] {
        for text in &texts {
            let ours = encoding.encode(text);
            let mut same = ours == reference.encode(text.as_str()) && encoding.count(text) == ours.len();
            comparisons += 1;
            if text.len() <= SLOW_REFERENCE_BYTES_MAX {
                same &= ours.iter().copied().eq(slow.encode_ordinary(text).into_iter().map(u32::from));
                comparisons += 1;
            }
            if !same {
                differences += 1;
                let shown: String = text.chars().take(80).collect();
                println!("{}: differs on {} bytes: {shown:?}", encoding.name(), text.len());
            }
        }
    }
    println!("{} texts, {comparisons} comparisons, {differences} texts with a difference", texts.len());
    ensure!(differences == 0, "the encoder differs from the references");
    Ok(())
}

/// Texts that are hard on an encoder or on the splitting pattern.
fn hostile() -> Vec<String> {
    let mut texts = vec![String::new()];
    for unit in [
        "a",
        " ",
        "\n",
        "\r\n",
        "\t ",
        "ab",
        "'",
        "'s",
        "'S",
        "'ſ",
        "0",
        "é",
        "e\u{301}",
        "\u{301}",
        "中",
        "中A",
        "Я",
        "я",
        "😀",
        "👩‍👩‍👧",
        "!",
        "/",
        "//\n",
        " \n",
        "\u{a0}",
        "\u{3000}x",
        "\u{200b}",
        "ǅ",
        "ʰ",
        "ʰA",
        "²",
        "<|endoftext|>",
        "aA",
    ] {
        for count in [1, 2, 3, 4, 7, 64, 127, 128, 129, 1000, 100_000] {
            texts.push(unit.repeat(count));
            texts.push(format!("x{}y", unit.repeat(count)));
            texts.push(format!(" {} ", unit.repeat(count)));
        }
    }
    texts
}

fn from_alphabet(random: &mut StdRng) -> String {
    const ALPHABETS: [&str; 7] = [
        "abcdefghijklmnopqrstuvwxyz",
        "aAbB'sStTrReElLdDmM \n",
        " \t\r\n\u{a0}\u{3000}\u{2028}\u{85}\u{1c}a!1",
        "aAʰǅ中\u{301}\u{940}я!/' \n1²ⅷ",
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        "😀👩\u{200d}🏽\u{fe0f}❤e\u{301}漢字かなカナ한국어",
        "{}[]()<>;:=+-*/\\_\"'`~!@#$%^&|,.?01 \nabz",
    ];
    let longest = if random.random_ratio(1, 50) { 3000 } else { 60 };
    let length = random.random_range(0..longest);
    if random.random_ratio(1, 4) {
        let top = [0x80, 0x800, 0x3000, 0x11_0000][random.random_range(0..4)];
        return (0..length).filter_map(|_| char::from_u32(random.random_range(0..top))).collect();
    }
    let alphabet: Vec<char> = ALPHABETS[random.random_range(0..ALPHABETS.len())].chars().collect();
    (0..length).map(|_| alphabet[random.random_range(0..alphabet.len())]).collect()
}

/// Tokens side by side: their borders are where merges compete.
fn from_tokens(random: &mut StdRng) -> String {
    let bpe = &bpe_openai::o200k_base().bpe;
    let mut bytes = Vec::new();
    for _ in 0..random.random_range(1..12) {
        let token = random.random_range(0..bpe.num_tokens() as u32);
        bytes.extend_from_slice(bpe.token_bytes(token));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
