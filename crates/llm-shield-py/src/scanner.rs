//! The base classes of all scanners that run natively.

use std::sync::{Arc, OnceLock};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::chain::{self, Native};
use crate::evaluate::Triple;
use crate::params::{self, Built, Side};
use crate::vault::Vault;

/// What both kinds of scanner are: nothing until Python's `__init__` has built it, then unchangeable.
#[derive(Default)]
pub(crate) struct Core(OnceLock<Arc<Native>>);

impl Core {
    fn build(&self, scanner: Built, name: &str, vault: Option<Py<Vault>>) -> PyResult<()> {
        let native = Native { name: name.to_owned(), scanner, vault };
        self.0.set(Arc::new(native)).map_err(|_| PyRuntimeError::new_err("the scanner is already built"))
    }

    /// The scanner behind the Python object.
    pub(crate) fn native(&self) -> PyResult<&Arc<Native>> {
        self.0.get().ok_or_else(|| {
            PyRuntimeError::new_err("the scanner is not built: call `super().__init__(...)` in `__init__`")
        })
    }
}

/// A scanner of prompts.
#[pyclass(subclass, frozen, module = "llm_shield._native")]
#[derive(Default)]
pub(crate) struct InputScanner {
    pub(crate) core: Core,
}

#[pymethods]
impl InputScanner {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self::default()
    }

    /// Builds the scanner from its name and parameters, as a policy gives them.
    #[pyo3(signature = (name, params, vault=None, compat="mended"))]
    fn _build(
        &self,
        name: &str,
        params: &Bound<'_, PyDict>,
        vault: Option<Py<Vault>>,
        compat: &str,
    ) -> PyResult<()> {
        self.core.build(params::build(Side::Prompt, name, params, compat)?, name, vault)
    }

    /// Whether this version of the engine has the scanner; else `scan` raises `ScannerUnavailableError`.
    #[getter]
    fn available(&self) -> PyResult<bool> {
        Ok(self.core.native()?.scanner.is_ok())
    }

    /// Scans a prompt: the text as it may go on, whether it may, and the risk from -1 to 1.
    fn scan<'py>(&self, py: Python<'py>, prompt: &Bound<'py, PyAny>) -> PyResult<Triple<'py>> {
        chain::one(py, self.core.native()?, prompt, None)
    }
}

/// A scanner of outputs.
#[pyclass(subclass, frozen, module = "llm_shield._native")]
#[derive(Default)]
pub(crate) struct OutputScanner {
    pub(crate) core: Core,
}

#[pymethods]
impl OutputScanner {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self::default()
    }

    /// Builds the scanner from its name and parameters, as a policy gives them.
    #[pyo3(signature = (name, params, vault=None, compat="mended"))]
    fn _build(
        &self,
        name: &str,
        params: &Bound<'_, PyDict>,
        vault: Option<Py<Vault>>,
        compat: &str,
    ) -> PyResult<()> {
        self.core.build(params::build(Side::Output, name, params, compat)?, name, vault)
    }

    /// Whether this version of the engine has the scanner; else `scan` raises `ScannerUnavailableError`.
    #[getter]
    fn available(&self) -> PyResult<bool> {
        Ok(self.core.native()?.scanner.is_ok())
    }

    /// Scans the output that answers `prompt`: the text as it may go on, whether it may, and the risk from -1 to 1.
    fn scan<'py>(
        &self,
        py: Python<'py>,
        prompt: &Bound<'py, PyAny>,
        output: &Bound<'py, PyAny>,
    ) -> PyResult<Triple<'py>> {
        chain::one(py, self.core.native()?, output, Some(prompt))
    }
}
