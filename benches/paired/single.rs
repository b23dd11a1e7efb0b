//! What the grid does not show: the cost without company, batches, a hand-over's latency, and what waiting costs.

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::BoundedBuffer;
use parking_lot::Mutex;
use serde::Serialize;

use crate::args::{Args, Part};
use crate::support::peers::{Adaptive, Crossbeam, Kanal, Shared};
use crate::support::statistics::median;
use crate::support::{Channel, Receiver, Sender};
use crate::watchdog;

/// One figure, and the one it is set beside.
#[derive(Serialize)]
pub(crate) struct Measure {
    what: &'static str,
    unit: &'static str,
    ours: f64,
    beside: &'static str,
    theirs: f64,
    /// Median over the rounds of the ratio within a round: ours / theirs, so less is better.
    ratio: f64,
}

pub(crate) fn run(args: &Args) -> Vec<Measure> {
    let mut all = Vec::new();
    let rounds = args.rounds() * 3;
    if args.runs(Part::Uncontended) {
        let ours = || pair::<Shared<Adaptive<u64>>>();
        all.push(compare("push and pop, one thread", "ns", rounds, ours, "crossbeam-channel", pair::<Crossbeam>));
        all.push(compare("push and pop, one thread", "ns", rounds, ours, "kanal", pair::<Kanal>));
        all.push(compare("push and pop, one thread", "ns", rounds, ours, "two lock/unlock pairs", two_locks));
    }
    if args.runs(Part::Batch) {
        let beside = "a VecDeque and a Vec without a lock";
        all.push(compare(
            "256 pushed and popped as a batch, an item",
            "ns",
            rounds,
            batch,
            beside,
            batch_without_buffer,
        ));
    }
    if args.runs(Part::Latency) {
        let ours = || ping_pong::<Shared<Adaptive<u64>>>();
        all.push(compare(
            "there and back through two, median",
            "ns",
            rounds,
            ours,
            "crossbeam-channel",
            ping_pong::<Crossbeam>,
        ));
    }
    if args.runs(Part::Idle) {
        all.push(compare("processor time of 8 waiting threads in 1 s", "ms", 1, idle, "the main thread alone", nobody));
    }
    all
}

pub(crate) fn compare(
    what: &'static str,
    unit: &'static str,
    rounds: usize,
    ours: impl Fn() -> f64,
    beside: &'static str,
    theirs: impl Fn() -> f64,
) -> Measure {
    let watched = |work: &dyn Fn() -> f64| {
        let _alive = watchdog::watch(format!("{what}, beside {beside},"));
        work()
    };
    let pairs: Vec<(f64, f64)> = (0..rounds).map(|_| (watched(&ours), watched(&theirs))).collect();
    let of = |f: fn(&(f64, f64)) -> f64| median(&pairs.iter().map(f).collect::<Vec<_>>());
    let (ours, theirs, ratio) = (of(|pair| pair.0), of(|pair| pair.1), of(|pair| pair.0 / pair.1));
    println!("{what}: {ours:.2} {unit}; {beside}: {theirs:.2} {unit}; ratio {ratio:.2}");
    Measure { what, unit, ours, beside, theirs, ratio }
}

const LOOPS: u32 = 300_000;

/// Nanoseconds a loop.
fn per_loop(loops: u32, mut work: impl FnMut()) -> f64 {
    let begin = Instant::now();
    (0..loops).for_each(|_| work());
    begin.elapsed().as_secs_f64() * 1e9 / f64::from(loops)
}

fn pair<C: Channel<u64>>() -> f64 {
    let (sender, receiver) = C::open(1024);
    per_loop(LOOPS, || {
        sender.push(black_box(1));
        black_box(receiver.pop());
    })
}

/// The floor of whatever takes a lock twice.
fn two_locks() -> f64 {
    let lock = Mutex::new(0_u64);
    per_loop(LOOPS, || {
        *black_box(&lock).lock() += 1;
        *black_box(&lock).lock() -= 1;
    })
}

const BATCH: u32 = 256;

fn batch() -> f64 {
    let buffer = BoundedBuffer::new(1024);
    let (mut from, mut into) = (VecDeque::new(), Vec::new());
    per_loop(LOOPS / BATCH, || {
        from.extend(0..BATCH);
        buffer.push_many(&mut from).expect("nobody closes it");
        buffer.pop_many(&mut into, BATCH as usize).expect("nobody closes it");
        black_box(&into);
        into.clear();
    }) / f64::from(BATCH)
}

/// What the deque and the vector of [`batch`] cost by themselves.
fn batch_without_buffer() -> f64 {
    let (mut from, mut into) = (VecDeque::new(), Vec::new());
    per_loop(LOOPS / BATCH, || {
        from.extend(0..BATCH);
        into.extend(from.drain(..));
        black_box(&into);
        into.clear();
    }) / f64::from(BATCH)
}

/// The median of many ways there and back.
fn ping_pong<C: Channel<u64>>() -> f64 {
    const TIMES: u64 = 20_000;
    let (ping, at_echo) = C::open(1);
    let (back, at_home) = C::open(1);
    let echo = thread::spawn(move || {
        (0..TIMES).for_each(|_| back.push(at_echo.pop()));
        (back, at_echo)
    });
    #[allow(clippy::cast_precision_loss, reason = "nanoseconds of one hand-over")]
    let times: Vec<f64> = (0..TIMES)
        .map(|item| {
            let begin = Instant::now();
            ping.push(item);
            black_box(at_home.pop());
            begin.elapsed().as_nanos() as f64
        })
        .collect();
    drop(echo.join().expect("the echo does not panic"));
    median(&times)
}

/// The processor time, in milliseconds, of 8 threads that wait on an empty buffer for a second, once they sleep.
fn idle() -> f64 {
    let buffer = Arc::new(BoundedBuffer::<u64>::new(1));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let buffer = buffer.clone();
            thread::spawn(move || _ = buffer.pop())
        })
        .collect();
    while buffer.stats().waiting_consumers < 8 {
        thread::yield_now();
    }
    let time = nobody();
    buffer.close();
    for thread in threads {
        thread.join().expect("it only waits");
    }
    time
}

/// The processor time, in milliseconds, that this process uses in a second in which its main thread sleeps.
fn nobody() -> f64 {
    let before = processor_time();
    thread::sleep(Duration::from_secs(1));
    processor_time() - before
}

/// Milliseconds, over all threads. `NaN` where there is no Linux to tell.
fn processor_time() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanos = |task: std::fs::DirEntry| -> Option<f64> {
        // The first number of schedstat: nanoseconds on a processor.
        std::fs::read_to_string(task.path().join("schedstat")).ok()?.split(' ').next()?.parse().ok()
    };
    let times: Vec<f64> = tasks.filter_map(nanos).collect();
    if times.is_empty() { f64::NAN } else { times.iter().sum::<f64>() / 1e6 }
}
