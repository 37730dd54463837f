//! Any two prompts of one conversation: what `Anonymize` took out comes back, by every strategy.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use llm_shield::{Anonymize, AnonymizeParams, Context, MatchingStrategy, Scanner, Text, Vault};

/// By placeholders, by fakes, by values of the same format.
static SCANNERS: LazyLock<[Anonymize; 3]> = LazyLock::new(|| {
    [(false, false), (true, false), (false, true)].map(|(use_faker, preserve_format)| {
        let params = AnonymizeParams {
            entity_types: Some(vec!["all".to_owned()]),
            hidden_names: vec!["redacted".to_owned(), "x1".to_owned()],
            use_faker,
            preserve_format,
            ..AnonymizeParams::default()
        };
        Anonymize::new(params, None).expect("the parameters are good")
    })
});

fuzz_target!(|prompts: (&str, &str)| {
    for (style, scanner) in SCANNERS.iter().enumerate() {
        let vault = Vault::new();
        let mut redacted = Vec::new();
        for prompt in [prompts.0, prompts.1] {
            let text = Text::new(prompt);
            let Ok(outcome) = scanner.scan_in(&text, &Context::new(&vault)) else { return };
            for finding in &outcome.findings {
                assert!(prompt.get(finding.span.range()).is_some(), "{finding:?}");
            }
            redacted.push((prompt, text.edited(&outcome.edits).into_inner().into_owned()));
            // A later fake may by chance equal an earlier text; a placeholder never does.
            let first = if style == 0 { 0 } else { redacted.len() - 1 };
            for (prompt, redacted) in &redacted[first..] {
                for strategy in [MatchingStrategy::Exact, MatchingStrategy::CaseInsensitive, MatchingStrategy::Fuzzy] {
                    assert_eq!(vault.restore(redacted, strategy), *prompt, "{strategy:?}: {redacted:?}");
                }
            }
        }
    }
});
