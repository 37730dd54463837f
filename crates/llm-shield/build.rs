//! Lists the rule files of the repository, so that adding a file is all it takes to add rules.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    list("secrets", "secret_rules.rs")?;
    list("identifiers", "identifier_rules.rs")
}

/// Writes the files of `rules/FOLDER` as a Rust array of names and contents.
fn list(folder: &str, out: &str) -> Result<(), Box<dyn Error>> {
    let folder =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../rules").join(folder).canonicalize()?;
    println!("cargo::rerun-if-changed={}", folder.display());

    let mut files = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();

    let mut list = String::from("&[\n");
    for path in files {
        let name = path.file_name().ok_or("a rule file without a name")?.to_string_lossy();
        let path = path.to_str().ok_or("a path that is not UTF-8")?;
        writeln!(list, "    ({name:?}, include_str!({path:?})),")?;
    }
    list.push_str("]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join(out), list)?;
    Ok(())
}
