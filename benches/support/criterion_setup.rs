//! What every criterion bench begins with, and how long it measures.

use std::time::Duration;

use criterion::Criterion;

use super::sanity;

/// Proves every peer, then says how to measure: as criterion usually does, or, with `QUICK=1`, for a fraction of a second each,
/// without plots, so that all benches together take minutes.
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

/// Asked to be quick? Then a grid leaves out its cells in between, too.
pub(crate) fn quick() -> bool {
    std::env::var_os("QUICK").is_some()
}
