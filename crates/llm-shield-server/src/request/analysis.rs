//! Bodies of analyses: llm-guard's fields, what is wrong with them in pydantic's words, and two fields of ours.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use llm_shield::Pair;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{StringSeed, characters, refusal};
use crate::error::{ApiError, Detail, Step};

/// The most faults that an answer lists.
const DETAILS_MAX: usize = 100;

/// The body of `/analyze/*` and `/scan/*`, or one item of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Analysis<'b> {
    /// The prompt to scan, or the one that the output answers.
    pub prompt: Cow<'b, str>,
    /// The output to scan.
    pub output: Option<Cow<'b, str>>,
    /// Scanners that do not run on this text.
    pub suppress: Vec<Cow<'b, str>>,
    /// What was taken out of earlier prompts of the conversation; the answer then tells what it holds now. The
    /// client keeps it: the server remembers nothing.
    pub vault: Option<Vec<Pair>>,
    /// The name of a conversation whose vault the server remembers.
    pub conversation: Option<Cow<'b, str>>,
}

/// Which texts a body must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// `prompt`.
    Prompt,
    /// `prompt` and `output`.
    Output,
    /// `prompt`, and `output` if an output is to be scanned.
    Either,
}

/// Reads `{"prompt": …, "output": …, "scanners_suppress": […], "vault": […], "conversation": …}`.
///
/// ```
/// use llm_shield_server::{Wanted, parse_analysis};
///
/// let analysis = parse_analysis(br#"{"prompt": "hello", "scanners_suppress": ["Secrets"]}"#, Wanted::Prompt)?;
/// assert_eq!(analysis.suppress, ["Secrets"]);
/// # Ok::<(), llm_shield_server::ApiError>(())
/// ```
pub fn parse_analysis(body: &[u8], wanted: Wanted) -> Result<Analysis<'_>, ApiError> {
    let faults = Faults::default();
    let analysis = parse(body, &faults, AnalysisSeed { wanted, faults: &faults, item: None })?;
    faults.none_or(analysis)
}

pub(super) fn parse<'b, S: DeserializeSeed<'b>>(
    body: &'b [u8],
    faults: &Faults,
    seed: S,
) -> Result<S::Value, ApiError> {
    let text = match characters(body) {
        Err(ApiError::EmptyBody) => return Err(missing_body()),
        text => text?,
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    value.map_err(|error| match refusal(&error, None) {
        // A vault that is none ended the reading.
        ApiError::NotJson { .. } if faults.broke_off.get() => ApiError::Validation(faults.found.take()),
        ApiError::NotJson { reason, line, column } => not_json(text, reason, line, column),
        other => other,
    })
}

/// pydantic's answer to no body, which is also its answer to `null`.
fn missing_body() -> ApiError {
    ApiError::Validation(vec![detail("missing", vec![BODY], "Field required")])
}

fn not_json(text: &str, error: String, line: usize, column: usize) -> ApiError {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let byte = text.floor_char_boundary(before + column.saturating_sub(1));
    let offset = text[..byte].chars().count();
    let mut detail = detail("json_invalid", vec![BODY, Step::Index(offset)], "JSON decode error");
    detail.ctx = Some(crate::error::DetailContext { error });
    ApiError::Validation(vec![detail])
}

/// The body of another content type than JSON, which llm-guard does not look into.
pub(crate) fn not_json_content() -> ApiError {
    ApiError::Validation(vec![detail("model_attributes_type", vec![BODY], NOT_AN_OBJECT)])
}

/// A vault that cannot be, in the same shape as the other faults.
pub(crate) fn bad_vault(error: &llm_shield::VaultError) -> ApiError {
    ApiError::Validation(vec![detail("value_error", vec![BODY, Step::Field(VAULT)], &error.to_string())])
}

/// The visits of a visitor that wants an object or an array: anything simpler goes to `$refuse`.
macro_rules! refuse_scalars {
    ($refuse:ident) => {
        fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
            Ok(self.$refuse())
        }

        fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
            Ok(self.$refuse())
        }

        fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
            Ok(self.$refuse())
        }

        fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
            Ok(self.$refuse())
        }

        fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
            Ok(self.$refuse())
        }
    };
}
pub(super) use refuse_scalars;

pub(super) const BODY: Step = Step::Field("body");
const PROMPT: &str = "prompt";
const OUTPUT: &str = "output";
pub(super) const SUPPRESS: &str = "scanners_suppress";
const VAULT: &str = "vault";
const CONVERSATION: &str = "conversation";
pub(super) const ITEMS: &str = "items";
pub(super) const NOT_AN_OBJECT: &str = "Input should be a valid dictionary or object to extract fields from";

/// More names than there are scanners, many times over.
const SUPPRESS_MAX: usize = 1_000;

fn detail(kind: &'static str, loc: Vec<Step>, msg: &str) -> Detail {
    Detail { kind, loc, msg: msg.to_owned(), ctx: None }
}

/// What was found wrong so far.
#[derive(Default)]
pub(super) struct Faults {
    found: RefCell<Vec<Detail>>,
    /// Whether the last one stands for a value that cannot be read to its end.
    broke_off: Cell<bool>,
}

impl Faults {
    pub(super) fn add(
        &self,
        item: Option<usize>,
        field: Option<&'static str>,
        kind: &'static str,
        msg: &str,
    ) {
        self.add_at(item, field.into_iter().map(Step::Field), kind, msg);
    }

    pub(super) fn add_at(
        &self,
        item: Option<usize>,
        steps: impl IntoIterator<Item = Step>,
        kind: &'static str,
        msg: &str,
    ) {
        let mut faults = self.found.borrow_mut();
        if faults.len() < DETAILS_MAX {
            let within = item.into_iter().flat_map(|item| [Step::Field(ITEMS), Step::Index(item)]);
            let loc = std::iter::once(BODY).chain(within).chain(steps).collect();
            faults.push(detail(kind, loc, msg));
        }
    }

    pub(super) fn none_or<T>(self, value: Option<T>) -> Result<T, ApiError> {
        let faults = self.found.into_inner();
        match value {
            Some(value) if faults.is_empty() => Ok(value),
            _ => Err(ApiError::Validation(faults)),
        }
    }
}

/// Reads one analysis; `None` and faults when it is not what is wanted.
pub(super) struct AnalysisSeed<'f> {
    pub(super) wanted: Wanted,
    pub(super) faults: &'f Faults,
    /// Its place in a batch.
    pub(super) item: Option<usize>,
}

/// A field as it was found.
pub(super) enum Slot<T> {
    Absent,
    Given(T),
    /// Already complained of.
    Wrong,
}

impl<T> Slot<T> {
    pub(super) fn given(self) -> Option<T> {
        if let Self::Given(value) = self { Some(value) } else { None }
    }
}

impl AnalysisSeed<'_> {
    fn text<'de, A: MapAccess<'de>>(
        &self,
        map: &mut A,
        field: &'static str,
    ) -> Result<Slot<Cow<'de, str>>, A::Error> {
        if let Ok(text) = map.next_value_seed(StringSeed)? {
            return Ok(Slot::Given(text));
        }
        self.faults.add(self.item, Some(field), "string_type", "Input should be a valid string");
        Ok(Slot::Wrong)
    }

    fn vault<'de, A: MapAccess<'de>>(&self, map: &mut A) -> Result<Slot<Vec<Pair>>, A::Error> {
        // Stands until the value is read: the parser's own errors would quote it.
        let msg = "Input should be a list of pairs [placeholder, original] of strings";
        let before = self.faults.found.borrow().len();
        self.faults.add(self.item, Some(VAULT), "list_type", msg);
        self.faults.broke_off.set(true);
        let pairs = map.next_value::<Vec<Pair>>()?;
        self.faults.broke_off.set(false);
        self.faults.found.borrow_mut().truncate(before);
        Ok(Slot::Given(pairs))
    }
}

impl<'de> DeserializeSeed<'de> for AnalysisSeed<'_> {
    type Value = Option<Analysis<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnalysisSeed<'_> {
    type Value = Option<Analysis<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut prompt, mut output, mut conversation) = (Slot::Absent, Slot::Absent, Slot::Absent);
        let (mut suppress, mut vault) = (Slot::Absent, Slot::Absent);
        while let Some(key) = map.next_key_seed(StringSeed)? {
            let key = key.unwrap_or_default();
            let takes_output = self.wanted != Wanted::Prompt;
            let (field, taken) = match &*key {
                PROMPT => (PROMPT, !matches!(prompt, Slot::Absent)),
                OUTPUT if takes_output => (OUTPUT, !matches!(output, Slot::Absent)),
                SUPPRESS => (SUPPRESS, !matches!(suppress, Slot::Absent)),
                VAULT => (VAULT, !matches!(vault, Slot::Absent)),
                CONVERSATION => (CONVERSATION, !matches!(conversation, Slot::Absent)),
                _ => {
                    map.next_value_seed(StringSeed)?.ok();
                    continue;
                }
            };
            if taken {
                // Two readers of such a body would see two texts.
                self.faults.add(self.item, Some(field), "duplicate_field", "Field given more than once");
                map.next_value_seed(StringSeed)?.ok();
                continue;
            }
            match field {
                PROMPT => prompt = self.text(&mut map, PROMPT)?,
                OUTPUT => output = self.text(&mut map, OUTPUT)?,
                CONVERSATION => conversation = self.text(&mut map, CONVERSATION)?,
                VAULT => vault = self.vault(&mut map)?,
                _ => suppress = map.next_value_seed(NamesSeed { faults: self.faults, item: self.item })?,
            }
        }
        for (field, absent) in [
            (PROMPT, matches!(prompt, Slot::Absent)),
            (OUTPUT, self.wanted == Wanted::Output && matches!(output, Slot::Absent)),
        ] {
            if absent {
                self.faults.add(self.item, Some(field), "missing", "Field required");
            }
        }
        if matches!((&vault, &conversation), (Slot::Given(_), Slot::Given(_))) {
            let msg = "Give either `vault` or `conversation`";
            self.faults.add(self.item, Some(CONVERSATION), "value_error", msg);
        }
        Ok(prompt.given().map(|prompt| Analysis {
            prompt,
            output: output.given(),
            suppress: suppress.given().unwrap_or_default(),
            vault: vault.given(),
            conversation: conversation.given(),
        }))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        match self.item {
            None => self.faults.add(None, None, "missing", "Field required"),
            Some(_) => self.faults.add(self.item, None, "model_attributes_type", NOT_AN_OBJECT),
        }
        Ok(None)
    }

    refuse_scalars!(not_an_object);

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element_seed(StringSeed)?.is_some() {}
        Ok(self.not_an_object())
    }
}

impl AnalysisSeed<'_> {
    fn not_an_object<T>(self) -> Option<T> {
        self.faults.add(self.item, None, "model_attributes_type", NOT_AN_OBJECT);
        None
    }
}

/// Reads a list of names.
pub(super) struct NamesSeed<'f> {
    pub(super) faults: &'f Faults,
    pub(super) item: Option<usize>,
}

impl NamesSeed<'_> {
    fn not_a_list<T>(self) -> Slot<T> {
        self.faults.add(self.item, Some(SUPPRESS), "list_type", "Input should be a valid list");
        Slot::Wrong
    }
}

impl<'de> DeserializeSeed<'de> for NamesSeed<'_> {
    type Value = Slot<Vec<Cow<'de, str>>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NamesSeed<'_> {
    type Value = Slot<Vec<Cow<'de, str>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        let mut index = 0;
        while let Some(name) = seq.next_element_seed(StringSeed)? {
            match name {
                Ok(name) if names.len() < SUPPRESS_MAX => names.push(name),
                Ok(_) => {}
                Err(_) => {
                    let steps = [Step::Field(SUPPRESS), Step::Index(index)];
                    self.faults.add_at(self.item, steps, "string_type", "Input should be a valid string");
                }
            }
            index += 1;
        }
        if index > SUPPRESS_MAX {
            let msg = format!("List should have at most {SUPPRESS_MAX} items");
            self.faults.add(self.item, Some(SUPPRESS), "too_long", &msg);
        }
        Ok(Slot::Given(names))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_key_seed(StringSeed)?.is_some() {
            map.next_value_seed(StringSeed)?.ok();
        }
        Ok(self.not_a_list())
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(self.not_a_list())
    }

    refuse_scalars!(not_a_list);
}
