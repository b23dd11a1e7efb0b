//! The cost of contention: the same capacity, with one to sixteen threads per side.
//!
//! `QUICK=1` measures one, four and sixteen threads per side.

mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use support::Channel;
use support::criterion_setup::quick;
use support::peers::{Visitor, all};
use support::workload::{Shape, many_consumers};

/// Items per iteration; all iterations of a sample are one run, as in `throughput`.
const ITEMS: u64 = 512;

fn contention(c: &mut Criterion) {
    let threads: &[_] = if quick() { &[1, 4, 16] } else { &[1, 2, 4, 8, 16] };
    for &threads in threads {
        all(&mut Contention { c, shape: Shape { capacity: 64, producers: threads, consumers: threads } });
    }
}

struct Contention<'a> {
    c: &'a mut Criterion,
    shape: Shape,
}

impl Visitor for Contention<'_> {
    fn shared<C: Channel<u64>>(&mut self, name: &str)
    where
        C::Receiver: Clone,
    {
        let shape = self.shape;
        let items = shape.round(ITEMS);
        let mut group = self.c.benchmark_group("contention/64 slots");
        group.sample_size(10).throughput(Throughput::Elements(items));
        group.bench_function(BenchmarkId::new(name, shape.producers + shape.consumers), |b| {
            b.iter_custom(|times| many_consumers::<u64, C>(shape.empty_loop(times * items)).wall);
        });
    }

    /// Left out: it has one consumer only.
    fn single<C: Channel<u64>>(&mut self, _name: &str) {}
}

criterion_group! {
    name = benches;
    config = support::criterion_setup::criterion();
    targets = contention
}
criterion_main!(benches);
