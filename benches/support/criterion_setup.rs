//! The start of every criterion bench, and how long it measures.

use std::time::Duration;

use criterion::Criterion;

use super::sanity;

/// Checks every peer, then returns criterion's defaults. With `QUICK=1` a measurement takes a fraction of a second and draws no
/// plots, so that all benches together take minutes.
pub(crate) fn criterion() -> Criterion {
    sanity::every_peer();
    let criterion = Criterion::default();
    if quick() {
        let (warm_up, measurement) = (Duration::from_millis(100), Duration::from_millis(400));
        criterion.sample_size(10).warm_up_time(warm_up).measurement_time(measurement).without_plots()
    } else {
        criterion
    }
}

/// Whether `QUICK=1` is set. A grid then leaves out some cells, too.
pub(crate) fn quick() -> bool {
    std::env::var_os("QUICK").is_some()
}
