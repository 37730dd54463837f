//! Known findings, which are not reported again.
//!
//! The file holds a fingerprint, a rule and a path for each, no secret: the fingerprint is a salted hash of rule, path,
//! secret and occurrence, and the salt is drawn when the file is first written. A weak password can still be guessed
//! from it by who has the file, as it can be read by who has the folder that the file belongs to.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Serialize};

use super::found::{Found, hex};

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Of the file's format.
    llm_shield_baseline: u32,
    /// Goes into every fingerprint. Not called a salt: that is a name behind which the scanner looks for secrets.
    seasoning: String,
    findings: Vec<Known>,
}

/// Sorted by path, so that a file written anew differs only where findings do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    path: String,
    rule: String,
    fingerprint: String,
}

/// Findings of an earlier sweep.
#[derive(Debug)]
pub(super) struct Baseline {
    salt: String,
    fingerprints: HashSet<String>,
}

impl Baseline {
    pub(super) fn read(file: &Path) -> Result<Self> {
        let name = || format!("baseline {}", file.display());
        let text = fs::read_to_string(file).with_context(name)?;
        let parsed: File = serde_json::from_str(&text).with_context(name)?;
        if parsed.llm_shield_baseline != VERSION {
            bail!("{}: version {} is not known, only {VERSION}", name(), parsed.llm_shield_baseline);
        }
        let fingerprints = parsed.findings.into_iter().map(|known| known.fingerprint).collect();
        Ok(Self { salt: parsed.seasoning, fingerprints })
    }

    pub(super) fn knows(&self, path: &str, found: &Found) -> bool {
        self.fingerprints.contains(&found.fingerprint(self.salt.as_bytes(), path))
    }
}

/// A baseline to be.
#[derive(Debug)]
pub(super) struct NewBaseline {
    salt: String,
    findings: BTreeSet<Known>,
}

impl NewBaseline {
    /// With the salt of the baseline that `file` already holds. Fails when it holds something else.
    pub(super) fn begin(file: &Path) -> Result<Self> {
        let exists = match fs::metadata(file) {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(error).with_context(|| format!("baseline {}", file.display())),
        };
        let salt = if exists {
            Baseline::read(file).context("--write-baseline replaces only a baseline")?.salt
        } else {
            let mut salt = [0; 16];
            SysRng.try_fill_bytes(&mut salt).context("the system yields no random bytes")?;
            hex(&salt)
        };
        Ok(Self { salt, findings: BTreeSet::new() })
    }

    pub(super) fn add(&mut self, path: &str, found: &Found) {
        self.findings.insert(Known {
            path: path.to_owned(),
            rule: found.rule.to_string(),
            fingerprint: found.fingerprint(self.salt.as_bytes(), path),
        });
    }

    /// Writes the file, one finding a line.
    pub(super) fn write(&self, file: &Path) -> Result<()> {
        let mut out = Vec::new();
        let seasoning = &self.salt;
        write!(out, "{{\"llm_shield_baseline\":{VERSION},\"seasoning\":\"{seasoning}\",\"findings\":[")?;
        for (index, known) in self.findings.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b"\n" } else { b",\n" });
            serde_json::to_writer(&mut out, known)?;
        }
        out.extend_from_slice(b"\n]}\n");
        fs::write(file, out).with_context(|| format!("cannot write the baseline {}", file.display()))
    }

    pub(super) fn len(&self) -> usize {
        self.findings.len()
    }
}
