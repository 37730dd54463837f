//! Who may call: bearer tokens or basic authentication, as llm-guard's server asks for them.
//!
//! A server keeps digests, not secrets. What a caller presents is compared with every digest in constant time, so
//! that neither the time nor the order tells how close a guess was.

use std::fmt;

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::error::{ApiError, AuthFault};

/// The most tokens that a server takes: each is compared on each request.
pub(crate) const TOKENS_MAX: usize = 1_000;

/// Who may call.
#[derive(Clone, Default)]
pub(crate) enum Auth {
    /// Everybody.
    #[default]
    Open,
    /// Whoever sends one of these tokens.
    Bearer(Vec<Token>),
    /// Whoever knows the name and the password; the digest is of both, with a colon between.
    Basic(Secret),
}

/// A token, and the policy that it is bound to.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    secret: Secret,
    /// Place among the named policies; `None` for the server's own token, which may use any.
    policy: Option<u32>,
}

impl Token {
    pub(crate) fn new(token: &str, policy: Option<u32>) -> Self {
        Self { secret: Secret::new(token.as_bytes()), policy }
    }
}

/// The SHA-256 of a secret.
#[derive(Clone)]
pub(crate) struct Secret([u8; 32]);

impl Secret {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    fn matches(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Open => "Open",
            Self::Bearer(_) => "Bearer",
            Self::Basic(_) => "Basic",
        })
    }
}

/// Whose conversations a caller may continue: the digest of its secret, or zeros where everybody may call. Not the
/// token's place in the configuration, which a reload may give to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tenant(pub(crate) [u8; 32]);

/// Who called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Caller {
    pub(crate) tenant: Tenant,
    /// The policy that the caller's token is bound to.
    pub(crate) policy: Option<u32>,
}

impl Auth {
    /// Lets a request in or says what it lacks.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<Caller, ApiError> {
        match self {
            Self::Open => Ok(Caller::default()),
            Self::Bearer(tokens) => bearer(tokens, headers).map_err(ApiError::Unauthorized),
            Self::Basic(expected) => basic(expected, headers).map_err(ApiError::Unauthorized),
        }
    }
}

/// The scheme and what follows it; either may be empty.
fn authorization(headers: &HeaderMap) -> (&str, &str) {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split_once(' ').unwrap_or((value, ""))
}

fn bearer(tokens: &[Token], headers: &HeaderMap) -> Result<Caller, AuthFault> {
    let (scheme, token) = authorization(headers);
    if scheme.is_empty() || token.is_empty() {
        return Err(AuthFault::NoBearer);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AuthFault::NotBearer);
    }
    let presented = Secret::new(token.as_bytes());
    let mut found = 0;
    for (number, token) in (1_u32..).zip(tokens) {
        found.conditional_assign(&number, token.secret.matches(&presented));
    }
    let Some(index) = found.checked_sub(1) else { return Err(AuthFault::WrongToken) };
    let Token { secret, policy } = &tokens[index as usize];
    Ok(Caller { tenant: Tenant(secret.0), policy: *policy })
}

fn basic(expected: &Secret, headers: &HeaderMap) -> Result<Caller, AuthFault> {
    let (scheme, encoded) = authorization(headers);
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(AuthFault::NoBasic);
    }
    let presented = STANDARD.decode(encoded).ok().filter(|bytes| bytes.is_ascii() && bytes.contains(&b':'));
    let presented = presented.ok_or(AuthFault::NotBasic)?;
    if bool::from(expected.matches(&Secret::new(&presented))) {
        return Ok(Caller { tenant: Tenant(expected.0), policy: None });
    }
    Err(AuthFault::WrongPassword)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(authorization: Option<&str>) -> HeaderMap {
        let value = authorization.map(|value| HeaderValue::from_str(value).unwrap());
        value.map(|value| (header::AUTHORIZATION, value)).into_iter().collect()
    }

    #[test]
    fn bearer_tokens_say_who_calls_and_which_policy_binds_them() {
        let auth = Auth::Bearer(vec![Token::new("main", None), Token::new("team", Some(3))]);
        let check = |sent, expected: Result<(&str, Option<u32>), AuthFault>| {
            let caller = |(token, policy): (&str, _)| Caller {
                tenant: Tenant(Secret::new(token.as_bytes()).0),
                policy,
            };
            let expected = expected.map(caller).map_err(ApiError::Unauthorized);
            assert_eq!(auth.check(&headers(sent)), expected, "{sent:?}");
        };
        check(None, Err(AuthFault::NoBearer));
        check(Some(""), Err(AuthFault::NoBearer));
        check(Some("Bearer"), Err(AuthFault::NoBearer));
        check(Some("Bearer "), Err(AuthFault::NoBearer));
        check(Some("main"), Err(AuthFault::NoBearer));
        check(Some("Basic bWFpbg=="), Err(AuthFault::NotBearer));
        check(Some("Bearer mains"), Err(AuthFault::WrongToken));
        check(Some("Bearer  main"), Err(AuthFault::WrongToken));
        check(Some("Bearer main"), Ok(("main", None)));
        check(Some("bearer team"), Ok(("team", Some(3))));
    }

    #[test]
    fn basic_wants_name_and_password() {
        let auth = Auth::Basic(Secret::new(b"ann:pass:word"));
        let check = |sent: Option<&str>, expected: Result<(), AuthFault>| {
            let found = auth.check(&headers(sent)).map(|_| ());
            assert_eq!(found, expected.map_err(ApiError::Unauthorized), "{sent:?}");
        };
        let encoded = |plain: &str| format!("Basic {}", STANDARD.encode(plain));
        check(None, Err(AuthFault::NoBasic));
        check(Some("Bearer ann"), Err(AuthFault::NoBasic));
        check(Some("Basic !!!"), Err(AuthFault::NotBasic));
        check(Some("Basic"), Err(AuthFault::NotBasic));
        check(Some(&encoded("no colon")), Err(AuthFault::NotBasic));
        check(Some(&encoded("änn:x")), Err(AuthFault::NotBasic));
        check(Some(&encoded("ann:wrong")), Err(AuthFault::WrongPassword));
        check(Some(&encoded(":")), Err(AuthFault::WrongPassword));
        check(Some(&encoded("ann:pass:word")), Ok(()));
    }
}
