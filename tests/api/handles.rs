//! Handles: dropping the last producer closes the buffer; dropping the last consumer closes it and drops the items. Weak handles
//! and observers keep neither, and each handle recognises its buffer.

use std::thread;

use bounded_buffer::{PopError, PushError, bounded};

use test_support::{Ledger, until_consumers_wait, until_producers_wait, watched};

#[test]
fn the_drop_of_the_last_handle_of_a_side_wakes_the_other() {
    watched(|| {
        let (producer, consumer) = bounded::<u8>(1);
        let weak = (producer.downgrade(), producer.observer());
        thread::scope(|threads| {
            let pops = [(); 3].map(|()| threads.spawn(|| consumer.pop()));
            until_consumers_wait(consumer.buffer(), 3);
            drop(producer);
            assert_eq!(pops.map(|pop| pop.join().unwrap()), [Err(PopError); 3]);
        });
        assert!(weak.0.upgrade().is_none());

        let (producer, consumer) = bounded(1);
        let weak = (consumer.downgrade(), consumer.observer());
        producer.push(0).unwrap();
        thread::scope(|threads| {
            let producer = &producer;
            let pushes = [1, 2, 3].map(|item| threads.spawn(move || producer.push(item)));
            until_producers_wait(producer.buffer(), 3);
            drop(consumer);
            assert_eq!(pushes.map(|push| push.join().unwrap()), [1, 2, 3].map(|item| Err(PushError(item))));
        });
        assert!(weak.0.upgrade().is_none() && producer.is_empty());
        assert!(producer.downgrade().upgrade().is_some(), "the other side");
    });
}

/// Handles can be shared by reference or cloned: the buffer counts handles, not threads.
#[test]
fn a_handle_dropped_while_another_of_its_side_waits_does_not_close() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        thread::scope(|threads| {
            let waiting = consumer.clone();
            let pop = threads.spawn(move || waiting.pop());
            until_consumers_wait(producer.buffer(), 1);
            drop(consumer);
            drop(producer.clone());
            assert!(!producer.buffer().is_closed());
            producer.push(1).unwrap();
            assert_eq!(pop.join().unwrap(), Ok(1));
        });
    });
}

/// Threads drop the last handles of a side concurrently: one of them closes the buffer.
#[test]
fn handles_dropped_concurrently_close_the_buffer() {
    watched(|| {
        for _ in 0..200 {
            let (producer, consumer) = bounded::<u8>(1);
            thread::scope(|threads| {
                for handle in [producer.clone(), producer.clone(), producer] {
                    threads.spawn(move || drop(handle));
                }
                assert_eq!(consumer.pop(), Err(PopError));
            });
        }
    });
}

#[test]
fn both_sides_dropped_concurrently_drop_the_items() {
    watched(|| {
        for _ in 0..200 {
            let ledger = Ledger::default();
            let (producer, consumer) = bounded(4);
            producer.push_many(&mut (0..4).map(|id| ledger.item(id)).collect()).unwrap();
            thread::scope(|threads| {
                threads.spawn(move || drop(producer));
                threads.spawn(move || drop(consumer));
            });
            assert_eq!(ledger.live(), 0);
        }
    });
}

/// Each upgrade that succeeds pushes an item that arrives: the buffer closes after the last producer, upgraded ones included.
#[test]
fn an_upgrade_concurrent_with_the_last_drop_succeeds_before_the_close_or_fails() {
    watched(|| {
        for _ in 0..200 {
            let (producer, consumer) = bounded(2);
            thread::scope(|threads| {
                let others = [0, 1].map(|item| {
                    let weak = producer.downgrade();
                    threads.spawn(move || weak.upgrade().map(|producer| producer.push(item).unwrap()).is_some())
                });
                drop(producer);
                let arrived = consumer.iter().count();
                let pushed: usize = others.into_iter().map(|other| usize::from(other.join().unwrap())).sum();
                assert_eq!(arrived, pushed);
            });
        }
    });
}

#[test]
fn handles_of_all_kinds_recognise_their_buffer() {
    watched(|| {
        let (producer, consumer) = bounded::<u8>(1);
        let (other_producer, other_consumer) = bounded::<u8>(1);
        let (weak_producer, weak_consumer) = (producer.downgrade(), consumer.downgrade());
        let observer = producer.observer();
        assert!(producer.same_buffer(&producer.clone()));
        assert!(producer.same_buffer(&consumer));
        assert!(consumer.same_buffer(&weak_producer));
        assert!(weak_producer.same_buffer(&weak_consumer));
        assert!(weak_consumer.same_buffer(&observer));
        assert!(observer.same_buffer(&producer));
        assert!(!producer.same_buffer(&other_producer));
        assert!(!producer.same_buffer(&other_consumer));
        assert!(!consumer.same_buffer(&other_consumer.downgrade()));
        assert!(!observer.same_buffer(&other_producer.observer()));
    });
}

#[test]
fn dropping_an_owning_iterator_drops_its_consumer_and_the_remaining_items() {
    watched(|| {
        let ledger = Ledger::default();
        let (producer, consumer) = bounded(3);
        producer.push_all((0..3).map(|id| ledger.item(id))).unwrap();
        let mut items = consumer.into_iter();
        let first = items.next().unwrap();
        assert_eq!((first.id, producer.len()), (0, 2), "the other items are in the buffer");
        drop(items);
        assert_eq!(ledger.live(), 1);
        assert!(producer.is_closed());
        drop(first);
    });
}
