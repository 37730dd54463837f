//! The server from outside: the router in process, and real sockets where time, limits and endings matter.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says no by panicking")]

mod batch;
mod conversations;
mod errors;
mod llm_guard;
mod metrics;
mod moderations;
mod openapi;
mod policies;
mod routes;
mod setup;
mod sockets;
mod telemetry;
