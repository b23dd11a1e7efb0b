//! A future can be dropped at any moment. It leaves no count and no waker, and no other waiter misses a wake-up by it.
//!
//! Each model polls a future once and drops it while other threads run. loom explores the drop while the task waits, after its
//! waker was taken out but before it is called, and after that.

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use super::{Buffer, empty, full, join, poll_and_drop, pop, pop_task, push, push_task, spawn, start};
use crate::explore::{BOUNDED, UNBOUNDED};
use crate::harness::{Model, model, test};
use linearizability::task::poll;

/// The item that the cancelled task was woken for goes to `other`, which starts before or after the task.
fn cancelled_pop(other: fn(&Buffer) -> u32) {
    let buffer = empty(1);
    let cancelled = spawn(&buffer, |buffer| poll_and_drop(buffer.pop_async()));
    let other = spawn(&buffer, other);
    buffer.push(1).unwrap();
    match join(cancelled) {
        Some(item) => {
            assert_eq!(item, Ok(1));
            buffer.push(2).unwrap();
            assert_eq!(join(other), 2);
        }
        None => assert_eq!(join(other), 1),
    }
}

fn cancelled_push(other: fn(&Buffer, u32)) {
    let buffer = full(1);
    let cancelled = spawn(&buffer, |buffer| poll_and_drop(buffer.push_async(1)));
    let other = spawn(&buffer, move |buffer| other(buffer, 2));
    let mut popped = buffer.pop().unwrap();
    let was_accepted = join(cancelled).is_some();
    if was_accepted {
        popped += buffer.pop().unwrap();
    }
    join(other);
    popped += buffer.drain().iter().sum::<u32>();
    assert_eq!(popped, if was_accepted { 1 + 2 } else { 2 });
}

/// A cancelled batch leaves its room to the waiters of both sides: it has pushed none, one or both of its items, and was woken for
/// a slot.
fn a_cancelled_batch_push_passes_the_wakeup_on() {
    static SEEN: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];
    BOUNDED.explore("", || {
        let buffer = full(1);
        let batch = spawn(&buffer, |buffer| {
            let mut items = [1, 2].into();
            let done = poll_and_drop(buffer.push_many_async(&mut items));
            assert_eq!(done.is_some(), items.is_empty());
            2 - items.len()
        });
        let thread = spawn(&buffer, |buffer| buffer.push(3).unwrap());
        let mut popped = vec![buffer.pop().unwrap(), buffer.pop().unwrap()];
        let pushed = join(batch);
        SEEN[pushed].store(true, Ordering::Relaxed);
        popped.extend((0..pushed).map(|_| buffer.pop().unwrap()));
        join(thread);
        popped.sort_unstable();
        popped.dedup();
        assert_eq!(popped.len(), 2 + pushed);
        assert_eq!(popped[..=pushed], [0, 1, 2][..=pushed]);
        assert_eq!(popped[1 + pushed], 3);
    });
    assert!(
        SEEN.iter().all(|seen| seen.load(Ordering::Relaxed)),
        "a number of pushed items was not explored: {SEEN:?}"
    );
}

/// The task waits before the others start, so that each wake-up goes to it first.
fn first_task_dropped(other: fn(&Buffer) -> u32) {
    let buffer = empty(1);
    let first = start(buffer.pop_async());
    let other = spawn(&buffer, other);
    let producer = spawn(&buffer, |buffer| buffer.push(7).unwrap());
    drop(first);
    assert_eq!(join(other), 7);
    join(producer);
}

pub(super) const MODELS: &[Model] = &[
    model("a_cancelled_pop_passes_the_wakeup_on, to a thread", BOUNDED, || cancelled_pop(pop)),
    model("a_cancelled_pop_passes_the_wakeup_on, to a task", BOUNDED, || cancelled_pop(pop_task)),
    model("a_cancelled_push_passes_the_wakeup_on, to a thread", BOUNDED, || cancelled_push(push)),
    model("a_cancelled_push_passes_the_wakeup_on, to a task", BOUNDED, || cancelled_push(push_task)),
    model("a_task_that_waits_first_and_is_dropped_passes_the_wakeup_on, to a thread", BOUNDED, || {
        first_task_dropped(pop);
    }),
    model("a_task_that_waits_first_and_is_dropped_passes_the_wakeup_on, to a task", BOUNDED, || {
        first_task_dropped(pop_task);
    }),
    model("a_task_that_waits_first_and_is_dropped_passes_the_wakeup_on, to a producer", BOUNDED, || {
        let buffer = full(1);
        let first = start(buffer.push_async(1));
        let thread = spawn(&buffer, |buffer| buffer.push(2).unwrap());
        let consumer = spawn(&buffer, pop);
        drop(first);
        join(thread);
        assert_eq!((join(consumer), buffer.pop()), (0, Ok(2)));
    }),
    // Two futures are dropped in turn, each after it may have received the wake-up of the other.
    model("a_wakeup_passes_through_two_cancelled_tasks", BOUNDED, || {
        let buffer = empty(1);
        let futures = [buffer.pop_async(), buffer.pop_async()].map(start);
        let thread = spawn(&buffer, pop);
        let producer = spawn(&buffer, |buffer| buffer.push(7).unwrap());
        futures.into_iter().for_each(drop);
        assert_eq!(join(thread), 7);
        join(producer);
    }),
    // Two items wake two tasks. One is dropped, and its item goes to the thread, whatever the other does.
    model("a_task_that_is_cancelled_releases_its_item_only", BOUNDED, || {
        let buffer = empty(2);
        let [dropped, mut kept] = [buffer.pop_async(), buffer.pop_async()].map(start);
        let thread = spawn(&buffer, pop);
        buffer.push_many(&mut [1, 2].into()).unwrap();
        drop(dropped);
        assert_eq!(join(thread), 1);
        assert_eq!(poll(&mut kept), Poll::Ready(Ok(2)));
    }),
    test("a_cancelled_batch_push_passes_the_wakeup_on", a_cancelled_batch_push_passes_the_wakeup_on),
    // The wake-up of the thread is pending while the task leaves, so the thread needs no other.
    model("a_cancelled_task_leaves_the_pending_flag_set", BOUNDED, || {
        let buffer = empty(2);
        let cancelled = start(buffer.pop_async());
        let thread = spawn(&buffer, pop);
        buffer.push_many(&mut [1, 2].into()).unwrap();
        drop(cancelled);
        assert_eq!(join(thread), 1);
        assert!(buffer.stats().notifications <= 2, "one for each waiter: {:?}", buffer.stats());
    }),
    // `into_item` returns the item, or the item was pushed; the slot is not lost.
    model("a_cancelled_push_returns_its_item", BOUNDED, || {
        let buffer = full(1);
        let mut push = start(buffer.push_async(1));
        let consumer = spawn(&buffer, pop);
        let thread = spawn(&buffer, |buffer| buffer.push(2).unwrap());
        if poll(&mut push) == Poll::Ready(Ok(())) {
            assert_eq!(push.into_item(), None);
            assert_eq!(join(consumer), 0);
            assert_eq!(buffer.pop(), Ok(1));
            join(thread);
        } else {
            assert_eq!(push.into_item(), Some(1));
            join(thread);
            assert_eq!(join(consumer), 0);
        }
        assert_eq!(buffer.drain(), [2]);
    }),
    model("a_cancelled_task_and_close_leave_no_waiter, on one side", UNBOUNDED, || {
        let buffer = empty(1);
        let closer = spawn(&buffer, Buffer::close);
        let outcome = poll_and_drop(buffer.pop_async());
        assert!(matches!(outcome, None | Some(Err(_))));
        join(closer);
    }),
    model("a_cancelled_task_and_close_leave_no_waiter, and a thread waits", BOUNDED, || {
        let buffer = empty(1);
        let cancelled = start(buffer.pop_async());
        let thread = spawn(&buffer, Buffer::pop);
        let closer = spawn(&buffer, Buffer::close);
        drop(cancelled);
        assert!(join(thread).is_err());
        join(closer);
    }),
    model("a_cancelled_task_and_close_leave_no_waiter, and an item arrives", BOUNDED, || {
        let buffer = empty(1);
        let thread = spawn(&buffer, Buffer::pop);
        let producer = spawn(&buffer, |buffer| {
            buffer.push(7).unwrap();
            buffer.close();
        });
        let taken = poll_and_drop(buffer.pop_async());
        let popped = [taken.unwrap_or(Err(bounded_buffer::PopError)), join(thread)];
        assert_eq!(popped.iter().filter(|item| **item == Ok(7)).count() + buffer.len(), 1);
        join(producer);
        assert!(popped[1].is_ok() || popped[0].is_ok(), "the thread returned without the item that was there");
    }),
];
