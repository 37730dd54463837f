//! The `llm-shield` command.

fn main() {}
