//! How a model is run: preemption bound 3, every execution counted, a truncated exploration a failure.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bound 3 finds every bug of the gallery; 2 misses one, 1 misses five.
const PREEMPTION_BOUND: usize = 3;

/// Explores every schedule of `model` with at most [`PREEMPTION_BOUND`] preemptions and prints how many there were.
pub(crate) fn explore(name: &str, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(PREEMPTION_BOUND);
    builder.max_branches = 20_000;
    let executions = Arc::new(AtomicUsize::new(0));
    let count = executions.clone();
    let begin = std::time::Instant::now();
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        model();
    });
    println!("{name}: {} executions, {:.1?}", executions.load(Ordering::Relaxed), begin.elapsed());
}
