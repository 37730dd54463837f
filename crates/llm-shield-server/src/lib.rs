//! HTTP server of LLM Shield: routes, limits, metrics.
