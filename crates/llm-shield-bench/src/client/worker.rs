//! One thread of the client: its connections, its event loop, its ledger.

use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeSpec, TimeValLike};
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use super::connection::{Connection, Peer, State, Step};
use super::{Request, Shared};
use crate::ledger::{Ledger, Outcome};
use crate::schedule::OpenLoop;

/// How often time-outs and pauses are looked at.
const TICK_NS: u64 = 2_000_000;
const TIMER: Token = Token(usize::MAX);

/// What one thread is given.
pub(super) struct Plan {
    pub(super) address: SocketAddr,
    pub(super) requests: Arc<Vec<Request>>,
    pub(super) connections: usize,
    pub(super) first_request: usize,
    pub(super) timeout_ns: u64,
    pub(super) window_ns: std::ops::Range<u64>,
    pub(super) epoch: Instant,
    pub(super) open_loop: Option<OpenLoop>,
    pub(super) shared: Arc<Shared>,
}

/// What one thread hands back.
pub(super) struct Part {
    pub(super) ledger: Ledger,
    /// CPU of this thread within the window.
    pub(super) cpu_ns: u64,
    /// Arrivals of an open loop that had no answer when the run ended.
    pub(super) unanswered: u64,
    /// Connections that gave up.
    pub(super) closed: u64,
}

pub(super) struct Worker {
    plan: Plan,
    poll: Poll,
    connections: Vec<Connection>,
    idle: Vec<usize>,
    timer: Option<TimerFd>,
    timer_set_ns: u64,
    ledger: Ledger,
    decoded: Vec<u8>,
    done: u64,
}

impl Worker {
    pub(super) fn new(plan: Plan) -> std::io::Result<Self> {
        let poll = Poll::new()?;
        let timer = if plan.open_loop.is_some() {
            let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK)?;
            let raw = timer.as_fd().as_raw_fd();
            poll.registry().register(&mut SourceFd(&raw), TIMER, Interest::READABLE)?;
            Some(timer)
        } else {
            None
        };
        let connections = (0..plan.connections)
            .map(|index| {
                Connection::new(Token(index), (plan.first_request + index * 37) % plan.requests.len())
            })
            .collect();
        let ledger = Ledger::new(plan.window_ns.clone());
        Ok(Self {
            plan,
            poll,
            connections,
            idle: Vec::new(),
            timer,
            timer_set_ns: 0,
            ledger,
            decoded: Vec::new(),
            done: 0,
        })
    }

    /// Runs until the main thread says that the run is over.
    pub(super) fn run(mut self) -> std::io::Result<Part> {
        let mut events = Events::with_capacity(1024);
        let mut tick_ns = 0;
        let (mut cpu_start_ns, mut cpu_end_ns) = (None, None);
        loop {
            let mut now_ns = self.now_ns();
            if now_ns >= tick_ns {
                self.tick(now_ns);
                tick_ns = now_ns + TICK_NS;
            }
            if self.plan.open_loop.is_some() {
                self.send_due(now_ns)?;
            }
            match self.poll.poll(&mut events, Some(Duration::from_nanos(TICK_NS))) {
                Err(error) if error.kind() != std::io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            for event in &events {
                if event.token() != TIMER {
                    now_ns = self.now_ns();
                    let peer = if event.is_read_closed() { Peer::Closed } else { Peer::Open };
                    self.on_event(event.token().0, peer, now_ns);
                }
            }
            now_ns = self.now_ns();
            self.plan.shared.done.fetch_add(std::mem::take(&mut self.done), Ordering::Relaxed);
            if cpu_start_ns.is_none() && now_ns >= self.plan.window_ns.start {
                cpu_start_ns = Some(thread_cpu_ns());
            }
            if cpu_end_ns.is_none() && now_ns >= self.plan.window_ns.end {
                cpu_end_ns = Some(thread_cpu_ns());
            }
            if self.plan.shared.over.load(Ordering::Relaxed) {
                break;
            }
        }
        let cpu_end_ns = cpu_end_ns.unwrap_or_else(thread_cpu_ns);
        let busy = self.connections.iter().filter(|connection| connection.state == State::Busy).count();
        let waiting = self.plan.open_loop.as_ref().map_or(0, |open_loop| open_loop.waiting() + busy);
        Ok(Part {
            cpu_ns: cpu_end_ns.saturating_sub(cpu_start_ns.unwrap_or(cpu_end_ns)),
            unanswered: waiting as u64,
            closed: self.connections.iter().filter(|connection| connection.state == State::Closed).count()
                as u64,
            ledger: self.ledger,
        })
    }

    fn now_ns(&self) -> u64 {
        self.plan.epoch.elapsed().as_nanos() as u64
    }

    /// Opens what is due, drops what took too long.
    fn tick(&mut self, now_ns: u64) {
        for index in 0..self.connections.len() {
            let connection = &mut self.connections[index];
            let step = match connection.state {
                State::Pausing { until_ns } if until_ns <= now_ns => {
                    connection.connect(self.plan.address, self.poll.registry(), now_ns)
                }
                State::Connecting | State::Busy if now_ns > connection.began_ns + self.plan.timeout_ns => {
                    connection.fail(Outcome::TimedOut, now_ns)
                }
                _ => continue,
            };
            self.account(index, step, now_ns);
        }
    }

    fn on_event(&mut self, index: usize, peer: Peer, now_ns: u64) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        let step = connection.on_event(&self.plan.requests, &mut self.decoded, peer, now_ns);
        self.account(index, step, now_ns);
    }

    fn account(&mut self, index: usize, step: Step, now_ns: u64) {
        match step {
            Step::Waiting => return,
            Step::Ready => {}
            Step::Answered(outcome) => {
                self.done += 1;
                self.ledger.answered(self.connections[index].intended_ns, now_ns, outcome);
            }
            Step::Failed(outcome) => {
                self.done += 1;
                self.ledger.failed(now_ns, outcome);
            }
        }
        match self.connections[index].state {
            State::Idle => self.on_idle(index, now_ns),
            // The server closed after its answer: at once, so that the closed loop stays full.
            State::Pausing { until_ns } if until_ns <= now_ns => {
                let step = self.connections[index].connect(self.plan.address, self.poll.registry(), now_ns);
                if let Step::Failed(outcome) = step {
                    self.ledger.failed(now_ns, outcome);
                }
            }
            _ => {}
        }
    }

    /// A closed loop sends at once; an open loop sends the oldest arrival that waits, if any.
    fn on_idle(&mut self, index: usize, now_ns: u64) {
        let intended_ns = match &mut self.plan.open_loop {
            None => Some(now_ns),
            Some(open_loop) => open_loop.take(),
        };
        match intended_ns {
            Some(intended_ns) => self.send(index, intended_ns, now_ns),
            None => self.idle.push(index),
        }
    }

    fn send(&mut self, index: usize, intended_ns: u64, now_ns: u64) {
        let step = self.connections[index].send(&self.plan.requests, intended_ns, now_ns);
        if let Step::Failed(outcome) = step {
            self.done += 1;
            self.ledger.failed(now_ns, outcome);
        }
    }

    /// Open loop: sends what is due on free connections and sets the timer for the next arrival.
    fn send_due(&mut self, now_ns: u64) -> std::io::Result<()> {
        let Some(open_loop) = &mut self.plan.open_loop else { return Ok(()) };
        for _ in 0..open_loop.release(now_ns) {
            self.ledger.failed(now_ns, Outcome::TimedOut);
        }
        let next_ns = open_loop.next_arrival_ns();
        while let Some(&index) = self.idle.last() {
            self.idle.pop();
            // An idle connection may have been closed by the server since.
            if self.connections[index].state != State::Idle {
                continue;
            }
            let Some(intended_ns) = self.plan.open_loop.as_mut().and_then(OpenLoop::take) else {
                self.idle.push(index);
                break;
            };
            self.send(index, intended_ns, now_ns);
        }
        if self.timer_set_ns != next_ns
            && let Some(timer) = &self.timer
        {
            // Poll's own time-out counts in milliseconds; the timer in nanoseconds.
            let wait_ns = next_ns.saturating_sub(self.now_ns()).max(1);
            let wait = Expiration::OneShot(TimeSpec::nanoseconds(wait_ns.min(i64::MAX as u64).cast_signed()));
            timer.set(wait, TimerSetTimeFlags::empty())?;
            self.timer_set_ns = next_ns;
        }
        Ok(())
    }
}

/// User and kernel CPU of the calling thread so far.
fn thread_cpu_ns() -> u64 {
    getrusage(UsageWho::RUSAGE_THREAD).map_or(0, |usage| {
        (usage.user_time().num_nanoseconds() + usage.system_time().num_nanoseconds()) as u64
    })
}
