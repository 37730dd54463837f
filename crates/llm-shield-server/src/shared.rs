//! What all requests share; it outlives every configuration.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use crate::admission::Admission;
use crate::config::{Limits, ServerConfig};
use crate::conversations::Conversations;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::rate_limit::Windows;
use crate::shadow::Shadow;
use crate::telemetry::Telemetry;

/// What all requests share.
pub(crate) struct Shared {
    /// Read on each request, swapped whole by a reload.
    pub(crate) live: ArcSwap<Live>,
    /// Tells that `live` was swapped.
    pub(crate) swapped: Notify,
    pub(crate) windows: Windows,
    pub(crate) conversations: Conversations,
    pub(crate) shadow: Shadow,
    pub(crate) reloads: Reloads,
    pub(crate) limits: Limits,
    pub(crate) admission: Admission,
    pub(crate) metrics: Metrics,
    pub(crate) telemetry: Telemetry,
}

impl Shared {
    pub(crate) fn new(live: impl Into<Live>, config: &ServerConfig) -> Arc<Self> {
        let limits = config.limits.clone();
        let admission = Admission::new(&limits);
        let telemetry = Telemetry::new(config.telemetry.clone());
        Arc::new(Self {
            live: ArcSwap::from_pointee(live.into()),
            swapped: Notify::new(),
            windows: Windows::default(),
            conversations: Conversations::default(),
            shadow: Shadow::default(),
            reloads: Reloads::default(),
            limits,
            admission,
            metrics: Metrics::new(),
            telemetry,
        })
    }

    /// Puts another configuration in the place of the one that serves; requests under way end with theirs.
    pub(crate) fn swap(&self, live: Live) {
        self.live.store(Arc::new(live));
        self.swapped.notify_waiters();
    }
}

/// Configurations that were read anew while the server ran.
#[derive(Default)]
pub(crate) struct Reloads {
    /// Put in place.
    pub(crate) renewed: AtomicU64,
    /// Refused, so that the old one stayed.
    pub(crate) kept: AtomicU64,
}

impl Reloads {
    pub(crate) fn exposition(&self) -> String {
        format!(
            "# HELP llm_shield_reloads_total Configurations read anew, by what came of them.\n\
             # TYPE llm_shield_reloads_total counter\n\
             llm_shield_reloads_total{{outcome=\"renewed\"}} {}\n\
             llm_shield_reloads_total{{outcome=\"kept\"}} {}\n",
            self.renewed.load(Ordering::Relaxed),
            self.kept.load(Ordering::Relaxed)
        )
    }
}
