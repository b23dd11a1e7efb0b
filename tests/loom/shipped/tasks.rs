//! Tasks wait on the same buffer as threads: a waiter that can act is woken, whether it is a thread or a task.

use std::task::Poll;
use std::time::Duration;

use super::{Buffer, empty, full, join, spawn};
use crate::explore::{explore, explore_part, explore_part_unbounded, explore_unbounded};
use crate::harness::models;
use crate::task::{block_on, poll};

fn a_push_wakes_a_task() {
    explore_part_unbounded("a thread pushes", || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| block_on(buffer.pop_async()));
        buffer.push(7).unwrap();
        assert_eq!(join(consumer), Ok(7));
        assert_nothing_is_left(&buffer);
    });
    explore_part_unbounded("a task pushes", || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| block_on(buffer.pop_async()));
        block_on(buffer.push_async(7)).unwrap();
        assert_eq!(join(consumer), Ok(7));
        assert_nothing_is_left(&buffer);
    });
}

fn a_pop_wakes_a_task() {
    explore_part_unbounded("a thread pops", || {
        let buffer = full(1);
        let producer = spawn(&buffer, |buffer| block_on(buffer.push_async(1)));
        assert_eq!(buffer.pop(), Ok(0));
        assert_eq!(join(producer), Ok(()));
        assert_nothing_is_left(&buffer);
    });
    explore_part_unbounded("a task pops", || {
        let buffer = full(1);
        let producer = spawn(&buffer, |buffer| block_on(buffer.push_async(1)));
        assert_eq!(block_on(buffer.pop_async()), Ok(0));
        assert_eq!(join(producer), Ok(()));
        assert_nothing_is_left(&buffer);
    });
}

/// Both sides wait in some schedules.
fn one_slot_passes_items_in_order() {
    explore_part("a task to a thread", || {
        let buffer = empty(1);
        let producer = spawn(&buffer, |buffer| (0..2).for_each(|item| block_on(buffer.push_async(item)).unwrap()));
        (0..2).for_each(|item| assert_eq!(buffer.pop(), Ok(item)));
        join(producer);
        assert_nothing_is_left(&buffer);
    });
    explore_part("a thread to a task", || {
        let buffer = empty(1);
        let producer = spawn(&buffer, |buffer| (0..2).for_each(|item| buffer.push(item).unwrap()));
        (0..2).for_each(|item| assert_eq!(block_on(buffer.pop_async()), Ok(item)));
        join(producer);
        assert_nothing_is_left(&buffer);
    });
    explore_part("a task to a task", || {
        let buffer = empty(1);
        let producer = spawn(&buffer, |buffer| (0..2).for_each(|item| block_on(buffer.push_async(item)).unwrap()));
        (0..2).for_each(|item| assert_eq!(block_on(buffer.pop_async()), Ok(item)));
        join(producer);
        assert_nothing_is_left(&buffer);
    });
}

/// The other consumer can take the item before the woken task is polled. The task then waits again.
fn a_thread_and_a_task_get_an_item_each() {
    explore(|| {
        let buffer = empty(1);
        let thread = spawn(&buffer, |buffer| buffer.pop().unwrap());
        let task = spawn(&buffer, |buffer| block_on(buffer.pop_async()).unwrap());
        buffer.push(1).unwrap();
        buffer.push(2).unwrap();
        assert_eq!(join(thread) + join(task), 3);
        assert_nothing_is_left(&buffer);
    });
}

fn a_thread_and_a_task_get_a_slot_each() {
    explore(|| {
        let buffer = full(1);
        let thread = spawn(&buffer, |buffer| buffer.push(1).unwrap());
        let task = spawn(&buffer, |buffer| block_on(buffer.push_async(2)).unwrap());
        let popped = [(); 3].map(|()| buffer.pop().unwrap());
        join(thread);
        join(task);
        assert_eq!((popped[0], popped[1] + popped[2]), (0, 3));
        assert_nothing_is_left(&buffer);
    });
}

fn two_tasks_get_an_item_each() {
    explore(|| {
        let buffer = empty(1);
        let tasks = [(); 2].map(|()| spawn(&buffer, |buffer| block_on(buffer.pop_async()).unwrap()));
        buffer.push(1).unwrap();
        buffer.push(2).unwrap();
        assert_eq!(tasks.map(join).iter().sum::<u32>(), 3);
        assert_nothing_is_left(&buffer);
    });
}

/// A task that was woken and is not polled has one item to itself. The other items go to the other waiters.
fn a_task_that_is_never_polled_delays_one_item_only() {
    explore_part("of a thread", || {
        let buffer = empty(2);
        let mut stalled = buffer.pop_async();
        assert_eq!(poll(&mut stalled), Poll::Pending);
        let thread = spawn(&buffer, |buffer| buffer.pop().unwrap());
        buffer.push(1).unwrap();
        buffer.push(2).unwrap();
        assert_eq!(join(thread), 1);
        assert_eq!(poll(&mut stalled), Poll::Ready(Ok(2)));
        assert_nothing_is_left(&buffer);
    });
    explore_part("of a task", || {
        let buffer = empty(2);
        let mut stalled = buffer.pop_async();
        assert_eq!(poll(&mut stalled), Poll::Pending);
        let task = spawn(&buffer, |buffer| block_on(buffer.pop_async()).unwrap());
        buffer.push(1).unwrap();
        buffer.push(2).unwrap();
        assert_eq!(join(task), 1);
        assert_eq!(poll(&mut stalled), Poll::Ready(Ok(2)));
        assert_nothing_is_left(&buffer);
    });
    explore_part("of a producer", || {
        let buffer = full(2);
        let mut stalled = buffer.push_async(2);
        assert_eq!(poll(&mut stalled), Poll::Pending);
        let thread = spawn(&buffer, |buffer| buffer.push(3).unwrap());
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Ok(1)));
        join(thread);
        assert_eq!(poll(&mut stalled), Poll::Ready(Ok(())));
        assert_eq!(buffer.drain(), [3, 2]);
        assert_nothing_is_left(&buffer);
    });
}

/// The first waker is never unparked for the second poll. A wake-up may go to the first only before it is replaced.
fn a_wakeup_reaches_the_newer_waker() {
    explore_part_unbounded("of a consumer", || {
        let buffer = empty(1);
        let producer = spawn(&buffer, |buffer| buffer.push(7).unwrap());
        let mut pop = buffer.pop_async();
        let item = match poll(&mut pop) {
            Poll::Ready(item) => item,
            Poll::Pending => block_on(pop), // another waker
        };
        assert_eq!(item, Ok(7));
        join(producer);
        assert_nothing_is_left(&buffer);
    });
    explore_part_unbounded("of a producer", || {
        let buffer = full(1);
        let consumer = spawn(&buffer, |buffer| buffer.pop().unwrap());
        let mut push = buffer.push_async(1);
        if poll(&mut push).is_pending() {
            block_on(push).unwrap();
        }
        assert_eq!((join(consumer), buffer.pop()), (0, Ok(1)));
        assert_nothing_is_left(&buffer);
    });
}

/// The item of the replaced waker's wake-up goes to a barging thread, and the task waits with the newer waker.
fn a_replaced_waker_and_a_barging_thread_lose_no_wakeup() {
    explore(|| {
        let buffer = empty(1);
        let thread = spawn(&buffer, |buffer| buffer.pop().unwrap());
        let producer = spawn(&buffer, |buffer| (1..=2).for_each(|item| buffer.push(item).unwrap()));
        let mut pop = buffer.pop_async();
        let item = match poll(&mut pop) {
            Poll::Ready(item) => item,
            Poll::Pending => block_on(pop),
        };
        assert_eq!(item.unwrap() + join(thread), 3);
        join(producer);
        assert_nothing_is_left(&buffer);
    });
}

/// The list of wakers has room for 4. An item can arrive while the fifth task allocates more, without the lock.
fn the_list_of_wakers_grows_while_an_item_arrives() {
    explore_unbounded(|| {
        let buffer = empty(1);
        let mut tasks: Vec<_> = (0..4).map(|_| buffer.pop_async()).collect();
        for task in &mut tasks {
            assert_eq!(poll(task), Poll::Pending);
        }
        let producer = spawn(&buffer, |buffer| buffer.push(7).unwrap());
        let mut fifth = buffer.pop_async();
        let early = poll(&mut fifth);
        drop(tasks);
        let item = if let Poll::Ready(item) = early { item } else { block_on(fifth) };
        assert_eq!(item, Ok(7));
        join(producer);
        assert_nothing_is_left(&buffer);
    });
}

/// An item can arrive while the task clones its waker, without the lock. Such a task has not waited.
fn a_task_that_finds_an_item_after_all_has_not_waited() {
    explore_unbounded(|| {
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
    });
}

/// The pop of the thread leaves work for both sides: an item for the second task, and a slot for `main`. The tasks are not polled
/// before `main` has its slot, so no release of theirs can wake it.
fn a_pop_that_wakes_a_task_also_wakes_a_producer() {
    explore(|| {
        let buffer = empty(3);
        let mut tasks = [buffer.pop_async(), buffer.pop_async()];
        for task in &mut tasks {
            assert_eq!(poll(task), Poll::Pending);
        }
        let consumer = spawn(&buffer, |buffer| buffer.pop().unwrap());
        (0..4).for_each(|item| buffer.push(item).unwrap());
        join(consumer);
        drop(tasks);
        assert_nothing_is_left(&buffer);
    });
}

fn a_push_that_wakes_a_task_also_wakes_a_consumer() {
    explore(|| {
        let buffer = full(3);
        let mut tasks = [buffer.push_async(3), buffer.push_async(4)];
        for task in &mut tasks {
            assert_eq!(poll(task), Poll::Pending);
        }
        let producer = spawn(&buffer, |buffer| buffer.push(5).unwrap());
        (0..4).for_each(|_| assert!(buffer.pop().is_ok()));
        join(producer);
        drop(tasks);
        assert_nothing_is_left(&buffer);
    });
}

pub(super) fn assert_nothing_is_left(buffer: &Buffer) {
    let stats = buffer.stats();
    assert_eq!((stats.waiting_producers, stats.waiting_consumers), (0, 0), "waiters that are counted");
}

models! {
    a_push_wakes_a_task,
    a_pop_wakes_a_task,
    one_slot_passes_items_in_order,
    a_thread_and_a_task_get_an_item_each,
    a_thread_and_a_task_get_a_slot_each,
    two_tasks_get_an_item_each,
    a_task_that_is_never_polled_delays_one_item_only,
    a_wakeup_reaches_the_newer_waker,
    a_replaced_waker_and_a_barging_thread_lose_no_wakeup,
    the_list_of_wakers_grows_while_an_item_arrives,
    a_task_that_finds_an_item_after_all_has_not_waited,
    a_pop_that_wakes_a_task_also_wakes_a_producer,
    a_push_that_wakes_a_task_also_wakes_a_consumer,
}
