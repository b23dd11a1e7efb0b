//! API clients → buffer → at most N calls a second to a service that allows no more.
//!
//! Shows **backpressure to the clients**, and `pop_timeout`. The clients request more calls than the service allows. They
//! `push` into a small buffer and block once it is full. An unbounded queue would grow instead, and its calls would be old
//! when they are made. The callers behind the buffer share one rate limiter. They take with `pop_timeout`, because a caller
//! that was idle for a while closes its connection, which frees a handler of the service. `pop` would not return for that, and
//! polling with `try_pop` would keep a core busy.
//!
//! The service verifies the rate: it records the arrival of each call, and the proof covers every interval, not only whole
//! seconds. The time from the limiter to the service varies between calls, so an interval may contain calls that were
//! permitted in a slightly longer one. The maximum of this time is measured (each call carries the time of its permission),
//! and the proof allows for no more than that.

use std::num::NonZeroU32;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use at_work::web::{Client, Loopback, number};
use at_work::{Failure, Report, Stop, count, join, per_second, spawn};
use bounded_buffer::{Consumer, PopTimeoutError, Producer, Stats, bounded};
use clap::Parser;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

/// API clients → buffer → at most N calls a second; the called service verifies the rate.
#[derive(Parser)]
struct Args {
    /// Calls a second that the service allows
    #[arg(long, default_value = "200", value_parser = count::<10_000>)]
    rate: usize,
    /// Calls that the clients make
    #[arg(long, default_value = "800", value_parser = count::<1_000_000>)]
    calls: usize,
    /// Clients; half-way through, all sleep for a second
    #[arg(long, default_value = "8", value_parser = count::<64>)]
    clients: usize,
    /// Threads that call the service
    #[arg(long, default_value = "3", value_parser = count::<64>)]
    callers: usize,
    /// Calls that the buffer holds
    #[arg(long, default_value = "16", value_parser = count::<1_000_000>)]
    capacity: usize,
}

/// The time after which a caller closes an idle connection.
const IDLE: Duration = Duration::from_millis(100);
const IDLE_PHASE: Duration = Duration::from_secs(1);

type Limiter = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<<MonotonicClock as Clock>::Instant>>;

/// The service's log of calls, in microseconds since the begin: when the call was permitted, when it arrived.
type Log = Arc<Mutex<Vec<(u64, u64)>>>;

fn now(begin: Instant) -> u64 {
    u64::try_from(begin.elapsed().as_micros()).expect("no run takes half a million years")
}

/// Pushes every `clients`th call. Returns the number of accepted calls.
fn request(args: &Args, client: usize, calls: &Producer<usize>, stop: &Stop) -> usize {
    let mut accepted = 0;
    for number in (client..args.calls).step_by(args.clients) {
        let halfway = number >= args.calls / 2 && number < args.calls / 2 + args.clients;
        let delay = if halfway { IDLE_PHASE } else { Duration::ZERO };
        if stop.sleep(delay) || calls.push(number).is_err() {
            break;
        }
        accepted += 1;
    }
    accepted
}

/// The results of a caller.
struct Made {
    answered: usize,
    connections_closed: usize,
    stats: Stats,
}

fn make(calls: &Consumer<usize>, limiter: &Limiter, url: &str, begin: Instant) -> Made {
    let mut made = Made { answered: 0, connections_closed: 0, stats: Stats::default() };
    let mut connection = None;
    loop {
        match calls.pop_timeout(IDLE) {
            Ok(_) => {
                let permitted = permission(limiter, begin);
                let connection = connection.get_or_insert_with(|| Client::new(Duration::from_mins(5)));
                made.answered += usize::from(connection.call(url, "Permitted", permitted));
            }
            Err(PopTimeoutError::Timeout) => made.connections_closed += usize::from(connection.take().is_some()),
            Err(PopTimeoutError::Closed) => break,
        }
    }
    made.stats = calls.buffer().stats();
    made
}

/// Waits until the limiter permits a call. Returns the time of the successful request.
fn permission(limiter: &Limiter, begin: Instant) -> u64 {
    loop {
        let now = now(begin);
        match limiter.check() {
            Ok(()) => return now,
            Err(not_until) => thread::sleep(not_until.wait_time_from(MonotonicClock.now())),
        }
    }
}

/// Returns by how many microseconds a call arrived too early at most. A call is due so long after each earlier one as the
/// rate requires for the number of calls between them.
fn earliness(arrivals: &[u64], rate: u64) -> u64 {
    let between = 1_000_000_000 / rate; // in nanoseconds, rounded as the limiter does
    let (mut next, mut maximum) = (0_u64, 0_u64);
    for at in arrivals.iter().map(|at| at * 1000) {
        maximum = maximum.max(next.saturating_sub(at));
        next = next.max(at) + between;
    }
    maximum.div_ceil(1000)
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    let (begin, log) = (Instant::now(), Log::default());
    let entries = log.clone();
    let service = Loopback::start(args.callers, move |request| {
        let Some(permitted) = number(request, "Permitted") else { return 400 };
        entries.lock().expect("no handler panics").push((permitted, now(begin)));
        200
    })?;
    at_work::started(format_args!("{} clients, a service at {}", args.clients, service.url()));
    let rate = NonZeroU32::new(u32::try_from(args.rate).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN);
    let limiter = Limiter::direct_with_clock(Quota::per_second(rate).allow_burst(NonZeroU32::MIN), MonotonicClock);
    let (calls, calls_in) = bounded(args.capacity);
    let (accepted, made): (usize, Vec<_>) = thread::scope(|threads| {
        let clients = spawn(threads, 0..args.clients, calls, move |calls, client| request(args, client, &calls, stop));
        let (limiter, url) = (&limiter, service.url());
        let callers = spawn(threads, 0..args.callers, calls_in, move |calls, _| make(&calls, limiter, url, begin));
        (join(clients).sum(), join(callers).collect())
    });
    let time = begin.elapsed();
    drop(service);

    let log = std::mem::take(&mut *log.lock().expect("no handler panics"));
    let mut arrivals: Vec<_> = log.iter().map(|(_, arrived)| *arrived).collect();
    arrivals.sort_unstable();
    let late = log.iter().map(|(permitted, arrived)| arrived - permitted).max().unwrap_or_default();
    let stats = made.last().map(|made| made.stats).unwrap_or_default();
    let mut report = Report::default();
    let answered: usize = made.iter().map(|made| made.answered).sum();
    report.line("calls", format_args!("{accepted} accepted, {answered} answered, {} in the service's log", log.len()));
    let closed: usize = made.iter().map(|made| made.connections_closed).sum();
    report.line("callers", format_args!("closed {closed} idle connections"));
    report.line("service", format_args!("the slowest call arrived {late} µs after its permission"));
    report.buffer("buffer", args.capacity, &stats);
    report.figure(format_args!(
        "{:.0} calls/s at a limit of {}; the clients waited {:.0} s in total",
        per_second(answered as u64, time),
        args.rate,
        stats.push_wait_time.as_secs_f64()
    ));
    report.proof(answered == accepted && log.len() == accepted, "each accepted call was made, once");
    let early = earliness(&arrivals, args.rate as u64);
    // One microsecond for the rounding of the timestamps.
    report.proof(early <= late + 1, "in no interval did the service receive more calls than its rate allows");
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
