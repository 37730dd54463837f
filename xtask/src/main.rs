//! Chores of the repository: what CI runs is what people run.

mod accuracy;
mod python;

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

const HELP: &str = "\
cargo xtask COMMAND

  test    every test: Rust (unit, integration, documentation), Python, and those with real clients
  python  the Python package alone: its wheel, installed and tested
  clients the tests with real clients alone: clients [--minutes N] [-k NAMES]
  check   formatting, lints (warnings are errors), documentation, dependency rules
  docs    build the documentation
  accuracy the kept figures of accuracy, and docs/accuracy.md, written anew; --check: fails when one became worse
  bench   micro-benchmarks of the scanners
  fuzz    each fuzz target, a minute or as many seconds as given: fuzz [SECONDS] [TARGET ...] (needs a C++ compiler)
";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let done = match command.as_str() {
        "test" => test(),
        "python" => python::package_tests(),
        "clients" => clients(&std::env::args().skip(2).collect::<Vec<_>>()),
        "check" => check(),
        "docs" => docs(),
        "accuracy" => accuracy::accuracy(&std::env::args().skip(2).collect::<Vec<_>>()),
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
    python::script_tests()?;
    python::package_tests()?;
    clients(&[])
}

/// The server before litellm, OpenAI's client, schemathesis and the examples; their packages go into a virtual
/// environment under `target/` on first use. Where these cannot be installed the tests are skipped, aloud.
fn clients(options: &[String]) -> Result<()> {
    const MISSING: i32 = 3;
    let mut command = Command::new("python3");
    command.arg("tests/clients/run.py").args(options).current_dir(root()?);
    let status = command.status().context("cannot run python3")?;
    match status.code() {
        Some(0) => Ok(()),
        Some(MISSING) => {
            say("skipped: the tests with real clients, for want of their packages");
            Ok(())
        }
        _ => bail!("{command:?} ended with {status}"),
    }
}

fn check() -> Result<()> {
    run("cargo", &["fmt", "--all", "--check"])?;
    run("cargo", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"])?;
    fuzz_targets()?;
    docs()?;
    dependencies()
}

/// That the fuzz targets, which stand outside the workspace, still fit it.
fn fuzz_targets() -> Result<()> {
    if !Command::new("c++").arg("--version").output().is_ok_and(|out| out.status.success()) {
        say("skipped: the fuzz targets, for want of a C++ compiler");
        return Ok(());
    }
    let fuzz = ["check", "--quiet", "--manifest-path", "fuzz/Cargo.toml", "--target-dir", "fuzz/target"];
    run("cargo", &fuzz)
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

/// What `cargo fuzz` passes for coverage feedback, without the sanitizers that only a nightly toolchain has.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Cdebug-assertions -Coverflow-checks";

/// Each target is seeded with what an earlier run left in `fuzz/corpus`.
fn fuzz() -> Result<()> {
    let mut wanted: Vec<String> = std::env::args().skip(2).collect();
    let seconds = match wanted.first().map(|first| first.parse::<u32>()) {
        Some(Ok(seconds)) => {
            wanted.remove(0);
            seconds
        }
        _ => 60,
    };
    let folder = root()?.join("fuzz");
    let mut names = Vec::new();
    for target in std::fs::read_dir(folder.join("fuzz_targets")).context("no fuzz/fuzz_targets")? {
        let path = target?.path();
        names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
    }
    names.sort();
    if let Some(unknown) = wanted.iter().find(|name| !names.contains(name)) {
        bail!("there is no fuzz target `{unknown}`; there are {}", names.join(", "));
    }
    // Build scripts run on the host uninstrumented only where a target is named.
    let host = host_triple()?;
    let mut build = cargo(&["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", &host]);
    status(build.args(["--target-dir", "fuzz/target"]).env("RUSTFLAGS", COVERAGE))?;
    for name in names.iter().filter(|name| wanted.is_empty() || wanted.contains(name)) {
        let corpus = folder.join("corpus").join(name);
        let artifacts = folder.join("artifacts").join(name);
        std::fs::create_dir_all(&corpus)?;
        std::fs::create_dir_all(&artifacts)?;
        let mut run = Command::new(folder.join("target").join(&host).join("release").join(name));
        run.arg(&corpus).arg(format!("-artifact_prefix={}/", artifacts.display()));
        run.arg(format!("-max_total_time={seconds}")).args([
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
        ]);
        run.args(["-max_len=4096", "-verbosity=0"]);
        say(&format!("fuzzing {name} for {seconds} s"));
        status(&mut run)?;
    }
    Ok(())
}

fn host_triple() -> Result<String> {
    let version = Command::new("rustc").arg("-vV").output().context("cannot run rustc")?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not name its host")
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let mut command = if program == "cargo" {
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
