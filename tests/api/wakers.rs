//! Wakers are code of the user: they may use the buffer, panic, or be replaced. And what the counters say of tasks.

use std::collections::VecDeque;
use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use bounded_buffer::{BoundedBuffer, PopError, PushError};

use crate::support::{until, watched};
use crate::tasks::{Task, task, waiting};

fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Uses the buffer when it is woken, and when the last handle of it is dropped.
struct UsesBuffer {
    buffer: Arc<BoundedBuffer<u32>>,
    uses: Arc<AtomicUsize>,
}

impl UsesBuffer {
    fn waker(buffer: &Arc<BoundedBuffer<u32>>, uses: &Arc<AtomicUsize>) -> Waker {
        Waker::from(Arc::new(Self { buffer: buffer.clone(), uses: uses.clone() }))
    }

    fn use_buffer(&self) {
        _ = self.buffer.len();
        _ = self.buffer.stats();
        self.uses.fetch_add(1, Ordering::SeqCst);
    }
}

impl Wake for UsesBuffer {
    fn wake(self: Arc<Self>) {
        self.use_buffer();
    }
}

impl Drop for UsesBuffer {
    fn drop(&mut self) {
        self.use_buffer();
    }
}

/// Each use of the buffer under its own lock would block this thread.
#[test]
fn a_waker_may_use_the_buffer() {
    watched(|| {
        let buffer = Arc::new(BoundedBuffer::new(1));
        let uses = Arc::new(AtomicUsize::new(0));
        let since_the_last = || uses.swap(0, Ordering::SeqCst);
        let new_waker = || UsesBuffer::waker(&buffer, &uses);

        let mut pop = buffer.pop_async();
        assert!(poll_with(&mut pop, &new_waker()).is_pending());
        assert_eq!(since_the_last(), 0, "the buffer keeps the waker");
        assert!(poll_with(&mut pop, &new_waker()).is_pending());
        assert_eq!(since_the_last(), 1, "the replaced waker was dropped");
        buffer.push(1).unwrap();
        assert_eq!(since_the_last(), 2, "called and dropped");
        assert_eq!(poll_with(&mut pop, &new_waker()), Poll::Ready(Ok(1)));
        assert_eq!(since_the_last(), 1, "the waker of the last poll was not kept");

        let mut pop = buffer.pop_async();
        assert!(poll_with(&mut pop, &new_waker()).is_pending());
        drop(pop);
        assert_eq!(since_the_last(), 1, "dropped with the future");

        let mut pop = buffer.pop_async();
        assert!(poll_with(&mut pop, &new_waker()).is_pending());
        // A task that waits, and is polled when an item is there.
        let mut first = waiting(buffer.pop_async());
        buffer.push(2).unwrap();
        assert_eq!(since_the_last(), 2, "called and dropped");
        assert_eq!(first.poll(), Poll::Ready(Ok(2)));

        assert!(poll_with(&mut pop, &new_waker()).is_pending());
        buffer.close();
        assert_eq!(since_the_last(), 2, "called by close and dropped");
    });
}

#[test]
fn a_waker_that_the_ready_future_no_longer_needs_is_dropped_after_the_unlock() {
    watched(|| {
        let buffer = Arc::new(BoundedBuffer::new(1));
        let uses = Arc::new(AtomicUsize::new(0));
        let woken = waiting(buffer.pop_async());
        let mut pop = buffer.pop_async();
        assert!(poll_with(&mut pop, &UsesBuffer::waker(&buffer, &uses)).is_pending());
        buffer.push(1).unwrap();
        assert_eq!((woken.wakes(), uses.load(Ordering::SeqCst)), (1, 0));
        assert_eq!(poll_with(&mut pop, Waker::noop()), Poll::Ready(Ok(1)), "it barges");
        assert_eq!(uses.load(Ordering::SeqCst), 1);
    });
}

/// Pushes an item from within `wake`.
struct Pushes(Arc<BoundedBuffer<u32>>);

impl Wake for Pushes {
    fn wake(self: Arc<Self>) {
        self.0.push(2).unwrap();
    }
}

#[test]
fn a_waker_may_push() {
    watched(|| {
        let buffer = Arc::new(BoundedBuffer::new(2));
        let mut first = buffer.pop_async();
        assert!(poll_with(&mut first, &Arc::new(Pushes(buffer.clone())).into()).is_pending());
        let mut second = waiting(buffer.pop_async());
        buffer.push(1).unwrap();
        assert_eq!(second.wakes(), 1, "for the item that the waker of the first has pushed");
        assert_eq!(second.poll(), Poll::Ready(Ok(1)));
        assert_eq!(poll_with(&mut first, Waker::noop()), Poll::Ready(Ok(2)));
    });
}

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic_any(PanicsToo);
    }
}

/// The payload of the panic, whose destructor panics.
struct PanicsToo;

impl Drop for PanicsToo {
    fn drop(&mut self) {
        panic!("the payload of a test");
    }
}

/// The push has succeeded, and the wakers of the other tasks must be called.
#[test]
fn a_waker_that_panics_keeps_no_other_task_waiting() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        let panics = Waker::from(Arc::new(Panics));
        let mut first = buffer.pop_async();
        assert!(poll_with(&mut first, &panics).is_pending());
        let second = waiting(buffer.pop_async());
        let pushed = catch_unwind(AssertUnwindSafe(|| buffer.push_many(&mut [1, 2].into())));
        assert_eq!(pushed.map_err(mem::forget), Ok(Ok(2)));
        assert_eq!(second.wakes(), 1);
        assert_eq!(poll_with(&mut first, &panics), Poll::Ready(Ok(1)));

        let buffer = BoundedBuffer::<u32>::new(1);
        let mut first = buffer.pop_async();
        assert!(poll_with(&mut first, &panics).is_pending());
        let second = waiting(buffer.pop_async());
        let closed = catch_unwind(AssertUnwindSafe(|| buffer.close()));
        assert_eq!(closed.map_err(mem::forget), Ok(true));
        assert_eq!(second.wakes(), 1);
    });
}

#[test]
fn threads_and_tasks_take_turns() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        let tasks = [(); 2].map(|()| waiting(buffer.pop_async()));
        let woken = || tasks.each_ref().map(Task::wakes);
        thread::scope(|scope| {
            let threads = [(); 2].map(|()| scope.spawn(|| buffer.pop().unwrap()));
            until(|| buffer.stats().waiting_consumers == 4);
            let wait_for_pops = |count| until(|| buffer.stats().popped == count);
            buffer.push(1).unwrap(); // a task
            assert_eq!((woken(), buffer.stats().popped), ([1, 0], 0));
            buffer.push(2).unwrap(); // a thread
            wait_for_pops(1);
            assert_eq!((woken(), buffer.len()), ([0, 0], 1));
            buffer.push(3).unwrap(); // a task
            assert_eq!((woken(), buffer.stats().popped), ([0, 1], 1));
            buffer.push(4).unwrap(); // a thread
            wait_for_pops(2);
            assert_eq!(threads.map(|thread| thread.join().unwrap()).iter().sum::<u32>(), 3);
        });
        assert_eq!((buffer.len(), buffer.stats().waiting_consumers), (2, 2));
    });
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
        drop(cancelled);
        assert_eq!(buffer.stats().push_waits, 1);
        assert!(buffer.stats().push_wait_time >= WAIT);
        assert_eq!(buffer.stats().notifications, 0);
        buffer.pop().unwrap();
        assert_eq!((buffer.stats().notifications, buffer.stats().waiting_producers), (1, 1), "a woken task counts");
        assert_eq!(pushed.poll(), Poll::Ready(Ok(())));
        let stats = buffer.stats();
        assert_eq!((stats.push_waits, stats.waiting_producers, stats.futile_wakeups), (2, 0, 0));
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
        assert_eq!(buffer.stats().futile_wakeups, 0, "it was polled without a wake-up");
        thread::sleep(WAIT);
        buffer.push(1).unwrap();
        buffer.try_pop().unwrap();
        assert!(task.poll().is_pending());
        assert_eq!((buffer.stats().futile_wakeups, buffer.stats().pop_waits), (1, 0));
        assert_eq!(task.wakes(), 1);
        buffer.push(2).unwrap();
        assert_eq!(task.wakes(), 1, "it waits again");
        assert_eq!(task.poll(), Poll::Ready(Ok(2)));
        let stats = buffer.stats();
        assert_eq!((stats.futile_wakeups, stats.pop_waits, stats.notifications), (1, 1, 2));
        assert!(stats.pop_wait_time >= WAIT);
    });
}

/// A task whose wake-up was wasted waits behind the others.
#[test]
fn a_task_that_waits_again_is_the_last() {
    watched(|| {
        let buffer = BoundedBuffer::new(1);
        let mut first = waiting(buffer.pop_async());
        let second = waiting(buffer.pop_async());
        buffer.push(1).unwrap();
        buffer.try_pop().unwrap();
        assert!(first.poll().is_pending());
        assert_eq!(first.wakes(), 1);
        buffer.push(2).unwrap();
        assert_eq!((first.wakes(), second.wakes()), (0, 1));
    });
}

#[test]
fn a_future_that_is_polled_after_its_completion_panics_and_leaves_the_buffer_usable() {
    fn panics<F: Future + Unpin>(mut future: F) -> bool {
        assert!(poll_with(&mut future, Waker::noop()).is_ready());
        catch_unwind(AssertUnwindSafe(|| _ = poll_with(&mut future, Waker::noop()))).is_err()
    }
    watched(|| {
        let buffer = BoundedBuffer::new(2);
        // Without the panic, the second poll would be ready or wait, and so return.
        assert!(panics(buffer.push_many_async(&mut [1].into())));
        assert!(panics(buffer.push_async(2)));
        assert!(panics(buffer.pop_async()));
        assert!(panics(buffer.pop_many_async(&mut Vec::new(), 1)));
        assert_eq!((buffer.stats().pushed, buffer.stats().popped), (2, 2));
        buffer.push(3).unwrap();
        assert_eq!(buffer.pop(), Ok(3));
    });
}

#[test]
fn a_cancelled_or_refused_batch_leaves_the_unsent_items_in_the_deque() {
    watched(|| {
        let buffer = BoundedBuffer::new(2);
        let mut items = VecDeque::from([1, 2, 3, 4]);
        drop(waiting(buffer.push_many_async(&mut items)));
        assert_eq!((&items, buffer.len()), (&VecDeque::from([3, 4]), 2));
        let mut refused = waiting(buffer.push_many_async(&mut items));
        buffer.close();
        assert_eq!(refused.poll(), Poll::Ready(Err(PushError(()))));
        drop(refused);
        assert_eq!((items, buffer.drain()), (VecDeque::from([3, 4]), vec![1, 2]));
    });
}

#[test]
fn a_batch_of_a_task_makes_room_and_appends() {
    watched(|| {
        let buffer = BoundedBuffer::new(4);
        let mut items = Vec::new();
        assert_eq!(
            task(buffer.pop_many_async(&mut items, 0)).poll(),
            Poll::Ready(Ok(0)),
            "empty, and nothing to wait for"
        );
        let mut pop = waiting(buffer.pop_many_async(&mut items, 3));
        buffer.push_many(&mut [1, 2].into()).unwrap();
        assert_eq!(pop.poll(), Poll::Ready(Ok(2)));
        drop(pop);
        buffer.push_many(&mut [3, 4, 5, 6].into()).unwrap();
        assert_eq!(task(buffer.pop_many_async(&mut items, 3)).poll(), Poll::Ready(Ok(3)));
        assert_eq!((items.as_slice(), buffer.drain()), (&[1, 2, 3, 4, 5][..], vec![6]));
        buffer.close();
        assert_eq!(task(buffer.pop_many_async(&mut items, 1)).poll(), Poll::Ready(Err(PopError)));
        assert_eq!(task(buffer.push_many_async(&mut VecDeque::new())).poll(), Poll::Ready(Ok(0)), "as `push_many`");
    });
}

/// Documented on the buffer: the leaked future covers its item as long as the buffer exists.
#[test]
fn a_leaked_future_that_was_woken_covers_one_item() {
    watched(|| {
        let buffer = Arc::new(BoundedBuffer::new(4));
        let leaked = waiting(buffer.pop_async());
        let others = [(); 2].map(|()| waiting(buffer.pop_async()));
        buffer.push(1).unwrap();
        mem::forget(leaked);
        assert_eq!(others.each_ref().map(Task::wakes), [0, 0]);
        buffer.push(2).unwrap();
        assert_eq!(others.each_ref().map(Task::wakes), [1, 0]);
        buffer.close();
        assert_eq!(others.each_ref().map(Task::wakes), [0, 1]);
    });
}

#[test]
fn many_tasks_are_woken_in_the_order_in_which_they_wait() {
    watched(|| {
        let buffer = BoundedBuffer::new(1);
        let mut tasks: VecDeque<_> = (0..50).map(|_| waiting(buffer.pop_async())).collect();
        for cancelled in [40, 20, 10, 0] {
            tasks.remove(cancelled);
        }
        tasks.extend((0..4).map(|_| waiting(buffer.pop_async())));
        assert_eq!(buffer.stats().waiting_consumers, 50);
        for item in 0..50 {
            buffer.push(item).unwrap();
            let mut first = tasks.pop_front().unwrap();
            assert_eq!(first.wakes(), 1, "task {item}");
            assert_eq!(first.poll(), Poll::Ready(Ok(item)));
        }
    });
}
