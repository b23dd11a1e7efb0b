//! Items per second in an empty loop, peer by peer. For ratios see `paired`: criterion measures the peers minutes apart.
//!
//! `QUICK=1` measures 1 and 64 slots, with one and with four threads per side.

mod support;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use support::Channel;
use support::criterion_setup::quick;
use support::peers::{Visitor, all};
use support::workload::{Shape, many_consumers, one_consumer};

/// Items per iteration. All iterations of a sample are one run. criterion chooses their number by the speed of the peer, so the
/// start of the threads is a small part of a run.
const ITEMS: u64 = 512;

fn throughput(c: &mut Criterion) {
    let (shapes, capacities): (&[_], &[_]) = if quick() {
        (&[(1, 1), (4, 4)], &[1, 64])
    } else {
        (&[(1, 1), (4, 1), (1, 4), (4, 4), (16, 16)], &[1, 5, 64, 1024])
    };
    for &(producers, consumers) in shapes {
        for &capacity in capacities {
            all(&mut Cell { c, shape: Shape { capacity, producers, consumers } });
        }
    }
}

struct Cell<'a> {
    c: &'a mut Criterion,
    shape: Shape,
}

impl Visitor for Cell<'_> {
    fn shared<C: Channel<u64>>(&mut self, name: &str)
    where
        C::Receiver: Clone,
    {
        let shape = self.shape;
        self.bench(name, |items| many_consumers::<u64, C>(shape.empty_loop(items)).wall);
    }

    fn single<C: Channel<u64>>(&mut self, name: &str) {
        let shape = self.shape;
        if shape.consumers == 1 {
            self.bench(name, |items| one_consumer::<u64, C>(shape.empty_loop(items)).wall);
        }
    }
}

impl Cell<'_> {
    fn bench(&mut self, name: &str, mut run: impl FnMut(u64) -> Duration) {
        let Shape { capacity, producers, consumers } = self.shape;
        let items = self.shape.round(ITEMS);
        let mut group = self.c.benchmark_group(format!("throughput/{producers}x{consumers}, {capacity} slots"));
        group.sample_size(10).throughput(Throughput::Elements(items));
        group.bench_function(BenchmarkId::from_parameter(name), |b| {
            b.iter_custom(|times| run(times * items));
        });
    }
}

criterion_group! {
    name = benches;
    config = support::criterion_setup::criterion();
    targets = throughput
}
criterion_main!(benches);
