//! Time of taking personal data out and of putting it back, with an empty vault and with one of fifty pairs.
#![expect(clippy::expect_used, reason = "a benchmark may stop when its set-up fails")]

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use llm_shield::{Anonymize, AnonymizeParams, Context, MatchingStrategy, Pair, Scanner, Text, Vault};

const LENGTHS: [usize; 3] = [60, 1_000, 100_000];
const PROSE: &str = "The night boat to the old harbour leaves at nine, and whoever has a ticket may bring a dog or a \
    bicycle; rarely more than fourteen read or rest on deck. ";
const RECORD: &str =
    "Please write to m.okafor@post.com about card 4929 5260 1815 9081 from 10.20.30.40, thank you. ";
const ANSWER: &str =
    "I have written to [REDACTED_EMAIL_ADDRESS_7] about it, as you asked; nothing more was needed. ";

fn main() {
    divan::main();
}

fn vault(placeholder: impl Fn(usize) -> String) -> Vault {
    let vault = Vault::new();
    let pairs = (1..=50).map(|number| Pair::new(placeholder(number), format!("person{number}@mail.com")));
    vault.extend(pairs).expect("fifty pairs fit");
    vault
}

fn placeholders() -> Vault {
    vault(|number| format!("[REDACTED_EMAIL_ADDRESS_{number}]"))
}

fn redact(
    bencher: Bencher<'_, '_>,
    piece: &str,
    length: usize,
    params: AnonymizeParams,
    vault: impl Fn() -> Vault,
) {
    let scanner = Anonymize::new(params, None).expect("the parameters are good");
    let text: String = piece.chars().cycle().take(length).collect();
    bencher.counter(BytesCount::of_str(&text)).with_inputs(vault).bench_local_refs(|vault| {
        scanner.scan_in(&Text::new(black_box(text.as_str())), &Context::new(vault))
    });
}

fn restore(bencher: Bencher<'_, '_>, length: usize, vault: &Vault, strategy: MatchingStrategy) {
    let text: String = ANSWER.chars().cycle().take(length).collect();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| vault.restore(black_box(&text), strategy).len());
}

#[divan::bench(args = LENGTHS)]
fn clean_prose(bencher: Bencher<'_, '_>, length: usize) {
    redact(bencher, PROSE, length, AnonymizeParams::default(), Vault::new);
}

#[divan::bench(args = LENGTHS)]
fn clean_prose_of_a_long_conversation(bencher: Bencher<'_, '_>, length: usize) {
    redact(bencher, PROSE, length, AnonymizeParams::default(), placeholders);
}

#[divan::bench(args = LENGTHS)]
fn record(bencher: Bencher<'_, '_>, length: usize) {
    redact(bencher, RECORD, length, AnonymizeParams::default(), Vault::new);
}

#[divan::bench(args = LENGTHS)]
fn record_by_fakes(bencher: Bencher<'_, '_>, length: usize) {
    redact(bencher, RECORD, length, AnonymizeParams { use_faker: true, ..Default::default() }, Vault::new);
}

#[divan::bench(args = LENGTHS)]
fn record_in_the_same_format(bencher: Bencher<'_, '_>, length: usize) {
    redact(
        bencher,
        RECORD,
        length,
        AnonymizeParams { preserve_format: true, ..Default::default() },
        Vault::new,
    );
}

#[divan::bench(args = LENGTHS)]
fn restore_exactly(bencher: Bencher<'_, '_>, length: usize) {
    restore(bencher, length, &placeholders(), MatchingStrategy::Exact);
}

#[divan::bench(args = LENGTHS)]
fn restore_nearly(bencher: Bencher<'_, '_>, length: usize) {
    restore(bencher, length, &placeholders(), MatchingStrategy::Fuzzy);
}

#[divan::bench(args = LENGTHS)]
fn restore_fakes_nearly(bencher: Bencher<'_, '_>, length: usize) {
    restore(
        bencher,
        length,
        &vault(|number| format!("maria.keene{number}@example.org")),
        MatchingStrategy::Fuzzy,
    );
}
