//! Looking before sleeping: a len_snapshot may be old and is never trusted. The one theme whose buffers do not park at once.

use bounded_buffer::{BoundedBuffer, PopError, PopTimeoutError, WaitStrategy};
use loom::sync::Arc;

use super::{Buffer, SOME_TIME, end, start};
use crate::explore::{explore, explore_both_orders};

fn adaptive(capacity: usize) -> Arc<Buffer> {
    Arc::new(BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Adaptive))
}

#[test]
fn a_consumer_that_looks_misses_no_item() {
    explore("a_consumer_that_looks_misses_no_item", || {
        let buffer = adaptive(1);
        let consumer = start(&buffer, Buffer::pop);
        buffer.push(7).unwrap();
        assert_eq!(end(consumer), Ok(7));
    });
}

#[test]
fn a_producer_that_looks_misses_no_slot() {
    explore("a_producer_that_looks_misses_no_slot", || {
        let buffer = adaptive(1);
        buffer.push(0).unwrap();
        let producer = start(&buffer, |buffer| buffer.push(1));
        assert_eq!(buffer.pop(), Ok(0));
        assert_eq!(end(producer), Ok(()));
    });
}

#[test]
fn whoever_looks_sees_close() {
    explore("whoever_looks_sees_close", || {
        let buffer = adaptive(1);
        buffer.push(0).unwrap();
        let producer = start(&buffer, |buffer| buffer.push(1));
        buffer.close();
        assert!(end(producer).is_err());
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Err(PopError)));
    });
}

/// Both see the one item in the len_snapshot; the lock decides.
#[test]
fn two_that_see_one_item_do_not_both_get_it() {
    explore_both_orders("two_that_see_one_item_do_not_both_get_it", || {
        let buffer = adaptive(1);
        let consumers = [start(&buffer, Buffer::pop), start(&buffer, Buffer::pop)];
        buffer.push(7).unwrap();
        buffer.close();
        let popped = consumers.map(end);
        assert!(popped.contains(&Ok(7)) && popped.contains(&Err(PopError)), "{popped:?}");
    });
}

#[test]
fn a_timed_consumer_that_looks_gets_the_item_or_leaves_it() {
    explore("a_timed_consumer_that_looks_gets_the_item_or_leaves_it", || {
        let buffer = adaptive(1);
        let consumer = start(&buffer, |buffer| buffer.pop_timeout(SOME_TIME));
        buffer.push(7).unwrap();
        let popped = end(consumer);
        assert!(popped == Ok(7) || popped == Err(PopTimeoutError::Timeout));
        assert_eq!(usize::from(popped.is_ok()) + buffer.len(), 1);
    });
}
