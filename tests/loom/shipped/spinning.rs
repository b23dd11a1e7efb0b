//! Spinning before a wait: the length snapshot can be stale, and the lock decides. The buffers have the default wait strategy.
//!
//! Each model is explored twice: with a snapshot that has the newest value, which explores all schedules, and with one that
//! has any value that `Relaxed` permits.

use bounded_buffer::{BoundedBuffer, PopError, PopTimeoutError, WaitStrategy};
use bounded_buffer_model::{SnapshotRead, set_snapshot_read};
use loom::sync::Arc;

use super::{Buffer, TIMEOUT, join, spawn};
use crate::explore::{explore_part, explore_part_both_orders, explore_part_unbounded, explore_part_within};
use crate::harness::models;

fn adaptive(capacity: usize) -> Arc<Buffer> {
    Arc::new(Buffer(BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Adaptive)))
}

fn explore(model: impl Fn() + Copy + Send + Sync + 'static) {
    for read in [SnapshotRead::Newest, SnapshotRead::Stale] {
        set_snapshot_read(read);
        explore_part(&format!("{read:?} snapshot"), model);
    }
}

fn explore_unbounded(model: impl Fn() + Copy + Send + Sync + 'static) {
    for read in [SnapshotRead::Newest, SnapshotRead::Stale] {
        set_snapshot_read(read);
        explore_part_unbounded(&format!("{read:?} snapshot"), model);
    }
}

fn explore_both_orders(model: impl Fn() + Copy + Send + Sync + 'static) {
    for read in [SnapshotRead::Newest, SnapshotRead::Stale] {
        set_snapshot_read(read);
        explore_part_both_orders(&format!("{read:?} snapshot"), model);
    }
}

fn a_spinning_consumer_gets_the_item() {
    explore(|| {
        let buffer = adaptive(1);
        let consumer = spawn(&buffer, Buffer::pop);
        buffer.push(7).unwrap();
        assert_eq!(join(consumer), Ok(7));
        let stats = buffer.stats();
        assert_eq!(stats.pop_waits, stats.notifications, "without a park there is no wait, and no notification");
    });
}

fn a_spinning_producer_gets_the_slot() {
    explore(|| {
        let buffer = adaptive(1);
        buffer.push(0).unwrap();
        let producer = spawn(&buffer, |buffer| buffer.push(1));
        assert_eq!(buffer.pop(), Ok(0));
        assert_eq!(join(producer), Ok(()));
    });
}

fn a_spinning_thread_observes_close() {
    explore(|| {
        let buffer = adaptive(1);
        buffer.push(0).unwrap();
        let producer = spawn(&buffer, |buffer| buffer.push(1));
        buffer.close();
        assert!(join(producer).is_err());
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Err(PopError)));
    });
}

/// Both can read the length 1.
fn two_spinning_consumers_do_not_get_one_item() {
    explore_both_orders(|| {
        let buffer = adaptive(1);
        let consumers = [spawn(&buffer, Buffer::pop), spawn(&buffer, Buffer::pop)];
        buffer.push(7).unwrap();
        buffer.close();
        let popped = consumers.map(join);
        assert!(popped.contains(&Ok(7)) && popped.contains(&Err(PopError)), "{popped:?}");
    });
}

/// The buffer is not closed, so a consumer that returns without an item did not check its condition under the lock.
fn a_spinning_consumer_whose_item_was_taken_waits_again() {
    explore_unbounded(|| {
        let buffer = adaptive(1);
        let consumer = spawn(&buffer, Buffer::pop);
        buffer.push(1).unwrap();
        let expected = if buffer.try_pop().is_ok() { 2 } else { 1 };
        buffer.push(2).unwrap();
        assert_eq!(join(consumer), Ok(expected));
    });
}

fn a_spinning_producer_whose_slot_was_taken_waits_again() {
    explore_unbounded(|| {
        let buffer = adaptive(1);
        buffer.push(0).unwrap();
        let producer = spawn(&buffer, |buffer| buffer.push(1));
        assert_eq!(buffer.pop(), Ok(0));
        if buffer.try_push(2).is_ok() {
            assert_eq!(buffer.pop(), Ok(2));
        }
        assert_eq!(join(producer), Ok(()));
    });
}

/// Two pushes and no close: an error means that a consumer did not check its condition under the lock. Two preemptions, because
/// three take twenty times as long; one is enough to find such a consumer.
fn two_spinning_consumers_get_two_items() {
    let model = || {
        let buffer = adaptive(1);
        let consumers =
            [spawn(&buffer, |buffer| buffer.pop().unwrap()), spawn(&buffer, |buffer| buffer.pop().unwrap())];
        (1..=2).for_each(|item| buffer.push(item).unwrap());
        assert_eq!(consumers.map(join).iter().sum::<u32>(), 3);
    };
    for read in [SnapshotRead::Newest, SnapshotRead::Stale] {
        set_snapshot_read(read);
        explore_part_within(2, &format!("{read:?} snapshot"), model);
    }
}

/// A thread of each side polls, so that one release ends both polls.
fn both_sides_spin() {
    explore(|| {
        let buffer = adaptive(1);
        let producer = spawn(&buffer, |buffer| (0..2).for_each(|item| buffer.push(item).unwrap()));
        (0..2).for_each(|item| assert_eq!(buffer.pop(), Ok(item)));
        join(producer);
    });
}

fn a_spinning_timed_pop_gets_the_item_or_leaves_it() {
    explore(|| {
        let buffer = adaptive(1);
        let consumer = spawn(&buffer, |buffer| buffer.pop_timeout(TIMEOUT));
        buffer.push(7).unwrap();
        let popped = join(consumer);
        assert!(popped == Ok(7) || popped == Err(PopTimeoutError::Timeout));
        assert_eq!(usize::from(popped.is_ok()) + buffer.len(), 1);
    });
}

models! {
    a_spinning_consumer_gets_the_item,
    a_spinning_producer_gets_the_slot,
    a_spinning_thread_observes_close,
    two_spinning_consumers_do_not_get_one_item,
    a_spinning_consumer_whose_item_was_taken_waits_again,
    a_spinning_producer_whose_slot_was_taken_waits_again,
    two_spinning_consumers_get_two_items,
    both_sides_spin,
    a_spinning_timed_pop_gets_the_item_or_leaves_it,
}
