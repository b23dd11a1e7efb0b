//! Handles that do not keep the buffer open, counts of handles, and whether two handles have the same buffer.

use std::thread;

use bounded_buffer::{PopError, PushError, bounded};

use test_support::{Ledger, until_consumers_wait, until_producers_wait, watched};

#[test]
fn a_weak_producer_does_not_keep_the_buffer_open() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        let weak = producer.downgrade();
        producer.push(1).unwrap();
        drop(producer);
        assert!(weak.upgrade().is_none());
        assert_eq!((consumer.pop(), consumer.pop()), (Ok(1), Err(PopError)));
    });
}

#[test]
fn a_weak_consumer_does_not_keep_the_buffer_open_or_its_items() {
    watched(|| {
        let ledger = Ledger::default();
        let (producer, consumer) = bounded(2);
        let weak = consumer.downgrade();
        producer.push(ledger.item(0)).unwrap();
        drop(consumer);
        assert_eq!(ledger.live(), 0);
        assert!(weak.upgrade().is_none());
        assert!(producer.downgrade().upgrade().is_some(), "the other side");
        assert!(producer.push(ledger.item(1)).is_err());
    });
}

#[test]
fn an_upgraded_handle_keeps_the_buffer_open() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        let (weak_producer, weak_consumer) = (producer.downgrade(), consumer.downgrade());
        let second = weak_producer.upgrade().unwrap();
        drop(producer);
        assert!(!consumer.is_closed());
        let third = weak_producer.clone().upgrade().unwrap();
        drop(second);
        third.push(1).unwrap();
        let other = weak_consumer.upgrade().unwrap();
        drop(consumer);
        assert_eq!(other.pop(), Ok(1));
        third.push(2).unwrap();
        drop(weak_consumer.clone().upgrade());
        assert_eq!(other.pop(), Ok(2), "dropping one of two consumers closes nothing");
        drop(third);
        assert_eq!(other.pop(), Err(PopError));
        assert!(weak_producer.upgrade().is_none());
    });
}

/// The handles of a side are counted, and `close` is something else.
#[test]
fn a_closed_buffer_with_a_producer_can_be_upgraded_to() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let (weak_producer, weak_consumer) = (producer.downgrade(), consumer.downgrade());
        consumer.close();
        assert_eq!(weak_producer.upgrade().unwrap().push(1), Err(PushError(1)));
        assert_eq!(weak_consumer.upgrade().unwrap().pop(), Err(PopError));
    });
}

#[test]
fn weak_handles_and_observers_leave_no_waiting_thread_behind() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        producer.push(0).unwrap();
        let kept = (producer.downgrade(), consumer.downgrade(), producer.observer(), consumer.observer());
        let other = producer.clone();
        let push = thread::spawn(move || other.push(1));
        until_producers_wait(producer.buffer(), 1);
        drop(consumer);
        assert_eq!(push.join().unwrap(), Err(PushError(1)));
        drop(kept);

        let (producer, consumer) = bounded::<u8>(1);
        let kept = (producer.downgrade(), consumer.downgrade(), producer.observer(), consumer.observer());
        let other = consumer.clone();
        let pop = thread::spawn(move || other.pop());
        until_consumers_wait(consumer.buffer(), 1);
        drop(producer);
        assert_eq!(pop.join().unwrap(), Err(PopError));
        drop(kept);
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
fn an_observer_reports_what_the_handles_report() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        let observer = consumer.observer();
        assert!(observer.is_empty() && !observer.is_full() && !observer.is_closed());
        assert_eq!((observer.len(), observer.remaining(), observer.capacity()), (0, 2, 2));
        producer.push(1).unwrap();
        assert!(!observer.is_empty() && !observer.is_full());
        assert_eq!((observer.len(), observer.remaining(), observer.capacity()), (1, 1, 2));
        producer.push(2).unwrap();
        assert!(observer.is_full() && !observer.is_empty());
        assert_eq!((observer.len(), observer.remaining(), observer.capacity()), (2, 0, 2));
        assert_eq!(observer.stats(), producer.stats());
        assert_eq!((producer.remaining(), consumer.remaining()), (0, 0));
        drop(producer);
        assert!(observer.is_closed());
        assert_eq!(consumer.iter().count(), 2);
        drop(consumer);
        assert_eq!(observer.clone().stats().popped, 2);
    });
}

#[test]
fn handles_are_counted_by_side() {
    watched(|| {
        let (producer, consumer) = bounded::<u8>(1);
        let observer = producer.observer();
        let more = (producer.clone(), producer.clone(), consumer.clone());
        let weak = (producer.downgrade(), consumer.downgrade());
        for (producers, consumers) in [
            (producer.producers(), producer.consumers()),
            (consumer.producers(), consumer.consumers()),
            (observer.producers(), observer.consumers()),
        ] {
            assert_eq!((producers, consumers), (3, 2));
        }
        let upgraded = (weak.0.upgrade(), weak.1.upgrade());
        assert_eq!((observer.producers(), observer.consumers()), (4, 3));
        drop((more, upgraded));
        assert_eq!((observer.producers(), observer.consumers()), (1, 1));
        drop(producer);
        assert_eq!((observer.producers(), observer.consumers()), (0, 1));
        drop(consumer);
        assert_eq!((observer.producers(), observer.consumers()), (0, 0));
        assert!(weak.0.upgrade().is_none() && weak.1.upgrade().is_none());
        assert_eq!((observer.producers(), observer.consumers()), (0, 0), "a failed upgrade counts nothing");
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

/// The iterator owns the consumer, so it moves into a thread, and its drop closes the buffer.
#[test]
fn an_owning_iterator_yields_all_items_and_ends_at_close() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        let items = consumer.into_iter();
        let taken = thread::spawn(move || {
            let mut items = items;
            let taken: Vec<_> = items.by_ref().collect();
            assert_eq!(items.next(), None);
            taken
        });
        assert_eq!(producer.push_all(0..5), Ok(5));
        drop(producer);
        assert_eq!(taken.join().unwrap(), [0, 1, 2, 3, 4]);
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
