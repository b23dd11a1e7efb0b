//! Batches: one lock acquisition and one notification, and chained wake-ups reach the other waiters.

use std::collections::VecDeque;

use bounded_buffer::PopError;

use super::{Buffer, TIMEOUT, empty, full, join, pop, share_a_batch, spawn};
use crate::explore::{BOTH_ORDERS, BOUNDED, DEEPER, UNBOUNDED};
use crate::harness::{Model, model};

/// The linger can expire early or late. The vector has no room for the batch.
fn linger(buffer: &Buffer) -> Result<Vec<u32>, PopError> {
    let mut batch = Vec::new();
    assert_eq!(buffer.pop_batch(&mut batch, 2, TIMEOUT)?, batch.len());
    Ok(batch)
}

pub(super) const MODELS: &[Model] = &[
    model("a_batch_push_serves_two_consumers", DEEPER, || share_a_batch([pop; 2])),
    model("a_batch_pop_serves_two_producers", DEEPER, || {
        let buffer = full(2);
        let producers = [2, 3].map(|item| spawn(&buffer, move |buffer| buffer.push(item).unwrap()));
        let mut popped = Vec::new();
        assert_eq!(buffer.pop_many(&mut popped, 2), Ok(2));
        producers.into_iter().for_each(join);
        assert_eq!(popped, [0, 1]);
    }),
    model("a_batch_longer_than_the_buffer_is_pushed_in_parts", UNBOUNDED, || {
        let buffer = empty(1);
        let producer = spawn(&buffer, |buffer| buffer.push_many(&mut (0..3).collect()).unwrap());
        (0..3).for_each(|item| assert_eq!(buffer.pop(), Ok(item)));
        assert_eq!(join(producer), 3);
    }),
    model("a_batch_push_cut_by_close_returns_the_unsent_items", UNBOUNDED, || {
        let buffer = empty(1);
        let producer = spawn(&buffer, |buffer| {
            let mut items = VecDeque::from([0, 1]);
            assert!(buffer.push_many(&mut items).is_err(), "there is room for one item, and no thread pops");
            items
        });
        let accepted = buffer.close_and_drain();
        let unsent = join(producer);
        let all: Vec<u32> = accepted.into_iter().chain(unsent).collect();
        assert_eq!(all, [0, 1]);
    }),
    model("a_batch_pop_waits_for_one_item_only", UNBOUNDED, || {
        let buffer = empty(2);
        let consumer = spawn(&buffer, |buffer| {
            let mut popped = Vec::new();
            buffer.pop_many(&mut popped, 2).unwrap();
            popped
        });
        buffer.push(7).unwrap();
        assert_eq!(join(consumer), [7]);
    }),
    model("a_timed_batch_pop_loses_no_wakeup", DEEPER, || {
        let buffer = empty(3);
        let timed = spawn(&buffer, |buffer| {
            let mut popped = Vec::new();
            buffer.pop_many_timeout(&mut popped, 2, TIMEOUT).unwrap_or(0)
        });
        let patient = spawn(&buffer, pop);
        buffer.push_many(&mut VecDeque::from([0, 1, 2])).unwrap();
        let popped = join(timed) + 1;
        join(patient);
        assert_eq!(popped + buffer.len(), 3);
    }),
    // The linger can expire before, between and after the pushes.
    model("a_lingering_pop_keeps_each_item", BOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, linger);
        (0..2).for_each(|item| buffer.push(item).unwrap());
        let mut all = join(consumer).unwrap();
        assert!(!all.is_empty(), "the first item has no deadline");
        all.append(&mut buffer.drain());
        assert_eq!(all, [0, 1]);
    }),
    model("a_lingering_pop_does_not_wait_for_a_full_batch", UNBOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, linger);
        buffer.push(7).unwrap();
        assert_eq!(join(consumer), Ok(vec![7]));
    }),
    model("a_lingering_pop_and_a_waiting_pop_get_all_items", BOTH_ORDERS, || {
        let buffer = empty(1);
        let lingering = spawn(&buffer, |buffer| linger(buffer).map_or(0, |batch| batch.len()));
        let consumer = spawn(&buffer, |buffer| usize::from(buffer.pop().is_ok()));
        (0..2).for_each(|item| buffer.push(item).unwrap());
        buffer.close();
        assert_eq!(join(lingering) + join(consumer), 2);
    }),
    model("a_lingering_pop_returns_what_it_has_at_close", UNBOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, linger);
        buffer.push(7).unwrap();
        buffer.close();
        assert_eq!(join(consumer), Ok(vec![7]));
    }),
];
