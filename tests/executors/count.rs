//! No item is lost or duplicated, and no waiter stays counted.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bounded_buffer::{Consumer, PopTimeoutError, Producer, PushTimeoutError, bounded};
use parking_lot::Mutex;

use crate::cancel::Cancel;
use crate::executor::{Executor, Task};
use crate::sides::{Cancelled, Impatience, POPS, PUSHES};
use test_support::{Counted, Ledger, watched};

/// Items of each producer.
const ITEMS: u32 = 200;

/// A run with three tasks on each side, one for each operation.
#[derive(Clone, Copy, Debug)]
struct Run {
    executor: Executor,
    cancel: Cancel,
    capacity: usize,
    /// With two threads on each side, of which one uses time-outs.
    with_threads: bool,
}

/// What all tasks and threads of a run share.
#[derive(Clone, Default)]
struct Shared {
    ledger: Ledger,
    popped: Arc<Mutex<Vec<u32>>>,
    cancelled_pushes: Arc<Cancelled>,
    cancelled_pops: Arc<Cancelled>,
}

impl Run {
    /// Returns the numbers of pushes and pops that were cancelled.
    fn check(self) -> [usize; 2] {
        println!("{self:?}"); // libtest prints this if the test fails
        let shared = Shared::default();
        let (producer, consumer) = bounded(self.capacity);
        // The consumers are first, so that they wait.
        let consumers = POPS.map(|pop| -> Task {
            let (shared, consumer) = (shared.clone(), consumer.clone());
            Box::pin(async move {
                let impatience = Impatience { cancel: self.cancel, cancelled: &shared.cancelled_pops };
                let ids = pop.all(&consumer, impatience).await;
                shared.popped.lock().extend(ids);
            })
        });
        let producers = (0..).zip(PUSHES).map(|(index, push)| -> Task {
            let (shared, producer) = (shared.clone(), producer.clone());
            Box::pin(async move {
                let impatience = Impatience { cancel: self.cancel, cancelled: &shared.cancelled_pushes };
                push.all(ids(index), &producer, &shared.ledger, impatience).await;
            })
        });
        let tasks = consumers.into_iter().chain(producers).collect();
        let mut pushed: u32 = 3 * ITEMS;
        thread::scope(|threads| {
            if self.with_threads {
                for (index, time) in [(3, None), (4, Some(Duration::from_micros(1)))] {
                    let (producer, consumer, shared) = (producer.clone(), consumer.clone(), &shared);
                    threads.spawn(move || push_all(ids(index), &producer, &shared.ledger, time));
                    threads.spawn(move || shared.popped.lock().extend(pop_all(&consumer, time)));
                    pushed += ITEMS;
                }
            }
            drop(producer); // the buffer closes when the last producer is done
            self.executor.run(tasks);
        });
        let mut popped = shared.popped.lock();
        popped.sort_unstable();
        assert!(popped.iter().copied().eq(0..pushed), "lost or duplicated: {popped:?}");
        let stats = consumer.buffer().stats();
        assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0));
        assert_eq!((stats.pushed, stats.popped, consumer.buffer().len()), (pushed.into(), pushed.into(), 0));
        assert_eq!(shared.ledger.live(), 0, "each item was dropped once");
        let cancelled = [&shared.cancelled_pushes, &shared.cancelled_pops].map(|cancelled| cancelled.count());
        println!("cancelled pushes and pops: {cancelled:?}");
        cancelled
    }
}

fn ids(producer: u32) -> Vec<u32> {
    (producer * ITEMS..(producer + 1) * ITEMS).collect()
}

/// A producer thread, which repeats what timed out.
fn push_all(ids: Vec<u32>, to: &Producer<Counted>, ledger: &Ledger, time: Option<Duration>) {
    for id in ids {
        let mut item = ledger.item(id);
        let Some(time) = time else {
            to.push(item).expect("a consumer is left");
            continue;
        };
        while let Err(error) = to.push_timeout(item, time) {
            assert!(matches!(error, PushTimeoutError::Timeout(_)), "a consumer is left");
            item = error.into_inner();
        }
    }
}

/// A consumer thread, which repeats what timed out.
fn pop_all(from: &Consumer<Counted>, time: Option<Duration>) -> Vec<u32> {
    let Some(time) = time else { return from.iter().map(|item| item.id).collect() };
    let mut ids = Vec::new();
    loop {
        match from.pop_timeout(time) {
            Ok(item) => ids.push(item.id),
            Err(PopTimeoutError::Timeout) => {}
            Err(PopTimeoutError::Closed) => return ids,
        }
    }
}

fn check(executor: Executor) {
    let mut cancelled = [0; 2];
    for &cancel in executor.cancels() {
        for capacity in [1, 4] {
            for with_threads in [false, true] {
                let [pushes, pops] = Run { executor, cancel, capacity, with_threads }.check();
                cancelled = [cancelled[0] + pushes, cancelled[1] + pops];
            }
        }
    }
    assert!(cancelled.iter().all(|&count| count > 100), "few operations were cancelled: {cancelled:?}");
}

#[test]
fn cancelled_tasks_lose_and_duplicate_nothing_on_tokio_with_one_thread() {
    watched(|| check(Executor::TokioCurrentThread));
}

#[test]
fn cancelled_tasks_lose_and_duplicate_nothing_on_tokio_with_two_threads() {
    watched(|| check(Executor::TokioMultiThread));
}

#[test]
fn cancelled_tasks_lose_and_duplicate_nothing_on_smol() {
    watched(|| check(Executor::Smol));
}

#[test]
fn cancelled_tasks_lose_and_duplicate_nothing_on_block_on() {
    watched(|| check(Executor::BlockOn));
}
