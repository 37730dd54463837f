//! HTTP server of LLM Shield: routes, limits, metrics.
//!
//! [`app`] is the router alone, to be called in process; [`Server`] is the router behind real connections, with
//! a limit on everything that a client can make it hold; [`run_blocking`] is a whole process: runtime, port,
//! signals. The server knows nothing of what a scanner does inside: it is handed [`Guards`].
//!
//! Invariants: no text of a request reaches a log, a metric or an error message; nothing is queued without a
//! bound; a body short enough to be scanned in well under a millisecond is scanned on the connection's own
//! task, and any longer one on the blocking pool, so that the reactor never waits.

mod about;
mod admission;
mod analyze;
mod answer;
mod app;
mod auth;
mod batch;
mod body;
mod config;
mod connection;
mod conversations;
mod cors;
mod error;
mod gate;
mod guards;
mod live;
mod metrics;
mod moderation;
mod openapi;
mod pool;
mod rate_limit;
mod request;
mod run;
mod serve;
mod settings;
mod shadow;
mod shared;
mod telemetry;

pub use app::app;
pub use config::{Echo, Limits, ServerConfig};
pub use error::{ApiError, AuthFault, Detail, DetailContext, Fault, JsonKind, Step};
pub use guards::{Guards, GuardsError};
pub use live::{Configuration, ConfigurationError, Live};
pub use moderation::ModerationFault;
pub use request::{Analysis, ScanRequest, Wanted, parse_analysis, parse_scan_request};
pub use run::{RunError, run_blocking, run_configured};
pub use serve::Server;
pub use settings::{Exporter, Settings, SettingsError};
pub use telemetry::{LogConfig, LogFormat, LogLevel, TelemetryConfig, TelemetryError, UnknownLogLevel};
