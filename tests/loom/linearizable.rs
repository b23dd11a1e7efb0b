//! Linearizability in every explored execution.
//!
//! The clock is an atomic of the model, and `Relaxed`: loom must know that the stamps depend on each other's order, or it
//! leaves out the schedules that tell them apart, and they must order nothing else, or they would hide a missing lock.

use std::sync::atomic::Ordering::Relaxed;

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use loom::sync::Arc;
use loom::sync::atomic::AtomicUsize;
use loom::thread;

use crate::explore::{explore, explore_both_orders};
use crate::linearizability::Call::{self, *};
use crate::linearizability::{Event, Queue, check, record};

/// Runs each line of calls in a thread of its own, the last in the model's main thread, on a buffer that holds `items`, and
/// checks the history.
fn run(capacity: usize, items: &[u32], threads: &[&[Call]]) {
    let buffer = Arc::new(BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Park));
    for &item in items {
        buffer.push(item).unwrap();
    }
    let clock = Arc::new(AtomicUsize::new(0));
    let (last, others) = threads.split_last().unwrap();

    let others: Vec<_> = others
        .iter()
        .map(|calls| {
            let (buffer, clock, calls) = (buffer.clone(), clock.clone(), calls.to_vec());
            thread::spawn(move || record(&buffer, calls, || clock.fetch_add(1, Relaxed)))
        })
        .collect();
    let mut history: Vec<Event> = record(&buffer, last.to_vec(), || clock.fetch_add(1, Relaxed));
    history.extend(others.into_iter().flat_map(|thread| thread.join().unwrap()));
    check(&Queue::new(capacity, items.iter().copied()), history);
}

/// A model of one program: `name(capacity, [items], [calls] [calls] …)`.
macro_rules! linearizable {
    ($($explore:ident $name:ident($capacity:literal, $items:expr, $($calls:expr),+);)+) => {
        $(
            #[test]
            fn $name() {
                $explore(concat!("linearizable: ", stringify!($name)), || run($capacity, &$items, &[$(&$calls),+]));
            }
        )+
    };
}

linearizable! {
    explore push_twice_beside_pop(1, [], [Push(1), Push(2)], [Pop, Len]);
    explore_both_orders push_twice_beside_two_pops(1, [], [Pop], [Pop], [Push(1), Push(2)]);
    explore try_push_beside_try_pop(1, [], [TryPush(1), TryPush(2)], [TryPop, TryPop]);
    explore try_pop_beside_push_and_close(1, [], [Push(1), Close], [TryPop, TryPop]);
    explore timed_beside_timed(1, [], [PushTimeout(1), PushTimeout(2)], [PopTimeout, PopTimeout]);
    explore timed_beside_timed_and_close(1, [0], [PushTimeout(1)], [PopTimeout, PopTimeout], [Close]);
    explore forced_beside_pop(1, [], [ForcePush(1), ForcePush(2)], [Pop, TryPop]);
    explore forced_into_a_free_slot(2, [0], [ForcePush(1)], [TryPop, TryPop]);
    explore forced_beside_a_waiting_push(1, [0], [Push(1)], [ForcePush(2), TryPop, TryPop]);
    explore batch_beside_batch(2, [], [PushMany(vec![1, 2, 3])], [PopMany(2), TryPopMany(2), Len]);
    explore tried_batch_beside_tried_batch(2, [0], [TryPushMany(vec![1, 2]), TryPushMany(vec![3])], [TryPopMany(2), TryPopMany(2)]);
    explore timed_batch_beside_push(2, [], [Push(1), Push(2)], [PopManyTimeout(2), PopManyTimeout(2)]);
    explore linger_beside_push(2, [], [Push(1), Push(2), Push(3)], [PopBatch(2), TryPop]);
    explore linger_beside_push_and_close(1, [], [Push(1), Close], [PopBatch(2), TryPop]);
    explore close_beside_a_waiting_push(1, [0], [Push(1)], [Close, TryPop, TryPop]);
    explore close_beside_close_and_push(2, [], [TryPush(1), Close], [Close, TryPop]);
    explore close_and_drain_beside_push_and_pop(1, [0], [Push(1)], [Pop], [CloseAndDrain, TryPop]);
    explore drain_beside_close(1, [0], [Close], [Drain, TryPush(1)]);
    explore drain_beside_push(1, [0], [Push(1), Len], [Drain, TryPop]);
    explore a_cut_batch_beside_close_and_drain(1, [], [PushMany(vec![1, 2])], [CloseAndDrain, Len]);
}
