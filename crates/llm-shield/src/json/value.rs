//! A JSON value, and its text as Python's `json.dumps` writes it.

use std::collections::HashMap;
use std::fmt::Write as _;

/// A value that was read out of broken JSON.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// Digits, with a minus where it is negative: Python's integers have no bound.
    Integer(String),
    Float(f64),
    String(String),
    Array(Vec<Value>),
    Object(Object),
}

/// The members of an object, in the order in which their keys were first seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Object {
    members: Vec<(String, Value)>,
    places: HashMap<String, usize>,
}

impl Object {
    /// Sets a member; one that was there keeps its place.
    pub(super) fn insert(&mut self, key: String, value: Value) {
        if let Some(&place) = self.places.get(&key) {
            self.members[place].1 = value;
        } else {
            self.places.insert(key.clone(), self.members.len());
            self.members.push((key, value));
        }
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    pub(super) fn last_mut(&mut self) -> Option<&mut (String, Value)> {
        self.members.last_mut()
    }
}

impl Value {
    pub(super) fn is_empty_string(&self) -> bool {
        matches!(self, Self::String(text) if text.is_empty())
    }

    /// Whether both have the same shape: types and keys, without regard to the values of scalars.
    pub(super) fn is_shaped_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Object(left), Self::Object(right)) => {
                left.members.len() == right.members.len()
                    && left.members.iter().all(|(key, value)| {
                        right
                            .places
                            .get(key)
                            .is_some_and(|&place| value.is_shaped_like(&right.members[place].1))
                    })
            }
            (Self::Array(left), Self::Array(right)) => {
                left.len() == right.len()
                    && left.iter().zip(right).all(|(left, right)| left.is_shaped_like(right))
            }
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// The value's text: all of it ASCII, a space behind each comma and colon.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Integer(digits) => out.push_str(digits),
            Self::Float(value) => write_float(*value, out),
            Self::String(text) => write_string(text, out),
            Self::Array(values) => {
                out.push('[');
                for (place, value) in values.iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { ", " });
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(object) => {
                out.push('{');
                for (place, (key, value)) in object.members.iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { ", " });
                    write_string(key, out);
                    out.push_str(": ");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// Python's `repr` of a float: the shortest digits that give it back, with an exponent below 1e-4 and from 1e16 on.
fn write_float(value: f64, out: &mut String) {
    if !value.is_finite() {
        out.push_str(match (value.is_nan(), value > 0.0) {
            (true, _) => "NaN",
            (_, true) => "Infinity",
            _ => "-Infinity",
        });
        return;
    }
    let shortest = format!("{value:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let _ = match exponent {
        0 if value == 0.0 => write!(out, "{digits}.0"),
        -4..=15 => write!(out, "{value:?}"),
        _ => write!(out, "{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_python_writes_them() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1.5e10, "15000000000.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e22, "1.25e+22"),
            (1e-4, "0.0001"),
            (1.5e-5, "1.5e-05"),
            (-2.5e-300, "-2.5e-300"),
            (f64::INFINITY, "Infinity"),
        ] {
            let mut out = String::new();
            write_float(value, &mut out);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn strings_are_written_in_ascii() {
        let mut out = String::new();
        write_string("a\"\\\n\u{1}\u{7f}é😀", &mut out);
        assert_eq!(out, r#""a\"\\\n\u0001\u007f\u00e9\ud83d\ude00""#);
    }
}
