//! The gain of batches between threads: the same items, with a growing number of them per call.

mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use support::workload::{Shape, batches};

/// Items per iteration; all iterations of a sample are one run, as in `throughput`.
const ITEMS: u64 = 1024;

fn batch(c: &mut Criterion) {
    for capacity in [64, 1024] {
        let shape = Shape { capacity, producers: 1, consumers: 1 };
        let mut group = c.benchmark_group(format!("batch/1x1, {capacity} slots"));
        group.sample_size(10).throughput(Throughput::Elements(ITEMS));
        for size in [1, 4, 16, 64, 256, 1024] {
            group.bench_function(size.to_string(), |b| {
                b.iter_custom(|times| batches::<u64>(shape.empty_loop(times * ITEMS), size, size).wall);
            });
        }
    }
}

criterion_group! {
    name = benches;
    config = support::criterion_setup::criterion();
    targets = batch
}
criterion_main!(benches);
