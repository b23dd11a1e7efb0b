//! The measurements outside the grid: memory, the cost without contention, batches, a round trip, timers, and the cost of waiting.

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use benches::peers::{Adaptive, AsyncChannel, Crossbeam, Flume, Kanal, StdMpsc, TokioMpsc};
use benches::processor::process_time;
use benches::{Channel, watch};
use bounded_buffer::{BoundedBuffer, WaitStrategy};
use parking_lot::Mutex;
use results::{CROSSBEAM, Figures, Measure, PARK};
use support::statistics::median;

use crate::args::{Args, Limits};
use crate::rounds;

/// Two ways to measure a figure.
struct Question {
    what: &'static str,
    unit: &'static str,
    ours: fn() -> f64,
    other: &'static str,
    theirs: fn() -> f64,
    rounds: usize,
    /// Whether the distance of the cores matters.
    by_mode: bool,
}

pub(crate) fn run(args: &Args) -> Vec<Measure> {
    questions(args.rounds()).into_iter().map(|question| measure(args, question)).collect()
}

fn questions(rounds: usize) -> Vec<Question> {
    let memory = |other, theirs| Question {
        what: "memory of a full channel of 64 items of 8 bytes",
        unit: "B",
        ours: memory::<Adaptive>,
        other,
        theirs,
        rounds: 1,
        by_mode: false,
    };
    let pair = |other, theirs| Question {
        what: "push and pop, one thread",
        unit: "ns",
        ours: pair::<Adaptive>,
        other,
        theirs,
        rounds: rounds * 3,
        by_mode: false,
    };
    vec![
        memory(CROSSBEAM, self::memory::<Crossbeam>),
        memory("kanal", self::memory::<Kanal>),
        memory("flume", self::memory::<Flume>),
        memory("async-channel", self::memory::<AsyncChannel>),
        memory("tokio mpsc", self::memory::<TokioMpsc>),
        memory("std sync_channel", self::memory::<StdMpsc>),
        pair(CROSSBEAM, self::pair::<Crossbeam>),
        pair("kanal", self::pair::<Kanal>),
        pair("two lock/unlock pairs", two_locks),
        Question {
            what: "256 items pushed and popped as a batch, per item",
            unit: "ns",
            ours: batch,
            other: "a VecDeque and a Vec without a lock",
            theirs: batch_without_buffer,
            rounds: rounds * 3,
            by_mode: false,
        },
        Question {
            what: "round trip through two buffers, median",
            unit: "ns",
            ours: ping_pong::<Adaptive>,
            other: CROSSBEAM,
            theirs: ping_pong::<Crossbeam>,
            rounds: rounds * 3,
            by_mode: true,
        },
        Question {
            what: "pop_timeout(1 ms) next to four busy threads, median",
            unit: "ms",
            ours: || timer(WaitStrategy::Adaptive),
            other: PARK,
            theirs: || timer(WaitStrategy::Park),
            rounds,
            by_mode: false,
        },
        Question {
            what: "processor time of 8 waiting threads in 1 s",
            unit: "ms",
            ours: idle,
            other: "the main thread alone",
            theirs: idle_without_threads,
            rounds: 3,
            by_mode: false,
        },
    ]
}

fn measure(args: &Args, Question { what, unit, ours, other, theirs, rounds, by_mode }: Question) -> Measure {
    let both = || {
        let _alive = watch(format!("{what}, compared with {other},"));
        Figures { ours: ours(), theirs: theirs() }
    };
    let rounds = if by_mode {
        rounds::collect(1, Limits { rounds, ..args.limits() }, |_, _| both()).remove(0)
    } else {
        rounds::repeat(rounds, both)
    };
    Measure { what: what.to_owned(), unit: unit.to_owned(), other: other.to_owned(), rounds }
}

const LOOPS: u32 = 300_000;

/// Nanoseconds per loop.
fn per_loop(loops: u32, mut work: impl FnMut()) -> f64 {
    let begin = Instant::now();
    (0..loops).for_each(|_| work());
    begin.elapsed().as_secs_f64() * 1e9 / f64::from(loops)
}

fn pair<C: Channel<u64>>() -> f64 {
    let (sender, receiver) = C::pair(1024);
    per_loop(LOOPS, || {
        C::push(&sender, black_box(1));
        black_box(C::pop(&receiver));
    })
}

/// The lower bound of any operation that takes a lock twice.
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
        buffer.push_many(&mut from).expect("the buffer stays open");
        buffer.pop_many(&mut into, BATCH as usize).expect("the buffer stays open");
        black_box(&into);
        into.clear();
    }) / f64::from(BATCH)
}

/// The cost of the deque and the vector of [`batch`] alone.
fn batch_without_buffer() -> f64 {
    let (mut from, mut into) = (VecDeque::new(), Vec::new());
    per_loop(LOOPS / BATCH, || {
        from.extend(0..BATCH);
        into.extend(from.drain(..));
        black_box(&into);
        into.clear();
    }) / f64::from(BATCH)
}

/// The median of many round trips.
fn ping_pong<C: Channel<u64>>() -> f64 {
    const TIMES: u64 = 20_000;
    let (ping, at_echo) = C::pair(1);
    let (back, at_home) = C::pair(1);
    let echo = thread::spawn(move || {
        (0..TIMES).for_each(|_| C::push(&back, C::pop(&at_echo)));
        (back, at_echo)
    });
    #[allow(clippy::cast_precision_loss, reason = "nanoseconds of one round trip")]
    let times: Vec<f64> = (0..TIMES)
        .map(|item| {
            let begin = Instant::now();
            C::push(&ping, item);
            black_box(C::pop(&at_home));
            begin.elapsed().as_nanos() as f64
        })
        .collect();
    drop(echo.join().expect("the echo does not panic"));
    median(&times)
}

/// The median time, in milliseconds, until `pop_timeout(1 ms)` returns from an empty buffer while four threads are busy.
fn timer(strategy: WaitStrategy) -> f64 {
    let buffer = BoundedBuffer::<u64>::with_wait_strategy(1, strategy);
    let stop = AtomicBool::new(false);
    thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let times: Vec<f64> = (0..30)
            .map(|_| {
                let begin = Instant::now();
                assert!(buffer.pop_timeout(Duration::from_millis(1)).is_err(), "the buffer is empty");
                begin.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        stop.store(true, Ordering::Relaxed);
        median(&times)
    })
}

/// Bytes by which the resident memory grows for each channel. `NaN` on other systems than Linux.
///
/// The channels are leaked, so that no later one takes the place of an earlier one.
fn memory<C: Channel<u64>>() -> f64 {
    const CHANNELS: u32 = 4096;
    const CAPACITY: usize = 64;
    let before = resident();
    for _ in 0..CHANNELS {
        let (sender, receiver) = C::pair(CAPACITY);
        (0..CAPACITY as u64).for_each(|item| C::push(&sender, item));
        std::mem::forget((sender, receiver));
    }
    (resident() - before) / f64::from(CHANNELS)
}

/// The resident memory of this process, in bytes. Not from `status`, whose figure Linux updates in steps.
fn resident() -> f64 {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let kilobytes = rollup.lines().find_map(|line| line.strip_prefix("Rss:")?.split_whitespace().next()?.parse().ok());
    kilobytes.map_or(f64::NAN, |kilobytes: f64| kilobytes * 1024.0)
}

/// The processor time, in milliseconds, of 8 threads that wait on an empty buffer for a second, after they have parked.
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
    let time = idle_without_threads();
    buffer.close();
    for thread in threads {
        thread.join().expect("it only waits");
    }
    time
}

/// The processor time, in milliseconds, of this process in a second in which its main thread sleeps.
fn idle_without_threads() -> f64 {
    let before = process_time();
    thread::sleep(Duration::from_secs(1));
    process_time().saturating_sub(before).as_secs_f64() * 1e3
}
