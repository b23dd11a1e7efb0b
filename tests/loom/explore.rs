//! How a model is run: every schedule with at most three preemptions, every execution counted, a shortened run never silent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bounded_buffer::sync::model::{WakeOrder, record, set_wake_order};
use loom::model::Builder;

use crate::timeline;

/// Bound 3 finds every bug of the gallery; 2 misses one, 1 misses five. It is the least: how many preemptions a bug needs
/// hangs on which thread of the model starts, so two threads
/// are explored without a bound, and three with 4 where that is quick.
const PREEMPTION_BOUND: usize = 3;

/// Explores every schedule of `model` with at most [`PREEMPTION_BOUND`] preemptions, and prints how many there were.
pub(crate) fn explore(name: &str, model: impl Fn() + Send + Sync + 'static) {
    run(name, Some(PREEMPTION_BOUND), WakeOrder::Fifo, model);
}

/// As [`explore`], once waking who has waited longest and once who came last: for models in which two threads may wait on
/// one side.
pub(crate) fn explore_both_orders(name: &str, model: impl Fn() + Send + Sync + 'static) {
    both_orders(name, PREEMPTION_BOUND, model);
}

/// As [`explore_both_orders`], with a preemption more, where that is quick.
pub(crate) fn explore_deeper(name: &str, model: impl Fn() + Send + Sync + 'static) {
    both_orders(name, PREEMPTION_BOUND + 1, model);
}

/// Explores every schedule there is: for small models.
pub(crate) fn explore_unbounded(name: &str, model: impl Fn() + Send + Sync + 'static) {
    run(&format!("{name}, unbounded"), None, WakeOrder::Fifo, model);
}

fn both_orders(name: &str, bound: usize, model: impl Fn() + Send + Sync + 'static) {
    let model = Arc::new(model);
    for order in [WakeOrder::Fifo, WakeOrder::Lifo] {
        let model = model.clone();
        run(&format!("{name}, {order:?}"), Some(bound), order, move || model());
    }
}

fn run(name: &str, bound: Option<usize>, order: WakeOrder, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new(); // takes what the environment says
    assert!(
        builder.max_permutations.is_none() && builder.max_duration.is_none() && builder.checkpoint_file.is_none(),
        "LOOM_MAX_PERMUTATIONS, LOOM_MAX_DURATION or LOOM_CHECKPOINT_FILE would leave schedules out, and pass"
    );
    let lowered = builder.preemption_bound.filter(|&wish| bound.is_none_or(|bound| wish < bound));
    builder.preemption_bound = lowered.or(bound);
    builder.max_branches = 20_000;

    let executions = Arc::new(AtomicUsize::new(0));
    let count = executions.clone();
    let begin = Instant::now();
    set_wake_order(order);
    timeline::print_on_failure();
    builder.check(move || {
        record::begin();
        count.fetch_add(1, Ordering::Relaxed); // loom runs one thread at a time
        model();
    });
    drop(record::end()); // it did not fail
    let note =
        lowered.map_or(String::new(), |bound| format!(", CUT SHORT to {bound} preemptions by LOOM_MAX_PREEMPTIONS"));
    println!("{name}: {} executions, {:.1?}{note}", executions.load(Ordering::Relaxed), begin.elapsed());
}
