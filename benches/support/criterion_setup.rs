//! How long criterion measures: its usual few seconds, or a fraction of one with `QUICK=1`, so that all benches together take
//! minutes.

use std::time::Duration;

use criterion::Criterion;

pub(crate) fn criterion() -> Criterion {
    let criterion = Criterion::default();
    if std::env::var_os("QUICK").is_some() {
        criterion.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(400))
    } else {
        criterion
    }
}
