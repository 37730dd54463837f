//! llm-guard's `scan_prompt` and `scan_output`.

use llm_shield::Text;
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::chain::{self, FailFast, Failure, Verdict};
use crate::params::Side;
use crate::plan::{Earlier, How, Step, native_run, plan};

/// What a scanner's `scan` returns: the text, whether it may pass, the risk.
pub(crate) type Triple<'py> = (Bound<'py, PyAny>, bool, f64);

/// What a scan of several scanners returns: the text, and by scanner whether it may pass and the risk.
pub(crate) type Results<'py> = (Bound<'py, PyAny>, Bound<'py, PyDict>, Bound<'py, PyDict>);

/// Scans `prompt` with each of `scanners`, in order.
#[pyfunction]
#[pyo3(signature = (scanners, prompt, fail_fast=false))]
pub(crate) fn scan_prompt<'py>(
    scanners: &Bound<'py, PyAny>,
    prompt: Bound<'py, PyAny>,
    fail_fast: bool,
) -> PyResult<Results<'py>> {
    let mut row = Row::new(prompt, None);
    if scanners.len()? > 0 && !is_blank(&row.text)? {
        row.scan(&plan(scanners, Side::Prompt)?, fail_fast.into())?;
    }
    Ok(row.results())
}

/// Scans `output`, the answer to `prompt`, with each of `scanners`, in order.
#[pyfunction]
#[pyo3(signature = (scanners, prompt, output, fail_fast=false))]
pub(crate) fn scan_output<'py>(
    scanners: &Bound<'py, PyAny>,
    prompt: Bound<'py, PyAny>,
    output: Bound<'py, PyAny>,
    fail_fast: bool,
) -> PyResult<Results<'py>> {
    let mut row = Row::new(output, Some(prompt));
    if scanners.len()? > 0 && !row.text.is_none() && !is_blank(&row.text)? {
        row.scan(&plan(scanners, Side::Output)?, fail_fast.into())?;
    }
    Ok(row.results())
}

/// Whether there is nothing to scan.
pub(crate) fn is_blank(text: &Bound<'_, PyAny>) -> PyResult<bool> {
    if let Ok(text) = text.cast::<PyString>() {
        return Ok(Text::new(text.to_string_lossy()).is_blank());
    }
    // What llm-guard's callers get for `None` and for numbers.
    text.call_method0("strip")?;
    Err(PyTypeError::new_err(format!("a text must be a str, not {}", text.get_type().name()?)))
}

/// By the scanners' names, whether they let the text pass, and the risks.
struct Decided<'py> {
    valid: Bound<'py, PyDict>,
    risk: Bound<'py, PyDict>,
}

impl<'py> Decided<'py> {
    fn new(py: Python<'py>) -> Self {
        Self { valid: PyDict::new(py), risk: PyDict::new(py) }
    }

    fn set(
        &self,
        step: &Step<'py>,
        is_valid: impl IntoPyObject<'py>,
        risk: impl IntoPyObject<'py>,
    ) -> PyResult<()> {
        if step.earlier != Earlier::Counts {
            self.valid.set_item(&step.name, is_valid)?;
            return self.risk.set_item(&step.name, risk);
        }
        let py = self.valid.py();
        let is_valid = is_valid.into_bound_py_any(py)?;
        let risk = risk.into_bound_py_any(py)?;
        if !is_valid.is_truthy()? {
            self.valid.set_item(&step.name, is_valid)?;
        }
        let lower = self.risk.get_item(&step.name)?.map_or(Ok(true), |before| before.lt(&risk))?;
        if lower { self.risk.set_item(&step.name, risk) } else { Ok(()) }
    }
}

/// How texts of one list ended, to be copied for those that end alike: half the time of writing it down anew.
#[derive(Default)]
pub(crate) struct Alike<'py>(Vec<(Vec<Verdict>, Decided<'py>)>);

/// Most endings that are kept.
const ALIKE_MAX: usize = 16;

/// One text on its way through the scanners.
pub(crate) struct Row<'py> {
    pub(crate) text: Bound<'py, PyAny>,
    /// What an output answers.
    prompt: Option<Bound<'py, PyAny>>,
    /// Nothing until the first scanner has decided.
    decided: Option<Decided<'py>>,
    /// A scanner refused, and the first refusal ends the scan.
    pub(crate) ended: bool,
}

impl<'py> Row<'py> {
    pub(crate) fn new(text: Bound<'py, PyAny>, prompt: Option<Bound<'py, PyAny>>) -> Self {
        Self { text, prompt, decided: None, ended: false }
    }

    pub(crate) fn results(self) -> Results<'py> {
        let Decided { valid, risk } = self.decided.unwrap_or_else(|| Decided::new(self.text.py()));
        (self.text, valid, risk)
    }

    /// Whether it is an output that is not there.
    pub(crate) fn is_missing_output(&self) -> bool {
        self.prompt.is_some() && self.text.is_none()
    }

    /// The text, and the prompt that it answers.
    pub(crate) fn both(&self) -> (Bound<'py, PyAny>, Option<Bound<'py, PyAny>>) {
        (self.text.clone(), self.prompt.clone())
    }

    /// Runs `steps` over it.
    pub(crate) fn scan(&mut self, steps: &[Step<'py>], fail_fast: FailFast) -> PyResult<()> {
        let mut next = 0;
        while next < steps.len() && !self.ended {
            match &steps[next].how {
                How::Native(_) => {
                    let ran = self.natives(&steps[next..], fail_fast)?;
                    next += ran;
                }
                How::Python(scanner) => {
                    self.python(&steps[next], scanner, fail_fast)?;
                    next += 1;
                }
            }
        }
        Ok(())
    }

    /// Runs the native scanners at the start of `steps` in one go; yields how many there are.
    fn natives(&mut self, steps: &[Step<'py>], fail_fast: FailFast) -> PyResult<usize> {
        let py = self.text.py();
        let natives = native_run(steps);
        let text = chain::read(&self.text)?.to_string_lossy();
        let prompt = self
            .prompt
            .as_ref()
            .map(chain::read_prompt)
            .transpose()?
            .flatten()
            .map(|prompt| prompt.to_string_lossy());
        let mut verdicts = Vec::with_capacity(natives.len());
        let left = py.detach(|| {
            let left = chain::run(&natives, &text, prompt.as_deref(), fail_fast, &mut verdicts)?;
            Ok::<_, Failure>(chain::changed(left))
        })?;
        self.note(steps, &verdicts, fail_fast)?;
        if let Some(left) = left {
            self.text = PyString::new(py, &left).into_any();
        }
        Ok(natives.len())
    }

    /// Writes down what the first scanners of `steps` decided.
    pub(crate) fn note(
        &mut self,
        steps: &[Step<'py>],
        verdicts: &[Verdict],
        fail_fast: FailFast,
    ) -> PyResult<()> {
        let py = self.text.py();
        let decided = self.decided.get_or_insert_with(|| Decided::new(py));
        for (step, verdict) in steps.iter().zip(verdicts) {
            decided.set(step, verdict.is_valid, verdict.risk)?;
            self.ended |= !verdict.is_valid && fail_fast == FailFast::On;
        }
        Ok(())
    }

    /// As [`Row::note`] for one of many texts, most of which end alike.
    pub(crate) fn note_alike(
        &mut self,
        steps: &[Step<'py>],
        verdicts: &[Verdict],
        fail_fast: FailFast,
        alike: &mut Alike<'py>,
    ) -> PyResult<()> {
        if self.decided.is_some() {
            return self.note(steps, verdicts, fail_fast);
        }
        if let Some((_, known)) = alike.0.iter().find(|(known, _)| known == verdicts) {
            self.decided = Some(Decided { valid: known.valid.copy()?, risk: known.risk.copy()? });
            self.ended |= fail_fast == FailFast::On && verdicts.iter().any(|verdict| !verdict.is_valid);
            return Ok(());
        }
        self.note(steps, verdicts, fail_fast)?;
        if let (Some(decided), true) = (&self.decided, alike.0.len() < ALIKE_MAX) {
            let copy = Decided { valid: decided.valid.copy()?, risk: decided.risk.copy()? };
            alike.0.push((verdicts.to_vec(), copy));
        }
        Ok(())
    }

    /// Runs a scanner that is written in Python.
    fn python(&mut self, step: &Step<'py>, scanner: &Bound<'py, PyAny>, fail_fast: FailFast) -> PyResult<()> {
        let scan = pyo3::intern!(self.text.py(), "scan");
        let returned = match &self.prompt {
            None => scanner.call_method1(scan, (&self.text,))?,
            Some(prompt) => scanner.call_method1(scan, (prompt, &self.text))?,
        };
        let (text, is_valid, risk): (Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>) =
            returned.extract()?;
        self.text = text;
        let decided = self.decided.get_or_insert_with(|| Decided::new(scanner.py()));
        decided.set(step, &is_valid, risk)?;
        self.ended = fail_fast == FailFast::On && !is_valid.is_truthy()?;
        Ok(())
    }
}
