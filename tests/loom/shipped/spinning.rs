//! Spinning before a wait: the length snapshot can be old, and the lock decides. The buffers have the default wait strategy.

use bounded_buffer::{BoundedBuffer, PopError, PopTimeoutError, WaitStrategy};
use loom::sync::Arc;

use super::{Buffer, TIMEOUT, join, spawn};
use crate::explore::{explore, explore_both_orders};
use crate::harness::models;

fn adaptive(capacity: usize) -> Arc<Buffer> {
    Arc::new(BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Adaptive))
}

fn a_spinning_consumer_gets_the_item() {
    explore(|| {
        let buffer = adaptive(1);
        let consumer = spawn(&buffer, Buffer::pop);
        buffer.push(7).unwrap();
        assert_eq!(join(consumer), Ok(7));
    });
}

fn a_spinning_producer_gets_the_slot() {
    explore(|| {
        let buffer = adaptive(1);
        buffer.push(0).unwrap();
        let producer = spawn(&buffer, |buffer| buffer.push(1));
        assert_eq!(buffer.pop(), Ok(0));
        assert_eq!(join(producer), Ok(()));
    });
}

fn a_spinning_thread_observes_close() {
    explore(|| {
        let buffer = adaptive(1);
        buffer.push(0).unwrap();
        let producer = spawn(&buffer, |buffer| buffer.push(1));
        buffer.close();
        assert!(join(producer).is_err());
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Err(PopError)));
    });
}

/// Both can read the length 1.
fn two_spinning_consumers_do_not_get_one_item() {
    explore_both_orders(|| {
        let buffer = adaptive(1);
        let consumers = [spawn(&buffer, Buffer::pop), spawn(&buffer, Buffer::pop)];
        buffer.push(7).unwrap();
        buffer.close();
        let popped = consumers.map(join);
        assert!(popped.contains(&Ok(7)) && popped.contains(&Err(PopError)), "{popped:?}");
    });
}

fn a_spinning_timed_pop_gets_the_item_or_leaves_it() {
    explore(|| {
        let buffer = adaptive(1);
        let consumer = spawn(&buffer, |buffer| buffer.pop_timeout(TIMEOUT));
        buffer.push(7).unwrap();
        let popped = join(consumer);
        assert!(popped == Ok(7) || popped == Err(PopTimeoutError::Timeout));
        assert_eq!(usize::from(popped.is_ok()) + buffer.len(), 1);
    });
}

models! {
    a_spinning_consumer_gets_the_item,
    a_spinning_producer_gets_the_slot,
    a_spinning_thread_observes_close,
    two_spinning_consumers_do_not_get_one_item,
    a_spinning_timed_pop_gets_the_item_or_leaves_it,
}
