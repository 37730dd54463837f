//! `POST /v1/moderations`: OpenAI's moderation call, answered by the whole policy's scanners for prompts.
//!
//! OpenAI's thirteen categories stand in every answer, since its clients read them by name. Of these only `harassment`
//! is judged, by the scanner Toxicity, whose one score has no sub-labels; the others are `false` and 0, and
//! `category_applied_input_types` says by an empty list that nobody looked. What our scanners judge beyond OpenAI's
//! categories stands beside them under names of its own.

mod refusal;
mod request;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use llm_shield::{Category, Report, ScannerReport, Shield};
use serde::ser::{SerializeMap, Serializer};
use serde::{Serialize, ser::SerializeStruct};

use crate::answer::{Answer, Findings, encode};
use crate::error::ApiError;
use crate::metrics::{Run, Source};

pub(crate) use refusal::refuse;
pub use request::ModerationFault;

/// Says who judged: no model of OpenAI's.
const MODEL: &str = concat!("llm-shield-", env!("CARGO_PKG_VERSION"));

/// The scanner whose score is the category `harassment`.
const HARASSMENT: &str = "harassment";

/// OpenAI's categories, in its order.
const OPENAI: [&str; 13] = [
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
];

/// Refusals of scanners that name nothing of the categories: those that failed, and those of the policy's own rules.
const POLICY: &str = "policy";

/// Answers the body with one result for each input.
pub(crate) fn answer(shield: &Shield, body: &[u8]) -> Result<Answer, ApiError> {
    let request = request::parse(body)?;
    let mut scan = Duration::ZERO;
    let judged: Vec<&str> = shield.prompt_scanners().collect();
    let mut runs = Vec::new();
    let reports: Vec<Report<'_>> = request
        .inputs
        .iter()
        .map(|input| {
            let started = Instant::now();
            let report = shield.scan_prompt(input);
            scan += started.elapsed();
            runs.extend(Run::all(&report, Source::Input));
            report
        })
        .collect();
    let results: Vec<_> = reports
        .iter()
        .map(|report| ModerationResult { report, scores: Scores::of(report, &judged) })
        .collect();
    let answer = Moderation { id: id(), model: MODEL, results };
    let bytes_expected = 128 + 2048 * reports.len();
    Ok(Answer { json: encode(&answer, bytes_expected), scan, runs })
}

#[derive(Serialize)]
struct Moderation<'r, 't> {
    id: String,
    model: &'static str,
    results: Vec<ModerationResult<'r, 't>>,
}

/// An id that no other answer has; its number comes from a counter, hashed with a key of this process.
fn id() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    static KEYS: LazyLock<[RandomState; 2]> = LazyLock::new(|| [RandomState::new(), RandomState::new()]);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let [high, low] = KEYS.each_ref().map(|key| key.hash_one(number));
    format!("modr-{high:016x}{low:016x}")
}

struct ModerationResult<'r, 't> {
    report: &'r Report<'t>,
    scores: Scores,
}

impl Serialize for ModerationResult<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut result = serializer.serialize_struct("ModerationResult", 5)?;
        result.serialize_field("flagged", &!self.report.is_valid)?;
        result.serialize_field("categories", &self.scores.map(|score| score.flagged))?;
        result.serialize_field("category_scores", &self.scores.map(|score| score.value))?;
        let judged: fn(&Score) -> &'static [&'static str] =
            |score| if score.judged { &["text"] } else { &[] };
        result.serialize_field("category_applied_input_types", &self.scores.map(judged))?;
        result.serialize_field("findings", &Findings(self.report))?;
        result.end()
    }
}

/// What is known of each category.
struct Scores(Vec<(&'static str, Score)>);

#[derive(Default, Clone, Copy)]
struct Score {
    judged: bool,
    flagged: bool,
    /// A model's probability where one was asked; 1 for a pattern that matched, 0 for none.
    value: f64,
}

impl Scores {
    fn of(report: &Report<'_>, judged: &[&str]) -> Self {
        let mut scores = Self(OPENAI.map(|name| (name, Score::default())).to_vec());
        for scanner in judged {
            for category in categories(scanner) {
                scores.entry(category).judged = true;
            }
        }
        for scanner in &report.scanners {
            scores.add(scanner);
        }
        scores
    }

    fn add(&mut self, scanner: &ScannerReport) {
        let own = categories(scanner.name);
        if let (Some(score), [category]) = (scanner.score, own) {
            let entry = self.entry(category);
            entry.value = entry.value.max(score.clamp(0.0, 1.0));
        }
        for finding in &scanner.findings {
            let entry = self.entry(key(finding.category));
            entry.judged = true;
            entry.flagged |= !scanner.is_valid;
            entry.value = entry.value.max(f64::from(finding.score).clamp(0.0, 1.0));
        }
        if !scanner.is_valid && scanner.findings.is_empty() {
            let entry = self.entry(POLICY);
            *entry = Score { judged: true, flagged: true, value: 1.0 };
        }
    }

    fn entry(&mut self, name: &'static str) -> &mut Score {
        let index = self.0.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.0.push((name, Score::default()));
            self.0.len() - 1
        });
        &mut self.0[index].1
    }

    fn map<T, F: Fn(&Score) -> T>(&self, of: F) -> ByCategory<'_, F> {
        ByCategory { scores: &self.0, of }
    }
}

/// An object with a key for each category.
struct ByCategory<'s, F> {
    scores: &'s [(&'static str, Score)],
    of: F,
}

impl<T: Serialize, F: Fn(&Score) -> T> Serialize for ByCategory<'_, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.scores.len()))?;
        for (name, score) in self.scores {
            map.serialize_entry(name, &(self.of)(score))?;
        }
        map.end()
    }
}

/// The categories that a scanner judges; a scanner that is not listed shows up where it finds something.
fn categories(scanner: &str) -> &'static [&'static str] {
    match scanner {
        "Toxicity" => &[HARASSMENT],
        "PromptInjection" => &["prompt_injection"],
        "Secrets" => &["secret"],
        "Anonymize" | "Sensitive" => &["personal_data"],
        "BanSubstrings" | "Regex" => &["banned_content"],
        "InvisibleText" => &["invisible_text"],
        "Sentiment" => &["sentiment"],
        "TokenLimit" => &["token_limit"],
        _ => &[POLICY],
    }
}

const fn key(category: Category) -> &'static str {
    match category {
        Category::Toxicity => HARASSMENT,
        other => other.as_str(),
    }
}
