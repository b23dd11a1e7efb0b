//! Items per second when programs work between operations: this crate's buffer, std's channel and crossbeam's.
//!
//! criterion measures the contestants minutes apart, so for ratios see `paired`, which also keeps the modes of the machine apart.
//! `QUICK=1` measures 200 ns of work on each side at 64 slots.

mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use support::criterion_setup::quick;
use support::peers::{Adaptive, Crossbeam, Shared, StdMpsc};
use support::work::Work;
use support::workload::{Load, Shape, Took, batches, many_consumers, one_consumer};

/// Items per iteration; all iterations of a sample are one run, as in `throughput`.
const ITEMS: u64 = 256;
const THREADS: [(usize, usize); 4] = [(1, 1), (2, 3), (4, 4), (16, 16)];

type Contestant = (&'static str, fn(Load) -> Took);

fn work(c: &mut Criterion) {
    let (capacities, nanos): (&[usize], &[(u64, u64)]) = if quick() {
        (&[64], &[(200, 200)])
    } else {
        (&[5, 64, 1024], &[(50, 50), (200, 200), (1000, 1000), (0, 500), (500, 0)])
    };
    for &(before_push, after_pop) in nanos {
        let work = Work::of_nanos(before_push, after_pop);
        for &capacity in capacities {
            for (producers, consumers) in THREADS {
                cell(c, work, Shape { capacity, producers, consumers });
            }
        }
    }
}

fn cell(c: &mut Criterion, work: Work, shape: Shape) {
    let Shape { capacity, producers, consumers } = shape;
    let mut contestants: Vec<Contestant> = vec![
        ("bounded-buffer", many_consumers::<u64, Shared<Adaptive<u64>>>),
        ("bounded-buffer, iter_many(16)", |load| batches::<u64>(load, 1, 16)),
        ("crossbeam-channel", many_consumers::<u64, Crossbeam>),
    ];
    if consumers == 1 {
        contestants.push(("std sync_channel", one_consumer::<u64, StdMpsc>));
    }
    let items = shape.round(ITEMS);
    let mut group = c.benchmark_group(format!("work/{work} ns, {producers}x{consumers}, {capacity} slots"));
    group.sample_size(10).throughput(Throughput::Elements(items));
    for (name, run) in contestants {
        group.bench_function(BenchmarkId::from_parameter(name), |b| {
            b.iter_custom(|times| run(Load { shape, work, items: times * items }).wall);
        });
    }
}

criterion_group! {
    name = benches;
    config = support::criterion_setup::criterion();
    targets = work
}
criterion_main!(benches);
