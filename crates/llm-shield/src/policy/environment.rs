//! `${NAME:default}` in a policy file, as llm-guard's loader expands it.
//!
//! Only plain scalars are looked at: a quoted `"${X:y}"` stays as it stands. Several references and text about them
//! are allowed, but not after a lone `$`. A default ends at its next colon, and a name that is neither set nor has a
//! default gives the empty text. The engine reads no environment: the values come through a function.

use std::borrow::Cow;
use std::fmt::Write;

use granit_parser::{Parser, ScalarStyle};

use super::PolicyError;

/// A policy file with its references expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded<'y> {
    /// The file; lines are where they were.
    pub yaml: Cow<'y, str>,
    /// What a reader of the file may not expect, each with its line. Holds names and defaults, never values.
    pub warnings: Vec<String>,
}

/// Replaces `${NAME:default}` in the plain scalars of `yaml` by what `lookup` has for `NAME`, else by the default.
///
/// ```
/// let lookup = |name: &str| (name == "LIMIT").then(|| "100".to_owned());
/// let file = "limit: ${LIMIT:4096}\nencoding: ${ENCODING:cl100k_base}\nquoted: '${LIMIT}'\n";
/// let expanded = llm_shield::expand_environment(file, lookup)?;
/// assert_eq!(expanded.yaml, "limit: 100\nencoding: cl100k_base\nquoted: '${LIMIT}'\n");
/// # Ok::<(), llm_shield::PolicyError>(())
/// ```
pub fn expand_environment(
    yaml: &str,
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<Expanded<'_>, PolicyError> {
    let mut warnings = Vec::new();
    if !yaml.contains("${") {
        return Ok(Expanded { yaml: Cow::Borrowed(yaml), warnings });
    }
    let mut expanded = String::with_capacity(yaml.len());
    let mut copied = 0;
    for event in Parser::new_from_str(yaml) {
        let (event, span) = event.map_err(|error| PolicyError::Invalid {
            line: error.marker().line() as u64,
            column: error.marker().col() as u64 + 1,
            message: error.info(),
            nearest: None,
        })?;
        let Some((value, ScalarStyle::Plain)) = event.scalar() else { continue };
        if !refers(value) {
            continue;
        }
        let Some(bytes) = span.byte_range().filter(|bytes| bytes.start >= copied) else { continue };
        let line = span.start.line();
        let value = substitute(value, &lookup, |warning| warnings.push(format!("line {line}: {warning}")));
        expanded.push_str(&yaml[copied..bytes.start]);
        write_scalar(&mut expanded, &value);
        // Later lines keep their numbers also where the scalar stood on several.
        let breaks = yaml[bytes.clone()].matches('\n').count();
        expanded.extend(std::iter::repeat_n('\n', breaks));
        copied = bytes.end;
    }
    expanded.push_str(&yaml[copied..]);
    Ok(Expanded { yaml: Cow::Owned(expanded), warnings })
}

/// A reference's name and default, and the bytes of the scalar that it takes.
struct Reference<'v> {
    start: usize,
    end: usize,
    name: &'v str,
    default: Option<&'v str>,
}

fn next_reference(value: &str, from: usize) -> Option<Reference<'_>> {
    let mut at = from;
    loop {
        let start = at + value[at..].find("${")?;
        let inside = &value[start + 2..];
        // What stands between the braces holds none of these three.
        let length = inside.find(['}', '{', '^'])?;
        if length > 0 && inside[length..].starts_with('}') {
            let mut parts = inside[..length].split(':');
            let name = parts.next().unwrap_or_default();
            return Some(Reference { start, end: start + 2 + length + 1, name, default: parts.next() });
        }
        at = start + 2;
    }
}

/// Whether llm-guard would expand the scalar: a lone `$` before the first reference keeps it from that.
fn refers(value: &str) -> bool {
    let first = value.find('$');
    next_reference(value, 0).is_some_and(|reference| first == Some(reference.start))
}

fn substitute(value: &str, lookup: &impl Fn(&str) -> Option<String>, mut warn: impl FnMut(String)) -> String {
    let mut substituted = String::with_capacity(value.len());
    let mut copied = 0;
    while let Some(Reference { start, end, name, default }) = next_reference(value, copied) {
        substituted.push_str(&value[copied..start]);
        copied = end;
        let used = default.unwrap_or_default();
        if let Some(found) = lookup(name) {
            substituted.push_str(&found);
            continue;
        }
        substituted.push_str(used);
        if value[start..end].matches(':').count() > 1 {
            warn(format!("the default of `{name}` ends at its next colon, as in llm-guard: `{used}`"));
        }
    }
    substituted.push_str(&value[copied..]);
    substituted
}

/// Writes a value so that YAML reads it back as it is: numbers and truth values stay such, and nothing in it can end
/// the scalar.
fn write_scalar(out: &mut String, value: &str) {
    let plain = |character: char| character.is_ascii_alphanumeric() || "_./+-=@%".contains(character);
    let null = ["null", "Null", "NULL"].contains(&value);
    let starts_plain = value.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '/')
        || value.trim_start_matches(['-', '+', '.']).starts_with(|first: char| first.is_ascii_digit());
    if starts_plain && !null && value.chars().all(plain) {
        out.push_str(value);
        return;
    }
    out.push('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            _ if character.is_control() || "\u{2028}\u{2029}\u{feff}".contains(character) => {
                // Writing into a string cannot fail.
                let _ = write!(out, "\\U{:08x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        let value = match name {
            "SET" => "value",
            "EMPTY" => "",
            "NUMBER" => "0.5",
            "NULL" => "null",
            "BAD" => "a: b #\n\"x\\ é\u{7}",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn references_are_expanded_as_llm_guard_does() {
        let check = |written: &str, expected: &str| {
            let yaml = format!("key: {written}\nnext: 1\n");
            let expanded = expand_environment(&yaml, lookup).unwrap().yaml.into_owned();
            assert_eq!(expanded, format!("key: {expected}\nnext: 1\n"), "{written}");
        };
        check("${SET}", "value");
        check("${SET:other}", "value");
        check("${UNSET:other}", "other");
        check("${UNSET:two words}", "\"two words\"");
        check("${UNSET}", "\"\"");
        check("${UNSET:}", "\"\"");
        check("${EMPTY:other}", "\"\"");
        check("${NUMBER}", "0.5");
        check("${NULL}", "\"null\"");
        check("${UNSET:-0.5}", "-0.5");
        check("pre-${UNSET:d}-post", "pre-d-post");
        check("${SET}/${UNSET:x}/${SET}", "value/x/value");
        check("${U:http://h}", "http");
        check("'${SET}'", "'${SET}'");
        check("\"${SET}\"", "\"${SET}\"");
        check("$5 and ${SET}", "$5 and ${SET}");
        check("${SET} costs $5", "\"value costs $5\"");
        check("${SET} ${}", "\"value ${}\"");
        check("${} ${SET}", "${} ${SET}");
        check("$${SET}", "$${SET}");
        check("${BAD}", "\"a: b #\\U0000000a\\\"x\\\\ é\\U00000007\"");
        check("${SET} # ${UNSET:remark}", "value # ${UNSET:remark}");
    }

    #[test]
    fn lines_keep_their_numbers_and_what_surprises_is_said() {
        let yaml = "a:\n  - ${U:http://h}\n  - two\n    ${SET} lines\nb: ${SET}\n";
        let expanded = expand_environment(yaml, lookup).unwrap();
        assert_eq!(expanded.yaml, "a:\n  - http\n  - \"two value lines\"\n\nb: value\n");
        assert_eq!(
            expanded.warnings,
            ["line 2: the default of `U` ends at its next colon, as in llm-guard: `http`"]
        );
    }

    #[test]
    fn what_is_no_yaml_is_refused_with_its_place() {
        let error = expand_environment("a: 1\nb: [ ${SET} ]\n", lookup).unwrap_err().to_string();
        assert!(error.starts_with("line 2, column "), "{error}");
        for yaml in ["${", "${SET", "a: ${SET", "${^}", "${{}}", "a: ${SET}}", "", "$"] {
            let _ = expand_environment(yaml, lookup);
        }
    }
}
