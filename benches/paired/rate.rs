//! An open loop: one producer pushes at a fixed rate as long as the buffer has a free slot.
//!
//! The producer waits for the clock in a loop, so it needs a core of its own: nothing is measured on one core.

use std::thread;
use std::time::{Duration, Instant};

use benches::peers::{Visitor, all};
use benches::processor::thread_time;
use benches::{Channel, watchdog};
use hdrhistogram::Histogram;
use results::{Mode, OpenLoop, Percentiles, RateCell, RateRun, Runs};
use support::stdout::print;

use crate::args::Args;
use crate::distance::possible_modes;
use crate::{contestant, rounds, summary};

const CAPACITY: usize = 64;
const RATES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
const RUN_MS: u64 = 200;
/// Longer times in the buffer are recorded as this time.
const LONGEST_NS: u64 = 10_000_000_000;

fn percentiles(histogram: &Histogram<u64>) -> Percentiles {
    #[allow(clippy::cast_precision_loss, reason = "nanoseconds of a short run")]
    let nanos = |value: u64| value as f64;
    let at = |quantile| nanos(histogram.value_at_quantile(quantile));
    Percentiles { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: nanos(histogram.max()) }
}

/// `None` on one core.
pub(crate) fn run(args: &Args) -> Option<OpenLoop> {
    if possible_modes() == [Mode::OneCore] {
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
    let cells = RATES.into_iter().zip(cells).map(|(items_per_second, rounds)| RateCell { items_per_second, rounds });
    let found = OpenLoop { capacity: CAPACITY, run_ms: RUN_MS, names, cells: cells.collect() };
    print_medians(&found);
    Some(found)
}

type Peer = (String, fn(u64) -> RateRun);

struct Peers<'a> {
    args: &'a Args,
    all: Vec<Peer>,
}

impl Visitor<u64> for Peers<'_> {
    fn shared<C: Channel<u64>>(&mut self, name: &str)
    where
        C::Receiver: Clone,
    {
        if contestant::takes_part(self.args, name) {
            self.all.push((name.to_owned(), open_loop::<C>));
        }
    }
}

fn open_loop<C: Channel<u64>>(items_per_second: u64) -> RateRun {
    let (sender, receiver) = C::open(CAPACITY);
    let items = items_per_second * RUN_MS / 1000;
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
                C::push(&sender, begin);
                pushes.saturating_record(nanos() - begin);
            }
            (percentiles(&pushes), sender) // alive until all items have been taken
        });
        let consumer = threads.spawn(move || {
            let mut in_buffer = histogram();
            let (begin, processor) = (Instant::now(), thread_time());
            for _ in 0..items {
                let pushed = C::pop(&receiver);
                in_buffer.saturating_record(nanos() - pushed);
            }
            let busy = thread_time().saturating_sub(processor);
            (percentiles(&in_buffer), 100.0 * busy.as_secs_f64() / begin.elapsed().as_secs_f64())
        });
        let (in_buffer, consumer_percent) = consumer.join().expect("the consumer does not panic");
        let (push, _) = producer.join().expect("the producer does not panic");
        RateRun { in_buffer, push, consumer_percent }
    })
}

fn print_medians(open_loop: &OpenLoop) {
    for RateCell { items_per_second, rounds } in &open_loop.cells {
        let title =
            format!("{items_per_second} items/s: in the buffer p50, p99, p99.9; a push p50, p99 (us); consumer (%)");
        summary::medians(
            &title,
            &open_loop.names,
            rounds,
            &[
                (9, 1, |run| run.in_buffer.p50 / 1e3),
                (9, 1, |run| run.in_buffer.p99 / 1e3),
                (9, 1, |run| run.in_buffer.p999 / 1e3),
                (10, 2, |run| run.push.p50 / 1e3),
                (9, 2, |run| run.push.p99 / 1e3),
                (6, 0, |run| run.consumer_percent),
            ],
        );
    }
}
