//! `InvisibleText`: characters that carry meaning for a model and none for a reader.

use std::sync::LazyLock;

use regex::Regex;

use crate::{Category, Edit, Finding, Outcome, Owasp, RiskScore, ScanError, Scanner, Span, Text};

/// Removes format, private-use and unassigned characters (Unicode categories Cf, Co, Cn).
///
/// # What it finds
/// Zero-width characters, bidirectional marks, soft hyphens, byte-order marks, tag characters, private use.
///
/// # Why it matters
/// A prompt can carry a second, hidden prompt in such characters, and models read them.
///
/// # What it misses
/// Variation selectors (category Mn), through which bytes can be smuggled behind an emoji. As in llm-guard,
/// joined emoji and Persian or Arabic text with joiners are refused as well, by design.
///
/// # Example
/// ```
/// use llm_shield::{InvisibleText, Scanner, Text};
///
/// let outcome = InvisibleText.scan(&Text::new("pay\u{200b}load"))?;
/// assert!(!outcome.is_valid);
/// assert_eq!(outcome.findings[0].span.range(), 3..6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct InvisibleText;

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test")]
static INVISIBLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{Cf}\p{Co}\p{Cn}]+").expect("a constant pattern"));

impl Scanner for InvisibleText {
    fn name(&self) -> &'static str {
        "InvisibleText"
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let text = text.as_str();
        if text.is_ascii() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        let spans: Vec<Span> =
            INVISIBLE.find_iter(text).map(|found| Span::new(found.start(), found.end())).collect();
        if spans.is_empty() {
            return Ok(Outcome::pass(RiskScore::ZERO));
        }
        let edits = spans.iter().map(|&span| Edit { span, replacement: "".into() }).collect();
        let findings = spans.into_iter().map(|span| Finding {
            span,
            rule: "invisible_text".into(),
            category: Category::InvisibleText,
            score: 1.0,
            owasp: Owasp::Llm01PromptInjection,
            checked: None,
            decoded_from: Vec::new(),
        });
        Ok(Outcome::refuse(RiskScore::CERTAIN, findings.collect(), edits))
    }
}
