//! JSON objects in a text: where they stand, whether Python's `json` would read them, and how a broken one is mended.
//!
//! All three agree with what llm-guard uses (`regex`, `json`, `json_repair` 0.44.1), but in time linear in the text,
//! but for a logarithm, and with a bound on the nesting.

mod candidates;
mod repair;
mod validity;
mod value;

pub(crate) use candidates::candidates;
pub(crate) use repair::repair;
pub(crate) use validity::is_valid;

/// How deep objects and arrays may lie in each other. Python's `json` gives up at about 990 levels and `json_repair` at
/// about 490, both with an exception that ends llm-guard's scan.
const DEPTH_MAX: usize = 400;
