//! The documented scenario under [shuttle](https://docs.rs/shuttle), which draws schedules at random. Run it with
//! `cargo shuttle`.
//!
//! Each run must end, lose no item and keep the order of each producer. The scenario is too large for loom. This test finds few
//! bugs: in a scenario of this size, later operations repair most lost wake-ups.

#[cfg(shuttle)]
mod scenario {
    use std::env;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bounded_buffer::bounded;
    use bounded_buffer::sync::model::{WakeOrder, set_wake_order};
    use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
    use shuttle::{Config, Runner, thread};

    const PRODUCERS: usize = 2;
    const CONSUMERS: usize = 3;
    const CAPACITY: usize = 5;
    const ITEMS: usize = 10; // per producer

    /// Executions per scheduler, half of them in each order of wake-ups.
    const EXECUTIONS: usize = 20_000;

    /// Number of constraints on the order of events in the bugs that PCT searches for.
    const PCT_DEPTH: usize = 3;

    fn seed() -> u64 {
        env::var("SEED").map_or(1, |seed| seed.parse().expect("SEED is a number"))
    }

    fn run_once() {
        let (producer, consumer) = bounded(CAPACITY);
        let producers: Vec<_> = (0..PRODUCERS)
            .map(|id| {
                let producer = producer.clone();
                thread::spawn(move || (0..ITEMS).for_each(|item| producer.push((id, item)).unwrap()))
            })
            .collect();
        let consumers: Vec<_> = (0..CONSUMERS)
            .map(|_| {
                let consumer = consumer.clone();
                thread::spawn(move || consumer.iter().collect::<Vec<_>>())
            })
            .collect();
        drop(producer); // the threads have clones; dropping the last one closes the buffer
        for thread in producers {
            thread.join().unwrap();
        }
        let taken: Vec<Vec<_>> = consumers.into_iter().map(|thread| thread.join().unwrap()).collect();

        for id in 0..PRODUCERS {
            for sequence in &taken {
                let of_one: Vec<_> = sequence.iter().filter(|(from, _)| *from == id).collect();
                assert!(of_one.is_sorted(), "items of producer {id} are out of order: {of_one:?}");
            }
        }
        let mut all = taken.concat();
        all.sort_unstable();
        let expected: Vec<_> = (0..PRODUCERS).flat_map(|id| (0..ITEMS).map(move |item| (id, item))).collect();
        assert_eq!(all, expected, "each item is taken once");
        assert!(consumer.buffer().stats().high_water <= CAPACITY);
    }

    /// Runs the scenario. A failure prints its schedule, and `shuttle::replay` repeats it.
    fn check<S: Scheduler + 'static>(name: &str, scheduler: impl Fn(u64, usize) -> S) {
        let executions = Arc::new(AtomicUsize::new(0));
        let mut config = Config::default();
        config.silence_warnings = true; // shuttle treats `Relaxed` as `SeqCst`; no operation relies on the length snapshot
        for (order, seed) in [(WakeOrder::Fifo, seed()), (WakeOrder::Lifo, seed() + 1)] {
            set_wake_order(order);
            let count = executions.clone();
            Runner::new(scheduler(seed, EXECUTIONS / 2), config.clone()).run(move || {
                count.fetch_add(1, Ordering::Relaxed); // Relaxed: read after the run
                run_once();
            });
        }
        let executions = executions.load(Ordering::Relaxed);
        println!("{name}: {executions} executions, seed {}", seed());
        assert_eq!(executions, EXECUTIONS);
    }

    #[test]
    fn random_schedules_deliver_each_item_once_and_end() {
        check("random", RandomScheduler::new_from_seed);
    }

    #[test]
    fn schedules_with_random_priorities_deliver_each_item_once_and_end() {
        check("pct", |seed, executions| PctScheduler::new_from_seed(seed, PCT_DEPTH, executions));
    }
}

// As in tests/loom/main.rs: if RUSTFLAGS is set, it overrides the cfg of the alias, and the test would pass without a run.
#[cfg(not(shuttle))]
const _: () = assert!(
    option_env!("CARGO_SHUTTLE").is_none(),
    "no schedule would run: unset RUSTFLAGS, which overrides the `--cfg shuttle` of the alias `cargo shuttle`"
);

#[cfg(not(shuttle))]
#[test]
#[ignore = "runs under shuttle only: `cargo shuttle`"]
fn cargo_shuttle_runs_the_scenario() {
    panic!("not compiled for shuttle; run `cargo shuttle`");
}
