//! What the name of a value promises.

/// How strongly a name says that its value is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// A password: chosen by people, may be short.
    Password,
    /// A secret, token or API key: drawn by machines.
    Secret,
    /// A key, a salt, a nonce: may also be a map's key or a sort key.
    Weak,
}

/// Last words that make the value something about the secret and not the secret.
const ABOUT: &[&str] = &[
    "id",
    "ids",
    "name",
    "names",
    "file",
    "filename",
    "path",
    "dir",
    "url",
    "uri",
    "type",
    "types",
    "length",
    "len",
    "size",
    "count",
    "field",
    "fields",
    "label",
    "labels",
    "title",
    "text",
    "message",
    "error",
    "prefix",
    "suffix",
    "policy",
    "expires",
    "expiry",
    "expiration",
    "expire",
    "ttl",
    "timeout",
    "format",
    "algorithm",
    "alg",
    "version",
    "hint",
    "header",
    "endpoint",
    "at",
    "kind",
    "class",
    "index",
    "template",
    "pattern",
    "regex",
    "column",
    "limit",
    "limits",
    "max",
    "min",
    "enabled",
    "required",
    "placeholder",
    "provider",
    "store",
    "manager",
    "service",
    "handler",
    "method",
    "mode",
    "status",
    "state",
    "ref",
    "arn",
    "env",
    "var",
    "variable",
    "param",
    "parameter",
    "scheme",
    "strategy",
    "reset",
    "page",
    "form",
    "input",
    "rotation",
    "usage",
    "description",
    "location",
    "source",
    "encoder",
    "validator",
    "strength",
    "issuer",
    "audience",
];

/// Words before `key` that make it a name of data.
const HARMLESS_KEYS: &[&str] = &[
    "public",
    "primary",
    "foreign",
    "cache",
    "sort",
    "partition",
    "range",
    "hash",
    "object",
    "map",
    "row",
    "pub",
    "idempotency",
];

/// What `name` promises, or nothing when its value is not a secret. `name` is any spelling of words: snake, camel,
/// kebab, dotted, with spaces.
pub(super) fn strength(name: &str) -> Option<Strength> {
    let words = words(name);
    let last = words.last()?;
    if words.len() > 1 && ABOUT.contains(&last.as_str()) {
        return None;
    }
    let mut strongest = None;
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| words[before].as_str());
        let strength = match word_strength(word, before) {
            // `max_tokens`, `keys`: several are a number or a collection.
            Some(_)
                if at + 1 == words.len()
                    && word.ends_with('s')
                    && !word.ends_with("pass")
                    && !word.ends_with("credentials") =>
            {
                None
            }
            other => other,
        };
        strongest = match (strongest, strength) {
            (Some(Strength::Password), _) | (_, Some(Strength::Password)) => Some(Strength::Password),
            (Some(Strength::Secret), _) | (_, Some(Strength::Secret)) => Some(Strength::Secret),
            (known, None) => known,
            (_, new) => new,
        };
    }
    strongest
}

fn word_strength(word: &str, before: Option<&str>) -> Option<Strength> {
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    if ends(&["password", "passwd", "passwort", "pwd", "passphrase", "passcode", "identified"])
        || word == "pass"
    {
        return Some(Strength::Password);
    }
    if ends(&[
        "secret",
        "token",
        "credential",
        "credentials",
        "apikey",
        "accesskey",
        "secretkey",
        "privatekey",
        "authkey",
    ]) {
        return Some(Strength::Secret);
    }
    match word {
        "key" => match before {
            Some(before) if HARMLESS_KEYS.contains(&before) => None,
            Some(
                "api" | "access" | "secret" | "private" | "auth" | "client" | "encryption" | "signing"
                | "master" | "shared",
            ) => Some(Strength::Secret),
            _ => Some(Strength::Weak),
        },
        "auth" | "authorization" | "salt" | "nonce" => Some(Strength::Weak),
        _ => None,
    }
}

/// The words of a name in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut previous_lower = false;
    for byte in name.bytes() {
        let starts_word = byte.is_ascii_uppercase() && previous_lower;
        if (!byte.is_ascii_alphanumeric() || starts_word) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if byte.is_ascii_alphanumeric() {
            word.push(byte.to_ascii_lowercase() as char);
        }
        previous_lower = byte.is_ascii_lowercase() || byte.is_ascii_digit();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Strength, strength};

    #[test]
    fn names_promise_by_their_words() {
        for (name, expected) in [
            ("password", Some(Strength::Password)),
            ("DB_PASSWORD", Some(Strength::Password)),
            ("dbPass", Some(Strength::Password)),
            ("userpwd", Some(Strength::Password)),
            ("client_secret", Some(Strength::Secret)),
            ("oauth_token_secret", Some(Strength::Secret)),
            ("apiKey", Some(Strength::Secret)),
            ("API-Key", Some(Strength::Secret)),
            ("aws.credentials", Some(Strength::Secret)),
            ("AES_KEY", Some(Strength::Weak)),
            ("nonce", Some(Strength::Weak)),
            ("token_id", None),
            ("passwordFile", None),
            ("max_tokens", None),
            ("public_key", None),
            ("author", None),
            ("keyboard", None),
            ("compass", None),
            ("tokenizer", None),
        ] {
            assert_eq!(strength(name), expected, "{name}");
        }
    }
}
