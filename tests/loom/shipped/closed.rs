//! The waits for the close end with each kind of close, also if others are cancelled or time out, and take no wake-up from the
//! waiters of a side.

use std::sync::atomic::Ordering::Relaxed;
use std::task::Poll;

use bounded_buffer::{Observer, bounded};
use loom::sync::Arc;
use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::{Buffer, TIMEOUT, empty, full, join, poll_and_drop, spawn, start};
use crate::explore::{BOUNDED, UNBOUNDED};
use crate::harness::{Model, model};
use linearizability::task::{block_on, poll};

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
}

/// Two handles are dropped, and the last one closes.
fn drop_against<H: Clone + Send + 'static>(handle: H, observer: Observer<u32>) {
    let waits = thread::spawn(move || block_on(observer.closed()));
    let other = handle.clone();
    let other = thread::spawn(move || drop(other));
    drop(handle);
    join(waits);
    join(other);
}

/// The wait for the close is the oldest waiter. The item wakes the consumer, and the close both.
fn takes_no_wakeup(pop: fn(&Buffer) -> Result<u32, bounded_buffer::PopError>) {
    let buffer = empty(1);
    let mut wait = start(buffer.closed());
    let consumer = spawn(&buffer, move |buffer| (pop(buffer), pop(buffer).is_ok()));
    buffer.push(7).unwrap();
    assert_eq!(poll(&mut wait), Poll::Pending);
    buffer.close();
    assert_eq!(join(consumer), (Ok(7), false));
    assert_eq!(poll(&mut wait), Poll::Ready(()));
}

pub(super) const MODELS: &[Model] = &[
    model("a_close_ends_the_wait, of a task", UNBOUNDED, || {
        wait_against(|buffer| assert!(buffer.close()), |buffer| block_on(buffer.closed()));
    }),
    model("a_close_ends_the_wait, of a thread", UNBOUNDED, || {
        wait_against(|buffer| assert!(buffer.close()), |buffer| buffer.wait_closed());
    }),
    model("a_close_ends_the_wait, of a task, and drains", UNBOUNDED, || {
        wait_against(|buffer| assert_eq!(buffer.close_and_drain(), [0]), |buffer| block_on(buffer.closed()));
    }),
    model("a_close_ends_the_wait, of a task, by a guard", UNBOUNDED, || {
        wait_against(|buffer| drop(buffer.close_on_drop()), |buffer| block_on(buffer.closed()));
    }),
    model("the_drop_of_the_last_handle_ends_the_wait, of the producers", BOUNDED, || {
        let (producer, consumer) = bounded(1);
        drop_against(producer, consumer.observer());
    }),
    model("the_drop_of_the_last_handle_ends_the_wait, of the consumers", BOUNDED, || {
        let (producer, consumer) = bounded(1);
        producer.push(7).unwrap();
        drop_against(consumer, producer.observer());
    }),
    // The drop comes before the close, between the close and the call of the waker, or after it.
    model("a_cancelled_wait_and_a_close_leave_no_trace", BOUNDED, || {
        let buffer = empty(1);
        let cancelled = start(buffer.closed());
        let waits = spawn(&buffer, |buffer| block_on(buffer.closed()));
        let closer = spawn(&buffer, Buffer::close);
        drop(cancelled);
        _ = poll_and_drop(buffer.closed());
        join(waits);
        assert!(join(closer));
        assert_eq!(buffer.stats().notifications, 0, "no producer and no consumer has waited");
    }),
    // The first waker wakes nothing. The close may take it only before it is replaced.
    model("a_close_reaches_the_newer_waker", UNBOUNDED, || {
        let buffer = empty(1);
        let closer = spawn(&buffer, Buffer::close);
        let mut wait = buffer.closed();
        if poll(&mut wait).is_pending() {
            block_on(wait);
        }
        assert!(join(closer));
    }),
    // The list of wakers has room for 4. The close can come while the fifth wait allocates more, without the lock.
    model("the_list_of_wakers_grows_while_the_buffer_closes", UNBOUNDED, || {
        let buffer = empty(1);
        let mut waits: Vec<_> = (0..4).map(|_| start(buffer.closed())).collect();
        let closer = spawn(&buffer, Buffer::close);
        block_on(buffer.closed());
        assert!(join(closer));
        assert!(waits.iter_mut().all(|wait| poll(wait).is_ready()));
    }),
    // It returns whether the buffer is closed, and the wait of another task ends.
    model("a_wait_times_out_or_ends_at_the_close", BOUNDED, || {
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
    }),
    model("a_wait_for_the_close_takes_no_wakeup, of a thread", BOUNDED, || takes_no_wakeup(Buffer::pop)),
    model("a_wait_for_the_close_takes_no_wakeup, of a task", BOUNDED, || {
        takes_no_wakeup(|buffer| block_on(buffer.pop_async()));
    }),
];
