//! No item is lost or duplicated, and no waiter stays counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bounded_buffer::bounded;
use parking_lot::Mutex;

use crate::cancel::Cancel;
use crate::executor::{Executor, Task};
use crate::sides::{Impatience, POPS, PUSHES};
use test_support::{Ledger, watched};

/// Items of each producer.
const ITEMS: u32 = 200;

/// A run with three tasks on each side, one for each operation.
#[derive(Clone, Copy, Debug)]
struct Run {
    executor: Executor,
    cancel: Cancel,
    capacity: usize,
    /// With a thread on each side, next to the tasks.
    with_threads: bool,
}

/// What all tasks and threads of a run share.
struct Shared {
    ledger: Ledger,
    popped: Mutex<Vec<u32>>,
    pushes: Impatience,
    pops: Impatience,
}

impl Run {
    /// Returns the numbers of pushes and pops that were cancelled.
    fn check(self) -> [usize; 2] {
        println!("{self:?}"); // libtest prints this if the test fails
        let impatience = || Impatience { cancel: self.cancel, cancelled: AtomicUsize::new(0) };
        let shared = Arc::new(Shared {
            ledger: Ledger::default(),
            popped: Mutex::default(),
            pushes: impatience(),
            pops: impatience(),
        });
        let (producer, consumer) = bounded(self.capacity);
        // The consumers are first, so that they wait.
        let consumers = POPS.map(|pop| -> Task {
            let (shared, consumer) = (shared.clone(), consumer.clone());
            Box::pin(async move {
                let ids = pop.all(&consumer, &shared.pops).await;
                shared.popped.lock().extend(ids);
            })
        });
        let producers = (0..).zip(PUSHES).map(|(index, push)| -> Task {
            let (shared, producer) = (shared.clone(), producer.clone());
            Box::pin(async move { push.all(ids(index), &producer, &shared.ledger, &shared.pushes).await })
        });
        let tasks = consumers.into_iter().chain(producers).collect();
        let mut pushed: u32 = 3 * ITEMS;
        thread::scope(|threads| {
            if self.with_threads {
                let (to, from, shared) = (producer.clone(), consumer.clone(), &shared);
                threads.spawn(move || to.push_all(ids(3).into_iter().map(|id| shared.ledger.item(id))));
                threads.spawn(move || {
                    let ids: Vec<_> = from.iter().map(|item| item.id).collect();
                    shared.popped.lock().extend(ids);
                });
                pushed += ITEMS;
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
        let cancelled = [&shared.pushes, &shared.pops].map(|side| side.cancelled.load(Ordering::SeqCst));
        println!("cancelled pushes and pops: {cancelled:?}");
        cancelled
    }
}

fn ids(producer: u32) -> Vec<u32> {
    (producer * ITEMS..(producer + 1) * ITEMS).collect()
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
