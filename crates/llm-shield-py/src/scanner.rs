//! The base classes of all scanners that run natively.

use std::sync::{Arc, OnceLock};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::chain::{self, Native};
use crate::evaluate::Triple;
use crate::params::{self, Side};
use crate::vault::Vault;

/// What both kinds of scanner are: nothing until Python's `__init__` has built it, then unchangeable.
#[pyclass(subclass, frozen, module = "llm_shield._native")]
pub(crate) struct Scanner {
    pub(crate) side: Side,
    native: OnceLock<Arc<Native>>,
}

impl Scanner {
    fn unbuilt(side: Side) -> Self {
        Self { side, native: OnceLock::new() }
    }

    /// The scanner behind the Python object.
    pub(crate) fn native(&self) -> PyResult<&Arc<Native>> {
        self.native.get().ok_or_else(|| {
            PyRuntimeError::new_err("the scanner is not built: call `super().__init__(...)` in `__init__`")
        })
    }
}

#[pymethods]
impl Scanner {
    /// Builds the scanner from its name and parameters, as a policy gives them.
    #[pyo3(signature = (name, params, vault=None, compat="mended"))]
    fn _build(
        &self,
        name: &str,
        params: &Bound<'_, PyDict>,
        vault: Option<Py<Vault>>,
        compat: &str,
    ) -> PyResult<()> {
        let scanner = params::build(self.side, name, params, compat)?;
        let native = Native { name: name.to_owned(), scanner, vault };
        self.native.set(Arc::new(native)).map_err(|_| PyRuntimeError::new_err("the scanner is already built"))
    }

    /// Whether this version of the engine has the scanner; else `scan` raises `ScannerUnavailableError`.
    #[getter]
    fn available(&self) -> PyResult<bool> {
        Ok(self.native()?.scanner.is_ok())
    }
}

/// A scanner of prompts.
#[pyclass(extends = Scanner, subclass, frozen, module = "llm_shield._native")]
pub(crate) struct InputScanner;

#[pymethods]
impl InputScanner {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Scanner::unbuilt(Side::Prompt)).add_subclass(Self)
    }

    /// Scans a prompt: the text as it may go on, whether it may, and the risk from -1 to 1.
    fn scan<'py>(slf: &Bound<'py, Self>, prompt: &Bound<'py, PyAny>) -> PyResult<Triple<'py>> {
        chain::one(slf.py(), slf.as_super().get().native()?, prompt, None)
    }
}

/// A scanner of outputs.
#[pyclass(extends = Scanner, subclass, frozen, module = "llm_shield._native")]
pub(crate) struct OutputScanner;

#[pymethods]
impl OutputScanner {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Scanner::unbuilt(Side::Output)).add_subclass(Self)
    }

    /// Scans the output that answers `prompt`: the text as it may go on, whether it may, and the risk from -1 to 1.
    fn scan<'py>(
        slf: &Bound<'py, Self>,
        prompt: &Bound<'py, PyAny>,
        output: &Bound<'py, PyAny>,
    ) -> PyResult<Triple<'py>> {
        chain::one(slf.py(), slf.as_super().get().native()?, output, Some(prompt))
    }
}
