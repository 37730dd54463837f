//! `MaliciousURLs`: links that look like phishing or malware.

mod looks;

use serde::Deserialize;

use crate::{
    Category, Finding, Outcome, Owasp, RiskScore, ScanError, Scanner, Span, Text, Threshold, risk_score,
};

/// Refuses texts with a link that looks malicious.
///
/// # What it finds
/// Links whose form is that of phishing and malware: a known brand's name outside the brand's domain, an address in numbers, user
/// names before `@`, Punycode, piled-up subdomains and hyphens, words such as `verify` and `account`, programs to download,
/// pages hidden in folders of content systems. The score is a sum of such signs, with weights chosen by hand: what there is of
/// labelled links has no licence to train on. Nothing is looked up.
///
/// # Why it matters
/// A model can be led to hand a user a link that an attacker chose.
///
/// # What it misses
/// Links that look like any other: pages on hacked or free hosts, short links, fresh domains with plain names. It found 45 %
/// of a development set's phishing links at 4 % false alarms there; the model card has the figures. It is no
/// replacement for a reputation service.
///
/// # Example
/// ```
/// use llm_shield::{MaliciousUrls, MaliciousUrlsParams, Scanner, Text};
///
/// let scanner = MaliciousUrls::new(MaliciousUrlsParams::default());
/// assert!(scanner.scan(&Text::new("See https://doc.rust-lang.org/book/"))?.is_valid);
/// assert!(!scanner.scan(&Text::new("Go to http://paypal.verify-account.example.xyz/login.php"))?.is_valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MaliciousUrls {
    threshold: Threshold,
}

/// llm-guard's parameters of [`MaliciousUrls`].
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MaliciousUrlsParams {
    /// Scores above it refuse the text.
    pub threshold: Threshold,
}

impl Default for MaliciousUrlsParams {
    fn default() -> Self {
        Self { threshold: Threshold::MALICIOUS_URLS }
    }
}

impl MaliciousUrls {
    /// llm-guard's class name.
    pub const NAME: &'static str = "MaliciousURLs";

    /// A scanner with these parameters.
    pub const fn new(params: MaliciousUrlsParams) -> Self {
        Self { threshold: params.threshold }
    }

    /// How malicious a link looks, from 0 to 1.
    pub fn score(url: &str) -> f64 {
        looks::judge(url).0
    }
}

impl Scanner for MaliciousUrls {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let mut worst: Option<f64> = None;
        for span in urls(text.as_str()) {
            let (score, sign) = looks::judge(&text.as_str()[span.range()]);
            if score > self.threshold.value() {
                let finding = Finding {
                    span,
                    rule: format!("malicious_url:{sign}").into(),
                    category: Category::MaliciousUrl,
                    score: score as f32,
                    owasp: Owasp::Llm05OutputHandling,
                    checked: None,
                    decoded_from: Vec::new(),
                };
                return Ok(Outcome::refuse(risk_score(score, self.threshold), vec![finding], Vec::new()));
            }
            worst = Some(worst.map_or(score, |worst| worst.max(score)));
        }
        Ok(Outcome::pass(worst.map_or(RiskScore::NONE, |score| risk_score(score, self.threshold))))
    }
}

/// llm-guard's `extract_urls`: `http://` or `https://` in small letters, and what follows of the characters it allows.
fn urls(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("http") {
        let start = at + found;
        at = start + "http".len();
        let rest = &text[at..];
        let Some(body) = rest.strip_prefix("://").or_else(|| rest.strip_prefix("s://")) else { continue };
        let length = body.bytes().take_while(|&byte| in_url(byte)).count();
        if length > 0 {
            at = text.len() - body.len() + length;
            spans.push(Span::new(start, at));
        }
    }
    spans
}

/// Letters, digits, `!` and everything from `$` to `_`.
const fn in_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'!' || matches!(byte, b'$'..=b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_cut_out_as_llm_guard_cuts_them() {
        for (text, expected) in [
            ("(https://a.com/x)", &["https://a.com/x)"][..]),
            ("https://a.b.", &["https://a.b."]),
            ("https://a.b/p#frag", &["https://a.b/p"]),
            ("http://x.y/é", &["http://x.y/"]),
            ("HTTP://a.b http:/a.b http:// x", &[]),
            ("see http://a.b, https://c.d/%20e\"f", &["http://a.b,", "https://c.d/%20e"]),
            ("httphttps://a.b", &["https://a.b"]),
        ] {
            let found: Vec<&str> = urls(text).iter().map(|span| &text[span.range()]).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
