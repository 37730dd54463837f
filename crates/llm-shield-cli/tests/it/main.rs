//! The doors together: what the load tester plants is what the shield finds; and the command line as it is run.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test says no by panicking, and aloud what it skips"
)]

#[path = "../../../llm-shield/tests/it/cases.rs"]
mod cases;
mod doors;
mod eval;
mod scan;
mod serve;

use llm_shield::{Category, Policy};
use llm_shield_bench::workload::{Planted, Workload};

#[test]
fn the_shield_finds_what_the_benchmark_workload_plants() {
    let classifiers = llm_shield_models::classifiers();
    let policy = Policy::embedded().with_only(&["BanSubstrings", "Secrets", "Toxicity"]);
    let shield = policy.shield(&classifiers).unwrap();
    let workload = Workload::load("mixed").unwrap();
    let mut learned_wrong = 0;
    for entry in &workload.entries {
        let report = shield.scan_prompt(&entry.text);
        let found = |category| report.findings().any(|finding| finding.category == category);
        assert_eq!(found(Category::BannedContent), entry.planted == Planted::Banned, "{}", entry.text);
        assert_eq!(found(Category::Secret), entry.planted == Planted::Secret, "{}", entry.text);
        learned_wrong += usize::from(found(Category::Toxicity) != (entry.planted == Planted::Insult));
    }
    // A learned detector is right most of the time, not always; its model card says how often.
    let share = learned_wrong as f64 / workload.entries.len() as f64;
    assert!(share < 0.05, "the toxicity detector disagrees on {share:.3} of the texts");
}
