//! One keep-alive connection: connect, one write a request, one read an answer, back-off after a break.

use std::io::{self, Read, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::Request;
use super::answer::{self, ANSWER_BYTES_MAX, Answer};
use crate::ledger::Outcome;

/// First pause after a failure; doubles up to the longest.
const BACKOFF_MIN_NS: u64 = 1_000_000;
/// Longest pause between attempts to connect.
const BACKOFF_MAX_NS: u64 = 100_000_000;
/// Failures in a row after which a connection stays closed.
const FAILURES_MAX: u32 = 200;

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No socket until this time, nanoseconds.
    Pausing { until_ns: u64 },
    /// The connect is under way.
    Connecting,
    /// Free for a request.
    Idle,
    /// A request is being written or its answer awaited.
    Busy,
    /// Gave up.
    Closed,
}

/// Whether the event said that the peer closed its side. Its last bytes and the close may come as one event, so that a
/// short read alone does not mean that nothing follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// Still sending.
    Open,
    /// Nothing comes after what the socket holds.
    Closed,
}

/// What an event on the socket came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing to account for.
    Waiting,
    /// Now free for a request (just connected).
    Ready,
    /// A whole answer arrived.
    Answered(Outcome),
    /// The connect failed, or the connection broke; a request in flight failed with it.
    Failed(Outcome),
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) state: State,
    /// When the request in flight was meant to leave, and when the attempt under way began: both on the run's clock.
    pub(super) intended_ns: u64,
    pub(super) began_ns: u64,
    stream: Option<TcpStream>,
    token: Token,
    failures: u32,
    next_request: usize,
    in_flight: usize,
    written: usize,
    buffer: Vec<u8>,
    filled: usize,
}

impl Connection {
    pub(super) fn new(token: Token, first_request: usize) -> Self {
        Self {
            state: State::Pausing { until_ns: 0 },
            intended_ns: 0,
            began_ns: 0,
            stream: None,
            token,
            failures: 0,
            next_request: first_request,
            in_flight: 0,
            written: 0,
            buffer: vec![0; 8 << 10],
            filled: 0,
        }
    }

    pub(super) fn connect(&mut self, address: SocketAddr, registry: &Registry, now_ns: u64) -> Step {
        self.began_ns = now_ns;
        let interest = Interest::READABLE | Interest::WRITABLE;
        let connected = TcpStream::connect(address)
            .and_then(|mut stream| registry.register(&mut stream, self.token, interest).map(|()| stream));
        match connected {
            Ok(stream) => {
                self.stream = Some(stream);
                self.state = State::Connecting;
                Step::Waiting
            }
            Err(_) => self.fail(Outcome::Broken, now_ns),
        }
    }

    /// Writes the next request. It was meant to leave at `intended_ns`.
    pub(super) fn send(&mut self, requests: &[Request], intended_ns: u64, now_ns: u64) -> Step {
        self.state = State::Busy;
        self.intended_ns = intended_ns;
        self.began_ns = now_ns;
        self.in_flight = self.next_request;
        self.next_request = (self.next_request + 1) % requests.len();
        self.written = 0;
        self.filled = 0;
        self.write(requests, now_ns)
    }

    /// The socket can do something: goes on where it stood.
    pub(super) fn on_event(
        &mut self,
        requests: &[Request],
        decoded: &mut Vec<u8>,
        peer: Peer,
        now_ns: u64,
    ) -> Step {
        match self.state {
            State::Connecting => self.finish_connect(now_ns),
            State::Busy => {
                if self.written < requests[self.in_flight].bytes.len() {
                    let step = self.write(requests, now_ns);
                    if step != Step::Waiting {
                        return step;
                    }
                }
                self.read(requests, decoded, peer, now_ns)
            }
            State::Idle => self.look_for_close(now_ns),
            State::Pausing { .. } | State::Closed => Step::Waiting,
        }
    }

    /// Drops the socket; after the back-off it is opened anew.
    pub(super) fn fail(&mut self, outcome: Outcome, now_ns: u64) -> Step {
        self.stream = None;
        self.failures += 1;
        let pause_ns = (BACKOFF_MIN_NS << self.failures.min(16).saturating_sub(1)).min(BACKOFF_MAX_NS);
        self.state = if self.failures >= FAILURES_MAX {
            State::Closed
        } else {
            State::Pausing { until_ns: now_ns + pause_ns }
        };
        Step::Failed(outcome)
    }

    fn finish_connect(&mut self, now_ns: u64) -> Step {
        let Some(stream) = &self.stream else { return Step::Waiting };
        if !matches!(stream.take_error(), Ok(None)) {
            return self.fail(Outcome::Broken, now_ns);
        }
        match stream.peer_addr() {
            Ok(_) => {
                // Without it small requests would wait for the peer's delayed acknowledgement.
                let _ = stream.set_nodelay(true);
                self.state = State::Idle;
                Step::Ready
            }
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Step::Waiting,
            Err(_) => self.fail(Outcome::Broken, now_ns),
        }
    }

    fn write(&mut self, requests: &[Request], now_ns: u64) -> Step {
        let bytes = &requests[self.in_flight].bytes;
        while self.written < bytes.len() {
            let Some(stream) = &mut self.stream else { return self.fail(Outcome::Broken, now_ns) };
            match stream.write(&bytes[self.written..]) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return self.fail(Outcome::Broken, now_ns),
            }
        }
        Step::Waiting
    }

    fn read(&mut self, requests: &[Request], decoded: &mut Vec<u8>, peer: Peer, now_ns: u64) -> Step {
        loop {
            if self.filled == self.buffer.len() {
                if self.filled >= ANSWER_BYTES_MAX {
                    return self.fail(Outcome::Broken, now_ns);
                }
                self.buffer.resize(self.filled * 2, 0);
            }
            let Some(stream) = &mut self.stream else { return self.fail(Outcome::Broken, now_ns) };
            let count = match stream.read(&mut self.buffer[self.filled..]) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Step::Waiting,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return self.fail(Outcome::Broken, now_ns),
            };
            self.filled += count;
            let full = self.filled == self.buffer.len();
            match answer::parse(&self.buffer[..self.filled], count == 0, decoded) {
                Answer::Whole { status, body, chunked, keep_alive, consumed } => {
                    let body = if chunked { &decoded[body] } else { &self.buffer[body] };
                    let outcome = answer::judge(status, body, requests[self.in_flight].truth);
                    // Bytes after the answer belong to nothing that was asked.
                    let keep_alive = keep_alive && consumed == self.filled && peer == Peer::Open;
                    return self.finish(outcome, keep_alive, now_ns);
                }
                Answer::Bad => return self.fail(Outcome::Broken, now_ns),
                Answer::Partial if count == 0 => return self.fail(Outcome::Broken, now_ns),
                // A short read emptied the socket; the next bytes bring the next event.
                Answer::Partial if !full && peer == Peer::Open => return Step::Waiting,
                Answer::Partial => {}
            }
        }
    }

    fn finish(&mut self, outcome: Outcome, keep_alive: bool, now_ns: u64) -> Step {
        self.failures = 0;
        self.state = State::Idle;
        if !keep_alive {
            self.stream = None;
            self.state = State::Pausing { until_ns: now_ns };
        }
        Step::Answered(outcome)
    }

    /// An event on a free connection: the server closed it, or says something unasked. No request is lost by that.
    fn look_for_close(&mut self, now_ns: u64) -> Step {
        let Some(stream) = &mut self.stream else { return Step::Waiting };
        let mut byte = [0];
        if matches!(stream.read(&mut byte), Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
            return Step::Waiting;
        }
        self.stream = None;
        self.state = State::Pausing { until_ns: now_ns };
        Step::Waiting
    }
}
