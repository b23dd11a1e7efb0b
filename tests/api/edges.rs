//! Extreme capacities and item sizes, batches of no item, and forced pushes past a waiter.

use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{
    BoundedBuffer, CapacityError, WaitStrategy, bounded, bounded_with, try_bounded, try_bounded_with,
};

use test_support::{full, until_producers_wait, watched, with_each_strategy};

/// Capacities that no buffer can have; with 32 bits, the last three are the same. An allocation of 2⁴⁰ slots fails, but would
/// abort the process if it were not tried.
const IMPOSSIBLE: [(usize, CapacityError); 4] = [
    (0, CapacityError::Zero),
    ((u32::MAX as usize).saturating_add(1), CapacityError::TooLarge),
    ((u32::MAX as usize).saturating_mul(256), CapacityError::TooLarge),
    (usize::MAX, CapacityError::TooLarge),
];

#[test]
fn each_constructor_accepts_possible_capacities_only() {
    type Construct = fn(usize) -> usize;
    type TryConstruct = fn(usize) -> Result<usize, CapacityError>;
    const PARK: WaitStrategy = WaitStrategy::Park;
    let constructors: [(Construct, TryConstruct); 4] = [
        (|n| BoundedBuffer::<u8>::new(n).capacity(), |n| Ok(BoundedBuffer::<u8>::try_new(n)?.capacity())),
        (
            |n| BoundedBuffer::<u8>::with_wait_strategy(n, PARK).capacity(),
            |n| Ok(BoundedBuffer::<u8>::try_with_wait_strategy(n, PARK)?.capacity()),
        ),
        (|n| bounded::<u8>(n).0.capacity(), |n| Ok(try_bounded::<u8>(n)?.1.capacity())),
        (|n| bounded_with::<u8>(n, PARK).0.capacity(), |n| Ok(try_bounded_with::<u8>(n, PARK)?.1.capacity())),
    ];
    watched(|| {
        for (construct, try_construct) in constructors {
            for capacity in [1, 63, 65, 1000] {
                assert_eq!((construct(capacity), try_construct(capacity)), (capacity, Ok(capacity)));
            }
            for (capacity, error) in IMPOSSIBLE {
                let panic = catch_unwind(|| construct(capacity)).expect_err("an impossible capacity panics");
                assert_eq!(panic.downcast_ref::<String>(), Some(&error.to_string()), "{capacity}");
                assert_eq!(try_construct(capacity), Err(error), "{capacity}");
            }
        }
        // The number of slots is possible, but not their size.
        assert_eq!(BoundedBuffer::<[u8; usize::MAX >> 24]>::try_new(1 << 24).err(), Some(CapacityError::TooLarge));
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
