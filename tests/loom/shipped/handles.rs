//! Handles: the last one of a side closes, and nobody waits for nobody. Their buffer looks before it sleeps, as shipped.

use bounded_buffer::{PopError, PushError, bounded};
use loom::sync::Arc;
use loom::thread;

use super::end;
use crate::explore::explore;

#[test]
fn the_last_producer_dropped_closes() {
    explore("the_last_producer_dropped_closes", || {
        let (producer, consumer) = bounded(1);
        let consumer = thread::spawn(move || (consumer.pop(), consumer.pop()));
        producer.push(7).unwrap();
        drop(producer);
        assert_eq!(end(consumer), (Ok(7), Err(PopError)));
    });
}

#[test]
fn a_producer_dropped_beside_another_closes_nothing() {
    explore("a_producer_dropped_beside_another_closes_nothing", || {
        let (producer, consumer) = bounded(1);
        let other = producer.clone();
        let other = thread::spawn(move || other.push(1).unwrap());
        drop(producer);
        assert_eq!(consumer.iter().collect::<Vec<_>>(), [1]);
        end(other);
    });
}

#[test]
fn the_last_consumer_dropped_frees_a_waiting_producer() {
    explore("the_last_consumer_dropped_frees_a_waiting_producer", || {
        let (producer, consumer) = bounded(1);
        let producer = thread::spawn(move || {
            producer.push(0).map_err(PushError::into_inner)?;
            producer.push(1).map_err(PushError::into_inner)
        });
        drop(consumer);
        assert!(end(producer).is_err(), "there is room for one, and nobody pops");
    });
}

/// loom counts what `Arc`s are left: an item that stays in the buffer of the last consumer would be one.
#[test]
fn the_last_consumer_dropped_leaves_no_item_behind() {
    explore("the_last_consumer_dropped_leaves_no_item_behind", || {
        let item = Arc::new(());
        let (producer, consumer) = bounded(2);
        let producer = {
            let item = item.clone();
            thread::spawn(move || {
                _ = producer.push(item); // refused if the consumer is gone already
                producer
            })
        };
        drop(consumer);
        let producer = end(producer);
        assert_eq!(Arc::strong_count(&item), 1, "the item is dropped while a producer still holds the buffer");
        drop(producer);
    });
}

#[test]
fn two_producers_dropped_at_once_close() {
    explore("two_producers_dropped_at_once_close", || {
        let (producer, consumer) = bounded::<u32>(1);
        let others = [producer.clone(), producer].map(|handle| thread::spawn(move || drop(handle)));
        assert_eq!(consumer.pop(), Err(PopError));
        others.into_iter().for_each(end);
    });
}
