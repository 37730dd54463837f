//! Tokens that only stand for one: made up for a manual, or published by the provider for everybody.
//!
//! The notion is that of [`super::generic::placeholder`], which judges values behind a name; here it is applied to
//! what a provider's format matched. Such a match keeps its rule, but says [`PLACEHOLDER`] and a low score, and is
//! left out unless the caller asks for it.

use super::generic::placeholder::{is_monotone, is_words};
use super::ruleset::{Secret, without_overlap};

/// What [`crate::Finding::checked`] says of a placeholder.
pub(crate) const PLACEHOLDER: &str = "placeholder";
/// Confidence in a placeholder that is shown.
pub(super) const SCORE_PLACEHOLDER: f32 = 0.1;

/// Words that a random token holds with negligible chance, and that documentation writes into tokens.
const MARKS: [&str; 10] = [
    "example",
    "placeholder",
    "redacted",
    "changeme",
    "dummy",
    "xxxxx",
    "your_",
    "your-",
    "replaceme",
    "deadbeef",
];

/// Passwords that images of databases and brokers start with, and that stand in everybody's compose file.
const DEFAULTS: [&str; 12] = [
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "mongodb",
    "redis",
    "rabbitmq",
    "minioadmin",
    "elastic",
    "neo4j",
    "toor",
    "localhost",
];

/// Tokens that providers publish, so that everybody may use them: emulators, test keys, samples of manuals.
const PUBLISHED: [&str; 13] = [
    // Amazon: IAM user guide.
    "AKIAIOSFODNN7EXAMPLE",
    "AKIAI44QH8DHBEXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    // Microsoft: the storage emulator (Azurite) and the Cosmos DB emulator.
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
    // Stripe: the API reference's shared test keys.
    "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
    "sk_test_BQokikJOvBiI2HlWgH4olfQ2",
    // Google: the reCAPTCHA test secret.
    "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe",
    // Cloudflare: the Turnstile test secrets.
    "1x0000000000000000000000000000000AA",
    "2x0000000000000000000000000000000AA",
    "3x0000000000000000000000000000000AA",
    // hCaptcha: the test secret.
    "0x0000000000000000000000000000000000000000",
    // jwt.io: the signature of the sample that its page opens with.
    "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
];

/// Whether everybody knows `secret`, because its provider publishes it.
pub(super) fn is_published(secret: &str) -> bool {
    // Tokens of several parts, such as a JWT, are known by their last.
    PUBLISHED
        .iter()
        .any(|known| secret.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// Whether `secret` only says that something belongs there: a template, a word such as EXAMPLE in it, one or a few
/// characters over and over.
pub(super) fn is_made_up(secret: &str) -> bool {
    is_template(secret)
        || is_default(secret)
        || holds_mark(secret)
        || is_run(secret)
        || if is_monotone(secret) { !is_varied(secret) } else { is_words(secret) }
}

/// Whether `secret` counts, as `1234567890abcdef` does. Most of these were typed for a test; but the format is that of
/// a real token, and a guard that is wrong here leaks, so they are doubted and not left out.
pub(super) fn is_counting(secret: &str) -> bool {
    is_monotone(secret)
}

/// More than a few different characters.
fn is_varied(secret: &str) -> bool {
    let mut seen = [false; 256];
    secret.bytes().for_each(|byte| seen[usize::from(byte)] = true);
    seen.iter().filter(|seen| **seen).count() > 5
}

/// `<token>`, `${TOKEN}`, `{{ token }}`.
fn is_template(secret: &str) -> bool {
    ["${", "{{", "<%", "%("].iter().any(|mark| secret.contains(mark))
        || (secret.starts_with('<') && secret.ends_with('>'))
}

fn is_default(secret: &str) -> bool {
    DEFAULTS.iter().any(|default| secret.eq_ignore_ascii_case(default))
}

fn holds_mark(secret: &str) -> bool {
    let bytes = secret.as_bytes();
    MARKS.iter().any(|mark| {
        let mark = mark.as_bytes();
        bytes.windows(mark.len()).any(|window| window.eq_ignore_ascii_case(mark))
    })
}

/// Half of it or more is one character in a row.
fn is_run(secret: &str) -> bool {
    let longest = secret.as_bytes().chunk_by(PartialEq::eq).map(<[u8]>::len).max().unwrap_or(0);
    longest >= 6 && longest * 2 >= secret.len()
}

/// The secrets among `candidates` without overlap, in the order of the text, with the placeholders if they are to be
/// `shown`. A match that lies within a placeholder of a more specific rule is the same placeholder, seen by less.
pub(super) fn settle(candidates: Vec<Secret<'_>>, shown: bool) -> Vec<Secret<'_>> {
    let is_placeholder = |secret: &Secret<'_>| secret.checked == Some(PLACEHOLDER);
    if !candidates.iter().any(is_placeholder) {
        return without_overlap(candidates);
    }
    let (placeholders, mut secrets): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_placeholder);
    let placeholders = without_overlap(placeholders);
    secrets.retain(|secret| {
        let before = placeholders.partition_point(|other| other.span.start <= secret.span.start);
        before
            .checked_sub(1)
            .and_then(|index| placeholders.get(index))
            .is_none_or(|other| other.span.end < secret.span.end || other.rank < secret.rank)
    });
    let mut secrets = without_overlap(secrets);
    if shown {
        let taken = secrets.clone();
        secrets.extend(placeholders.into_iter().filter(|placeholder| {
            let before = taken.partition_point(|secret| secret.span.start < placeholder.span.end);
            before
                .checked_sub(1)
                .and_then(|index| taken.get(index))
                .is_none_or(|secret| secret.span.end <= placeholder.span.start)
        }));
        secrets.sort_by_key(|secret| secret.span);
    }
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_tokens_are_told_from_drawn_ones() {
        for secret in [
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "AKIAXXEXAMPLEXXQRTWZ",
            "sk-your-api-key-here",
            "123123123123123123",
            "SG.00000000000000000000000000000000",
            "https://hooks.example.com/<token>${TOKEN}",
        ] {
            assert!(is_made_up(secret), "{secret}");
        }
        for secret in [
            "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",
            "AKIAQ3EGRZ5TLXWN4HPM",
            "$2b$12$q.LmhhdRqOn9Z7.WXj7J8wZ2rxnDsg8vLm145la/.yqvqIhgezbuQ",
            // Binary in base64 has runs of its zero.
            "AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid%2BULvsea4JtiGRiSDSJSI%3DEUifiRBkKG5E2XzMDjRfl76ZC9Ub0wnz4XsNiRVBChTYbJcE3F",
        ] {
            assert!(!is_made_up(secret), "{secret}");
        }
    }

    #[test]
    fn counting_is_doubted_only() {
        for secret in ["sk-abcdefghijklmnopqrstuvwx", "1234567890abcdef1234567890abcdef"] {
            assert!(is_counting(secret) && !is_made_up(secret), "{secret}");
        }
        assert!(!is_counting("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"));
    }

    #[test]
    fn published_tokens_are_known() {
        assert!(is_published("AKIAIOSFODNN7EXAMPLE"));
        assert!(is_published(
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
        ));
        assert!(!is_published("sk_test_4eC39HqLyjWDarjtT1zdp7dd"));
    }
}
