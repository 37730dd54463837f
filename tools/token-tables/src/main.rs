//! Writes the tables of llm-shield's tokenizer (`write`), or compares it with two reference encoders (`check`).
//!
//! ```text
//! cargo run --release -- write    # writes crates/llm-shield/data/*.bin
//! cargo run --release -- check [ROUNDS] [FILE]   # build again after `write`: the tables are embedded
//! ```
//!
//! The token data is that of OpenAI's tiktoken (MIT), taken from the crate `bpe-openai` (MIT).

mod check;
mod classes;
mod merges;
mod trie;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write"] => write(),
        ["check"] => check::run(20_000, None),
        ["check", rounds] => check::run(rounds.parse().context("ROUNDS is a number")?, None),
        ["check", rounds, file] => check::run(rounds.parse().context("ROUNDS is a number")?, Some(file)),
        _ => bail!("usage: token-tables write | check [ROUNDS] [FILE]"),
    }
}

fn write() -> Result<()> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/llm-shield/data");
    for (name, tokenizer) in [("cl100k", bpe_openai::cl100k_base()), ("o200k", bpe_openai::o200k_base())] {
        let count = u32::try_from(tokenizer.bpe.num_tokens())?;
        let tokens: Vec<Vec<u8>> =
            (0..count).map(|token| tokenizer.bpe.token_bytes(token).to_vec()).collect();
        ensure!(
            tokens[..256].iter().all(|token| token.len() == 1),
            "{name}: the first 256 tokens are the bytes"
        );
        ensure!(tokens.iter().all(|token| token.len() < 256), "{name}: a length fits a byte");
        let trie = trie::build(&tokens)?;
        let merges = merges::build(&tokens)?;
        println!("{name}: {count} tokens, trie {} bytes, tokens {} bytes", trie.len(), merges.len());
        fs::write(data.join(format!("{name}_trie.bin")), trie)?;
        fs::write(data.join(format!("{name}_tokens.bin")), merges)?;
    }
    fs::write(data.join("char_classes.bin"), classes::build()?)?;
    Ok(())
}
