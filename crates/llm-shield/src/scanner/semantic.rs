//! What the scanners that ask a classifier share: the parts of a text that are scored, and their findings.

use std::ops::Range;

use serde::Deserialize;
use unicode_segmentation::UnicodeSegmentation;

use crate::risk::round_2;
use crate::{
    Category, Classifier, Finding, Folded, Judgement, Outcome, Owasp, Revealed, RiskScore, Span, Text,
    Threshold, risk_score,
};

/// Which parts of a text are scored; the worst part decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchType {
    /// The whole text at once.
    #[default]
    Full,
    /// Each sentence (UAX 29).
    Sentence,
    /// The first 128 and the last 382 words, if there are more than 512.
    TruncateTokenHeadTail,
    /// The first and the last 126 characters, if there are more than 256.
    TruncateHeadTail,
    /// Windows of 256 characters with an overlap of 25.
    Chunks,
}

/// A scored part of a text.
pub(super) struct Scored {
    pub(super) score: f64,
    /// Bytes of the text without its disguises.
    span: Span,
    /// Bytes of the part's folded view.
    decided_by: Range<usize>,
}

/// Scores the parts of `text` as it reads without its disguises, in order, until `accept` (which turns a raw score into
/// the one to compare) says stop; yields the part with the highest score.
///
/// The disguised form itself is not scored: letters with spaces between them or Morse code look like no training text, and
/// harmless ones would be refused for their form.
pub(super) fn worst(
    text: &Text<'_>,
    match_type: MatchType,
    classifier: &dyn Classifier,
    mut accept: impl FnMut(f64) -> (f64, bool),
) -> Option<Scored> {
    let mut worst: Option<Scored> = None;
    let revealed = text.revealed();
    for span in parts(revealed.unfolded(), match_type) {
        let Judgement { score, decided_by } =
            on_part(&revealed, span, |folded| classifier.judge(folded.as_str()));
        let (score, stop) = accept(f64::from(score));
        if worst.as_ref().is_none_or(|worst| score > worst.score) {
            worst = Some(Scored { score, span, decided_by });
        }
        if stop {
            break;
        }
    }
    worst
}

/// The finding for a part that was refused: the bytes that speak most for the verdict.
pub(super) fn finding(
    text: &Text<'_>,
    scored: &Scored,
    classifier: &dyn Classifier,
    rule: &'static str,
    category: Category,
    owasp: Owasp,
) -> Finding {
    let revealed = text.revealed();
    let inside = on_part(&revealed, scored.span, |folded| {
        let window = scored.decided_by.clone();
        let told = folded.as_str().get(window.clone()).and_then(|window| classifier.explain(window));
        let range = told.map_or(window.clone(), |run| window.start + run.start..window.start + run.end);
        folded.source(range)
    });
    let inside = inside.moved(scored.span.start);
    Finding {
        span: revealed.source_of_unfolded(inside),
        rule: rule.into(),
        category,
        score: scored.score as f32,
        owasp,
        checked: None,
        decoded_from: revealed.decodings_of_unfolded(inside),
    }
}

/// llm-guard's verdict of most binary models: scores are rounded to two decimals, the first part over the threshold
/// ends the scan, and without one the highest score gives the risk.
pub(super) fn verdict(
    text: &Text<'_>,
    match_type: MatchType,
    threshold: Threshold,
    classifier: &dyn Classifier,
    found: (&'static str, Category, Owasp),
) -> Outcome {
    if text.is_blank() {
        return Outcome::pass(RiskScore::NONE);
    }
    let over = |score: f64| (round_2(score), round_2(score) > threshold.value());
    let Some(worst) = worst(text, match_type, classifier, over) else {
        return Outcome::pass(RiskScore::NONE);
    };
    let risk = risk_score(worst.score, threshold);
    if worst.score <= threshold.value() {
        return Outcome::pass(risk);
    }
    let (rule, category, owasp) = found;
    Outcome::refuse(risk, vec![finding(text, &worst, classifier, rule, category, owasp)], Vec::new())
}

/// Calls `read` with the folded view of a part, which is that of the whole when it is all of it.
fn on_part<T>(revealed: &Revealed<'_>, span: Span, read: impl FnOnce(&Folded) -> T) -> T {
    let text = revealed.unfolded();
    if span.len() == text.len() { read(revealed.folded()) } else { read(&Folded::new(&text[span.range()])) }
}

/// The parts of `text` that `match_type` scores, in order.
pub(super) fn parts(text: &str, match_type: MatchType) -> Vec<Span> {
    let whole = || vec![Span::new(0, text.len())];
    match match_type {
        MatchType::Full => whole(),
        MatchType::Sentence => text
            .split_sentence_bound_indices()
            .filter(|(_, sentence)| !sentence.trim().is_empty())
            .map(|(at, sentence)| Span::new(at, at + sentence.len()))
            .collect(),
        MatchType::TruncateTokenHeadTail => {
            let words: Vec<usize> = text.split_word_bound_indices().map(|(at, _)| at).collect();
            if words.len() <= 512 {
                return whole();
            }
            vec![Span::new(0, words[128]), Span::new(words[words.len() - 382], text.len())]
        }
        MatchType::TruncateHeadTail => {
            let mut starts = text.char_indices().map(|(at, _)| at);
            let (Some(head), Some(_)) = (starts.nth(126), starts.nth(256 - 127)) else { return whole() };
            let tail = text.char_indices().rev().nth(125).map_or(0, |(at, _)| at);
            vec![Span::new(0, head), Span::new(tail, text.len())]
        }
        MatchType::Chunks => chunks(text, 256, 25),
    }
}

/// llm-guard's `split_text_to_word_chunks`, which counts characters.
fn chunks(text: &str, length: usize, overlap: usize) -> Vec<Span> {
    let mut bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let characters = bounds.len();
    bounds.push(text.len());
    if characters < length {
        return vec![Span::new(0, text.len())];
    }
    (0..characters.saturating_sub(overlap))
        .step_by(length - overlap)
        .map(|start| Span::new(bounds[start], bounds[(start + length).min(characters)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_llm_guard_scores() {
        let text = "é".repeat(600);
        let check = |match_type, expected: &[(usize, usize)]| {
            let spans: Vec<_> =
                parts(&text, match_type).iter().map(|span| (span.start / 2, span.end / 2)).collect();
            assert_eq!(spans, expected, "{match_type:?}");
        };
        check(MatchType::Full, &[(0, 600)]);
        check(MatchType::Chunks, &[(0, 256), (231, 487), (462, 600)]);
        check(MatchType::TruncateHeadTail, &[(0, 126), (474, 600)]);
        check(MatchType::TruncateTokenHeadTail, &[(0, 600)]);
        let spans = parts("One here. Two there!\nThree", MatchType::Sentence);
        assert_eq!(spans.len(), 3);
    }
}
