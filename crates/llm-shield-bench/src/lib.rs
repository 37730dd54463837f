//! Load tester and honest benchmark of LLM Shield: closed and open loop, claims, reports, capacity model.

pub mod accounting;
pub mod capacity;
pub mod chart;
pub mod check;
pub mod claims;
pub mod cli_load;
pub mod client;
pub mod cores;
pub mod interrupt;
pub mod ledger;
pub mod machine;
pub mod model;
pub mod peer;
pub mod random;
pub mod report;
pub mod row;
pub mod row_csv;
pub mod schedule;
pub mod server_process;
pub mod simulate;
pub mod statistics;
pub mod suite;
pub mod summary;
pub mod target;
pub mod workload;
pub mod wrk;

#[cfg(test)]
mod fixture;
