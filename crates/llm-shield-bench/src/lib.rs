//! Load tester and honest benchmark of LLM Shield: closed and open loop, claims, reports, capacity model.

pub mod accounting;
pub mod client;
pub mod cores;
pub mod ledger;
pub mod random;
pub mod row;
pub mod schedule;
pub mod target;
pub mod workload;
