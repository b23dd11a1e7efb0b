//! The documented scenario under [shuttle](https://docs.rs/shuttle), which draws schedules at random. Run it with
//! `cargo shuttle`.
//!
//! Each run must end, lose no item and keep the order of each producer. The scenario is too large for loom. It runs with threads
//! alone, and with tasks among them that drop waiting futures at random. This test finds few bugs: in a scenario of this size,
//! later operations repair most lost wake-ups. A sample of the executions is compared with the proof (`spec/trace.py`).

#[cfg(shuttle)]
mod scenario {
    use std::env;
    use std::fs;
    use std::future::Future;
    use std::iter;
    use std::path::Path;
    use std::pin::Pin;
    use std::process;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll};

    use bounded_buffer::{BoundedBuffer, bounded};
    use bounded_buffer_model::task::{block_on, waker};
    use bounded_buffer_model::trace::{self, Sample};
    use bounded_buffer_model::{WakeOrder, record, set_wake_order};
    use shuttle::rand::{Rng, thread_rng};
    use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
    use shuttle::thread::{self, JoinHandle};
    use shuttle::{Config, Runner};

    /// The producer and the number of an item.
    type Item = (usize, usize);

    const PRODUCERS: usize = 2;
    const CONSUMERS: usize = 3;
    const CAPACITY: usize = 5;
    const ITEMS: usize = 10; // per producer

    /// Executions per scheduler, half of them in each order of wake-ups.
    const EXECUTIONS: usize = 20_000;

    /// The most executions per scheduler that are compared with the proof.
    const COMPARED: usize = 400;

    /// Number of constraints on the order of events in the bugs that PCT searches for.
    const PCT_DEPTH: usize = 3;

    fn seed() -> u64 {
        env::var("SEED").map_or(1, |seed| seed.parse().expect("SEED is a number"))
    }

    /// Polls the future. If it waits, polls it to its end, or returns it to be dropped.
    fn run_or_cancel<F: Future + Unpin>(mut future: F) -> Result<F::Output, F> {
        match Pin::new(&mut future).poll(&mut Context::from_waker(&waker())) {
            Poll::Ready(output) => Ok(output),
            Poll::Pending if thread_rng().gen_bool(0.5) => Err(future),
            Poll::Pending => Ok(block_on(future)),
        }
    }

    fn push_as_task(buffer: &BoundedBuffer<Item>, mut item: Item) {
        loop {
            match run_or_cancel(buffer.push_async(item)) {
                Ok(result) => return result.unwrap(),
                Err(future) => item = future.into_item().unwrap(),
            }
        }
    }

    /// Pops an item, or gives up after some futures.
    fn pop_as_task(buffer: &BoundedBuffer<Item>) -> Option<Item> {
        loop {
            match run_or_cancel(buffer.pop_async()) {
                Ok(result) => return result.ok(),
                Err(_) if thread_rng().gen_bool(0.5) => return None,
                Err(_) => {}
            }
        }
    }

    /// Starts threads, each with a clone of the body and with its number.
    fn spawn_each<T: Send + 'static>(
        count: usize,
        body: impl Fn(usize) -> T + Clone + Send + 'static,
    ) -> Vec<JoinHandle<T>> {
        let spawn = |id| {
            let body = body.clone();
            thread::spawn(move || body(id))
        };
        (0..count).map(spawn).collect()
    }

    /// The documented scenario. The last producer that ends closes the buffer.
    fn run_threads() {
        let (producer, consumer) = bounded(CAPACITY);
        // The threads have clones of the handle; dropping the last one closes the buffer.
        let push_all = move |id| (0..ITEMS).for_each(|item| producer.push((id, item)).unwrap());
        let producers = spawn_each(PRODUCERS, push_all);
        let popping = consumer.clone();
        check_run(producers, spawn_each(CONSUMERS, move |_| popping.iter().collect()));
        assert!(consumer.buffer().stats().high_water <= CAPACITY);
    }

    /// The scenario with tasks: all but the first producer and the first consumer. The consumer that takes the last item closes
    /// the buffer, so a close does not repair a lost wake-up.
    fn run_tasks() {
        let buffer = Arc::new(BoundedBuffer::new(CAPACITY));
        let (pushed_to, popped_from) = (buffer.clone(), buffer.clone());
        let push = move |item: Item| match item {
            (0, _) => pushed_to.push(item).unwrap(),
            _ => push_as_task(&pushed_to, item),
        };
        let producers = spawn_each(PRODUCERS, move |id| (0..ITEMS).for_each(|number| push((id, number))));
        let taken = Arc::new(AtomicUsize::new(0));
        let pop = move |id| {
            let item = if id == 0 { popped_from.pop().ok()? } else { pop_as_task(&popped_from)? };
            if taken.fetch_add(1, Ordering::Relaxed) + 1 == PRODUCERS * ITEMS {
                // Relaxed: shuttle runs one thread at a time
                popped_from.close();
            }
            Some(item)
        };
        check_run(producers, spawn_each(CONSUMERS, move |id| iter::from_fn(|| pop(id)).collect()));
        let stats = buffer.stats();
        assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0));
    }

    /// Waits for the ends, and checks that each item was taken once and in the order of its producer.
    fn check_run(producers: Vec<JoinHandle<()>>, consumers: Vec<JoinHandle<Vec<Item>>>) {
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
    }

    /// Runs a scenario. A failure prints its schedule, and `shuttle::replay` repeats it.
    fn check<S: Scheduler + 'static>(name: &str, run: fn(), scheduler: impl Fn(u64, usize) -> S) {
        let executions = Arc::new(AtomicUsize::new(0));
        let sample = Arc::new(Sample::new(COMPARED));
        let mut config = Config::default();
        config.silence_warnings = true; // shuttle treats `Relaxed` as `SeqCst`; no operation relies on the length snapshot
        for (order, seed) in [(WakeOrder::Fifo, seed()), (WakeOrder::Lifo, seed() + 1)] {
            set_wake_order(order);
            let (count, kept) = (executions.clone(), sample.clone());
            Runner::new(scheduler(seed, EXECUTIONS / 2), config.clone()).run(move || {
                count.fetch_add(1, Ordering::Relaxed); // Relaxed: read after the run
                record::begin_with_numbers();
                run();
                kept.add(&record::end().unwrap()); // each thread has been joined
            });
        }
        let executions = executions.load(Ordering::Relaxed);
        println!("{name}: {executions} executions, seed {}", seed());
        assert_eq!(executions, EXECUTIONS);
        compare(name, &sample);
    }

    /// Compares the executions with the proof.
    fn compare(name: &str, sample: &Sample) {
        let traces = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("traces-{}-{name}", process::id()));
        fs::create_dir_all(&traces).unwrap();
        sample.write(&traces.join("executions")).unwrap();
        assert!(trace::compare(&traces), "an execution is none of the proof");
        fs::remove_dir_all(&traces).unwrap();
    }

    fn pct(seed: u64, executions: usize) -> PctScheduler {
        PctScheduler::new_from_seed(seed, PCT_DEPTH, executions)
    }

    #[test]
    fn random_schedules_deliver_each_item_once_and_end() {
        check("random, threads", run_threads, RandomScheduler::new_from_seed);
    }

    #[test]
    fn random_schedules_with_cancelled_tasks_deliver_each_item_once_and_end() {
        check("random, threads and tasks", run_tasks, RandomScheduler::new_from_seed);
    }

    #[test]
    fn schedules_with_random_priorities_deliver_each_item_once_and_end() {
        check("pct, threads", run_threads, pct);
    }

    #[test]
    fn schedules_with_random_priorities_and_cancelled_tasks_deliver_each_item_once_and_end() {
        check("pct, threads and tasks", run_tasks, pct);
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
