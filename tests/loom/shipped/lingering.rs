//! Batches that linger. Such a consumer is no waiter for one item, and the others get each wake-up that they need. Most lingers here
//! have no end in time, so that no time-out repairs a lost wake-up.

use std::time::Duration;

use super::{Buffer, TIMEOUT, empty, full, join, pop, pop_task, spawn};
use crate::explore::{BOTH_ORDERS, BOUNDED, TWO_PREEMPTIONS, UNBOUNDED};
use crate::harness::{Model, model};
use linearizability::task::block_on;

/// Takes a batch that ends with `max` items or a close.
fn pop_batch(buffer: &Buffer, max: usize) -> Vec<u32> {
    let mut batch = Vec::with_capacity(max);
    assert_eq!(buffer.pop_batch(&mut batch, max, Duration::MAX), Ok(batch.len()));
    batch
}

fn timed_linger(pop: fn(&Buffer) -> u32) {
    let buffer = empty(2);
    let lingers = spawn(&buffer, |buffer| {
        let mut batch = Vec::with_capacity(3);
        buffer.pop_batch(&mut batch, 3, TIMEOUT).unwrap()
    });
    let ordinary = spawn(&buffer, pop);
    (0..2).for_each(|item| buffer.push(item).unwrap());
    if join(lingers) == 2 {
        buffer.push(2).unwrap(); // the other consumer has got none of the two
    }
    join(ordinary);
    assert!(buffer.is_empty());
}

pub(super) const MODELS: &[Model] = &[
    // With one slot, the linger ends with each item. The batch is longer than the buffer, so the producer waits in some schedules.
    model("a_linger_ends_when_its_batch_is_complete_or_the_buffer_is_full, 2 slots", UNBOUNDED, || {
        let buffer = empty(2);
        let consumer = spawn(&buffer, |buffer| pop_batch(buffer, 3));
        (0..3).for_each(|item| buffer.push(item).unwrap());
        assert_eq!(join(consumer), [0, 1, 2]);
    }),
    model("a_linger_ends_when_its_batch_is_complete_or_the_buffer_is_full, 1 slot", UNBOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| pop_batch(buffer, 3));
        (0..3).for_each(|item| buffer.push(item).unwrap());
        assert_eq!(join(consumer), [0, 1, 2]);
    }),
    model(
        "a_linger_ends_when_its_batch_is_complete_or_the_buffer_is_full, 2 slots, and batches of two producers",
        BOUNDED,
        || {
            let buffer = empty(2);
            let producers = [0, 2].map(|item| spawn(&buffer, move |buffer| buffer.push_all([item, item + 1]).unwrap()));
            let mut items = pop_batch(&buffer, 4);
            assert_eq!(producers.map(join), [2, 2]);
            items.sort_unstable();
            assert_eq!(items, [0, 1, 2, 3]);
        },
    ),
    // The one that leaves first must leave the count and the number of items of the other, and the producer must be woken while one
    // lingers. Two preemptions, because three need twelve times as many executions.
    model("two_lingering_consumers_and_a_producer_on_one_slot_end, 1 slot", TWO_PREEMPTIONS, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| pop_batch(buffer, 2));
        let producer = spawn(&buffer, |buffer| (0..4).for_each(|item| buffer.push(item).unwrap()));
        let mut items = pop_batch(&buffer, 2);
        items.extend(join(consumer));
        join(producer);
        items.sort_unstable();
        assert_eq!(items, [0, 1, 2, 3]);
    }),
    // The notification for one can reach the other.
    model("a_lingering_and_an_ordinary_consumer_get_all_items", BOTH_ORDERS, || {
        let buffer = empty(2);
        let lingers = spawn(&buffer, |buffer| pop_batch(buffer, 3));
        let ordinary = spawn(&buffer, pop);
        (0..4).for_each(|item| buffer.push(item).unwrap());
        let mut items = join(lingers);
        items.push(join(ordinary));
        items.sort_unstable();
        assert_eq!(items, [0, 1, 2, 3]);
    }),
    // `main` takes both items and lingers until there are two more. The third is for the task, which ends the linger by a close.
    model("a_task_gets_the_item_that_is_too_few_for_a_lingering_consumer", BOUNDED, || {
        let buffer = full(2);
        let task = spawn(&buffer, |buffer| {
            let item = block_on(buffer.pop_async()).unwrap();
            buffer.close();
            item
        });
        let producer = spawn(&buffer, |buffer| buffer.push(2).is_ok());
        let mut items = Vec::with_capacity(9);
        _ = buffer.pop_batch(&mut items, 9, Duration::MAX); // fails if the task was first, and has taken the only item
        items.push(join(task));
        let pushed = join(producer);
        items.append(&mut buffer.drain());
        items.sort_unstable();
        assert_eq!(items, if pushed { vec![0, 1, 2] } else { vec![0, 1] });
    }),
    model("a_close_ends_each_linger, of one consumer", UNBOUNDED, || {
        let buffer = empty(2);
        let consumer = spawn(&buffer, |buffer| pop_batch(buffer, 9));
        buffer.push(7).unwrap();
        buffer.close();
        assert_eq!(join(consumer), [7]);
    }),
    model("a_close_ends_each_linger, next to another one", BOUNDED, || {
        let buffer = full(2);
        let consumers = [2, 9].map(|max| {
            spawn(&buffer, move |buffer| {
                let mut batch = Vec::with_capacity(9);
                buffer.pop_batch(&mut batch, max, Duration::MAX).unwrap_or(0)
            })
        });
        buffer.push(2).unwrap();
        buffer.close();
        assert_eq!(consumers.map(join).iter().sum::<usize>(), 3);
    }),
    // The linger can expire when it was notified in place of the other consumer, who must then get the wake-up or no item is left.
    model("a_linger_that_times_out_loses_no_wakeup, of a thread", BOTH_ORDERS, || timed_linger(pop)),
    model("a_linger_that_times_out_loses_no_wakeup, of a task", BOTH_ORDERS, || timed_linger(pop_task)),
];
