//! A waker that drops or polls a future inside `wake` wakes the next waiter. Its waker is called when the first has returned, so a
//! wake-up waits in the queue of its thread: it must not stay there.

#![allow(clippy::disallowed_types, reason = "the mutex of `InWake` is no part of what is modelled")]

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use loom::sync::Arc;

use super::{Buffer, empty, full, join, pop, pop_task, spawn, start};
use crate::explore::BOUNDED;
use crate::harness::{Model, model};
use linearizability::task::block_on;

/// A task that runs inside `wake`. loom need not see its parts: between two operations on them it switches to no other thread.
struct InWake {
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    woken: AtomicBool,
    /// Whether the waker polls the future, or drops it.
    polls: bool,
}

impl InWake {
    /// Starts a task that waits.
    fn start(polls: bool, future: impl Future<Output = ()> + Send + 'static) -> std::sync::Arc<Self> {
        let future = Mutex::new(Some(Box::pin(future) as Pin<Box<dyn Future<Output = ()> + Send>>));
        let task = std::sync::Arc::new(Self { future, woken: AtomicBool::new(true), polls });
        task.run();
        assert!(!task.is_done());
        task
    }

    fn take(&self) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        self.future.lock().unwrap().take()
    }

    fn is_done(&self) -> bool {
        self.future.lock().unwrap().is_none()
    }

    /// Polls until the future is ready or the task is not woken. If another thread polls it, that thread polls again.
    fn run(self: &std::sync::Arc<Self>) {
        let Some(mut future) = self.take() else { return };
        let waker = Waker::from(self.clone());
        while self.woken.swap(false, Ordering::SeqCst) {
            if future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                return;
            }
        }
        *self.future.lock().unwrap() = Some(future);
    }
}

impl Wake for InWake {
    fn wake(self: std::sync::Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        if self.polls {
            self.run();
        } else {
            drop(self.take());
        }
    }
}

async fn pop_future(buffer: Arc<Buffer>) {
    buffer.pop_async().await.unwrap();
}

/// A task that drops its future in `wake` waits first.
fn dropped_before(pop_second: fn(&Buffer) -> u32) {
    let buffer = empty(1);
    let first = InWake::start(false, pop_future(buffer.clone()));
    let second = spawn(&buffer, pop_second);
    buffer.push(7).unwrap();
    assert!(first.is_done());
    assert_eq!(join(second), 7);
}

/// The waker of the first buffer pushes into the second.
fn pushed_through(pop_second: fn(&Buffer) -> u32) {
    let (first, second) = (empty(1), empty(1));
    let (from, to) = (first.clone(), second.clone());
    let relay = InWake::start(true, async move {
        let item = from.pop_async().await.unwrap();
        to.push_async(item).await.unwrap();
    });
    let consumer = spawn(&second, pop_second);
    first.push(7).unwrap();
    assert!(relay.is_done());
    assert_eq!(join(consumer), 7);
}

pub(super) const MODELS: &[Model] = &[
    model("a_waker_that_drops_its_future_passes_the_wakeup_on, to a task", BOUNDED, || dropped_before(pop_task)),
    model("a_waker_that_drops_its_future_passes_the_wakeup_on, to a thread", BOUNDED, || dropped_before(pop)),
    model("a_waker_that_drops_its_future_passes_the_wakeup_on, to a task, through two wakers", BOUNDED, || {
        let buffer = empty(1);
        let [first, second] = [(); 2].map(|()| InWake::start(false, pop_future(buffer.clone())));
        let last = spawn(&buffer, pop_task);
        buffer.push(7).unwrap();
        assert!(first.is_done());
        assert_eq!(join(last), 7);
        drop(second.take()); // it waits if the last has barged
    }),
    model("a_waker_that_drops_its_future_passes_the_wakeup_on, to a producer", BOUNDED, || {
        let buffer = full(1);
        let own = buffer.clone();
        let first = InWake::start(false, async move { own.push_async(1).await.unwrap() });
        let second = spawn(&buffer, |buffer| block_on(buffer.push_async(2)).unwrap());
        assert_eq!(buffer.pop(), Ok(0));
        assert!(first.is_done());
        join(second);
        assert_eq!(buffer.drain(), [2]);
    }),
    model("a_waker_that_pushes_into_another_buffer_wakes_its_task, a task waits", BOUNDED, || pushed_through(pop_task)),
    model("a_waker_that_pushes_into_another_buffer_wakes_its_task, a thread waits", BOUNDED, || pushed_through(pop)),
    // The other consumer can take the item before the poll inside `wake`, which then waits again: with a waker that is called later,
    // also by the other thread.
    model("a_waker_that_polls_its_future_may_wait_again", BOUNDED, || {
        let buffer = empty(1);
        let task = InWake::start(true, pop_future(buffer.clone()));
        let thief = spawn(&buffer, |buffer| buffer.try_pop().is_ok());
        let other = spawn(&buffer, |buffer| buffer.push(1).unwrap());
        buffer.push(2).unwrap();
        join(other);
        let barged = join(thief);
        assert!(task.is_done(), "there were two items, and the other consumer has taken one at most");
        assert_eq!(buffer.len(), 1 - usize::from(barged));
    }),
    // Each thread has its own queue, and may be inside a waker while the other calls the next.
    model("two_threads_call_the_wakers_of_a_row", BOUNDED, || {
        let buffer = empty(2);
        let first = [(); 2].map(|()| InWake::start(false, pop_future(buffer.clone())));
        let last = start(buffer.pop_async());
        let other = spawn(&buffer, |buffer| buffer.push(1).unwrap());
        buffer.push(2).unwrap();
        let item = block_on(last).unwrap();
        join(other);
        assert!(first.iter().all(|task| task.is_done()));
        assert_eq!(buffer.pop().unwrap() + item, 3);
    }),
    // The waker wakes a task of each side, one after the other: both wake-ups wait in the queue.
    model("a_waker_that_uses_two_buffers_wakes_a_task_of_each", BOUNDED, || {
        let (first, second, third) = (empty(1), empty(1), full(1));
        let (from, to, other) = (first.clone(), second.clone(), third.clone());
        let task = InWake::start(true, async move {
            let item = from.pop_async().await.unwrap();
            to.push_async(item).await.unwrap();
            other.pop_async().await.unwrap();
        });
        let consumer = spawn(&second, pop_task);
        let producer = spawn(&third, |buffer| block_on(buffer.push_async(1)).unwrap());
        first.push(7).unwrap();
        assert!(task.is_done());
        assert_eq!(join(consumer), 7);
        join(producer);
        assert_eq!(third.drain(), [1]);
    }),
    // The wakers of a close drop their futures, or close the next buffer.
    model("a_close_inside_a_waker_wakes_the_tasks_of_the_next_buffer", BOUNDED, || {
        let (first, second) = (empty(1), empty(1));
        let (before, after) = (first.clone(), second.clone());
        let passes = InWake::start(true, async move {
            before.closed().await;
            after.close();
        });
        let dropped = InWake::start(false, pop_future(first.clone()));
        let waits = spawn(&second, |buffer| block_on(buffer.closed()));
        first.close();
        assert!(passes.is_done() && dropped.is_done());
        join(waits);
    }),
];
