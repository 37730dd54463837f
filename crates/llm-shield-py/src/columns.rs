//! Columns of texts in Arrow's layout: buffers in, buffers out, and no Python object a row.

use llm_shield::Text;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::parallel::{self, Done, Job, Scan};
use crate::params::Side;
use crate::plan::{How, native_run, plan};

/// A column of strings: offsets of 4 or 8 bytes, the text, which rows there are, and the bitmap of those that are not
/// null (all of them without it).
#[derive(FromPyObject)]
pub(crate) struct Column<'py> {
    #[pyo3(item)]
    offsets: Bound<'py, PyBytes>,
    #[pyo3(item)]
    wide: bool,
    #[pyo3(item)]
    data: Bound<'py, PyBytes>,
    #[pyo3(item)]
    start: usize,
    #[pyo3(item)]
    length: usize,
    #[pyo3(item)]
    validity: Option<Bound<'py, PyBytes>>,
}

impl Column<'_> {
    /// The texts; nothing where a row is null.
    fn texts(&self) -> PyResult<Vec<Option<&str>>> {
        let data = self.data.as_bytes();
        let rows = self.start..self.start.saturating_add(self.length);
        rows.map(|row| {
            if self.validity.as_ref().is_some_and(|bits| !bit(bits.as_bytes(), row)) {
                return Ok(None);
            }
            let place = |row| self.offset(row).ok_or_else(|| broken("offsets are too short"));
            let bytes =
                data.get(place(row)?..place(row + 1)?).ok_or_else(|| broken("an offset is outside"))?;
            std::str::from_utf8(bytes).map(Some).map_err(|_| broken("a text is not UTF-8"))
        })
        .collect()
    }

    fn offset(&self, row: usize) -> Option<usize> {
        let offsets = self.offsets.as_bytes();
        if self.wide {
            let (bytes, _) = offsets.get(row * 8..)?.split_first_chunk()?;
            usize::try_from(i64::from_le_bytes(*bytes)).ok()
        } else {
            let (bytes, _) = offsets.get(row * 4..)?.split_first_chunk()?;
            usize::try_from(i32::from_le_bytes(*bytes)).ok()
        }
    }
}

fn broken(what: &str) -> PyErr {
    PyValueError::new_err(format!("the column is broken: {what}"))
}

fn bit(bits: &[u8], place: usize) -> bool {
    bits.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1)
}

/// Numbers and flags of a column, row by row.
struct Risks {
    scores: Vec<f64>,
    valid: Bits,
    /// Whether the scanner ran.
    ran: Bits,
}

/// A bitmap in Arrow's order.
struct Bits(Vec<u8>);

impl Bits {
    fn new(rows: usize) -> Self {
        Self(vec![0; rows.div_ceil(8)])
    }

    fn set(&mut self, place: usize) {
        self.0[place / 8] |= 1 << (place % 8);
    }

    fn clear(&mut self, place: usize) {
        self.0[place / 8] &= !(1 << (place % 8));
    }
}

impl Risks {
    fn new(rows: usize) -> Self {
        Self { scores: vec![0.0; rows], valid: Bits::new(rows), ran: Bits::new(rows) }
    }

    /// Of two scanners of one class the worse verdict stands.
    fn set(&mut self, row: usize, is_valid: bool, risk: f64) {
        let first = !bit(&self.ran.0, row);
        self.scores[row] = if first { risk } else { risk.max(self.scores[row]) };
        self.ran.set(row);
        match is_valid {
            true if first => self.valid.set(row),
            true => {}
            false => self.valid.clear(row),
        }
    }

    fn buffers<'py>(&self, py: Python<'py>) -> Buffers<'py> {
        let risks: Vec<u8> = self.scores.iter().flat_map(|risk| risk.to_le_bytes()).collect();
        (PyBytes::new(py, &self.valid.0), PyBytes::new(py, &risks), PyBytes::new(py, &self.ran.0))
    }
}

/// Bitmap of what may pass, risks as doubles, bitmap of the rows that have both.
type Buffers<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>, Bound<'py, PyBytes>);

/// Wide offsets and bytes of the texts as they may go on; all scanners together; and each by name.
type Scanned<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>, Buffers<'py>, Vec<(String, Buffers<'py>)>);

/// Whether all of `scanners` can scan a column: native ones without a vault.
#[pyfunction]
pub(crate) fn scans_columns(scanners: &Bound<'_, PyAny>, is_output: bool) -> PyResult<bool> {
    let steps = plan(scanners, if is_output { Side::Output } else { Side::Prompt })?;
    Ok(steps.iter().all(|step| matches!(&step.how, How::Native(native) if native.vault.is_none())))
}

/// Scans the texts of a column, with the column of the prompts that they answer if they are outputs.
#[pyfunction]
#[pyo3(signature = (scanners, texts, prompts=None, fail_fast=false, workers=None))]
#[expect(clippy::needless_pass_by_value, reason = "so PyO3 hands over what it has read")]
pub(crate) fn scan_column<'py>(
    scanners: &Bound<'py, PyAny>,
    texts: Column<'py>,
    prompts: Option<Column<'py>>,
    fail_fast: bool,
    workers: Option<usize>,
) -> PyResult<Scanned<'py>> {
    let py = scanners.py();
    let steps = plan(scanners, if prompts.is_some() { Side::Output } else { Side::Prompt })?;
    let natives = native_run(&steps);
    if natives.len() < steps.len() {
        return Err(PyValueError::new_err("a column takes native scanners only"));
    }
    let read = texts.texts()?;
    let answered = prompts.as_ref().map(Column::texts).transpose()?;
    if answered.as_ref().is_some_and(|answered| answered.len() != read.len()) {
        return Err(PyValueError::new_err("each output needs its prompt: the columns differ in length"));
    }
    let mut jobs = Vec::with_capacity(read.len());
    for (row, text) in read.iter().enumerate() {
        let scanned = text.filter(|text| !steps.is_empty() && !Text::new(*text).is_blank());
        let prompt = answered.as_ref().map(|answered| answered[row].unwrap_or_default());
        jobs.push(scanned.map(|text| Job { text, prompt }));
    }
    let mut all = Risks::new(read.len());
    // Two scanners of one class have one column, as they have one entry in a result.
    let mut names: Vec<String> = Vec::new();
    let mut places = Vec::new();
    for step in &steps {
        let name = step.name.to_str()?.to_owned();
        places.push(names.iter().position(|known| *known == name).unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        }));
    }
    let mut each: Vec<Risks> = names.iter().map(|_| Risks::new(read.len())).collect();
    let mut left: Vec<Option<String>> = vec![None; read.len()];
    parallel::scan(py, Scan { steps: &natives, fail_fast: fail_fast.into(), workers }, &jobs, |done| {
        let Done { index, verdicts, left: text } = done;
        for (place, verdict) in places.iter().zip(verdicts) {
            each[*place].set(index, verdict.is_valid, verdict.risk);
        }
        let worst = verdicts.iter().fold(f64::NEG_INFINITY, |worst, verdict| worst.max(verdict.risk));
        all.set(index, verdicts.iter().all(|verdict| verdict.is_valid), worst);
        left[index] = text;
        Ok(())
    })?;
    let (offsets, data) = py.detach(|| sanitized(&read, &left));
    // What was not scanned may pass, but a null says nothing.
    for (row, text) in read.iter().enumerate() {
        if text.is_some() && jobs[row].is_none() {
            all.valid.set(row);
        }
    }
    let each = names.into_iter().zip(&each).map(|(name, risks)| (name, risks.buffers(py))).collect();
    Ok((PyBytes::new(py, &offsets), PyBytes::new(py, &data), all.buffers(py), each))
}

/// The texts as they may go on, one after the other, and where each begins.
fn sanitized(read: &[Option<&str>], left: &[Option<String>]) -> (Vec<u8>, Vec<u8>) {
    let mut offsets = Vec::with_capacity((read.len() + 1) * 8);
    let mut data: Vec<u8> = Vec::new();
    offsets.extend_from_slice(&0_u64.to_le_bytes());
    for (read, left) in read.iter().zip(left) {
        data.extend_from_slice(left.as_deref().or(*read).unwrap_or_default().as_bytes());
        offsets.extend_from_slice(&(data.len() as u64).to_le_bytes());
    }
    (offsets, data)
}
