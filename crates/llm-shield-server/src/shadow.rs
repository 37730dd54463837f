//! A policy that runs beside the live one over the same texts and decides nothing: where the two differ is counted,
//! and the newest differences are kept to be looked at, without the texts.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use llm_shield::{Report, RiskScore, ScanOptions, Vault};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::analyze::{Ask, Look, scan};
use crate::app::Shared;
use crate::live::{Beside, Chosen, Side};
use crate::request::Analysis;

/// How the two policies came out on one text, where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Difference {
    /// The live policy lets the text pass, the shadow would refuse it.
    ShadowRefuses,
    /// The live policy refuses the text, the shadow would let it pass.
    ShadowPasses,
    /// The same verdict, from other scanners.
    Scanners,
    /// The same verdicts, but another text would go on.
    Sanitized,
}

impl Difference {
    const ALL: [Self; 4] = [Self::ShadowRefuses, Self::ShadowPasses, Self::Scanners, Self::Sanitized];

    const fn name(self) -> &'static str {
        match self {
            Self::ShadowRefuses => "shadow_refuses",
            Self::ShadowPasses => "shadow_passes",
            Self::Scanners => "scanners",
            Self::Sanitized => "sanitized",
        }
    }

    fn between(live: &Report<'_>, shadow: &Report<'_>) -> Option<Self> {
        let refusing = |report: &Report<'_>| -> Vec<&'static str> {
            let refusing = report.scanners.iter().filter(|scanner| !scanner.is_valid);
            refusing.map(|scanner| scanner.name).collect()
        };
        match (live.is_valid, shadow.is_valid) {
            (true, false) => Some(Self::ShadowRefuses),
            (false, true) => Some(Self::ShadowPasses),
            _ if refusing(live) != refusing(shadow) => Some(Self::Scanners),
            _ if live.sanitized != shadow.sanitized => Some(Self::Sanitized),
            _ => None,
        }
    }
}

/// One difference, without the text.
#[derive(Debug, Clone, Serialize)]
struct Sample {
    unix_seconds: u64,
    side: &'static str,
    difference: Difference,
    text_bytes: usize,
    live: Verdict,
    shadow: Verdict,
}

#[derive(Debug, Clone, Serialize)]
struct Verdict {
    is_valid: bool,
    #[serde(serialize_with = "by_name")]
    scanners: Vec<(&'static str, RiskScore)>,
}

fn by_name<S: Serializer>(scanners: &[(&'static str, RiskScore)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(scanners.len()))?;
    for (name, risk) in scanners {
        map.serialize_entry(name, risk)?;
    }
    map.end()
}

impl Verdict {
    fn of(report: &Report<'_>) -> Self {
        let scanners = report.scanners.iter().map(|scanner| (scanner.name, scanner.risk_score)).collect();
        Self { is_valid: report.is_valid, scanners }
    }
}

/// What has been compared since the start.
#[derive(Default)]
pub(crate) struct Shadow {
    compared: AtomicU64,
    differences: [AtomicU64; Difference::ALL.len()],
    samples: Mutex<VecDeque<Sample>>,
}

#[derive(Serialize)]
struct Listing {
    compared: u64,
    differences: Counts,
    /// The newest first.
    samples: Vec<Sample>,
}

struct Counts([u64; Difference::ALL.len()]);

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Difference::ALL.iter().map(|difference| difference.name()).zip(self.0))
    }
}

impl Shadow {
    fn counts(&self) -> Counts {
        Counts(Difference::ALL.map(|kind| self.differences[kind as usize].load(Ordering::Relaxed)))
    }

    /// Everything, as JSON.
    pub(crate) fn listing(&self) -> Vec<u8> {
        let samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        let samples = samples.iter().rev().cloned().collect();
        let compared = self.compared.load(Ordering::Relaxed);
        serde_json::to_vec(&Listing { compared, differences: self.counts(), samples }).unwrap_or_default()
    }

    /// The counters for Prometheus.
    pub(crate) fn exposition(&self) -> String {
        let mut out = format!(
            "# HELP llm_shield_shadow_compared_total Texts that the shadow policy scanned too.\n\
             # TYPE llm_shield_shadow_compared_total counter\n\
             llm_shield_shadow_compared_total {}\n\
             # HELP llm_shield_shadow_differences_total Texts that the shadow policy judges otherwise.\n\
             # TYPE llm_shield_shadow_differences_total counter\n",
            self.compared.load(Ordering::Relaxed)
        );
        for (kind, count) in Difference::ALL.iter().zip(self.counts().0) {
            // Writing into a string cannot fail.
            let _ = writeln!(
                out,
                "llm_shield_shadow_differences_total{{difference=\"{}\"}} {count}",
                kind.name()
            );
        }
        out
    }
}

/// What must be known before the live policy scans.
pub(crate) struct Before<'a> {
    chosen: Chosen<'a>,
    beside: &'a Beside,
    /// The conversation as it was: the shadow must neither see nor leave anything in the live one.
    vault: Vault,
}

/// Prepares the comparison of a text, if a policy runs beside the one that the text is for.
pub(crate) fn before<'a>(ask: &'a Ask, vault: &Vault) -> Option<Before<'a>> {
    let (chosen, beside) = ask.live.beside(ask.place)?;
    Some(Before { chosen, beside, vault: vault.clone() })
}

impl Before<'_> {
    /// Scans with the shadow policy and notes where it differs from what the live one said.
    pub(crate) fn compare(
        &self,
        shared: &Shared,
        look: Look,
        request: &Analysis<'_>,
        options: ScanOptions<'_>,
        live: &Report<'_>,
    ) {
        let report = scan(self.chosen, look.side, request, &self.vault, options);
        let shadow = &shared.shadow;
        shadow.compared.fetch_add(1, Ordering::Relaxed);
        let Some(difference) = Difference::between(live, &report) else { return };
        shadow.differences[difference as usize].fetch_add(1, Ordering::Relaxed);
        let (side, text) = match look.side {
            Side::Prompt => ("input", &request.prompt),
            Side::Output => ("output", request.output.as_ref().unwrap_or(&request.prompt)),
        };
        let sample = Sample {
            unix_seconds: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            side,
            difference,
            text_bytes: text.len(),
            live: Verdict::of(live),
            shadow: Verdict::of(&report),
        };
        let mut samples = shadow.samples.lock().unwrap_or_else(PoisonError::into_inner);
        while samples.len() >= self.beside.samples_max.max(1) {
            samples.pop_front();
        }
        if self.beside.samples_max > 0 {
            samples.push_back(sample);
        }
    }
}
