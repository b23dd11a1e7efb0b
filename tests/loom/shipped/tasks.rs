//! Tasks wait on the same buffer as threads: a waiter that can act is woken, whether it is a thread or a task.

use std::task::Poll;
use std::time::Duration;

use super::{Buffer, empty, full, join, pass_items, pop, pop_task, push, push_task, share_items, spawn, start};
use crate::explore::{BOUNDED, UNBOUNDED};
use crate::harness::{Model, model};
use linearizability::task::{block_on, poll};

fn push_to_a_task(push: fn(&Buffer, u32)) {
    let buffer = empty(1);
    let consumer = spawn(&buffer, pop_task);
    push(&buffer, 7);
    assert_eq!(join(consumer), 7);
}

fn pop_from_a_task(pop: fn(&Buffer) -> u32) {
    let buffer = full(1);
    let producer = spawn(&buffer, |buffer| push_task(buffer, 1));
    assert_eq!(pop(&buffer), 0);
    join(producer);
}

/// A task that was woken and is not polled has one item to itself. The other items go to the other waiters.
fn stalled_task(pop: fn(&Buffer) -> u32) {
    let buffer = empty(2);
    let mut stalled = start(buffer.pop_async());
    let other = spawn(&buffer, pop);
    (1..=2).for_each(|item| buffer.push(item).unwrap());
    assert_eq!(join(other), 1);
    assert_eq!(poll(&mut stalled), Poll::Ready(Ok(2)));
}

pub(super) const MODELS: &[Model] = &[
    model("a_push_wakes_a_task, a thread pushes", UNBOUNDED, || push_to_a_task(push)),
    model("a_push_wakes_a_task, a task pushes", UNBOUNDED, || push_to_a_task(push_task)),
    model("a_pop_wakes_a_task, a thread pops", UNBOUNDED, || pop_from_a_task(pop)),
    model("a_pop_wakes_a_task, a task pops", UNBOUNDED, || pop_from_a_task(pop_task)),
    model("one_slot_passes_items_in_order, a task to a thread", BOUNDED, || pass_items(&empty(1), 2, push_task, pop)),
    model("one_slot_passes_items_in_order, a thread to a task", BOUNDED, || pass_items(&empty(1), 2, push, pop_task)),
    model("one_slot_passes_items_in_order, a task to a task", BOUNDED, || {
        pass_items(&empty(1), 2, push_task, pop_task);
    }),
    // The other consumer can take the item before the woken task is polled. The task then waits again.
    model("a_thread_and_a_task_get_an_item_each", BOUNDED, || share_items(&empty(1), [pop, pop_task])),
    model("a_thread_and_a_task_get_a_slot_each", BOUNDED, || {
        let buffer = full(1);
        let thread = spawn(&buffer, |buffer| buffer.push(1).unwrap());
        let task = spawn(&buffer, |buffer| block_on(buffer.push_async(2)).unwrap());
        let popped = [(); 3].map(|()| buffer.pop().unwrap());
        join(thread);
        join(task);
        assert_eq!((popped[0], popped[1] + popped[2]), (0, 3));
    }),
    model("two_tasks_get_an_item_each", BOUNDED, || share_items(&empty(1), [pop_task; 2])),
    model("a_task_that_is_never_polled_delays_one_item_only, of a thread", BOUNDED, || stalled_task(pop)),
    model("a_task_that_is_never_polled_delays_one_item_only, of a task", BOUNDED, || stalled_task(pop_task)),
    model("a_task_that_is_never_polled_delays_one_item_only, of a producer", BOUNDED, || {
        let buffer = full(2);
        let mut stalled = start(buffer.push_async(2));
        let thread = spawn(&buffer, |buffer| buffer.push(3).unwrap());
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Ok(1)));
        join(thread);
        assert_eq!(poll(&mut stalled), Poll::Ready(Ok(())));
        assert_eq!(buffer.drain(), [3, 2]);
    }),
    // The first waker is never unparked for the second poll. A wake-up may go to the first only before it is replaced.
    model("a_wakeup_reaches_the_newer_waker, of a consumer", UNBOUNDED, || {
        let buffer = empty(1);
        let producer = spawn(&buffer, |buffer| buffer.push(7).unwrap());
        let mut pop = buffer.pop_async();
        let item = match poll(&mut pop) {
            Poll::Ready(item) => item,
            Poll::Pending => block_on(pop), // another waker
        };
        assert_eq!(item, Ok(7));
        join(producer);
    }),
    model("a_wakeup_reaches_the_newer_waker, of a producer", UNBOUNDED, || {
        let buffer = full(1);
        let consumer = spawn(&buffer, pop);
        let mut push = buffer.push_async(1);
        if poll(&mut push).is_pending() {
            block_on(push).unwrap();
        }
        assert_eq!((join(consumer), buffer.pop()), (0, Ok(1)));
    }),
    // The item of the replaced waker's wake-up goes to a barging thread, and the task waits with the newer waker.
    model("a_replaced_waker_and_a_barging_thread_lose_no_wakeup", BOUNDED, || {
        let buffer = empty(1);
        let thread = spawn(&buffer, pop);
        let producer = spawn(&buffer, |buffer| (1..=2).for_each(|item| buffer.push(item).unwrap()));
        let mut pop = buffer.pop_async();
        let item = match poll(&mut pop) {
            Poll::Ready(item) => item,
            Poll::Pending => block_on(pop),
        };
        assert_eq!(item.unwrap() + join(thread), 3);
        join(producer);
    }),
    // The list of wakers has room for 4. An item can arrive while the fifth task allocates more, without the lock.
    model("the_list_of_wakers_grows_while_an_item_arrives", UNBOUNDED, || {
        let buffer = empty(1);
        let tasks: Vec<_> = (0..4).map(|_| buffer.pop_async()).map(start).collect();
        let producer = spawn(&buffer, |buffer| buffer.push(7).unwrap());
        let mut fifth = buffer.pop_async();
        let early = poll(&mut fifth);
        drop(tasks);
        let item = if let Poll::Ready(item) = early { item } else { block_on(fifth) };
        assert_eq!(item, Ok(7));
        join(producer);
    }),
    // An item can arrive while the task clones its waker, without the lock. Such a task has not waited.
    model("a_task_that_finds_an_item_after_all_has_not_waited", UNBOUNDED, || {
        let buffer = empty(1);
        let producer = spawn(&buffer, |buffer| buffer.push(7).unwrap());
        let outcome = poll(&mut buffer.pop_async());
        let stats = buffer.stats();
        if outcome == Poll::Ready(Ok(7)) {
            assert_eq!((stats.pop_waits, stats.pop_wait_time), (0, Duration::ZERO));
        } else {
            assert_eq!(stats.pop_waits, 1);
        }
        join(producer);
    }),
    // The pop of the thread leaves work for both sides: an item for the second task, and a slot for `main`. The tasks are not polled
    // before `main` has its slot, so no release of theirs can wake it.
    model("a_pop_that_wakes_a_task_also_wakes_a_producer", BOUNDED, || {
        let buffer = empty(3);
        let tasks = [buffer.pop_async(), buffer.pop_async()].map(start);
        let consumer = spawn(&buffer, pop);
        (0..4).for_each(|item| buffer.push(item).unwrap());
        join(consumer);
        drop(tasks);
    }),
    model("a_push_that_wakes_a_task_also_wakes_a_consumer", BOUNDED, || {
        let buffer = full(3);
        let tasks = [buffer.push_async(3), buffer.push_async(4)].map(start);
        let producer = spawn(&buffer, |buffer| buffer.push(5).unwrap());
        (0..4).for_each(|_| assert!(buffer.pop().is_ok()));
        join(producer);
        drop(tasks);
    }),
];
