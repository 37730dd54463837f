//! Reads rows `{"text", "label"}` from standard input, writes `label TAB answer` a row, and to standard error how long it took.
//!
//! Built with no feature it answers nothing: the size that the others are compared with.

use std::error::Error;
use std::io::{Read, Write};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let detect = detector();
    let built = started.elapsed();
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let mut rows = Vec::new();
    for line in input.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let field = |name: &str| row[name].as_str().map(str::to_owned).ok_or("a row needs `text` and `label`");
        rows.push((field("text")?, field("label")?));
    }
    rows.iter().take(50).for_each(|(text, _)| drop(detect(text))); // What is built lazily is built now.
    let started = Instant::now();
    let answers: Vec<String> = rows.iter().map(|(text, _)| detect(text)).collect();
    let took = started.elapsed().as_secs_f64();
    let mut out = std::io::stdout().lock();
    for ((_, label), answer) in rows.iter().zip(answers) {
        writeln!(out, "{label}\t{answer}")?;
    }
    let bytes: usize = rows.iter().map(|(text, _)| text.len()).sum();
    let per_row = took * 1e6 / rows.len() as f64;
    let per_byte = took * 1e9 / bytes as f64;
    eprintln!("built in {built:.1?}; {} rows, {per_row:.2} µs a row, {per_byte:.1} ns a byte; {}", rows.len(), peak_memory());
    Ok(())
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown").to_owned()
}

#[cfg(feature = "whatlang")]
fn detector() -> impl Fn(&str) -> String {
    |text| whatlang::detect_lang(text).map_or("-", |language| language.code()).to_owned()
}

#[cfg(feature = "whichlang")]
fn detector() -> impl Fn(&str) -> String {
    |text| whichlang::detect_language(text).three_letter_code().to_owned()
}

/// `LOW_ACCURACY=1` in the environment chooses the quicker mode.
#[cfg(feature = "lingua")]
fn detector() -> impl Fn(&str) -> String {
    let mut builder = lingua::LanguageDetectorBuilder::from_all_languages();
    if std::env::var_os("LOW_ACCURACY").is_some() {
        builder.with_low_accuracy_mode();
    }
    let detector = builder.with_preloaded_language_models().build();
    move |text| {
        let answer = detector.detect_language_of(text);
        answer.map_or_else(|| "-".to_owned(), |language| language.iso_code_639_1().to_string())
    }
}

#[cfg(not(any(feature = "whatlang", feature = "whichlang", feature = "lingua")))]
fn detector() -> impl Fn(&str) -> String {
    |_| "-".to_owned()
}
