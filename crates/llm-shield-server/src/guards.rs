//! The shields behind the routes.

use llm_shield::{Classifiers, Policy, PolicyError, Shield};

/// One shield for each kind of request; built once, then only read.
pub struct Guards {
    /// Behind `/scan`: `BanSubstrings`.
    pub scan: Shield,
    /// Behind `/scan/pipeline`: `BanSubstrings`, `Secrets`, `Toxicity`.
    pub pipeline: Shield,
    /// Behind `/scan/secrets`: `Secrets`.
    pub secrets: Shield,
    /// Behind `/analyze/prompt` and `/analyze/output`: the whole policy.
    pub policy: Shield,
}

/// The shields cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardsError {
    /// The policy cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A route's scanner is in neither the policy nor the embedded default; the route would pass everything.
    #[error("{route} needs the scanner {scanner}, which neither the policy nor the embedded default has")]
    MissingScanner {
        /// The route.
        route: &'static str,
        /// The scanner's name.
        scanner: &'static str,
    },
}

impl Guards {
    /// Builds the four shields from `policy`; the first three use its parameters where it names their scanners,
    /// and those of the embedded default where it does not.
    pub fn from_policy(policy: &Policy, classifiers: &Classifiers) -> Result<Self, GuardsError> {
        let only = |route, names: &[&'static str]| {
            let shield = policy.with_only(names).shield(classifiers)?;
            match names.iter().find(|name| !shield.prompt_scanners().any(|built| built == **name)) {
                Some(scanner) => Err(GuardsError::MissingScanner { route, scanner }),
                None => Ok(shield),
            }
        };
        Ok(Self {
            scan: only("/scan", &["BanSubstrings"])?,
            pipeline: only("/scan/pipeline", &["BanSubstrings", "Secrets", "Toxicity"])?,
            secrets: only("/scan/secrets", &["Secrets"])?,
            policy: policy.shield(classifiers)?,
        })
    }
}
