//! Batches with a deadline, and batches from any iterator: what was not accepted is returned.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, PopTimeoutError, PushError, PushTimeoutError, WaitStrategy, bounded};

use test_support::{Ledger, full, until, until_consumers_wait, until_producers_wait, watched, with_each_strategy};

const NOW: Duration = Duration::ZERO;
const MOMENT: Duration = Duration::from_millis(20);

#[test]
fn a_timed_batch_that_fits_is_pushed_with_a_zero_time_out() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(4, strategy);
        assert_eq!(buffer.push_many_timeout(&mut VecDeque::from([0, 1]), NOW), Ok(2));
        assert_eq!(buffer.push_many_deadline(&mut VecDeque::from([2, 3]), Instant::now()), Ok(2));
        let nothing = &mut VecDeque::new();
        assert_eq!(buffer.push_many_timeout(nothing, NOW), Ok(0), "although the buffer is full");
        assert_eq!(buffer.push_many_deadline(nothing, Instant::now()), Ok(0));
        assert_eq!(buffer.drain(), [0, 1, 2, 3]);
    });
}

#[test]
fn the_items_that_a_timed_batch_could_not_push_stay_in_the_deque() {
    with_each_strategy(|strategy| {
        for timeout in [NOW, MOMENT] {
            let buffer = BoundedBuffer::with_wait_strategy(2, strategy);
            let mut items = VecDeque::from([0, 1, 2]);
            assert_eq!(buffer.push_many_timeout(&mut items, timeout), Err(PushTimeoutError::Timeout(())));
            assert_eq!(items, [2], "two were accepted");
            let deadline = Instant::now() + timeout;
            assert_eq!(buffer.push_many_deadline(&mut items, deadline), Err(PushTimeoutError::Timeout(())));
            assert_eq!(items, [2]);
            assert_eq!(buffer.drain(), [0, 1]);
        }
    });
}

#[test]
fn a_timed_batch_waits_for_slots_until_all_items_are_pushed() {
    with_each_strategy(|strategy| {
        let buffer = full(2, strategy);
        thread::scope(|threads| {
            let push = threads.spawn(|| {
                let mut items = VecDeque::from([2, 3, 4]);
                (buffer.push_many_timeout(&mut items, Duration::MAX), items.len())
            });
            for item in 0..3 {
                until_producers_wait(&buffer, 1);
                assert_eq!(buffer.pop(), Ok(item));
            }
            assert_eq!(push.join().unwrap(), (Ok(3), 0));
        });
        assert_eq!(buffer.drain(), [3, 4]);
    });
}

/// If each wait had a time-out of its own, each popped item would extend the call, and it would push all items.
#[test]
fn the_waits_of_a_timed_batch_share_one_deadline() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        let begin = Instant::now();
        thread::scope(|threads| {
            let push = threads.spawn(|| {
                let mut items: VecDeque<_> = (1..1000).collect();
                let result = buffer.push_many_timeout(&mut items, 5 * MOMENT);
                buffer.close();
                (result, items.len())
            });
            // Pops more often than a time-out passes, and ends with the close.
            while buffer.pop().is_ok() {
                thread::sleep(MOMENT / 4);
            }
            let (result, unsent) = push.join().unwrap();
            assert_eq!(result, Err(PushTimeoutError::Timeout(())));
            assert!(unsent > 0);
        });
        assert!(begin.elapsed() >= 5 * MOMENT);
    });
}

#[test]
fn a_close_ends_a_timed_batch_and_leaves_the_rest_in_the_deque() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        thread::scope(|threads| {
            let push = threads.spawn(|| {
                let mut items = VecDeque::from([1, 2, 3]);
                (buffer.push_many_timeout(&mut items, Duration::MAX), items)
            });
            until_producers_wait(&buffer, 1);
            assert_eq!(buffer.pop(), Ok(0));
            until(|| buffer.is_full()); // the push was woken and has pushed the next item
            until_producers_wait(&buffer, 1);
            buffer.close();
            assert_eq!(push.join().unwrap(), (Err(PushTimeoutError::Closed(())), VecDeque::from([2, 3])));
        });
        let mut items = VecDeque::from([4]);
        assert_eq!(buffer.push_many_deadline(&mut items, Instant::now()), Err(PushTimeoutError::Closed(())));
        assert_eq!(items, [4]);
    });
}

#[test]
fn a_timed_linger_times_out_without_a_first_item() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(2, strategy);
        let into = &mut Vec::new();
        for timeout in [NOW, MOMENT] {
            let result = buffer.pop_batch_timeout(into, 2, Duration::MAX, timeout);
            assert_eq!(result, Err(PopTimeoutError::Timeout));
        }
        buffer.push(1).unwrap();
        buffer.close();
        assert_eq!(buffer.pop_batch_timeout(into, 2, Duration::MAX, NOW), Ok(1), "a close ends the batch");
        assert_eq!(buffer.pop_batch_timeout(into, 2, Duration::MAX, MOMENT), Err(PopTimeoutError::Closed));
        assert_eq!(*into, [1]);
    });
}

/// The time-out is for the first item, so a zero time-out does not end the linger.
#[test]
fn a_timed_linger_waits_for_more_items_after_the_first() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(2, strategy);
        buffer.push(0).unwrap();
        thread::scope(|threads| {
            let pop = threads.spawn(|| {
                let mut into = Vec::new();
                let result = buffer.pop_batch_timeout(&mut into, 3, Duration::MAX, NOW);
                (result, into)
            });
            until_consumers_wait(&buffer, 1);
            buffer.push(1).unwrap();
            until_consumers_wait(&buffer, 1);
            buffer.push(2).unwrap();
            assert_eq!(pop.join().unwrap(), (Ok(3), vec![0, 1, 2]));
        });
    });
}

#[test]
fn a_timed_linger_ends_without_further_items() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        let into = &mut Vec::new();
        assert_eq!(buffer.pop_batch_timeout(into, 3, MOMENT, Duration::MAX), Ok(1));
        assert_eq!(*into, [0]);
    });
}

#[test]
fn all_items_of_any_iterator_are_pushed_in_order() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(2, strategy);
        thread::scope(|threads| {
            threads.spawn(|| {
                assert_eq!(buffer.push_all(vec![0, 1, 2]), Ok(3));
                assert_eq!(buffer.push_all([3, 4]), Ok(2));
                assert_eq!(buffer.push_all((5..9).filter(|item| item % 2 == 1)), Ok(2));
                assert_eq!(buffer.push_all(None), Ok(0));
                buffer.close();
            });
            assert_eq!(buffer.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 7]);
        });
    });
}

#[test]
fn a_close_returns_the_items_that_were_not_accepted() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        thread::scope(|threads| {
            let push = threads.spawn(|| buffer.push_all(1..4));
            until_producers_wait(&buffer, 1);
            assert_eq!(buffer.pop(), Ok(0));
            until(|| buffer.is_full()); // the push was woken and has pushed the next item
            until_producers_wait(&buffer, 1);
            buffer.close();
            assert_eq!(push.join().unwrap(), Err(PushError(VecDeque::from([2, 3]))));
        });
        assert_eq!(buffer.drain(), [1]);
    });
}

/// The iterator runs before the lock is taken: it may use the buffer, and if it panics, nothing was pushed.
#[test]
fn the_iterator_of_a_batch_may_use_the_buffer_and_panic() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        assert_eq!(buffer.push_all((0..2).inspect(|_| assert!(buffer.is_empty()))), Ok(2));
        let panics = || buffer.push_all([2, 3].into_iter().inspect(|&item| assert_ne!(item, 3)));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert_eq!(buffer.drain(), [0, 1]);
    });
}

/// A producer that gives up can take back what no consumer has popped.
#[test]
fn a_producer_closes_and_drains_in_one_step() {
    watched(|| {
        let ledger = Ledger::default();
        let (producer, consumer) = bounded(4);
        producer.push_all((0..3).map(|id| ledger.item(id))).unwrap();
        let ids: Vec<_> = producer.close_and_drain().into_iter().map(|item| item.id).collect();
        assert_eq!(ids, [0, 1, 2]);
        assert!(consumer.pop().is_err());
        assert_eq!(ledger.live(), 0);
    });
}

#[test]
fn the_handles_have_the_timed_batches() {
    watched(|| {
        let (producer, consumer) = bounded(2);
        assert_eq!(producer.push_many_timeout(&mut VecDeque::from([0]), NOW), Ok(1));
        assert_eq!(producer.push_many_deadline(&mut VecDeque::from([1]), Instant::now()), Ok(1));
        let into = &mut Vec::new();
        assert_eq!(consumer.pop_batch_timeout(into, 2, NOW, NOW), Ok(2));
        assert_eq!(*into, [0, 1]);
    });
}

/// Both time-outs of a lingering pop and the deadline of a batch are those of the other operations.
#[test]
fn the_longest_time_out_does_not_panic() {
    watched(|| {
        let buffer = full(2, WaitStrategy::Park);
        let into = &mut Vec::new();
        assert_eq!(buffer.pop_batch_timeout(into, 2, Duration::MAX, Duration::MAX), Ok(2));
        assert_eq!(buffer.push_many_timeout(&mut VecDeque::from([0]), Duration::MAX), Ok(1));
    });
}
