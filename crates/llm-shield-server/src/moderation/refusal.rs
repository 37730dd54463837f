//! OpenAI's shape of an error, which its clients turn into their exceptions.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde::Serialize;

use crate::error::ApiError;

#[derive(Serialize)]
struct Refusal {
    error: Fields,
}

#[derive(Serialize)]
struct Fields {
    message: String,
    r#type: &'static str,
    param: Option<&'static str>,
    code: &'static str,
}

/// The error's answer, headers and status kept, in OpenAI's words.
pub(crate) fn refuse(error: &ApiError) -> Response<Body> {
    let (code, status) = error.code_and_status();
    let kind = match status {
        StatusCode::TOO_MANY_REQUESTS => "requests",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request_error",
    };
    let param = matches!(error, ApiError::BadModeration { .. }).then_some("input");
    let body = Refusal { error: Fields { message: error.to_string(), r#type: kind, param, code } };
    let mut response = error.response();
    // The fields cannot fail to be written.
    *response.body_mut() = Body::from(serde_json::to_vec(&body).unwrap_or_default());
    response
}
