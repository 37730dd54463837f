//! A guard for language models: it scans prompts and outputs, says what it found and where, and redacts it.
//!
//! A [`Shield`] runs the scanners of a [`Policy`] over a text, in order, and answers with a [`Report`]. Each
//! scanner sees the text as the scanners before it left it; every span in the report points into the text that
//! the caller passed in. The crate is synchronous, does no I/O, holds no `unsafe` code, and takes time linear in
//! the length of the text.

mod base64;
mod classifier;
mod compat;
mod context;
mod finding;
mod json;
mod literals;
pub mod pii;
mod policy;
mod report;
mod risk;
mod scanner;
mod secrets;
mod sentiment;
mod shield;
mod text;
mod tokens;
mod vault;

pub use classifier::{Classifier, Judgement, LabelClassifier};
pub use compat::Compat;
pub use context::Context;
pub use finding::{Category, Finding, Owasp, Span};
pub use policy::{
    Classifiers, Expanded, OnUnavailable, Policy, PolicyError, ScannerList, Switch, expand_environment,
    read_yaml,
};
pub use report::{FINDINGS_MAX, Report, ScannerReport, Skipped};
pub use risk::{RiskScore, Threshold, ThresholdError, risk_score};
pub use scanner::anonymize::{Anonymize, AnonymizeError, AnonymizeParams};
pub use scanner::ban_code::{BanCode, BanCodeParams};
pub use scanner::ban_competitors::{BanCompetitors, BanCompetitorsError, BanCompetitorsParams};
pub use scanner::ban_substrings::{BanSubstrings, BanSubstringsError, BanSubstringsParams, SubstringMatch};
pub use scanner::code::{Code, CodeError, CodeParams};
pub use scanner::deanonymize::Deanonymize;
pub use scanner::gibberish::{Gibberish, GibberishParams};
pub use scanner::invisible_text::InvisibleText;
pub use scanner::json::{Json, JsonParams};
pub use scanner::language::{Language, LanguageError, LanguageParams};
pub use scanner::language_same::{LanguageSame, LanguageSameParams};
pub use scanner::malicious_urls::{MaliciousUrls, MaliciousUrlsParams};
pub use scanner::no_refusal::{NoRefusal, NoRefusalParams};
pub use scanner::no_refusal_light::NoRefusalLight;
pub use scanner::prompt_injection::{PromptInjection, PromptInjectionParams};
pub use scanner::reading_time::{ReadingTime, ReadingTimeError, ReadingTimeParams};
pub use scanner::regex::{Regex, RegexError, RegexMatch, RegexParams};
pub use scanner::secrets::Secrets;
pub use scanner::semantic::MatchType;
pub use scanner::sensitive::{Sensitive, SensitiveParams};
pub use scanner::sentiment::{
    Lexicon, Sentiment, SentimentParams, SentimentThreshold, SentimentThresholdError,
};
pub use scanner::token_limit::{TokenLimit, TokenLimitError, TokenLimitParams};
pub use scanner::toxicity::{Toxicity, ToxicityParams};
pub use scanner::url_reachability::{
    FetchError, UrlFetcher, UrlReachability, UrlReachabilityError, UrlReachabilityParams,
};
pub use scanner::{Edit, Outcome, ScanError, Scanner};
pub use secrets::{Judge, JudgeError, RedactMode, RuleError, RuleSet, SecretCandidate, aws_account_id};
pub use shield::{Feed, ScanOptions, Shield};
pub use text::{Decoding, Folded, Revealed, Text};
pub use tokens::{Encoding, TokenCount, UnknownTokenizer};
pub use vault::{MatchingStrategy, Pair, Vault, VaultError, VaultLimits};
