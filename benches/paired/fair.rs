//! Throughput, longest operations and fairness while all threads push and pop without a break.

#![allow(clippy::disallowed_types, reason = "peers are measured, not modelled")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use benches::Channel;
use benches::peers::{Visitor, all, shared};
use results::{Fair, FairRun, FairSetting, GO, Shape};

use crate::args::Args;
use crate::contestant::{Contestant, takes_part};
use crate::external;
use crate::rounds::{self, millis};

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
    if sum == 0.0 { 1.0 } else { sum * sum / (count * squares) } // no item for any thread is the same for each
}

pub(crate) fn run(args: &Args) -> Fair {
    // Long enough for a thread to lose its core several times.
    let time = args.run_of(Duration::from_secs(1));
    let mut peers = Peers { args, time, all: Vec::new() };
    all(&mut peers);
    let mut peers = peers.all;
    peers.push(Contestant::new("no queue", move |shape| saturate::<NoQueue>(shape, time)));
    if let Some(mut go) = external::go(args) {
        let saturate = move |shape: Shape| {
            let answer = go.saturate(shape, time);
            let (longest, counts) = answer.split_at(2);
            let (producers, consumers) = counts.split_at(shape.producers);
            figures(time, [0, 1].map(|end| Duration::from_nanos(longest[end])), producers, consumers)
        };
        peers.push(Contestant::new(GO, saturate));
    }
    let shapes = [(5, 16), (64, 4), (1024, 16)];
    let shapes = shapes.map(|(capacity, side)| Shape { capacity, producers: side, consumers: side });
    rounds::contest(args.limits(), FairSetting { run_ms: millis(time) }, shapes.into(), peers, |_| ())
}

struct Peers<'a> {
    args: &'a Args,
    time: Duration,
    all: Vec<Contestant<Shape, FairRun>>,
}

impl Visitor<u64> for Peers<'_> {
    fn visit<C: Channel<u64>>(&mut self, name: &str) {
        if takes_part(self.args, name) {
            let time = self.time;
            self.all.push(Contestant::new(name, move |shape| saturate::<C>(shape, time)));
        }
    }
}

/// Ends a consumer.
const LAST: u64 = u64::MAX;

/// The same loop without a queue. Its longest operation is the longest time that a thread lost its core to others.
struct NoQueue;

impl Channel<u64> for NoQueue {
    type Sender = Arc<AtomicBool>;
    type Receiver = Arc<AtomicBool>;
    fn open(_capacity: usize, consumers: usize) -> Option<(Self::Sender, Vec<Self::Receiver>)> {
        shared(AtomicBool::new(false), consumers)
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

fn saturate<C: Channel<u64>>(Shape { capacity, producers, consumers }: Shape, time: Duration) -> FairRun {
    let (sender, receivers) = C::open(capacity, consumers).expect("a channel with many receivers");
    let run = &Run { start: Barrier::new(producers + consumers + 1), stopped: OnceLock::new() };
    thread::scope(|threads| {
        let producer = |sender| {
            threads.spawn(move || {
                run.repeat(|| {
                    C::push(&sender, 0);
                    true
                })
            })
        };
        let consumer = |receiver| {
            threads.spawn(move || {
                let mut last = false;
                let served = run.repeat(|| {
                    last = C::pop(&receiver) == LAST;
                    !last
                });
                while !last {
                    last = C::pop(&receiver) == LAST; // so that each producer can finish its last push
                }
                served
            })
        };
        let pushing: Vec<_> = vec![sender.clone(); producers].into_iter().map(producer).collect();
        let popping: Vec<_> = receivers.into_iter().map(consumer).collect();
        run.start.wait();
        thread::sleep(time);
        run.stopped.get_or_init(Instant::now);
        let join = |threads: Vec<thread::ScopedJoinHandle<'_, Served>>| -> (Vec<u64>, Duration) {
            let served = threads.into_iter().map(|thread| thread.join().expect("a worker panicked"));
            let (counts, longest): (_, Vec<_>) = served.unzip();
            (counts, longest.into_iter().max().unwrap_or_default())
        };
        let (pushed, longest_push) = join(pushing);
        (0..consumers).for_each(|_| C::push(&sender, LAST));
        let (popped, longest_pop) = join(popping);
        figures(time, [longest_push, longest_pop], &pushed, &popped)
    })
}

/// The number of operations of a thread, and its longest.
type Served = (u64, Duration);

struct Run {
    start: Barrier,
    stopped: OnceLock<Instant>,
}

impl Run {
    /// Counts and times the operations that end before the stop. An operation that is blocked at the stop has waited until then.
    fn repeat(&self, mut operation: impl FnMut() -> bool) -> Served {
        let (mut count, mut longest) = (0, Duration::ZERO);
        self.start.wait();
        let mut begin = Instant::now();
        loop {
            let goes_on = operation();
            let end = Instant::now();
            let stopped = self.stopped.get();
            if stopped.is_some() || !goes_on {
                let stopped = *stopped.unwrap_or(&end);
                return (count, longest.max(stopped.saturating_duration_since(begin)));
            }
            count += 1;
            longest = longest.max(end - begin);
            begin = end;
        }
    }
}
