//! Batches: many items under one lock, in order. A batch wakes as many threads as can act.

use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, PushError, TryPopError, TryPushError, WaitStrategy, bounded};

use test_support::{full, until, until_consumers_wait, until_producers_wait, watched, with_each_strategy};

/// Compares each position of the head, each length and each batch size with a `VecDeque`.
#[test]
fn batches_wrap_around_the_ring() {
    watched(|| {
        for capacity in 1..=5 {
            for head in 0..capacity {
                for len in 0..=capacity {
                    for count in 1..=capacity + 2 {
                        let buffer = BoundedBuffer::new(capacity);
                        for _ in 0..head {
                            buffer.try_push(usize::MAX).unwrap();
                            buffer.try_pop().unwrap();
                        }
                        let mut model: VecDeque<_> = (0..len).collect();
                        let mut first = model.clone();
                        assert_eq!(buffer.try_push_many(&mut first), Ok(len));

                        let mut items: VecDeque<_> = (len..len + count).collect();
                        let fit = count.min(capacity - len);
                        let expected = if fit == 0 { Err(TryPushError::Full(())) } else { Ok(fit) };
                        assert_eq!(buffer.try_push_many(&mut items), expected);
                        assert_eq!(
                            items,
                            (len + fit..len + count).collect::<VecDeque<_>>(),
                            "the items that did not fit stay in the deque"
                        );
                        model.extend(len..len + fit);

                        let mut taken = vec![77];
                        let present = count.min(len + fit);
                        assert_eq!(buffer.try_pop_many(&mut taken, count), Ok(present));
                        assert_eq!(taken[0], 77, "a batch is appended");
                        assert!(taken[1..].iter().copied().eq(model.drain(..present)));
                        assert!(buffer.drain().into_iter().eq(model));
                    }
                }
            }
        }
    });
}

#[test]
fn an_empty_batch_returns_immediately() {
    watched(|| {
        let buffer = full(1, WaitStrategy::Park);
        let nothing = &mut VecDeque::new();
        assert_eq!(buffer.push_many(nothing), Ok(0), "although the buffer is full");
        assert_eq!(buffer.try_push_many(nothing), Ok(0));
        buffer.close();
        assert_eq!(buffer.push_many(nothing), Ok(0));
    });
}

/// A loop over such batches would run forever and take nothing.
#[test]
fn a_batch_of_at_most_no_item_panics() {
    watched(|| {
        let buffer = BoundedBuffer::<u8>::new(1);
        let panics = |pop: fn(&BoundedBuffer<u8>)| {
            assert!(catch_unwind(|| pop(&buffer)).is_err());
        };
        panics(|buffer| _ = buffer.pop_many(&mut Vec::new(), 0));
        panics(|buffer| _ = buffer.try_pop_many(&mut Vec::new(), 0));
        panics(|buffer| _ = buffer.pop_many_timeout(&mut Vec::new(), 0, Duration::MAX));
        panics(|buffer| _ = buffer.pop_many_deadline(&mut Vec::new(), 0, Instant::now()));
        panics(|buffer| _ = buffer.pop_batch(&mut Vec::new(), 0, Duration::MAX));
        panics(|buffer| _ = buffer.pop_batch_timeout(&mut Vec::new(), 0, Duration::MAX, Duration::MAX));
        panics(|buffer| drop(buffer.pop_many_async(&mut Vec::new(), 0)));
        panics(|buffer| drop(buffer.iter_many(0)));
        assert!(catch_unwind(|| drop(bounded::<u8>(1).1.into_iter_many(0))).is_err());
        assert_eq!(buffer.try_push(1), Ok(()), "the buffer is usable");
    });
}

#[test]
fn pop_many_takes_the_present_items_without_waiting_for_more() {
    watched(|| {
        let buffer = full(3, WaitStrategy::Park);
        let into = &mut Vec::new();
        assert_eq!(buffer.pop_many(into, 2), Ok(2));
        assert_eq!(buffer.pop_many(into, 2), Ok(1));
        assert_eq!(*into, [0, 1, 2]);
    });
}

#[test]
fn an_unbounded_max_allocates_no_more_than_the_capacity() {
    watched(|| {
        let buffer = full(3, WaitStrategy::Park);
        let mut into = Vec::new();
        assert_eq!(buffer.pop_many(&mut into, usize::MAX), Ok(3));
        assert!(into.capacity() < 100);
        assert_eq!(buffer.try_pop_many(&mut into, usize::MAX), Err(TryPopError::Empty));
        buffer.push(3).unwrap();
        assert_eq!(buffer.pop_batch(&mut into, usize::MAX, Duration::ZERO), Ok(1));
        assert_eq!(into, [0, 1, 2, 3]);
    });
}

#[test]
fn a_batch_larger_than_the_capacity_keeps_its_order() {
    with_each_strategy(|strategy| {
        for capacity in [1, 2, 5] {
            let buffer = BoundedBuffer::with_wait_strategy(capacity, strategy);
            thread::scope(|threads| {
                threads.spawn(|| {
                    let mut items: VecDeque<_> = (0..100).collect();
                    assert_eq!(buffer.push_many(&mut items), Ok(100));
                    assert!(items.is_empty());
                    buffer.close();
                });
                let mut taken = Vec::new();
                while buffer.pop_many(&mut taken, 3).is_ok() {}
                assert_eq!(taken, (0..100).collect::<Vec<_>>());
            });
        }
    });
}

#[test]
fn a_pushed_batch_wakes_as_many_consumers_as_it_has_items() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(4, strategy);
        thread::scope(|threads| {
            let consumers: Vec<_> = (0..4).map(|_| threads.spawn(|| buffer.pop().unwrap())).collect();
            until_consumers_wait(&buffer, 4);
            assert_eq!(buffer.try_push_many(&mut (0..4).collect()), Ok(4));
            let mut taken: Vec<i32> = consumers.into_iter().map(|consumer| consumer.join().unwrap()).collect();
            taken.sort_unstable();
            assert_eq!(taken, [0, 1, 2, 3]);
        });
    });
}

#[test]
fn a_popped_batch_wakes_as_many_producers_as_it_frees_slots() {
    let pops: [fn(&BoundedBuffer<usize>) -> usize; 4] = [
        |buffer| buffer.try_pop_many(&mut Vec::new(), 4).unwrap(),
        |buffer| buffer.pop_batch(&mut Vec::new(), 4, Duration::MAX).unwrap(),
        |buffer| buffer.drain().len(),
        |buffer| buffer.try_iter().take(4).count(),
    ];
    with_each_strategy(move |strategy| {
        for pop in pops {
            let buffer = &full(4, strategy);
            thread::scope(|threads| {
                for item in 4..8 {
                    threads.spawn(move || buffer.push(item).unwrap());
                }
                until_producers_wait(buffer, 4);
                assert_eq!(pop(buffer), 4);
            });
            let mut left = buffer.drain();
            left.sort_unstable();
            assert_eq!(left, [4, 5, 6, 7]);
        }
    });
}

#[test]
fn a_waiting_batch_uses_each_slot_that_becomes_free() {
    with_each_strategy(|strategy| {
        let buffer = full(3, strategy);
        thread::scope(|threads| {
            let push = threads.spawn(|| buffer.push_many(&mut (3..6).collect()));
            for item in 0..3 {
                until_producers_wait(&buffer, 1);
                assert_eq!(buffer.pop(), Ok(item));
                until(|| buffer.is_full());
            }
            assert_eq!(push.join().unwrap(), Ok(3));
        });
        assert_eq!(buffer.drain(), [3, 4, 5]);
    });
}

#[test]
fn a_refused_batch_stays_in_its_deque() {
    watched(|| {
        let buffer = full(2, WaitStrategy::Park);
        let mut items = VecDeque::from([7, 8]);
        assert_eq!(buffer.try_push_many(&mut items), Err(TryPushError::Full(())));
        buffer.close();
        assert_eq!(buffer.try_push_many(&mut items), Err(TryPushError::Closed(())));
        assert_eq!(buffer.push_many(&mut items), Err(PushError(())));
        assert_eq!(items, [7, 8]);
    });
}

#[test]
fn a_deque_that_wraps_around_is_pushed_in_its_order() {
    watched(|| {
        let mut items: VecDeque<_> = (0..8).collect();
        items.rotate_left(5);
        items.push_front(99);
        let expected: Vec<_> = items.iter().copied().collect();
        let buffer = BoundedBuffer::new(16);
        buffer.push_many(&mut items).unwrap();
        assert_eq!(buffer.drain(), expected);
    });
}
