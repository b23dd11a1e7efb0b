//! Batches and close, with tasks: each waiter that can act is woken, whatever else wakes with it.

use std::collections::VecDeque;
use std::task::Poll;

use bounded_buffer::{PopError, PushError};
use loom::thread::JoinHandle;

use super::tasks::assert_nothing_is_left;
use super::{Buffer, empty, full, join, spawn};
use crate::explore::{explore, explore_part, explore_part_unbounded, explore_unbounded};
use crate::harness::models;
use crate::task::{block_on, poll};

fn pop_task(buffer: &loom::sync::Arc<Buffer>) -> JoinHandle<u32> {
    spawn(buffer, |buffer| block_on(buffer.pop_async()).unwrap())
}

fn a_batch_wakes_a_waiter_for_each_item() {
    explore_part("two tasks", || {
        let buffer = empty(2);
        let tasks = [(); 2].map(|()| pop_task(&buffer));
        buffer.push_many(&mut [1, 2].into()).unwrap();
        assert_eq!(tasks.map(join).iter().sum::<u32>(), 3);
        assert_nothing_is_left(&buffer);
    });
    explore_part("a task and a thread", || {
        let buffer = empty(2);
        let task = pop_task(&buffer);
        let thread = spawn(&buffer, |buffer| buffer.pop().unwrap());
        buffer.push_many(&mut [1, 2].into()).unwrap();
        assert_eq!(join(task) + join(thread), 3);
        assert_nothing_is_left(&buffer);
    });
    explore_part("a task that is not polled, a task and a thread", || {
        let buffer = empty(3);
        let mut stalled = buffer.pop_async();
        assert_eq!(poll(&mut stalled), Poll::Pending);
        let task = pop_task(&buffer);
        let thread = spawn(&buffer, |buffer| buffer.pop().unwrap());
        buffer.push_many(&mut [1, 2, 3].into()).unwrap();
        assert_eq!(join(task) + join(thread), 3);
        assert_eq!(poll(&mut stalled), Poll::Ready(Ok(3)));
        assert_nothing_is_left(&buffer);
    });
}

fn a_batch_wakes_a_waiter_for_each_slot() {
    explore_part("two tasks", || {
        let buffer = full(2);
        let tasks = [2, 3].map(|item| spawn(&buffer, move |buffer| block_on(buffer.push_async(item)).unwrap()));
        assert_eq!(buffer.pop_many(&mut Vec::with_capacity(2), 2), Ok(2));
        tasks.into_iter().for_each(join);
        assert_eq!(buffer.len(), 2);
        assert_nothing_is_left(&buffer);
    });
    explore_part("a task and a thread", || {
        let buffer = full(2);
        let task = spawn(&buffer, |buffer| block_on(buffer.push_async(2)).unwrap());
        let thread = spawn(&buffer, |buffer| buffer.push(3).unwrap());
        assert_eq!(buffer.pop_many(&mut Vec::with_capacity(2), 2), Ok(2));
        join(task);
        join(thread);
        assert_eq!(buffer.len(), 2);
        assert_nothing_is_left(&buffer);
    });
}

/// One slot: the batch waits between two items.
fn a_batch_of_a_task_is_pushed_in_parts() {
    explore_unbounded(|| {
        let buffer = empty(1);
        let batch = spawn(&buffer, |buffer| block_on(buffer.push_many_async(&mut VecDeque::from([0, 1]))));
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Ok(1)));
        assert_eq!(join(batch), Ok(2));
        assert_nothing_is_left(&buffer);
    });
}

/// The vector has no room, so the task unlocks and reserves. The thread can take an item meanwhile, or finds none.
fn a_batch_pop_of_a_task_waits_for_one_item_only() {
    explore(|| {
        let buffer = empty(2);
        let batch = spawn(&buffer, |buffer| {
            let mut items = Vec::new();
            let result = block_on(buffer.pop_many_async(&mut items, 2));
            assert_eq!(result, if items.is_empty() { Err(PopError) } else { Ok(items.len()) });
            items
        });
        let thread = spawn(&buffer, Buffer::pop);
        buffer.push(1).unwrap();
        buffer.push(2).unwrap();
        buffer.close();
        let mut popped = join(batch);
        popped.extend(join(thread));
        popped.extend(buffer.drain());
        popped.sort_unstable();
        assert_eq!(popped, [1, 2]);
        assert_nothing_is_left(&buffer);
    });
}

fn close_wakes_a_task_on_each_side() {
    explore_part_unbounded("a consumer", || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| block_on(buffer.pop_async()));
        buffer.close();
        assert_eq!(join(consumer), Err(PopError));
        assert_nothing_is_left(&buffer);
    });
    explore_part_unbounded("a producer", || {
        let buffer = full(1);
        let producer = spawn(&buffer, |buffer| block_on(buffer.push_async(1)));
        buffer.close();
        assert_eq!(join(producer), Err(PushError(1)));
        assert_nothing_is_left(&buffer);
    });
}

fn close_wakes_tasks_and_threads() {
    explore_part("two tasks", || {
        let buffer = empty(1);
        let tasks = [(); 2].map(|()| spawn(&buffer, |buffer| block_on(buffer.pop_async())));
        buffer.close();
        assert_eq!(tasks.map(join), [Err(PopError); 2]);
        assert_nothing_is_left(&buffer);
    });
    explore_part("a task and a thread", || {
        let buffer = empty(1);
        let task = spawn(&buffer, |buffer| block_on(buffer.pop_async()));
        let thread = spawn(&buffer, Buffer::pop);
        buffer.close();
        assert_eq!((join(task), join(thread)), (Err(PopError), Err(PopError)));
        assert_nothing_is_left(&buffer);
    });
    // A task that was polled, or dropped, would end in a release, which can wake the thread as well.
    explore_part_unbounded("a task that is not polled and a consumer", || {
        let buffer = empty(1);
        let mut task = buffer.pop_async();
        assert_eq!(poll(&mut task), Poll::Pending);
        let thread = spawn(&buffer, Buffer::pop);
        buffer.close();
        assert_eq!(join(thread), Err(PopError));
    });
    explore_part_unbounded("a task that is not polled and a producer", || {
        let buffer = full(1);
        let mut task = buffer.push_async(1);
        assert_eq!(poll(&mut task), Poll::Pending);
        let thread = spawn(&buffer, |buffer| buffer.push(2));
        buffer.close();
        assert_eq!(join(thread), Err(PushError(2)));
    });
    explore_part("an item for one of the two", || {
        let buffer = empty(1);
        let task = spawn(&buffer, |buffer| block_on(buffer.pop_async()));
        let thread = spawn(&buffer, Buffer::pop);
        buffer.push(7).unwrap();
        buffer.close();
        let popped = [join(task), join(thread)];
        assert_eq!(popped.iter().filter(|&&item| item == Ok(7)).count(), 1);
        assert_nothing_is_left(&buffer);
    });
}

/// A task that waits with a replaced waker is woken by close, too.
fn close_wakes_the_newer_waker() {
    explore_unbounded(|| {
        let buffer = empty(1);
        let closer = spawn(&buffer, Buffer::close);
        let mut pop = buffer.pop_async();
        let outcome = if let Poll::Ready(outcome) = poll(&mut pop) { outcome } else { block_on(pop) };
        assert_eq!(outcome, Err(PopError));
        join(closer);
        assert_nothing_is_left(&buffer);
    });
}

fn a_batch_of_a_task_cut_by_close_keeps_the_unsent_items() {
    explore(|| {
        let buffer = empty(1);
        let batch = spawn(&buffer, |buffer| {
            let mut items = VecDeque::from([0, 1, 2]);
            let result = block_on(buffer.push_many_async(&mut items));
            (result, Vec::from(items))
        });
        let first = buffer.try_pop().ok();
        buffer.close();
        let (result, unsent) = join(batch);
        assert_eq!(result, Err(PushError(())));
        let all: Vec<_> = first.into_iter().chain(buffer.drain()).chain(unsent).collect();
        assert_eq!(all, [0, 1, 2]);
        assert_nothing_is_left(&buffer);
    });
}

models! {
    a_batch_wakes_a_waiter_for_each_item,
    a_batch_wakes_a_waiter_for_each_slot,
    a_batch_of_a_task_is_pushed_in_parts,
    a_batch_pop_of_a_task_waits_for_one_item_only,
    close_wakes_a_task_on_each_side,
    close_wakes_tasks_and_threads,
    close_wakes_the_newer_waker,
    a_batch_of_a_task_cut_by_close_keeps_the_unsent_items,
}
