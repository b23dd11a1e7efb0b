//! Tasks. The futures are polled by hand, so that each schedule is fixed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use bounded_buffer::{BoundedBuffer, PopError, PushError};

use test_support::{full, until_consumers_wait, until_producers_wait, watched, with_each_strategy};

/// Counts how often a task was woken.
#[derive(Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A future and the waker that it is polled with.
pub(crate) struct Task<F> {
    pub(crate) future: F,
    pub(crate) wakes: Arc<Wakes>,
}

pub(crate) fn task<F: Future + Unpin>(future: F) -> Task<F> {
    Task { future, wakes: Arc::default() }
}

impl<F: Future + Unpin> Task<F> {
    pub(crate) fn poll(&mut self) -> Poll<F::Output> {
        let waker = Waker::from(self.wakes.clone());
        Pin::new(&mut self.future).poll(&mut Context::from_waker(&waker))
    }

    /// Returns how often the task was woken since the last call.
    pub(crate) fn wakes(&self) -> usize {
        self.wakes.0.swap(0, Ordering::SeqCst)
    }

    /// Returns whether the buffer holds a waker of this task.
    fn is_stored(&self) -> bool {
        Arc::strong_count(&self.wakes) > 1
    }
}

/// Creates a task that waits.
pub(crate) fn waiting<F: Future + Unpin>(future: F) -> Task<F> {
    let mut task = task(future);
    assert!(task.poll().is_pending());
    assert!(task.is_stored());
    task
}

#[test]
fn a_push_wakes_the_task_that_has_waited_longest() {
    watched(|| {
        let buffer = BoundedBuffer::new(2);
        let mut tasks = [(); 3].map(|()| waiting(buffer.pop_async()));
        buffer.push(1).unwrap();
        assert_eq!(tasks.each_ref().map(Task::wakes), [1, 0, 0]);
        buffer.push(2).unwrap();
        assert_eq!(tasks.each_ref().map(Task::wakes), [0, 1, 0]);
        assert_eq!(tasks[0].poll(), Poll::Ready(Ok(1)));
        assert_eq!(tasks[1].poll(), Poll::Ready(Ok(2)));
        assert!(tasks[2].poll().is_pending());
        assert_eq!(buffer.stats().waiting_consumers, 1);
    });
}

#[test]
fn a_pop_wakes_a_producer_task() {
    watched(|| {
        let buffer = BoundedBuffer::new(1);
        buffer.push('a').unwrap();
        let mut task = waiting(buffer.push_async('b'));
        assert_eq!(buffer.pop(), Ok('a'));
        assert_eq!(task.wakes(), 1);
        assert_eq!(task.poll(), Poll::Ready(Ok(())));
        assert_eq!(buffer.pop(), Ok('b'));
    });
}

#[test]
fn a_batch_wakes_a_task_for_each_item() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        let tasks = [(); 4].map(|()| waiting(buffer.pop_async()));
        buffer.push_many(&mut [1, 2, 3].into()).unwrap();
        assert_eq!(tasks.each_ref().map(Task::wakes), [1, 1, 1, 0]);
    });
}

#[test]
fn a_future_that_is_dropped_while_it_waits_leaves_no_count_and_no_waker() {
    watched(|| {
        let buffer = BoundedBuffer::<u8>::new(1);
        let Task { future, wakes } = waiting(buffer.pop_async());
        let mut next = waiting(buffer.pop_async());
        drop(future);
        assert_eq!(buffer.stats().waiting_consumers, 1);
        assert_eq!(Arc::strong_count(&wakes), 1);
        buffer.push(7).unwrap();
        assert_eq!(next.poll(), Poll::Ready(Ok(7)));
        assert_eq!(buffer.stats().notifications, 1);
    });
}

#[test]
fn a_future_that_is_dropped_after_it_was_woken_passes_the_wakeup_on() {
    watched(|| {
        let buffer = BoundedBuffer::new(1);
        let Task { future, wakes } = waiting(buffer.pop_async());
        let mut next = waiting(buffer.pop_async());
        buffer.push(7).unwrap();
        assert_eq!((wakes.0.load(Ordering::SeqCst), next.wakes()), (1, 0));
        drop(future);
        assert_eq!(next.wakes(), 1);
        assert_eq!(next.poll(), Poll::Ready(Ok(7)));
        assert_eq!(buffer.stats().waiting_consumers, 0);
    });
}

/// Another consumer takes the present item and puts it back, so that a new task has to wait.
fn waiting_behind(buffer: &BoundedBuffer<i32>) -> Task<bounded_buffer::PopFuture<'_, i32>> {
    let item = buffer.try_pop().unwrap();
    let task = waiting(buffer.pop_async());
    buffer.push(item).unwrap();
    assert_eq!(task.wakes(), 0, "the woken task covers the item");
    task
}

#[test]
fn a_woken_task_that_is_not_polled_delays_one_item_only() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        let stalled = waiting(buffer.pop_async());
        buffer.push(1).unwrap();
        assert_eq!(stalled.wakes(), 1);
        let mut next = waiting_behind(&buffer);
        buffer.push(2).unwrap();
        assert_eq!(next.wakes(), 1);
        assert_eq!(next.poll(), Poll::Ready(Ok(1)));
        assert_eq!(buffer.len(), 1);
    });
}

#[test]
fn a_future_that_is_polled_with_another_waker_keeps_the_newer_one() {
    watched(|| {
        let buffer = BoundedBuffer::new(1);
        let mut task = waiting(buffer.pop_async());
        let old = std::mem::take(&mut task.wakes);
        assert!(task.poll().is_pending());
        assert_eq!(Arc::strong_count(&old), 1, "the older waker is dropped");
        buffer.push(1).unwrap();
        assert_eq!((old.0.load(Ordering::SeqCst), task.wakes()), (0, 1));
    });
}

#[test]
fn close_wakes_the_threads_that_wait_next_to_tasks() {
    with_each_strategy(|strategy| {
        let buffer = BoundedBuffer::<u8>::with_wait_strategy(1, strategy);
        let task = waiting(buffer.pop_async());
        thread::scope(|threads| {
            let pop = threads.spawn(|| buffer.pop());
            until_consumers_wait(&buffer, 2);
            buffer.close();
            assert_eq!((task.wakes(), pop.join().unwrap()), (1, Err(PopError)));
        });

        let buffer = full(1, strategy);
        let task = waiting(buffer.push_async(1));
        thread::scope(|threads| {
            let push = threads.spawn(|| buffer.push(2));
            until_producers_wait(&buffer, 2);
            buffer.close();
            assert_eq!((task.wakes(), push.join().unwrap()), (1, Err(PushError(2))));
        });
    });
}

#[test]
fn close_wakes_all_tasks() {
    watched(|| {
        let buffer = BoundedBuffer::<u8>::new(1);
        let mut consumers = [(); 3].map(|()| waiting(buffer.pop_async()));
        buffer.close();
        assert_eq!(buffer.stats().notifications, 1, "no producer waits");
        for consumer in &mut consumers {
            assert_eq!(consumer.wakes(), 1);
            assert_eq!(consumer.poll(), Poll::Ready(Err(PopError)));
        }
        assert_eq!(buffer.stats().waiting_consumers, 0);

        let buffer = BoundedBuffer::new(1);
        buffer.push(0).unwrap();
        let mut producers = [1, 2].map(|item| waiting(buffer.push_async(item)));
        buffer.close();
        assert_eq!(producers[0].poll(), Poll::Ready(Err(PushError(1))));
        let [_, Task { future, .. }] = producers;
        assert_eq!(future.into_item(), Some(2));
        assert_eq!(buffer.stats().waiting_producers, 0);
    });
}
