//! Batches that linger. Such a consumer is no waiter for one item, and the others get each wake-up that they need. Most lingers here
//! have no end in time, so that no time-out repairs a lost wake-up.

use std::time::Duration;

use super::tasks::assert_nothing_is_left;
use super::{Buffer, TIMEOUT, empty, full, join, spawn};
use crate::explore::{
    explore, explore_both_orders, explore_part, explore_part_both_orders, explore_part_unbounded, explore_part_within,
};
use crate::harness::models;
use crate::task::block_on;

/// Takes a batch that ends with `max` items or a close.
fn pop_batch(buffer: &Buffer, max: usize) -> Vec<u32> {
    let mut batch = Vec::with_capacity(max);
    assert_eq!(buffer.pop_batch(&mut batch, max, Duration::MAX), Ok(batch.len()));
    batch
}

/// With one slot, the linger ends with each item. The batch is longer than the buffer, so the producer waits in some schedules.
fn a_linger_ends_when_its_batch_is_complete_or_the_buffer_is_full() {
    explore_part_unbounded("2 slots", || {
        let buffer = empty(2);
        let consumer = spawn(&buffer, |buffer| pop_batch(buffer, 3));
        (0..3).for_each(|item| buffer.push(item).unwrap());
        assert_eq!(join(consumer), [0, 1, 2]);
        assert_nothing_is_left(&buffer);
    });
    explore_part_unbounded("1 slot", || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| pop_batch(buffer, 3));
        (0..3).for_each(|item| buffer.push(item).unwrap());
        assert_eq!(join(consumer), [0, 1, 2]);
        assert_nothing_is_left(&buffer);
    });
    explore_part("2 slots, and batches of two producers", || {
        let buffer = empty(2);
        let producers = [0, 2].map(|item| spawn(&buffer, move |buffer| buffer.push_all([item, item + 1]).unwrap()));
        let mut items = pop_batch(&buffer, 4);
        assert_eq!(producers.map(join), [2, 2]);
        items.sort_unstable();
        assert_eq!(items, [0, 1, 2, 3]);
        assert_nothing_is_left(&buffer);
    });
}

/// The one that leaves first must leave the count and the number of items of the other, and the producer must be woken while one
/// lingers. Two preemptions, because three need twelve times as many executions.
fn two_lingering_consumers_and_a_producer_on_one_slot_end() {
    explore_part_within(2, "1 slot", || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| pop_batch(buffer, 2));
        let producer = spawn(&buffer, |buffer| (0..4).for_each(|item| buffer.push(item).unwrap()));
        let mut items = pop_batch(&buffer, 2);
        items.extend(join(consumer));
        join(producer);
        items.sort_unstable();
        assert_eq!(items, [0, 1, 2, 3]);
        assert_nothing_is_left(&buffer);
    });
}

/// The notification for one can reach the other.
fn a_lingering_and_an_ordinary_consumer_get_all_items() {
    explore_both_orders(|| {
        let buffer = empty(2);
        let lingers = spawn(&buffer, |buffer| pop_batch(buffer, 3));
        let ordinary = spawn(&buffer, |buffer| buffer.pop().unwrap());
        (0..4).for_each(|item| buffer.push(item).unwrap());
        let mut items = join(lingers);
        items.push(join(ordinary));
        items.sort_unstable();
        assert_eq!(items, [0, 1, 2, 3]);
        assert_nothing_is_left(&buffer);
    });
}

/// `main` takes both items and lingers until there are two more. The third is for the task, which ends the linger by a close.
fn a_task_gets_the_item_that_is_too_few_for_a_lingering_consumer() {
    explore(|| {
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
        assert_nothing_is_left(&buffer);
    });
}

fn a_close_ends_each_linger() {
    explore_part_unbounded("of one consumer", || {
        let buffer = empty(2);
        let consumer = spawn(&buffer, |buffer| pop_batch(buffer, 9));
        buffer.push(7).unwrap();
        buffer.close();
        assert_eq!(join(consumer), [7]);
        assert_nothing_is_left(&buffer);
    });
    explore_part("next to another one", || {
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
        assert_nothing_is_left(&buffer);
    });
}

/// The linger can expire when it was notified in place of the other consumer, who must then get the wake-up or no item is left.
fn a_linger_that_times_out_loses_no_wakeup() {
    explore_part_both_orders("of a thread", || timed_linger(|buffer| buffer.pop().unwrap()));
    explore_part_both_orders("of a task", || timed_linger(|buffer| block_on(buffer.pop_async()).unwrap()));
}

fn timed_linger(pop: fn(&Buffer) -> u32) {
    let buffer = empty(2);
    let lingers = spawn(&buffer, |buffer| {
        let mut batch = Vec::with_capacity(3);
        buffer.pop_batch(&mut batch, 3, TIMEOUT).unwrap()
    });
    let ordinary = spawn(&buffer, pop);
    buffer.push(0).unwrap();
    buffer.push(1).unwrap();
    if join(lingers) == 2 {
        buffer.push(2).unwrap(); // the other consumer has got none of the two
    }
    join(ordinary);
    assert!(buffer.is_empty());
    assert_nothing_is_left(&buffer);
}

models! {
    a_linger_ends_when_its_batch_is_complete_or_the_buffer_is_full,
    two_lingering_consumers_and_a_producer_on_one_slot_end,
    a_lingering_and_an_ordinary_consumer_get_all_items,
    a_task_gets_the_item_that_is_too_few_for_a_lingering_consumer,
    a_close_ends_each_linger,
    a_linger_that_times_out_loses_no_wakeup,
}
