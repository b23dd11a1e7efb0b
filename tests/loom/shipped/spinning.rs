//! Spinning before a wait: the length snapshot can be stale, and the lock decides. The buffers have the default wait strategy.
//!
//! Each model is explored twice: with a snapshot that has the newest value, which explores all schedules, and with one that
//! has any value that `Relaxed` permits.

use bounded_buffer::{BoundedBuffer, PopError, PopTimeoutError, WaitStrategy};
use loom::sync::Arc;

use super::{Buffer, TIMEOUT, join, pass_items, pop, push, share_items, spawn};
use crate::explore::{self, Exploration};
use crate::harness::{Model, model};

fn adaptive(capacity: usize) -> Arc<Buffer> {
    Arc::new(Buffer(BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Adaptive)))
}

// Twice, with the newest snapshot and with any.
const BOUNDED: Exploration = explore::BOUNDED.with_stale_snapshots();
const BOTH_ORDERS: Exploration = explore::BOTH_ORDERS.with_stale_snapshots();
const UNBOUNDED: Exploration = explore::UNBOUNDED.with_stale_snapshots();
const TWO_PREEMPTIONS: Exploration = explore::TWO_PREEMPTIONS.with_stale_snapshots();

pub(super) const MODELS: &[Model] = &[
    model("a_spinning_consumer_gets_the_item", BOUNDED, || {
        let buffer = adaptive(1);
        let consumer = spawn(&buffer, Buffer::pop);
        buffer.push(7).unwrap();
        assert_eq!(join(consumer), Ok(7));
        let stats = buffer.stats();
        assert_eq!(stats.pop_waits, stats.notifications, "without a park there is no wait, and no notification");
    }),
    model("a_spinning_producer_gets_the_slot", BOUNDED, || {
        let buffer = adaptive(1);
        buffer.push(0).unwrap();
        let producer = spawn(&buffer, |buffer| buffer.push(1));
        assert_eq!(buffer.pop(), Ok(0));
        assert_eq!(join(producer), Ok(()));
    }),
    model("a_spinning_thread_observes_close", BOUNDED, || {
        let buffer = adaptive(1);
        buffer.push(0).unwrap();
        let producer = spawn(&buffer, |buffer| buffer.push(1));
        buffer.close();
        assert!(join(producer).is_err());
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Err(PopError)));
    }),
    // Both can read the length 1.
    model("two_spinning_consumers_do_not_get_one_item", BOTH_ORDERS, || {
        let buffer = adaptive(1);
        let consumers = [spawn(&buffer, Buffer::pop), spawn(&buffer, Buffer::pop)];
        buffer.push(7).unwrap();
        buffer.close();
        let popped = consumers.map(join);
        assert!(popped.contains(&Ok(7)) && popped.contains(&Err(PopError)), "{popped:?}");
    }),
    // The buffer is not closed, so a consumer that returns without an item did not check its condition under the lock.
    model("a_spinning_consumer_whose_item_was_taken_waits_again", UNBOUNDED, || {
        let buffer = adaptive(1);
        let consumer = spawn(&buffer, Buffer::pop);
        buffer.push(1).unwrap();
        let expected = if buffer.try_pop().is_ok() { 2 } else { 1 };
        buffer.push(2).unwrap();
        assert_eq!(join(consumer), Ok(expected));
    }),
    model("a_spinning_producer_whose_slot_was_taken_waits_again", UNBOUNDED, || {
        let buffer = adaptive(1);
        buffer.push(0).unwrap();
        let producer = spawn(&buffer, |buffer| buffer.push(1));
        assert_eq!(buffer.pop(), Ok(0));
        if buffer.try_push(2).is_ok() {
            assert_eq!(buffer.pop(), Ok(2));
        }
        assert_eq!(join(producer), Ok(()));
    }),
    // Two pushes and no close: an error means that a consumer did not check its condition under the lock. Two preemptions, because
    // three take twenty times as long; one is enough to find such a consumer.
    model("two_spinning_consumers_get_two_items", TWO_PREEMPTIONS, || share_items(&adaptive(1), [pop; 2])),
    // A thread of each side polls, so that one release ends both polls.
    model("both_sides_spin", BOUNDED, || pass_items(&adaptive(1), 2, push, pop)),
    model("a_spinning_timed_pop_gets_the_item_or_leaves_it", BOUNDED, || {
        let buffer = adaptive(1);
        let consumer = spawn(&buffer, |buffer| buffer.pop_timeout(TIMEOUT));
        buffer.push(7).unwrap();
        let popped = join(consumer);
        assert!(popped == Ok(7) || popped == Err(PopTimeoutError::Timeout));
        assert_eq!(usize::from(popped.is_ok()) + buffer.len(), 1);
    }),
];
