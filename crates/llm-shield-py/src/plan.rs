//! The list of scanners that a program passes in, sorted into native ones and others.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyString};

use crate::chain::Native;
use crate::params::Side;
use crate::scanner::Scanner;

/// One scanner of the list.
pub(crate) struct Step<'py> {
    /// The name of its class, under which its verdict stands in the results.
    pub(crate) name: Bound<'py, PyString>,
    /// What becomes of the verdict of an earlier scanner of the same name.
    pub(crate) earlier: Earlier,
    pub(crate) how: How<'py>,
}

/// What becomes of the verdict of an earlier scanner of the same name, when a later one has decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// There is none.
    Absent,
    /// The worse of the two stands.
    Counts,
    /// The later one stands, as in llm-guard: a refusal can vanish.
    Vanishes,
}

/// How it runs.
pub(crate) enum How<'py> {
    /// Without the interpreter.
    Native(Arc<Native>),
    /// Through its `scan`.
    Python(Bound<'py, PyAny>),
}

/// Reads the list.
pub(crate) fn plan<'py>(scanners: &Bound<'py, PyAny>, side: Side) -> PyResult<Vec<Step<'py>>> {
    let mut steps: Vec<Step<'py>> = Vec::with_capacity(scanners.len()?);
    for scanner in scanners.try_iter()? {
        let scanner = scanner?;
        let name = scanner.get_type().name()?;
        let how = match native(&scanner, side)? {
            Some(native) => How::Native(native),
            None => How::Python(scanner),
        };
        let mut earlier = Earlier::Absent;
        for step in &steps {
            if step.name.is(&name) || step.name.as_any().eq(&name)? {
                let exact = std::env::var_os("LLM_SHIELD_COMPAT").is_some_and(|compat| compat == "exact");
                earlier = if exact { Earlier::Vanishes } else { Earlier::Counts };
            }
        }
        steps.push(Step { name, earlier, how });
    }
    Ok(steps)
}

/// The native scanner behind the object, unless a subclass or a test has put a `scan` of its own in its place.
fn native(scanner: &Bound<'_, PyAny>, side: Side) -> PyResult<Option<Arc<Native>>> {
    let Ok(base) = scanner.cast::<Scanner>() else { return Ok(None) };
    let base = base.get();
    if base.side != side {
        return Ok(None);
    }
    let ours = scanner.getattr(pyo3::intern!(scanner.py(), "scan"))?.is_instance_of::<PyCFunction>();
    if ours { base.native().cloned().map(Some) } else { Ok(None) }
}

/// The native scanners from `steps` on, up to the first that is not.
pub(crate) fn native_run(steps: &[Step<'_>]) -> Vec<Arc<Native>> {
    let native = |step: &Step<'_>| match &step.how {
        How::Native(native) => Some(Arc::clone(native)),
        How::Python(_) => None,
    };
    steps.iter().map_while(native).collect()
}
