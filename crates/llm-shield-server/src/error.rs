//! The one table of what can be wrong with a request: code, status, text.

mod llm_guard;

use std::fmt;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

pub use llm_guard::{Context as DetailContext, Detail, Step};

use crate::moderation::ModerationFault;
use crate::telemetry;

/// Why a request was refused. Names what is wrong and where; never quotes the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// No body at all, or only white space.
    #[error("the body is empty; send a JSON object")]
    EmptyBody,
    /// Bytes that are no UTF-8.
    #[error("the body is not UTF-8: byte {offset} (counted from 0) starts no character")]
    NotUtf8 {
        /// How many bytes before it are sound.
        offset: usize,
    },
    /// Not JSON.
    #[error("the body is not JSON: {reason} at line {line} column {column}")]
    NotJson {
        /// What the parser says, from its fixed list.
        reason: String,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// Arrays and objects inside each other beyond the parser's limit.
    #[error("the body nests deeper than 128 levels, at line {line} column {column}")]
    TooDeep {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// JSON, but not what the route takes.
    #[error("{fault}, at line {line} column {column}")]
    WrongShape {
        /// What is wrong.
        fault: Fault,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// A vault that cannot be: too large, or a placeholder that stands for two values.
    #[error("the field `vault`: {0}")]
    BadVault(#[from] llm_shield::VaultError),
    /// JSON, but no moderation call.
    #[error("{fault}, at line {line} column {column}")]
    BadModeration {
        /// What is wrong.
        fault: ModerationFault,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// A body in a coding that the server does not undo.
    #[error("a body with a Content-Encoding is not accepted; send it plain")]
    Encoded,
    /// Over the size limit.
    #[error("the body is over the limit of {limit} bytes")]
    BodyTooLarge {
        /// The limit.
        limit: usize,
    },
    /// The body did not come to its end in time.
    #[error("the body took longer than {limit_ms} ms")]
    SlowBody {
        /// The limit.
        limit_ms: u128,
    },
    /// The head did not come to its end in time.
    #[error("the request's head took longer than {limit_ms} ms")]
    SlowHead {
        /// The limit.
        limit_ms: u128,
    },
    /// The connection failed or lied about the body's length.
    #[error("the body broke off")]
    BrokenBody,
    /// Too many requests at once.
    #[error("too many requests in flight (limit {limit}); try again")]
    TooManyInFlight {
        /// The limit.
        limit: usize,
    },
    /// Too many long bodies at once.
    #[error("too many long texts in flight (limit {limit}); try again")]
    TooManyLarge {
        /// The limit.
        limit: usize,
    },
    /// Too many batches at once.
    #[error("too many batches in flight (limit {limit}); try again")]
    TooManyBatches {
        /// The limit.
        limit: usize,
    },
    /// Too many connections.
    #[error("too many connections (limit {limit}); try again")]
    TooManyConnections {
        /// The limit.
        limit: usize,
    },
    /// The scan did not end in time.
    #[error("the scan, waiting included, took longer than {limit_ms} ms")]
    SlowScan {
        /// The limit.
        limit_ms: u128,
    },
    /// The scan did not end within the time of its policy.
    #[error("Request timeout.")]
    ScanTimeout,
    /// The caller may not call.
    #[error("{}", .0.message())]
    Unauthorized(AuthFault),
    /// The caller's token is bound to another policy.
    #[error("this token may not use that policy")]
    ForeignPolicy,
    /// The header names a policy that does not exist.
    #[error("the header X-LLM-Shield-Policy names no policy of this server")]
    UnknownPolicy,
    /// A conversation's name that cannot be one.
    #[error("a conversation's name is 1 to 256 visible ASCII characters")]
    BadConversation,
    /// The body of an analysis is not what the route takes.
    #[error("Validation failed")]
    Validation(Vec<Detail>),
    /// The client has called too often.
    #[error("Rate limit exceeded: {limit}")]
    RateLimited {
        /// The limit, as `3 per 1 minute`.
        limit: String,
        /// Until the window closes.
        retry_after_secs: u64,
    },
    /// The scanners are still being built.
    #[error("the scanners are still being loaded; try again")]
    Loading,
    /// The scan ended without an answer.
    #[error("the scan failed")]
    ScanFailed,
    /// No such route.
    #[error("no such route; GET /openapi.json describes them")]
    NotFound,
    /// The route exists, the method does not.
    #[error("the route does not take this method; the Allow header lists those it takes")]
    MethodNotAllowed,
}

/// What a caller lacks; the words are llm-guard's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthFault {
    /// No bearer token.
    NoBearer,
    /// Another scheme where a bearer token is wanted.
    NotBearer,
    /// A token that is not known.
    WrongToken,
    /// No basic authentication.
    NoBasic,
    /// Basic authentication that cannot be decoded.
    NotBasic,
    /// A wrong name or password.
    WrongPassword,
}

impl AuthFault {
    const fn message(self) -> &'static str {
        match self {
            Self::NoBearer | Self::NoBasic => "Not authenticated",
            Self::NotBearer | Self::NotBasic => "Invalid authentication credentials",
            Self::WrongToken => "Invalid API key",
            Self::WrongPassword => "Invalid Username or Password",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::NoBearer | Self::NotBearer => StatusCode::FORBIDDEN,
            _ => StatusCode::UNAUTHORIZED,
        }
    }
}

/// What is wrong with JSON that is otherwise sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Something else than an object.
    NotAnObject(JsonKind),
    /// A field is missing.
    Missing(&'static str),
    /// A field stands there twice.
    Duplicate(&'static str),
    /// A field holds something else than a string.
    NotAString(&'static str, JsonKind),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject(kind) => write!(f, "the body must be a JSON object, not {kind}"),
            Self::Missing(field) => write!(f, "the field `{field}` is missing"),
            Self::Duplicate(field) => write!(f, "the field `{field}` stands there twice"),
            Self::NotAString(field, kind) => write!(f, "the field `{field}` must be a string, not {kind}"),
        }
    }
}

/// The kind of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are JSON's own")]
pub enum JsonKind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl fmt::Display for JsonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

impl ApiError {
    /// The name that programs tell errors apart by, and the status.
    pub const fn code_and_status(&self) -> (&'static str, StatusCode) {
        match self {
            Self::EmptyBody => ("empty_body", StatusCode::BAD_REQUEST),
            Self::NotUtf8 { .. } => ("not_utf8", StatusCode::BAD_REQUEST),
            Self::NotJson { .. } => ("not_json", StatusCode::BAD_REQUEST),
            Self::TooDeep { .. } => ("too_deep", StatusCode::BAD_REQUEST),
            Self::WrongShape { fault, .. } => (fault.code(), StatusCode::UNPROCESSABLE_ENTITY),
            Self::BadVault(_) => ("bad_vault", StatusCode::UNPROCESSABLE_ENTITY),
            Self::BadModeration { fault, .. } => (fault.code(), StatusCode::BAD_REQUEST),
            Self::Encoded => ("encoded_body", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::BodyTooLarge { .. } => ("body_too_large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::SlowBody { .. } => ("slow_body", StatusCode::REQUEST_TIMEOUT),
            Self::SlowHead { .. } => ("slow_head", StatusCode::REQUEST_TIMEOUT),
            Self::BrokenBody => ("broken_body", StatusCode::BAD_REQUEST),
            Self::TooManyInFlight { .. } => ("too_many_in_flight", StatusCode::SERVICE_UNAVAILABLE),
            Self::TooManyLarge { .. } => ("too_many_large", StatusCode::SERVICE_UNAVAILABLE),
            Self::TooManyBatches { .. } => ("too_many_batches", StatusCode::SERVICE_UNAVAILABLE),
            Self::TooManyConnections { .. } => ("too_many_connections", StatusCode::SERVICE_UNAVAILABLE),
            Self::SlowScan { .. } => ("slow_scan", StatusCode::SERVICE_UNAVAILABLE),
            Self::ScanTimeout => ("scan_timeout", StatusCode::REQUEST_TIMEOUT),
            Self::Unauthorized(fault) => ("not_authenticated", fault.status()),
            Self::ForeignPolicy => ("foreign_policy", StatusCode::FORBIDDEN),
            Self::UnknownPolicy => ("unknown_policy", StatusCode::BAD_REQUEST),
            Self::BadConversation => ("bad_conversation", StatusCode::BAD_REQUEST),
            Self::Validation(_) => ("validation_failed", StatusCode::UNPROCESSABLE_ENTITY),
            Self::RateLimited { .. } => ("rate_limited", StatusCode::TOO_MANY_REQUESTS),
            Self::Loading => ("loading", StatusCode::SERVICE_UNAVAILABLE),
            Self::ScanFailed => ("scan_failed", StatusCode::INTERNAL_SERVER_ERROR),
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND),
            Self::MethodNotAllowed => ("method_not_allowed", StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    /// Whether the same request may succeed a little later; such answers carry `Retry-After: 1`.
    pub(crate) const fn is_overload(&self) -> bool {
        matches!(self.code_and_status().1, StatusCode::SERVICE_UNAVAILABLE)
    }

    /// Whether part of the request may still lie unread on the connection, which then cannot be used again.
    const fn leaves_body_unread(&self) -> bool {
        matches!(
            self,
            Self::BodyTooLarge { .. }
                | Self::SlowBody { .. }
                | Self::SlowHead { .. }
                | Self::BrokenBody
                | Self::TooManyConnections { .. }
        )
    }

    /// `{"error":{"code","message","status"}}`.
    pub(crate) fn json(&self) -> Vec<u8> {
        let (code, status) = self.code_and_status();
        let body =
            ErrorBody { error: ErrorFields { code, message: self.to_string(), status: status.as_u16() } };
        serde_json::to_vec(&body).unwrap_or_default()
    }

    /// The whole answer as it stands on the wire, for connections that the HTTP library has already given up.
    pub(crate) fn raw_response(&self) -> Vec<u8> {
        let (_, status) = self.code_and_status();
        let json = self.json();
        let retry = if self.is_overload() { "retry-after: 1\r\n" } else { "" };
        let mut raw = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{retry}connection: close\r\n\r\n",
            json.len()
        )
        .into_bytes();
        raw.extend_from_slice(&json);
        raw
    }

    pub(crate) fn response(&self) -> Response<Body> {
        self.response_with(self.json(), "application/json")
    }

    fn response_with(&self, body: Vec<u8>, content_type: &'static str) -> Response<Body> {
        let mut response = Response::new(Body::from(body));
        let (code, status) = self.code_and_status();
        *response.status_mut() = status;
        telemetry::mark(&mut response, code);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if self.is_overload() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if let Self::RateLimited { retry_after_secs, .. } = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_secs));
        }
        if self.leaves_body_unread() {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

impl Fault {
    const fn code(self) -> &'static str {
        match self {
            Self::NotAnObject(_) => "not_an_object",
            Self::Missing(_) => "missing_field",
            Self::Duplicate(_) => "duplicate_field",
            Self::NotAString(..) => "wrong_type",
        }
    }
}

#[derive(Serialize)]
struct ErrorBody {
    error: ErrorFields,
}

#[derive(Serialize)]
struct ErrorFields {
    code: &'static str,
    message: String,
    status: u16,
}
