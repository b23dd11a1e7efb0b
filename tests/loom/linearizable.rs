//! Linearizability of each explored execution.
//!
//! The clock is an atomic of the model and `Relaxed`. loom must see that the stamps depend on each other's order, or it leaves
//! out the schedules that distinguish them. The stamps must order nothing else, or they would hide a missing lock.

use std::sync::atomic::Ordering::Relaxed;

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use loom::sync::Arc;
use loom::sync::atomic::AtomicUsize;
use loom::thread;

use crate::explore::{BOTH_ORDERS, BOUNDED, UNBOUNDED};
use crate::harness::{Model, model, of};
#[allow(clippy::enum_glob_use, reason = "the programs below are written in calls")]
use linearizability::Call::{self, *};
use linearizability::{Event, Queue, check, record};

pub(crate) fn models() -> Vec<Model> {
    of("linearizable", MODELS).into_iter().map(Model::compared).collect()
}

/// Runs each list of calls in a thread, the last in the main thread, on a buffer with these items, and checks the history.
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

/// Defines the models, each of one program: `exploration name(capacity, [items], [calls], [calls], …)`.
macro_rules! linearizable {
    ($($exploration:ident $name:ident($capacity:literal, $items:expr, $($calls:expr),+);)+) => {
        const MODELS: &[Model] = &[
            $(model(stringify!($name), $exploration, || run($capacity, &$items, &[$(&$calls),+]))),+
        ];
    };
}

linearizable! {
    UNBOUNDED push_twice_and_pop(1, [], [Push(1), Push(2)], [Pop, Len]);
    BOTH_ORDERS push_twice_and_two_pops(1, [], [Pop], [Pop], [Push(1), Push(2)]);
    UNBOUNDED try_push_and_try_pop(1, [], [TryPush(1), TryPush(2)], [TryPop, TryPop]);
    UNBOUNDED try_pop_and_push_and_close(1, [], [Push(1), Close], [TryPop, TryPop]);
    BOUNDED timed_push_and_timed_pop(1, [], [PushTimeout(1), PushTimeout(2)], [PopTimeout, PopTimeout]);
    BOUNDED timed_push_and_timed_pop_and_close(1, [0], [PushTimeout(1)], [PopTimeout, PopTimeout], [Close]);
    UNBOUNDED force_push_and_pop(1, [], [ForcePush(1), ForcePush(2)], [Pop, TryPop]);
    UNBOUNDED force_push_into_a_free_slot(2, [0], [ForcePush(1)], [TryPop, TryPop]);
    UNBOUNDED force_push_and_a_blocked_push(1, [0], [Push(1)], [ForcePush(2), TryPop, TryPop]);
    UNBOUNDED batch_push_and_batch_pop(2, [], [PushMany(vec![1, 2, 3])], [PopMany(2), TryPopMany(2), Len]);
    UNBOUNDED try_batch_push_and_try_batch_pop(2, [0], [TryPushMany(vec![1, 2]), TryPushMany(vec![3])], [TryPopMany(2), TryPopMany(2)]);
    BOUNDED timed_batch_pop_and_push(2, [], [Push(1), Push(2)], [PopManyTimeout(2), PopManyTimeout(2)]);
    BOUNDED lingering_pop_and_push(2, [], [Push(1), Push(2), Push(3)], [PopBatch(2), TryPop]);
    UNBOUNDED lingering_pop_and_push_and_close(1, [], [Push(1), Close], [PopBatch(2), TryPop]);
    UNBOUNDED close_and_a_blocked_push(1, [0], [Push(1)], [Close, TryPop, TryPop]);
    UNBOUNDED close_and_close_and_push(2, [], [TryPush(1), Close], [Close, TryPop]);
    BOUNDED close_and_drain_and_push_and_pop(1, [0], [Push(1)], [Pop], [CloseAndDrain, TryPop]);
    UNBOUNDED close_and_drain_is_one_step(1, [0], [TryPush(1), TryPop], [CloseAndDrain]);
    UNBOUNDED drain_and_close(1, [0], [Close], [Drain, TryPush(1)]);
    UNBOUNDED drain_and_push(1, [0], [Push(1), Len], [Drain, TryPop]);
    UNBOUNDED close_and_drain_cuts_a_batch_push(1, [], [PushMany(vec![1, 2])], [CloseAndDrain, Len]);
    UNBOUNDED push_async_twice_and_pop(1, [], [PushAsync(1), PushAsync(2)], [Pop, Len]);
    UNBOUNDED push_twice_and_pop_async(1, [], [Push(1), Push(2)], [PopAsync, Len]);
    BOUNDED push_and_push_async_and_pops(1, [0], [Push(1)], [PushAsync(2)], [Pop, PopAsync]);
    BOUNDED push_async_twice_and_two_pops(1, [], [Pop], [PopAsync], [PushAsync(1), Push(2)]);
    BOUNDED a_cancelled_pop_has_no_effect(1, [], [PopCancelled], [PushAsync(1), Push(2), Close], [PopAsync]);
    BOUNDED a_cancelled_push_has_no_effect(1, [0], [PushCancelled(1)], [Pop, PopCancelled, Close], [PushAsync(3)]);
    BOUNDED cancelled_calls_and_close(1, [], [PopCancelled, PopAsync], [PushCancelled(1), Close], [TryPush(2), TryPop]);
    UNBOUNDED batches_of_tasks(2, [], [PushManyAsync(vec![1, 2, 3])], [PopManyAsync(2), PopMany(2), Len]);
    UNBOUNDED close_and_drain_cuts_a_batch_of_a_task(1, [], [PushManyAsync(vec![1, 2])], [CloseAndDrain, Len]);
    UNBOUNDED force_push_and_tasks(1, [0], [PushAsync(1)], [ForcePush(2), PopCancelled, TryPop]);
}
