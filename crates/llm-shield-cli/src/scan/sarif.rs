//! SARIF 2.1.0 (OASIS): results as they come, then the rules that they name.
//!
//! The order of an object's members is free in JSON, so nothing has to be kept but the rules.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use llm_shield::{Category, RuleSet, Secrets};
use serde_json::{Value, json};

use super::found::Found;
use super::listing::{decimal, printable};
use super::sources::Place;

/// Findings at least this sure are errors, others warnings.
const ERROR_SCORE_MIN: f32 = 0.7;
/// Name of our fingerprint; its number changes when the recipe does.
const FINGERPRINT: &str = "llmShieldFingerprint/v1";

/// The document while it is written.
pub(super) struct Sarif {
    rules: Vec<Value>,
    indices: HashMap<String, usize>,
    results: usize,
}

impl Sarif {
    pub(super) fn begin(out: &mut impl Write) -> io::Result<Self> {
        out.write_all(
            b"{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json\",\
            \"version\":\"2.1.0\",\"runs\":[{\"columnKind\":\"unicodeCodePoints\",\"results\":[",
        )?;
        Ok(Self { rules: Vec::new(), indices: HashMap::new(), results: 0 })
    }

    pub(super) fn result(
        &mut self,
        out: &mut impl Write,
        place: &Place,
        found: &Found,
        fingerprint: &str,
    ) -> io::Result<()> {
        let index = self.index(found);
        let name = self.rules[index]["shortDescription"]["text"].as_str().unwrap_or(&found.rule);
        let shown = found.shown.as_ref().map(|shown| format!(" ({shown})")).unwrap_or_default();
        let mut properties = json!({ "score": decimal(found.score), "scanner": found.scanner });
        if let Some(checked) = found.checked {
            properties["checked"] = checked.into();
        }
        if let Some(commit) = &place.commit {
            properties["commit"] = commit.id.as_str().into();
            properties["date"] = commit.date.as_str().into();
        }
        let result = json!({
            "ruleId": found.rule,
            "ruleIndex": index,
            "level": if found.score >= ERROR_SCORE_MIN { "error" } else { "warning" },
            "message": { "text": format!("{name}{shown} in {}", printable(&place.path)) },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": uri(&place.path) },
                    "region": {
                        "startLine": found.start.line,
                        "startColumn": found.start.column,
                        "endLine": found.end.line,
                        "endColumn": found.end.column,
                        "byteOffset": found.span.start,
                        "byteLength": found.span.len(),
                    },
                },
            }],
            "partialFingerprints": { FINGERPRINT: fingerprint },
            "properties": properties,
        });
        let separator = if self.results == 0 { "\n" } else { ",\n" };
        self.results += 1;
        write!(out, "{separator}{result}")
    }

    pub(super) fn end(self, out: &mut impl Write, failures: &[String], exit_code: u8) -> io::Result<()> {
        let tool = json!({
            "driver": {
                "name": "LLM Shield",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": self.rules,
            },
        });
        let notification = |text: &String| json!({ "level": "error", "message": { "text": text } });
        let invocations = json!([{
            "executionSuccessful": failures.is_empty(),
            "exitCode": exit_code,
            "toolExecutionNotifications": failures.iter().map(notification).collect::<Vec<_>>(),
        }]);
        writeln!(out, "\n],\"tool\":{tool},\"invocations\":{invocations}}}]}}")
    }

    /// The place of the finding's rule in the list, to which it is added when it is new.
    fn index(&mut self, found: &Found) -> usize {
        if let Some(index) = self.indices.get(found.rule.as_ref()) {
            return *index;
        }
        let named = (found.scanner == Secrets::NAME).then(|| secret_name(&found.rule)).flatten();
        let name = named.unwrap_or_else(|| found.rule.replace(['-', '_'], " "));
        let mut rule = json!({
            "id": found.rule,
            "shortDescription": { "text": name },
            "properties": { "tags": ["security", found.category.as_str(), found.owasp] },
        });
        if found.category == Category::Secret {
            // By the scale of CVSS, from which code scanning services take the severity.
            rule["properties"]["security-severity"] = "8.0".into();
        }
        self.rules.push(rule);
        self.indices.insert(found.rule.to_string(), self.rules.len() - 1);
        self.rules.len() - 1
    }
}

fn secret_name(id: &str) -> Option<String> {
    let mut rules = RuleSet::embedded().ok()?.rules();
    rules.find(|(known, _)| *known == id).map(|(_, name)| name.to_owned())
}

/// A path as a URI reference: relative as it is, absolute with its scheme.
fn uri(path: &Path) -> String {
    let mut out = String::from(if path.is_absolute() { "file://" } else { "" });
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(*byte)),
            letter if letter.is_ascii_alphanumeric() => out.push(char::from(*letter)),
            // Also the colon: before the first slash it would end a scheme.
            other => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uri_references() {
        for (path, expected) in [
            ("src/a.rs", "src/a.rs"),
            ("/tmp/a b", "file:///tmp/a%20b"),
            ("c:d/ü#?%", "c%3Ad/%C3%BC%23%3F%25"),
        ] {
            assert_eq!(uri(Path::new(path)), expected);
        }
    }
}
