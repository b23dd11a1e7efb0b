//! criterion's benchmarks: what one operation costs, without contention and as a handoff between two threads.
//!
//! criterion measures the peers minutes apart, so for ratios and for throughput see `paired`.
//! `cargo bench --bench criterion -- uncontended` runs one group.

use std::collections::VecDeque;
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use benches::peers::{Visitor, all};
use benches::{Channel, sanity};
use bounded_buffer::{BoundedBuffer, WaitStrategy};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use parking_lot::Mutex;

const CAPACITY: usize = 1024;

/// Checks every peer before one is timed.
fn checked() -> Criterion {
    sanity::every_peer();
    Criterion::default()
}

/// Push and pop: this crate and its peers, and two bare lock/unlock pairs as the lower bound.
fn pairs(c: &mut Criterion) {
    let lock = Mutex::new(0_u64);
    c.benchmark_group("uncontended/push+pop").bench_function("two bare lock+unlock pairs", |b| {
        b.iter(|| {
            *black_box(&lock).lock() += 1;
            *black_box(&lock).lock() -= 1;
        });
    });
    all(&mut Pair(c));
}

struct Pair<'a>(&'a mut Criterion);

impl Visitor<u64> for Pair<'_> {
    fn visit<C: Channel<u64>>(&mut self, name: &str) {
        let (sender, receiver) = C::pair(CAPACITY);
        self.0.benchmark_group("uncontended/push+pop").bench_function(name, |b| {
            b.iter(|| {
                C::push(&sender, black_box(1));
                C::pop(&receiver)
            });
        });
    }
}

/// The same pair with other operations.
fn operations(c: &mut Criterion) {
    let mut group = c.benchmark_group("uncontended/operations");
    let buffer = BoundedBuffer::new(CAPACITY);
    group.bench_function("push+pop", |b| b.iter(|| (buffer.push(black_box(1)), buffer.pop())));
    group.bench_function("try_push+try_pop", |b| b.iter(|| (buffer.try_push(black_box(1)), buffer.try_pop())));
    let timeout = Duration::from_secs(1);
    group.bench_function("push_timeout+pop_timeout", |b| {
        b.iter(|| (buffer.push_timeout(black_box(1), timeout), buffer.pop_timeout(timeout)));
    });
    group.bench_function("force_push+pop", |b| b.iter(|| (buffer.force_push(black_box(1)), buffer.pop())));
    group.bench_function("stats", |b| b.iter(|| buffer.stats()));
}

/// Push and pop of items of different sizes.
fn item_sizes(c: &mut Criterion) {
    fn size<T>(c: &mut Criterion, name: &str, make: impl Fn() -> T) {
        let buffer = BoundedBuffer::new(CAPACITY);
        c.benchmark_group("uncontended/item size").bench_function(name, |b| {
            b.iter_batched(
                &make,
                |item| {
                    _ = buffer.push(item); // succeeds: the buffer stays open
                    buffer.pop()
                },
                BatchSize::SmallInput,
            );
        });
    }
    size(c, "8 B", || 1_u64);
    size(c, "64 B", || [1_u64; 8]);
    size(c, "1 KiB", || [1_u64; 128]);
    size(c, "a Box", || Box::new(1_u64));
}

/// Many items with one lock acquisition per batch; criterion's throughput gives the time per item.
fn batches(c: &mut Criterion) {
    let mut group = c.benchmark_group("uncontended/batch");
    for size in [1_u32, 4, 16, 64, 256, 1024] {
        let buffer = BoundedBuffer::new(CAPACITY);
        let (mut from, mut into) = (VecDeque::new(), Vec::new());
        group.throughput(Throughput::Elements(size.into()));
        group.bench_function(size.to_string(), |b| {
            b.iter(|| {
                from.extend(0..size);
                buffer.push_many(&mut from).expect("the buffer stays open");
                buffer.pop_many(&mut into, size as usize).expect("the buffer stays open");
                into.clear();
            });
        });
    }
}

/// The time from a push to the return of a parked pop; `stats` reports when it waits.
fn wake_up(c: &mut Criterion) {
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
    c.benchmark_group("latency")
        .sample_size(10)
        .bench_function("wake-up of a parked thread", |b| b.iter_custom(|times| (0..times).map(|_| wake_once()).sum()));
}

criterion_group! {
    name = one_operation;
    config = checked();
    targets = pairs, operations, item_sizes, batches, wake_up
}
criterion_main!(one_operation);
