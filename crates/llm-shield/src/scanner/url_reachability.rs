//! `URLReachability`: addresses in an answer that do not answer themselves.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use regex::Regex;
use serde::Deserialize;

use crate::{Category, Finding, Outcome, Owasp, RiskScore, ScanError, Scanner, Span, Text};

/// Asks addresses over a network. The engine has none: whoever wants the scanner hands in an implementation.
pub trait UrlFetcher: Send + Sync {
    /// The HTTP status at the end of the redirects of each of `urls`, in their order, or why there is none.
    ///
    /// An implementation must not connect to private, loopback or link-local addresses, gives up on one address after
    /// `timeout`, and bounds the time of all together.
    fn statuses(&self, urls: &[&str], timeout: Duration) -> Vec<Result<u16, FetchError>>;
}

/// An address that gave no status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// It is not on the public internet.
    #[error("the address is not on the public internet")]
    Forbidden,
    /// It has no such host, does not answer in time, or answers no HTTP.
    #[error("the address does not answer")]
    Failed,
}

/// Refuses answers with addresses that do not answer.
///
/// # What it finds
/// `http` and `https` addresses whose status, after redirects, is none of `success_status_codes`. Each distinct address is
/// asked once. More than 16, and such as are longer than 2,048 bytes, are not asked and refuse the text.
///
/// # Why it matters
/// Models make addresses up, and somebody may register what they like to make up (OWASP LLM09:2025, misinformation).
///
/// # What it misses
/// Addresses without a scheme, and pages that answer but are not what the text says. It makes requests to addresses that
/// a model chose: that is why it is off unless a policy asks for it, and never reaches a private network. llm-guard
/// connects to any.
///
/// # Example
/// ```
/// use llm_shield::{FetchError, Scanner, Text, UrlFetcher, UrlReachability, UrlReachabilityParams};
/// use std::{sync::Arc, time::Duration};
///
/// struct Nobody;
/// impl UrlFetcher for Nobody {
///     fn statuses(&self, urls: &[&str], _: Duration) -> Vec<Result<u16, FetchError>> {
///         vec![Err(FetchError::Failed); urls.len()]
///     }
/// }
/// let scanner = UrlReachability::new(UrlReachabilityParams::default(), Arc::new(Nobody))?;
/// let outcome = scanner.scan(&Text::new("See https://example.org/made-up."))?;
/// assert!(!outcome.is_valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct UrlReachability {
    params: UrlReachabilityParams,
    fetcher: Arc<dyn UrlFetcher>,
}

/// llm-guard's parameters of [`UrlReachability`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UrlReachabilityParams {
    /// The statuses of an address that answers; 200, 201 and 202 without it.
    pub success_status_codes: Option<Vec<u16>>,
    /// How long to wait for one address, seconds, from 1 to 30.
    pub timeout: u64,
}

impl Default for UrlReachabilityParams {
    fn default() -> Self {
        Self { success_status_codes: None, timeout: 5 }
    }
}

/// A time that is not waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`timeout` is {0}; it must be from 1 to {TIMEOUT_SECONDS_MAX} seconds")]
pub struct UrlReachabilityError(pub u64);

const TIMEOUT_SECONDS_MAX: u64 = 30;
const URLS_MAX: usize = 16;
const URL_BYTES_MAX: usize = 2_048;
const SUCCESS: [u16; 3] = [200, 201, 202];

/// llm-guard's `extract_urls`: up to white space, `"`, `#` and the like, with the punctuation at the end.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test")]
static URL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"https?://[a-zA-Z!$-_]+").expect("a constant pattern"));

impl UrlReachability {
    /// llm-guard's name of the scanner.
    pub const NAME: &'static str = "URLReachability";

    /// A scanner with `params` that asks through `fetcher`.
    pub fn new(
        params: UrlReachabilityParams,
        fetcher: Arc<dyn UrlFetcher>,
    ) -> Result<Self, UrlReachabilityError> {
        params.check()?;
        Ok(Self { params, fetcher })
    }
}

impl UrlReachabilityParams {
    fn check(&self) -> Result<(), UrlReachabilityError> {
        let possible = (1..=TIMEOUT_SECONDS_MAX).contains(&self.timeout);
        possible.then_some(()).ok_or(UrlReachabilityError(self.timeout))
    }
}

impl Scanner for UrlReachability {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn waits(&self) -> bool {
        true
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let text = text.as_str();
        let spans: Vec<Span> = URL.find_iter(text).map(|url| Span::new(url.start(), url.end())).collect();
        let mut urls: Vec<&str> = Vec::new();
        for url in spans.iter().map(|span| &text[span.range()]) {
            if urls.len() < URLS_MAX && url.len() <= URL_BYTES_MAX && !urls.contains(&url) {
                urls.push(url);
            }
        }
        let statuses = self.fetcher.statuses(&urls, Duration::from_secs(self.params.timeout));
        let success = self.params.success_status_codes.as_deref().unwrap_or(&SUCCESS);
        let findings: Vec<Finding> = spans
            .into_iter()
            .filter_map(|span| {
                let asked = urls.iter().position(|url| *url == &text[span.range()]);
                let rule = match asked.and_then(|place| statuses.get(place)) {
                    Some(Ok(status)) if success.contains(status) => return None,
                    Some(Ok(_)) => "url-bad-status",
                    Some(Err(FetchError::Forbidden)) => "url-forbidden",
                    Some(Err(FetchError::Failed)) => "url-no-answer",
                    None => "url-not-asked",
                };
                Some(finding(span, rule))
            })
            .collect();
        if findings.is_empty() {
            return Ok(Outcome::pass(RiskScore::NONE));
        }
        Ok(Outcome::refuse(RiskScore::CERTAIN, findings, Vec::new()))
    }
}

fn finding(span: Span, rule: &'static str) -> Finding {
    Finding {
        span,
        rule: rule.into(),
        category: Category::UnreachableUrl,
        score: 1.0,
        owasp: Owasp::Llm09Misinformation,
        checked: None,
        decoded_from: Vec::new(),
    }
}
