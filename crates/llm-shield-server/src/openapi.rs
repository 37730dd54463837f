//! `GET /openapi.json`: the description of the API, which `openapi.json` beside the manifest holds.
//!
//! It is written by hand and held to be true by three tests: here every route stands in it, `tests/it/openapi.rs`
//! calls all that stands in it, and `tests/clients` has schemathesis look for an answer that breaks it.

use serde_json::Value;

use crate::config::Echo;

const DOCUMENT: &str = include_str!("../openapi.json");

/// The document for a server as it was started.
pub(crate) fn document(echo: Echo) -> Vec<u8> {
    // A constant that every test reads; an empty body would be answered as an error.
    let Ok(mut document) = serde_json::from_str::<Value>(DOCUMENT) else { return Vec::new() };
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    if echo == Echo::Off
        && let Some(paths) = document["paths"].as_object_mut()
    {
        paths.remove("/echo");
    }
    serde_json::to_vec(&document).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Route;

    #[test]
    fn every_counted_route_stands_in_it_and_every_reference_leads_somewhere() {
        let document: Value = serde_json::from_slice(&document(Echo::On)).unwrap();
        for path in Route::PATHS {
            assert!(document["paths"][path]["post"].is_object(), "{path}");
        }
        let mut open = vec![&document];
        let mut references = 0;
        while let Some(value) = open.pop() {
            match value {
                Value::Object(object) => {
                    if let Some(Value::String(reference)) = object.get("$ref") {
                        references += 1;
                        let target = document.pointer(reference.trim_start_matches('#'));
                        assert!(target.is_some(), "{reference}");
                    }
                    open.extend(object.values());
                }
                Value::Array(values) => open.extend(values),
                _ => {}
            }
        }
        assert!(references > 50);
        assert!(
            serde_json::from_slice::<Value>(&super::document(Echo::Off)).unwrap()["paths"]["/echo"].is_null()
        );
    }
}
