//! `llm-shield restore`: the values back into a text, out of a vault file.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use llm_shield::MatchingStrategy;

use crate::scan::texts;
use crate::vault_file::VaultFile;

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RestoreArgs {
    /// The text, or `-` for standard input, which is read when there is none
    file: Option<PathBuf>,
    /// The file that `llm-shield scan --redact --vault` wrote
    #[arg(long, value_name = "FILE")]
    vault: PathBuf,
    /// How exactly the placeholders must stand there
    #[arg(long, value_enum, default_value_t = Strategy::Exact)]
    strategy: Strategy,
}

const EXAMPLES: &str = "\
Examples:
  echo 'input_scanners: [{type: Anonymize}]' > anonymize.yml
  llm-shield scan --redact --vault v.json --config anonymize.yml letter.txt > safe.txt
  llm-shield restore --vault v.json safe.txt
  llm-shield restore --vault v.json --strategy fuzzy answer.txt    a model rewrote the placeholders

Exit codes: 0 done, 2 an error.";

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Strategy {
    /// Letter by letter
    Exact,
    /// Letter by letter, in any case
    CaseInsensitive,
    /// Also with other spacing, punctuation and brackets and a few wrong letters; digits must agree
    Fuzzy,
    /// The same as fuzzy, which looks for exact matches first anyway
    CombinedExactFuzzy,
}

pub(crate) fn run(args: &RestoreArgs) -> Result<ExitCode> {
    let strategy = match args.strategy {
        Strategy::Exact => MatchingStrategy::Exact,
        Strategy::CaseInsensitive => MatchingStrategy::CaseInsensitive,
        Strategy::Fuzzy => MatchingStrategy::Fuzzy,
        Strategy::CombinedExactFuzzy => MatchingStrategy::CombinedExactFuzzy,
    };
    let vault = VaultFile::open(&args.vault)?;
    if args.file.is_none() && io::stdin().is_terminal() {
        bail!("nothing to restore: name a file or pipe a text in (see --help)");
    }
    let (_, text) = texts::read(args.file.as_deref().unwrap_or("-".as_ref()))?;
    io::stdout().lock().write_all(vault.pairs().restore(&text, strategy).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
