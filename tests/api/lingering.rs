//! Batches that linger: when they end and are notified, and other consumers next to them. That later items do not move their
//! deadline is tested in `timeout.rs`.

use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, WaitStrategy};

use crate::tasks::{Task, waiting};
use test_support::{full, until, until_consumers_wait, watched, with_each_strategy};

const MOMENT: Duration = Duration::from_millis(20);

/// Takes a batch that ends with `max` items or a close, and returns their number.
fn pop_batch(buffer: &BoundedBuffer<usize>, max: usize) -> usize {
    buffer.pop_batch(&mut Vec::with_capacity(max), max, Duration::MAX).unwrap()
}

/// Waits until a consumer has taken so many items in all, and waits.
fn until_one_lingers(buffer: &BoundedBuffer<usize>, popped: u64) {
    until(|| buffer.stats().popped == popped);
    until_consumers_wait(buffer, 1);
}

/// The number of items that ends a linger is that of the present ones: an earlier linger for one item must not count.
#[test]
fn a_lingering_consumer_is_notified_of_its_last_item_only() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(8, strategy);
        thread::scope(|threads| {
            let batches = threads.spawn(|| [2, 4].map(|max| pop_batch(&buffer, max)));
            until_consumers_wait(&buffer, 1);
            buffer.push(0).unwrap();
            until_one_lingers(&buffer, 1);
            buffer.push(1).unwrap();
            until_one_lingers(&buffer, 2);
            buffer.push(2).unwrap();
            until_one_lingers(&buffer, 3);
            let before = buffer.stats();
            assert_eq!((before.notifications, before.pop_waits), (3, 3));
            buffer.push(3).unwrap();
            buffer.push(4).unwrap();
            let stats = buffer.stats();
            assert_eq!((stats.notifications, stats.popped, stats.waiting_consumers), (3, 3, 1), "it needs one more");
            buffer.push(5).unwrap();
            assert_eq!(batches.join().unwrap(), [2, 4]);
        });
        let stats = buffer.stats();
        assert_eq!((stats.notifications, stats.pop_waits, stats.wasted_wakeups), (4, 4, 0));
    });
}

#[test]
fn a_linger_that_times_out_is_one_wait() {
    with_each_strategy(|strategy| {
        let buffer = full(3, strategy);
        let into = &mut Vec::with_capacity(9);
        assert_eq!(buffer.pop_batch(into, 2, MOMENT), Ok(2));
        assert_eq!((buffer.stats().pop_waits, buffer.stats().pop_wait_time), (0, Duration::ZERO), "it has not waited");
        assert_eq!(buffer.pop_batch(into, 3, MOMENT), Ok(1));
        let stats = buffer.stats();
        assert_eq!((stats.pop_waits, stats.notifications, stats.wasted_wakeups), (1, 0, 0));
        assert!(stats.pop_wait_time >= MOMENT, "{stats:?}");

        let closed = full(2, strategy);
        closed.close();
        assert_eq!(closed.pop_batch(into, 3, MOMENT), Ok(2));
        assert_eq!((closed.stats().pop_waits, closed.stats().pop_wait_time), (0, Duration::ZERO), "nor has this one");
    });
}

/// The second one still takes more items than the first, and must not raise the number.
#[test]
fn two_lingers_end_at_the_smaller_number_of_items() {
    with_each_strategy(|strategy| {
        let buffer = &BoundedBuffer::with_wait_strategy(4, strategy);
        thread::scope(|threads| {
            let first = threads.spawn(|| pop_batch(buffer, 3));
            until_consumers_wait(buffer, 1);
            buffer.push(0).unwrap();
            until_one_lingers(buffer, 1);
            buffer.push(1).unwrap(); // too few for the first
            let second = threads.spawn(|| pop_batch(buffer, 4));
            until(|| buffer.stats().popped == 2 && buffer.stats().waiting_consumers == 2);
            buffer.push(2).unwrap();
            assert_eq!((buffer.stats().notifications, buffer.stats().popped), (1, 2), "too few for each");
            buffer.push(3).unwrap();
            until(|| buffer.is_empty());
            buffer.close();
            assert_eq!(first.join().unwrap() + second.join().unwrap(), 4);
        });
    });
}

/// A consumer that lingers is woken, and another thread takes the item first.
#[test]
fn a_linger_that_is_woken_without_an_item_goes_on() {
    with_each_strategy(|strategy| {
        let wasted = (0..1000).any(|_| {
            let buffer = BoundedBuffer::with_wait_strategy(1, strategy);
            thread::scope(|threads| {
                let batch = threads.spawn(|| pop_batch(&buffer, 2));
                until_consumers_wait(&buffer, 1);
                buffer.push(0).unwrap();
                until_one_lingers(&buffer, 1);
                buffer.push(1).unwrap();
                let taken = buffer.try_pop().is_ok();
                if taken {
                    until(|| buffer.stats().wasted_wakeups == 1);
                    until_consumers_wait(&buffer, 1);
                    assert_eq!(buffer.stats().pop_waits, 2, "each turn of a linger is a wait");
                    buffer.push(2).unwrap();
                }
                assert_eq!(batch.join().unwrap(), 2);
                taken
            })
        });
        assert!(wasted, "no item was taken from the consumer in 1000 attempts");
    });
}

/// The thread that lingers is not the one whose turn it is.
#[test]
fn tasks_get_the_items_next_to_a_consumer_that_lingers() {
    watched(|| {
        let buffer = BoundedBuffer::with_wait_strategy(4, WaitStrategy::Park);
        thread::scope(|threads| {
            let batch = threads.spawn(|| pop_batch(&buffer, 9));
            until_consumers_wait(&buffer, 1);
            buffer.push(0).unwrap();
            until_one_lingers(&buffer, 1);
            let mut tasks = [(); 3].map(|()| waiting(buffer.pop_async()));
            for (task, item) in (0..3).zip(1..) {
                buffer.push(item).unwrap();
                let mut expected = [0; 3];
                expected[task] = 1;
                assert_eq!(tasks.each_ref().map(Task::wakes), expected);
            }
            assert!(tasks.iter_mut().all(|task| task.poll().is_ready()));
            assert_eq!((buffer.stats().popped, buffer.stats().waiting_consumers), (4, 1), "it still lingers");
            buffer.close();
            assert_eq!(batch.join().unwrap(), 1);
        });
    });
}

#[test]
fn the_linger_begins_with_the_first_item() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(4, strategy);
        thread::scope(|threads| {
            let batch = threads.spawn(|| {
                let mut items = Vec::new();
                let count = buffer.pop_batch(&mut items, 9, MOMENT).unwrap();
                (count, Instant::now())
            });
            until_consumers_wait(&buffer, 1);
            thread::sleep(MOMENT); // at least as long as the linger, without an item
            let first = Instant::now();
            buffer.push(0).unwrap();
            let (count, end) = batch.join().unwrap();
            assert_eq!(count, 1);
            assert!(end - first >= MOMENT);
        });
    });
}

/// The time-out is for the first item, so a zero time-out does not end the linger.
#[test]
fn a_lingering_pop_takes_more_items_than_the_capacity() {
    type Pop = fn(&BoundedBuffer<usize>, &mut Vec<usize>) -> Option<usize>;
    const POPS: [Pop; 2] = [
        |buffer, items| buffer.pop_batch(items, 4, Duration::MAX).ok(),
        |buffer, items| buffer.pop_batch_timeout(items, 4, Duration::MAX, Duration::ZERO).ok(),
    ];
    with_each_strategy(|strategy| {
        for pop in POPS {
            let buffer = full(1, strategy);
            thread::scope(|threads| {
                threads.spawn(|| (1..4).for_each(|item| buffer.push(item).unwrap()));
                let items = &mut Vec::new();
                assert_eq!(pop(&buffer, items), Some(4));
                assert_eq!(*items, [0, 1, 2, 3]);
            });
        }
    });
}
