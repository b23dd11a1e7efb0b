//! The waits for the close end with each kind of close, also if others are cancelled or time out, and take no wake-up from the
//! waiters of a side.

use std::sync::atomic::Ordering::Relaxed;
use std::task::Poll;

use bounded_buffer::{Observer, bounded};
use loom::sync::Arc;
use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::tasks::assert_nothing_is_left;
use super::{Buffer, TIMEOUT, empty, full, join, spawn};
use crate::explore::{explore, explore_part, explore_part_unbounded, explore_unbounded};
use crate::harness::models;
use crate::task::{block_on, poll, poll_and_drop};

/// The load is `Relaxed`, so only the wait orders it after the store.
fn wait_against(close: fn(&Buffer), wait: fn(&Buffer)) {
    let buffer = full(1);
    let written = Arc::new(AtomicUsize::new(0));
    let seen = written.clone();
    let waits = spawn(&buffer, move |buffer| {
        wait(buffer);
        assert_eq!(seen.load(Relaxed), 1, "what the closing thread did before");
    });
    written.store(1, Relaxed);
    close(&buffer);
    join(waits);
    assert_nothing_is_left(&buffer);
}

fn a_close_ends_the_wait() {
    let close = |buffer: &Buffer| assert!(buffer.close());
    explore_part_unbounded("of a task", move || wait_against(close, |buffer| block_on(buffer.closed())));
    explore_part_unbounded("of a thread", move || wait_against(close, |buffer| buffer.wait_closed()));
    explore_part_unbounded("of a task, and drains", || {
        wait_against(|buffer| assert_eq!(buffer.close_and_drain(), [0]), |buffer| block_on(buffer.closed()));
    });
    explore_part_unbounded("of a task, by a guard", || {
        wait_against(|buffer| drop(buffer.close_on_drop()), |buffer| block_on(buffer.closed()));
    });
}

/// Two handles are dropped, and the last one closes.
fn the_drop_of_the_last_handle_ends_the_wait() {
    fn wait(observer: Observer<u32>) -> thread::JoinHandle<()> {
        thread::spawn(move || block_on(observer.closed()))
    }
    explore_part("of the producers", || {
        let (producer, consumer) = bounded::<u32>(1);
        let waits = wait(consumer.observer());
        let other = producer.clone();
        let other = thread::spawn(move || drop(other));
        drop(producer);
        join(waits);
        join(other);
    });
    explore_part("of the consumers", || {
        let (producer, consumer) = bounded::<u32>(1);
        producer.push(7).unwrap();
        let waits = wait(producer.observer());
        let other = consumer.clone();
        let other = thread::spawn(move || drop(other));
        drop(consumer);
        join(waits);
        join(other);
    });
}

/// The drop comes before the close, between the close and the call of the waker, or after it.
fn a_cancelled_wait_and_a_close_leave_no_trace() {
    explore(|| {
        let buffer = empty(1);
        let mut cancelled = buffer.closed();
        assert_eq!(poll(&mut cancelled), Poll::Pending);
        let waits = spawn(&buffer, |buffer| block_on(buffer.closed()));
        let closer = spawn(&buffer, Buffer::close);
        drop(cancelled);
        _ = poll_and_drop(buffer.closed());
        join(waits);
        assert!(join(closer));
        assert_nothing_is_left(&buffer);
        assert_eq!(buffer.stats().notifications, 0, "no producer and no consumer has waited");
    });
}

/// The first waker wakes nothing. The close may take it only before it is replaced.
fn a_close_reaches_the_newer_waker() {
    explore_unbounded(|| {
        let buffer = empty(1);
        let closer = spawn(&buffer, Buffer::close);
        let mut wait = buffer.closed();
        if poll(&mut wait).is_pending() {
            block_on(wait);
        }
        assert!(join(closer));
    });
}

/// The list of wakers has room for 4. The close can come while the fifth wait allocates more, without the lock.
fn the_list_of_wakers_grows_while_the_buffer_closes() {
    explore_unbounded(|| {
        let buffer = empty(1);
        let mut waits: Vec<_> = (0..4).map(|_| buffer.closed()).collect();
        assert!(waits.iter_mut().all(|wait| poll(wait).is_pending()));
        let closer = spawn(&buffer, Buffer::close);
        block_on(buffer.closed());
        assert!(join(closer));
        assert!(waits.iter_mut().all(|wait| poll(wait).is_ready()));
    });
}

/// It returns whether the buffer is closed, and the wait of another task ends.
fn a_wait_times_out_or_ends_at_the_close() {
    explore(|| {
        let buffer = empty(1);
        let timed = spawn(&buffer, |buffer| {
            let closed = buffer.wait_closed_timeout(TIMEOUT);
            assert!(!closed || buffer.is_closed());
        });
        let waits = spawn(&buffer, |buffer| block_on(buffer.closed()));
        buffer.close();
        assert!(buffer.wait_closed_timeout(TIMEOUT), "it is closed already");
        join(timed);
        join(waits);
        assert_nothing_is_left(&buffer);
    });
}

/// The wait for the close is the oldest waiter. The item wakes the consumer, and the close both.
fn a_wait_for_the_close_takes_no_wakeup() {
    explore_part("of a thread", || takes_no_wakeup(Buffer::pop));
    explore_part("of a task", || takes_no_wakeup(|buffer| block_on(buffer.pop_async())));
}

fn takes_no_wakeup(pop: fn(&Buffer) -> Result<u32, bounded_buffer::PopError>) {
    let buffer = empty(1);
    let mut wait = buffer.closed();
    assert_eq!(poll(&mut wait), Poll::Pending);
    let consumer = spawn(&buffer, move |buffer| (pop(buffer), pop(buffer).is_ok()));
    buffer.push(7).unwrap();
    assert_eq!(poll(&mut wait), Poll::Pending);
    buffer.close();
    assert_eq!(join(consumer), (Ok(7), false));
    assert_eq!(poll(&mut wait), Poll::Ready(()));
    assert_nothing_is_left(&buffer);
}

models! {
    a_close_ends_the_wait,
    the_drop_of_the_last_handle_ends_the_wait,
    a_cancelled_wait_and_a_close_leave_no_trace,
    a_close_reaches_the_newer_waker,
    the_list_of_wakers_grows_while_the_buffer_closes,
    a_wait_times_out_or_ends_at_the_close,
    a_wait_for_the_close_takes_no_wakeup,
}
