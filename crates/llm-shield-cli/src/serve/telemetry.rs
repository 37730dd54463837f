//! What the server tells of itself, as options of `serve`; what is not given stays as the configuration has it.

use clap::{Args, ValueEnum};
use llm_shield_server::{LogFormat, LogLevel, TelemetryConfig};

#[derive(Args)]
#[command(next_help_heading = "Telemetry")]
pub(crate) struct TelemetryArgs {
    /// From which weight on log lines go to standard error: debug (every request), info, warning, error, off
    #[arg(long, value_name = "LEVEL", env = "LLM_SHIELD_LOG_LEVEL")]
    log_level: Option<LogLevel>,
    /// Form of the log lines
    #[arg(long, value_name = "FORM", env = "LLM_SHIELD_LOG_FORMAT")]
    log_format: Option<Format>,
    /// Where spans go by OTLP over HTTP, such as <http://collector:4318/v1/traces>
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")]
    otlp_traces: Option<String>,
    /// Where metrics go by OTLP over HTTP, such as <http://collector:4318/v1/metrics>
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")]
    otlp_metrics: Option<String>,
    /// Name of the service in metrics and traces
    #[arg(long, value_name = "NAME", env = "OTEL_SERVICE_NAME")]
    service_name: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One JSON object a line
    Json,
    /// `timestamp level event key=value …`
    Text,
}

impl TelemetryArgs {
    /// `configured` with what the options say otherwise.
    pub(crate) fn over(&self, configured: TelemetryConfig) -> TelemetryConfig {
        let mut config = configured;
        if let Some(level) = self.log_level {
            config.log.level = level;
        }
        if let Some(format) = self.log_format {
            config.log.format = match format {
                Format::Json => LogFormat::Json,
                Format::Text => LogFormat::Text,
            };
        }
        // An empty variable of the environment stands for none.
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        config.traces_endpoint = given(&self.otlp_traces).or(config.traces_endpoint);
        config.metrics_endpoint = given(&self.otlp_metrics).or(config.metrics_endpoint);
        config.service_name = given(&self.service_name).unwrap_or(config.service_name);
        config
    }
}
