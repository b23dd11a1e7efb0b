//! What allocates: a constructor allocates all slots, or refuses the capacity. After that only batches allocate, for the items that are present. That nothing
//! is allocated while the lock is held is tested where the state is, in `src/state.rs`.

use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::thread;
use std::time::Duration;

use allocation_counter::{AllocationInfo, measure};
use bounded_buffer::{
    BoundedBuffer, CapacityError, WaitStrategy, bounded, bounded_with, try_bounded, try_bounded_with,
};

use test_support::{until_consumers_wait, watched, with_each_strategy};

const MOMENT: Duration = Duration::from_millis(1);

/// The result of an operation, and the allocations of this thread meanwhile.
fn measured<R>(operation: impl FnOnce() -> R) -> (R, AllocationInfo) {
    let mut result = None;
    let info = measure(|| result = Some(operation()));
    (result.expect("the operation was run"), info)
}

fn allocations<R>(operation: impl FnOnce() -> R) -> u64 {
    measured(operation).1.count_total
}

/// What only a first wait allocates: parking_lot's data of this thread, and what std reads to count the cores.
fn wait_once() {
    for strategy in [WaitStrategy::Park, WaitStrategy::Adaptive] {
        _ = BoundedBuffer::<()>::with_wait_strategy(1, strategy).pop_timeout(MOMENT);
    }
}

fn filled(capacity: usize, items: u64) -> BoundedBuffer<u64> {
    let buffer = BoundedBuffer::new(capacity);
    buffer.push_many(&mut (0..items).collect()).unwrap();
    buffer
}

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
fn a_constructor_allocates_all_slots_in_one_piece() {
    watched(|| {
        drop(BoundedBuffer::<u8>::new(1)); // the first one of a process asks for the number of cores
        for capacity in [1, 1000] {
            let (buffer, info) = measured(|| BoundedBuffer::<[u64; 4]>::new(capacity));
            assert_eq!(info.count_total, 1);
            assert!(info.bytes_total >= (capacity * size_of::<[u64; 4]>()) as u64);
            drop(buffer);
        }
    });
}

#[test]
fn an_iterator_of_batches_allocates_once() {
    watched(|| {
        let buffer = filled(8, 8);
        let mut items = buffer.iter_many(2);
        assert_eq!(allocations(|| items.next()), 1);
        assert_eq!(allocations(|| items.by_ref().take(7).count()), 0);
    });
}

#[test]
fn operations_on_single_items_allocate_nothing() {
    with_each_strategy(|strategy| {
        wait_once();
        let buffer = BoundedBuffer::with_wait_strategy(2, strategy);
        let count = allocations(|| {
            buffer.push(0).unwrap();
            buffer.push_timeout(1, MOMENT).unwrap();
            buffer.push_timeout(2, MOMENT).unwrap_err();
            buffer.try_push(2).unwrap_err();
            buffer.force_push(2).unwrap();
            assert_eq!((buffer.pop(), buffer.pop_timeout(MOMENT)), (Ok(1), Ok(2)));
            buffer.pop_timeout(MOMENT).unwrap_err();
            buffer.try_pop().unwrap_err();
            buffer.try_push(3).unwrap();
            assert_eq!((buffer.try_iter().count(), buffer.len(), buffer.stats().pushed), (1, 0, 4));
            buffer.close();
            assert_eq!(buffer.iter().count(), 0);
        });
        assert_eq!(count, 0);
    });
}

#[test]
fn a_wait_that_another_thread_ends_allocates_nothing() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::with_wait_strategy(1, strategy);
        let count = thread::scope(|threads| {
            let consumer = threads.spawn(|| {
                wait_once();
                allocations(|| buffer.pop().unwrap())
            });
            until_consumers_wait(&buffer, 1);
            buffer.push(0).unwrap();
            consumer.join().unwrap()
        });
        assert_eq!(count, 0);
    });
}

#[test]
fn batches_allocate_once_and_for_the_present_items_only() {
    watched(|| {
        const PRESENT: u64 = 3;
        const AT_MOST: u64 = 4 * size_of::<u64>() as u64; // a vector that grows has room for four items
        type Take = fn(&BoundedBuffer<u64>) -> usize;
        let takes: [(&str, Take); 6] = [
            ("pop_many", |buffer| buffer.pop_many(&mut Vec::new(), usize::MAX).unwrap()),
            ("try_pop_many", |buffer| buffer.try_pop_many(&mut Vec::new(), usize::MAX).unwrap()),
            ("pop_batch", |buffer| buffer.pop_batch(&mut Vec::new(), usize::MAX, Duration::ZERO).unwrap()),
            ("iter_many", |buffer| buffer.iter_many(1000).take(3).count()),
            ("drain", |buffer| buffer.drain().len()),
            ("close_and_drain", |buffer| buffer.close_and_drain().len()),
        ];
        wait_once(); // `pop_batch` waits for a further item
        for (name, take) in takes {
            let buffer = filled(1000, PRESENT);
            let (count, info) = measured(|| take(&buffer));
            assert_eq!((count, info.count_total), (3, 1), "{name}");
            assert!(info.bytes_total <= AT_MOST, "{name}: {info:?}");
        }
    });
}

#[test]
fn batches_allocate_nothing_if_there_is_room_or_no_item() {
    watched(|| {
        let buffer = filled(1000, 0);
        let (mut to_push, mut popped): (VecDeque<u64>, _) = ((0..6).collect(), Vec::with_capacity(6));
        let count = allocations(|| {
            assert!(buffer.drain().is_empty());
            buffer.try_pop_many(&mut Vec::new(), usize::MAX).unwrap_err();
            buffer.try_push_many(&mut to_push).unwrap();
            assert_eq!(buffer.pop_many(&mut popped, 2), Ok(2));
            assert_eq!(buffer.pop_batch(&mut popped, 4, MOMENT), Ok(4));
            assert!(buffer.close_and_drain().is_empty());
        });
        assert_eq!((count, popped.len()), (0, 6));
    });
}
