//! criterion's benchmarks: the cost of an operation on one thread, and items per second between threads.
//!
//! criterion measures the peers minutes apart, so for ratios see `paired`. `cargo bench --bench criterion -- uncontended` runs one
//! group. `QUICK=1` measures fewer cells, each for a fraction of a second.

mod one_thread;
mod threads;

use std::time::Duration;

use benches::{quick, sanity};
use criterion::{Criterion, criterion_group, criterion_main};

/// Checks every peer, then returns criterion's defaults. With `QUICK=1` it draws no plots, so that all benches together take
/// minutes.
fn criterion() -> Criterion {
    sanity::every_peer();
    let criterion = Criterion::default();
    if quick() {
        let (warm_up, measurement) = (Duration::from_millis(100), Duration::from_millis(400));
        criterion.sample_size(10).warm_up_time(warm_up).measurement_time(measurement).without_plots()
    } else {
        criterion
    }
}

criterion_group! {
    name = all;
    config = criterion();
    targets = one_thread::uncontended, threads::latency, threads::throughput, threads::contention, threads::batch, threads::work
}
criterion_main!(all);
