//! The kept figures of accuracy: written anew, or held against what the detectors do now.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{root, run, say};

/// Kept under this name, of this task, on these files. Of the corpus, what `training/data.py` holds out. Of `../shared/data`, figures only are kept.
const SETS: [(&str, &str, &[&str]); 6] = [
    ("baseline", "injection", &["corpus/traffic.jsonl", "corpus/words.jsonl"]),
    ("injection-public", "injection", &["../shared/data/injection_dev.jsonl.gz"]),
    ("toxicity-public", "toxicity", &["../shared/data/toxicity_dev.jsonl.gz"]),
    ("refusal-public", "refusal", &["../shared/data/refusal_dev.jsonl.gz"]),
    ("url-public", "url", &["../shared/data/urls_dev.jsonl.gz"]),
    ("secrets-public", "secrets", &["../shared/data/creddata_dev.jsonl.gz"]),
];
const FOLDER: &str = "benchmarks/accuracy";
/// Figures of training with sources and techniques held out, which `training/leave_one_out.py --json` writes there.
const HELD_OUT: [&str; 2] = ["leave-one-source-out.json", "leave-one-technique-out.json"];

/// Writes `benchmarks/accuracy/` and the page `docs/accuracy.md`; with `--check` writes nothing and fails when a figure
/// became worse beyond its interval.
pub(crate) fn accuracy(options: &[String]) -> Result<()> {
    let check = match options.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--check"] => true,
        _ => bail!("accuracy takes --check or nothing"),
    };
    run("cargo", &["build", "--release", "--quiet", "--bin", "llm-shield"])?;
    let root = root()?;
    let folder = root.join(FOLDER);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut worse = Vec::new();
    for (name, task, files) in SETS {
        let files = rows(root, files)?;
        if files.is_empty() {
            say(&format!("skipped: {name}, for want of ../shared/data beside this checkout"));
            continue;
        }
        say(&format!("{name}:"));
        let kept = folder.join(format!("{name}.json"));
        let mut command = Command::new(root.join("target/release/llm-shield"));
        command.current_dir(root).args(["eval", "--task", task]);
        if check {
            command.arg("--compare").arg(&kept).arg("--fail-on-worse");
        } else {
            command.arg("--write-baseline").arg(&kept);
            command.stdout(std::process::Stdio::null());
        }
        if name == "baseline" {
            command.arg("--word-attack");
        }
        let page = root.join("target/accuracy");
        if name == "baseline" && !check {
            command.arg("--report").arg(&page);
            for file in HELD_OUT.map(|file| folder.join(file)).iter().filter(|file| file.is_file()) {
                command.arg("--leave-one-out").arg(file);
            }
        }
        let status = command.args(&files).status().context("cannot run llm-shield")?;
        match status.code() {
            Some(0) => {}
            Some(1) if check => worse.push(name),
            _ => bail!("{command:?} ended with {status}"),
        }
        if name == "baseline" && !check {
            write_page(&page.join("eval.md"), &root.join("docs/accuracy.md"))?;
        }
    }
    if !worse.is_empty() {
        bail!("worse than the figures kept in {FOLDER}: {}", worse.join(", "));
    }
    Ok(())
}

/// The files of a set, those of a folder in the order of their names; none when they are not beside this checkout.
fn rows(root: &Path, files: &[&str]) -> Result<Vec<String>> {
    let mut out = Vec::new();
    for file in files {
        let path = root.join(file);
        if path.is_dir() {
            let mut names = Vec::new();
            for entry in std::fs::read_dir(&path)? {
                let name = entry?.file_name().to_string_lossy().into_owned();
                if Path::new(&name).extension().is_some_and(|extension| extension == "jsonl") {
                    names.push(format!("{file}/{name}"));
                }
            }
            names.sort();
            out.extend(names);
        } else if path.is_file() {
            out.push((*file).to_owned());
        }
    }
    Ok(out)
}

fn write_page(report: &Path, page: &Path) -> Result<()> {
    let figures =
        std::fs::read_to_string(report).with_context(|| format!("cannot read {}", report.display()))?;
    let text = format!(
        "# Accuracy of prompt injection\n\nWritten by `cargo xtask accuracy`. The tables under \"held out\" tell what an attack \
         of a new kind meets; those after it are the shipped model on the two files of our own [corpus](../corpus/README.md) that it was not \
         trained on. `llm-shield eval --task injection corpus/traffic.jsonl corpus/words.jsonl --report FOLDER` draws the same as charts.\n\n{figures}"
    );
    std::fs::write(page, text).with_context(|| format!("cannot write {}", page.display()))
}
