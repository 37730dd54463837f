//! A small server on threads, which behaves as well or as badly as a test asks.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// What the server does with each request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Behaviour {
    /// Answers the verdict for "every text is safe", after a pause.
    Safe(Duration),
    /// The same in chunks.
    Chunked,
    /// Answers with `Connection: close` and closes.
    CloseAfter,
    /// Every text is unsafe.
    Unsafe,
    /// This status with an empty body.
    Status(u16),
    /// 200 for requests that hold the first text in their head and end in the second; else 400.
    Wants(&'static str, &'static str),
    /// Bytes that are not HTTP.
    Garbage,
    /// Closes without an answer.
    Close,
    /// Half of an answer, then closes.
    Half,
    /// Never answers.
    Silent,
}

/// Starts the server on a free port; it lives as long as the test process. Gives `http://host:port`.
pub(crate) fn start(behaviour: Behaviour) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream, behaviour));
        }
    });
    url
}

fn serve(mut stream: TcpStream, behaviour: Behaviour) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut bytes = Vec::new();
    loop {
        let length = read_request(&mut stream, &mut bytes)?;
        let request: Vec<u8> = bytes.drain(..length).collect();
        let safe = r#"{"safe":true,"threats":[],"latency_us":1}"#;
        let whole = |status, body: &str, extra: &str| {
            format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{extra}\r\n{body}", body.len())
        };
        let answer = match behaviour {
            Behaviour::Safe(pause) => {
                thread::sleep(pause);
                whole(200, safe, "")
            }
            Behaviour::Chunked => {
                let (first, second) = safe.split_at(5);
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                format!("{head}{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", first.len(), second.len())
            }
            Behaviour::CloseAfter => whole(200, safe, "Connection: close\r\n"),
            Behaviour::Unsafe => whole(200, r#"{"safe":false,"threats":["x"]}"#, ""),
            Behaviour::Status(status) => whole(status, "", ""),
            Behaviour::Wants(head, body) => {
                let request = String::from_utf8_lossy(&request);
                let right = request.contains(head) && request.ends_with(body);
                whole(if right { 200 } else { 400 }, "", "")
            }
            Behaviour::Garbage => "\u{1}\u{2}\u{3} what?\r\n\r\n".to_owned(),
            Behaviour::Half => whole(200, safe, "")[..60].to_owned(),
            Behaviour::Close => return None,
            Behaviour::Silent => {
                thread::sleep(Duration::from_secs(3));
                return None;
            }
        };
        stream.write_all(answer.as_bytes()).ok()?;
        if matches!(behaviour, Behaviour::CloseAfter | Behaviour::Half) {
            return None;
        }
    }
}

/// Reads until a whole request is there; gives its length.
fn read_request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<usize> {
    let mut chunk = [0; 16384];
    loop {
        if let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
            let body = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let length = head + 4 + body.unwrap_or(0);
            if bytes.len() >= length {
                return Some(length);
            }
        }
        let count = stream.read(&mut chunk).ok().filter(|&count| count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    }
}
