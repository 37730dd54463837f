//! Native scanners one after the other over one text, each on what the ones before it left.

use std::borrow::Cow;
use std::sync::Arc;

use llm_shield::{Context, Outcome, RiskScore, Text};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::evaluate::Triple;
use crate::params::Built;
use crate::vault::{self, Vault};

pyo3::import_exception!(llm_shield.exception, ScanError);
pyo3::import_exception!(llm_shield.exception, ScannerUnavailableError);

/// A scanner as the loops run it.
pub(crate) struct Native {
    pub(crate) name: String,
    pub(crate) scanner: Built,
    pub(crate) vault: Option<Py<Vault>>,
}

/// What one scanner decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) is_valid: bool,
    pub(crate) risk: f64,
}

/// Whether the first refusal ends a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailFast {
    Off,
    On,
}

impl From<bool> for FailFast {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

/// A text could not be scanned to its end.
pub(crate) enum Failure {
    /// The scanner could not decide.
    Scan { name: String, error: llm_shield::ScanError },
    /// This version has no such scanner.
    Unavailable(String),
    /// Python raised.
    Python(PyErr),
}

impl Failure {
    /// The exception for the text at this place of a list.
    pub(crate) fn at(self, index: usize) -> PyErr {
        match self {
            Self::Scan { name, error } => ScanError::new_err(format!("text {index}: {name}: {error}")),
            Self::Unavailable(_) | Self::Python(_) => self.into(),
        }
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Scan { name, error } => ScanError::new_err(format!("{name}: {error}")),
            Failure::Unavailable(reason) => ScannerUnavailableError::new_err(reason),
            Failure::Python(error) => error,
        }
    }
}

impl Native {
    /// The text is borrowed for writing only so that it may pass to another thread's turn at the interpreter.
    fn scan(
        &self,
        text: &mut Text<'_>,
        prompt: Option<&str>,
        no_vault: &llm_shield::Vault,
    ) -> Result<Outcome, Failure> {
        let scanner = match &self.scanner {
            Ok(scanner) => scanner,
            Err(_) if self.passes_unread(text, prompt) => {
                return Ok(Outcome::pass(RiskScore::NONE));
            }
            Err(reason) => return Err(Failure::Unavailable(reason.clone())),
        };
        let decide = |text: &Text<'_>, vault: &llm_shield::Vault| {
            let context = Context::new(vault);
            scanner.scan_in(text, &prompt.map_or(context, |prompt| context.answering(prompt)))
        };
        let decided = match &self.vault {
            Some(vault) => vault::with(vault, move |vault| decide(text, vault)).map_err(Failure::Python)?,
            None => decide(text, no_vault),
        };
        decided.map_err(|error| Failure::Scan { name: self.name.clone(), error })
    }

    /// Texts that llm-guard's scanner of this name lets pass before it asks its model.
    fn passes_unread(&self, text: &Text<'_>, prompt: Option<&str>) -> bool {
        match self.name.as_str() {
            "FactualConsistency" => prompt.is_none_or(|prompt| Text::new(prompt).is_blank()),
            "BanCompetitors" => false,
            _ => text.is_blank(),
        }
    }
}

/// Runs `steps` over `text` and yields it as they leave it: borrowed if nothing was changed.
pub(crate) fn run<'t>(
    steps: &[Arc<Native>],
    text: &'t str,
    prompt: Option<&str>,
    fail_fast: FailFast,
    verdicts: &mut Vec<Verdict>,
) -> Result<Cow<'t, str>, Failure> {
    let mut text = Text::new(text);
    let no_vault = llm_shield::Vault::new();
    for step in steps {
        let Outcome { is_valid, risk, edits, .. } = step.scan(&mut text, prompt, &no_vault)?;
        verdicts.push(Verdict { is_valid, risk: risk.0 });
        text = text.edited(&edits);
        if !is_valid && fail_fast == FailFast::On {
            break;
        }
    }
    Ok(text.into_inner())
}

/// One scanner over one text, blank or not.
pub(crate) fn one<'py>(
    py: Python<'py>,
    step: &Arc<Native>,
    text: &Bound<'py, PyAny>,
    prompt: Option<&Bound<'py, PyAny>>,
) -> PyResult<Triple<'py>> {
    let (whole, prompt) = (read(text)?, prompt.map(read_prompt).transpose()?.flatten());
    let (read, prompt) = (whole.to_string_lossy(), prompt.as_ref().map(|prompt| prompt.to_string_lossy()));
    let mut verdicts = Vec::with_capacity(1);
    let steps = std::slice::from_ref(step);
    let left = py.detach(|| {
        let left = run(steps, &read, prompt.as_deref(), FailFast::Off, &mut verdicts)?;
        Ok::<_, Failure>(changed(left))
    })?;
    let Verdict { is_valid, risk } = verdicts[0];
    let text = left.map_or_else(|| text.clone(), |left| PyString::new(py, &left).into_any());
    Ok((text, is_valid, risk))
}

/// The text as a Python string. A lone surrogate in it is scanned as U+FFFD, and stays what it is unless a scanner
/// changes the text.
pub(crate) fn read<'a, 'py>(text: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, PyString>> {
    text.cast::<PyString>().map_err(|_| match text.get_type().name() {
        Ok(name) => PyTypeError::new_err(format!("a text must be a str, not {name}")),
        Err(error) => error,
    })
}

/// The prompt that an output answers, if the caller knows it.
pub(crate) fn read_prompt<'a, 'py>(
    prompt: &'a Bound<'py, PyAny>,
) -> PyResult<Option<&'a Bound<'py, PyString>>> {
    if prompt.is_none() { Ok(None) } else { read(prompt).map(Some) }
}

/// The text that scanners left, if it is another than they got.
pub(crate) fn changed(left: Cow<'_, str>) -> Option<String> {
    match left {
        Cow::Borrowed(_) => None,
        Cow::Owned(left) => Some(left),
    }
}
