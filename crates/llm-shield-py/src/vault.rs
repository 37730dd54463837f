//! llm-guard's vault is a Python list that everybody may change; the engine's is its own. This keeps them equal.

use std::sync::Mutex;

use llm_shield::{Pair, VaultError};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyDict, PyList, PyTuple};

use crate::chain::ScanError;

/// What the Python class `llm_shield.vault.Vault` builds on; its list is the attribute `_tuples`.
#[pyclass(subclass, frozen, module = "llm_shield._native")]
#[derive(Default)]
pub(crate) struct Vault {
    held: Mutex<Held>,
}

/// The engine's vault, and the list as it was when both were last equal.
#[derive(Default)]
struct Held {
    vault: llm_shield::Vault,
    seen: Option<Py<PyList>>,
}

#[pymethods]
impl Vault {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self::default()
    }
}

/// Calls `work` with the engine's vault, which holds what the list holds; afterwards the list holds what the vault
/// does. Scans with one vault take turns, so that two never number two values alike.
pub(crate) fn with<T: Send>(
    this: &Py<Vault>,
    work: impl FnOnce(&llm_shield::Vault) -> T + Send,
) -> PyResult<T> {
    Python::attach(|py| {
        let this = this.bind(py);
        // A thread that panicked has left both sides as they were after some whole pair.
        let mut held =
            this.get().held.lock_py_attached(py).unwrap_or_else(std::sync::PoisonError::into_inner);
        let live = this.getattr("_tuples")?;
        let live =
            live.cast::<PyList>().map_err(|_| PyTypeError::new_err("a vault's tuples must be a list"))?;
        held.pull(live)?;
        let before = held.vault.len();
        let vault = &held.vault;
        let done = py.detach(|| work(vault));
        if held.vault.len() > before {
            let seen = held.seen.as_ref().map(|seen| seen.bind(py));
            for Pair { placeholder, original } in held.vault.get().into_iter().skip(before) {
                let pair = (placeholder, original).into_pyobject(py)?;
                live.append(&pair)?;
                // Not the list as it is now: somebody may have changed it meanwhile.
                seen.map(|seen| seen.append(&pair)).transpose()?;
            }
        }
        Ok(done)
    })
}

impl Held {
    /// Takes over what others did to the list.
    fn pull(&mut self, live: &Bound<'_, PyList>) -> PyResult<()> {
        let mut known = 0;
        // What ends with an error below is read anew the next time.
        if let Some(seen) = self.seen.take() {
            let same = seen.bind(live.py());
            if live.eq(same)? {
                self.seen = Some(seen);
                return Ok(());
            }
            if live.len() > same.len() && live.get_slice(0, same.len()).eq(same)? {
                known = same.len();
            }
        }
        if known == 0 {
            // Something was taken out or changed: only the list knows what still counts.
            self.vault = llm_shield::Vault::new();
        }
        for (index, pair) in live.iter().enumerate().skip(known) {
            let (placeholder, original): (String, String) = pair.extract().map_err(|_| {
                PyTypeError::new_err(format!("entry {index} of the vault is not a pair of two strings"))
            })?;
            match self.vault.append(Pair::new(placeholder, original)) {
                // Whoever restores in the order of the list puts back the first.
                Ok(()) | Err(VaultError::Taken) => {}
                Err(VaultError::Empty) => {
                    return Err(PyValueError::new_err(format!(
                        "entry {index} of the vault has an empty placeholder"
                    )));
                }
                Err(error) => return Err(ScanError::new_err(error.to_string())),
            }
        }
        self.seen = Some(live.get_slice(0, live.len()).unbind());
        Ok(())
    }
}
