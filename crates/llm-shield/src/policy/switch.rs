//! A truth value as configuration files write it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A truth value as llm-guard's configuration takes it: `true`, `yes`, `on`, `t`, `y`, `1` and their opposites, in
/// any case, quoted or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Switch(pub bool);

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SwitchVisitor)
    }
}

struct SwitchVisitor;

impl Visitor<'_> for SwitchVisitor {
    type Value = Switch;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("true or false (or yes, no, on, off, 1, 0)")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Switch, E> {
        Ok(Switch(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Switch, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Switch, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Switch, E> {
        match value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "t" | "y" | "1" => Ok(Switch(true)),
            "false" | "no" | "off" | "f" | "n" | "0" => Ok(Switch(false)),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(value), &self)),
        }
    }
}
