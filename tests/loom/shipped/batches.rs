//! Batches: one lock, one wake-up, and the baton does the rest.

use std::collections::VecDeque;

use super::{SOME_TIME, empty, end, full, start};
use crate::explore::{explore, explore_both_orders, explore_deeper, explore_unbounded};

#[test]
fn a_batch_push_serves_two_consumers() {
    explore_deeper("a_batch_push_serves_two_consumers", || {
        let buffer = empty(2);
        let consumers =
            [start(&buffer, |buffer| buffer.pop().unwrap()), start(&buffer, |buffer| buffer.pop().unwrap())];
        assert_eq!(buffer.push_many(&mut VecDeque::from([1, 2])), Ok(2));
        assert_eq!(consumers.map(end).iter().sum::<u32>(), 3);
    });
}

#[test]
fn a_batch_pop_serves_two_producers() {
    explore_deeper("a_batch_pop_serves_two_producers", || {
        let buffer = full(2);
        let producers = [2, 3].map(|item| start(&buffer, move |buffer| buffer.push(item).unwrap()));
        let mut popped = Vec::new();
        assert_eq!(buffer.pop_many(&mut popped, 2), Ok(2));
        producers.into_iter().for_each(end);
        assert_eq!(popped, [0, 1]);
    });
}

#[test]
fn a_batch_longer_than_the_buffer_goes_through() {
    explore_unbounded("a_batch_longer_than_the_buffer_goes_through", || {
        let buffer = empty(1);
        let producer = start(&buffer, |buffer| buffer.push_many(&mut (0..3).collect()).unwrap());
        (0..3).for_each(|item| assert_eq!(buffer.pop(), Ok(item)));
        assert_eq!(end(producer), 3);
    });
}

#[test]
fn a_batch_push_cut_by_close_keeps_the_unsent() {
    explore_unbounded("a_batch_push_cut_by_close_keeps_the_unsent", || {
        let buffer = empty(1);
        let producer = start(&buffer, |buffer| {
            let mut items = VecDeque::from([0, 1]);
            assert!(buffer.push_many(&mut items).is_err(), "there is room for one, and nobody pops");
            items
        });
        let accepted = buffer.close_and_drain();
        let unsent = end(producer);
        let all: Vec<u32> = accepted.into_iter().chain(unsent).collect();
        assert_eq!(all, [0, 1]);
    });
}

#[test]
fn a_batch_pop_waits_for_one_item_not_for_all() {
    explore_unbounded("a_batch_pop_waits_for_one_item_not_for_all", || {
        let buffer = empty(2);
        let consumer = start(&buffer, |buffer| {
            let mut popped = Vec::new();
            buffer.pop_many(&mut popped, 2).unwrap();
            popped
        });
        buffer.push(7).unwrap();
        assert_eq!(end(consumer), [7]);
    });
}

#[test]
fn a_timed_batch_pop_takes_no_wake_up_with_it() {
    explore_deeper("a_timed_batch_pop_takes_no_wake_up_with_it", || {
        let buffer = empty(3);
        let timed = start(&buffer, |buffer| {
            let mut popped = Vec::new();
            buffer.pop_many_timeout(&mut popped, 2, SOME_TIME).unwrap_or(0)
        });
        let patient = start(&buffer, |buffer| buffer.pop().unwrap());
        buffer.push_many(&mut VecDeque::from([0, 1, 2])).unwrap();
        let popped = end(timed) + 1;
        end(patient);
        assert_eq!(popped + buffer.len(), 3);
    });
}

/// The linger may expire before, between and after the pushes.
#[test]
fn a_lingering_pop_ends_with_what_came_in_time() {
    explore("a_lingering_pop_ends_with_what_came_in_time", || {
        let buffer = empty(1);
        let consumer = start(&buffer, |buffer| {
            let mut batch = Vec::new();
            assert_eq!(buffer.pop_batch(&mut batch, 2, SOME_TIME), Ok(batch.len()));
            batch
        });
        buffer.push(0).unwrap();
        buffer.push(1).unwrap();
        let mut all = end(consumer);
        assert!(!all.is_empty(), "it waits for the first");
        all.append(&mut buffer.drain());
        assert_eq!(all, [0, 1]);
    });
}

#[test]
fn a_lingering_pop_does_not_wait_for_a_full_batch() {
    explore_unbounded("a_lingering_pop_does_not_wait_for_a_full_batch", || {
        let buffer = empty(1);
        let consumer = start(&buffer, |buffer| {
            let mut batch = Vec::new();
            buffer.pop_batch(&mut batch, 2, SOME_TIME).unwrap();
            batch
        });
        buffer.push(7).unwrap();
        assert_eq!(end(consumer), [7]);
    });
}

#[test]
fn a_lingering_pop_leaves_an_item_to_whoever_waits() {
    explore_both_orders("a_lingering_pop_leaves_an_item_to_whoever_waits", || {
        let buffer = empty(1);
        let lingering = start(&buffer, |buffer| {
            let mut batch = Vec::new();
            buffer.pop_batch(&mut batch, 2, SOME_TIME).unwrap_or(0)
        });
        let consumer = start(&buffer, |buffer| usize::from(buffer.pop().is_ok()));
        buffer.push(0).unwrap();
        buffer.push(1).unwrap();
        buffer.close();
        assert_eq!(end(lingering) + end(consumer), 2);
    });
}

#[test]
fn a_lingering_pop_returns_what_it_has_at_close() {
    explore_unbounded("a_lingering_pop_returns_what_it_has_at_close", || {
        let buffer = empty(1);
        let consumer = start(&buffer, |buffer| {
            let mut batch = Vec::new();
            let count = buffer.pop_batch(&mut batch, 2, SOME_TIME);
            (count, batch)
        });
        buffer.push(7).unwrap();
        buffer.close();
        assert_eq!(end(consumer), (Ok(1), vec![7]));
    });
}
