//! The file as it stands: the sections of the server, and the policy.

use std::fmt;
use std::time::Duration;

use llm_shield::{Compat, OnUnavailable, Policy, PolicyError, ScannerList, Switch};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, Unexpected, Visitor};

use super::{Exporter, SettingsError, invalid};
use crate::conversations::ConversationLimits;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    #[serde(default)]
    pub(super) app: AppSection,
    #[serde(default)]
    pub(super) rate_limit: RateLimitSection,
    pub(super) auth: Option<AuthSection>,
    pub(super) cache: Option<CacheSection>,
    #[serde(default)]
    pub(super) tracing: ExporterSection,
    #[serde(default)]
    pub(super) metrics: ExporterSection,
    #[serde(default)]
    pub(super) policies: Vec<PolicySection>,
    pub(super) shadow: Option<ShadowSection>,
    #[serde(default)]
    pub(super) conversations: ConversationsSection,
    // The policy's part of the file.
    #[serde(default)]
    on_unavailable: OnUnavailable,
    #[serde(default)]
    compat: Compat,
    input_scanners: Option<ScannerList>,
    output_scanners: Option<ScannerList>,
}

impl File {
    /// Reads a file whose references to the environment are expanded.
    pub(crate) fn read(yaml: &str) -> Result<Self, PolicyError> {
        llm_shield::read_yaml(yaml)
    }

    pub(super) fn lists_no_scanner(&self) -> bool {
        self.input_scanners.is_none() && self.output_scanners.is_none()
    }

    /// The policy that the file's own lists make.
    pub(crate) fn policy(&self) -> Policy {
        let [input, output] =
            [&self.input_scanners, &self.output_scanners].map(|list| list.clone().unwrap_or_default());
        Policy::new(input, output)
            .with_scan_fail_fast(self.app.scan_fail_fast)
            .with_on_unavailable(self.on_unavailable)
            .with_compat(self.compat)
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AppSection {
    pub(super) name: Option<String>,
    pub(super) log_level: Option<String>,
    pub(super) log_json: Switch,
    pub(super) scan_prompt_timeout: Option<Whole>,
    pub(super) scan_output_timeout: Option<Whole>,
    pub(super) lazy_load: Switch,
    pub(super) is_valid_in_errors: Switch,
    pub(super) cors_origins: Option<Vec<String>>,
    scan_fail_fast: Switch,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RateLimitSection {
    pub(super) enabled: Switch,
    pub(super) limit: Option<String>,
    pub(super) proxies: Option<Whole>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthSection {
    #[serde(rename = "type")]
    pub(super) kind: AuthType,
    pub(super) token: Option<String>,
    pub(super) username: Option<String>,
    pub(super) password: Option<String>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum AuthType {
    HttpBearer,
    HttpBasic,
}

/// Of llm-guard's servers before 0.3.10; later ones ignore it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CacheSection {
    #[serde(default, rename = "max_size")]
    _max_size: IgnoredAny,
    #[serde(default, rename = "ttl")]
    _ttl: IgnoredAny,
}

impl CacheSection {
    #[expect(clippy::unused_self, reason = "that the section is there is all that it says")]
    pub(super) fn note(&self, warnings: &mut Vec<String>) {
        warnings
            .push("the section `cache` has no effect, as in llm-guard: results are not cached".to_owned());
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ExporterSection {
    exporter: Option<String>,
    endpoint: Option<String>,
}

impl ExporterSection {
    pub(super) fn checked(self, section: &str, known: &[&str]) -> Result<Exporter, SettingsError> {
        let filled = |value: Option<String>| value.filter(|value| !value.is_empty());
        let exporter = filled(self.exporter);
        if let Some(exporter) = exporter.as_deref().filter(|exporter| !known.contains(exporter)) {
            let known = known.join(", ");
            return Err(invalid(format!("{section}.exporter: `{exporter}` is none of {known}")));
        }
        Ok(Exporter { exporter, endpoint: filled(self.endpoint) })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicySection {
    pub(super) name: String,
    #[serde(default)]
    pub(super) tokens: Vec<String>,
    pub(super) policy: Policy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShadowSection {
    pub(super) policy: String,
    pub(super) samples: Option<Whole>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConversationsSection {
    expire_after: Option<Whole>,
    count_max: Option<Whole>,
    pairs_max: Option<Whole>,
    bytes_max: Option<Whole>,
}

impl ConversationsSection {
    pub(super) fn limits(self) -> Result<ConversationLimits, SettingsError> {
        let defaults = ConversationLimits::default();
        let within = |name: &str, value: Option<Whole>, otherwise: u64, max: u64| match value {
            None => Ok(otherwise),
            Some(Whole(value)) if (1..=max).contains(&value) => Ok(value),
            Some(Whole(value)) => {
                Err(invalid(format!("conversations.{name}: {value}; it must be 1 to {max}")))
            }
        };
        let (expire_after, month) = (defaults.expire_after.as_secs(), 31 * 24 * 3600);
        let expire_after = within("expire_after", self.expire_after, expire_after, month)?;
        let count = within("count_max", self.count_max, defaults.count_max as u64, 1_000_000)?;
        let pairs = within("pairs_max", self.pairs_max, defaults.pairs_max as u64, 10_000)?;
        let bytes = within("bytes_max", self.bytes_max, defaults.bytes_max as u64, 4 << 20)?;
        Ok(ConversationLimits {
            expire_after: Duration::from_secs(expire_after),
            count_max: count as usize,
            pairs_max: pairs as usize,
            bytes_max: bytes as usize,
        })
    }
}

/// A whole number, quoted or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Whole(pub(super) u64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}

struct WholeVisitor;

impl Visitor<'_> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a whole number from 0")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Whole, E> {
        Ok(Whole(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Whole, E> {
        u64::try_from(value).map(Whole).map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Whole, E> {
        value.trim().parse().map(Whole).map_err(|_| E::invalid_value(Unexpected::Str(value), &self))
    }
}
