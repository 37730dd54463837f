//! Chores of the repository: what CI runs is what people run.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

const HELP: &str = "\
cargo xtask COMMAND

  test    every test: Rust (unit, integration, documentation) and Python
  check   formatting, lints (warnings are errors), documentation, dependency rules
  docs    build the documentation
  bench   micro-benchmarks of the scanners
  fuzz    each fuzz target for a minute (needs a nightly toolchain and cargo-fuzz)
";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let done = match command.as_str() {
        "test" => test(),
        "check" => check(),
        "docs" => docs(),
        "bench" => run("cargo", &["bench", "--workspace"]),
        "fuzz" => fuzz(),
        _ => {
            say(HELP);
            return if matches!(command.as_str(), "help" | "--help" | "-h") {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            };
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn test() -> Result<()> {
    run("cargo", &["test", "--workspace", "--quiet"])?;
    python_tests()
}

/// The tests of `training/` and of `benchmarks/scripts/`, in a virtual environment under `target/`, made on first use
/// from the training side's lock file; the scripts need nothing of it but the test runner.
fn python_tests() -> Result<()> {
    let root = root()?;
    let environment = root.join("target/training-venv");
    let python = environment.join("bin/python");
    let ready = environment.join("ready");
    if !ready.exists() {
        run("python3", &["-m", "venv", "target/training-venv"]).context(
            "python3 with its venv module is needed (Debian: apt-get install python3-venv; it needs 3.11 or newer)",
        )?;
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        status(install.args(["-r", "training/requirements.lock"]))?;
        std::fs::write(&ready, "")?;
    }
    status(Command::new(python).args(["-m", "pytest", "-q", "training", "benchmarks/scripts"]))
}

fn check() -> Result<()> {
    run("cargo", &["fmt", "--all", "--check"])?;
    run("cargo", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"])?;
    docs()?;
    dependencies()
}

fn docs() -> Result<()> {
    let mut command = cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
    command.env("RUSTDOCFLAGS", "--deny warnings");
    status(&mut command)
}

/// Licences outside this list, and two versions of one crate without a reason, stop the check.
fn dependencies() -> Result<()> {
    run("python3", &["xtask/dependencies.py"])
}

fn fuzz() -> Result<()> {
    let targets = std::fs::read_dir("fuzz/fuzz_targets").context("no fuzz/fuzz_targets")?;
    for target in targets {
        let path = target?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        run("cargo", &["+nightly", "fuzz", "run", &name, "--", "-max_total_time=60"])?;
    }
    Ok(())
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let mut command = if program == "cargo" && arguments.first() != Some(&"+nightly") {
        cargo(arguments)
    } else {
        let mut command = Command::new(program);
        command.args(arguments);
        command
    };
    status(&mut command)
}

fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask stands in the workspace")
}

fn status(command: &mut Command) -> Result<()> {
    let status = command.current_dir(root()?).status().with_context(|| format!("cannot run {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a command-line tool reports here")]
fn say(text: &str) {
    eprintln!("{text}");
}
