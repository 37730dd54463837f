//! A sweep: many sources scanned by all cores, their findings listed in a fixed order.
//!
//! Threads take the next source from one shared list and leave what they found to the thread that prints. That one
//! restores the order and drops what a baseline knows. Memory stays bounded: a source is read in pieces, and no thread
//! runs further ahead of the printed source than the queue allows.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use indicatif::{DecimalBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use llm_shield::Shield;

use super::baseline::{Baseline, NewBaseline};
use super::found::Show;
use super::listing::{Format, Listing, printable};
use super::pieces::{Scan, Scanned};
use super::queue::Queue;
use super::sources::{Place, Reading, sources};

/// Largest file that a walk or a history scans unless the user says otherwise, bytes.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Goes into the fingerprints of the listing: they are the same in every run, so that services can match them.
const LISTING_SALT: &[u8] = b"llm-shield";

#[derive(Debug, Default, PartialEq, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct SweepArgs {
    /// Look for secrets only: short for --scanners Secrets, and streams of any length
    #[arg(long, conflicts_with = "scanners")]
    pub(super) secrets: bool,
    /// Scan the history of the repositories at PATH [default: .]: every content of every commit of all references
    #[arg(long, conflicts_with_all = ["hidden", "no_ignore", "follow"])]
    pub(super) git: bool,
    /// With --git: only the commits of the present branch that COMMIT does not have
    #[arg(long, value_name = "COMMIT", requires = "git")]
    pub(super) since: Option<String>,
    /// Scan what is staged for the next commit of the repositories at PATH [default: .]
    #[arg(long, conflicts_with_all = ["git", "hidden", "no_ignore", "follow"])]
    pub(super) staged: bool,
    /// Only paths that match GLOB, whatever .gitignore says; with `!` in front, only paths that do not. May be given
    /// again
    #[arg(short, long, value_name = "GLOB")]
    pub(super) glob: Vec<String>,
    /// Walk hidden files and folders too; `.env` is one
    #[arg(long)]
    pub(super) hidden: bool,
    /// Walk what .gitignore, .ignore and git's own excludes leave out
    #[arg(long)]
    pub(super) no_ignore: bool,
    /// Follow symbolic links
    #[arg(long)]
    pub(super) follow: bool,
    /// Scan binary files too: those with a NUL in their first 8,000 bytes
    #[arg(long)]
    pub(super) binary: bool,
    /// Skip larger files, as 500K, 64M or 2G; a file that PATH names is scanned whatever its size [default: 64M]
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    pub(super) max_filesize: Option<u64>,
    /// Threads that scan [default: one a core]
    #[arg(short = 'j', long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,
    /// Order of the findings [default: path]
    #[arg(long, value_name = "ORDER")]
    pub(super) sort: Option<Sort>,
    /// How findings are written [default: text]
    #[arg(long)]
    pub(super) format: Option<Format>,
    /// Write the findings to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Print secrets in clear instead of their first characters
    #[arg(long)]
    pub(super) show_secrets: bool,
    /// Leave out the findings that FILE knows
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Make all present findings known: write FILE and exit 0
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
    /// Leave out findings whose line says `llm-shield:allow`, `gitleaks:allow` or `pragma: allowlist secret`
    #[arg(long)]
    pub(super) allow_comments: bool,
    /// No progress and no summary on standard error
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// Order of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Sort {
    /// Paths as given, folders by path, commits from old to new: the same in every run
    #[default]
    Path,
    /// As they are found
    None,
}

impl SweepArgs {
    pub(super) fn sort(&self) -> Sort {
        self.sort.unwrap_or_default()
    }
}

/// A number of bytes, with K, M or G for powers of 1,024.
fn parse_bytes(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 10),
        Some((at, 'm' | 'M')) => (&text[..at], 20),
        Some((at, 'g' | 'G')) => (&text[..at], 30),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().map_err(|_| "a size is a number, or one with K, M or G".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "the size is too large".to_owned())
}

/// Scans everything under `paths`: exit 0 without, 1 with findings, 2 when something could not be scanned.
pub(super) fn run(paths: &[PathBuf], args: &SweepArgs, shield: &Shield) -> Result<ExitCode> {
    let baseline = args.baseline.as_deref().map(Baseline::read).transpose()?;
    let new_baseline = args.write_baseline.as_deref().map(NewBaseline::begin).transpose()?;
    let out: Box<dyn Write> = match &args.out {
        None => Box::new(BufWriter::new(io::stdout().lock())),
        Some(file) => {
            let created = File::create(file).with_context(|| format!("cannot write {}", file.display()))?;
            Box::new(BufWriter::new(created))
        }
    };
    let own = [&args.out, &args.baseline, &args.write_baseline];
    let own: Vec<PathBuf> =
        own.into_iter().flatten().filter_map(|file| fs::canonicalize(file).ok()).collect();
    let sources = sources(paths, args, &own)?;

    let mut scan = Scan::new(shield, if args.show_secrets { Show::Clear } else { Show::Masked });
    scan.allow_comments = args.allow_comments;
    scan.binary = args.binary;
    let printer = Printer {
        here: std::env::current_dir().unwrap_or_default(),
        listing: Listing::begin(args.format.unwrap_or_default(), out)?,
        is_live: args.out.is_none() && io::stdout().is_terminal(),
        is_talkative: !args.quiet,
        progress: progress(args),
        baseline,
        new_baseline,
        listed: HashSet::new(),
        failures: Vec::new(),
        totals: Totals::default(),
    };
    let limit = args.max_filesize.unwrap_or(FILE_BYTES_MAX);
    let threads = args.threads.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let queue = Queue::new(sources, threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| queue.read(&scan, limit));
        }
        let result = printer.run(&queue, args);
        // Whatever ended the printing, no thread waits for it any longer.
        queue.stop();
        result
    })
}

/// Lists findings, counts, and decides how the command ends.
struct Printer<'w> {
    here: PathBuf,
    listing: Listing<'w>,
    /// Whether somebody watches the listing grow.
    is_live: bool,
    /// Whether standard error carries more than errors.
    is_talkative: bool,
    progress: ProgressBar,
    baseline: Option<Baseline>,
    new_baseline: Option<NewBaseline>,
    /// Fingerprints: what a file of the history keeps from version to version is listed once.
    listed: HashSet<String>,
    failures: Vec<String>,
    totals: Totals,
}

#[derive(Default)]
struct Totals {
    scanned: u64,
    bytes: u64,
    findings: u64,
    known: u64,
    allowed: usize,
    omitted: usize,
    binary: u64,
    over_limit: u64,
}

impl Printer<'_> {
    fn run<I>(mut self, queue: &Queue<I>, args: &SweepArgs) -> Result<ExitCode> {
        let started = Instant::now();
        let mut waiting = BTreeMap::new();
        let mut printed = 0;
        while let Some(readings) = queue.readings(printed) {
            for (index, place, reading) in readings {
                if args.sort() == Sort::None {
                    self.source(&place, reading)?;
                    printed += 1;
                    continue;
                }
                waiting.insert(index, (place, reading));
                while let Some((place, reading)) = waiting.remove(&printed) {
                    self.source(&place, reading)?;
                    printed += 1;
                }
            }
        }
        self.progress.finish_and_clear();
        let exit_code = match () {
            () if !self.failures.is_empty() => 2,
            () if self.totals.findings > 0 && self.new_baseline.is_none() => 1,
            () => 0,
        };
        if let (Some(baseline), Some(file)) = (&self.new_baseline, &args.write_baseline) {
            baseline.write(file)?;
            if self.is_talkative {
                let known = counted(baseline.len() as u64, "finding");
                say(&format!("llm-shield: {} now knows {known}", printable(file)));
            }
        }
        if self.is_talkative {
            say(&self.totals.summary(started.elapsed(), self.failures.len()));
        }
        self.listing.end(&self.failures, exit_code)?;
        Ok(ExitCode::from(exit_code))
    }

    fn source(&mut self, place: &Place, reading: Reading) -> Result<()> {
        match reading {
            Reading::Failed(reason) => self.fail(place, &reason),
            Reading::OverLimit(bytes) => {
                self.totals.over_limit += 1;
                if self.is_talkative {
                    let line = format!(
                        "llm-shield: {}: skipped for its {}",
                        printable(&place.path),
                        DecimalBytes(bytes)
                    );
                    self.progress.suspend(|| say(&line));
                }
            }
            Reading::Scanned(scanned) if scanned.is_binary => self.totals.binary += 1,
            Reading::Scanned(scanned) => self.scanned(place, &scanned)?,
        }
        let totals = &self.totals;
        // Formatting for nobody costs more than a small file.
        if !self.progress.is_hidden() {
            self.progress.set_message(format!(
                "{}, {}, {}",
                counted(totals.scanned, "file"),
                DecimalBytes(totals.bytes),
                counted(totals.findings, "finding")
            ));
        }
        Ok(())
    }

    fn scanned(&mut self, place: &Place, scanned: &Scanned) -> Result<()> {
        self.totals.scanned += 1;
        self.totals.bytes += scanned.bytes;
        self.totals.allowed += scanned.allowed;
        self.totals.omitted += scanned.omitted;
        for failure in &scanned.failures {
            self.fail(place, failure);
        }
        if scanned.findings.is_empty() {
            return Ok(());
        }
        let path = name_for_fingerprint(&place.path, &self.here);
        for found in &scanned.findings {
            let fingerprint = found.fingerprint(LISTING_SALT, &path);
            if !self.listed.insert(fingerprint.clone()) {
                continue;
            }
            if let Some(baseline) = &mut self.new_baseline {
                baseline.add(&path, found);
            }
            if self.baseline.as_ref().is_some_and(|baseline| baseline.knows(&path, found)) {
                self.totals.known += 1;
                continue;
            }
            self.totals.findings += 1;
            self.progress.suspend(|| self.listing.finding(place, found, &fingerprint))?;
        }
        if self.is_live {
            self.progress.suspend(|| self.listing.flush())?;
        }
        Ok(())
    }

    fn fail(&mut self, place: &Place, reason: &str) {
        let line = format!("{}: {reason}", printable(&place.path));
        self.progress.suspend(|| say(&format!("llm-shield: {line}")));
        self.failures.push(line);
    }
}

impl Totals {
    fn summary(&self, elapsed: Duration, failures: usize) -> String {
        let mut line = format!(
            "llm-shield: {}, {}, {} in {:.2} s",
            counted(self.scanned, "file"),
            DecimalBytes(self.bytes),
            counted(self.findings, "finding"),
            elapsed.as_secs_f64()
        );
        for (count, what) in [
            (self.binary, "binary, skipped"),
            (self.over_limit, "too large, skipped"),
            (self.known, "known by the baseline"),
            (self.allowed as u64, "allowed by comments"),
            (self.omitted as u64, "more than can be listed"),
            (failures as u64, "failed"),
        ] {
            if count > 0 {
                // Writing to a string cannot fail.
                let _ = write!(line, "; {} {what}", HumanCount(count));
            }
        }
        line
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", HumanCount(count), if count == 1 { "" } else { "s" })
}

/// The path from the present directory with `/` between its parts, however the user wrote it.
fn name_for_fingerprint(path: &Path, here: &Path) -> String {
    let path = path.strip_prefix(here).unwrap_or(path);
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

fn progress(args: &SweepArgs) -> ProgressBar {
    if args.quiet || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::default_spinner());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn say(line: &str) {
    // Nobody may be reading any more; there is no other place to say it.
    let _ = writeln!(io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_ripgrep_does() {
        for (text, expected) in [
            ("0", Some(0)),
            ("12", Some(12)),
            ("3K", Some(3 << 10)),
            ("64m", Some(64 << 20)),
            ("2G", Some(2 << 30)),
            ("", None),
            ("K", None),
            ("-1", None),
            ("1T", None),
            ("1ü", None),
            ("99999999999999999999", None),
            ("99999999999G", None),
        ] {
            assert_eq!(parse_bytes(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_file_has_one_name_however_it_is_written() {
        let here = Path::new("/srv/repo");
        for path in ["/srv/repo/src/a.rs", "src/a.rs"] {
            assert_eq!(name_for_fingerprint(Path::new(path), here), "src/a.rs");
        }
        assert_eq!(name_for_fingerprint(Path::new("/else/a.rs"), here), "/else/a.rs");
    }
}
