//! What the server decides by at one moment: the shields, who may use which, and the settings of the file that they
//! came from. Built as a whole, then only read; a reload swaps one whole for another.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::HeaderMap;
use llm_shield::{Classifiers, Policy, Shield};

use crate::auth::Caller;
use crate::error::ApiError;
use crate::guards::{Guards, GuardsError};
use crate::settings::{DEFAULT_POLICY, File, Settings, SettingsError};

/// The header by which a caller chooses a policy.
pub(crate) const POLICY_HEADER: &str = "x-llm-shield-policy";

/// What the server runs with when no file is given: llm-guard's stock settings, from the same variables.
const SETTINGS_WITHOUT_FILE: &str = include_str!("settings/without_file.yml");

/// The shields and settings of one configuration.
pub struct Live {
    /// Behind the routes of the benchmark contract, and the policy that serves who chooses none.
    pub(crate) guards: Guards,
    /// Of the policy that serves who chooses none.
    default: Traits,
    named: Vec<Named>,
    pub(crate) shadow: Option<Beside>,
    pub(crate) settings: Settings,
    pub(crate) stage: Stage,
}

/// How far a start has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Everything is built.
    Ready,
    /// The port is open, the scanners are still being built.
    Loading,
}

/// A policy under a name of its own.
struct Named {
    name: String,
    shield: Shield,
    traits: Traits,
}

/// The policy that runs beside the default one.
pub(crate) struct Beside {
    index: usize,
    pub(crate) samples_max: usize,
}

/// What the server needs to know of a shield.
#[derive(Debug, Clone, Copy, Default)]
struct Traits {
    prompt_waits: bool,
    output_waits: bool,
    restores: bool,
}

impl Traits {
    fn of(shield: &Shield) -> Self {
        let restores = shield.output_scanners().any(|name| name == "Deanonymize")
            && shield.prompt_scanners().any(|name| name == "Anonymize");
        Self { prompt_waits: shield.prompt_waits(), output_waits: shield.output_waits(), restores }
    }
}

/// A policy as it serves one request.
#[derive(Clone, Copy)]
pub(crate) struct Chosen<'l> {
    pub(crate) shield: &'l Shield,
    prompt_waits: bool,
    output_waits: bool,
    /// Whether outputs get back what was taken out of prompts.
    pub(crate) restores: bool,
}

impl Chosen<'_> {
    /// Whether a scan of this side may wait, so that it must not run on a connection's own task.
    pub(crate) const fn waits(&self, side: Side) -> bool {
        match side {
            Side::Prompt => self.prompt_waits,
            Side::Output => self.output_waits,
        }
    }
}

/// A policy's place: among the named ones, or the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Place {
    #[default]
    Default,
    Named(usize),
}

/// A policy file that has been read and checked, not yet built.
pub struct Configuration {
    policy: Policy,
    settings: Settings,
}

/// Why a policy file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// The server's sections are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The scanners are wrong.
    #[error(transparent)]
    Policy(#[from] llm_shield::PolicyError),
    /// The shields cannot be built.
    #[error("{}{source}", policy.as_ref().map(|name| format!("policy `{name}`: ")).unwrap_or_default())]
    Guards {
        /// The named policy that is wrong; `None` for the file's own lists.
        policy: Option<String>,
        /// What is wrong.
        source: GuardsError,
    },
}

impl Configuration {
    /// Reads a policy file, or what stands in for one, with its references to the environment expanded by `lookup`.
    pub fn read(
        yaml: Option<&str>,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigurationError> {
        let yaml = match yaml {
            Some(yaml) => Cow::Borrowed(yaml),
            None => Cow::Owned(without_file(lookup("AUTH_TOKEN").is_some())),
        };
        let expanded = llm_shield::expand_environment(&yaml, lookup)?;
        let file = File::read(&expanded.yaml)?;
        let policy = file.policy();
        let mut settings = Settings::from_file(file)?;
        settings.warnings.extend(expanded.warnings);
        Ok(Self { policy, settings })
    }

    /// The policy of a file alone, for programs that do not serve: of the server's sections only the shape counts.
    pub fn read_policy(
        yaml: &str,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Policy, llm_shield::PolicyError> {
        let expanded = llm_shield::expand_environment(yaml, lookup)?;
        Ok(File::read(&expanded.yaml)?.policy())
    }

    /// The same with each policy changed: the choices of a command line over what the file says.
    #[must_use]
    pub fn map_policies(mut self, change: impl Fn(Policy) -> Policy) -> Self {
        self.policy = change(self.policy);
        let named = std::mem::take(&mut self.settings.policies).into_iter();
        self.settings.policies = named.map(|(name, policy)| (name, change(policy))).collect();
        self
    }

    /// The server's part.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Builds the scanners of every policy.
    pub fn build(mut self, classifiers: &Classifiers) -> Result<Live, ConfigurationError> {
        let guards = Guards::from_policy(&self.policy, classifiers)
            .map_err(|source| ConfigurationError::Guards { policy: None, source })?;
        let build = |(name, policy): (String, Policy)| match policy.shield(classifiers) {
            Ok(shield) => Ok(Named { name, traits: Traits::of(&shield), shield }),
            Err(error) => Err(ConfigurationError::Guards { policy: Some(name), source: error.into() }),
        };
        let policies = std::mem::take(&mut self.settings.policies);
        let named = policies.into_iter().map(build).collect::<Result<Vec<_>, _>>()?;
        Ok(Live::new(guards, named, self.settings))
    }

    /// What serves until [`Configuration::build`] has ended: nothing, but with these settings.
    pub(crate) fn loading(settings: Settings) -> Live {
        let empty = || Shield::new(Vec::new(), Vec::new());
        let guards = Guards { scan: empty(), pipeline: empty(), secrets: empty(), policy: empty() };
        Live { stage: Stage::Loading, ..Live::new(guards, Vec::new(), settings) }
    }
}

impl From<Guards> for Live {
    /// Guards alone, open to everybody.
    fn from(guards: Guards) -> Self {
        Self::new(guards, Vec::new(), Settings::default())
    }
}

impl From<(Guards, Settings)> for Live {
    /// Guards under settings; policies that the settings name are not built.
    fn from((guards, settings): (Guards, Settings)) -> Self {
        Self::new(guards, Vec::new(), settings)
    }
}

impl Live {
    fn new(guards: Guards, named: Vec<Named>, settings: Settings) -> Self {
        let shadow = settings.shadow.as_ref().and_then(|shadow| {
            let index = named.iter().position(|policy| policy.name == shadow.policy)?;
            Some(Beside { index, samples_max: shadow.samples_max })
        });
        Self { default: Traits::of(&guards.policy), guards, named, shadow, settings, stage: Stage::Ready }
    }

    /// The policy that a caller gets: the one that its token is bound to, or the one that it names.
    pub(crate) fn place(&self, caller: Caller, headers: &HeaderMap) -> Result<Place, ApiError> {
        let bound = caller.policy.map(|index| index as usize);
        let Some(name) = headers.get(POLICY_HEADER) else {
            return Ok(bound.map_or(Place::Default, Place::Named));
        };
        let named = self.named.iter().position(|policy| policy.name.as_bytes() == name.as_bytes());
        match (bound, named) {
            (Some(bound), Some(named)) if bound == named => Ok(Place::Named(bound)),
            // To a bound caller the other policies do not exist.
            (Some(_), _) => Err(ApiError::ForeignPolicy),
            (None, Some(named)) => Ok(Place::Named(named)),
            (None, None) if name == DEFAULT_POLICY => Ok(Place::Default),
            (None, None) => Err(ApiError::UnknownPolicy),
        }
    }

    /// The policy at a place that [`Live::place`] gave.
    pub(crate) fn chosen(&self, place: Place) -> Chosen<'_> {
        let (shield, traits) = match place {
            Place::Named(index) if index < self.named.len() => {
                (&self.named[index].shield, self.named[index].traits)
            }
            _ => (&self.guards.policy, self.default),
        };
        let Traits { prompt_waits, output_waits, restores } = traits;
        Chosen { shield, prompt_waits, output_waits, restores }
    }

    /// The policy beside the one at `place`, if there is one: beside the default alone.
    pub(crate) fn beside(&self, place: Place) -> Option<(Chosen<'_>, &Beside)> {
        let beside = self.shadow.as_ref().filter(|_| place == Place::Default)?;
        Some((self.chosen(Place::Named(beside.index)), beside))
    }

    /// The policies that may be chosen, by name; the default first.
    pub fn shields(&self) -> impl Iterator<Item = (&str, &Shield)> {
        let named = self.named.iter().map(|policy| (policy.name.as_str(), &policy.shield));
        std::iter::once((DEFAULT_POLICY, &self.guards.policy)).chain(named)
    }

    /// What an operator may not expect of this configuration: of its file, and scanners that are not there.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = String> {
        let skipped = self.shields().flat_map(|(name, shield)| {
            shield.unavailable().map(move |skipped| {
                format!("policy `{name}`: {} is skipped: {}", skipped.name, skipped.reason)
            })
        });
        let idle = self.shields().flat_map(|(name, shield)| {
            shield.without_effect().map(move |(scanner, param)| {
                format!("policy `{name}`: {scanner}: `{param}` has no effect: the models are built in")
            })
        });
        self.settings.warnings.iter().cloned().chain(skipped).chain(idle)
    }

    /// What the configuration says of the server.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// The embedded policy under the settings that stand in for a file's. Without a token in the environment everybody
/// may call; a token that is there but empty is refused like any other.
fn without_file(has_token: bool) -> String {
    let auth = if has_token { "auth:\n  type: http_bearer\n  token: ${AUTH_TOKEN}\n" } else { "" };
    format!("{SETTINGS_WITHOUT_FILE}{auth}{}", Policy::embedded_yaml())
}

impl Live {
    /// How long a scan of one side may take.
    pub(crate) fn timeout(&self, side: Side) -> Duration {
        match side {
            Side::Prompt => self.settings.prompt_timeout,
            Side::Output => self.settings.output_timeout,
        }
    }
}

/// Which texts a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Prompt,
    Output,
}
