//! Wakers are code of the user: they may use the buffer, panic, or be replaced.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Wake, Waker};
use std::thread;

use bounded_buffer::BoundedBuffer;

use crate::tasks::{Task, poll_with, waiting};
use test_support::{until, watched};

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

/// Runs a function when it is woken.
struct Runs<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for Runs<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

pub(crate) fn waker(run: impl Fn() + Send + Sync + 'static) -> Waker {
    Arc::new(Runs(run)).into()
}

#[test]
fn a_waker_may_push() {
    watched(|| {
        let buffer = Arc::new(BoundedBuffer::new(2));
        let (mut first, pushes) = (buffer.pop_async(), buffer.clone());
        assert!(poll_with(&mut first, &waker(move || pushes.push(2).unwrap())).is_pending());
        let mut second = waiting(buffer.pop_async());
        buffer.push(1).unwrap();
        assert_eq!(second.wakes(), 1, "for the item that the waker of the first has pushed");
        assert_eq!(second.poll(), Poll::Ready(Ok(1)));
        assert_eq!(poll_with(&mut first, Waker::noop()), Poll::Ready(Ok(2)));
    });
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
        let panics = waker(|| panic_any(PanicsToo));
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

struct PanicsWhenDropped;

impl Wake for PanicsWhenDropped {
    fn wake(self: Arc<Self>) {}
}

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("the destructor of a waker");
    }
}

/// The buffer has the last handle of the waker each time, so it runs the destructor.
#[test]
fn a_waker_whose_destructor_panics_loses_no_item() {
    watched(|| {
        let buffer = BoundedBuffer::new(1);
        let waits_with_it = || {
            let mut pop = buffer.pop_async();
            let waker = Waker::from(Arc::new(PanicsWhenDropped));
            assert!(poll_with(&mut pop, &waker).is_pending());
            assert!(catch_unwind(AssertUnwindSafe(|| drop(waker))).is_ok(), "the buffer has a clone");
            pop
        };
        drop(waits_with_it());
        let mut replaced = waits_with_it();
        assert!(poll_with(&mut replaced, Waker::noop()).is_pending());
        drop(replaced);

        let woken = waiting(buffer.pop_async());
        let mut barges = waits_with_it();
        buffer.push(1).unwrap();
        assert_eq!(woken.wakes(), 1);
        assert_eq!(poll_with(&mut barges, Waker::noop()), Poll::Ready(Ok(1)));
        assert_eq!(buffer.stats().waiting_consumers, 1);
    });
}
