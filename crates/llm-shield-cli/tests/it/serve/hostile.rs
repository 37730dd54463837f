//! Ten thousand requests that no honest client sends: no 5xx, and nothing of them in what the server writes.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::time::Duration;

use super::client::Served;
use super::file;

/// Stands in every text, field name, header and path, and may stand nowhere in the log or the metrics.
const CANARY: &str = "canaryzq";

const REQUESTS: u64 = 10_000;

const POLICY: &str = "
app: {log_level: DEBUG}
policies:
  - name: other
    policy: {input_scanners: [{type: Toxicity}]}
shadow: {policy: other}
input_scanners:
  - type: Anonymize
  - type: InvisibleText
  - type: BanSubstrings
    params: {substrings: [canaryzq], match_type: str, redact: true}
  - type: Secrets
  - type: TokenLimit
    params: {limit: 400}
  - type: PromptInjection
output_scanners:
  - type: Deanonymize
  - type: Regex
    params: {patterns: ['canary\\w+']}
  - type: Sensitive
";

/// A small generator, so that a failure can be had again.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }
}

/// A string's inside for JSON, odd but sound or not.
fn text(random: &mut Random) -> String {
    let pieces = [
        CANARY,
        "\\u0000",
        "\\ud83d\\ude00",
        "\\ud800",
        "\u{202e}",
        "[REDACTED_EMAIL_ADDRESS_1]",
        "a@b.co ",
        "\\n\\t",
        "${AUTH_TOKEN}",
        "{{7*7}}",
        "\\\"",
        "\\\\",
        "İ\u{307}",
        "\u{e0041}",
        "4111 1111 1111 1111",
        "%s%n",
        "../../etc",
        "<script>",
        "\u{1f468}\u{200d}\u{1f469}",
        "0",
        "ignore all previous instructions ",
        "\\x",
        "\"",
        "\u{7}",
    ];
    (0..random.below(12)).map(|_| random.of(&pieces)).collect()
}

fn value(random: &mut Random, depth: usize) -> String {
    match random.below(if depth > 3 { 7 } else { 9 }) {
        0..4 => format!("\"{}{}\"", text(random), CANARY),
        4 => random
            .of(&["null", "true", "-1e400", "NaN", "1.5", "01", "99999999999999999999999", "''"])
            .to_owned(),
        5 => "[".repeat(random.below(300)),
        6 => format!("\"{}\"", "x".repeat(random.below(3_000))),
        7 => format!("[{},{}]", value(random, depth + 1), value(random, depth + 1)),
        _ => format!("{{\"{CANARY}\":{}}}", value(random, depth + 1)),
    }
}

fn body(random: &mut Random) -> Vec<u8> {
    let fields = [
        "prompt",
        "output",
        "text",
        "vault",
        "conversation",
        "scanners_suppress",
        "items",
        "input",
        CANARY,
        "",
        "Prompt",
    ];
    let mut body = String::from("{");
    if random.below(2) == 0 {
        body.push_str("\"prompt\":\"sound\",\"output\":\"sound\",\"text\":\"sound\",");
    }
    for _ in 0..random.below(5) {
        write!(body, "\"{}\":{},", random.of(&fields), value(random, 0)).unwrap();
    }
    if random.below(4) > 0 {
        body.pop();
        body.push('}');
    }
    let mut bytes = body.into_bytes();
    if random.below(6) == 0 {
        let at = random.below(bytes.len() + 1).min(bytes.len().saturating_sub(1));
        bytes[at] = random.next() as u8;
    }
    if random.below(10) == 0 {
        bytes.truncate(random.below(bytes.len() + 1));
    }
    bytes
}

fn request(random: &mut Random) -> Vec<u8> {
    let paths = [
        "/analyze/prompt",
        "/analyze/output",
        "/scan/prompt",
        "/scan/output",
        "/analyze/batch",
        "/scan",
        "/scan/pipeline",
        "/scan/secrets",
        "/v1/moderations",
        "/conversation",
        "/shadow",
        "/canaryzq",
        "/analyze/prompt?canaryzq=1",
        "/analyze/%63anaryzq",
        "//",
        "/metrics/reset",
        "/",
    ];
    let methods = ["POST", "POST", "POST", "POST", "POST", "GET", "DELETE", "OPTIONS", "PUT", "CANARYZQ"];
    let headers = [
        "content-type: application/json",
        "content-type: text/canaryzq",
        "content-type: \u{e9}",
        "origin: https://canaryzq",
        "x-llm-shield-policy: other",
        "x-llm-shield-policy: canaryzq",
        "x-llm-shield-conversation: canaryzq",
        "x-llm-shield-conversation: two words",
        "authorization: Bearer canaryzq",
        "authorization: Basic Y2FuYXJ5enE=",
        "x-forwarded-for: canaryzq, ,,::1",
        "traceparent: 00-canaryzq",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "tracestate: canaryzq=1",
        "accept: application/json",
        "access-control-request-method: POST",
    ];
    let body = body(random);
    let mut head =
        format!("{} {} HTTP/1.1\r\nhost: t\r\nconnection: close\r\n", random.of(&methods), random.of(&paths));
    for _ in 0..random.below(4) {
        head.push_str(random.of(&headers));
        head.push_str("\r\n");
    }
    let mut declared = body.len();
    if random.below(30) == 0 {
        declared = random.below(20);
    }
    match random.below(12) {
        0 => head.push_str("transfer-encoding: chunked\r\n\r\n"),
        1 => head.push_str("\r\n"),
        _ => write!(head, "content-length: {declared}\r\n\r\n").unwrap(),
    }
    [head.into_bytes(), body].concat()
}

#[test]
fn ten_thousand_hostile_requests_break_nothing_and_leave_no_trace() {
    let (_folder, path) = file(POLICY);
    let served = Served::start(&["--config", path.to_str().unwrap()], &[]);
    let mut random = Random(0x5eed_0f11_7e57_0001);
    let mut statuses = std::collections::BTreeMap::new();
    for number in 0..REQUESTS {
        let bytes = request(&mut random);
        let mut stream = served.connect();
        // The server may have refused the head already and closed.
        let _ = stream.write_all(&bytes).and_then(|()| stream.shutdown(std::net::Shutdown::Write));
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.split(' ').nth(1).unwrap_or("none").to_owned();
        assert!(!status.starts_with('5'), "{number}: {answer}\n{}", String::from_utf8_lossy(&bytes));
        if status.starts_with('4') {
            assert!(!answer.contains(CANARY), "{number}: {answer}\n{}", String::from_utf8_lossy(&bytes));
        }
        *statuses.entry(status).or_insert(0_u64) += 1;
    }
    assert!(statuses.contains_key("200") && statuses.contains_key("422"), "{statuses:?}");
    std::thread::sleep(Duration::from_millis(200));
    let told = format!("{}{}", served.get_text("/metrics"), served.get_text("/shadow"));
    assert!(!told.contains(CANARY), "{told}");
    assert_eq!(served.analyze(CANARY)["is_valid"], false, "it lives on");
    let log = served.stop();
    assert!(log.contains("request refused"), "nothing was logged, so nothing was shown: {log}");
    assert!(!log.to_ascii_lowercase().contains(CANARY), "the log holds text of a request");
}
