//! A runtime is dropped while its tasks wait on a buffer. The tasks of another runtime go on.

use std::sync::Arc;
use std::thread;

use bounded_buffer::{Consumer, Producer, bounded};
use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};

use test_support::{until, until_consumers_wait, watched};

/// Tasks of the runtime that is dropped.
const TASKS: usize = 1000;

/// Items of each producer.
const ITEMS: u32 = 5000;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().expect("a runtime")
}

type Popped = Arc<Mutex<Vec<u32>>>;

/// Pops until the buffer is closed and drained. There is no `await` between a pop and the note of it, so a task that is dropped
/// has noted each item that it has popped.
async fn pop_all(consumer: Consumer<u32>, popped: Popped) {
    while let Ok(item) = consumer.pop_async().await {
        popped.lock().push(item);
    }
}

async fn push_all(producer: Producer<u32>) {
    for item in 0..ITEMS {
        producer.push_async(item).await.expect("a consumer is left");
    }
}

#[test]
fn a_runtime_that_is_dropped_while_items_pass_loses_no_item_and_no_wakeup() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        let (dropped, other) = (runtime(), runtime());
        let popped = Popped::default();
        (0..TASKS).for_each(|_| drop(dropped.spawn(pop_all(consumer.clone(), popped.clone()))));
        until_consumers_wait(consumer.buffer(), TASKS);
        let tasks = [(); 4].map(|()| other.spawn(pop_all(consumer.clone(), popped.clone())));
        thread::scope(|threads| {
            other.spawn(push_all(producer.clone()));
            threads.spawn(move || (ITEMS..2 * ITEMS).for_each(|item| producer.push(item).expect("a consumer is left")));
            until(|| popped.lock().len() > TASKS);
            drop(dropped);
            for task in tasks {
                other.block_on(task).expect("the task does not panic");
            }
        });
        popped.lock().sort_unstable();
        assert!(popped.lock().iter().copied().eq(0..2 * ITEMS), "lost or duplicated");
        assert_eq!((consumer.stats().waiting_producers, consumer.stats().waiting_consumers), (0, 0));
    });
}
