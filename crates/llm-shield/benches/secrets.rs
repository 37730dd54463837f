//! Bytes a second of the Secrets scanner on prose, code and hostile text.
#![expect(clippy::expect_used, reason = "a benchmark may stop when its set-up fails")]

use divan::Bencher;
use divan::counter::BytesCount;
use llm_shield::{RedactMode, Scanner, Secrets, Text};

const LENGTHS: [usize; 5] = [60, 1_000, 10_000, 100_000, 1_000_000];

const PROSE: &str = "The key idea of the report is that authors who write with care are read with care. A token of \
    thanks goes to the people who kept the secret of the old harbour, where the passengers wait for the night boat. ";
const CODE: &str = "fn sort_key(row: &Row) -> &str { row.fields.get(\"name\").map_or(\"\", |value| value.as_str()) }\n\
    let token = parser.next_token()?; // the author's own\nself.password = None;\nmap.insert(key, value);\n";

fn main() {
    divan::main();
}

fn scan(bencher: Bencher<'_, '_>, piece: &str, length: usize) {
    let secrets = Secrets::new(RedactMode::All).expect("the embedded rules load");
    let text: String = piece.chars().cycle().take(length).collect();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| secrets.scan(&Text::new(divan::black_box(text.as_str()))));
}

#[divan::bench(args = LENGTHS)]
fn prose(bencher: Bencher<'_, '_>, length: usize) {
    scan(bencher, PROSE, length);
}

#[divan::bench(args = LENGTHS)]
fn code(bencher: Bencher<'_, '_>, length: usize) {
    scan(bencher, CODE, length);
}

#[divan::bench(args = LENGTHS)]
fn hostile_passwords(bencher: Bencher<'_, '_>, length: usize) {
    scan(bencher, "password=", length);
}

#[divan::bench(args = LENGTHS)]
fn hostile_keywords(bencher: Bencher<'_, '_>, length: usize) {
    scan(bencher, "ghp_AKIAsk-eyJxoxb-glpat-npm_hf_AIzaSG.", length);
}

#[divan::bench(args = LENGTHS)]
fn hostile_base64(bencher: Bencher<'_, '_>, length: usize) {
    scan(bencher, "q7Jx0Zk3mVtR9pLwYb2nEoHsDfGuCaT5i8B1XeK4vNMz6QyW+/SlOhjgIdrAFUPc", length);
}

#[divan::bench(args = LENGTHS)]
fn hostile_secrets(bencher: Bencher<'_, '_>, length: usize) {
    scan(bencher, "password = 'vT9#qLw2xZ!m' ", length);
}
