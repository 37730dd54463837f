//! Load tester and honest benchmark of LLM Shield: closed and open loop, claims, reports, capacity model.

pub mod check;
pub mod claims;
pub mod model;
pub mod row;
pub mod row_csv;
pub mod statistics;

#[cfg(test)]
mod fixture;
