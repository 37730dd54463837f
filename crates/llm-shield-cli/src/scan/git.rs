//! Contents that git keeps: those of the whole history, and those staged for the next commit.
//!
//! It calls `git` itself rather than a library: whoever has a repository has git, it reads every format of repository
//! that there is (packs, worktrees, alternates, SHA-256), and it adds nothing to the binary. Only plumbing and
//! options that no user's configuration changes are used; nothing is fetched from a remote.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Take, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, bail};

/// A content that git keeps, and where it was found first.
#[derive(Debug)]
pub(super) struct Blob {
    pub(super) repository: Arc<Path>,
    /// Object id in hexadecimal.
    id: String,
    /// From the top of the repository.
    pub(super) path: PathBuf,
    /// Nothing for what is staged.
    pub(super) commit: Option<Arc<Commit>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Commit {
    /// In hexadecimal.
    pub(super) id: String,
    /// When it was committed, by ISO 8601.
    pub(super) date: String,
}

/// Which contents of a repository are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Extent<'a> {
    /// All commits of all references.
    All,
    /// The commits of the present branch that this one does not have.
    Since(&'a str),
    /// The index.
    Staged,
}

fn git(repository: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(repository).args(["-c", "core.fsmonitor=false"]);
    // A partial clone would fetch what it lacks; here it is an error instead.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_OPTIONAL_LOCKS", "0");
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    command
}

/// Runs git and yields what it prints; its own words where it fails.
fn output(repository: &Path, arguments: &[&str]) -> Result<String> {
    let done = match git(repository).args(arguments).stderr(Stdio::piped()).output() {
        Ok(done) => done,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            bail!("--git and --staged need the command `git`, which is not installed or not on the PATH")
        }
        Err(error) => return Err(error).context("cannot run git"),
    };
    if !done.status.success() {
        let words = String::from_utf8_lossy(&done.stderr);
        bail!("{}", words.trim().trim_start_matches("fatal: "));
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

/// Each distinct content once, oldest commit first.
pub(super) fn blobs(repository: &Path, extent: Extent<'_>) -> Result<Blobs> {
    // Says what is wrong with the path, before a thread does.
    output(repository, &["rev-parse", "--git-dir"])?;
    let mut command = git(repository);
    let raw = ["--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-color"];
    match extent {
        Extent::Staged => command.args(["diff", "--cached"]).args(raw),
        Extent::All | Extent::Since(_) => {
            command.args(["log", "--reverse", "--topo-order", "--root", "--no-show-signature"]);
            // A merge shows only what none of its parents has.
            command.args(["-c", "--format=tformat:%H %cI"]).args(raw);
            match extent {
                Extent::Since(commit) => {
                    let name = format!("{commit}^{{commit}}");
                    let id = output(repository, &["rev-parse", "--verify", "--end-of-options", &name])
                        .with_context(|| format!("--since {commit}: no such commit"))?;
                    command.arg(format!("{id}..HEAD"))
                }
                _ => command.arg("--all"),
            }
        }
    };
    let mut child = command.arg("--").stdout(Stdio::piped()).spawn().context("cannot run git")?;
    let stdout = child.stdout.take().context("git has no output")?;
    Ok(Blobs {
        repository: repository.into(),
        child,
        stdout: BufReader::new(stdout),
        commit: None,
        seen: HashSet::new(),
        is_over: false,
    })
}

/// The list of contents, read while git still writes it.
pub(super) struct Blobs {
    repository: Arc<Path>,
    child: Child,
    stdout: BufReader<ChildStdout>,
    commit: Option<Arc<Commit>>,
    seen: HashSet<String>,
    is_over: bool,
}

impl Iterator for Blobs {
    type Item = Result<Blob>;

    fn next(&mut self) -> Option<Result<Blob>> {
        if self.is_over {
            return None;
        }
        let next = self.read().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

impl Blobs {
    fn read(&mut self) -> Result<Option<Blob>> {
        while let Some(token) = self.token()? {
            // A line break stands before the first entry of a commit.
            let token = String::from_utf8_lossy(&token);
            let token = token.trim_start_matches('\n');
            if let Some(entry) = token.strip_prefix(':') {
                let path = self.token()?.context("git's list ends within an entry")?;
                if let Some(id) = content(entry)
                    && self.seen.insert(id.to_owned())
                {
                    return Ok(Some(Blob {
                        repository: self.repository.clone(),
                        id: id.to_owned(),
                        path: OsStr::from_bytes(&path).into(),
                        commit: self.commit.clone(),
                    }));
                }
            } else if let Some((id, date)) = token.split_once(' ') {
                self.commit = Some(Arc::new(Commit { id: id.to_owned(), date: date.to_owned() }));
            }
        }
        let status = self.child.wait()?;
        if !status.success() {
            bail!("git could not list the contents: {status}");
        }
        Ok(None)
    }

    /// What stands up to the next NUL.
    fn token(&mut self) -> Result<Option<Vec<u8>>> {
        let mut token = Vec::new();
        self.stdout.read_until(0, &mut token).context("cannot read git's list")?;
        if token.is_empty() {
            return Ok(None);
        }
        if token.last() == Some(&0) {
            token.pop();
        }
        Ok(Some(token))
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        // Only one that is still running, when the sweep ended early; it may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The id of the file that an entry leaves, without its leading colon: a mode and an id for each parent and the
/// result, then the status. Nothing for what is deleted, a symbolic link or a submodule.
fn content(entry: &str) -> Option<&str> {
    let parents = 1 + entry.bytes().take_while(|byte| *byte == b':').count();
    let mut fields = entry.trim_start_matches(':').split(' ');
    let mode = fields.nth(parents)?;
    let id = fields.nth(parents)?;
    (mode.starts_with("100") && id.bytes().any(|byte| byte != b'0')).then_some(id)
}

/// A thread's own `git cat-file`, from which it reads contents.
pub(super) struct Contents {
    pub(super) repository: Arc<Path>,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Contents {
    pub(super) fn new(repository: Arc<Path>) -> io::Result<Self> {
        let mut command = git(&repository);
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("git has no pipes"));
        };
        Ok(Self { repository, child, stdin, stdout: BufReader::with_capacity(1 << 16, stdout) })
    }

    /// Gives the content of `blob` and its length to `read`, which need not read it to its end.
    pub(super) fn with<T>(
        &mut self,
        blob: &Blob,
        read: impl FnOnce(u64, &mut Take<&mut BufReader<ChildStdout>>) -> io::Result<T>,
    ) -> io::Result<T> {
        self.stdin.write_all(format!("{}\n", blob.id).as_bytes())?;
        let mut head = String::new();
        self.stdout.read_line(&mut head)?;
        let length = head.trim_end().rsplit(' ').next().and_then(|length| length.parse().ok());
        let Some(length) = length else {
            return Err(io::Error::other(format!("git does not have it: {}", head.trim_end())));
        };
        let mut content = (&mut self.stdout).take(length);
        let result = read(length, &mut content);
        // The rest, and the line break behind it.
        io::copy(&mut content, &mut io::sink())?;
        self.stdout.read_exact(&mut [0])?;
        result
    }
}

impl Drop for Contents {
    fn drop(&mut self) {
        // It ends by itself when its input closes, which is too late here: fields are dropped after this.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_yield_the_id_of_the_file_they_leave() {
        let (old, new) = ("1".repeat(40), "a".repeat(40));
        let zero = "0".repeat(40);
        for (entry, expected) in [
            (format!("100644 100644 {old} {new} M"), Some(new.as_str())),
            (format!("000000 100755 {zero} {new} A"), Some(new.as_str())),
            (format!("100644 000000 {old} {zero} D"), None),
            (format!("000000 120000 {zero} {new} A"), None),
            (format!("000000 160000 {zero} {new} A"), None),
            (format!(":100644 100644 100644 {old} {old} {new} MM"), Some(new.as_str())),
            (format!(":100644 100644 000000 {old} {old} {zero} DD"), None),
            (String::new(), None),
            ("100644".to_owned(), None),
        ] {
            assert_eq!(content(&entry), expected, "{entry}");
        }
    }
}
