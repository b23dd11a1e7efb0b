//! An open loop: one producer pushes at a fixed rate as long as the buffer has a free slot.
//!
//! The producer waits for the clock in a loop, so it needs a core of its own: nothing is measured on one core.

use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::args::Args;
use crate::contestant;
use crate::distance::Mode;
use crate::rounds::{self, Rounds};
use crate::support::peers::{Visitor, all};
use crate::support::processor::thread_time;
use crate::support::{Channel, Receiver, Sender};
use crate::watchdog;
use ::support::statistics::median;
use ::support::stdout::print;

const CAPACITY: usize = 64;
const RATES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
const RUN: Duration = Duration::from_millis(200);
/// Longer times in the buffer are recorded as this time.
const LONGEST_NS: u64 = 10_000_000_000;

#[derive(Serialize)]
pub(crate) struct OpenLoop {
    capacity: usize,
    run_ms: u128,
    names: Vec<String>,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    items_per_second: u64,
    #[serde(flatten)]
    rounds: Rounds<Runs>,
}

/// The runs of one round, in the order of the names.
#[derive(Serialize)]
struct Runs {
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Run {
    /// Nanoseconds from the start of a push to the return of the pop.
    in_buffer: Percentiles,
    /// Nanoseconds of a push.
    push: Percentiles,
    /// The consumer's processor time, in percent of the time that passed.
    consumer_percent: f64,
}

#[derive(Serialize)]
struct Percentiles {
    p50: u64,
    p99: u64,
    p999: u64,
    max: u64,
}

impl Percentiles {
    fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| histogram.value_at_quantile(quantile);
        Self { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: histogram.max() }
    }
}

/// `None` on one core.
pub(crate) fn run(args: &Args) -> Option<OpenLoop> {
    if Mode::possible() == [Mode::OneCore] {
        print("the open loop: not measured, its producer needs a core of its own");
        return None;
    }
    let mut peers = Peers { args, all: Vec::new() };
    all(&mut peers);
    let peers = peers.all;
    print(format_args!("\nopen loop, capacity {CAPACITY}, one producer and one consumer"));
    let cells = rounds::collect(RATES.len(), args.limits(), |cell, rng| {
        let run = |(name, run): &Peer| {
            let _alive = watchdog::watch(format!("{name} at {} items/s", RATES[cell]));
            run(RATES[cell])
        };
        Runs { runs: rounds::in_changing_order(rng, peers.len(), |peer| run(&peers[peer])) }
    });
    let names = peers.into_iter().map(|peer| peer.0).collect();
    let cells = RATES.into_iter().zip(cells).map(|(items_per_second, rounds)| Cell { items_per_second, rounds });
    let found = OpenLoop { capacity: CAPACITY, run_ms: RUN.as_millis(), names, cells: cells.collect() };
    found.print();
    Some(found)
}

type Peer = (String, fn(u64) -> Run);

struct Peers<'a> {
    args: &'a Args,
    all: Vec<Peer>,
}

impl Visitor for Peers<'_> {
    fn shared<C: Channel<u64>>(&mut self, name: &str)
    where
        C::Receiver: Clone,
    {
        if contestant::takes_part(self.args, name) {
            self.all.push((name.to_owned(), open_loop::<C>));
        }
    }

    fn single<C: Channel<u64>>(&mut self, _name: &str) {}
}

fn open_loop<C: Channel<u64>>(items_per_second: u64) -> Run {
    let (sender, receiver) = C::open(CAPACITY);
    let items = items_per_second * u64::try_from(RUN.as_millis()).expect("a short run") / 1000;
    let interval = Duration::from_secs(1) / u32::try_from(items_per_second).expect("at most a million");
    let start = Instant::now();
    let nanos = move || u64::try_from(start.elapsed().as_nanos()).expect("a short run");
    let histogram = || Histogram::<u64>::new_with_bounds(1, LONGEST_NS, 3).expect("3 digits are allowed");
    thread::scope(|threads| {
        let producer = threads.spawn(move || {
            let mut pushes = histogram();
            let mut due = Duration::from_millis(1); // the consumer has started by then
            for _ in 0..items {
                while start.elapsed() < due {}
                due += interval;
                let begin = nanos();
                sender.push(begin);
                pushes.saturating_record(nanos() - begin);
            }
            (Percentiles::of(&pushes), sender) // alive until all items have been taken
        });
        let consumer = threads.spawn(move || {
            let mut in_buffer = histogram();
            let (begin, processor) = (Instant::now(), thread_time());
            for _ in 0..items {
                let pushed = receiver.pop();
                in_buffer.saturating_record(nanos() - pushed);
            }
            let busy = thread_time().saturating_sub(processor);
            (Percentiles::of(&in_buffer), 100.0 * busy.as_secs_f64() / begin.elapsed().as_secs_f64())
        });
        let (in_buffer, consumer_percent) = consumer.join().expect("the consumer does not panic");
        let (push, _) = producer.join().expect("the producer does not panic");
        Run { in_buffer, push, consumer_percent }
    })
}

impl OpenLoop {
    /// Medians over the rounds, in microseconds.
    fn print(&self) {
        for &mode in Mode::possible() {
            for Cell { items_per_second, rounds } in &self.cells {
                let count = rounds.of(mode).count();
                if count == 0 {
                    continue;
                }
                print(format_args!(
                    "\n{mode}, {items_per_second} items/s, {count} rounds: in the buffer p50, p99, p99.9; a push p50, p99 (us); consumer"
                ));
                for (index, name) in self.names.iter().enumerate() {
                    let of = |value: fn(&Run) -> f64| {
                        median(&rounds.of(mode).map(|runs| value(&runs.runs[index])).collect::<Vec<_>>())
                    };
                    print(format_args!(
                        "  {name:<26} {:>9.1} {:>9.1} {:>9.1}  {:>9.2} {:>9.2} {:>6.0} %",
                        of(|run| micros(run.in_buffer.p50)),
                        of(|run| micros(run.in_buffer.p99)),
                        of(|run| micros(run.in_buffer.p999)),
                        of(|run| micros(run.push.p50)),
                        of(|run| micros(run.push.p99)),
                        of(|run| run.consumer_percent),
                    ));
                }
            }
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "nanoseconds of a short run")]
fn micros(nanos: u64) -> f64 {
    nanos as f64 / 1e3
}
