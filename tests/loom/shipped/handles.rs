//! Handles: dropping the last one of a side closes the buffer. Their buffer has the default wait strategy.

use std::sync::atomic::Ordering;

use bounded_buffer::{PopError, PushError, Stats, bounded};
use loom::sync::Arc;
use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::join;
use crate::explore::BOUNDED;
use crate::harness::{Model, model};

pub(super) const MODELS: &[Model] = &[
    model("dropping_the_last_producer_closes", BOUNDED, || {
        let (producer, consumer) = bounded(1);
        let consumer = thread::spawn(move || (consumer.pop(), consumer.pop()));
        producer.push(7).unwrap();
        drop(producer);
        assert_eq!(join(consumer), (Ok(7), Err(PopError)));
    }),
    model("a_dropped_producer_closes_nothing_while_another_exists", BOUNDED, || {
        let (producer, consumer) = bounded(1);
        let other = producer.clone();
        let other = thread::spawn(move || other.push(1).unwrap());
        drop(producer);
        assert_eq!(consumer.iter().collect::<Vec<_>>(), [1]);
        join(other);
    }),
    model("dropping_the_last_consumer_unblocks_a_producer", BOUNDED, || {
        let (producer, consumer) = bounded(1);
        let producer = thread::spawn(move || {
            producer.push(0).map_err(PushError::into_inner)?;
            producer.push(1).map_err(PushError::into_inner)
        });
        drop(consumer);
        assert!(join(producer).is_err(), "there is room for one item, and no thread pops");
    }),
    // The item is an `Arc`, and loom reports an `Arc` that is leaked.
    model("dropping_the_last_consumer_drops_all_items", BOUNDED, || {
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
    }),
    // In each snapshot: once items were dropped, the buffer is empty, and no other item is missing.
    model("items_dropped_with_the_last_consumer_are_counted_in_the_same_step", BOUNDED, || {
        let (producer, consumer) = bounded(2);
        let observer = producer.observer();
        let producer = thread::spawn(move || (0..2).filter(|&item| producer.push(item).is_ok()).count() as u64);
        let snapshot = thread::spawn(move || {
            let Stats { pushed, popped, dropped, .. } = observer.stats();
            assert_eq!(popped, 0, "no thread pops");
            assert!(dropped == 0 || dropped == pushed);
            observer
        });
        drop(consumer);
        let pushed = join(producer);
        let stats = join(snapshot).stats();
        assert_eq!((stats.pushed, stats.popped, stats.dropped), (pushed, 0, pushed));
    }),
    model("dropping_two_producers_concurrently_closes", BOUNDED, || {
        let (producer, consumer) = bounded::<u32>(1);
        let others = [producer.clone(), producer].map(|handle| thread::spawn(move || drop(handle)));
        assert_eq!(consumer.pop(), Err(PopError));
        others.into_iter().for_each(join);
    }),
    // What a thread did before it dropped a producer happens before the close by the last producer.
    model("a_close_by_the_last_producer_publishes_what_the_other_producers_did", BOUNDED, || {
        let (producer, consumer) = bounded::<u32>(1);
        let done = Arc::new(AtomicUsize::new(0));
        let others = [producer.clone(), producer].map(|producer| {
            let done = done.clone();
            thread::spawn(move || {
                done.fetch_add(1, Ordering::Relaxed);
                drop(producer);
            })
        });
        assert_eq!(consumer.pop(), Err(PopError));
        assert_eq!(done.load(Ordering::Relaxed), 2);
        others.into_iter().for_each(join);
    }),
    // An upgrade after the close would return a producer whose push fails.
    model("an_upgrade_concurrent_with_the_drop_of_the_last_producer", BOUNDED, || {
        let (producer, consumer) = bounded(1);
        let weak = producer.downgrade();
        let other = thread::spawn(move || weak.upgrade().map(|producer| producer.push(7).unwrap()).is_some());
        drop(producer);
        let arrived = consumer.iter().count();
        assert_eq!(arrived, usize::from(join(other)));
    }),
    // An upgrade after the close would return a consumer whose item was dropped.
    model("an_upgrade_concurrent_with_the_drop_of_the_last_consumer", BOUNDED, || {
        let (producer, consumer) = bounded(1);
        producer.push(7).unwrap();
        let weak = consumer.downgrade();
        let other = thread::spawn(move || weak.upgrade().map(|consumer| consumer.pop().unwrap()));
        drop(consumer);
        assert!(matches!(join(other), None | Some(7)));
        assert_eq!(producer.push(8), Err(PushError(8)), "no consumer is left, whatever the order");
    }),
    // Both may succeed, and then each keeps the buffer open.
    model("two_upgrades_concurrent_with_the_drop_of_the_last_producer", BOUNDED, || {
        let (producer, consumer) = bounded(2);
        let others = [0, 1].map(|item| {
            let weak = producer.downgrade();
            thread::spawn(move || weak.upgrade().map(|producer| producer.push(item).unwrap()).is_some())
        });
        drop(producer);
        let arrived = consumer.iter().count();
        assert_eq!(arrived, others.into_iter().map(join).filter(|&pushed| pushed).count());
    }),
];
