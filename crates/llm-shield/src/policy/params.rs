//! The parameters of a scanner in a policy, without those that llm-guard's API server takes out for itself.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, IntoDeserializer, MapAccess, Visitor};

/// What llm-guard's API server understands beside a scanner's own parameters, wherever a model is behind it. They say how
/// its model is loaded and run; here the models are built in and read the whole text.
const OF_MODELS: [&str; 4] = ["model_path", "model_batch_size", "model_max_length", "model_onnx_file_name"];

/// Scanners behind which llm-guard has a model of this kind.
const WITH_MODEL: [&str; 10] = [
    "BanCode",
    "BanCompetitors",
    "Code",
    "Gibberish",
    "Language",
    "LanguageSame",
    "MaliciousURLs",
    "NoRefusal",
    "PromptInjection",
    "Toxicity",
];

/// The value of `params`, where it has not been read yet.
pub(super) struct ParamsAccess<'m, A> {
    map: &'m mut A,
    has_model: bool,
    /// Parameters that were given and have no effect.
    pub(super) without_effect: Vec<&'static str>,
}

impl<'m, 'de, A: MapAccess<'de>> ParamsAccess<'m, A> {
    /// The next value of `map` as the parameters of the scanner `name`.
    pub(super) fn new(name: &str, map: &'m mut A) -> Self {
        Self { map, has_model: WITH_MODEL.contains(&name), without_effect: Vec::new() }
    }

    pub(super) fn next_value<P: Deserialize<'de>>(&mut self) -> Result<P, A::Error> {
        if self.has_model {
            self.map.next_value_seed(Own { without_effect: &mut self.without_effect, params: PhantomData })
        } else {
            self.map.next_value()
        }
    }

    /// A value that may be null.
    pub(super) fn next_optional<P: Deserialize<'de>>(&mut self) -> Result<Option<P>, A::Error> {
        if self.has_model {
            let own = Own { without_effect: &mut self.without_effect, params: PhantomData };
            self.map.next_value_seed(Optional(own))
        } else {
            self.map.next_value()
        }
    }
}

/// Reads a map as `P`, without what is the model's.
struct Own<'w, P> {
    without_effect: &'w mut Vec<&'static str>,
    params: PhantomData<P>,
}

impl<'de, P: Deserialize<'de>> DeserializeSeed<'de> for Own<'_, P> {
    type Value = P;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<P, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, P: Deserialize<'de>> Visitor<'de> for Own<'_, P> {
    type Value = P;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the scanner's parameters")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<P, A::Error> {
        let own = OwnEntries { map, without_effect: self.without_effect };
        P::deserialize(MapAccessDeserializer::new(own))
    }
}

/// The same, or null.
struct Optional<'w, P>(Own<'w, P>);

impl<'de, P: Deserialize<'de>> DeserializeSeed<'de> for Optional<'_, P> {
    type Value = Option<P>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<P>, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, P: Deserialize<'de>> Visitor<'de> for Optional<'_, P> {
    type Value = Option<P>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the scanner's parameters or null")
    }

    fn visit_none<E>(self) -> Result<Option<P>, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<P>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<P>, D::Error> {
        self.0.deserialize(deserializer).map(Some)
    }
}

/// A map's entries without those of the model.
struct OwnEntries<'w, A> {
    map: A,
    without_effect: &'w mut Vec<&'static str>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for OwnEntries<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            let Some(name) = OF_MODELS.into_iter().find(|name| *name == key) else {
                let key: StringDeserializer<A::Error> = key.into_deserializer();
                return seed.deserialize(key).map(Some);
            };
            self.map.next_value::<IgnoredAny>()?;
            self.without_effect.push(name);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
