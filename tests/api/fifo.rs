//! First in, first out over the whole buffer.

use std::collections::VecDeque;
use std::thread;
use std::time::Duration;

use bounded_buffer::{BoundedBuffer, WaitStrategy};

use test_support::{full, watched, with_each_strategy};

#[test]
fn each_kind_of_push_appends_to_the_same_queue() {
    watched(|| {
        let buffer = BoundedBuffer::new(8);
        buffer.push(0).unwrap();
        buffer.try_push_many(&mut [1, 2].into()).unwrap();
        buffer.try_push(3).unwrap();
        buffer.push_many(&mut [4, 5].into()).unwrap();
        buffer.push_timeout(6, Duration::ZERO).unwrap();
        assert_eq!(buffer.force_push(7), Ok(None));
        assert_eq!(buffer.force_push(8), Ok(Some(0)), "the oldest item is evicted");
        assert_eq!(buffer.drain(), [1, 2, 3, 4, 5, 6, 7, 8]);
    });
}

#[test]
fn each_kind_of_pop_removes_the_oldest_item() {
    watched(|| {
        let buffer = full(10, WaitStrategy::Park);
        let into = &mut Vec::new();
        assert_eq!(buffer.pop(), Ok(0));
        assert_eq!(buffer.try_pop_many(into, 2), Ok(2));
        assert_eq!(buffer.try_pop(), Ok(3));
        assert_eq!(buffer.pop_timeout(Duration::ZERO), Ok(4));
        assert_eq!(buffer.pop_many(into, 2), Ok(2));
        assert_eq!(buffer.iter().next(), Some(7));
        assert_eq!(buffer.try_iter().next(), Some(8));
        assert_eq!(buffer.drain(), [9]);
        assert_eq!(*into, [1, 2, 5, 6]);
    });
}

/// One producer and one consumer, with single items and batches on both sides.
#[test]
fn items_of_one_producer_arrive_in_its_order() {
    with_each_strategy(|strategy| {
        for capacity in [1, 2, 7] {
            let buffer = BoundedBuffer::with_wait_strategy(capacity, strategy);
            thread::scope(|threads| {
                threads.spawn(|| {
                    let mut next = 0..3000;
                    while let Some(item) = next.next() {
                        buffer.push(item).unwrap();
                        buffer.push_many(&mut next.by_ref().take(item % 5).collect()).unwrap();
                    }
                    buffer.close();
                });
                let mut taken = Vec::new();
                while let Ok(item) = buffer.pop() {
                    taken.push(item);
                    // If the buffer is empty or closed, the next pop reports it.
                    _ = buffer.try_pop_many(&mut taken, 1 + item % 4);
                }
                assert!(taken.into_iter().eq(0..3000));
            });
        }
    });
}

/// A batch that fits is pushed in one critical section, so no other producer's item comes between.
#[test]
fn a_batch_that_fits_stays_together() {
    watched(|| {
        for _ in 0..50 {
            let buffer = &BoundedBuffer::new(64);
            thread::scope(|threads| {
                for producer in 0..4 {
                    threads.spawn(move || {
                        let mut batch: VecDeque<_> = (0..16).map(|i| (producer, i)).collect();
                        buffer.push_many(&mut batch).unwrap();
                    });
                }
            });
            for batch in buffer.drain().chunks(16) {
                let producer = batch[0].0;
                assert!(batch.iter().copied().eq((0..16).map(|i| (producer, i))));
            }
        }
    });
}

/// Once the buffer is full, items of other producers may come between those of a batch.
#[test]
fn a_batch_interrupted_by_a_full_buffer_keeps_its_order() {
    with_each_strategy(|strategy| {
        let buffer = &BoundedBuffer::with_wait_strategy(3, strategy);
        let taken = thread::scope(|threads| {
            for producer in 0..3_usize {
                threads.spawn(move || buffer.push_many(&mut (0..200).map(|i| (producer, i)).collect()).unwrap());
            }
            buffer.iter().take(600).collect::<Vec<_>>()
        });
        for producer in 0..3 {
            assert!(taken.iter().filter(|item| item.0 == producer).map(|item| item.1).eq(0..200));
        }
    });
}

/// A consumer may miss evicted items, but it does not receive an older item after a newer one.
#[test]
fn force_push_keeps_the_order_of_the_remaining_items() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(3, strategy);
        thread::scope(|threads| {
            let writer = threads.spawn(|| {
                let evicted: Vec<u32> = (0..5000).filter_map(|item| buffer.force_push(item).unwrap()).collect();
                buffer.close();
                evicted
            });
            let read: Vec<u32> = buffer.iter().collect();
            let evicted = writer.join().unwrap();
            assert!(read.is_sorted() && evicted.is_sorted());
            assert_eq!(read.last(), Some(&4999), "the latest item is not evicted");
            let mut all = [read, evicted].concat();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..5000), "each item is popped or evicted, once");
        });
    });
}
