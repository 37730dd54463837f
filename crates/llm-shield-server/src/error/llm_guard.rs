//! Errors as llm-guard's server words them, on the routes that are its own.

use axum::body::Body;
use axum::http::Response;
use serde::Serialize;

use super::ApiError;

/// One thing that is wrong with a body, in the shape of pydantic's list; without the input, which would be the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// pydantic's name of the fault, for example `missing`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The way to the place, from `body` on.
    pub loc: Vec<Step>,
    /// In words.
    pub msg: String,
    /// What the parser says, for a body that is no JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctx: Option<Context>,
}

/// A step on the way to a place in a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// A field.
    Field(&'static str),
    /// A place in an array, or a byte of a body that is no JSON.
    Index(usize),
}

/// More about a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Context {
    /// The parser's words.
    pub error: String,
}

#[derive(Serialize)]
struct MessageBody<'e> {
    message: String,
    details: Option<&'e [Detail]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_valid: Option<bool>,
}

#[derive(Serialize)]
struct RateBody {
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_valid: Option<bool>,
}

impl ApiError {
    /// The same, said of an item of a batch.
    pub(crate) fn in_item(mut self, index: usize) -> Self {
        if let Self::Validation(details) = &mut self {
            for detail in details.iter_mut().filter(|detail| !detail.loc.is_empty()) {
                detail.loc.splice(1..1, [Step::Field("items"), Step::Index(index)]);
            }
        }
        self
    }

    /// `{"message","details"}`, but `{"error"}` for rate limits and plain text for a scan that broke down. With
    /// `says_invalid` the JSON also holds `"is_valid": false`, for clients that look at nothing else.
    pub(crate) fn llm_guard_response(&self, says_invalid: bool) -> Response<Body> {
        let is_valid = says_invalid.then_some(false);
        let message = |message: String, details| {
            serde_json::to_vec(&MessageBody { message, details, is_valid }).unwrap_or_default()
        };
        let json = match self {
            Self::ScanFailed if !says_invalid => {
                return self.response_with(b"Internal Server Error".to_vec(), "text/plain; charset=utf-8");
            }
            Self::ScanFailed => message("Internal Server Error".to_owned(), None),
            Self::RateLimited { .. } => {
                serde_json::to_vec(&RateBody { error: self.to_string(), is_valid }).unwrap_or_default()
            }
            Self::NotFound => message("Not Found".to_owned(), None),
            Self::MethodNotAllowed => message("Method Not Allowed".to_owned(), None),
            // What Python's parser breaks down over is not told apart there.
            Self::NotUtf8 { .. } | Self::TooDeep { .. } => {
                message("There was an error parsing the body".to_owned(), None)
            }
            Self::Validation(details) => message(self.to_string(), Some(details)),
            _ => message(self.to_string(), None),
        };
        self.response_with(json, "application/json")
    }
}
