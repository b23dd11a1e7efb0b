//! A runtime is dropped while its tasks wait on a buffer. The tasks of another runtime go on.

use std::sync::Arc;
use std::thread;

use bounded_buffer::{Consumer, Producer, bounded};
use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use test_support::{until, until_consumers_wait, until_producers_wait, watched};

/// Tasks of the runtime that is dropped.
const TASKS: usize = 1000;

/// Items of a run.
const ITEMS: u32 = 5000;

fn two_threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().expect("a runtime")
}

/// Its tasks run only during `block_on`.
fn stopped() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

type Popped = Arc<Mutex<Vec<u32>>>;

/// Pops until the buffer is closed and drained. There is no `await` between a pop and the note of it.
async fn pop_all(consumer: Consumer<u32>, popped: Popped) {
    while let Ok(item) = consumer.pop_async().await {
        popped.lock().push(item);
    }
}

async fn push_all(producer: Producer<u32>, items: std::ops::Range<u32>) {
    for item in items {
        producer.push_async(item).await.expect("a consumer is left");
    }
}

/// Joins the tasks, which have popped all items, each once.
fn check(runtime: &Runtime, tasks: [JoinHandle<()>; 4], popped: &Popped, items: u32) {
    for task in tasks {
        runtime.block_on(task).expect("the task does not panic");
    }
    popped.lock().sort_unstable();
    assert!(popped.lock().iter().copied().eq(0..items), "lost or duplicated");
}

/// The tasks that wait first are woken and never polled. Their wake-ups pass on to the tasks of the other runtime.
#[test]
fn the_wakeups_of_a_runtime_that_is_dropped_pass_on_to_another() {
    watched(|| {
        let (producer, consumer) = bounded(8);
        let (dropped, other) = (stopped(), two_threads());
        let (lost, popped) = (Popped::default(), Popped::default());
        dropped.block_on(async {
            (0..TASKS).for_each(|_| drop(dropped.spawn(pop_all(consumer.clone(), lost.clone()))));
            while consumer.stats().waiting_consumers < TASKS {
                tokio::task::yield_now().await;
            }
        });
        let tasks = [(); 4].map(|()| other.spawn(pop_all(consumer.clone(), popped.clone())));
        until_consumers_wait(consumer.buffer(), TASKS + 4);
        producer.push_many(&mut (0..8).collect()).expect("a consumer is left");
        assert_eq!(consumer.stats().notifications, 8, "each item wakes a task of the runtime that does not run");
        drop(dropped);
        until(|| popped.lock().len() == 8);
        assert!(lost.lock().is_empty());
        until_consumers_wait(consumer.buffer(), 4);

        other.spawn(push_all(producer, 8..ITEMS)); // the last producer: the tasks end after it
        check(&other, tasks, &popped, ITEMS);
        assert_eq!(consumer.stats().waiting_consumers, 0);
    });
}

/// While items pass. A task that is dropped has noted each item that it has popped.
#[test]
fn a_runtime_with_waiting_consumers_that_is_dropped_loses_no_item() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        let (dropped, other) = (two_threads(), two_threads());
        let popped = Popped::default();
        (0..TASKS).for_each(|_| drop(dropped.spawn(pop_all(consumer.clone(), popped.clone()))));
        until_consumers_wait(consumer.buffer(), TASKS);
        let tasks = [(); 4].map(|()| other.spawn(pop_all(consumer.clone(), popped.clone())));
        thread::scope(|threads| {
            other.spawn(push_all(producer.clone(), 0..ITEMS));
            threads.spawn(move || (ITEMS..2 * ITEMS).for_each(|item| producer.push(item).expect("a consumer is left")));
            until(|| popped.lock().len() > TASKS);
            drop(dropped);
            check(&other, tasks, &popped, 2 * ITEMS);
        });
        assert_eq!((consumer.stats().waiting_producers, consumer.stats().waiting_consumers), (0, 0));
    });
}

/// The items of the dropped tasks are dropped with them: they were not accepted. Those of the other runtime arrive.
#[test]
fn a_runtime_with_waiting_producers_that_is_dropped_keeps_no_slot() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        let (dropped, other) = (stopped(), two_threads());
        producer.push_many(&mut [u32::MAX; 2].into()).expect("a consumer is left");
        dropped.block_on(async {
            (0..TASKS).for_each(|_| drop(dropped.spawn(push_all(producer.clone(), u32::MAX - 1..u32::MAX))));
            while producer.stats().waiting_producers < TASKS {
                tokio::task::yield_now().await;
            }
        });
        let task = other.spawn(push_all(producer.clone(), 0..ITEMS));
        until_producers_wait(producer.buffer(), TASKS + 1);
        assert_eq!(consumer.drain(), [u32::MAX; 2]);
        assert_eq!(producer.stats().notifications, 2, "each slot wakes a task of the runtime that does not run");
        drop((dropped, producer));
        assert!(consumer.iter().eq(0..ITEMS));
        other.block_on(task).expect("the task does not panic");
        assert_eq!(consumer.stats().waiting_producers, 0);
    });
}
