//! How a model is explored: each schedule with at most three preemptions. Each exploration prints its number of executions,
//! and an exploration that was cut short says so.

use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bounded_buffer::WaitStrategy;
use bounded_buffer_model::trace::Sample;
use bounded_buffer_model::{SnapshotRead, WakeOrder, record, set_snapshot_read, set_wake_order};
use loom::model::Builder;

use crate::{harness, timeline};

/// Bound 3 finds every bug of the gallery. How many preemptions a bug needs depends on which thread of the model starts, so
/// models of two threads are explored without a bound, and models of three threads with 4 where that is quick.
pub(crate) const PREEMPTION_BOUND: usize = 3;

/// The bound with [`WaitStrategy::Adaptive`], for models that run with both strategies: spinning multiplies the schedules.
const PREEMPTIONS_WHEN_SPINNING: usize = 2;

/// The most executions of one exploration that are compared with the proof: a sample of the different ones.
const COMPARED: usize = 400;

/// The variable that lowers the bound.
pub(crate) const MAX_PREEMPTIONS: &str = "LOOM_MAX_PREEMPTIONS";

/// The executions of the current exploration, the running one included.
static EXECUTIONS: AtomicUsize = AtomicUsize::new(0);

/// How a program is explored.
#[derive(Clone, Copy)]
pub(crate) struct Exploration {
    /// The most preemptions of a schedule; `None` for each schedule.
    bound: Option<usize>,
    orders: &'static [WakeOrder],
    snapshots: &'static [SnapshotRead],
}

/// Each schedule with at most [`PREEMPTION_BOUND`] preemptions.
pub(crate) const BOUNDED: Exploration =
    Exploration { bound: Some(PREEMPTION_BOUND), orders: &[WakeOrder::Fifo], snapshots: &[SnapshotRead::Newest] };

/// For models in which two threads can wait on one side.
pub(crate) const BOTH_ORDERS: Exploration = Exploration { orders: &[WakeOrder::Fifo, WakeOrder::Lifo], ..BOUNDED };

/// As [`BOTH_ORDERS`], with one more preemption: for models where that is quick.
pub(crate) const DEEPER: Exploration = Exploration { bound: Some(PREEMPTION_BOUND + 1), ..BOTH_ORDERS };

/// Each schedule: for small models.
pub(crate) const UNBOUNDED: Exploration = Exploration { bound: None, ..BOUNDED };

/// Fewer preemptions: for a model that takes long.
pub(crate) const TWO_PREEMPTIONS: Exploration = Exploration { bound: Some(2), ..BOUNDED };

impl Exploration {
    /// With a snapshot that has the newest value, which explores all schedules, and with one that has any value that `Relaxed`
    /// permits.
    pub(crate) const fn with_stale_snapshots(self) -> Self {
        Self { snapshots: &[SnapshotRead::Newest, SnapshotRead::Stale], ..self }
    }

    /// Explores a program. `part` is its name if it is a part of a model.
    pub(crate) fn explore(self, part: &str, program: impl Fn() + Send + Sync + 'static) {
        let program = Arc::new(program);
        for &snapshot in self.snapshots {
            for &order in self.orders {
                set_snapshot_read(snapshot);
                set_wake_order(order);
                let program = program.clone();
                self.run(part, snapshot, order, move || program());
            }
        }
    }

    fn run(self, part: &str, snapshot: SnapshotRead, order: WakeOrder, program: impl Fn() + Send + Sync + 'static) {
        let mut builder = Builder::new(); // takes its settings from the environment
        assert!(
            builder.max_permutations.is_none() && builder.max_duration.is_none() && builder.checkpoint_file.is_none(),
            "LOOM_MAX_PERMUTATIONS, LOOM_MAX_DURATION or LOOM_CHECKPOINT_FILE would leave schedules out, and pass"
        );
        let spins = harness::strategy() == WaitStrategy::Adaptive;
        let bound = if spins { Some(PREEMPTIONS_WHEN_SPINNING) } else { self.bound };
        let lowered = builder.preemption_bound.filter(|&wish| bound.is_none_or(|bound| wish < bound));
        builder.preemption_bound = lowered.or(bound);
        builder.max_branches = 20_000;

        EXECUTIONS.store(0, Ordering::Relaxed); // Relaxed, here and below: loom runs all threads of a model on this thread
        let begin = Instant::now();
        let traces = harness::traces().map(|directory| (directory, Arc::new(Sample::new(COMPARED))));
        let sample = traces.as_ref().map(|(_, sample)| sample.clone());
        builder.check(move || {
            if let Some(sample) = &sample {
                keep(sample); // the execution before this one, with all that ran after the end of its main thread
                record::begin_with_numbers();
            } else {
                record::begin();
            }
            EXECUTIONS.fetch_add(1, Ordering::Relaxed);
            program();
            record::read(size::measure);
        });
        let title = [
            harness::current().expect("a model runs in a process of its own").to_owned(),
            part.to_owned(),
            if self.snapshots.len() > 1 { format!("{snapshot:?} snapshot") } else { String::new() },
            if bound.is_none() { "unbounded".to_owned() } else { String::new() },
            if self.orders.len() > 1 { format!("{order:?}") } else { String::new() },
            if spins { "spinning".to_owned() } else { String::new() },
            bound
                .filter(|&bound| bound < PREEMPTION_BOUND)
                .map_or(String::new(), |bound| format!("{bound} preemptions")),
        ];
        let title = title.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
        let size = size::describe(lowered.or(bound), order);
        let note =
            lowered.map_or(String::new(), |bound| format!(", CUT SHORT to {bound} preemptions by {MAX_PREEMPTIONS}"));
        if let Some((directory, sample)) = traces {
            keep(&sample);
            let file = title.replace(|c: char| !c.is_alphanumeric(), "_");
            sample.write(&directory.join(file)).expect("the traces can be written");
        }
        drop(record::end()); // no failure to print
        println!("{title}: {} executions, {size}, {:.1?}{note}", EXECUTIONS.load(Ordering::Relaxed), begin.elapsed());
    }
}

/// Adds the last execution to the sample.
fn keep(sample: &Sample) {
    if let Some(log) = record::end() {
        sample.add(&log);
    }
}

/// What the table of the models shows of an exploration: `scripts/models` reads it.
mod size {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use bounded_buffer_model::WakeOrder;
    use bounded_buffer_model::record::{Action, Log};

    /// The most threads and slots of the executions so far, and whether a thread of them spun.
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    static SLOTS: AtomicUsize = AtomicUsize::new(0);
    static SPINS: AtomicBool = AtomicBool::new(false);

    /// Measures an execution. Relaxed, because loom runs all threads of a model on this thread. A buffer other than the shipped one
    /// does not print its slots.
    pub(super) fn measure(log: &Log) {
        let slots = log.state.split_once(" of ").and_then(|(_, of)| of.split(' ').next()?.parse().ok()).unwrap_or(0);
        THREADS.fetch_max(log.threads.len(), Ordering::Relaxed);
        SLOTS.fetch_max(slots, Ordering::Relaxed);
        SPINS.fetch_or(
            log.events.iter().any(|event| matches!(event.action, Action::ReadSnapshot(_))),
            Ordering::Relaxed,
        );
    }

    /// Describes the exploration that ends here.
    pub(super) fn describe(bound: Option<usize>, order: WakeOrder) -> String {
        let [threads, slots] = [&THREADS, &SLOTS].map(|most| most.swap(0, Ordering::Relaxed));
        let strategy = if SPINS.swap(false, Ordering::Relaxed) { "spins" } else { "parks" };
        let bound = bound.map_or("each schedule".to_owned(), |bound| format!("at most {bound} preemptions"));
        let order = if order == WakeOrder::Fifo { "oldest first" } else { "newest first" };
        format!("{threads} threads, {slots} slots, {strategy}, {bound}, {order}")
    }
}

/// Before the number of the execution that failed, and the timeline.
pub(crate) const FAILS_IN_EXECUTION: &str = "fails in execution ";

/// Prints the execution that failed, if the panic is that of a model.
pub(crate) fn print_failure(panic: &PanicHookInfo<'_>) {
    if let Some(timeline) = timeline::of_failure(panic) {
        eprintln!("{FAILS_IN_EXECUTION}{}:\n{timeline}", EXECUTIONS.load(Ordering::Relaxed));
    }
}
