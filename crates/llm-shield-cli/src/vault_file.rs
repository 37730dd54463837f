//! A conversation's vault as a file: a JSON array of `[placeholder, original]` pairs.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use llm_shield::{Pair, Vault, VaultLimits};

/// A file serves whole documents, where a conversation's vault serves prompts.
const LIMITS: VaultLimits = VaultLimits { pairs_max: 1_000_000, bytes_max: 64 << 20 };
/// JSON may need six bytes for one.
const FILE_BYTES_MAX: u64 = 6 * (64 << 20);

/// A vault and the file that it is kept in.
pub(crate) struct VaultFile {
    path: PathBuf,
    vault: Vault,
    /// How many pairs the file holds.
    saved: Option<usize>,
}

impl VaultFile {
    /// The vault in `path`.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let name = path.display();
        let mut json = Vec::new();
        File::open(path)
            .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut json))
            .with_context(|| format!("cannot read the vault {name}"))?;
        if json.len() as u64 > FILE_BYTES_MAX {
            bail!("the vault {name} is over the limit of {FILE_BYTES_MAX} bytes");
        }
        // The parser's own words would quote the values.
        let pairs: Vec<Pair> = serde_json::from_slice(&json).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            anyhow!("{name} is no vault: line {line}, column {column}: expected a JSON array of [placeholder, original] pairs")
        })?;
        let vault = Vault::with_limits(LIMITS);
        vault.extend(pairs).with_context(|| format!("{name} is no vault"))?;
        Ok(Self { path: path.to_owned(), saved: Some(vault.len()), vault })
    }

    /// The vault in `path`, or an empty one that will be kept there.
    pub(crate) fn open_or_new(path: &Path) -> Result<Self> {
        match fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Ok(Self { path: path.to_owned(), vault: Vault::with_limits(LIMITS), saved: None })
            }
            _ => Self::open(path),
        }
    }

    pub(crate) const fn pairs(&self) -> &Vault {
        &self.vault
    }

    /// Writes the pairs, if there are new ones: a file beside it, readable by its owner only, takes its place, so
    /// that a broken write loses nothing.
    pub(crate) fn save(&mut self) -> Result<()> {
        let pairs = self.vault.get();
        if self.saved == Some(pairs.len()) {
            return Ok(());
        }
        let mut name = self.path.file_name().context("the vault needs a file name")?.to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let beside = self.path.with_file_name(name);
        let write = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
            let mut json = serde_json::to_vec(&pairs)?;
            json.push(b'\n');
            file.write_all(&json)?;
            file.sync_all()?;
            fs::rename(&beside, &self.path)
        };
        if let Err(error) = write() {
            // It may hold data in clear, or not exist.
            let _ = fs::remove_file(&beside);
            return Err(error).with_context(|| format!("cannot write the vault {}", self.path.display()));
        }
        self.saved = Some(pairs.len());
        Ok(())
    }
}
