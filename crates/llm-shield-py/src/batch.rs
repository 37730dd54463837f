//! Lists of texts: the same results as text by text, from all processors.

use std::ops::Range;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::chain::{self, FailFast};
use crate::evaluate::{Alike, Results, Row, is_blank};
use crate::parallel::{self, Job, Scan};
use crate::params::Side;
use crate::plan::{How, Step, native_run, plan};

/// Scans each of `prompts` with each of `scanners`.
#[pyfunction]
#[pyo3(signature = (scanners, prompts, fail_fast=false, workers=None))]
pub(crate) fn scan_prompt_batch<'py>(
    scanners: &Bound<'py, PyAny>,
    prompts: Vec<Bound<'py, PyAny>>,
    fail_fast: bool,
    workers: Option<usize>,
) -> PyResult<Vec<Results<'py>>> {
    let rows = prompts.into_iter().map(|prompt| Row::new(prompt, None)).collect();
    scan_rows(&plan(scanners, Side::Prompt)?, rows, fail_fast.into(), workers)
}

/// Scans each of `outputs`, the answers to `prompts`, with each of `scanners`.
#[pyfunction]
#[pyo3(signature = (scanners, prompts, outputs, fail_fast=false, workers=None))]
pub(crate) fn scan_output_batch<'py>(
    scanners: &Bound<'py, PyAny>,
    prompts: Vec<Bound<'py, PyAny>>,
    outputs: Vec<Bound<'py, PyAny>>,
    fail_fast: bool,
    workers: Option<usize>,
) -> PyResult<Vec<Results<'py>>> {
    if prompts.len() != outputs.len() {
        return Err(PyValueError::new_err(format!(
            "{} prompts and {} outputs: each output needs its prompt",
            prompts.len(),
            outputs.len()
        )));
    }
    let rows =
        outputs.into_iter().zip(prompts).map(|(output, prompt)| Row::new(output, Some(prompt))).collect();
    scan_rows(&plan(scanners, Side::Output)?, rows, fail_fast.into(), workers)
}

fn scan_rows<'py>(
    steps: &[Step<'py>],
    mut rows: Vec<Row<'py>>,
    fail_fast: FailFast,
    workers: Option<usize>,
) -> PyResult<Vec<Results<'py>>> {
    for row in &mut rows {
        row.ended = row.is_missing_output() || is_blank(&row.text)?;
    }
    for Segment { steps: range, at_once } in segments(steps) {
        let steps = &steps[range];
        if at_once {
            scan_at_once(steps, &mut rows, fail_fast, workers)?;
        } else {
            for row in rows.iter_mut().filter(|row| !row.ended) {
                row.scan(steps, fail_fast)?;
            }
        }
    }
    Ok(rows.into_iter().map(Row::results).collect())
}

/// Scanners that follow each other.
#[derive(Debug, PartialEq)]
struct Segment {
    steps: Range<usize>,
    /// Whether they run over all texts at once, or over one text after the other.
    at_once: bool,
}

/// Native scanners run over all texts at once. Not so scanners that are written in Python; nor one with a vault, where
/// the order of the texts decides the numbers; nor what stands between two with a vault, where a text must be through
/// with both before the next begins.
fn segments(steps: &[Step<'_>]) -> Vec<Segment> {
    let with_vault = |step: &Step<'_>| matches!(&step.how, How::Native(native) if native.vault.is_some());
    let vaults = steps.iter().position(with_vault)..steps.iter().rposition(with_vault).map(|last| last + 1);
    let between = vaults.start.unwrap_or(0)..vaults.end.unwrap_or(0);
    let at_once = |place: usize| matches!(steps[place].how, How::Native(_)) && !between.contains(&place);
    let mut segments: Vec<Segment> = Vec::new();
    for place in 0..steps.len() {
        match segments.last_mut() {
            Some(last) if last.at_once == at_once(place) => last.steps.end = place + 1,
            _ => segments.push(Segment { steps: place..place + 1, at_once: at_once(place) }),
        }
    }
    segments
}

fn scan_at_once<'py>(
    steps: &[Step<'py>],
    rows: &mut [Row<'py>],
    fail_fast: FailFast,
    workers: Option<usize>,
) -> PyResult<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let py = first.text.py();
    // The strings live in these objects while other rows are written to.
    let texts: Vec<_> = rows.iter().map(|row| (!row.ended).then(|| row.both())).collect();
    let mut read = Vec::with_capacity(texts.len());
    for both in &texts {
        let Some((text, prompt)) = both else {
            read.push(None);
            continue;
        };
        let prompt = prompt.as_ref().map(chain::read_prompt).transpose()?.flatten();
        read.push(Some((
            chain::read(text)?.to_string_lossy(),
            prompt.map(|prompt| prompt.to_string_lossy()),
        )));
    }
    let jobs: Vec<_> = read
        .iter()
        .map(|both| both.as_ref().map(|(text, prompt)| Job { text, prompt: prompt.as_deref() }))
        .collect();
    let natives = native_run(steps);
    let mut alike = Alike::default();
    parallel::scan(py, Scan { steps: &natives, fail_fast, workers }, &jobs, |done| {
        let row = &mut rows[done.index];
        row.note_alike(steps, done.verdicts, fail_fast, &mut alike)?;
        if let Some(left) = done.left {
            row.text = PyString::new(py, &left).into_any();
        }
        Ok(())
    })
}
