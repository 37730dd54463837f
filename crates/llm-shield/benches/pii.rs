//! Time of the analyzer with every kind and with llm-guard's default kinds, on prose, code, logs and hostile text.
#![expect(clippy::expect_used, reason = "a benchmark may stop when its set-up fails")]

use divan::Bencher;
use divan::counter::BytesCount;
use llm_shield::pii::{ALL_ENTITY_TYPES, Analyzer, AnalyzerParams};

const LENGTHS: [usize; 4] = [60, 1_000, 100_000, 1_000_000];

const PROSE: &str = "The night boat to the old harbour leaves at nine, and whoever has a ticket may bring a dog or a bicycle. \
    In 1987 the crossing took 14 hours; the passengers slept on deck, and the captain read aloud from a novel. ";
const CODE: &str = "fn sort_key(row: &Row) -> &str { row.fields.get(\"name\").map_or(\"\", |value| value.as_str()) }\n\
    let token = parser.next_token()?; // the author's own\nself.width = 1024;\nmap.insert(key, value[3]);\n";
const LOG: &str = "2026-03-14T09:26:53.589Z INFO worker-7 request id=3f2a91bc took 182ms status=200 bytes=15823 retries=0\n";
const RECORD: &str = "{\"name\": \"M. Okafor\", \"email\": \"m.okafor@post.example.org\", \"phone\": \"+44 20 7946 0958\", \
    \"card\": \"4929 1234 5678 9012\", \"ip\": \"192.0.2.17\", \"born\": \"1984-05-17\"}\n";

fn main() {
    divan::main();
}

fn analyzer(kinds: Option<Vec<String>>) -> Analyzer {
    let params = AnalyzerParams { entity_types: kinds, ..AnalyzerParams::default() };
    Analyzer::new(&params, None).expect("the kinds exist")
}

fn analyze(bencher: Bencher<'_, '_>, piece: &str, length: usize, kinds: Option<Vec<String>>) {
    let analyzer = analyzer(kinds);
    let text: String = piece.chars().cycle().take(length).collect();
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| analyzer.analyze(divan::black_box(&text)));
}

fn all() -> Vec<String> {
    vec![ALL_ENTITY_TYPES.to_owned()]
}

#[divan::bench]
fn build_all() -> Analyzer {
    analyzer(Some(all()))
}

#[divan::bench]
fn build_default() -> Analyzer {
    analyzer(None)
}

#[divan::bench(args = LENGTHS)]
fn default_prose(bencher: Bencher<'_, '_>, length: usize) {
    analyze(bencher, PROSE, length, None);
}

#[divan::bench(args = LENGTHS)]
fn prose(bencher: Bencher<'_, '_>, length: usize) {
    analyze(bencher, PROSE, length, Some(all()));
}

#[divan::bench(args = LENGTHS)]
fn code(bencher: Bencher<'_, '_>, length: usize) {
    analyze(bencher, CODE, length, Some(all()));
}

#[divan::bench(args = LENGTHS)]
fn log(bencher: Bencher<'_, '_>, length: usize) {
    analyze(bencher, LOG, length, Some(all()));
}

#[divan::bench(args = LENGTHS)]
fn record(bencher: Bencher<'_, '_>, length: usize) {
    analyze(bencher, RECORD, length, Some(all()));
}

#[divan::bench(args = LENGTHS)]
fn hostile_digits(bencher: Bencher<'_, '_>, length: usize) {
    analyze(bencher, "4539 1488-0343 6467 ", length, Some(all()));
}

#[divan::bench(args = LENGTHS)]
fn hostile_at(bencher: Bencher<'_, '_>, length: usize) {
    analyze(bencher, "a@a@a.com@", length, Some(all()));
}
