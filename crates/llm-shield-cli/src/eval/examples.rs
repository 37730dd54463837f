//! Published examples of secret rules: how many of the valid ones the scanner finds, and of the invalid ones.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use llm_shield::{Scanner, Secrets, Text};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::rows::read_lines;
use super::share::Share;

/// The rule of some scanner, with the texts that its authors publish as matches and as near misses.
#[derive(Deserialize)]
pub(super) struct Published {
    source: String,
    rule_id: String,
    examples: Vec<String>,
    negative_examples: Vec<String>,
}

/// What is checked of findings that the scanner reports only when asked for.
const SHOWN_ONLY: [Option<&str>; 2] = [Some("placeholder"), Some("identifier")];

/// The texts of one kind.
#[derive(Clone, Copy, Default)]
struct Counts {
    /// Those with a finding, as the scanner reports by default.
    reported: Share,
    /// Those with any finding, as it reports with `show_placeholders` and `show_identifiers`.
    seen: Share,
}

/// Which texts a count is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Valid,
    Invalid,
}

/// A valid example without a finding, or an invalid one with.
struct Miss<'r> {
    source: &'r str,
    rule_id: &'r str,
    kind: Kind,
    /// Its place among the rule's examples of that kind.
    index: usize,
    /// Whether a placeholder was seen in a valid example.
    placeholder: bool,
}

/// Reads all rules; an error names the file and the line.
pub(super) fn read(file: &Path) -> Result<Vec<Published>> {
    let rules: Vec<Published> = read_lines(file, |line| Ok(serde_json::from_slice(line)?))?;
    if rules.iter().all(|rule| rule.examples.is_empty() && rule.negative_examples.is_empty()) {
        bail!("{} holds rules but no examples", file.display());
    }
    Ok(rules)
}

/// Scans every example and writes the shares by source, as a table or as JSON. A text counts as found when a finding
/// stands anywhere in it. `secrets` shows placeholders and identifiers; here they are counted apart.
pub(super) fn report(
    rules: &[Published],
    secrets: &Secrets,
    misses_wanted: bool,
    as_json: bool,
    out: &mut impl Write,
) -> Result<()> {
    let mut sources: BTreeMap<&str, [Counts; 2]> = BTreeMap::new();
    let mut all = [Counts::default(); 2];
    let mut misses = Vec::new();
    // What is a near miss of one rule may be a credential of another kind, which is right to find.
    let valid: HashSet<&str> = rules.iter().flat_map(|rule| &rule.examples).map(|text| text.trim()).collect();
    let mut contested = 0;
    for rule in rules {
        for (kind, texts) in [(Kind::Valid, &rule.examples), (Kind::Invalid, &rule.negative_examples)] {
            for (index, text) in texts.iter().enumerate() {
                if kind == Kind::Invalid && valid.contains(text.trim()) {
                    contested += 1;
                    continue;
                }
                let findings = secrets.scan(&Text::new(text.as_str()))?.findings;
                let reported = findings.iter().any(|finding| !SHOWN_ONLY.contains(&finding.checked));
                let of_source = &mut sources.entry(&rule.source).or_default()[kind as usize];
                for counts in [of_source, &mut all[kind as usize]] {
                    counts.reported.add(reported);
                    counts.seen.add(!findings.is_empty());
                }
                let (wrong, placeholder) = match kind {
                    Kind::Valid => (!reported, !findings.is_empty()),
                    Kind::Invalid => (reported, false),
                };
                if wrong {
                    let (source, rule_id) = (&rule.source, &rule.rule_id);
                    misses.push(Miss { source, rule_id, kind, index, placeholder });
                }
            }
        }
    }
    if as_json {
        let both = |[valid, invalid]: [Counts; 2]| json!({"valid": valid.json(), "invalid": invalid.json()});
        let mut json = Map::new();
        json.insert("all".into(), both(all));
        let sources = sources.iter().map(|(source, counts)| ((*source).to_owned(), both(*counts)));
        json.insert("by_source".into(), Value::Object(sources.collect()));
        json.insert("contested".into(), json!(contested));
        json.insert("interval".into(), json!("95 %, Wilson score interval"));
        if misses_wanted {
            json.insert("misses".into(), misses.iter().map(Miss::json).collect());
        }
        writeln!(out, "{:#}", Value::Object(json))?;
        return Ok(());
    }
    writeln!(
        out,
        "found: some finding stands in the text; shown: one does with show_placeholders and show_identifiers"
    )?;
    writeln!(out, "intervals: 95 %, Wilson score interval")?;
    writeln!(out, "not counted: {contested} invalid examples that are another rule's valid ones")?;
    let heads = ["valid found", "valid shown", "invalid found", "invalid shown"];
    writeln!(out, "{:<12} {}", "", row(heads))?;
    for (source, [valid, invalid]) in std::iter::once((&"all", &all)).chain(&sources) {
        let cells = [valid.reported, valid.seen, invalid.reported, invalid.seen].map(Share::cell);
        writeln!(out, "{source:<12} {}", row(cells.each_ref().map(String::as_str)))?;
    }
    if misses_wanted {
        write_misses(&misses, out)?;
    }
    Ok(())
}

fn row(cells: [&str; 4]) -> String {
    cells.map(|cell| format!("{cell:<34}")).concat()
}

/// One line a rule: how many of its texts came out wrong.
fn write_misses(misses: &[Miss<'_>], out: &mut impl Write) -> Result<()> {
    let lists = [
        (Kind::Valid, false, "valid examples missed"),
        (Kind::Valid, true, "valid examples taken for placeholders or identifiers"),
        (Kind::Invalid, false, "invalid examples found"),
    ];
    for (kind, placeholder, title) in lists {
        let mut rules: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for miss in misses.iter().filter(|miss| miss.kind == kind && miss.placeholder == placeholder) {
            *rules.entry((miss.source, miss.rule_id)).or_default() += 1;
        }
        writeln!(out, "\n{title}:")?;
        for ((source, rule_id), count) in rules {
            writeln!(out, "{source:<12} {rule_id:<48} {count}")?;
        }
    }
    Ok(())
}

impl Miss<'_> {
    fn json(&self) -> Value {
        let kind = match self.kind {
            Kind::Valid => "valid",
            Kind::Invalid => "invalid",
        };
        json!({
            "source": self.source,
            "rule_id": self.rule_id,
            "kind": kind,
            "index": self.index,
            "placeholder": self.placeholder,
        })
    }
}

impl Counts {
    fn json(self) -> Value {
        json!({"found": self.reported.json(), "shown": self.seen.json()})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_count_texts_with_a_finding_by_source() {
        let rule = |source: &str, examples: &[&str], negative_examples: &[&str]| Published {
            source: source.to_owned(),
            rule_id: "some-rule".to_owned(),
            examples: examples.iter().map(|text| (*text).to_owned()).collect(),
            negative_examples: negative_examples.iter().map(|text| (*text).to_owned()).collect(),
        };
        let token = "x 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 x";
        let other = "x 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 x";
        let made_up = "x ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx x";
        let rules = [rule("a", &[token, made_up], &["plain", other]), rule("b", &[], &["plain", token])];
        let mut out = Vec::new();
        let secrets = Secrets::new(llm_shield::RedactMode::All).unwrap().show_placeholders(true);
        report(&rules, &secrets, true, true, &mut out).unwrap();
        let json: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["by_source"]["a"]["valid"]["found"]["found"], 1);
        assert_eq!(json["by_source"]["a"]["valid"]["shown"]["found"], 2);
        assert_eq!(json["by_source"]["a"]["invalid"]["found"]["rate"], 0.5);
        assert_eq!(json["by_source"]["b"]["valid"]["found"]["rate"], Value::Null);
        assert_eq!(json["all"]["invalid"]["found"]["of"], 3);
        assert_eq!(json["contested"], 1);
        assert_eq!(json["misses"][0]["placeholder"], true);
        let miss = &json["misses"][1];
        assert_eq!((&miss["kind"], &miss["index"]), (&json!("invalid"), &json!(1)));
        assert_eq!(json["misses"].as_array().unwrap().len(), 2);
    }
}
