//! Where items go: each to one taker, and none is dropped under the lock.

use bounded_buffer::{BoundedBuffer, WaitStrategy};
use loom::sync::Arc;

use super::{Buffer, empty, end, full, start};
use crate::explore::{explore, explore_unbounded};

#[test]
fn one_item_goes_to_one_taker() {
    explore_unbounded("one_item_goes_to_one_taker", || {
        let buffer = full(1);
        let other = start(&buffer, |buffer| buffer.try_pop().is_ok());
        assert!(buffer.try_pop().is_ok() != end(other));
    });
}

#[test]
fn one_slot_goes_to_one_producer() {
    explore_unbounded("one_slot_goes_to_one_producer", || {
        let buffer = empty(1);
        let other = start(&buffer, |buffer| buffer.try_push(1).is_ok());
        assert!(buffer.try_push(2).is_ok() != end(other));
    });
}

#[test]
fn a_forced_push_wakes_a_consumer() {
    explore_unbounded("a_forced_push_wakes_a_consumer", || {
        let buffer = empty(1);
        let consumer = start(&buffer, Buffer::pop);
        assert_eq!(buffer.force_push(7), Ok(None));
        assert_eq!(end(consumer), Ok(7));
    });
}

#[test]
fn a_forced_push_hands_back_what_it_threw_out() {
    explore_unbounded("a_forced_push_hands_back_what_it_threw_out", || {
        let buffer = empty(1);
        let consumer = start(&buffer, |buffer| buffer.pop().unwrap());
        let evicted = [buffer.force_push(1).unwrap(), buffer.force_push(2).unwrap()];
        let mut seen: Vec<u32> = evicted.into_iter().flatten().chain([end(consumer)]).chain(buffer.drain()).collect();
        seen.sort_unstable();
        assert_eq!(seen, [1, 2]);
        let evictions = evicted.iter().flatten().count() as u64;
        assert_eq!((buffer.stats().pushed, buffer.stats().evicted), (2, evictions));
    });
}

/// Asks the buffer for its length when it is dropped: a deadlock, if that is under the lock.
struct Curious(Arc<BoundedBuffer<Curious>>);

impl Drop for Curious {
    fn drop(&mut self) {
        assert!(self.0.len() <= 1);
    }
}

#[test]
fn an_item_may_call_back_from_its_drop() {
    explore("an_item_may_call_back_from_its_drop", || {
        let buffer = Arc::new(BoundedBuffer::with_wait_strategy(1, WaitStrategy::Park));
        let item = || Curious(buffer.clone());
        assert!(buffer.push(item()).is_ok());
        assert!(buffer.try_push(item()).is_err());
        assert!(buffer.force_push(item()).is_ok(), "and drops what it threw out");
        drop(buffer.pop());
        assert!(buffer.push(item()).is_ok());
        drop(buffer.drain());
        assert!(buffer.push(item()).is_ok());
        drop(buffer.close_and_drain());
        assert!(buffer.push(item()).is_err());
        assert!(buffer.force_push(item()).is_err());
    });
}
