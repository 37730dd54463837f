//! The native part of the Python package `llm_shield`: scanners, vaults and the loops over texts.
//!
//! Everything that Python programs see (signatures, enums, error texts of llm-guard) is written in Python, in
//! `python/llm_shield`. Here a scanner is a name and parameters, as in a policy; a list of scanners becomes a plan; and
//! the plan runs over one text, a list of texts or a column, without the interpreter's lock.

mod batch;
mod chain;
mod columns;
mod evaluate;
mod parallel;
mod params;
mod plan;
mod scanner;
mod vault;

/// `llm_shield._native`.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use super::batch::{scan_output_batch, scan_prompt_batch};
    #[pymodule_export]
    use super::columns::{scan_column, scans_columns};
    #[pymodule_export]
    use super::evaluate::{scan_output, scan_prompt};
    #[pymodule_export]
    use super::scanner::{InputScanner, OutputScanner, Scanner};
    #[pymodule_export]
    use super::vault::Vault;
}
