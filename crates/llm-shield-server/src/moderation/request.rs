//! OpenAI's body of a moderation call: `input` is a string, an array of strings, or an array of text parts.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::error::ApiError;

/// The most inputs, or parts of one, in a call. As many small texts as can be scanned in about a millisecond.
const INPUTS_MAX: usize = 128;

/// What is wrong with the body of a moderation call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModerationFault {
    /// The body is JSON, but no object.
    #[error("the body must be a JSON object with the field `input`")]
    NotAnObject,
    /// `input` is not there.
    #[error("the field `input` is missing")]
    Missing,
    /// `input` stands there twice.
    #[error("the field `input` stands there twice")]
    Duplicate,
    /// `input` is of none of the three forms.
    #[error(
        "the field `input` must be a string, an array of strings, or an array of parts {{\"type\":\"text\",\"text\":…}}"
    )]
    WrongType,
    /// A part is no text.
    #[error("only parts of the type `text` are judged; there is one of another type")]
    UnsupportedPart,
    /// An array without elements.
    #[error("the array `input` is empty")]
    Empty,
    /// More inputs than are taken at once.
    #[error("the array `input` has more than {INPUTS_MAX} elements")]
    TooMany,
}

impl ModerationFault {
    const ALL: [Self; 7] = [
        Self::NotAnObject,
        Self::Missing,
        Self::Duplicate,
        Self::WrongType,
        Self::UnsupportedPart,
        Self::Empty,
        Self::TooMany,
    ];

    /// The name that programs tell it by.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::NotAnObject => "not_an_object",
            Self::Missing => "missing_field",
            Self::Duplicate => "duplicate_field",
            Self::WrongType => "wrong_type",
            Self::UnsupportedPart => "unsupported_part",
            Self::Empty => "empty_input",
            Self::TooMany => "too_many_inputs",
        }
    }
}

/// The texts to judge, one result each.
pub(super) struct ModerationRequest<'b> {
    pub(super) inputs: Vec<Cow<'b, str>>,
}

pub(super) fn parse(body: &[u8]) -> Result<ModerationRequest<'_>, ApiError> {
    let body =
        std::str::from_utf8(body).map_err(|error| ApiError::NotUtf8 { offset: error.valid_up_to() })?;
    if body.trim_ascii().is_empty() {
        return Err(ApiError::EmptyBody);
    }
    // A derived reader takes an array for an object, too.
    if !body.trim_ascii_start().starts_with('{') {
        serde_json::from_str::<IgnoredAny>(body).map_err(|error| refusal(&error))?;
        return Err(ApiError::BadModeration { fault: ModerationFault::NotAnObject, line: 1, column: 1 });
    }
    let Body { input: Input(inputs) } = serde_json::from_str(body).map_err(|error| refusal(&error))?;
    Ok(ModerationRequest { inputs })
}

/// The parser's words are used only where they come from its fixed list; those on values quote the values.
fn refusal(error: &serde_json::Error) -> ApiError {
    let (line, column) = (error.line(), error.column());
    let words = error.to_string();
    let reason = words.rsplit_once(" at line ").map_or(words.as_str(), |(reason, _)| reason);
    if error.is_data() {
        let fault = match reason {
            "missing field `input`" => ModerationFault::Missing,
            "duplicate field `input`" => ModerationFault::Duplicate,
            _ => {
                let own = ModerationFault::ALL.into_iter().find(|fault| fault.to_string() == reason);
                own.unwrap_or(if reason.ends_with(Input::EXPECTED) {
                    ModerationFault::WrongType
                } else {
                    ModerationFault::NotAnObject
                })
            }
        };
        return ApiError::BadModeration { fault, line, column };
    }
    if reason.starts_with("recursion limit") {
        return ApiError::TooDeep { line, column };
    }
    ApiError::NotJson { reason: reason.to_owned(), line, column }
}

/// Other fields, `model` among them, are skipped: there is one judge.
#[derive(Deserialize)]
struct Body<'b> {
    #[serde(borrow)]
    input: Input<'b>,
}

struct Input<'b>(Vec<Cow<'b, str>>);

impl Input<'_> {
    const EXPECTED: &'static str = "a string or an array of texts";
}

impl<'de: 'b, 'b> Deserialize<'de> for Input<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InputVisitor).map(Input)
    }
}

struct InputVisitor;

impl<'de> Visitor<'de> for InputVisitor {
    type Value = Vec<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Input::EXPECTED)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(vec![Cow::Borrowed(text)])
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(vec![Cow::Owned(text.to_owned())])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        let mut kind = None;
        while let Some(Element { text, part }) = seq.next_element()? {
            if texts.len() == INPUTS_MAX {
                return Err(A::Error::custom(ModerationFault::TooMany));
            }
            if *kind.get_or_insert(part) != part {
                return Err(A::Error::custom(ModerationFault::WrongType));
            }
            texts.push(text);
        }
        match kind {
            None => Err(A::Error::custom(ModerationFault::Empty)),
            Some(false) => Ok(texts),
            // The parts of one message are one input: an attack may be cut between two of them.
            Some(true) => Ok(vec![Cow::Owned(texts.join("\n"))]),
        }
    }
}

/// An element of the array: a string or a part.
struct Element<'b> {
    text: Cow<'b, str>,
    part: bool,
}

impl<'de: 'b, 'b> Deserialize<'de> for Element<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Input::EXPECTED)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Element { text: Cow::Borrowed(text), part: false })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Element { text: Cow::Owned(text.to_owned()), part: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        /// A part of a message; of an image only the type is read.
        #[derive(Deserialize)]
        struct Part<'b> {
            #[serde(borrow, default)]
            r#type: Option<Text<'b>>,
            #[serde(borrow, default)]
            text: Option<Text<'b>>,
        }
        let part = Part::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        if part.r#type.is_none_or(|kind| kind.0 != "text") {
            return Err(A::Error::custom(ModerationFault::UnsupportedPart));
        }
        let Some(Text(text)) = part.text else { return Err(A::Error::custom(ModerationFault::WrongType)) };
        Ok(Element { text, part: true })
    }
}

/// A string, borrowed where JSON's escapes allow it.
struct Text<'b>(Cow<'b, str>);

impl<'de: 'b, 'b> Deserialize<'de> for Text<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Input::EXPECTED)
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        deserializer.deserialize_str(TextVisitor).map(Text)
    }
}
