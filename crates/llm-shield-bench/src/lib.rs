//! Load tester and honest benchmark of LLM Shield: closed and open loop, claims, reports, capacity model.

pub mod row;
