//! The scanners without a model, in bytes a second, on text that holds nothing to find.

#![expect(clippy::unwrap_used, reason = "constant parameters")]

use divan::Bencher;
use divan::counter::BytesCount;
use llm_shield::{BanSubstrings, BanSubstringsParams, InvisibleText, Regex, RegexParams, Scanner, Text};

const SIZES: [usize; 4] = [60, 1 << 10, 10 << 10, 1 << 20];

fn main() {
    divan::main();
}

fn prose(bytes: usize) -> String {
    "Could you explain how a lock keeper fills and empties the chambers of a canal? "
        .chars()
        .cycle()
        .take(bytes)
        .collect()
}

fn bench(bencher: Bencher<'_, '_>, scanner: &dyn Scanner, text: &str) {
    bencher.counter(BytesCount::of_str(text)).bench(|| scanner.scan(&Text::new(divan::black_box(text))));
}

#[divan::bench(args = SIZES)]
fn ban_substrings(bencher: Bencher<'_, '_>, bytes: usize) {
    let substrings =
        ["ransomware", "a keylogger", "privilege escalation", "etc/shadow"].map(String::from).to_vec();
    let scanner = BanSubstrings::new(BanSubstringsParams { substrings, ..Default::default() }).unwrap();
    bench(bencher, &scanner, &prose(bytes));
}

#[divan::bench(args = SIZES)]
fn ban_substrings_unicode(bencher: Bencher<'_, '_>, bytes: usize) {
    let substrings =
        ["ransomware", "a keylogger", "privilege escalation", "etc/shadow"].map(String::from).to_vec();
    let scanner = BanSubstrings::new(BanSubstringsParams { substrings, ..Default::default() }).unwrap();
    bench(bencher, &scanner, &format!("é{}", prose(bytes)));
}

#[divan::bench(args = SIZES)]
fn regex(bencher: Bencher<'_, '_>, bytes: usize) {
    let scanner = Regex::new(RegexParams::new(["Bearer [A-Za-z0-9._~+/-]+"])).unwrap();
    bench(bencher, &scanner, &prose(bytes));
}

#[divan::bench(args = SIZES)]
fn invisible_text(bencher: Bencher<'_, '_>, bytes: usize) {
    bench(bencher, &InvisibleText, &format!("é{}", prose(bytes)));
}
