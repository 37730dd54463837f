//! What a text costs in the fast tier: folding, and each detector on the folded text.

use llm_shield::Text;
use llm_shield_models::{PROMPT_INJECTION, TOXICITY};

const SIZES: [usize; 5] = [60, 350, 1_000, 10_000, 1_000_000];

/// English-like text without a period that a cache could learn: words of a small vocabulary, drawn by a generator.
fn text(bytes: usize) -> String {
    let words = include_str!("../../../training/features.py");
    let words: Vec<&str> = words.split_whitespace().collect();
    let (mut text, mut state) = (String::new(), 7u64);
    while text.len() < bytes {
        state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        text.push_str(words[(state >> 33) as usize % words.len()]);
        text.push(' ');
    }
    text.chars().take(bytes).collect()
}

#[divan::bench(args = SIZES)]
fn fold(bencher: divan::Bencher<'_, '_>, bytes: usize) {
    let text = text(bytes);
    bencher.bench_local(|| Text::new(text.as_str()).folded().as_str().len());
}

#[divan::bench(args = SIZES)]
fn prompt_injection(bencher: divan::Bencher<'_, '_>, bytes: usize) {
    let text = text(bytes);
    bencher.bench_local(|| PROMPT_INJECTION.logit(Text::new(text.as_str()).folded().as_str()));
}

#[divan::bench(args = SIZES)]
fn toxicity(bencher: divan::Bencher<'_, '_>, bytes: usize) {
    let text = text(bytes);
    bencher.bench_local(|| TOXICITY.logit(Text::new(text.as_str()).folded().as_str()));
}

fn main() {
    divan::main();
}
