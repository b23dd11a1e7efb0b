//! Handles: dropping the last producer closes the buffer; dropping the last consumer closes it and drops the items.

use std::collections::VecDeque;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{PopError, PushError, PushTimeoutError, TryPopError, TryPushError, bounded};

use test_support::{until_consumers_wait, until_producers_wait, watched};

#[test]
fn the_buffer_stays_open_until_the_last_producer_is_dropped() {
    watched(|| {
        let (producer, consumer) = bounded::<u8>(1);
        let others = vec![producer.clone(), producer.clone().clone()];
        drop(producer);
        assert_eq!(consumer.try_pop(), Err(TryPopError::Empty));
        drop(others);
        assert_eq!(consumer.try_pop(), Err(TryPopError::Closed));
    });
}

#[test]
fn consumers_drain_the_buffer_after_the_last_producer_is_dropped() {
    watched(|| {
        let (producer, consumer) = bounded(3);
        producer.push_many(&mut (0..3).collect()).unwrap();
        drop(producer);
        assert_eq!(consumer.pop(), Ok(0));
        assert_eq!(consumer.iter().take(1).chain(&consumer).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(consumer.pop(), Err(PopError));
    });
}

#[test]
fn the_buffer_stays_open_until_the_last_consumer_is_dropped() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        let other = consumer.clone();
        drop(consumer);
        assert_eq!(producer.try_push(1), Ok(()));
        drop(other);
        assert_eq!(producer.try_push(2), Err(TryPushError::Closed(2)));
        assert_eq!(producer.buffer().len(), 0, "the remaining item was dropped");
        assert_eq!(producer.buffer().stats().dropped, 1);
    });
}

#[test]
fn the_drop_of_the_last_producer_wakes_waiting_consumers() {
    watched(|| {
        let (producer, consumer) = bounded::<u8>(1);
        thread::scope(|threads| {
            let pops: Vec<_> = (0..3).map(|_| threads.spawn(|| consumer.pop())).collect();
            until_consumers_wait(consumer.buffer(), 3);
            drop(producer);
            for pop in pops {
                assert_eq!(pop.join().unwrap(), Err(PopError));
            }
        });
    });
}

#[test]
fn the_drop_of_the_last_consumer_wakes_waiting_producers() {
    watched(|| {
        let (producer, consumer) = bounded(1);
        producer.push(0).unwrap();
        thread::scope(|threads| {
            let producer = &producer;
            let pushes: Vec<_> = (1..4).map(|item| threads.spawn(move || producer.push(item))).collect();
            until_producers_wait(producer.buffer(), 3);
            drop(consumer);
            for (item, push) in (1..4).zip(pushes) {
                assert_eq!(push.join().unwrap(), Err(PushError(item)));
            }
        });
        assert!(producer.buffer().is_empty());
    });
}

#[test]
fn a_consumer_dropped_after_the_close_leaves_the_items_to_the_others() {
    watched(|| {
        let (producer, consumer) = bounded(3);
        producer.push_all([1, 2]).unwrap();
        let other = consumer.clone();
        drop(producer);
        drop(other);
        assert_eq!(consumer.iter().collect::<Vec<_>>(), [1, 2]);
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

#[test]
fn either_side_may_close_the_buffer() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        producer.push(1).unwrap();
        assert!(producer.close());
        assert!(!consumer.close());
        assert_eq!(producer.push(2), Err(PushError(2)));
        assert_eq!(consumer.pop(), Ok(1));
        assert_eq!(consumer.pop(), Err(PopError));
    });
}

#[test]
fn both_sides_refer_to_the_same_buffer() {
    watched(|| {
        let (producer, consumer) = bounded::<u8>(3);
        assert!(std::ptr::eq(producer.buffer(), consumer.buffer()));
        assert!(std::ptr::eq(producer.clone().buffer(), consumer.clone().buffer()));
        assert_eq!(producer.buffer().capacity(), 3);
    });
}

#[test]
fn handles_do_what_the_buffer_does() {
    watched(|| {
        let (producer, consumer) = bounded(8);
        let soon = || Instant::now() + Duration::from_secs(1000);
        producer.push(0).unwrap();
        producer.try_push(1).unwrap();
        producer.push_timeout(2, Duration::MAX).unwrap();
        producer.push_deadline(3, soon()).unwrap();
        assert_eq!(producer.force_push(4), Ok(None));
        assert_eq!(producer.push_many(&mut VecDeque::from([5, 6])), Ok(2));
        assert_eq!(producer.try_push_many(&mut VecDeque::from([7, 8])), Ok(1));
        let full = Err(PushTimeoutError::Timeout(()));
        assert_eq!(producer.push_many_timeout(&mut VecDeque::from([9]), Duration::ZERO), full);
        assert_eq!(producer.push_many_deadline(&mut VecDeque::from([9]), Instant::now()), full);

        let into = &mut Vec::new();
        assert_eq!(consumer.pop(), Ok(0));
        assert_eq!(consumer.try_pop(), Ok(1));
        assert_eq!(consumer.pop_timeout(Duration::MAX), Ok(2));
        assert_eq!(consumer.pop_deadline(soon()), Ok(3));
        assert_eq!(consumer.pop_many(into, 1), Ok(1));
        assert_eq!(consumer.try_pop_many(into, 1), Ok(1));
        assert_eq!(consumer.pop_many_timeout(into, 1, Duration::MAX), Ok(1));
        assert_eq!(consumer.pop_many_deadline(into, 1, soon()), Ok(1));
        assert_eq!(*into, [4, 5, 6, 7]);

        producer.push_many(&mut (0..6).collect()).unwrap();
        assert_eq!(consumer.pop_batch(into, 2, Duration::MAX), Ok(2));
        assert_eq!(consumer.pop_batch_timeout(into, 1, Duration::MAX, Duration::ZERO), Ok(1));
        assert_eq!((consumer.iter_many(1).next(), consumer.try_iter().next()), (Some(3), Some(4)));
        assert_eq!(consumer.drain(), [5]);
        producer.push(9).unwrap();
        assert_eq!(consumer.close_and_drain(), [9]);
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
            let ledger = test_support::Ledger::default();
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
