//! Tasks. The futures are polled by hand, so that each schedule is fixed. What wakes which task is compared with a model in
//! `sequences.rs`; here are the times of the waits, and polls after the completion.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use bounded_buffer::BoundedBuffer;
use futures::future::FusedFuture;

use test_support::watched;

pub(crate) fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

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
        poll_with(&mut self.future, &self.wakes.clone().into())
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
fn the_waits_of_tasks_are_counted_and_timed() {
    const WAIT: Duration = Duration::from_millis(5);
    watched(|| {
        let buffer = BoundedBuffer::new(1);
        let mut ready = task(buffer.push_async(0));
        assert_eq!(ready.poll(), Poll::Ready(Ok(())));
        assert_eq!(buffer.stats().push_waits, 0, "it did not wait");

        let mut pushed = waiting(buffer.push_async(1));
        let cancelled = waiting(buffer.push_async(2));
        assert_eq!((buffer.stats().push_waits, buffer.stats().waiting_producers), (0, 2), "a wait counts when it ends");
        thread::sleep(WAIT);
        assert_eq!(cancelled.future.into_item(), Some(2));
        assert_eq!(buffer.stats().push_waits, 1);
        assert!(buffer.stats().push_wait_time >= WAIT);
        assert_eq!(buffer.stats().notifications, 0);
        buffer.pop().unwrap();
        assert_eq!((buffer.stats().notifications, buffer.stats().waiting_producers), (1, 1), "a woken task counts");
        assert_eq!(pushed.poll(), Poll::Ready(Ok(())));
        let stats = buffer.stats();
        assert_eq!((stats.push_waits, stats.waiting_producers, stats.wasted_wakeups), (2, 0, 0));
        assert!(stats.push_wait_time >= 2 * WAIT);
    });
}

/// The time before a wasted wake-up belongs to the same wait.
#[test]
fn a_wakeup_whose_item_another_consumer_took_is_wasted() {
    const WAIT: Duration = Duration::from_millis(5);
    watched(|| {
        let buffer = BoundedBuffer::new(1);
        let mut task = waiting(buffer.pop_async());
        assert!(task.poll().is_pending());
        assert_eq!(buffer.stats().wasted_wakeups, 0, "it was polled without a wake-up");
        thread::sleep(WAIT);
        buffer.push(1).unwrap();
        buffer.try_pop().unwrap();
        assert!(task.poll().is_pending());
        assert_eq!((buffer.stats().wasted_wakeups, buffer.stats().pop_waits), (1, 0));
        assert_eq!(task.wakes(), 1);
        buffer.push(2).unwrap();
        assert_eq!(task.wakes(), 1, "it waits again");
        assert_eq!(task.poll(), Poll::Ready(Ok(2)));
        let stats = buffer.stats();
        assert_eq!((stats.wasted_wakeups, stats.pop_waits, stats.notifications), (1, 1, 2));
        assert!(stats.pop_wait_time >= WAIT);
    });
}

#[test]
fn a_future_that_is_polled_after_its_completion_panics_and_leaves_the_buffer_usable() {
    fn panics<F: FusedFuture + Unpin>(mut future: F) -> bool {
        assert!(!future.is_terminated());
        assert!(poll_with(&mut future, Waker::noop()).is_ready());
        assert!(future.is_terminated());
        catch_unwind(AssertUnwindSafe(|| _ = poll_with(&mut future, Waker::noop()))).is_err()
    }
    watched(|| {
        let buffer = BoundedBuffer::new(2);
        // Without the panic, the second poll would be ready or wait, and so return.
        let each_panics = || {
            assert!(panics(buffer.push_many_async(&mut [1].into())));
            assert!(panics(buffer.push_async(2)));
            assert!(panics(buffer.pop_async()));
            assert!(panics(buffer.pop_many_async(&mut Vec::new(), 1)));
        };
        each_panics();
        assert_eq!((buffer.stats().pushed, buffer.stats().popped), (2, 2));
        buffer.push(3).unwrap();
        assert_eq!(buffer.pop(), Ok(3));
        buffer.close();
        each_panics(); // each of them ended with an error

        let mut closed = buffer.closed();
        assert!(!closed.is_terminated());
        assert!(poll_with(&mut closed, Waker::noop()).is_ready());
        assert!(closed.is_terminated());
    });
}
