//! Throughput, longest operations and fairness while all threads push and pop without a break.

#![allow(clippy::disallowed_types, reason = "peers are measured, not modelled")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use benches::peers::{Visitor, all, shared};
use benches::workload::Shape;
use benches::{Channel, watchdog};
use results::{Fair, FairCell, FairRun, GO, Runs};
use support::stdout::print;

use crate::args::Args;
use crate::external::Go;
use crate::{contestant, rounds, summary};

const SHAPES: [Shape; 3] = [
    Shape { capacity: 5, producers: 16, consumers: 16 },
    Shape { capacity: 64, producers: 4, consumers: 4 },
    Shape { capacity: 1024, producers: 16, consumers: 16 },
];
/// Long enough for a thread to lose its core several times.
const RUN: Duration = Duration::from_secs(1);
const QUICK_RUN: Duration = Duration::from_millis(100);

/// The figures of a run, from the longest push and pop and from the items of each thread.
fn figures(time: Duration, longest: [Duration; 2], producers: &[u64], consumers: &[u64]) -> FairRun {
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    let items = consumers.iter().sum::<u64>() as f64;
    let [longest_push_ms, longest_pop_ms] = longest.map(|time| time.as_secs_f64() * 1e3);
    FairRun {
        rate: items / time.as_secs_f64() / 1e6,
        longest_push_ms,
        longest_pop_ms,
        producers_index: jain(producers),
        consumers_index: jain(consumers),
    }
}

/// Jain, Chiu and Hawe 1984.
fn jain(counts: &[u64]) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "counts of a second")]
    let (sum, squares, count) = counts.iter().fold((0.0, 0.0, 0.0), |(sum, squares, count), &items| {
        (sum + items as f64, squares + (items as f64).powi(2), count + 1.0)
    });
    sum * sum / (count * squares)
}

type Saturate = Box<dyn FnMut(Shape) -> FairRun>;

pub(crate) fn run(args: &Args) -> Fair {
    let time = if args.quick() { QUICK_RUN } else { RUN };
    let mut peers = Peers { args, time, all: Vec::new() };
    all(&mut peers);
    let mut peers = peers.all;
    peers.push((NO_QUEUE.to_owned(), Box::new(move |shape| saturate::<NoQueue>(shape, time))));
    if let Some(mut go) = Go::start(args) {
        let saturate = move |shape: Shape| {
            let answer = go.saturate(shape, time);
            let (longest, counts) = answer.split_at(2);
            let (producers, consumers) = counts.split_at(shape.producers);
            figures(time, [0, 1].map(|end| Duration::from_nanos(longest[end])), producers, consumers)
        };
        peers.push((GO.to_owned(), Box::new(saturate)));
    }
    print(format_args!("\nall threads push and pop without a break for {time:?}"));
    let cells = rounds::collect(SHAPES.len(), args.limits(), |cell, rng| {
        let count = peers.len();
        let run = |peer: usize| {
            let (name, saturate) = &mut peers[peer];
            let _alive = watchdog::watch(format!("{name}, saturated with {:?}", SHAPES[cell]));
            saturate(SHAPES[cell])
        };
        Runs { runs: rounds::in_changing_order(rng, count, run) }
    });
    let cells = SHAPES.into_iter().zip(cells).map(|(shape, rounds)| {
        let Shape { capacity, producers, consumers } = shape;
        FairCell { capacity, producers, consumers, rounds }
    });
    let names = peers.into_iter().map(|peer| peer.0).collect();
    let run_ms = u64::try_from(time.as_millis()).expect("a short run");
    let found = Fair { run_ms, names, cells: cells.collect() };
    print_medians(&found);
    found
}

struct Peers<'a> {
    args: &'a Args,
    time: Duration,
    all: Vec<(String, Saturate)>,
}

impl Visitor<u64> for Peers<'_> {
    fn shared<C: Channel<u64>>(&mut self, name: &str)
    where
        C::Receiver: Clone,
    {
        if contestant::takes_part(self.args, name) {
            let time = self.time;
            self.all.push((name.to_owned(), Box::new(move |shape| saturate::<C>(shape, time))));
        }
    }
}

/// Ends a consumer.
const LAST: u64 = u64::MAX;

/// The same loop without a queue. Its longest operation is the longest time that a thread lost its core to others.
const NO_QUEUE: &str = "no queue";

struct NoQueue;

impl Channel<u64> for NoQueue {
    type Sender = Arc<AtomicBool>;
    type Receiver = Arc<AtomicBool>;
    fn open(_capacity: usize) -> (Self::Sender, Self::Receiver) {
        shared(AtomicBool::new(false))
    }
    fn push(ended: &Self::Sender, item: u64) {
        if item == LAST {
            ended.store(true, Ordering::Relaxed); // a flag alone, and the loops read it again
        }
    }
    fn pop(ended: &Self::Receiver) -> u64 {
        if ended.load(Ordering::Relaxed) { LAST } else { 0 }
    }
}

fn saturate<C: Channel<u64>>(shape: Shape, time: Duration) -> FairRun
where
    C::Receiver: Clone,
{
    let (sender, receiver) = C::open(shape.capacity);
    let start = Barrier::new(shape.producers + shape.consumers + 1);
    let stopped = OnceLock::new();
    let stop = AtomicBool::new(false);
    thread::scope(|threads| {
        let producers: Vec<_> = vec![sender.clone(); shape.producers]
            .into_iter()
            .map(|sender| {
                let (start, stop, stopped) = (&start, &stop, &stopped);
                threads.spawn(move || {
                    start.wait();
                    repeat(stop, stopped, || {
                        C::push(&sender, 0);
                        true
                    })
                })
            })
            .collect();
        let consumers: Vec<_> = vec![receiver; shape.consumers]
            .into_iter()
            .map(|receiver| {
                let (start, stop, stopped) = (&start, &stop, &stopped);
                threads.spawn(move || {
                    start.wait();
                    let mut last = false;
                    let served = repeat(stop, stopped, || {
                        last = C::pop(&receiver) == LAST;
                        !last
                    });
                    while !last {
                        last = C::pop(&receiver) == LAST; // so that each producer can finish its last push
                    }
                    served
                })
            })
            .collect();
        start.wait();
        thread::sleep(time);
        stopped.get_or_init(Instant::now);
        stop.store(true, Ordering::Release);
        let join = |threads: Vec<thread::ScopedJoinHandle<'_, Served>>| -> Vec<Served> {
            threads.into_iter().map(|thread| thread.join().expect("a worker panicked")).collect()
        };
        let producers = join(producers);
        (0..shape.consumers).for_each(|_| C::push(&sender, LAST));
        let consumers = join(consumers);
        let longest = |side: &[Served]| side.iter().map(|served| served.longest).max().unwrap_or_default();
        let items = |side: &[Served]| side.iter().map(|served| served.items).collect::<Vec<_>>();
        figures(time, [longest(&producers), longest(&consumers)], &items(&producers), &items(&consumers))
    })
}

struct Served {
    items: u64,
    longest: Duration,
}

/// Counts and times the operations that end before the stop. An operation that is blocked at the stop has waited until then.
fn repeat(stop: &AtomicBool, stopped: &OnceLock<Instant>, mut operation: impl FnMut() -> bool) -> Served {
    let mut served = Served { items: 0, longest: Duration::ZERO };
    let mut begin = Instant::now();
    loop {
        let goes_on = operation();
        let end = Instant::now();
        if stop.load(Ordering::Acquire) || !goes_on {
            let stopped = stopped.get().copied().unwrap_or(end);
            served.longest = served.longest.max(stopped.saturating_duration_since(begin));
            return served;
        }
        served.items += 1;
        served.longest = served.longest.max(end - begin);
        begin = end;
    }
}

fn print_medians(fair: &Fair) {
    for FairCell { capacity, producers, consumers, rounds } in &fair.cells {
        let title = format!(
            "capacity {capacity}, {producers}x{consumers}: M items/s; longest push and pop (ms); Jain's index of the producers and \
             the consumers"
        );
        summary::medians(
            &title,
            &fair.names,
            rounds,
            &[
                (7, 2, |run| run.rate),
                (8, 1, |run| run.longest_push_ms),
                (8, 1, |run| run.longest_pop_ms),
                (6, 2, |run| run.producers_index),
                (6, 2, |run| run.consumers_index),
            ],
        );
    }
}
