//! A server process and a client for it over real sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_llm-shield"));
    command.args(["serve", "--port", "0"]).args(arguments);
    for name in [
        "CONFIG_FILE",
        "AUTH_TOKEN",
        "APP_NAME",
        "APP_WORKERS",
        "LAZY_LOAD",
        "LOG_LEVEL",
        "LLM_SHIELD_LOG_LEVEL",
    ] {
        command.env_remove(name);
    }
    command
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a server says that does not start.
pub(crate) fn refused_start(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let done = command(arguments, environment).output().unwrap();
    assert_eq!(done.status.code(), Some(2), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stderr).unwrap()
}

/// A server that runs until it is dropped.
pub(crate) struct Served {
    process: Child,
    address: String,
    /// Everything that it wrote, to either stream.
    written: Arc<Mutex<String>>,
}

impl Served {
    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut process = command(arguments, environment).spawn().unwrap();
        let written = Arc::new(Mutex::new(String::new()));
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut first = String::new();
        stdout.read_line(&mut first).unwrap();
        let log = Arc::clone(&written);
        let stderr = process.stderr.take().unwrap();
        std::thread::spawn(move || keep(BufReader::new(stderr), &log));
        let log = Arc::clone(&written);
        std::thread::spawn(move || keep(stdout, &log));
        let address = first.trim().rsplit_once("http://").map(|(_, address)| address.to_owned());
        let address = address.unwrap_or_else(|| {
            std::thread::sleep(Duration::from_millis(200));
            panic!("no address in {first:?}; {}", written.lock().unwrap())
        });
        Self { process, address, written }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// One request on a connection of its own.
    fn exchange(&self, request: &[u8]) -> (u16, String) {
        let mut stream = self.connect();
        stream.write_all(request).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status, body.to_owned())
    }

    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let headers: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = headers.concat();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: t\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let (status, body) = self.exchange(request.as_bytes());
        (status, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}")))
    }

    pub(crate) fn analyze(&self, prompt: &str) -> Value {
        let (status, answer) = self.post("/analyze/prompt", &[], &json!({"prompt": prompt}).to_string());
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        let (status, body) = self.get_raw(path);
        (status, serde_json::from_str(&body).unwrap())
    }

    pub(crate) fn get_text(&self, path: &str) -> String {
        self.get_raw(path).1
    }

    fn get_raw(&self, path: &str) -> (u16, String) {
        self.exchange(format!("GET {path} HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n").as_bytes())
    }

    pub(crate) fn hang_up(&self) {
        kill(Pid::from_raw(self.process.id().cast_signed()), Signal::SIGHUP).unwrap();
    }

    pub(crate) fn log(&self) -> String {
        self.written.lock().unwrap().clone()
    }

    pub(crate) fn until_logged(&self, words: &str) {
        let started = Instant::now();
        while !self.log().contains(words) {
            assert!(started.elapsed() < PATIENCE, "{words:?} never came; {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn until_ready(&self) {
        let started = Instant::now();
        while self.get_raw("/readyz").0 != 200 {
            assert!(started.elapsed() < PATIENCE, "never ready; {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops the server as an operator does and gives all that it wrote.
    pub(crate) fn stop(mut self) -> String {
        kill(Pid::from_raw(self.process.id().cast_signed()), Signal::SIGTERM).unwrap();
        assert!(self.process.wait().unwrap().success());
        std::thread::sleep(Duration::from_millis(100));
        self.log()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn keep(mut from: impl BufRead, written: &Mutex<String>) {
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
        written.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
}
