//! Personal data goes out of files and comes back, over a vault file.

use std::os::unix::fs::PermissionsExt;

use super::*;

const POLICY: &str = "input_scanners: [{type: Anonymize}]\noutput_scanners: [{type: Deanonymize}]\n";
const REDACT: [&str; 5] = ["--redact", "--config", "policy.yml", "--vault", "vault.json"];

#[test]
fn what_scan_took_out_restore_puts_back() {
    let folder = Folder::new(&[
        ("policy.yml", POLICY),
        ("a.txt", "mail ann@mail.com\n"),
        ("b.txt", "[REDACTED_IP_ADDRESS_1]"),
    ]);
    let done = folder.scan(&[&REDACT[..], &["a.txt"]].concat());
    assert_eq!((done.code, done.out.as_str()), (1, "mail [REDACTED_EMAIL_ADDRESS_1]\n"), "{done:?}");
    let mode = fs::metadata(folder.path().join("vault.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let done = folder.scan_stream(&REDACT, b"ann@mail.com, bob@mail.com");
    assert_eq!(done.out, "[REDACTED_EMAIL_ADDRESS_1], [REDACTED_EMAIL_ADDRESS_2]");
    let done = folder.scan(&[&REDACT[..], &["b.txt"]].concat());
    assert_eq!((done.code, done.out.as_str()), (0, "[REDACTED_PLACEHOLDER_1]"));

    let restore = |strategy: &str, text: &str| {
        folder.run("restore", &["--vault", "vault.json", "--strategy", strategy], text.as_bytes())
    };
    let done = restore("exact", "[REDACTED_EMAIL_ADDRESS_2] and [REDACTED_PLACEHOLDER_1]");
    assert_eq!((done.code, done.out.as_str()), (0, "bob@mail.com and [REDACTED_IP_ADDRESS_1]"));
    assert_eq!(restore("fuzzy", "redacted email-address 1").out, "ann@mail.com");
    let output = ["--output", "--redact", "--config", "policy.yml", "--vault", "vault.json"];
    assert_eq!(folder.scan_stream(&output, b"[REDACTED_EMAIL_ADDRESS_1]").out, "ann@mail.com");
}

#[test]
fn a_vault_that_would_stay_empty_or_is_none_is_an_error_that_quotes_nothing() {
    let folder = Folder::new(&[("policy.yml", POLICY), ("a.txt", "ann@mail.com")]);
    let done = folder.scan(&["--redact", "--vault", "vault.json", "a.txt"]);
    assert!(done.code == 2 && done.out.is_empty() && done.err.contains("type: Anonymize"), "{done:?}");
    for content in
        ["[[\"x\", \"Ann\"", "{}", "[\"Ann\"]", "[[\"x\", \"Ann\"], [\"x\", \"Bob\"]]", "[[\"\", \"Ann\"]]"]
    {
        folder.write("vault.json", content);
        let done = folder.scan(&[&REDACT[..], &["a.txt"]].concat());
        assert!(done.code == 2 && done.out.is_empty(), "{content}: {done:?}");
        assert!(
            done.err.contains("vault.json is no vault") && !done.err.contains("Ann"),
            "{content}: {done:?}"
        );
        assert_eq!(folder.read("vault.json"), content);
    }
    let done = folder.run("restore", &["--vault", "missing.json"], b"x");
    assert!(done.code == 2 && done.err.contains("missing.json"), "{done:?}");
}
