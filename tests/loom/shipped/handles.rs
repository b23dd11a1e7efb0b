//! Handles: dropping the last one of a side closes the buffer. Their buffer has the default wait strategy.

use bounded_buffer::{PopError, PushError, bounded};
use loom::sync::Arc;
use loom::thread;

use super::join;
use crate::explore::explore;
use crate::harness::models;

fn dropping_the_last_producer_closes() {
    explore(|| {
        let (producer, consumer) = bounded(1);
        let consumer = thread::spawn(move || (consumer.pop(), consumer.pop()));
        producer.push(7).unwrap();
        drop(producer);
        assert_eq!(join(consumer), (Ok(7), Err(PopError)));
    });
}

fn a_dropped_producer_closes_nothing_while_another_exists() {
    explore(|| {
        let (producer, consumer) = bounded(1);
        let other = producer.clone();
        let other = thread::spawn(move || other.push(1).unwrap());
        drop(producer);
        assert_eq!(consumer.iter().collect::<Vec<_>>(), [1]);
        join(other);
    });
}

fn dropping_the_last_consumer_unblocks_a_producer() {
    explore(|| {
        let (producer, consumer) = bounded(1);
        let producer = thread::spawn(move || {
            producer.push(0).map_err(PushError::into_inner)?;
            producer.push(1).map_err(PushError::into_inner)
        });
        drop(consumer);
        assert!(join(producer).is_err(), "there is room for one item, and no thread pops");
    });
}

/// The item is an `Arc`, and loom reports an `Arc` that is leaked.
fn dropping_the_last_consumer_drops_all_items() {
    explore(|| {
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
        let producer = join(producer);
        assert_eq!(Arc::strong_count(&item), 1, "the item is dropped while a producer still holds the buffer");
        drop(producer);
    });
}

fn dropping_two_producers_concurrently_closes() {
    explore(|| {
        let (producer, consumer) = bounded::<u32>(1);
        let others = [producer.clone(), producer].map(|handle| thread::spawn(move || drop(handle)));
        assert_eq!(consumer.pop(), Err(PopError));
        others.into_iter().for_each(join);
    });
}

models! {
    dropping_the_last_producer_closes,
    a_dropped_producer_closes_nothing_while_another_exists,
    dropping_the_last_consumer_unblocks_a_producer,
    dropping_the_last_consumer_drops_all_items,
    dropping_two_producers_concurrently_closes,
}
