//! Load tester and honest benchmark of LLM Shield: closed and open loop, claims, reports, capacity model.

pub mod accounting;
pub mod capacity;
pub mod cli_load;
pub mod client;
pub mod cores;
pub mod interrupt;
pub mod ledger;
pub mod random;
pub mod row;
pub mod schedule;
pub mod server_process;
pub mod suite;
pub mod target;
pub mod workload;
pub mod wrk;
