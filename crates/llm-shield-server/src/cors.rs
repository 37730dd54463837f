//! Cross-origin calls: which pages' scripts may call, answered as llm-guard's server does.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};

/// Whose scripts may call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Cors {
    /// Those of any page.
    #[default]
    Any,
    /// Those of these origins; of none if there is none.
    Only(Vec<String>),
}

const METHODS: HeaderValue = HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept, Accept-Language, Authorization, Content-Language, Content-Type, X-LLM-Shield-Conversation, X-LLM-Shield-Policy",
);

impl Cors {
    /// `*`, or origins such as `https://chat.example.com`.
    pub(crate) fn new(origins: Vec<String>) -> Result<Self, String> {
        if origins.iter().any(|origin| origin == "*") {
            return Ok(Self::Any);
        }
        let sound = |origin: &String| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            host.is_some_and(|host| !host.is_empty() && !host.contains('/'))
                && HeaderValue::from_str(origin).is_ok()
        };
        match origins.iter().find(|origin| !sound(origin)) {
            Some(origin) => Err(format!(
                "`{origin}` is no origin; write it as `https://host` or `https://host:port`, or `*` for any"
            )),
            None => Ok(Self::Only(origins)),
        }
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        match self {
            Self::Any => true,
            Self::Only(origins) => origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()),
        }
    }

    /// The answer to a browser that asks before it calls; `None` when this is no such question.
    pub(crate) fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<Response<Body>> {
        let origin = headers.get(header::ORIGIN)?;
        if method != Method::OPTIONS || !headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
            return None;
        }
        let allowed = self.allows(origin);
        let mut response = Response::new(Body::from(if allowed { "OK" } else { "Disallowed CORS origin" }));
        *response.status_mut() = if allowed { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        let answered = response.headers_mut();
        answered.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        answered.insert(header::VARY, HeaderValue::from_static("Origin"));
        answered.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        answered.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        answered.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        if allowed {
            answered.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            answered.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        Some(response)
    }

    /// Lets the page at `origin` read an answer.
    pub(crate) fn admit(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        let Some(origin) = origin.filter(|origin| self.allows(origin)) else { return };
        let named = match self {
            Self::Any => HeaderValue::from_static("*"),
            Self::Only(_) => {
                headers.append(header::VARY, HeaderValue::from_static("Origin"));
                origin.clone()
            }
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, named);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}
