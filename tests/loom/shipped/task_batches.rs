//! Batches and close, with tasks: each waiter that can act is woken, whatever else wakes with it.

use std::collections::VecDeque;
use std::task::Poll;

use bounded_buffer::{PopError, PushError};

use super::{Buffer, empty, full, join, pop, pop_task, push, push_task, share_a_batch, spawn, start};
use crate::explore::{BOUNDED, UNBOUNDED};
use crate::harness::{Model, model};
use linearizability::task::{block_on, poll};

fn batch_from_two(pushes: [fn(&Buffer, u32); 2]) {
    let buffer = full(2);
    let producers = pushes.map(|push| spawn(&buffer, move |buffer| push(buffer, 2)));
    assert_eq!(buffer.pop_many(&mut Vec::with_capacity(2), 2), Ok(2));
    producers.into_iter().for_each(join);
    assert_eq!(buffer.len(), 2);
}

fn close_for_two(pop: fn(&Buffer) -> Result<u32, PopError>) {
    let buffer = empty(1);
    let task = spawn(&buffer, |buffer| block_on(buffer.pop_async()));
    let other = spawn(&buffer, pop);
    buffer.close();
    assert_eq!([join(task), join(other)], [Err(PopError); 2]);
}

pub(super) const MODELS: &[Model] = &[
    model("a_batch_wakes_a_waiter_for_each_item, two tasks", BOUNDED, || share_a_batch([pop_task; 2])),
    model("a_batch_wakes_a_waiter_for_each_item, a task and a thread", BOUNDED, || share_a_batch([pop_task, pop])),
    model("a_batch_wakes_a_waiter_for_each_item, a task that is not polled, a task and a thread", BOUNDED, || {
        let buffer = empty(3);
        let mut stalled = start(buffer.pop_async());
        let task = spawn(&buffer, pop_task);
        let thread = spawn(&buffer, pop);
        buffer.push_many(&mut [1, 2, 3].into()).unwrap();
        assert_eq!(join(task) + join(thread), 3);
        assert_eq!(poll(&mut stalled), Poll::Ready(Ok(3)));
    }),
    model("a_batch_wakes_a_waiter_for_each_slot, two tasks", BOUNDED, || batch_from_two([push_task; 2])),
    model("a_batch_wakes_a_waiter_for_each_slot, a task and a thread", BOUNDED, || batch_from_two([push_task, push])),
    // One slot: the batch waits between two items.
    model("a_batch_of_a_task_is_pushed_in_parts", UNBOUNDED, || {
        let buffer = empty(1);
        let batch = spawn(&buffer, |buffer| block_on(buffer.push_many_async(&mut VecDeque::from([0, 1]))));
        assert_eq!((buffer.pop(), buffer.pop()), (Ok(0), Ok(1)));
        assert_eq!(join(batch), Ok(2));
    }),
    // The vector has no room, so the task unlocks and reserves. The thread can take an item meanwhile, or finds none.
    model("a_batch_pop_of_a_task_waits_for_one_item_only", BOUNDED, || {
        let buffer = empty(2);
        let batch = spawn(&buffer, |buffer| {
            let mut items = Vec::new();
            let result = block_on(buffer.pop_many_async(&mut items, 2));
            assert_eq!(result, if items.is_empty() { Err(PopError) } else { Ok(items.len()) });
            items
        });
        let thread = spawn(&buffer, Buffer::pop);
        (1..=2).for_each(|item| buffer.push(item).unwrap());
        buffer.close();
        let mut popped = join(batch);
        popped.extend(join(thread));
        popped.extend(buffer.drain());
        popped.sort_unstable();
        assert_eq!(popped, [1, 2]);
    }),
    model("close_wakes_a_task_on_each_side, a consumer", UNBOUNDED, || {
        let buffer = empty(1);
        let consumer = spawn(&buffer, |buffer| block_on(buffer.pop_async()));
        buffer.close();
        assert_eq!(join(consumer), Err(PopError));
    }),
    model("close_wakes_a_task_on_each_side, a producer", UNBOUNDED, || {
        let buffer = full(1);
        let producer = spawn(&buffer, |buffer| block_on(buffer.push_async(1)));
        buffer.close();
        assert_eq!(join(producer), Err(PushError(1)));
    }),
    model("close_wakes_tasks_and_threads, two tasks", BOUNDED, || {
        close_for_two(|buffer| block_on(buffer.pop_async()));
    }),
    model("close_wakes_tasks_and_threads, a task and a thread", BOUNDED, || close_for_two(Buffer::pop)),
    // A task that was polled, or dropped, would end in a release, which can wake the thread as well.
    model("close_wakes_tasks_and_threads, a task that is not polled and a consumer", UNBOUNDED, || {
        let buffer = empty(1);
        let _task = start(buffer.pop_async());
        let thread = spawn(&buffer, Buffer::pop);
        buffer.close();
        assert_eq!(join(thread), Err(PopError));
    }),
    model("close_wakes_tasks_and_threads, a task that is not polled and a producer", UNBOUNDED, || {
        let buffer = full(1);
        let _task = start(buffer.push_async(1));
        let thread = spawn(&buffer, |buffer| buffer.push(2));
        buffer.close();
        assert_eq!(join(thread), Err(PushError(2)));
    }),
    model("close_wakes_tasks_and_threads, an item for one of the two", BOUNDED, || {
        let buffer = empty(1);
        let task = spawn(&buffer, |buffer| block_on(buffer.pop_async()));
        let thread = spawn(&buffer, Buffer::pop);
        buffer.push(7).unwrap();
        buffer.close();
        let popped = [join(task), join(thread)];
        assert_eq!(popped.iter().filter(|&&item| item == Ok(7)).count(), 1);
    }),
    // A task that waits with a replaced waker is woken by close, too.
    model("close_wakes_the_newer_waker", UNBOUNDED, || {
        let buffer = empty(1);
        let closer = spawn(&buffer, Buffer::close);
        let mut pop = buffer.pop_async();
        let outcome = if let Poll::Ready(outcome) = poll(&mut pop) { outcome } else { block_on(pop) };
        assert_eq!(outcome, Err(PopError));
        join(closer);
    }),
    model("a_batch_of_a_task_cut_by_close_keeps_the_unsent_items", BOUNDED, || {
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
    }),
];
