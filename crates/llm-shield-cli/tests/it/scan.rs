//! `llm-shield scan` as people run it: the real binary over real folders and repositories.
//!
//! No secret stands in these files: each is put together when a test runs, so that the repository itself scans clean.

mod folders;
mod formats;
mod history;
mod known;
mod texts;
mod vault;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// An AWS key id; another one for each letter.
fn aws_key(letter: char) -> String {
    format!("{}Q3EG{letter}Z5TLXWN4HPM", "AKIA")
}

/// A line that gives a password away, which no provider's format does.
fn password_line() -> String {
    format!("db_pass{} = 'vT9#{}'\n", "word", "qLw2xZ!m")
}

/// A folder that is gone after the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, content) in files {
            folder.write(name, content);
        }
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// Runs `llm-shield scan` in this folder.
    pub(crate) fn scan(&self, arguments: &[&str]) -> Done {
        self.scan_stream(arguments, b"")
    }

    /// The same, with something on standard input.
    fn scan_stream(&self, arguments: &[&str], input: &[u8]) -> Done {
        self.run("scan", arguments, input)
    }

    /// Runs a command of `llm-shield` in this folder.
    pub(crate) fn run(&self, name: &str, arguments: &[&str], input: &[u8]) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_llm-shield"));
        command.arg(name).args(arguments).current_dir(self.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // One that reports an error first does not read.
        let _ = child.stdin.take().unwrap().write_all(input);
        let done = child.wait_with_output().unwrap();
        Done {
            code: done.status.code().unwrap(),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    /// `path:line:column` of each finding that is listed as text.
    fn places(&self) -> Vec<&str> {
        self.out.lines().map(|line| line.split(": ").next().unwrap()).collect()
    }

    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[track_caller]
    fn check(&self, code: i32, places: &[&str]) -> &Self {
        assert_eq!((self.code, self.places()), (code, places.to_vec()), "{self:?}");
        self
    }
}
