//! API clients → buffer → at most N calls a second to a service that allows no more.
//!
//! Shows **backpressure to the clients**, and `pop_timeout`. The clients want far more than the service allows. They `push`,
//! and the buffer is small: once it is full they wait, each for its own call, in place of a queue that grows without bound
//! and calls that are old before they are made. The callers behind the buffer share one limiter. They take with
//! `pop_timeout`, because there is something to do when nothing comes: a caller that was idle for a while closes its
//! connection and so gives the service a handler back. `pop` could not, and polling with `try_pop` would burn a core.
//!
//! The judge is the service: it writes down when each call arrives, and every stretch of its time is checked, not only
//! whole seconds. Calls take a while to arrive, and not all the same, so a stretch may see calls of a little longer one. How
//! much longer at most is measured (each call says when its caller asked the limiter), and the proof allows for that alone.

use std::num::NonZeroU32;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use at_work::web::{Loopback, call, client, number};
use at_work::{Failure, Report, Stop, count, join, per_second};
use bounded_buffer::{Consumer, PopTimeoutError, Producer, Stats, bounded};
use clap::Parser;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

/// API clients → buffer → at most N calls a second; the rate is verified by the service that is called.
#[derive(Parser)]
struct Args {
    /// Calls a second that the service allows
    #[arg(long, default_value = "200", value_parser = count::<10_000>)]
    rate: usize,
    /// Calls that the clients make
    #[arg(long, default_value = "800", value_parser = count::<1_000_000>)]
    calls: usize,
    /// Clients; half-way they all pause for a second
    #[arg(long, default_value = "8", value_parser = count::<64>)]
    clients: usize,
    /// Threads that call the service
    #[arg(long, default_value = "3", value_parser = count::<64>)]
    callers: usize,
    /// Calls that the buffer holds
    #[arg(long, default_value = "16", value_parser = count::<1_000_000>)]
    capacity: usize,
}

/// How long a caller keeps an idle connection.
const IDLE: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_secs(1);
const SECOND: u64 = 1_000_000;

type Limiter = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<<MonotonicClock as Clock>::Instant>>;

/// The service's log of calls, in microseconds since the begin: when its caller asked the limiter, when it arrived.
type Log = Arc<Mutex<Vec<(u64, u64)>>>;

fn now(begin: Instant) -> u64 {
    u64::try_from(begin.elapsed().as_micros()).expect("no run takes half a million years")
}

/// Makes every `clients`th call; gives back how many the buffer took.
fn want(args: &Args, client: usize, calls: &Producer<usize>, stop: &Stop) -> usize {
    let mut wanted = 0;
    for number in (client..args.calls).step_by(args.clients) {
        let halfway = number >= args.calls / 2 && number < args.calls / 2 + args.clients;
        let pause = if halfway { PAUSE } else { Duration::ZERO };
        if stop.sleep(pause) || calls.push(number).is_err() {
            break;
        }
        wanted += 1;
    }
    wanted
}

/// What a caller did.
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
                let asked = permission(limiter, begin);
                let connection = connection.get_or_insert_with(|| client(Duration::from_mins(5)));
                made.answered += usize::from(call(connection, url, "Asked", asked));
            }
            Err(PopTimeoutError::Timeout) => made.connections_closed += usize::from(connection.take().is_some()),
            Err(PopTimeoutError::Closed) => break,
        }
    }
    made.stats = calls.buffer().stats();
    made
}

/// Waits until the limiter lets a call pass; gives back when it was asked.
fn permission(limiter: &Limiter, begin: Instant) -> u64 {
    loop {
        let asked = now(begin);
        match limiter.check() {
            Ok(()) => return asked,
            Err(not_until) => thread::sleep(not_until.wait_time_from(MonotonicClock.now())),
        }
    }
}

/// Over all seconds that end with a call: the most calls that one of them saw.
fn busiest_second(arrivals: &[u64]) -> u64 {
    let mut first = 0;
    let seen = arrivals.iter().enumerate().map(|(last, at)| {
        while arrivals[first] + SECOND <= *at {
            first += 1;
        }
        (last + 1 - first) as u64
    });
    seen.max().unwrap_or_default()
}

/// How long before its time the earliest call came, in microseconds. Its time is as long after any earlier call as the rate
/// asks for so many calls.
fn earliness(arrivals: &[u64], rate: u64) -> u64 {
    let between = 1_000_000_000 / rate; // in nanoseconds, rounded as the limiter does
    let (mut next, mut most) = (0_u64, 0_u64);
    for at in arrivals.iter().map(|at| at * 1000) {
        most = most.max(next.saturating_sub(at));
        next = next.max(at) + between;
    }
    most.div_ceil(1000)
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    let (begin, log) = (Instant::now(), Log::default());
    let entries = log.clone();
    let service = Loopback::start(args.callers, move |request| {
        let Some(asked) = number(request, "Asked") else { return 400 };
        entries.lock().expect("no handler panics").push((asked, now(begin)));
        200
    })?;
    at_work::started(format_args!("{} clients, a service at {}", args.clients, service.url()));
    let rate = NonZeroU32::new(u32::try_from(args.rate).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN);
    let limiter = Limiter::direct_with_clock(Quota::per_second(rate).allow_burst(NonZeroU32::MIN), MonotonicClock);
    let (calls, calls_in) = bounded(args.capacity);
    let (wanted, made): (usize, Vec<_>) = thread::scope(|threads| {
        let start = |client| {
            let calls = calls.clone();
            threads.spawn(move || want(args, client, &calls, stop))
        };
        let clients: Vec<_> = (0..args.clients).map(start).collect();
        let start = |_| {
            let (calls_in, limiter, url) = (calls_in.clone(), &limiter, service.url());
            threads.spawn(move || make(&calls_in, limiter, url, begin))
        };
        let callers: Vec<_> = (0..args.callers).map(start).collect();
        drop((calls, calls_in)); // the threads have theirs
        (join(clients).sum(), join(callers).collect())
    });
    let time = begin.elapsed();
    drop(service);

    let log = std::mem::take(&mut *log.lock().expect("no handler panics"));
    let mut arrivals: Vec<_> = log.iter().map(|(_, arrived)| *arrived).collect();
    arrivals.sort_unstable();
    let (busiest, late) =
        (busiest_second(&arrivals), log.iter().map(|(asked, arrived)| arrived - asked).max().unwrap_or_default());
    let stats = made.last().map(|made| made.stats).unwrap_or_default();
    let mut report = Report::default();
    let answered: usize = made.iter().map(|made| made.answered).sum();
    report.line("calls", format_args!("{wanted} wanted, {answered} answered, {} in the service's log", log.len()));
    let closed: usize = made.iter().map(|made| made.connections_closed).sum();
    report.line("callers", format_args!("closed {closed} idle connections"));
    report.line("service", format_args!("{busiest} calls in its busiest second; the slowest took {late} µs to arrive"));
    report.buffer("buffer", args.capacity, &stats);
    report.figure(format_args!(
        "{:.0} calls/s at a limit of {}, at most {busiest} in any second; the clients were held back {:.0} s in sum",
        per_second(answered as u64, time),
        args.rate,
        stats.push_wait_time.as_secs_f64()
    ));
    report.proof(answered == wanted && log.len() == wanted, "each call that a client wanted was made, once");
    let early = earliness(&arrivals, args.rate as u64);
    // One microsecond for what the clock's readings were rounded by.
    report.proof(early <= late + 1, "over no stretch of time did the service see more than its rate allows");
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
