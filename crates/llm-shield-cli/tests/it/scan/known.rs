//! Findings that are known already: baselines and comments.

use super::*;

#[test]
fn a_baseline_makes_findings_known_also_when_lines_move() {
    let (old, new) = (aws_key('R'), aws_key('S'));
    let folder = Folder::new(&[("a.txt", &format!("{old}\n")), ("b.txt", &password_line())]);
    let done = folder.scan(&["--write-baseline", "known.json", "."]);
    assert_eq!((done.code, done.out.lines().count()), (0, 2), "{done:?}");
    assert!(done.err.contains("known.json now knows 2 findings"), "{}", done.err);
    let baseline = folder.read("known.json");
    assert!(!baseline.contains(&old) && baseline.contains("\"path\":\"a.txt\""), "{baseline}");

    let done = folder.scan(&["--baseline", "known.json", "."]);
    done.check(0, &[]);
    assert!(done.err.contains("; 2 known by the baseline"), "{}", done.err);
    folder.write("a.txt", format!("moved\n\n{old}\n"));
    folder.scan(&["--baseline", "known.json", "."]).check(0, &[]);
    // However the path is written.
    let absolute = folder.path().canonicalize().unwrap();
    folder.scan(&["--baseline", "known.json", absolute.to_str().unwrap()]).check(0, &[]);
    // Another secret, the same one once more, and the same one in another file are news.
    folder.write("a.txt", format!("{old}\n{new}\n{old}\n"));
    folder.write("c.txt", &old);
    folder.scan(&["--baseline", "known.json", "."]).check(1, &["a.txt:2:1", "a.txt:3:1", "c.txt:1:1"]);

    // Written anew it keeps its salt, and so the lines of what is still there.
    let done = folder.scan(&["--baseline", "known.json", "--write-baseline", "known.json", "."]);
    assert_eq!((done.code, done.out.lines().count()), (0, 3));
    let rewritten = folder.read("known.json");
    let kept =
        |text: &str| text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect::<Vec<_>>();
    assert!(kept(&baseline).iter().all(|line| kept(&rewritten).contains(line)), "{baseline}\n{rewritten}");
    folder.scan(&["--baseline", "known.json", "."]).check(0, &[]);
    // The baseline itself holds nothing that reads like a secret.
    folder.scan(&["--secrets", "known.json"]).check(0, &[]);
}

#[test]
fn two_baselines_of_the_same_findings_share_no_fingerprint() {
    let folder = Folder::new(&[("a.txt", &aws_key('R'))]);
    let fingerprint = |file: &str| {
        assert_eq!(folder.scan(&["--write-baseline", file, "a.txt"]).code, 0);
        let parsed: Value = serde_json::from_str(&folder.read(file)).unwrap();
        parsed["findings"][0]["fingerprint"].clone()
    };
    assert_ne!(fingerprint("one.json"), fingerprint("two.json"));
}

#[test]
fn a_bad_baseline_is_an_error_that_names_it() {
    let folder = Folder::new(&[
        ("a.txt", "nothing"),
        ("other.json", "{\"version\": 1}"),
        ("newer.json", "{\"llm_shield_baseline\":2,\"seasoning\":\"\",\"findings\":[]}"),
    ]);
    for (file, part) in
        [("missing.json", "No such file"), ("other.json", "unknown field"), ("newer.json", "version 2")]
    {
        let done = folder.scan(&["--baseline", file, "."]);
        assert_eq!(done.code, 2);
        assert!(done.err.contains(file) && done.err.contains(part), "{}", done.err);
    }
    // What is no baseline is not written over.
    let done = folder.scan(&["--write-baseline", "other.json", "."]);
    assert!(done.code == 2 && done.err.contains("replaces only a baseline"), "{done:?}");
    assert_eq!(folder.read("other.json"), "{\"version\": 1}");
}

#[test]
fn comments_are_honoured_only_when_asked() {
    let folder = Folder::new(&[]);
    let comments = ["llm-shield:allow", "gitleaks:allow", "pragma: allowlist secret", "nothing"];
    for (comment, letter) in comments.iter().zip("ABCD".chars()) {
        folder.write(&format!("{letter}.py"), format!("x = '{}'  # {comment}\n", aws_key(letter)));
    }
    folder.scan(&["."]).check(1, &["A.py:1:6", "B.py:1:6", "C.py:1:6", "D.py:1:6"]);
    let done = folder.scan(&["--allow-comments", "."]);
    done.check(1, &["D.py:1:6"]);
    assert!(done.err.contains("; 3 allowed by comments"), "{}", done.err);
}
