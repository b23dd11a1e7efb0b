//! Close: no item is accepted after it, accepted items are not lost, and all waiting threads wake up.

use std::collections::VecDeque;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{
    BoundedBuffer, PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError, WaitStrategy,
};

use test_support::{full, until, until_consumers_wait, until_producers_wait, watched, with_each_strategy};

const NOW: Duration = Duration::ZERO;

#[test]
fn no_operation_accepts_an_item_after_close() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        buffer.close();
        let mut items = VecDeque::from([5, 6]);
        assert_eq!(buffer.push(0), Err(PushError(0)));
        assert_eq!(buffer.try_push(1), Err(TryPushError::Closed(1)));
        assert_eq!(buffer.push_timeout(2, Duration::MAX), Err(PushTimeoutError::Closed(2)));
        assert_eq!(buffer.push_deadline(3, Instant::now()), Err(PushTimeoutError::Closed(3)));
        assert_eq!(buffer.force_push(4), Err(PushError(4)));
        assert_eq!(buffer.push_many(&mut items), Err(PushError(())));
        assert_eq!(buffer.try_push_many(&mut items), Err(TryPushError::Closed(())));
        assert_eq!(items, [5, 6], "the unsent items stay");
        assert!(buffer.is_empty());
        assert_eq!(buffer.stats().pushed, 0);
    });
}

#[test]
fn each_kind_of_pop_fails_once_the_buffer_is_closed_and_drained() {
    watched(|| {
        let buffer = BoundedBuffer::<u8>::new(4);
        buffer.close();
        let into = &mut Vec::new();
        assert_eq!(buffer.pop(), Err(PopError));
        assert_eq!(buffer.try_pop(), Err(TryPopError::Closed));
        assert_eq!(buffer.pop_timeout(Duration::MAX), Err(PopTimeoutError::Closed));
        assert_eq!(buffer.pop_deadline(Instant::now()), Err(PopTimeoutError::Closed));
        assert_eq!(buffer.pop_many(into, 9), Err(PopError));
        assert_eq!(buffer.try_pop_many(into, 9), Err(TryPopError::Closed));
        assert_eq!(buffer.pop_many_timeout(into, 9, Duration::MAX), Err(PopTimeoutError::Closed));
        assert_eq!(buffer.pop_many_deadline(into, 9, Instant::now()), Err(PopTimeoutError::Closed));
        assert_eq!(buffer.pop_batch(into, 9, Duration::MAX), Err(PopError));
        assert_eq!(buffer.iter().next(), None);
        assert_eq!(buffer.try_iter().next(), None);
        assert!(buffer.drain().is_empty() && buffer.close_and_drain().is_empty());
        assert!(into.is_empty());
    });
}

#[test]
fn each_kind_of_pop_returns_accepted_items_before_closed() {
    watched(|| {
        let buffer = full(11, WaitStrategy::Park);
        buffer.close();
        let into = &mut Vec::new();
        assert_eq!(buffer.pop(), Ok(0));
        assert_eq!(buffer.try_pop(), Ok(1));
        assert_eq!(buffer.pop_timeout(NOW), Ok(2));
        assert_eq!(buffer.pop_deadline(Instant::now()), Ok(3));
        assert_eq!(buffer.pop_many(into, 1), Ok(1));
        assert_eq!(buffer.try_pop_many(into, 1), Ok(1));
        assert_eq!(buffer.pop_many_timeout(into, 1, NOW), Ok(1));
        assert_eq!(buffer.pop_many_deadline(into, 1, Instant::now()), Ok(1));
        assert_eq!(*into, [4, 5, 6, 7]);
        assert_eq!(buffer.iter().next(), Some(8));
        assert_eq!(buffer.try_iter().next(), Some(9));
        assert_eq!(buffer.pop_batch(into, 2, Duration::MAX), Ok(1), "close ends the linger");
        assert_eq!(into.last(), Some(&10));
        assert_eq!(buffer.try_pop(), Err(TryPopError::Closed));
    });
}

#[test]
fn closed_beats_full() {
    watched(|| {
        let buffer = full(1, WaitStrategy::Park);
        buffer.close();
        assert_eq!(buffer.try_push(1), Err(TryPushError::Closed(1)));
        assert_eq!(buffer.try_push_many(&mut VecDeque::from([1])), Err(TryPushError::Closed(())));
        assert_eq!(buffer.push_timeout(1, NOW), Err(PushTimeoutError::Closed(1)));
        assert_eq!(buffer.force_push(1), Err(PushError(1)), "and no item is evicted");
        assert_eq!(buffer.drain(), [0]);
    });
}

#[test]
fn close_wakes_all_waiting_consumers() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::<u8>::with_wait_strategy(1, strategy);
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| assert_eq!(buffer.pop(), Err(PopError)));
                threads.spawn(|| assert_eq!(buffer.pop_timeout(Duration::MAX), Err(PopTimeoutError::Closed)));
                threads.spawn(|| assert_eq!(buffer.pop_many(&mut Vec::new(), 3), Err(PopError)));
                threads.spawn(|| assert_eq!(buffer.pop_batch(&mut Vec::new(), 3, NOW), Err(PopError)));
                threads.spawn(|| assert_eq!(buffer.iter().next(), None));
            }
            until_consumers_wait(&buffer, 10);
            buffer.close();
        });
        assert_eq!(buffer.stats().waiting_consumers, 0);
    });
}

#[test]
fn close_wakes_all_waiting_producers() {
    with_each_strategy(|strategy| {
        let buffer = full(1, strategy);
        thread::scope(|threads| {
            let buffer = &buffer;
            for item in 0..3 {
                threads.spawn(move || assert_eq!(buffer.push(item), Err(PushError(item))));
                threads.spawn(move || {
                    assert_eq!(buffer.push_timeout(item, Duration::MAX), Err(PushTimeoutError::Closed(item)));
                });
                threads.spawn(move || assert_eq!(buffer.push_many(&mut VecDeque::from([item])), Err(PushError(()))));
            }
            until_producers_wait(buffer, 9);
            buffer.close();
        });
        assert_eq!(buffer.stats().waiting_producers, 0);
        assert_eq!(buffer.drain(), [0]);
    });
}

#[test]
fn a_waiting_push_fails_at_close_even_if_a_slot_becomes_free() {
    with_each_strategy(|strategy| {
        for _ in 0..100 {
            let buffer = full(1, strategy);
            thread::scope(|threads| {
                let push = threads.spawn(|| buffer.push(1));
                until_producers_wait(&buffer, 1);
                buffer.close();
                assert_eq!(buffer.try_pop(), Ok(0)); // usually before the producer has returned from its wait
                assert_eq!(push.join().unwrap(), Err(PushError(1)));
            });
            assert_eq!(buffer.try_pop(), Err(TryPopError::Closed));
        }
    });
}

#[test]
fn push_many_interrupted_by_close_keeps_the_unsent_items_in_order() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(3, strategy);
        thread::scope(|threads| {
            let push = threads.spawn(|| {
                let mut items: VecDeque<i32> = (0..10).collect();
                (buffer.push_many(&mut items), items)
            });
            until_producers_wait(&buffer, 1);
            assert_eq!(buffer.pop(), Ok(0));
            until(|| buffer.is_full());
            until_producers_wait(&buffer, 1);
            buffer.close();
            let (result, unsent) = push.join().unwrap();
            assert_eq!(result, Err(PushError(())));
            assert_eq!(unsent, (4..10).collect::<VecDeque<_>>());
        });
        assert_eq!(buffer.iter().collect::<Vec<_>>(), [1, 2, 3], "accepted items are delivered");
    });
}

#[test]
fn close_returns_true_to_one_of_many_concurrent_callers() {
    watched(|| {
        for _ in 0..50 {
            let buffer = BoundedBuffer::<u8>::new(1);
            let firsts = thread::scope(|threads| {
                let closers: Vec<_> = (0..4).map(|_| threads.spawn(|| buffer.close())).collect();
                closers.into_iter().map(|closer| usize::from(closer.join().unwrap())).sum::<usize>()
            });
            assert_eq!(firsts, 1);
        }
    });
}

#[test]
fn close_after_close_and_drain_returns_false() {
    watched(|| {
        let buffer = full(2, WaitStrategy::Park);
        assert_eq!(buffer.close_and_drain(), [0, 1]);
        assert!(!buffer.close());
    });
}

/// No push succeeds between the close and the drain, and the buffer is empty after both.
#[test]
fn close_and_drain_is_one_step() {
    with_each_strategy(|strategy| {
        for _ in 0..200 {
            let buffer = BoundedBuffer::with_wait_strategy(4, strategy);
            thread::scope(|threads| {
                let pushers: Vec<_> = (0..2)
                    .map(|_| threads.spawn(|| (0..1000).take_while(|&item| buffer.push(item).is_ok()).count()))
                    .collect();
                let popper = threads.spawn(|| buffer.iter().count());
                until(|| buffer.stats().popped > 10);
                let drained = buffer.close_and_drain().len();
                assert_eq!(buffer.try_pop(), Err(TryPopError::Closed));
                assert_eq!(buffer.len(), 0);
                let pushed: usize = pushers.into_iter().map(|pusher| pusher.join().unwrap()).sum();
                assert_eq!(pushed, popper.join().unwrap() + drained);
            });
        }
    });
}

/// `try_pop` tests for items and for the close flag in one critical section. In two, it could miss the last item.
#[test]
fn try_pop_returns_the_last_item_before_closed() {
    with_each_strategy(|strategy| {
        for _ in 0..500 {
            let buffer = BoundedBuffer::with_wait_strategy(2, strategy);
            thread::scope(|threads| {
                threads.spawn(|| {
                    buffer.push(1).unwrap();
                    buffer.close();
                });
                let item = loop {
                    match buffer.try_pop() {
                        Err(TryPopError::Empty) => thread::yield_now(),
                        result => break result,
                    }
                };
                assert_eq!(item, Ok(1));
            });
        }
    });
}
