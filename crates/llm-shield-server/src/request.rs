//! Bodies of requests as types: JSON objects of which certain string fields are wanted.
//!
//! Texts are borrowed from the body wherever JSON's escapes allow it. Fields that the route does not know are
//! skipped, as the benchmark contract and llm-guard do; a wanted field that stands there twice is refused, since
//! two readers would then see two texts. Nesting is bounded by the JSON parser, at 128 levels.

mod analysis;
mod batch;

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

use crate::error::{ApiError, Fault, JsonKind};

pub use analysis::{Analysis, Wanted, parse_analysis};
pub(crate) use analysis::{bad_vault, not_json_content};
pub(crate) use batch::parse_batch;

/// The body of `/scan`, `/scan/pipeline`, `/scan/secrets` and `/echo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRequest<'b> {
    /// The text to scan.
    pub text: Cow<'b, str>,
}

/// Reads `{"text": …}`.
///
/// ```
/// let request = llm_shield_server::parse_scan_request(br#"{"text": "hello"}"#)?;
/// assert_eq!(request.text, "hello");
/// # Ok::<(), llm_shield_server::ApiError>(())
/// ```
pub fn parse_scan_request(body: &[u8]) -> Result<ScanRequest<'_>, ApiError> {
    let [text] = fields(body, ["text"])?;
    Ok(ScanRequest { text })
}

fn fields<'b, const N: usize>(
    body: &'b [u8],
    names: [&'static str; N],
) -> Result<[Cow<'b, str>; N], ApiError> {
    let body = characters(body)?;
    let fault = Cell::new(None);
    let mut json = serde_json::Deserializer::from_str(body);
    let fields = ObjectSeed { names, fault: &fault }.deserialize(&mut json);
    fields.and_then(|fields| json.end().map(|()| fields)).map_err(|error| refusal(&error, fault.get()))
}

fn characters(body: &[u8]) -> Result<&str, ApiError> {
    let body =
        std::str::from_utf8(body).map_err(|error| ApiError::NotUtf8 { offset: error.valid_up_to() })?;
    if body.trim_ascii().is_empty() { Err(ApiError::EmptyBody) } else { Ok(body) }
}

/// The parser's words are used only where they come from its fixed list; those on values quote the values.
fn refusal(error: &serde_json::Error, fault: Option<Fault>) -> ApiError {
    let (line, column) = (error.line(), error.column());
    if let Some(fault) = fault {
        return ApiError::WrongShape { fault, line, column };
    }
    if error.is_data() {
        let reason = "a value that JSON does not allow here".to_owned();
        return ApiError::NotJson { reason, line, column };
    }
    let words = error.to_string();
    let reason = words.rsplit_once(" at line ").map_or(words.as_str(), |(reason, _)| reason);
    if reason.starts_with("recursion limit") {
        return ApiError::TooDeep { line, column };
    }
    ApiError::NotJson { reason: reason.to_owned(), line, column }
}

/// Reads an object's fields called `names`; what is wrong is left in `fault`, since the parser's own errors can
/// only carry text.
struct ObjectSeed<'f, const N: usize> {
    names: [&'static str; N],
    fault: &'f Cell<Option<Fault>>,
}

impl<const N: usize> ObjectSeed<'_, N> {
    fn refuse<E: Error>(&self, fault: Fault) -> E {
        self.fault.set(Some(fault));
        E::custom("")
    }
}

impl<'de, const N: usize> DeserializeSeed<'de> for ObjectSeed<'_, N> {
    type Value = [Cow<'de, str>; N];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for ObjectSeed<'_, N> {
    type Value = [Cow<'de, str>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = [const { None }; N];
        while let Some(key) = map.next_key_seed(StringSeed)? {
            let Ok(key) = key else { continue };
            if let Some(index) = self.names.iter().position(|name| *name == key) {
                let name = self.names[index];
                if values[index].is_some() {
                    return Err(self.refuse(Fault::Duplicate(name)));
                }
                match map.next_value_seed(StringSeed)? {
                    Ok(text) => values[index] = Some(text),
                    Err(kind) => return Err(self.refuse(Fault::NotAString(name, kind))),
                }
            } else {
                map.next_value_seed(StringSeed)?.ok();
            }
        }
        if let Some(index) = values.iter().position(Option::is_none) {
            return Err(self.refuse(Fault::Missing(self.names[index])));
        }
        Ok(values.map(Option::unwrap_or_default))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Err(self.refuse(Fault::NotAnObject(JsonKind::Null)))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Err(self.refuse(Fault::NotAnObject(JsonKind::Boolean)))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Err(self.refuse(Fault::NotAnObject(JsonKind::Number)))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Err(self.refuse(Fault::NotAnObject(JsonKind::Number)))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Err(self.refuse(Fault::NotAnObject(JsonKind::Number)))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Err(self.refuse(Fault::NotAnObject(JsonKind::String)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.refuse(Fault::NotAnObject(JsonKind::Array)))
    }
}

/// Reads any value: a string as itself, anything else as its kind.
///
/// Values that nobody wants go through here too: serde's own way to skip them has no limit on nesting.
struct StringSeed;

impl<'de> DeserializeSeed<'de> for StringSeed {
    type Value = Result<Cow<'de, str>, JsonKind>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StringSeed {
    type Value = Result<Cow<'de, str>, JsonKind>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Ok(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Ok(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Err(JsonKind::Null))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Err(JsonKind::Boolean))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Err(JsonKind::Number))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Err(JsonKind::Number))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Err(JsonKind::Number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element_seed(StringSeed)?.is_some() {}
        Ok(Err(JsonKind::Array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_key_seed(StringSeed)?.is_some() {
            map.next_value_seed(StringSeed)?.ok();
        }
        Ok(Err(JsonKind::Object))
    }
}
