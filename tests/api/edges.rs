//! Extreme capacities, item sizes and numbers of threads.

use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::thread;
use std::time::Duration;

use bounded_buffer::{
    BoundedBuffer, CapacityError, PopTimeoutError, TryPushError, WaitStrategy, bounded, bounded_with, try_bounded,
    try_bounded_with,
};

use test_support::{full, until, until_consumers_wait, until_producers_wait, watched, with_each_strategy};

/// Capacities that no buffer can have; with 32 bits, the last three are the same. An allocation of 2⁴⁰ slots fails, but would
/// abort the process if it were not tried.
const IMPOSSIBLE: [(usize, CapacityError); 4] = [
    (0, CapacityError::Zero),
    ((u32::MAX as usize).saturating_add(1), CapacityError::TooLarge),
    ((u32::MAX as usize).saturating_mul(256), CapacityError::TooLarge),
    (usize::MAX, CapacityError::TooLarge),
];

#[test]
fn an_impossible_capacity_panics_with_a_message() {
    watched(|| {
        let constructors: [fn(usize); 4] = [
            |capacity| drop(BoundedBuffer::<u8>::new(capacity)),
            |capacity| drop(BoundedBuffer::<u8>::with_wait_strategy(capacity, WaitStrategy::Park)),
            |capacity| drop(bounded::<u8>(capacity)),
            |capacity| drop(bounded_with::<u8>(capacity, WaitStrategy::Park)),
        ];
        for construct in constructors {
            for (capacity, error) in IMPOSSIBLE {
                let panic = catch_unwind(|| construct(capacity)).expect_err("an impossible capacity panics");
                assert_eq!(panic.downcast_ref::<String>(), Some(&error.to_string()), "{capacity}");
            }
        }
    });
}

#[test]
fn an_impossible_capacity_is_an_error_of_the_fallible_constructors() {
    watched(|| {
        for (capacity, error) in IMPOSSIBLE {
            assert_eq!(BoundedBuffer::<u8>::try_new(capacity).err(), Some(error), "{capacity}");
            assert_eq!(BoundedBuffer::<u8>::try_with_wait_strategy(capacity, WaitStrategy::Park).err(), Some(error));
            assert_eq!(try_bounded::<u8>(capacity).err(), Some(error), "{capacity}");
            assert_eq!(try_bounded_with::<u8>(capacity, WaitStrategy::Park).err(), Some(error), "{capacity}");
        }
        // The number of slots is possible, but not their size.
        assert_eq!(BoundedBuffer::<[u8; usize::MAX >> 24]>::try_new(1 << 24).err(), Some(CapacityError::TooLarge));
    });
}

#[test]
fn the_fallible_constructors_create_a_usable_buffer() {
    watched(|| {
        let buffer = BoundedBuffer::try_new(3).unwrap();
        buffer.push(1).unwrap();
        assert_eq!((buffer.capacity(), buffer.pop()), (3, Ok(1)));
        let (producer, consumer) = try_bounded(3).unwrap();
        producer.push(1).unwrap();
        assert_eq!((producer.buffer().capacity(), consumer.pop()), (3, Ok(1)));
        let (producer, consumer) = try_bounded_with(3, WaitStrategy::Park).unwrap();
        producer.push(1).unwrap();
        assert_eq!((producer.buffer().capacity(), consumer.pop()), (3, Ok(1)));
    });
}

#[test]
fn the_capacity_is_exact() {
    watched(|| {
        for capacity in [1, 2, 3, 5, 7, 63, 65, 1000] {
            let buffer = full(capacity, WaitStrategy::Park);
            assert_eq!((buffer.capacity(), buffer.len(), buffer.remaining()), (capacity, capacity, 0));
            assert_eq!(buffer.try_push(0), Err(TryPushError::Full(0)));
        }
    });
}

#[test]
fn zero_sized_items_are_counted() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(3, strategy);
        thread::scope(|threads| {
            threads.spawn(|| {
                (0..500).for_each(|_| buffer.push(()).unwrap());
                buffer.push_many(&mut VecDeque::from([(); 500])).unwrap();
                buffer.close();
            });
            let mut taken = Vec::new();
            while buffer.pop_many(&mut taken, usize::MAX).is_ok() {}
            assert_eq!(taken.len(), 1000);
        });
        assert_eq!(buffer.stats().popped, 1000);
        assert!(buffer.stats().high_water <= 3);
    });
}

#[test]
fn large_items_arrive_intact() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(2, strategy);
        thread::scope(|threads| {
            threads.spawn(|| {
                (0..=255_u8).for_each(|byte| buffer.push([byte; 4096]).unwrap());
                buffer.close();
            });
            for (byte, item) in (0..=255).zip(&buffer) {
                assert!(item.iter().all(|&other| other == byte));
            }
        });
    });
}

#[test]
fn pops_from_an_empty_buffer_leave_it_usable() {
    watched(|| {
        let buffer = BoundedBuffer::new(2);
        assert!(buffer.drain().is_empty());
        assert_eq!(buffer.try_iter().count(), 0);
        assert_eq!(buffer.pop_timeout(Duration::ZERO), Err(PopTimeoutError::Timeout));
        buffer.push(1).unwrap();
        assert_eq!(buffer.drain(), [1]);
    });
}

/// `try_iter` returns `None` while the buffer is empty, and items again later.
#[test]
fn try_iter_is_not_fused() {
    watched(|| {
        let buffer = full(2, WaitStrategy::Park);
        let mut items = buffer.try_iter();
        assert_eq!((items.next(), items.next(), items.next()), (Some(0), Some(1), None));
        buffer.push(2).unwrap();
        assert_eq!(items.next(), Some(2));
        buffer.close();
        assert_eq!((items.next(), items.next()), (None, None));
    });
}

#[test]
fn pushes_and_pops_alternate_with_one_slot() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(1, strategy);
        thread::scope(|threads| {
            threads.spawn(|| (0..2000).for_each(|item| buffer.push(item).unwrap()));
            for item in 0..2000 {
                assert_eq!(buffer.pop(), Ok(item));
            }
        });
        assert_eq!(buffer.stats().high_water, 1);
    });
}

/// Two threads pass one item back and forth through two buffers: each handoff needs a wake-up.
#[test]
fn ping_pong_between_two_buffers_does_not_stall() {
    with_each_strategy(|strategy| {
        let forth = BoundedBuffer::with_wait_strategy(1, strategy);
        let back = BoundedBuffer::with_wait_strategy(1, strategy);
        thread::scope(|threads| {
            threads.spawn(|| forth.iter().for_each(|item: u32| back.push(item + 1).unwrap()));
            let mut item = 0;
            for _ in 0..2000 {
                forth.push(item).unwrap();
                item = back.pop().unwrap();
            }
            assert_eq!(item, 2000);
            forth.close();
        });
    });
}

#[test]
fn many_waiters_of_either_side_all_return() {
    with_each_strategy(|strategy| {
        let buffer = &BoundedBuffer::with_wait_strategy(2, strategy);
        thread::scope(|threads| {
            for _ in 0..16 {
                threads.spawn(move || buffer.pop().unwrap());
            }
            until_consumers_wait(buffer, 16);
            for item in 0..16 {
                threads.spawn(move || buffer.push(item).unwrap());
            }
            until(|| buffer.stats().popped == 16);
            for item in 0..18 {
                threads.spawn(move || buffer.push(item).unwrap());
            }
            until_producers_wait(buffer, 16);
            for _ in 0..16 {
                threads.spawn(move || buffer.pop().unwrap());
            }
        });
        assert_eq!(buffer.stats().popped, 32);
        assert_eq!(buffer.len(), 2);
    });
}

/// A forced push takes the slot for which a waiting producer was woken. The producer waits again and pushes later.
#[test]
fn force_push_past_a_waiting_producer_loses_no_item() {
    with_each_strategy(|strategy| {
        for _ in 0..50 {
            let buffer = full(1, strategy);
            thread::scope(|threads| {
                let push = threads.spawn(|| buffer.push(100));
                until_producers_wait(&buffer, 1);
                assert_eq!(buffer.force_push(1), Ok(Some(0)));
                assert_eq!(buffer.pop(), Ok(1));
                let evicted = buffer.force_push(2).unwrap();
                let first = buffer.pop().unwrap();
                push.join().unwrap().unwrap();
                match evicted {
                    Some(item) => assert_eq!((item, first), (100, 2), "the waiter pushed before the forced push"),
                    None => assert!(first == 2 && buffer.pop() == Ok(100), "the waiter pushed after the forced push"),
                }
            });
        }
    });
}

#[test]
fn time_outs_of_many_waiters_leave_no_trace() {
    with_each_strategy(|strategy| {
        let buffer = &BoundedBuffer::<u8>::with_wait_strategy(1, strategy);
        thread::scope(|threads| {
            for i in 0..16 {
                threads.spawn(move || {
                    for j in 0..20 {
                        assert!(buffer.pop_timeout(Duration::from_micros(i * j)).is_err());
                    }
                });
            }
        });
        let stats = buffer.stats();
        assert_eq!((stats.waiting_consumers, stats.notifications, stats.pushed), (0, 0, 0));
        buffer.push(1).unwrap();
        assert_eq!(buffer.pop(), Ok(1));
    });
}
