//! Texts, each judged as a whole by the policy: may it pass, and why not.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use llm_shield::{Anonymize, Deanonymize, Report, Shield, Vault};
use serde_json::json;

use super::found::Position;
use crate::vault_file::VaultFile;

/// The longest text that is read, bytes; a limit on everything.
const TEXT_BYTES_MAX: u64 = 64 << 20;

#[derive(Debug, Default, PartialEq, Args)]
pub(super) struct TextArgs {
    /// Scan this text instead of files
    #[arg(long, conflicts_with = "paths")]
    pub(super) text: Option<String>,
    /// Treat the texts as a model's output: runs the policy's output scanners
    #[arg(long, conflicts_with = "scanners")]
    output: bool,
    /// The prompt that the outputs answer, for scanners that look at both
    #[arg(long, value_name = "TEXT", requires = "output")]
    prompt: Option<String>,
    /// One JSON report a line
    #[arg(long, conflicts_with = "redact")]
    json: bool,
    /// Print the sanitised text instead of the findings
    #[arg(long)]
    redact: bool,
    /// Keep in this file what Anonymize takes out, for `llm-shield restore`; it holds the data in clear, for its
    /// owner's eyes only (mode 0600). With --output, what Deanonymize puts back from
    #[arg(long, value_name = "FILE")]
    vault: Option<PathBuf>,
}

/// Judges each text: exit 0 when all may pass, 1 when one may not, 2 when one could not be read.
pub(super) fn run(paths: &[PathBuf], args: &TextArgs, shield: &Shield) -> Result<ExitCode> {
    let mut out = io::stdout().lock();
    let (mut safe, mut failed) = (true, false);
    let mut vault = args.vault.as_deref().map(|file| open_vault(file, args, shield)).transpose()?;
    let mut scan = |name: &str, text: &str| -> Result<()> {
        let report = match &mut vault {
            None if args.output => match &args.prompt {
                Some(prompt) => shield.scan_output_in(prompt, text, &Vault::new()),
                None => shield.scan_output(text),
            },
            None => shield.scan_prompt(text),
            Some(vault) if args.output => {
                shield.scan_output_in(args.prompt.as_deref().unwrap_or(""), text, vault.pairs())
            }
            Some(vault) => {
                let report = shield.scan_prompt_in(text, vault.pairs());
                // Before the text is printed: what is printed can be restored.
                vault.save()?;
                report
            }
        };
        safe &= report.is_valid;
        print(&mut out, args, name, text, &report)
    };
    let stdin = [PathBuf::from("-")];
    if let Some(text) = &args.text {
        scan("text", text)?;
    } else {
        if paths.is_empty() && io::stdin().is_terminal() {
            bail!("nothing to scan: name files, pass --text, or pipe a text in (see --help)");
        }
        for path in if paths.is_empty() { &stdin } else { paths } {
            match read(path) {
                Ok((name, text)) => scan(&name, &text)?,
                Err(error) => {
                    failed = true;
                    writeln!(io::stderr(), "llm-shield: {error:#}")?;
                }
            }
        }
    }
    Ok(match (failed, safe) {
        (true, _) => ExitCode::from(2),
        (_, true) => ExitCode::SUCCESS,
        (_, false) => ExitCode::from(1),
    })
}

fn open_vault(file: &Path, args: &TextArgs, shield: &Shield) -> Result<VaultFile> {
    if args.output {
        if !shield.output_scanners().any(|name| name == Deanonymize::NAME) {
            bail!("--vault: the policy runs no Deanonymize over outputs; `llm-shield restore` needs none");
        }
        return VaultFile::open(file);
    }
    if !shield.prompt_scanners().any(|name| name == Anonymize::NAME) {
        bail!(
            "--vault: the policy runs no Anonymize over prompts, so nothing would be kept; name one with --config, \
             for example `input_scanners: [{{type: Anonymize}}]`"
        );
    }
    VaultFile::open_or_new(file)
}

/// Name and text of a file, or of standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<(String, String)> {
    let mut bytes = Vec::new();
    let (name, shown) = if path.as_os_str() == "-" {
        io::stdin().take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes).context("cannot read standard input")?;
        ("stdin".to_owned(), "standard input".to_owned())
    } else {
        let name = path.display().to_string();
        File::open(path)
            .and_then(|file| file.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes))
            .with_context(|| format!("cannot read {name}"))?;
        (name.clone(), name)
    };
    if bytes.len() as u64 > TEXT_BYTES_MAX {
        bail!("{shown} is over the limit of {TEXT_BYTES_MAX} bytes");
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text)),
        Err(error) => bail!("{shown} is not UTF-8 at byte {}", error.utf8_error().valid_up_to()),
    }
}

fn print(out: &mut impl Write, args: &TextArgs, name: &str, text: &str, report: &Report<'_>) -> Result<()> {
    if args.json {
        let mut line = json!({ "name": name });
        if let (Some(line), Ok(serde_json::Value::Object(report))) =
            (line.as_object_mut(), serde_json::to_value(report))
        {
            line.extend(report);
        }
        writeln!(out, "{line}")?;
        return Ok(());
    }
    if args.redact {
        if let Some((scanner, error)) =
            report.scanners.iter().find_map(|scanner| Some((scanner.name, scanner.error.as_ref()?)))
        {
            bail!("{name}: {scanner} failed: {error}; nothing is printed, since it may not be redacted");
        }
        out.write_all(report.sanitized.as_bytes())?;
        return Ok(());
    }
    for scanner in &report.scanners {
        let (mut at, mut place) = (0, Position::START);
        for finding in &scanner.findings {
            // Scanners list their findings in the order of the text; should one not, the count begins anew.
            if finding.span.start < at {
                (at, place) = (0, Position::START);
            }
            place = place.after(&text[at..finding.span.start]);
            at = finding.span.start;
            writeln!(
                out,
                "{name}:{}:{}: {} {} (score {:.2}, {} bytes)",
                place.line,
                place.column,
                scanner.name,
                finding.rule,
                finding.score,
                finding.span.len()
            )?;
        }
        if let Some(error) = &scanner.error {
            writeln!(out, "{name}: {} failed: {error}", scanner.name)?;
        }
    }
    // Over a blank text none runs, which nobody needs to read.
    for skipped in report.skipped.iter().filter(|_| !text.trim().is_empty()) {
        writeln!(out, "{name}: {} skipped: {}", skipped.name, skipped.reason)?;
    }
    writeln!(out, "{name}: {}", if report.is_valid { "safe" } else { "refused" })?;
    Ok(())
}
