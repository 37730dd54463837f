//! The Python side: the tests of the scripts, and the package, built as a wheel and tested as installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{root, run, status};

/// The tests of `training/`, `benchmarks/scripts/` and `corpus/`; they need nothing of the training side's environment
/// but the test runner.
pub(crate) fn script_tests() -> Result<()> {
    let python = environment("training-venv", "training/requirements.lock")?;
    status(Command::new(python).args(["-m", "pytest", "-q", "training", "benchmarks/scripts", "corpus"]))
}

/// The wheel of `python/`, unoptimised since it is only tested, installed and tested.
pub(crate) fn package_tests() -> Result<()> {
    let python = environment("python-venv", "python/tests/requirements.lock")?;
    let wheels = root()?.join("target/python-wheels");
    if wheels.exists() {
        std::fs::remove_dir_all(&wheels)?;
    }
    let mut build = Command::new(&python);
    build.args([
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-build-isolation",
    ]);
    build.arg("--wheel-dir").arg(&wheels).arg("./python");
    // The build backend looks for the command `maturin`, which lies beside the interpreter.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let beside = python.parent().map(Path::to_owned);
    build.env("PATH", std::env::join_paths(beside.into_iter().chain(std::env::split_paths(&path)))?);
    build.env("MATURIN_PEP517_ARGS", "--profile dev");
    status(&mut build)?;
    let wheel = std::fs::read_dir(&wheels)?.next().context("maturin has built no wheel")??.path();
    let mut install = Command::new(&python);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--force-reinstall",
    ]);
    status(install.arg(wheel))?;
    // From the root: in `python/` the sources would stand before the installed package.
    status(Command::new(python).args(["-m", "pytest", "-q", "-c", "python/pyproject.toml", "python/tests"]))
}

/// The interpreter of a virtual environment under `target/`, made on first use from a lock file.
fn environment(name: &str, lock: &str) -> Result<PathBuf> {
    let folder = format!("target/{name}");
    let ready = root()?.join(&folder).join("ready");
    let python = root()?.join(&folder).join("bin/python");
    let wanted = std::fs::read_to_string(root()?.join(lock))?;
    if std::fs::read_to_string(&ready).is_ok_and(|had| had == wanted) {
        return Ok(python);
    }
    run("python3", &["-m", "venv", &folder]).context(
        "python3 with its venv module is needed (Debian: apt-get install python3-venv; it needs 3.11 or newer)",
    )?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", lock]);
    status(&mut install)
        .with_context(|| format!("the packages of {lock} come from PyPI, which must be reached once"))?;
    std::fs::write(&ready, wanted)?;
    Ok(python)
}
