//! What company costs: the same buffer, from one thread a side to sixteen.

mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use support::Channel;
use support::peers::{Adaptive, Crossbeam, Kanal, Shared};
use support::workload::{Shape, many_consumers};

/// Items an iteration; all iterations of a sample are one run, as in `throughput`.
const ITEMS: u64 = 512;

fn contention(c: &mut Criterion) {
    for threads in [1, 2, 4, 8, 16] {
        let shape = Shape { capacity: 64, producers: threads, consumers: threads };
        peer::<Shared<Adaptive<u64>>>(c, shape, "bounded-buffer");
        peer::<Crossbeam>(c, shape, "crossbeam-channel");
        peer::<Kanal>(c, shape, "kanal");
    }
}

fn peer<C: Channel<u64>>(c: &mut Criterion, shape: Shape, name: &str)
where
    C::Receiver: Clone,
{
    let items = shape.round(ITEMS);
    let mut group = c.benchmark_group("contention/64 slots");
    group.sample_size(10).throughput(Throughput::Elements(items));
    group.bench_function(BenchmarkId::new(name, shape.producers + shape.consumers), |b| {
        b.iter_custom(|times| many_consumers::<u64, C>(shape, times * items));
    });
}

criterion_group! {
    name = benches;
    config = support::criterion_setup::criterion();
    targets = contention
}
criterion_main!(benches);
