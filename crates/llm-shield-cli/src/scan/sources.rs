//! What a sweep reads: files named or found in folders, standard input, and contents that git keeps.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use ignore::WalkBuilder;
use ignore::overrides::{Override, OverrideBuilder};

use super::git::{self, Blob, Commit, Contents, Extent};
use super::pieces::{Buffer, Scan, Scanned};
use super::sweep::{Sort, SweepArgs};

/// Stands for standard input among the paths.
const STDIN: &str = "-";

/// Something to scan, or why it cannot be.
pub(super) enum Source {
    /// A file that a walk found, or one that the user named: no limit and no pattern keeps that out.
    File {
        path: PathBuf,
        is_named: bool,
    },
    Stdin,
    Blob(Blob),
    Unreadable {
        path: PathBuf,
        reason: String,
    },
}

/// Where a finding stands: the file, and the commit that brought it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) commit: Option<Arc<Commit>>,
}

impl Source {
    pub(super) fn into_place(self) -> Place {
        match self {
            Self::File { path, .. } | Self::Unreadable { path, .. } => Place { path, commit: None },
            Self::Stdin => Place { path: "stdin".into(), commit: None },
            Self::Blob(blob) => Place { path: blob.path, commit: blob.commit },
        }
    }
}

type Sources = Box<dyn Iterator<Item = Source> + Send>;

/// Everything under the paths, in their order. What cannot be found is a source too, so that the rest is scanned.
///
/// Fails for what concerns the whole sweep: a glob that is none.
pub(super) fn sources(paths: &[PathBuf], args: &SweepArgs, own: &[PathBuf]) -> Result<Sources> {
    let here = std::env::current_dir().context("cannot tell the present directory")?;
    let mut globs = OverrideBuilder::new(&here);
    for glob in &args.glob {
        globs.add(glob).with_context(|| format!("--glob {glob}"))?;
    }
    let globs = globs.build()?;
    let extent = match (&args.since, args.staged) {
        (_, true) => Some(Extent::Staged),
        (Some(commit), _) => Some(Extent::Since(commit)),
        (None, _) => args.git.then_some(Extent::All),
    };
    let mut sources: Sources = Box::new(std::iter::empty());
    let default = match extent {
        Some(_) => ".",
        None => STDIN,
    };
    let default = [PathBuf::from(default)];
    for path in if paths.is_empty() { &default } else { paths } {
        let more = match extent {
            Some(extent) => repository(path, extent, globs.clone()),
            None if path.as_os_str() == STDIN => Box::new(std::iter::once(Source::Stdin)),
            None => on_disk(path, args, &globs, own),
        };
        sources = Box::new(sources.chain(more));
    }
    Ok(sources)
}

fn repository(path: &Path, extent: Extent<'_>, globs: Override) -> Sources {
    let root = path.to_owned();
    let blobs = match git::blobs(path, extent) {
        Ok(blobs) => blobs,
        Err(error) => {
            let reason = format!("{error:#}");
            return Box::new(std::iter::once(Source::Unreadable { path: root, reason }));
        }
    };
    let source = move |blob: Result<Blob>| match blob {
        Ok(blob) if globs.matched(&blob.path, false).is_ignore() => None,
        Ok(blob) => Some(Source::Blob(blob)),
        Err(error) => Some(Source::Unreadable { path: root.clone(), reason: format!("{error:#}") }),
    };
    Box::new(blobs.filter_map(source))
}

/// A file, or what is under a folder; `own` files, which this very sweep writes or reads, are left out.
fn on_disk(path: &Path, args: &SweepArgs, globs: &Override, own: &[PathBuf]) -> Sources {
    match fs::metadata(path) {
        Err(error) => {
            Box::new(std::iter::once(Source::Unreadable { path: path.into(), reason: error.to_string() }))
        }
        Ok(data) if !data.is_dir() => {
            Box::new(std::iter::once(Source::File { path: path.into(), is_named: true }))
        }
        Ok(_) => {
            let mut walk = WalkBuilder::new(path);
            let respect = !args.no_ignore;
            walk.hidden(!args.hidden).follow_links(args.follow).overrides(globs.clone());
            walk.ignore(respect).git_ignore(respect).git_global(respect).git_exclude(respect);
            walk.parents(respect);
            if args.sort() == Sort::Path {
                walk.sort_by_file_path(Path::cmp);
            }
            let (root, own) = (path.to_owned(), own.to_vec());
            Box::new(walk.build().filter_map(move |entry| walked(entry, &root, &own)))
        }
    }
}

fn walked(entry: Result<ignore::DirEntry, ignore::Error>, root: &Path, own: &[PathBuf]) -> Option<Source> {
    match entry {
        Ok(entry) => {
            if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                return None;
            }
            let same_name = |own: &PathBuf| own.file_name() == Some(entry.file_name());
            if own.iter().any(same_name)
                && fs::canonicalize(entry.path()).is_ok_and(|path| own.contains(&path))
            {
                return None;
            }
            let path = entry.into_path();
            // `scan .` names files as `--git` and the baseline do.
            let path = path.strip_prefix("./").map(Path::to_owned).unwrap_or(path);
            Some(Source::File { path, is_named: false })
        }
        Err(error) => {
            let path = path_of(&error).unwrap_or(root).to_owned();
            let reason = error.io_error().map_or_else(|| error.to_string(), io::Error::to_string);
            Some(Source::Unreadable { path, reason })
        }
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// What one thread reads with.
#[derive(Default)]
pub(super) struct Reader {
    buffer: Buffer,
    contents: Option<Contents>,
}

/// How a source ended.
pub(super) enum Reading {
    Scanned(Scanned),
    /// Larger than the limit, bytes.
    OverLimit(u64),
    Failed(String),
}

impl Reader {
    /// Scans one source; `limit` is the most bytes of a file that the user did not name.
    pub(super) fn scan(&mut self, source: &Source, scan: &Scan<'_>, limit: u64) -> Reading {
        let done = match source {
            Source::Unreadable { reason, .. } => return Reading::Failed(reason.clone()),
            Source::Stdin => scan.run(&mut io::stdin().lock(), &mut self.buffer).map(Reading::Scanned),
            Source::File { path, is_named } => self.file(path, (!is_named).then_some(limit), scan),
            Source::Blob(blob) => self.blob(blob, limit, scan),
        };
        done.unwrap_or_else(|error| Reading::Failed(error.to_string()))
    }

    fn file(&mut self, path: &Path, limit: Option<u64>, scan: &Scan<'_>) -> io::Result<Reading> {
        let mut file = fs::File::open(path)?;
        if let Some(limit) = limit {
            let length = file.metadata()?.len();
            if length > limit {
                return Ok(Reading::OverLimit(length));
            }
        }
        scan.run(&mut file, &mut self.buffer).map(Reading::Scanned)
    }

    fn blob(&mut self, blob: &Blob, limit: u64, scan: &Scan<'_>) -> io::Result<Reading> {
        let mut contents = match self.contents.take() {
            Some(contents) if contents.repository == blob.repository => contents,
            _ => Contents::new(blob.repository.clone())?,
        };
        let done = contents.with(blob, |length, content| {
            if length > limit {
                return Ok(Reading::OverLimit(length));
            }
            scan.run(&mut content.by_ref(), &mut self.buffer).map(Reading::Scanned)
        });
        // After a failed pipe a new process is started.
        if done.is_ok() {
            self.contents = Some(contents);
        }
        done
    }
}
