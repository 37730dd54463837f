//! The server's part of llm-guard's `scanners.yml`, parsed into what cannot be wrong.
//!
//! The sections `app`, `auth`, `rate_limit`, `cache`, `tracing` and `metrics` are llm-guard's; `policies`, `shadow`
//! and `conversations` are ours. The scanners in the same file are read as the engine has them.

mod file;

use std::time::Duration;

use llm_shield::Policy;

use crate::auth::{Auth, Secret, TOKENS_MAX, Token};
use crate::conversations::ConversationLimits;
use crate::cors::Cors;
use crate::rate_limit::RateLimit;
use crate::telemetry::{LogConfig, LogFormat, LogLevel, TelemetryConfig};
pub(crate) use file::File;
use file::{AuthSection, AuthType};

/// The most named policies in one file.
const POLICIES_MAX: usize = 100;

/// What the file says of the server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `app.name`: what `GET /` answers and what telemetry calls the service.
    pub name: String,
    /// `app.log_level`, one of Python's level names.
    pub log_level: String,
    /// `app.log_json`: whether logs are JSON lines.
    pub log_json: bool,
    /// `app.lazy_load`: whether the port opens before the scanners are built.
    pub lazy_load: bool,
    /// `tracing`: where spans go.
    pub tracing: Exporter,
    /// `metrics`: how metrics leave.
    pub metrics: Exporter,
    pub(crate) prompt_timeout: Duration,
    pub(crate) output_timeout: Duration,
    pub(crate) is_valid_in_errors: bool,
    pub(crate) cors: Cors,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) auth: Auth,
    pub(crate) conversations: ConversationLimits,
    pub(crate) policies: Vec<(String, Policy)>,
    pub(crate) shadow: Option<ShadowSettings>,
    /// What a reader of the file may not expect.
    pub warnings: Vec<String>,
}

/// llm-guard's way to say where telemetry goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exporter {
    /// `console`, `otel_http` or `prometheus`; `None` where the file says nothing.
    pub exporter: Option<String>,
    /// A URL; `None` where the file says nothing or the empty text.
    pub endpoint: Option<String>,
}

/// Which policy runs beside the live one, and how many differences are kept to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShadowSettings {
    pub(crate) policy: String,
    pub(crate) samples_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "LLM Guard API".to_owned(),
            log_level: "INFO".to_owned(),
            log_json: false,
            lazy_load: false,
            tracing: Exporter::default(),
            metrics: Exporter::default(),
            // llm-guard's defaults in code.
            prompt_timeout: Duration::from_secs(10),
            output_timeout: Duration::from_secs(30),
            is_valid_in_errors: false,
            cors: Cors::Any,
            rate_limit: None,
            auth: Auth::Open,
            conversations: ConversationLimits::default(),
            policies: Vec::new(),
            shadow: None,
            warnings: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the server's sections of a file whose references to the environment are expanded.
    pub fn from_yaml(yaml: &str) -> Result<Self, SettingsError> {
        Self::from_file(File::read(yaml)?)
    }

    pub(crate) fn from_file(file: File) -> Result<Self, SettingsError> {
        if file.lists_no_scanner() {
            return Err(invalid(
                "neither `input_scanners` nor `output_scanners` is there; an empty list lets everything pass",
            ));
        }
        let mut settings = Self::default();
        settings.take_app(file.app)?;
        settings.tracing = file.tracing.checked("tracing", &["console", "otel_http"])?;
        settings.metrics = file.metrics.checked("metrics", &["console", "otel_http", "prometheus"])?;
        if let Some(cache) = file.cache {
            cache.note(&mut settings.warnings);
        }
        if file.rate_limit.enabled.0 {
            let limit = file.rate_limit.limit.as_deref().unwrap_or("100/minute");
            let proxies = file.rate_limit.proxies.map_or(0, |proxies| proxies.0 as usize);
            settings.rate_limit = Some(RateLimit::parse(limit, proxies).map_err(at("rate_limit.limit"))?);
        }
        settings.conversations = file.conversations.limits()?;
        settings.take_policies(file.policies, file.auth)?;
        if let Some(shadow) = file.shadow {
            if !settings.policies.iter().any(|(name, _)| *name == shadow.policy) {
                return Err(invalid(format!("shadow.policy: no policy is called `{}`", shadow.policy)));
            }
            let samples_max = shadow.samples.map_or(100, |samples| samples.0 as usize);
            if samples_max > 10_000 {
                return Err(invalid("shadow.samples is over 10000"));
            }
            settings.shadow = Some(ShadowSettings { policy: shadow.policy, samples_max });
        }
        Ok(settings)
    }

    /// What the file says of logs, traces and metrics, as the server takes it.
    pub fn telemetry(&self) -> TelemetryConfig {
        let level = match self.log_level.as_str() {
            "FATAL" => LogLevel::Error,
            level => level.parse().unwrap_or(LogLevel::Info),
        };
        let format = if self.log_json { LogFormat::Json } else { LogFormat::Text };
        // Without an endpoint it is OpenTelemetry's own, as in llm-guard.
        let otlp = |exporter: &Exporter, signal: &str| {
            let endpoint = exporter.endpoint.clone();
            let asked = exporter.exporter.as_deref() == Some("otel_http");
            asked.then(|| endpoint.unwrap_or_else(|| format!("http://localhost:4318/v1/{signal}")))
        };
        TelemetryConfig {
            service_name: self.name.clone(),
            log: LogConfig { level, format },
            traces_endpoint: otlp(&self.tracing, "traces"),
            metrics_endpoint: otlp(&self.metrics, "metrics"),
        }
    }

    fn take_app(&mut self, app: file::AppSection) -> Result<(), SettingsError> {
        const LEVELS: [&str; 8] =
            ["CRITICAL", "FATAL", "ERROR", "WARN", "WARNING", "INFO", "DEBUG", "NOTSET"];
        self.name = app.name.unwrap_or_else(|| self.name.clone());
        if let Some(level) = app.log_level {
            if !LEVELS.contains(&level.as_str()) {
                return Err(invalid(format!("app.log_level: `{level}` is none of {}", LEVELS.join(", "))));
            }
            self.log_level = level;
        }
        self.log_json = app.log_json.0;
        self.lazy_load = app.lazy_load.0;
        self.is_valid_in_errors = app.is_valid_in_errors.0;
        let seconds = |name: &str, value: Option<file::Whole>, otherwise: Duration| match value {
            None => Ok(otherwise),
            Some(file::Whole(seconds @ 1..=3600)) => Ok(Duration::from_secs(seconds)),
            Some(file::Whole(seconds)) => {
                Err(invalid(format!("app.{name}: {seconds} seconds; it must be 1 to 3600")))
            }
        };
        self.prompt_timeout = seconds("scan_prompt_timeout", app.scan_prompt_timeout, self.prompt_timeout)?;
        self.output_timeout = seconds("scan_output_timeout", app.scan_output_timeout, self.output_timeout)?;
        if let Some(origins) = app.cors_origins {
            self.cors = Cors::new(origins).map_err(at("app.cors_origins"))?;
        }
        Ok(())
    }

    fn take_policies(
        &mut self,
        policies: Vec<file::PolicySection>,
        auth: Option<AuthSection>,
    ) -> Result<(), SettingsError> {
        if policies.len() > POLICIES_MAX {
            return Err(invalid(format!("{} policies are more than {POLICIES_MAX}", policies.len())));
        }
        let mut bound = Vec::new();
        for (index, section) in (0_u32..).zip(policies) {
            let place = |what: &str| format!("policies[{index}] ({}): {what}", section.name);
            let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if section.name.is_empty() || section.name.len() > 64 || !section.name.bytes().all(sound) {
                return Err(invalid(place("a name is 1 to 64 letters, digits, `-`, `_` and `.`")));
            }
            if section.name == DEFAULT_POLICY || self.policies.iter().any(|(name, _)| *name == section.name) {
                return Err(invalid(place("the name is taken")));
            }
            for token in &section.tokens {
                bound.push((
                    token.clone(),
                    index,
                    place("a token is empty, cannot stand in a header, or is given to two policies"),
                ));
            }
            self.policies.push((section.name, section.policy));
        }
        self.auth = auth_of(auth, bound)?;
        Ok(())
    }
}

/// The name of the policy that the file's own lists make.
pub(crate) const DEFAULT_POLICY: &str = "default";

fn auth_of(section: Option<AuthSection>, bound: Vec<(String, u32, String)>) -> Result<Auth, SettingsError> {
    let needs_bearer = "tokens of policies need `auth: {type: http_bearer}`";
    let Some(section) = section else {
        return if bound.is_empty() { Ok(Auth::Open) } else { Err(invalid(needs_bearer)) };
    };
    match section.kind {
        AuthType::HttpBasic if !bound.is_empty() => Err(invalid(needs_bearer)),
        AuthType::HttpBasic => {
            let part = |name: &str, value: Option<String>| {
                let value = value.filter(|value| !value.is_empty());
                value.ok_or_else(|| {
                    invalid(format!("auth.{name} is empty or missing, which would lock everyone out"))
                })
            };
            let username = part("username", section.username)?;
            if username.contains(':') {
                return Err(invalid(
                    "auth.username holds a colon, which ends a user name in basic authentication",
                ));
            }
            let password = part("password", section.password)?;
            if !(username.is_ascii() && password.is_ascii()) {
                return Err(invalid(
                    "auth.username or auth.password holds a character outside ASCII, which clients encode in more than one way",
                ));
            }
            Ok(Auth::Basic(Secret::new(format!("{username}:{password}").as_bytes())))
        }
        AuthType::HttpBearer => {
            let mut given: Vec<String> = Vec::new();
            let mut tokens = Vec::new();
            match section.token {
                Some(token) if token.is_empty() => return Err(invalid(EMPTY_TOKEN)),
                Some(token) if !fits_a_header(&token) => return Err(invalid(UNFIT_TOKEN)),
                None if bound.is_empty() => return Err(invalid(EMPTY_TOKEN)),
                None => {}
                Some(token) => {
                    tokens.push(Token::new(&token, None));
                    given.push(token);
                }
            }
            for (token, policy, complaint) in bound {
                if token.is_empty() || !fits_a_header(&token) || given.contains(&token) {
                    return Err(invalid(complaint));
                }
                tokens.push(Token::new(&token, Some(policy)));
                given.push(token);
            }
            if tokens.len() > TOKENS_MAX {
                return Err(invalid(format!("{} tokens are more than {TOKENS_MAX}", tokens.len())));
            }
            Ok(Auth::Bearer(tokens))
        }
    }
}

const EMPTY_TOKEN: &str = "auth.token is empty or missing, which would lock everyone out; set it (the stock file \
takes it from AUTH_TOKEN), or leave the section `auth` out for a server that everybody may use";

const UNFIT_TOKEN: &str = "auth.token ends in white space or holds a character that no header carries, so that no \
client could send it; a token is visible ASCII";

/// Whether a token arrives as it was sent: white space at its ends does not.
fn fits_a_header(token: &str) -> bool {
    token.trim() == token && token.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Why the server's sections cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Not YAML, an unknown key or a wrong type.
    #[error(transparent)]
    File(#[from] llm_shield::PolicyError),
    /// A value that cannot be.
    #[error("{0}")]
    Invalid(String),
}

fn invalid(message: impl Into<String>) -> SettingsError {
    SettingsError::Invalid(message.into())
}

fn at(place: &'static str) -> impl Fn(String) -> SettingsError {
    move |message| SettingsError::Invalid(format!("{place}: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<Settings, SettingsError> {
        Settings::from_yaml(&format!("{yaml}\ninput_scanners: []\n"))
    }

    #[test]
    fn llm_guards_sections_are_read_with_their_loose_types() {
        let settings = read(
            "app:\n  name: Ours\n  log_level: WARNING\n  log_json: yes\n  scan_fail_fast: '1'\n  \
             scan_prompt_timeout: '7'\n  scan_output_timeout: 8\n  lazy_load: on\n\
             rate_limit:\n  enabled: true\n  limit: 3 per 5 minutes\n\
             auth:\n  type: http_bearer\n  token: 12345\n\
             cache:\n  max_size: 10\n  ttl: 3600\n\
             tracing:\n  exporter: otel_http\n  endpoint: http://h/v1/traces\n\
             metrics:\n  exporter: prometheus\n  endpoint: \"\"",
        )
        .unwrap();
        assert_eq!((settings.name.as_str(), settings.log_level.as_str()), ("Ours", "WARNING"));
        assert!(settings.log_json && settings.lazy_load);
        assert_eq!(settings.prompt_timeout, Duration::from_secs(7));
        assert_eq!(settings.output_timeout, Duration::from_secs(8));
        assert_eq!(settings.rate_limit, Some(RateLimit::parse("3/5 minutes", 0).unwrap()));
        assert!(matches!(&settings.auth, Auth::Bearer(tokens) if tokens.len() == 1));
        assert_eq!(settings.tracing.endpoint.as_deref(), Some("http://h/v1/traces"));
        assert_eq!(settings.metrics, Exporter { exporter: Some("prometheus".to_owned()), endpoint: None });
        assert!(settings.warnings[0].contains("cache"), "{:?}", settings.warnings);
        let off = read("rate_limit: {enabled: false, limit: nonsense}").unwrap();
        assert_eq!(off.rate_limit, None);
    }

    #[test]
    fn an_exporter_without_an_endpoint_sends_where_opentelemetry_does() {
        let telemetry = |yaml: &str| {
            let telemetry = read(yaml).unwrap().telemetry();
            (telemetry.traces_endpoint, telemetry.metrics_endpoint)
        };
        let local = |signal: &str| Some(format!("http://localhost:4318/v1/{signal}"));
        let both = "tracing: {exporter: otel_http, endpoint: ''}\nmetrics: {exporter: otel_http}";
        assert_eq!(telemetry(both), (local("traces"), local("metrics")));
        let neither = "tracing: {exporter: console, endpoint: 'http://h'}\nmetrics: {endpoint: 'http://h'}";
        assert_eq!(telemetry(neither), (None, None));
    }

    #[test]
    fn what_cannot_be_is_refused_and_named() {
        let check = |yaml: &str, parts: &[&str]| {
            let error = read(yaml).unwrap_err().to_string();
            for part in parts {
                assert!(error.contains(part), "{part:?} not in {error:?}");
            }
        };
        check("app: {nam: x}", &["line 1", "`name`"]);
        check("apps: {}", &["line 1", "`app`"]);
        check("app: {scan_prompt_timeout: soon}", &["line 1", "soon"]);
        check("app: {scan_prompt_timeout: 0}", &["scan_prompt_timeout", "1 to 3600"]);
        check("app: {log_level: debug}", &["`debug`", "DEBUG"]);
        check("app: {log_json: perhaps}", &["line 1", "perhaps"]);
        check("app: {cors_origins: [example.com]}", &["cors_origins", "https://"]);
        check("rate_limit: {enabled: true, limit: often}", &["rate_limit.limit", "`often`"]);
        check("auth: {type: http_bearer}", &["auth.token", "AUTH_TOKEN"]);
        check("auth: {type: http_bearer, token: ''}", &["auth.token", "AUTH_TOKEN"]);
        check("auth: {type: http_bearer, token: \"x\\n\"}", &["auth.token", "white space"]);
        check("auth: {type: http_bearer, token: schlüssel}", &["auth.token", "ASCII"]);
        check("auth: {type: http_basic, username: a, password: schlüssel}", &["auth.password", "ASCII"]);
        check("auth: {type: http_digest, token: x}", &["line 1", "http_bearer"]);
        check("auth: {token: x}", &["type"]);
        check("auth: {type: http_basic, username: a}", &["auth.password"]);
        check("auth: {type: http_basic, username: 'a:b', password: c}", &["colon"]);
        check("tracing: {exporter: xray}", &["tracing.exporter", "otel_http"]);
        check("metrics: {exporter: statsd}", &["metrics.exporter", "prometheus"]);
        check("conversations: {count: 1}", &["line 1", "`count_max`"]);
        check("conversations: {expire_after: 0}", &["conversations.expire_after"]);
        check("shadow: {policy: strict}", &["shadow.policy", "`strict`"]);
        let policy = "policies: [{name: a, policy: {input_scanners: []}}";
        check(&format!("{policy}, {{name: a, policy: {{}}}}]"), &["policies[1] (a)", "taken"]);
        check("policies: [{name: default, policy: {}}]", &["policies[0]", "taken"]);
        check("policies: [{name: a b, policy: {}}]", &["policies[0]", "letters"]);
        check("policies: [{name: a, policy: {input_scanner: []}}]", &["line 1", "`input_scanners`"]);
        check("policies: [{name: a, tokens: [t], policy: {}}]", &["http_bearer"]);
        let bearer = "auth: {type: http_bearer, token: t}\n";
        check(
            &format!("{bearer}policies: [{{name: a, tokens: [t], policy: {{}}}}]"),
            &["policies[0] (a)", "token"],
        );
        check(
            &format!("{bearer}policies: [{{name: a, tokens: [''], policy: {{}}}}]"),
            &["policies[0] (a)", "token"],
        );
        check(
            &format!("{bearer}policies: [{{name: a, tokens: [\" b\"], policy: {{}}}}]"),
            &["policies[0] (a)", "header"],
        );
        check("policies: [{name: a, policy: {auth: {}}}]", &["line 1", "unknown field `auth`"]);
        check("policies: [{name: a, policy: {app: {log_level: INFO}}}]", &["line 1", "`log_level`"]);
        check("app: {scan_fail_fas: true}", &["line 1", "`scan_fail_fast`"]);
        check("on_unavailabl: skip", &["line 1", "`on_unavailable`"]);
        let error = Settings::from_yaml("app: {name: x}").unwrap_err().to_string();
        assert!(error.contains("input_scanners"), "{error}");
    }
}
