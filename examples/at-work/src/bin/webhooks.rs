//! Event sources → buffer → HTTP deliveries, with retry and time-outs.
//!
//! Shows **load shedding** with `push_timeout`. A source offers an event for as long as its caller can wait, and then refuses
//! it: `push_timeout` returns the event. With `push`, each caller would be as slow as the receiver; with `try_push`, a short
//! burst would be refused. An accepted event is not lost, also on Ctrl-C: the sources stop, their handles close the buffer,
//! and the workers drain it with all retries.
//!
//! The receiver is a real HTTP server that fails on purpose: it answers 503, or too late. A delivery that timed out may have
//! arrived, so each request carries its event's number, and the receiver counts a repeated event once. An event whose
//! attempts all failed becomes a dead letter, which the report counts.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use at_work::web::{Client, Loopback, number};
use at_work::{Failure, Report, Stop, count, join, per_second, spawn};
use bounded_buffer::{Consumer, Producer, Stats, bounded};
use clap::Parser;
use rand::RngExt;

/// Event sources → buffer → HTTP deliveries; refuses events under load and loses no accepted one.
#[derive(Parser)]
struct Args {
    /// Events that the sources offer
    #[arg(long, default_value = "4000", value_parser = count::<1_000_000>)]
    events: usize,
    /// Sources; each offers an event, then sleeps for 10 ms
    #[arg(long, default_value = "32", value_parser = count::<64>)]
    sources: usize,
    /// Threads that deliver
    #[arg(long, default_value = "8", value_parser = count::<64>)]
    workers: usize,
    /// Events that the buffer holds
    #[arg(long, default_value = "64", value_parser = count::<1_000_000>)]
    capacity: usize,
    /// Time for which an event is offered before it is refused, in ms
    #[arg(long, default_value_t = 20)]
    patience: u64,
    /// Percentage of the requests that the receiver fails
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=100))]
    fail: u32,
}

/// The time between two events of a source.
const INTERVAL: Duration = Duration::from_millis(10);
/// The time-out of a delivery.
const TIMEOUT: Duration = Duration::from_millis(100);
/// Failed attempts after which an event becomes a dead letter.
const ATTEMPTS: usize = 4;

/// The receiver's log: the number of times that each event arrived.
type Log = Arc<Mutex<BTreeMap<u64, u32>>>;

fn receiver(args: &Args, log: Log) -> Result<Loopback, Failure> {
    let fail = args.fail;
    Loopback::start(args.workers, move |request| {
        let Some(event) = number(request, "Event") else { return 400 };
        thread::sleep(Duration::from_millis(4)); // stands for work
        let fails = rand::rng().random_ratio(fail, 100);
        if fails && event % 20 > 0 {
            return 503;
        }
        *log.lock().expect("no handler panics").entry(event).or_default() += 1;
        if fails {
            thread::sleep(TIMEOUT * 2); // the event arrived, but its sender times out
        }
        200
    })
}

/// The results of the sources.
#[derive(Default)]
struct Offered {
    accepted: Vec<u64>,
    shed: Vec<u64>,
    longest: Duration,
}

impl Offered {
    fn add(&mut self, other: Self) {
        self.accepted.extend(other.accepted);
        self.shed.extend(other.shed);
        self.longest = self.longest.max(other.longest);
    }
}

fn offer(args: &Args, source: usize, accept: &Producer<u64>, stop: &Stop) -> Offered {
    let patience = Duration::from_millis(args.patience);
    let mut offered = Offered::default();
    // Source 1 of 4 has the events 1, 5, 9 and so on.
    for event in (source..args.events).step_by(args.sources) {
        let begin = Instant::now();
        match accept.push_timeout(event as u64, patience) {
            Ok(()) => offered.accepted.push(event as u64),
            Err(refused) => offered.shed.push(refused.into_inner()), // a web service would answer 503
        }
        offered.longest = offered.longest.max(begin.elapsed());
        if stop.sleep(INTERVAL) {
            break;
        }
    }
    offered
}

/// The results of the workers.
#[derive(Default)]
struct Handled {
    delivered: Vec<u64>,
    dead: Vec<u64>,
    retries: usize,
    stats: Stats,
}

impl Handled {
    fn add(&mut self, other: Self) {
        self.delivered.extend(other.delivered);
        self.dead.extend(other.dead);
        self.retries += other.retries;
        self.stats = other.stats; // of any worker: each was taken after the drain
    }
}

fn deliver(events: &Consumer<u64>, url: &str) -> Handled {
    let client = Client::new(TIMEOUT);
    let mut handled = Handled::default();
    for event in events {
        let answered = (0..ATTEMPTS).any(|attempt| {
            if attempt > 0 {
                // Doubled each time, and random, so that the retries of several workers do not coincide.
                let longest = 5 << attempt;
                thread::sleep(Duration::from_millis(rand::rng().random_range(longest / 2..longest)));
                handled.retries += 1;
            }
            client.call(url, "Event", event)
        });
        if answered { &mut handled.delivered } else { &mut handled.dead }.push(event);
    }
    handled.stats = events.buffer().stats();
    handled
}

fn run(args: &Args, stop: &Stop) -> Result<Report, Failure> {
    let log = Log::default();
    let receiver = receiver(args, log.clone())?;
    at_work::started(format_args!("{} sources, a receiver at {}", args.sources, receiver.url()));
    let begin = Instant::now();
    let (accept, events) = bounded(args.capacity);
    let (mut offered, mut handled) = (Offered::default(), Handled::default());
    thread::scope(|threads| {
        let sources = spawn(threads, 0..args.sources, accept, move |accept, source| offer(args, source, &accept, stop));
        let url = receiver.url();
        let workers = spawn(threads, 0..args.workers, events, move |events, _| deliver(&events, url));
        join(sources).for_each(|source| offered.add(source));
        join(workers).for_each(|worker| handled.add(worker));
    });
    let time = begin.elapsed();
    drop(receiver); // waits for the requests that it still handles
    let log = std::mem::take(&mut *log.lock().expect("no handler panics"));

    let mut report = Report::default();
    let [accepted, shed] = [&offered.accepted, &offered.shed].map(Vec::len);
    report.line("offered", format_args!("{}: {accepted} accepted, {shed} shed", accepted + shed));
    let [delivered, dead] = [&handled.delivered, &handled.dead].map(Vec::len);
    report.line(
        "accepted",
        format_args!("{delivered} delivered, {dead} dead letters, after {} retries", handled.retries),
    );
    let twice = log.values().filter(|times| **times > 1).count();
    report.line("receiver", format_args!("{} events, {twice} of them more than once", log.len()));
    report.buffer("buffer", args.capacity, &handled.stats);
    report.figure(format_args!(
        "{:.0} deliveries/s; {} % of the events shed; the longest wait of a source was {:.1?}",
        per_second(delivered as u64, time),
        100 * shed / (accepted + shed).max(1),
        offered.longest
    ));
    let mut done = [&handled.delivered[..], &handled.dead].concat();
    done.sort_unstable();
    offered.accepted.sort_unstable();
    report.proof(offered.accepted == done, "each accepted event was delivered or is a dead letter, once");
    let arrived = |event| log.contains_key(event);
    report.proof(handled.delivered.iter().all(arrived), "each delivered event is in the receiver's log");
    report.proof(!offered.shed.iter().any(arrived), "no shed event is in the receiver's log");
    Ok(report)
}

fn main() -> ExitCode {
    at_work::main(run)
}
