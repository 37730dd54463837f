//! What the name of a value promises.

use crate::Span;

/// How strongly a name says that its value is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// A key, a salt, a nonce: may also be a map's key or a sort key.
    Weak,
    /// A secret, token or API key: drawn by machines.
    Secret,
    /// A password: chosen by people, may be short.
    Password,
}

/// Ends of words that name a password.
const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "passwort",
    "pwd",
    "passphrase",
    "passcode",
    "identified",
    "kennwort",
    "passe",
    "senha",
];

/// Words for a password in other scripts.
const FOREIGN_PASSWORDS: &[&str] =
    &["contraseña", "Contraseña", "пароль", "Пароль", "密码", "密碼", "パスワード"];

/// Ends of words that name a secret drawn by a machine.
const SECRETS: &[&str] = &[
    "secret",
    "token",
    "credential",
    "credentials",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "authkey",
];

/// Words before `key` that make it a secret.
const SECRET_KEYS: &[&str] =
    &["api", "access", "secret", "private", "auth", "client", "encryption", "signing", "master", "shared"];

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
    "within",
    "spec",
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
    if !name.is_ascii() {
        return FOREIGN_PASSWORDS.iter().any(|word| name.contains(word)).then_some(Strength::Password);
    }
    let mut strongest = None;
    let mut before = "";
    let mut rest = Words { name };
    while let Some(word) = rest.next() {
        let is_last = rest.clone().next().is_none();
        if is_last && !before.is_empty() && is_one_of(ABOUT, word) || is_one_of(&["public"], word) {
            return None;
        }
        // `max_tokens`, `keys`: several are a number or a collection.
        let several =
            is_last && ends_with(word, "s") && !ends_with(word, "pass") && !ends_with(word, "credentials");
        if !several {
            strongest = strongest.max(word_strength(word, before));
        }
        before = word;
    }
    strongest
}

fn word_strength(word: &str, before: &str) -> Option<Strength> {
    if word.eq_ignore_ascii_case("pass") || PASSWORDS.iter().any(|ending| ends_with(word, ending)) {
        return Some(Strength::Password);
    }
    if SECRETS.iter().any(|ending| ends_with(word, ending)) {
        return Some(Strength::Secret);
    }
    if word.eq_ignore_ascii_case("key") {
        return match () {
            () if is_one_of(HARMLESS_KEYS, before) => None,
            () if is_one_of(SECRET_KEYS, before) => Some(Strength::Secret),
            () => Some(Strength::Weak),
        };
    }
    is_one_of(&["auth", "authorization", "salt", "nonce"], word).then_some(Strength::Weak)
}

fn is_one_of(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

pub(super) fn ends_with(word: &str, ending: &str) -> bool {
    word.len() >= ending.len()
        && word.as_bytes()[word.len() - ending.len()..].eq_ignore_ascii_case(ending.as_bytes())
}

/// Where [`FOREIGN_PASSWORDS`] stand in `text`. ASCII is passed over in blocks.
pub(super) fn foreign(text: &str) -> impl Iterator<Item = Span> + use<'_> {
    const BLOCK: usize = 64;
    const WORD: usize = 8;
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            if bytes[at].is_ascii() {
                let is_ascii = |length: usize| bytes.get(at..at + length).is_some_and(<[u8]>::is_ascii);
                at += if is_ascii(BLOCK) {
                    BLOCK
                } else if is_ascii(WORD) {
                    WORD
                } else {
                    bytes[at..].iter().take_while(|byte| byte.is_ascii()).count()
                };
                continue;
            }
            let found = foreign_at(text, at);
            // The other bytes of the character cannot begin one.
            at = found.map_or(at + 1, |span| span.end);
            if found.is_some() {
                return found;
            }
        }
        None
    })
}

/// The foreign name whose first character beyond ASCII stands at `at`.
fn foreign_at(text: &str, at: usize) -> Option<Span> {
    if !matches!(text.as_bytes()[at], 0xC3 | 0xD0 | 0xE3 | 0xE5) {
        return None;
    }
    FOREIGN_PASSWORDS.iter().find_map(|name| {
        let ascii = name.bytes().take_while(u8::is_ascii).count();
        let start = at.checked_sub(ascii)?;
        text.as_bytes()[start..].starts_with(name.as_bytes()).then(|| Span::new(start, start + name.len()))
    })
}

/// How many words may stand between a name and its verb in a sentence (`the password for the old router is`); nothing
/// when the sentence uses the word in another form (`authors`, `tokenizer`). A byte or two decide most cases.
pub(super) fn sentence_words(name: &str) -> Option<usize> {
    const MANY: usize = 6;
    if !name.is_ascii() {
        return Some(MANY);
    }
    let any = |endings: &[&str], words| endings.iter().any(|ending| ends_with(name, ending)).then_some(words);
    match name.as_bytes().last()?.to_ascii_lowercase() {
        b'd' => any(&["password", "passwd", "pwd"], MANY).or_else(|| any(&["identified", "seed"], 0)),
        b't' => any(&["secret", "passwort", "kennwort"], MANY).or_else(|| any(&["jwt", "salt", "ticket"], 0)),
        b'n' => any(&["token"], MANY),
        b'e' => any(&["passphrase", "passcode", "passe"], MANY).or_else(|| any(&["cookie", "nonce"], 0)),
        b's' => any(&["pass", "credentials"], MANY),
        b'l' => any(&["credential"], MANY),
        b'y' => any(&["key"], 1),
        b'h' => any(&["auth"], 0),
        b'a' => any(&["senha"], MANY),
        _ => None,
    }
}

/// Whether the last word makes the value something about the secret and not the secret: `token_id`, `password_file`.
pub(super) fn is_about(name: &str) -> bool {
    let mut last = "";
    let mut several = false;
    for word in words(name) {
        several = !last.is_empty();
        last = word;
    }
    several && is_one_of(ABOUT, last)
}

/// The words of a name.
pub(super) fn words(name: &str) -> impl Iterator<Item = &str> {
    Words { name }
}

/// The words of a name: runs of ASCII letters and digits, cut where a capital follows a small letter or digit.
#[derive(Clone)]
struct Words<'n> {
    name: &'n str,
}

impl<'n> Iterator for Words<'n> {
    type Item = &'n str;

    fn next(&mut self) -> Option<&'n str> {
        let name = self.name.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let bytes = name.as_bytes();
        let is_end = |at: &usize| {
            !bytes[*at].is_ascii_alphanumeric()
                || (*at > 0 && bytes[*at].is_ascii_uppercase() && !bytes[*at - 1].is_ascii_uppercase())
        };
        let end = (0..bytes.len()).find(is_end).unwrap_or(bytes.len());
        let (word, rest) = name.split_at(end);
        self.name = rest;
        (!word.is_empty()).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::{Strength, foreign, sentence_words, strength};

    #[test]
    fn names_in_other_scripts_are_found() {
        let padding = "a ".repeat(100);
        let text = format!("{padding}我的密码是x{padding}é contraseña: y {padding}Пароль ñ");
        let found: Vec<&str> = foreign(&text).map(|span| &text[span.range()]).collect();
        assert_eq!(found, ["密码", "contraseña", "Пароль"]);
    }

    #[test]
    fn sentences_name_secrets_by_whole_words() {
        for (name, expected) in [
            ("password", Some(6)),
            ("apiKey", Some(1)),
            ("authors", None),
            ("tokenizer", None),
            ("tokens", None),
        ] {
            assert_eq!(sentence_words(name), expected, "{name}");
        }
    }

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
            ("publicKeyToken", None),
            ("reset_password_within", None),
            ("author", None),
            ("keyboard", None),
            ("compass", None),
            ("tokenizer", None),
        ] {
            assert_eq!(strength(name), expected, "{name}");
        }
    }
}
