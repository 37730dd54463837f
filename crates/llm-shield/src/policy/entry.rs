//! One scanner of a policy: its type, its parameters, and what happens when it fails.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::params::ParamsAccess;
use super::{Classifiers, nearest};
use crate::scanner::deanonymize::DeanonymizeParams;
use crate::shield::{OnError, OnHit};
use crate::{
    Anonymize, AnonymizeParams, BanCode, BanCodeParams, BanCompetitors, BanCompetitorsParams, BanSubstrings,
    BanSubstringsParams, Code, CodeParams, Compat, Deanonymize, Gibberish, GibberishParams, InvisibleText,
    Json, JsonParams, Language, LanguageParams, LanguageSame, LanguageSameParams, MaliciousUrls,
    MaliciousUrlsParams, NoRefusal, NoRefusalLight, NoRefusalParams, PromptInjection, PromptInjectionParams,
    ReadingTime, ReadingTimeParams, RedactMode, Regex, RegexMatch, RegexParams, Scanner, Secrets, Sensitive,
    SensitiveParams, Sentiment, SentimentParams, SentimentThreshold, Threshold, TokenLimit, TokenLimitParams,
    Toxicity, ToxicityParams, UrlReachability, UrlReachabilityParams,
};

/// Which list a scanner stands in; some defaults differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Prompt,
    Output,
}

/// A scanner as the policy names it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    params: Params,
    pub(super) on_error: OnError,
    pub(super) on_hit: OnHit,
    /// Whether the scanner may use the network.
    allow_network: bool,
    /// Parameters that were given and have no effect.
    pub(super) without_effect: Vec<&'static str>,
}

/// What became of an entry.
pub(super) enum Built {
    Scanner(Arc<dyn Scanner>),
    /// The scanner is not there, and why.
    Unavailable(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
enum Params {
    Anonymize(AnonymizeParams),
    BanCode(BanCodeParams),
    BanCompetitors(BanCompetitorsParams),
    BanSubstrings(BanSubstringsParams),
    Code(CodeParams),
    Deanonymize(DeanonymizeParams),
    Gibberish(GibberishParams),
    InvisibleText,
    Language(LanguageParams),
    LanguageSame(LanguageSameParams),
    MaliciousUrls(MaliciousUrlsParams),
    NoRefusal(NoRefusalParams),
    Json(JsonParams),
    NoRefusalLight,
    PromptInjection(PromptInjectionParams),
    ReadingTime(ReadingTimeParams),
    Regex(RegexParams),
    Secrets(SecretsParams),
    Sensitive(SensitiveParams),
    Sentiment(SentimentParams),
    TokenLimit(TokenLimitParams),
    Toxicity(ToxicityParams),
    UrlReachability(UrlReachabilityParams),
    /// One of [`WAITING`].
    Waiting(&'static str),
}

/// Scanners of this version.
const NAMES: [&str; 23] = [
    "Anonymize",
    "BanCode",
    "BanCompetitors",
    "BanSubstrings",
    "Code",
    "Deanonymize",
    "Gibberish",
    "InvisibleText",
    "JSON",
    "Language",
    "LanguageSame",
    "MaliciousURLs",
    "NoRefusal",
    "NoRefusalLight",
    "PromptInjection",
    "ReadingTime",
    "Regex",
    "Secrets",
    "Sensitive",
    "Sentiment",
    "TokenLimit",
    "Toxicity",
    "URLReachability",
];

/// Those that stand in one list only; in the other they would do nothing or, as for a prompt's placeholders, harm.
const PROMPT_ONLY: [&str; 1] = ["Anonymize"];
const OUTPUT_ONLY: [&str; 12] = [
    "Bias",
    "Deanonymize",
    "FactualConsistency",
    "JSON",
    "LanguageSame",
    "MaliciousURLs",
    "NoRefusal",
    "NoRefusalLight",
    "ReadingTime",
    "Relevance",
    "Sensitive",
    "URLReachability",
];

/// llm-guard's scanners that need the encoder, a model that this version does not have.
const WAITING: [&str; 5] = ["BanTopics", "Bias", "EmotionDetection", "FactualConsistency", "Relevance"];
const WAITS: &str = "it waits for the encoder, a model that this version does not have";
const NETWORK_NOT_ALLOWED: &str =
    "it asks addresses that a model chose, and is off unless its entry says `allow_network: true`";
const NO_NETWORK: &str = "this program gives it no way to the network";

/// Those that can replace all that they find, so that what they leave may pass.
const REDACTING: [&str; 5] = ["Anonymize", "BanSubstrings", "InvisibleText", "Secrets", "Sensitive"];

impl Entry {
    pub(super) const fn name(&self) -> &'static str {
        match self.params {
            Params::Anonymize(_) => Anonymize::NAME,
            Params::BanCode(_) => BanCode::NAME,
            Params::BanCompetitors(_) => BanCompetitors::NAME,
            Params::BanSubstrings(_) => "BanSubstrings",
            Params::Code(_) => Code::NAME,
            Params::Deanonymize(_) => Deanonymize::NAME,
            Params::Gibberish(_) => Gibberish::NAME,
            Params::InvisibleText => "InvisibleText",
            Params::Language(_) => Language::NAME,
            Params::LanguageSame(_) => LanguageSame::NAME,
            Params::MaliciousUrls(_) => MaliciousUrls::NAME,
            Params::NoRefusal(_) => NoRefusal::NAME,
            Params::Json(_) => Json::NAME,
            Params::NoRefusalLight => NoRefusalLight::NAME,
            Params::PromptInjection(_) => "PromptInjection",
            Params::ReadingTime(_) => ReadingTime::NAME,
            Params::Regex(_) => "Regex",
            Params::Secrets(_) => "Secrets",
            Params::Sensitive(_) => Sensitive::NAME,
            Params::Sentiment(_) => Sentiment::NAME,
            Params::TokenLimit(_) => "TokenLimit",
            Params::Toxicity(_) => "Toxicity",
            Params::UrlReachability(_) => UrlReachability::NAME,
            Params::Waiting(name) => name,
        }
    }

    pub(super) fn build(&self, side: Side, models: &Classifiers, compat: Compat) -> Result<Built, String> {
        let wrong_list = match side {
            Side::Prompt => OUTPUT_ONLY.contains(&self.name()).then_some("outputs"),
            Side::Output => PROMPT_ONLY.contains(&self.name()).then_some("prompts"),
        };
        if let Some(right) = wrong_list {
            return Err(format!("{} scans {right} only", self.name()));
        }
        if self.on_hit == OnHit::Redact && !REDACTING.contains(&self.name()) {
            let able = REDACTING.join(", ");
            return Err(format!("`on_hit: redact` is only for scanners that replace all they find: {able}"));
        }
        Ok(Built::Scanner(match self.params.clone() {
            Params::Anonymize(params) => {
                Arc::new(Anonymize::new(params, models.names.clone()).map_err(text)?.compat(compat))
            }
            Params::BanCode(mut params) => {
                if side == Side::Output {
                    params.threshold.get_or_insert(Threshold::BAN_CODE_OUTPUT);
                }
                Arc::new(BanCode::new(params, models.code.clone()))
            }
            Params::BanCompetitors(params) => Arc::new(BanCompetitors::new(&params).map_err(text)?),
            Params::BanSubstrings(params) => Arc::new(BanSubstrings::new(params).map_err(text)?),
            Params::Code(params) => Arc::new(Code::new(params, models.code_language.clone()).map_err(text)?),
            Params::Deanonymize(params) => Arc::new(Deanonymize::new(params.matching_strategy)),
            Params::Gibberish(mut params) => {
                if side == Side::Output {
                    params.threshold.get_or_insert(Threshold::GIBBERISH_OUTPUT);
                }
                Arc::new(Gibberish::new(params, models.gibberish.clone()))
            }
            Params::InvisibleText => Arc::new(InvisibleText),
            Params::Language(mut params) => {
                if side == Side::Output {
                    params.threshold.get_or_insert(Threshold::LANGUAGE_OUTPUT);
                }
                Arc::new(Language::new(&params, models.language.clone()).map_err(text)?)
            }
            Params::LanguageSame(params) => Arc::new(LanguageSame::new(params, models.language.clone())),
            Params::MaliciousUrls(params) => Arc::new(MaliciousUrls::new(params)),
            Params::NoRefusal(params) => Arc::new(NoRefusal::new(params, models.refusal.clone())),
            Params::Json(params) => Arc::new(Json::new(params)),
            Params::NoRefusalLight => Arc::new(NoRefusalLight::new().map_err(text)?),
            Params::PromptInjection(params) => {
                Arc::new(PromptInjection::new(params, models.prompt_injection.clone()))
            }
            Params::ReadingTime(params) => Arc::new(ReadingTime::new(params).map_err(text)?),
            Params::Regex(mut params) => {
                if side == Side::Output {
                    params.match_type.get_or_insert(RegexMatch::Search);
                }
                Arc::new(Regex::new(params).map_err(text)?)
            }
            Params::Secrets(params) => {
                let mut secrets = Secrets::new(params.redact_mode).map_err(text)?;
                if params.show_identifiers {
                    secrets = secrets.show_identifiers().map_err(text)?;
                }
                Arc::new(secrets.show_placeholders(params.show_placeholders).compat(compat))
            }
            Params::Sensitive(params) => {
                Arc::new(Sensitive::new(params, models.names.clone()).map_err(text)?.compat(compat))
            }
            Params::Sentiment(mut params) => {
                if side == Side::Output {
                    params.threshold.get_or_insert(SentimentThreshold::OUTPUT);
                }
                Arc::new(Sentiment::new(params))
            }
            Params::TokenLimit(params) => Arc::new(TokenLimit::new(&params).map_err(text)?.compat(compat)),
            Params::Toxicity(mut params) => {
                if side == Side::Output {
                    params.threshold.get_or_insert(Threshold::TOXICITY_OUTPUT);
                }
                Arc::new(Toxicity::new(params, models.toxicity.clone()))
            }
            Params::UrlReachability(params) => {
                if !self.allow_network {
                    return Ok(Built::Unavailable(NETWORK_NOT_ALLOWED));
                }
                let Some(urls) = models.urls.clone() else { return Ok(Built::Unavailable(NO_NETWORK)) };
                Arc::new(UrlReachability::new(params, urls).map_err(text)?)
            }
            Params::Waiting(_) => return Ok(Built::Unavailable(WAITS)),
        }))
    }
}

fn text(error: impl std::error::Error) -> String {
    error.to_string()
}

/// Reads `params` for the scanner `name`; `None` where the file gives none.
fn read_params<'de, A: MapAccess<'de>>(
    name: &str,
    map: &mut ParamsAccess<'_, A>,
) -> Result<Params, A::Error> {
    Ok(match name {
        "Anonymize" => Params::Anonymize(optional(map)?),
        "BanCode" => Params::BanCode(optional(map)?),
        "BanCompetitors" => Params::BanCompetitors(map.next_value()?),
        "BanSubstrings" => Params::BanSubstrings(map.next_value()?),
        "Code" => Params::Code(map.next_value()?),
        "Deanonymize" => Params::Deanonymize(optional(map)?),
        "Gibberish" => Params::Gibberish(optional(map)?),
        "InvisibleText" => {
            map.next_value::<Option<NoParams>>()?;
            Params::InvisibleText
        }
        "Language" => Params::Language(map.next_value()?),
        "LanguageSame" => Params::LanguageSame(optional(map)?),
        "MaliciousURLs" => Params::MaliciousUrls(optional(map)?),
        "NoRefusal" => Params::NoRefusal(optional(map)?),
        "JSON" => Params::Json(optional(map)?),
        "NoRefusalLight" => {
            map.next_value::<Option<NoParams>>()?;
            Params::NoRefusalLight
        }
        "PromptInjection" => Params::PromptInjection(optional(map)?),
        "ReadingTime" => Params::ReadingTime(map.next_value()?),
        "Regex" => Params::Regex(map.next_value()?),
        "Secrets" => Params::Secrets(optional(map)?),
        "Sensitive" => Params::Sensitive(optional(map)?),
        "Sentiment" => Params::Sentiment(optional(map)?),
        "TokenLimit" => Params::TokenLimit(optional(map)?),
        "URLReachability" => Params::UrlReachability(optional(map)?),
        _ => match waiting(name) {
            Some(name) => {
                map.next_value::<IgnoredAny>()?;
                Params::Waiting(name)
            }
            None => Params::Toxicity(optional(map)?),
        },
    })
}

fn waiting(name: &str) -> Option<&'static str> {
    WAITING.into_iter().find(|waiting| *waiting == name)
}

/// A value that may be null.
fn optional<'de, A: MapAccess<'de>, P: Deserialize<'de> + Default>(
    map: &mut ParamsAccess<'_, A>,
) -> Result<P, A::Error> {
    Ok(map.next_optional()?.unwrap_or_default())
}

fn default_params<E: Error>(name: &str) -> Result<Params, E> {
    Ok(match name {
        "Anonymize" => Params::Anonymize(AnonymizeParams::default()),
        "Deanonymize" => Params::Deanonymize(DeanonymizeParams::default()),
        "BanCode" => Params::BanCode(BanCodeParams::default()),
        "BanCompetitors" => return Err(E::custom("BanCompetitors needs `params: {competitors: [...]}`")),
        "BanSubstrings" => return Err(E::custom("BanSubstrings needs `params: {substrings: [...]}`")),
        "Code" => return Err(E::custom("Code needs `params: {languages: [...]}`")),
        "Gibberish" => Params::Gibberish(GibberishParams::default()),
        "InvisibleText" => Params::InvisibleText,
        "Language" => return Err(E::custom("Language needs `params: {valid_languages: [...]}`")),
        "LanguageSame" => Params::LanguageSame(LanguageSameParams::default()),
        "MaliciousURLs" => Params::MaliciousUrls(MaliciousUrlsParams::default()),
        "NoRefusal" => Params::NoRefusal(NoRefusalParams::default()),
        "JSON" => Params::Json(JsonParams::default()),
        "NoRefusalLight" => Params::NoRefusalLight,
        "PromptInjection" => Params::PromptInjection(PromptInjectionParams::default()),
        "ReadingTime" => return Err(E::custom("ReadingTime needs `params: {max_time: MINUTES}`")),
        "Regex" => return Err(E::custom("Regex needs `params: {patterns: [...]}`")),
        "Secrets" => Params::Secrets(SecretsParams::default()),
        "Sensitive" => Params::Sensitive(SensitiveParams::default()),
        "Sentiment" => Params::Sentiment(SentimentParams::default()),
        "TokenLimit" => Params::TokenLimit(TokenLimitParams::default()),
        "URLReachability" => Params::UrlReachability(UrlReachabilityParams::default()),
        _ => waiting(name).map_or_else(|| Params::Toxicity(ToxicityParams::default()), Params::Waiting),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoParams {}

/// llm-guard's parameters of `Secrets`, and whether placeholders and identifiers are findings too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SecretsParams {
    redact_mode: RedactMode,
    show_placeholders: bool,
    show_identifiers: bool,
}

/// The name of a scanner that exists.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if NAMES.contains(&name.as_str()) || waiting(&name).is_some() {
            return Ok(Self(name));
        }
        let have = NAMES.join(", ");
        let hint = nearest(&name, NAMES.into_iter())
            .map_or_else(String::new, |nearest| format!("did you mean `{nearest}`? "));
        Err(D::Error::custom(format!("no scanner is called `{name}`; {hint}this version has {have}")))
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a scanner: `type`, then `params`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
        const KEYS: &[&str] = &["type", "params", "dangerously_allow_on_error", "on_hit", "allow_network"];
        let mut name: Option<Name> = None;
        let mut params = None;
        let mut on_error = OnError::Refuse;
        let mut on_hit = OnHit::Refuse;
        let mut allow_network = false;
        let mut without_effect = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            match (key.as_str(), &name) {
                ("type", None) => name = Some(map.next_value()?),
                ("type", Some(_)) => return Err(A::Error::duplicate_field("type")),
                ("params", None) => return Err(A::Error::custom("`type` must stand before `params`")),
                ("params", Some(Name(name))) => {
                    let mut access = ParamsAccess::new(name, &mut map);
                    params = Some(read_params(name, &mut access)?);
                    without_effect = access.without_effect;
                }
                ("dangerously_allow_on_error", _) => {
                    on_error = if map.next_value()? { OnError::DangerouslyAllow } else { OnError::Refuse };
                }
                ("on_hit", _) => on_hit = map.next_value()?,
                ("allow_network", Some(Name(name))) if name == UrlReachability::NAME => {
                    allow_network = map.next_value()?;
                }
                ("allow_network", _) => {
                    return Err(A::Error::custom(
                        "`allow_network` stands behind `type: URLReachability` only; no other scanner goes there",
                    ));
                }
                _ => return Err(A::Error::unknown_field(&key, KEYS)),
            }
        }
        let Some(Name(name)) = name else { return Err(A::Error::missing_field("type")) };
        let params = params.map_or_else(|| default_params(&name), Ok)?;
        Ok(Entry { params, on_error, on_hit, allow_network, without_effect })
    }
}
