//! Shields of table scanners, calls in process, and a raw client.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use llm_shield::{
    Category, Classifier, Classifiers, Edit, Finding, LabelClassifier, Outcome, Owasp, RiskScore, ScanError,
    Scanner, Shield, Span, Text,
};
use llm_shield_server::{Configuration, Echo, Guards, Limits, Live, Server, ServerConfig, app};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::ServiceExt;

/// Refuses and stars out one word.
pub(crate) struct Word {
    pub(crate) name: &'static str,
    pub(crate) word: &'static str,
}

impl Scanner for Word {
    fn name(&self) -> &'static str {
        self.name
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        let Some(start) = text.as_str().find(self.word) else { return Ok(Outcome::pass(RiskScore::NONE)) };
        let span = Span::new(start, start + self.word.len());
        let finding = Finding {
            span,
            rule: "banned-word".into(),
            category: Category::BannedContent,
            score: 1.0,
            owasp: Owasp::Llm01PromptInjection,
            checked: None,
            decoded_from: Vec::new(),
        };
        let edits = vec![Edit { span, replacement: "***".into() }];
        Ok(Outcome::refuse(RiskScore::CERTAIN, vec![finding], edits))
    }
}

/// Takes a third of a second over texts that say so.
struct Slow;

impl Scanner for Slow {
    fn name(&self) -> &'static str {
        "Slow"
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        if text.as_str().starts_with("slow") {
            std::thread::sleep(Duration::from_millis(300));
        }
        Ok(Outcome::pass(RiskScore::NONE))
    }
}

/// Says that it may wait, and does as the text says.
pub(crate) struct Waiting;

impl Scanner for Waiting {
    fn name(&self) -> &'static str {
        "Waiting"
    }

    fn scan(&self, text: &Text<'_>) -> Result<Outcome, ScanError> {
        match text.as_str().split_once(' ') {
            Some(("wait", seconds)) => std::thread::sleep(Duration::from_secs(seconds.parse().unwrap())),
            _ if text.as_str() == "panic" => panic!("as the text says"),
            _ if text.as_str() == "error" => return Err(ScanError::Model("as the text says".to_owned())),
            _ => {}
        }
        Ok(Outcome::pass(RiskScore::NONE))
    }

    fn waits(&self) -> bool {
        true
    }
}

struct Broken;

impl Scanner for Broken {
    fn name(&self) -> &'static str {
        "Broken"
    }

    fn scan(&self, _: &Text<'_>) -> Result<Outcome, ScanError> {
        Err(ScanError::Model("no weights".to_owned()))
    }
}

pub(crate) fn guards() -> Guards {
    let ban = || -> Arc<dyn Scanner> { Arc::new(Word { name: "BanSubstrings", word: "bomb" }) };
    let secrets = || -> Arc<dyn Scanner> { Arc::new(Word { name: "Secrets", word: "hunter2" }) };
    Guards {
        scan: Shield::new(vec![ban(), Arc::new(Slow)], vec![]),
        pipeline: Shield::new(vec![ban(), secrets()], vec![]),
        secrets: Shield::new(vec![secrets(), Arc::new(Broken)], vec![]),
        policy: Shield::new(vec![ban(), secrets()], vec![secrets()]),
    }
}

pub(crate) fn config(limits: Limits) -> ServerConfig {
    ServerConfig { echo: Echo::On, limits, ..ServerConfig::default() }
}

pub(crate) fn router() -> Router {
    app(guards(), &config(Limits::default()))
}

/// What serves from a policy file, with models that find nothing.
pub(crate) fn live(yaml: &str) -> Live {
    struct Never;
    impl Classifier for Never {
        fn score(&self, _: &str) -> f32 {
            0.0
        }
    }
    impl LabelClassifier for Never {
        fn labels(&self) -> &[&'static str] {
            &["en"]
        }
        fn probabilities(&self, _: &str) -> Vec<f32> {
            Vec::new()
        }
    }
    let never: Arc<dyn Classifier> = Arc::new(Never);
    let none: Arc<dyn LabelClassifier> = Arc::new(Never);
    let classifiers = Classifiers {
        code: Arc::clone(&never),
        code_language: Arc::clone(&none),
        gibberish: Arc::clone(&none),
        language: none,
        prompt_injection: Arc::clone(&never),
        refusal: Arc::clone(&never),
        toxicity: never,
        names: None,
        urls: None,
    };
    Configuration::read(Some(yaml), |_| None).unwrap().build(&classifiers).unwrap()
}

/// As [`live`], called in process.
pub(crate) fn served(yaml: &str) -> Router {
    app(live(yaml), &ServerConfig::default())
}

/// A POST with headers.
pub(crate) async fn post_with(router: &Router, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(router, request.body(Body::from(body.to_owned())).unwrap()).await
}

/// An answer with its JSON.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// Checks the one shape of errors and gives the code and the message.
    pub(crate) fn error(&self) -> (String, String) {
        let json = self.json();
        assert_eq!(json.as_object().unwrap().len(), 1);
        let error = json["error"].as_object().unwrap();
        assert_eq!(error.len(), 3, "{error:?}");
        assert_eq!(error["status"], self.status.as_u16());
        assert_eq!(self.headers["content-type"], "application/json");
        (error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
    }
}

pub(crate) async fn call(router: &Router, method: Method, path: &str, body: impl Into<Body>) -> Answer {
    let request = Request::builder().method(method).uri(path).body(body.into()).unwrap();
    send(router, request).await
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// A server on a port of the system's choice.
pub(crate) struct Running {
    pub(crate) port: u16,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn start(limits: Limits) -> Self {
        Self::start_with(config(limits)).await
    }

    pub(crate) async fn start_with(config: ServerConfig) -> Self {
        Self::start_live(guards(), config).await
    }

    pub(crate) async fn start_live(live: impl Into<Live>, config: ServerConfig) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = oneshot::channel();
        let server = Server::new(live, &config);
        server.connect_telemetry().unwrap();
        let ended = tokio::spawn(server.serve(listener, async { drop(stopped.await) }));
        Self { port, stop, ended }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// Sends bytes on a connection of their own and reads all that comes back until the server closes.
    pub(crate) async fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.unwrap();
        read_to_end(&mut stream).await
    }

    /// Tells the server to stop; the handle ends when it has.
    pub(crate) fn stop(self) -> JoinHandle<()> {
        self.stop.send(()).unwrap();
        self.ended
    }
}

pub(crate) fn post(path: &str, json: &str) -> Vec<u8> {
    format!("POST {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n\r\n{json}", json.len()).into_bytes()
}

pub(crate) async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await;
    read.expect("the server closes in time").ok();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads one answer: the head, then as many bytes as it declares.
pub(crate) async fn read_answer(stream: &mut TcpStream) -> (String, String) {
    let read = async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("a whole head"));
        }
        let head = String::from_utf8(head).unwrap();
        let declared = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; declared.trim().parse().unwrap()];
        stream.read_exact(&mut body).await.expect("a whole body");
        (head, String::from_utf8(body).unwrap())
    };
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("an answer in time")
}

/// Reads one request: its path and its body, as long as declared.
#[cfg(feature = "otlp")]
pub(crate) async fn read_request(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a whole head"));
    }
    let head = String::from_utf8(head).unwrap();
    let declared =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; declared.unwrap()];
    stream.read_exact(&mut body).await.expect("a whole body");
    (head.split(' ').nth(1).unwrap().to_owned(), body)
}
