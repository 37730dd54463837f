//! Load tester and honest benchmark of LLM Shield: closed and open loop, claims, reports, capacity model.

pub mod chart;
pub mod check;
pub mod claims;
pub mod machine;
pub mod model;
pub mod report;
pub mod row;
pub mod row_csv;
pub mod simulate;
pub mod statistics;
pub mod summary;

#[cfg(test)]
mod fixture;
