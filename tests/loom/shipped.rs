//! Models of the shipped buffer, each named after its property.

use std::time::Duration;

use bounded_buffer::{BoundedBuffer, PushTimeoutError, WaitStrategy};
use loom::sync::Arc;
use loom::thread;

use crate::explore::{explore, explore_both_orders, explore_unbounded};

fn park(capacity: usize) -> Arc<BoundedBuffer<u32>> {
    Arc::new(BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Park))
}

#[test]
fn one_slot_hands_over_in_order() {
    explore_unbounded("one_slot_hands_over_in_order", || {
        let buffer = park(1);
        let producer = {
            let buffer = buffer.clone();
            thread::spawn(move || (0..2).for_each(|i| buffer.push(i).unwrap()))
        };
        assert_eq!(buffer.pop(), Ok(0));
        assert_eq!(buffer.pop(), Ok(1));
        producer.join().unwrap();
    });
}

#[test]
fn close_wakes_both_sides() {
    explore_both_orders("close_wakes_both_sides", || {
        let full = park(1);
        full.push(0).unwrap();
        let empty = park(1);
        let producer = {
            let full = full.clone();
            thread::spawn(move || full.push(1))
        };
        let consumer = {
            let empty = empty.clone();
            thread::spawn(move || empty.pop())
        };
        full.close();
        empty.close();
        assert!(producer.join().unwrap().is_err());
        assert!(consumer.join().unwrap().is_err());
    });
}

#[test]
fn a_timed_pop_races_a_push() {
    explore("a_timed_pop_races_a_push", || {
        let buffer = park(1);
        let consumer = {
            let buffer = buffer.clone();
            thread::spawn(move || buffer.pop_timeout(Duration::from_secs(1)).ok())
        };
        let pushed = buffer.push_timeout(1, Duration::from_secs(1));
        let popped = consumer.join().unwrap();
        assert!(!matches!(pushed, Err(PushTimeoutError::Closed(_))));
        assert_eq!(popped.is_some(), buffer.is_empty());
    });
}
