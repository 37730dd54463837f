//! The body of `/analyze/batch`: many analyses.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::StringSeed;
use super::analysis::{
    Analysis, AnalysisSeed, Faults, ITEMS, NOT_AN_OBJECT, NamesSeed, SUPPRESS, Slot, Wanted, parse,
    refuse_scalars,
};
use crate::error::ApiError;

/// Many analyses.
#[derive(Default)]
pub(crate) struct Batch<'b> {
    pub(crate) items: Vec<Analysis<'b>>,
    /// Scanners that run on none of them.
    pub(crate) suppress: Vec<Cow<'b, str>>,
}

/// Reads `{"items": [{"prompt": …}, {"prompt": …, "output": …}], "scanners_suppress": […]}`.
pub(crate) fn parse_batch(body: &[u8], items_max: usize) -> Result<Batch<'_>, ApiError> {
    let faults = Faults::default();
    let batch = parse(body, &faults, BatchSeed { items_max, faults: &faults })?;
    faults.none_or(batch)
}

/// Reads a batch; `None` and faults when it is none.
struct BatchSeed<'f> {
    items_max: usize,
    faults: &'f Faults,
}

impl BatchSeed<'_> {
    fn not_an_object<T>(self) -> Option<T> {
        self.faults.add(None, None, "model_attributes_type", NOT_AN_OBJECT);
        None
    }
}

impl<'de> DeserializeSeed<'de> for BatchSeed<'_> {
    type Value = Option<Batch<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for BatchSeed<'_> {
    type Value = Option<Batch<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut items, mut suppress) = (Slot::Absent, Slot::Absent);
        while let Some(key) = map.next_key_seed(StringSeed)? {
            let key = key.unwrap_or_default();
            match (&*key, &items, &suppress) {
                (ITEMS, Slot::Absent, _) => {
                    items =
                        map.next_value_seed(ItemsSeed { items_max: self.items_max, faults: self.faults })?;
                }
                (SUPPRESS, _, Slot::Absent) => {
                    suppress = map.next_value_seed(NamesSeed { faults: self.faults, item: None })?;
                }
                (ITEMS | SUPPRESS, ..) => {
                    let field = if key == ITEMS { ITEMS } else { SUPPRESS };
                    self.faults.add(None, Some(field), "duplicate_field", "Field given more than once");
                    map.next_value_seed(StringSeed)?.ok();
                }
                _ => {
                    map.next_value_seed(StringSeed)?.ok();
                }
            }
        }
        if matches!(items, Slot::Absent) {
            self.faults.add(None, Some(ITEMS), "missing", "Field required");
        }
        let suppress = suppress.given().unwrap_or_default();
        Ok(items.given().map(|items| Batch { items, suppress }))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(self.not_an_object())
    }

    refuse_scalars!(not_an_object);

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element_seed(StringSeed)?.is_some() {}
        Ok(self.not_an_object())
    }
}

/// Reads the items.
struct ItemsSeed<'f> {
    items_max: usize,
    faults: &'f Faults,
}

impl ItemsSeed<'_> {
    fn not_a_list<T>(self) -> Slot<T> {
        self.faults.add(None, Some(ITEMS), "list_type", "Input should be a valid list");
        Slot::Wrong
    }
}

impl<'de> DeserializeSeed<'de> for ItemsSeed<'_> {
    type Value = Slot<Vec<Analysis<'de>>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemsSeed<'_> {
    type Value = Slot<Vec<Analysis<'de>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        loop {
            if items.len() == self.items_max {
                if seq.next_element_seed(StringSeed)?.is_some() {
                    let msg = format!("List should have at most {} items", self.items_max);
                    self.faults.add(None, Some(ITEMS), "too_long", &msg);
                    while seq.next_element_seed(StringSeed)?.is_some() {}
                }
                return Ok(Slot::Given(items));
            }
            let item = AnalysisSeed { wanted: Wanted::Either, faults: self.faults, item: Some(items.len()) };
            let Some(item) = seq.next_element_seed(item)? else { return Ok(Slot::Given(items)) };
            // A place is kept also for what is wrong, so that the next fault has its own number.
            items.push(item.unwrap_or_default());
        }
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
