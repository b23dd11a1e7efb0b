//! Items per second between threads, and the duration of a handoff.

use std::thread;
use std::time::{Duration, Instant};

use benches::peers::{Adaptive, Crossbeam, StdMpsc, Visitor, all};
use benches::work::Work;
use benches::workload::{Load, Shape, Took, batches, many_consumers, one_consumer};
use benches::{Channel, quick};
use bounded_buffer::{BoundedBuffer, WaitStrategy};
use criterion::{BenchmarkId, Criterion, Throughput};

/// A benchmark whose iteration moves `items` items. All iterations of a sample are one run. criterion chooses their number by the
/// speed of the peer, so the start of the threads is a small part of a run.
fn moved(c: &mut Criterion, group: &str, id: BenchmarkId, items: u64, mut run: impl FnMut(u64) -> Took) {
    let mut group = c.benchmark_group(group);
    group.sample_size(10).throughput(Throughput::Elements(items));
    group.bench_function(id, |b| b.iter_custom(|times| run(times * items).wall));
}

/// An empty loop, peer by peer.
pub(crate) fn throughput(c: &mut Criterion) {
    let (threads, capacities): (&[_], &[_]) = if quick() {
        (&[(1, 1), (4, 4)], &[1, 64])
    } else {
        (&[(1, 1), (4, 1), (1, 4), (4, 4), (16, 16)], &[1, 5, 64, 1024])
    };
    for &(producers, consumers) in threads {
        for &capacity in capacities {
            let group = format!("throughput/{producers}x{consumers}, {capacity} slots");
            let id = |name: &str| BenchmarkId::from_parameter(name);
            let shape = Shape { capacity, producers, consumers };
            all(&mut EmptyLoop { c, group: &group, id, shape, with_single: consumers == 1 });
        }
    }
}

/// The cost of contention: the same capacity, with one to sixteen threads per side.
pub(crate) fn contention(c: &mut Criterion) {
    let sides: &[_] = if quick() { &[1, 4, 16] } else { &[1, 2, 4, 8, 16] };
    for &side in sides {
        let id = move |name: &str| BenchmarkId::new(name, 2 * side);
        let shape = Shape { capacity: 64, producers: side, consumers: side };
        all(&mut EmptyLoop { c, group: "contention/64 slots", id, shape, with_single: false });
    }
}

struct EmptyLoop<'a, Id> {
    c: &'a mut Criterion,
    group: &'a str,
    id: Id,
    shape: Shape,
    /// Whether to measure peers with one consumer only.
    with_single: bool,
}

const ITEMS: u64 = 512;

impl<Id: Fn(&str) -> BenchmarkId> Visitor<u64> for EmptyLoop<'_, Id> {
    fn shared<C: Channel<u64>>(&mut self, name: &str)
    where
        C::Receiver: Clone,
    {
        let run = |items| many_consumers::<u64, C>(self.shape.empty_loop(items));
        moved(self.c, self.group, (self.id)(name), self.shape.round(ITEMS), run);
    }

    fn single<C: Channel<u64>>(&mut self, name: &str) {
        if self.with_single {
            let run = |items| one_consumer::<u64, C>(self.shape.empty_loop(items));
            moved(self.c, self.group, (self.id)(name), self.shape.round(ITEMS), run);
        }
    }
}

/// The gain of batches: the same items, with a growing number of them per call.
pub(crate) fn batch(c: &mut Criterion) {
    for capacity in [64, 1024] {
        let shape = Shape { capacity, producers: 1, consumers: 1 };
        for size in [1, 4, 16, 64, 256, 1024] {
            let run = |items| batches::<u64>(shape.empty_loop(items), size, size);
            moved(c, &format!("batch/1x1, {capacity} slots"), BenchmarkId::from_parameter(size), 1024, run);
        }
    }
}

/// Work between the operations: this crate's buffer, std's channel and crossbeam's.
pub(crate) fn work(c: &mut Criterion) {
    let (capacities, nanos): (&[usize], &[(u64, u64)]) = if quick() {
        (&[64], &[(200, 200)])
    } else {
        (&[5, 64, 1024], &[(50, 50), (200, 200), (1000, 1000), (0, 500), (500, 0)])
    };
    for &(before_push, after_pop) in nanos {
        let work = Work::of_nanos(before_push, after_pop);
        for &capacity in capacities {
            for (producers, consumers) in [(1, 1), (2, 3), (4, 4), (16, 16)] {
                with_work(c, work, Shape { capacity, producers, consumers });
            }
        }
    }
}

type Contestant = (&'static str, fn(Load) -> Took);

fn with_work(c: &mut Criterion, work: Work, shape: Shape) {
    let Shape { capacity, producers, consumers } = shape;
    let mut contestants: Vec<Contestant> = vec![
        ("bounded-buffer", many_consumers::<u64, Adaptive>),
        ("bounded-buffer, iter_many(16)", |load| batches::<u64>(load, 1, 16)),
        ("crossbeam-channel", many_consumers::<u64, Crossbeam>),
    ];
    if consumers == 1 {
        contestants.push(("std sync_channel", one_consumer::<u64, StdMpsc>));
    }
    let group = format!("work/{work} ns, {producers}x{consumers}, {capacity} slots");
    for (name, run) in contestants {
        let run = |items| run(Load { shape, work, items });
        moved(c, &group, BenchmarkId::from_parameter(name), shape.round(256), run);
    }
}

/// A round trip between two threads that spin, and the wake-up of a parked thread.
pub(crate) fn latency(c: &mut Criterion) {
    all(&mut PingPong(c));
    c.benchmark_group("latency/wake-up of a parked thread")
        .sample_size(10)
        .bench_function("bounded-buffer", |b| b.iter_custom(wake_up));
}

/// A round trip through two channels of one slot.
struct PingPong<'a>(&'a mut Criterion);

impl Visitor<u64> for PingPong<'_> {
    fn shared<C: Channel<u64>>(&mut self, name: &str)
    where
        C::Receiver: Clone,
    {
        self.single::<C>(name);
    }

    fn single<C: Channel<u64>>(&mut self, name: &str) {
        self.0.benchmark_group("latency/ping-pong").bench_function(name, |b| {
            b.iter_custom(|times| {
                let (there, at_echo) = C::open(1);
                let (back, at_home) = C::open(1);
                let echo = thread::spawn(move || {
                    (0..times).for_each(|_| C::push(&back, C::pop(&at_echo)));
                    (back, at_echo)
                });
                let begin = Instant::now();
                for item in 0..times {
                    C::push(&there, item);
                    C::pop(&at_home);
                }
                let time = begin.elapsed();
                drop(echo.join().expect("the echo does not panic"));
                time
            });
        });
    }
}

/// The time from a push to the return of a parked pop; `stats` reports when it waits.
fn wake_up(times: u64) -> Duration {
    let buffer = BoundedBuffer::with_wait_strategy(1, WaitStrategy::Park);
    let wake_once = || {
        thread::scope(|threads| {
            let waiter = threads.spawn(|| {
                let pushed_at: Instant = buffer.pop().expect("the buffer stays open");
                pushed_at.elapsed()
            });
            while buffer.stats().waiting_consumers == 0 {
                thread::yield_now();
            }
            buffer.push(Instant::now()).expect("the buffer stays open");
            waiter.join().expect("the waiter does not panic")
        })
    };
    (0..times).map(|_| wake_once()).sum()
}
