//! A scanner out of its name and its parameters, through the same door as a policy file.

use std::sync::{Arc, LazyLock};

use llm_shield::{Classifiers, Policy, PolicyError, Scanner, UrlFetcher};
use llm_shield_fetch::PublicFetcher;
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

/// The scanner that asks web addresses.
const NETWORK: &str = "URLReachability";

/// Builds the scanner `name`; wrong parameters are a `ValueError`. `compat` is the policy's.
pub(crate) fn build(side: Side, name: &str, params: &Bound<'_, PyDict>, compat: &str) -> PyResult<Built> {
    let list = match side {
        Side::Prompt => "input_scanners",
        Side::Output => "output_scanners",
    };
    // Whoever builds this one in a program has asked for it.
    let network = if name == NETWORK { ",\"allow_network\":true" } else { "" };
    let given = if params.is_empty() { String::new() } else { format!(",\"params\":{}", value(params, 0)?) };
    // `type` must stand first, which a map of serde_json does not keep.
    let entry = format!("{{\"type\":{}{network}{given}}}", json!(name));
    let policy = format!("{{\"compat\":{},\"on_unavailable\":\"skip\",\"{list}\":[{entry}]}}", json!(compat));
    let policy: Policy = match serde_json::from_str(&policy) {
        Ok(policy) => policy,
        Err(error) => {
            let text = error.to_string();
            let reason = text.split(" at line ").next().unwrap_or_default();
            // The policy names what it does not have in a sentence that begins so.
            return if reason.starts_with(&format!("scanner {name} is not in this version")) {
                Ok(Err(format!("{name} cannot scan: it is not in this version of LLM Shield")))
            } else {
                Err(PyValueError::new_err(format!("{name}: {reason}")))
            };
        }
    };
    let shield = policy.shield(&classifiers(name)).map_err(|error| match error {
        PolicyError::Scanner { reason, .. } => PyValueError::new_err(format!("{name}: {reason}")),
        other => PyValueError::new_err(other.to_string()),
    })?;
    if let Some(scanner) = shield.clone().into_scanners().pop() {
        return Ok(Ok(scanner));
    }
    let skipped = match side {
        Side::Prompt => shield.scan_prompt(UNSCANNED).skipped,
        Side::Output => shield.scan_output(UNSCANNED).skipped,
    };
    let reason = skipped.first().map_or("it is not in this version of LLM Shield", |skipped| skipped.reason);
    Ok(Err(format!("{name} cannot scan: {reason}")))
}

/// A text that every scanner would look at: a report on it says what was skipped for want of a scanner.
const UNSCANNED: &str = "-";

/// The models, read once for all scanners.
static MODELS: LazyLock<Classifiers> = LazyLock::new(llm_shield_models::classifiers);

fn classifiers(name: &str) -> Classifiers {
    let urls = (name == NETWORK).then(|| -> Arc<dyn UrlFetcher> { Arc::new(PublicFetcher::new()) });
    Classifiers { urls, ..MODELS.clone() }
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
