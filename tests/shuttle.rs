//! The documented scenario under [shuttle](https://docs.rs/shuttle), which tries schedules at random. Run it with
//! `cargo shuttle`.
//!
//! It is a weak finder of bugs: in a scenario of this size later traffic rescues most lost wake-ups. It is here because loom,
//! the evidence, cannot take five threads and twenty items: this shows that the scenario as it is documented ends, loses
//! nothing and keeps each producer's order, in schedules that no machine would try.

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
    const ITEMS: usize = 10; // of each producer

    /// Of each scheduler, half of them in each wake order.
    const EXECUTIONS: usize = 20_000;

    /// How many times PCT changes priorities: bugs of up to as many ordering constraints, plus one.
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
        drop(producer); // the threads have theirs; the last one dropped closes
        for thread in producers {
            thread.join().unwrap();
        }
        let taken: Vec<Vec<_>> = consumers.into_iter().map(|thread| thread.join().unwrap()).collect();

        for id in 0..PRODUCERS {
            for sequence in &taken {
                let of_one: Vec<_> = sequence.iter().filter(|(from, _)| *from == id).collect();
                assert!(of_one.is_sorted(), "producer {id}'s items out of order: {of_one:?}");
            }
        }
        let mut all = taken.concat();
        all.sort_unstable();
        let expected: Vec<_> = (0..PRODUCERS).flat_map(|id| (0..ITEMS).map(move |item| (id, item))).collect();
        assert_eq!(all, expected, "each item exactly once");
        assert!(consumer.buffer().stats().high_water <= CAPACITY);
    }

    /// A failure prints the schedule that led to it; `shuttle::replay` takes it.
    fn check<S: Scheduler + 'static>(name: &str, scheduler: impl Fn(u64, usize) -> S) {
        let executions = Arc::new(AtomicUsize::new(0));
        let mut config = Config::default();
        config.silence_warnings = true; // it takes atomics for SeqCst; ours is a len_snapshot, from which nothing is concluded
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
    fn random_schedules_deliver_everything_once_and_end() {
        check("random", RandomScheduler::new_from_seed);
    }

    #[test]
    fn schedules_of_random_priorities_deliver_everything_once_and_end() {
        check("pct", |seed, executions| PctScheduler::new_from_seed(seed, PCT_DEPTH, executions));
    }
}

// As in tests/loom/main.rs: a set RUSTFLAGS would override the alias's cfg, nothing would run, and the run would be green.
#[cfg(not(shuttle))]
const _: () = assert!(
    option_env!("CARGO_SHUTTLE").is_none(),
    "nothing would run: unset RUSTFLAGS, it overrides the `--cfg shuttle` of the alias `cargo shuttle`"
);

#[cfg(not(shuttle))]
#[test]
#[ignore = "the scenario is run under shuttle: `cargo shuttle`"]
fn the_scenario_is_run_by_cargo_shuttle() {
    panic!("nothing was compiled for shuttle; run `cargo shuttle`");
}
