//! Text, JSON lines and SARIF, to standard output and to a file.

use super::*;

fn folder() -> Folder {
    let key = aws_key('R');
    Folder::new(&[("a b/ü.py", &format!("first\nkey = '{key}'\n")), ("c.ini", &password_line())])
}

#[test]
fn text_masks_the_secret_unless_it_is_asked_for() {
    let folder = folder();
    let done = folder.scan(&["."]);
    let expected = "a b/ü.py:2:8: aws-access-key-id AKIA… (score 1.00, 20 bytes";
    assert!(done.out.starts_with(expected), "{}", done.out);
    let masked = "c.ini:1:16: generic-secret … (score ";
    assert!(done.out.lines().nth(1).unwrap().starts_with(masked), "{}", done.out);
    let clear = folder.scan(&["--show-secrets", "."]).out;
    assert!(clear.contains(&format!(" {} (", aws_key('R'))), "{clear}");
}

#[test]
fn json_lines_hold_one_finding_each() {
    let folder = folder();
    let done = folder.scan(&["--format", "jsonl", "."]);
    assert!(!done.out.contains(&aws_key('R')));
    let found = done.json_lines();
    assert_eq!(found.len(), 2);
    for (key, value) in [
        ("path", "a b/ü.py".into()),
        ("line", 2.into()),
        ("column", 8.into()),
        ("end_line", 2.into()),
        ("end_column", 28.into()),
        ("span", serde_json::json!({ "start": 13, "end": 33 })),
        ("scanner", "Secrets".into()),
        ("rule", "aws-access-key-id".into()),
        ("category", "secret".into()),
        ("secret", "AKIA…".into()),
        ("owasp", "LLM02:2025".into()),
    ] {
        assert_eq!(found[0][key], value, "{key}");
    }
    assert!((0.0..=1.0).contains(&found[0]["score"].as_f64().unwrap()));
    assert_eq!(found[0]["fingerprint"].as_str().unwrap().len(), 32);
    assert_ne!(found[0]["fingerprint"], found[1]["fingerprint"]);
    assert!(found[0].get("commit").is_none());
}

#[test]
fn findings_can_go_to_a_file_which_is_not_scanned_itself() {
    let folder = folder();
    let arguments = ["--format", "jsonl", "--show-secrets", "--out", "found.jsonl", "."];
    for _ in 0..2 {
        let done = folder.scan(&arguments);
        assert_eq!((done.code, done.out.as_str()), (1, ""));
        assert_eq!(folder.read("found.jsonl").lines().count(), 2);
    }
}

/// What the schema of SARIF 2.1.0 requires of the objects that we write, with its types and ranges.
fn check_sarif(log: &Value) {
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-schema-2.1.0.json"));
    let runs = log["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    let run = &runs[0];
    assert!(["utf16CodeUnits", "unicodeCodePoints"].contains(&run["columnKind"].as_str().unwrap()));
    let driver = &run["tool"]["driver"];
    assert!(!driver["name"].as_str().unwrap().is_empty());
    assert!(driver["informationUri"].as_str().unwrap().starts_with("https://"));
    let rules = driver["rules"].as_array().unwrap();
    let mut ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    for rule in rules {
        assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty());
        assert!(rule["properties"]["tags"].as_array().unwrap().iter().all(Value::is_string));
    }
    for result in run["results"].as_array().unwrap() {
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert_eq!(result["ruleId"], ids[result["ruleIndex"].as_u64().unwrap() as usize]);
        let place = &result["locations"].as_array().unwrap()[0]["physicalLocation"];
        assert!(!place["artifactLocation"]["uri"].as_str().unwrap().contains([' ', '\\', 'ü']));
        let region = &place["region"];
        let number = |key: &str| region[key].as_u64().unwrap();
        assert!(number("startLine") >= 1 && number("startColumn") >= 1 && number("endColumn") >= 1);
        assert!((number("startLine"), number("startColumn")) < (number("endLine"), number("endColumn")));
        assert!(number("byteLength") > 0);
        let fingerprints = result["partialFingerprints"].as_object().unwrap();
        assert!(!fingerprints.is_empty() && fingerprints.values().all(Value::is_string));
    }
    for invocation in run["invocations"].as_array().unwrap() {
        assert!(invocation["executionSuccessful"].is_boolean());
        for notification in invocation["toolExecutionNotifications"].as_array().unwrap() {
            assert!(!notification["message"]["text"].as_str().unwrap().is_empty());
        }
    }
    // `rules` is a list without equal members.
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), rules.len());
}

#[test]
fn sarif_holds_what_its_schema_requires() {
    let folder = folder();
    let sarif = |arguments: &[&str]| -> (i32, Value) {
        let done = folder.scan(&[&["--format", "sarif"], arguments].concat());
        assert!(!done.out.contains(&aws_key('R')));
        let log = serde_json::from_str(&done.out).unwrap();
        check_sarif(&log);
        (done.code, log)
    };
    let (code, log) = sarif(&["."]);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!((code, results.len()), (1, 2));
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%BC.py");
    let region = &place["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&2.into(), &8.into()));
    assert_eq!((&region["byteOffset"], &region["byteLength"]), (&13.into(), &20.into()));
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], true);

    let (code, log) = sarif(&["-g", "*.none", "."]);
    assert_eq!((code, log["runs"][0]["results"].as_array().unwrap().len()), (0, 0));
    let (code, log) = sarif(&["missing", "."]);
    assert_eq!((code, &log["runs"][0]["invocations"][0]["executionSuccessful"]), (2, &false.into()));
    assert_eq!(log["runs"][0]["invocations"][0]["exitCode"], 2);
}
