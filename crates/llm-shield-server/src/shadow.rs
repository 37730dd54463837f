//! A policy that runs beside the live one over the same texts and decides nothing: where the two differ is counted,
//! and the newest differences are kept to be looked at, without the texts.
//!
//! It has one thread of its own and a bounded queue. So it costs live requests a copy of their text and no more; what
//! it cannot keep up with it leaves out and counts.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use llm_shield::{Report, RiskScore, ScanOptions, Vault};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::analyze::{Ask, Look, scan};
use crate::live::{Live, Place, Side};
use crate::request::Analysis;

/// Texts that wait for the shadow at most, and their bytes together.
const WAITING_MAX: usize = 1_024;
const WAITING_BYTES_MAX: usize = 16 << 20;

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

    fn between(live: &Verdict, shadow: &Verdict) -> Option<Self> {
        match (live.is_valid, shadow.is_valid) {
            (true, false) => Some(Self::ShadowRefuses),
            (false, true) => Some(Self::ShadowPasses),
            _ if live.refusing != shadow.refusing => Some(Self::Scanners),
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
    #[serde(skip)]
    refusing: Vec<&'static str>,
    /// A hash of the text that would go on.
    #[serde(skip)]
    sanitized: u64,
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
        let refusing = report.scanners.iter().filter(|scanner| !scanner.is_valid);
        let refusing = refusing.map(|scanner| scanner.name).collect();
        let mut sanitized = DefaultHasher::new();
        report.sanitized.hash(&mut sanitized);
        Self { is_valid: report.is_valid, scanners, refusing, sanitized: sanitized.finish() }
    }
}

/// What has been compared since the start, and the thread that compares.
#[derive(Default)]
pub(crate) struct Shadow {
    counts: Arc<Counts>,
    queue: OnceLock<SyncSender<Job>>,
}

#[derive(Default)]
struct Counts {
    compared: AtomicU64,
    /// Left out: too many were waiting.
    dropped: AtomicU64,
    /// Scans of the shadow that broke down.
    failed: AtomicU64,
    differences: [AtomicU64; Difference::ALL.len()],
    waiting_bytes: AtomicUsize,
    samples: Mutex<VecDeque<Sample>>,
}

#[derive(Serialize)]
struct Listing {
    compared: u64,
    dropped: u64,
    failed: u64,
    differences: ByKind,
    /// The newest first.
    samples: Vec<Sample>,
}

struct ByKind([u64; Difference::ALL.len()]);

impl Serialize for ByKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Difference::ALL.iter().map(|difference| difference.name()).zip(self.0))
    }
}

impl Counts {
    fn by_kind(&self) -> ByKind {
        ByKind(Difference::ALL.map(|kind| self.differences[kind as usize].load(Ordering::Relaxed)))
    }

    /// Scans with the shadow policy and notes where it differs from what the live one said.
    fn compare(&self, job: &Job) {
        let Some((chosen, beside)) = job.live.beside(job.place) else { return };
        let suppress: Vec<&str> = job.text.suppress.iter().map(AsRef::as_ref).collect();
        let options = ScanOptions { suppress: &suppress, feed: job.look.feed };
        let scanned = catch_unwind(AssertUnwindSafe(|| {
            Verdict::of(&scan(chosen, job.look.side, &job.text, &job.vault, options))
        }));
        let Ok(shadow) = scanned else {
            self.failed.fetch_add(1, Ordering::Relaxed);
            return;
        };
        if let Some(difference) = Difference::between(&job.verdict, &shadow) {
            self.differences[difference as usize].fetch_add(1, Ordering::Relaxed);
            self.keep(job, difference, shadow, beside.samples_max);
        }
        self.compared.fetch_add(1, Ordering::Relaxed);
    }

    fn keep(&self, job: &Job, difference: Difference, shadow: Verdict, samples_max: usize) {
        if samples_max == 0 {
            return;
        }
        let (side, text) = match (job.look.side, &job.text.output) {
            (Side::Output, Some(output)) => ("output", output),
            _ => ("input", &job.text.prompt),
        };
        let sample = Sample {
            unix_seconds: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            side,
            difference,
            text_bytes: text.len(),
            live: job.verdict.clone(),
            shadow,
        };
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        while samples.len() >= samples_max {
            samples.pop_front();
        }
        samples.push_back(sample);
    }
}

impl Shadow {
    /// Everything, as JSON.
    pub(crate) fn listing(&self) -> Vec<u8> {
        let counts = &self.counts;
        let samples = counts.samples.lock().unwrap_or_else(PoisonError::into_inner);
        let listing = Listing {
            compared: counts.compared.load(Ordering::Relaxed),
            dropped: counts.dropped.load(Ordering::Relaxed),
            failed: counts.failed.load(Ordering::Relaxed),
            differences: counts.by_kind(),
            samples: samples.iter().rev().cloned().collect(),
        };
        serde_json::to_vec(&listing).unwrap_or_default()
    }

    /// The counters for Prometheus.
    pub(crate) fn exposition(&self) -> String {
        let counts = &self.counts;
        let mut out = String::new();
        for (name, help, count) in [
            ("compared", "Texts that the shadow policy scanned too.", &counts.compared),
            ("dropped", "Texts that the shadow policy was too slow for.", &counts.dropped),
            ("failed", "Texts over which the shadow policy broke down.", &counts.failed),
        ] {
            let name = format!("llm_shield_shadow_{name}_total");
            let count = count.load(Ordering::Relaxed);
            // Writing into a string cannot fail, here and below.
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {count}");
        }
        let name = "llm_shield_shadow_differences_total";
        let help = "Texts that the shadow policy judges otherwise.";
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} counter");
        for (kind, count) in Difference::ALL.iter().zip(counts.by_kind().0) {
            let _ = writeln!(out, "{name}{{difference=\"{}\"}} {count}", kind.name());
        }
        out
    }

    fn submit(&self, job: Job) {
        let bytes = job.bytes();
        let counts = &self.counts;
        let queue = self.queue.get_or_init(|| start(Arc::clone(counts)));
        let before = counts.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > WAITING_BYTES_MAX || queue.try_send(job).is_err() {
            counts.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The queue of a thread that ends with its server. If there is no thread to be had, every text is dropped.
fn start(counts: Arc<Counts>) -> SyncSender<Job> {
    let (sender, receiver): (_, Receiver<Job>) = sync_channel(WAITING_MAX);
    let work = move || {
        for job in receiver {
            counts.compare(&job);
            counts.waiting_bytes.fetch_sub(job.bytes(), Ordering::Relaxed);
        }
    };
    drop(std::thread::Builder::new().name("llm-shield-shadow".to_owned()).spawn(work));
    sender
}

/// A text that the live policy has judged.
struct Job {
    live: Arc<Live>,
    place: Place,
    look: Look,
    text: Analysis<'static>,
    vault: Vault,
    verdict: Verdict,
}

impl Job {
    fn bytes(&self) -> usize {
        let names: usize = self.text.suppress.iter().map(|name| name.len()).sum();
        self.text.prompt.len() + self.text.output.as_ref().map_or(0, |output| output.len()) + names
    }
}

/// The vault as it was before the live policy scanned: the shadow must neither see nor leave anything in the live
/// one. `None` when no policy runs beside the one that the text is for.
pub(crate) fn before(ask: &Ask, vault: &Vault) -> Option<Vault> {
    ask.live.beside(ask.place).map(|_| vault.clone())
}

/// Hands a text that the live policy has judged to the shadow.
pub(crate) fn after(
    shadow: &Shadow,
    ask: &Ask,
    look: Look,
    request: &Analysis<'_>,
    suppress: &[&str],
    vault: Vault,
    report: &Report<'_>,
) {
    let owned = |text: &Cow<'_, str>| Cow::Owned(text.clone().into_owned());
    shadow.submit(Job {
        live: Arc::clone(&ask.live),
        place: ask.place,
        look,
        text: Analysis {
            prompt: owned(&request.prompt),
            output: request.output.as_ref().map(owned),
            suppress: suppress.iter().map(|name| Cow::Owned((*name).to_owned())).collect(),
            vault: None,
            conversation: None,
        },
        vault,
        verdict: Verdict::of(report),
    });
}
