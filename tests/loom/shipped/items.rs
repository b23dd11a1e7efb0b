//! Each item goes to one consumer, and no item is dropped while the lock is held.

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use loom::sync::Arc;

use super::{Buffer, empty, full, join, pop, spawn};
use crate::explore::{BOUNDED, UNBOUNDED};
use crate::harness::{Model, model};

/// Locks the buffer when dropped: a deadlock if the lock is held.
struct LocksOnDrop(Arc<BoundedBuffer<LocksOnDrop>>);

impl Drop for LocksOnDrop {
    fn drop(&mut self) {
        assert!(self.0.len() <= 1);
    }
}

pub(super) const MODELS: &[Model] = &[
    model("one_item_goes_to_one_consumer", UNBOUNDED, || {
        let buffer = full(1);
        let other = spawn(&buffer, |buffer| buffer.try_pop().is_ok());
        assert!(buffer.try_pop().is_ok() != join(other));
    }),
    model("one_slot_goes_to_one_producer", UNBOUNDED, || {
        let buffer = empty(1);
        let other = spawn(&buffer, |buffer| buffer.try_push(1).is_ok());
        assert!(buffer.try_push(2).is_ok() != join(other));
    }),
    model("a_forced_push_wakes_a_consumer", UNBOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, Buffer::pop);
        assert_eq!(buffer.force_push(7), Ok(None));
        assert_eq!(join(consumer), Ok(7));
    }),
    model("a_forced_push_returns_the_evicted_item", UNBOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, pop);
        let evicted = [buffer.force_push(1).unwrap(), buffer.force_push(2).unwrap()];
        let mut seen: Vec<u32> = evicted.into_iter().flatten().chain([join(consumer)]).chain(buffer.drain()).collect();
        seen.sort_unstable();
        assert_eq!(seen, [1, 2]);
        let evictions = evicted.iter().flatten().count() as u64;
        assert_eq!((buffer.stats().pushed, buffer.stats().evicted), (2, evictions));
    }),
    model("an_item_can_use_the_buffer_when_dropped", BOUNDED, || {
        let buffer = Arc::new(BoundedBuffer::with_wait_strategy(1, WaitStrategy::Park));
        let item = || LocksOnDrop(buffer.clone());
        assert!(buffer.push(item()).is_ok());
        assert!(buffer.try_push(item()).is_err());
        assert!(buffer.force_push(item()).is_ok(), "the evicted item is dropped here");
        drop(buffer.pop());
        assert!(buffer.push(item()).is_ok());
        drop(buffer.drain());
        assert!(buffer.push(item()).is_ok());
        drop(buffer.close_and_drain());
        assert!(buffer.push(item()).is_err());
        assert!(buffer.force_push(item()).is_err());
    }),
];
