//! The doors together: what the load tester plants is what the shield finds.

use llm_shield::{Classifiers, Policy};
use llm_shield_bench::workload::{Expectation, Workload};

#[test]
fn verdicts_on_the_benchmark_workload_are_what_was_planted() {
    let classifiers = Classifiers {
        prompt_injection: llm_shield_models::prompt_injection(),
        toxicity: llm_shield_models::toxicity(),
    };
    let policy = Policy::embedded();
    let workload = Workload::load("mixed").unwrap();
    for (scanners, expectation) in [
        (&["BanSubstrings"][..], Expectation::Banned),
        (&["Secrets"], Expectation::Secrets),
        (&["BanSubstrings", "Secrets", "Toxicity"], Expectation::Everything),
    ] {
        let shield = policy.with_only(scanners).shield(&classifiers).unwrap();
        let wrong: Vec<String> = workload
            .entries
            .iter()
            .filter(|entry| Some(shield.scan_prompt(&entry.text).is_valid) != expectation.verdict(entry.planted))
            .map(|entry| {
                let report = shield.scan_prompt(&entry.text);
                let risks: Vec<_> = report.scanners.iter().map(|one| (one.name, one.risk_score.0)).collect();
                format!("{:?} {risks:?} {}", entry.planted, entry.text)
            })
            .collect();
        assert!(wrong.is_empty(), "{scanners:?}: {} wrong\n{}", wrong.len(), wrong.join("\n"));
    }
}
