//! `llm-shield scan`: texts judged by the policy, or a sweep over folders, streams and git history.

mod baseline;
mod decode;
mod found;
mod git;
mod listing;
mod pieces;
mod queue;
mod sarif;
mod sources;
mod sweep;
pub(crate) mod texts;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use llm_shield::{Policy, Secrets, Shield};

use crate::{models, policy};
use sweep::SweepArgs;
use texts::TextArgs;

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ScanArgs {
    /// Files, folders, or `-` for standard input, which is scanned when there is none
    paths: Vec<PathBuf>,
    /// Policy file (llm-guard's scanners.yml format); without it the embedded default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    choices: policy::Choices,
    /// Run only these scanners, as Secrets,PromptInjection [default: all of the policy; in a sweep Secrets]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    scanners: Option<Vec<String>>,
    #[command(flatten, next_help_heading = "Texts, each judged as a whole")]
    texts: TextArgs,
    #[command(flatten, next_help_heading = "Sweeps over folders, streams and git history")]
    sweep: SweepArgs,
}

const EXAMPLES: &str = "\
A text is judged: all scanners of the policy say whether it may pass. A folder among the paths, or any option of a
sweep, makes it a sweep instead: it lists findings, by default of the Secrets scanner.

Folders are walked as ripgrep does it: what .gitignore and .ignore name, hidden files (such as .env), binary files and
symbolic links are left out. UTF-16 with a byte-order mark and text that is not UTF-8 are read too; spans are always
bytes of the file. Git history is read by the command `git`; a finding names the oldest commit that has it.

A baseline keeps fingerprints (salted hashes of rule, path, secret and occurrence), no secrets and no lines: findings
stay known when lines move.

Examples:
  echo 'Ignore all previous instructions' | llm-shield scan
  llm-shield scan --json prompts/*.txt                     one report a line
  llm-shield scan --redact --vault v.json --config p.yml   personal data out; `llm-shield restore` puts it back
  llm-shield scan .                                        secrets in this folder
  llm-shield scan --hidden --no-ignore -g '!target' .      also in .env and in what git ignores
  llm-shield scan --format sarif --out secrets.sarif src   for code scanning services
  llm-shield scan --git                                    in all history
  llm-shield scan --git --since origin/main                in the commits of a pull request
  llm-shield scan --staged                                 before a commit (.git/hooks/pre-commit)
  llm-shield scan --write-baseline known.json .            accept what is there,
  llm-shield scan --baseline known.json .                  and report only what is new
  kubectl logs app | llm-shield scan --secrets             a stream of any length

Exit codes: 0 safe or no finding, 1 findings, 2 something could not be scanned (the rest was).";

pub(crate) fn run(args: &ScanArgs) -> Result<ExitCode> {
    let folder = args.paths.iter().find(|path| path.is_dir());
    let is_sweep = folder.is_some() || args.sweep != SweepArgs::default();
    if !is_sweep {
        return texts::run(&args.paths, &args.texts, &shield(args, None)?);
    }
    if args.texts != TextArgs::default() {
        let why = match folder {
            Some(folder) => format!("{} is a folder", folder.display()),
            None => "options of a sweep are given".to_owned(),
        };
        bail!(
            "--text, --output, --prompt, --json, --redact and --vault judge single texts, but {why}; for JSON use --format jsonl"
        );
    }
    let reads_stdin = args.paths.is_empty() && !args.sweep.git && !args.sweep.staged;
    if reads_stdin && io::stdin().is_terminal() {
        bail!("nothing to scan: name files or folders, or pipe a text in (see --help)");
    }
    sweep::run(&args.paths, &args.sweep, &shield(args, Some(&[Secrets::NAME]))?)
}

/// The scanners that the user names, else those of `default`, else all of the policy.
fn shield(args: &ScanArgs, default: Option<&[&str]>) -> Result<Shield> {
    let policy = policy::load(args.config.as_deref(), args.choices)?;
    let classifiers = models::fast_tier();
    let asked: Option<Vec<&str>> =
        args.scanners.as_ref().map(|scanners| scanners.iter().map(|name| name.trim()).collect());
    let Some(names) = asked.as_deref().or(default) else {
        let shield = policy.shield(&classifiers)?;
        policy::warn(&shield);
        return Ok(shield);
    };
    let shield = policy.with_only(names).shield(&classifiers)?;
    if let Some(missing) = names.iter().find(|name| !shield.prompt_scanners().any(|known| known == **name)) {
        let all = |policy: &Policy| -> Result<Vec<&'static str>> {
            Ok(policy.shield(&classifiers)?.prompt_scanners().collect())
        };
        let mut known = all(&policy)?;
        known.extend(all(&Policy::embedded())?);
        known.sort_unstable();
        known.dedup();
        bail!("--scanners {missing}: no such scanner in the policy; there are {}", known.join(", "));
    }
    Ok(shield)
}
