//! A runtime is dropped while its tasks wait on a buffer. The tasks of another runtime go on.

use std::sync::Arc;

use bounded_buffer::{Consumer, bounded};
use parking_lot::Mutex;
use tokio::runtime::Builder;

use test_support::{until, until_consumers_wait, watched};

/// Tasks of the runtime that is dropped.
const TASKS: usize = 1000;

const ITEMS: u32 = 5000;

type Popped = Arc<Mutex<Vec<u32>>>;

/// Pops until the buffer is closed and drained. There is no `await` between a pop and the note of it.
async fn pop_all(consumer: Consumer<u32>, popped: Popped) {
    while let Ok(item) = consumer.pop_async().await {
        popped.lock().push(item);
    }
}

/// The tasks that wait first are woken and never polled. Their wake-ups pass on to the tasks of the other runtime.
#[test]
fn the_wakeups_of_a_runtime_that_is_dropped_pass_on_to_another() {
    watched(|| {
        let (producer, consumer) = bounded(8);
        let dropped = Builder::new_current_thread().build().expect("a runtime"); // its tasks run only during `block_on`
        let other = Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
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

        producer.push_all(8..ITEMS).expect("a consumer is left");
        drop(producer); // the last one: the tasks end after the last item
        for task in tasks {
            other.block_on(task).expect("the task does not panic");
        }
        popped.lock().sort_unstable();
        assert!(popped.lock().iter().copied().eq(0..ITEMS), "lost or duplicated");
        assert_eq!(consumer.stats().waiting_consumers, 0);
    });
}
