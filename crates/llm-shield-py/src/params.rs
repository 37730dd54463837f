//! A scanner out of its name and its parameters, through the same door as a policy file.

use std::sync::Arc;

use llm_shield::{Classifiers, Policy, Scanner};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde_json::{Value, json};

/// Lists within lists that parameters may have; a list that holds itself has no end.
const DEPTH_MAX: usize = 16;

/// Which texts a scanner reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Prompt,
    Output,
}

/// A scanner, or why this version has none of this name.
pub(crate) type Built = Result<Arc<dyn Scanner>, String>;

/// Builds the scanner `name`; wrong parameters are a `ValueError`.
pub(crate) fn build(side: Side, name: &str, params: &Bound<'_, PyDict>) -> PyResult<Built> {
    let list = match side {
        Side::Prompt => "input_scanners",
        Side::Output => "output_scanners",
    };
    let params = if params.is_empty() { Value::Null } else { value(params, 0)? };
    // `type` must stand before `params`, which a map of serde_json does not keep.
    let entry = if params.is_null() {
        format!("{{\"type\":{}}}", json!(name))
    } else {
        format!("{{\"type\":{},\"params\":{params}}}", json!(name))
    };
    let policy: Policy = match serde_json::from_str(&format!("{{\"{list}\":[{entry}]}}")) {
        Ok(policy) => policy,
        Err(error) => {
            let text = error.to_string();
            let reason = text.split(" at line ").next().unwrap_or_default();
            // The policy names what it does not have in a sentence that begins so.
            return if reason.starts_with(&format!("scanner {name} is not in this version")) {
                Ok(Err(format!("scanner {name} is not in this version of LLM Shield")))
            } else {
                Err(PyValueError::new_err(format!("{name}: {reason}")))
            };
        }
    };
    let shield = policy.shield(&classifiers()).map_err(|error| PyValueError::new_err(error.to_string()))?;
    let scanner = shield.into_scanners().pop();
    scanner.map(Ok).ok_or_else(|| PyValueError::new_err(format!("{name}: the policy has no scanner")))
}

fn classifiers() -> Classifiers {
    Classifiers {
        prompt_injection: llm_shield_models::prompt_injection(),
        toxicity: llm_shield_models::toxicity(),
        names: None,
    }
}

/// What `json.dumps` would write; enumerations come as their values from the Python side.
fn value(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if depth > DEPTH_MAX {
        return Err(PyValueError::new_err(format!("parameters are nested deeper than {DEPTH_MAX} levels")));
    }
    if object.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(truth) = object.cast::<PyBool>() {
        return Ok(Value::Bool(truth.is_true()));
    }
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Value::String(text.to_str()?.to_owned()));
    }
    if object.is_instance_of::<PyInt>() {
        // Beyond 64 bits there is no parameter: the error is Python's own.
        let signed = object.extract::<i64>().map(Value::from);
        return signed.or_else(|_| object.extract::<u64>().map(Value::from));
    }
    if object.is_instance_of::<PyFloat>() {
        let number: f64 = object.extract()?;
        return serde_json::Number::from_f64(number).map(Value::Number).ok_or_else(|| {
            PyValueError::new_err(format!("{number} is not a number that a parameter can have"))
        });
    }
    if let Ok(dict) = object.cast::<PyDict>() {
        let entry = |(key, held): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            Ok((key.cast::<PyString>()?.to_str()?.to_owned(), value(&held, depth + 1)?))
        };
        return dict.iter().map(entry).collect::<PyResult<_>>().map(Value::Object);
    }
    if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        let items = object.try_iter()?.map(|item| value(&item?, depth + 1));
        return items.collect::<PyResult<_>>().map(Value::Array);
    }
    Err(PyTypeError::new_err(format!("a parameter cannot be of type {}", object.get_type().name()?)))
}
