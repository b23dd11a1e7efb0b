//! Items a second, peer by peer, over a grid of capacities and shapes. For ratios see `paired`: criterion measures the peers
//! minutes apart.

mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use support::Channel;
use support::peers::{Adaptive, Crossbeam, Flume, Kanal, OnParkingLot, Park, Shared, StdMpsc};
use support::workload::{Shape, many_consumers, one_consumer};

/// Items an iteration. All iterations of a sample are one run, so criterion itself makes it long enough to be past the start of
/// the threads: many for a fast peer, few for a slow one.
const ITEMS: u64 = 512;

fn throughput(c: &mut Criterion) {
    for (producers, consumers) in [(1, 1), (4, 1), (1, 4), (4, 4), (16, 16)] {
        for capacity in [1, 5, 64, 1024] {
            let shape = Shape { capacity, producers, consumers };
            shared::<Shared<Adaptive<u64>>>(c, shape, "bounded-buffer");
            shared::<Shared<Park<u64>>>(c, shape, "bounded-buffer (Park)");
            shared::<Crossbeam>(c, shape, "crossbeam-channel");
            shared::<Kanal>(c, shape, "kanal");
            shared::<Flume>(c, shape, "flume");
            shared::<Shared<OnParkingLot<u64>>>(c, shape, "textbook on parking_lot");
            if consumers == 1 {
                single::<StdMpsc>(c, shape, "std sync_channel");
            }
        }
    }
}

fn shared<C: Channel<u64>>(c: &mut Criterion, shape: Shape, name: &str)
where
    C::Receiver: Clone,
{
    bench(c, shape, name, |items| many_consumers::<u64, C>(shape, items));
}

fn single<C: Channel<u64>>(c: &mut Criterion, shape: Shape, name: &str) {
    bench(c, shape, name, |items| one_consumer::<u64, C>(shape, items));
}

fn bench(c: &mut Criterion, shape: Shape, name: &str, mut run: impl FnMut(u64) -> std::time::Duration) {
    let Shape { capacity, producers, consumers } = shape;
    let items = shape.round(ITEMS);
    let mut group = c.benchmark_group(format!("throughput/{producers}x{consumers}, {capacity} slots"));
    group.sample_size(10).throughput(Throughput::Elements(items));
    group.bench_function(BenchmarkId::from_parameter(name), |b| {
        b.iter_custom(|times| run(times * items));
    });
}

criterion_group! {
    name = benches;
    config = support::criterion_setup::criterion();
    targets = throughput
}
criterion_main!(benches);
