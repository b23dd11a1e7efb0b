//! The cost of an operation without contention: one thread, no waiters.

use std::collections::VecDeque;
use std::hint::black_box;
use std::time::Duration;

use benches::Channel;
use benches::peers::{Visitor, all};
use bounded_buffer::BoundedBuffer;
use criterion::{BatchSize, Criterion, Throughput};
use parking_lot::Mutex;

const CAPACITY: usize = 1024;

pub(crate) fn uncontended(c: &mut Criterion) {
    pair(c);
    operations(c);
    item_sizes(c);
    batches(c);
}

/// Push and pop: this crate and its peers, and two bare lock/unlock pairs as the lower bound.
fn pair(c: &mut Criterion) {
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
    fn shared<C: Channel<u64>>(&mut self, name: &str)
    where
        C::Receiver: Clone,
    {
        self.single::<C>(name);
    }

    fn single<C: Channel<u64>>(&mut self, name: &str) {
        let (sender, receiver) = C::open(CAPACITY);
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
