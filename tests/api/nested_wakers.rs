//! Wakers that drop or poll a future inside `wake`, which wakes the next task. The calls must not nest: a row of waiting tasks
//! would overflow the stack.

use std::cell::Cell;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use bounded_buffer::BoundedBuffer;
use parking_lot::Mutex;

use crate::tasks::{poll_with, waiting};
use crate::wakers::waker;
use test_support::watched;

type Buffer = Arc<BoundedBuffer<usize>>;

/// Tasks of a test. On the stack of [`on_a_thread`], a few hundred nested wakers have room.
const MANY: usize = 100_000;

/// What a waker does with the future of its task.
#[derive(Clone, Copy)]
enum Does {
    Drop,
    DropThenPanic,
    Poll,
}

/// A task whose executor runs it inside `wake`.
struct InWake {
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    does: Does,
    calls: Arc<Calls>,
}

/// The calls of the wakers of a test.
#[derive(Default)]
struct Calls {
    count: AtomicUsize,
    /// How many ran inside each other, at most.
    depth: AtomicUsize,
}

std::thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

impl InWake {
    /// Starts a task, and polls it until it waits. The buffer keeps the task.
    fn start(does: Does, calls: &Arc<Calls>, future: impl Future<Output = ()> + Send + 'static) {
        let task = Arc::new(Self { future: Mutex::new(Some(Box::pin(future))), does, calls: calls.clone() });
        task.poll();
        assert!(Arc::strong_count(&task) > 1, "it waits");
    }

    fn poll(self: &Arc<Self>) {
        let waker = Waker::from(self.clone());
        let mut future = self.future.lock().take().expect("a task is woken once for each poll");
        if future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            *self.future.lock() = Some(future);
        }
    }
}

impl Wake for InWake {
    fn wake(self: Arc<Self>) {
        self.calls.count.fetch_add(1, Ordering::SeqCst);
        self.calls.depth.fetch_max(DEPTH.get() + 1, Ordering::SeqCst);
        DEPTH.set(DEPTH.get() + 1);
        match self.does {
            Does::Drop | Does::DropThenPanic => drop(self.future.lock().take()),
            Does::Poll => self.poll(),
        }
        DEPTH.set(DEPTH.get() - 1);
        if matches!(self.does, Does::DropThenPanic) {
            resume_unwind(Box::new("on purpose"));
        }
    }
}

impl Calls {
    /// Each of so many wakers was called, and none inside another.
    #[track_caller]
    fn assert_one_by_one(&self, count: usize) {
        assert_eq!((self.count.load(Ordering::SeqCst), self.depth.load(Ordering::SeqCst)), (count, 1));
    }
}

fn new(capacity: usize) -> Buffer {
    Arc::new(BoundedBuffer::new(capacity))
}

/// Runs a test on a stack of 2 MiB, as a thread of std has it.
fn on_a_thread(test: impl FnOnce() + Send) {
    thread::scope(|threads| {
        let thread = thread::Builder::new().stack_size(2 << 20).spawn_scoped(threads, test).unwrap();
        thread.join().unwrap();
    });
}

/// Runs a test with a few tasks, and with too many for the stack if their wakers nest.
fn rows(test: impl Fn(usize, &Arc<Calls>) + Sync) {
    for tasks in [4, MANY] {
        on_a_thread(|| test(tasks, &Arc::default()));
    }
}

/// A task that pops an item and drops it.
async fn pop(buffer: Buffer) {
    _ = buffer.pop_async().await;
}

/// A task that takes an item from one buffer to another, and counts it.
async fn relay(from: Buffer, to: Buffer) {
    let item = from.pop_async().await.unwrap();
    to.push_async(item + 1).await.unwrap();
}

#[test]
fn wakers_that_drop_their_futures_do_not_nest() {
    watched(|| {
        rows(|tasks, calls| {
            let buffer = new(1);
            (0..tasks).for_each(|_| InWake::start(Does::Drop, calls, pop(buffer.clone())));
            buffer.push(7).unwrap();
            calls.assert_one_by_one(tasks);
            assert_eq!((buffer.stats().waiting_consumers, buffer.pop()), (0, Ok(7)));
        });
    });
}

/// A queue of each buffer would not be enough.
#[test]
fn wakers_of_two_buffers_that_feed_each_other_do_not_nest() {
    watched(|| {
        rows(|tasks, calls| {
            let (first, second) = (new(1), new(1));
            for _ in 0..tasks / 2 {
                InWake::start(Does::Poll, calls, relay(first.clone(), second.clone()));
                InWake::start(Does::Poll, calls, relay(second.clone(), first.clone()));
            }
            first.push(0).unwrap();
            calls.assert_one_by_one(tasks);
            assert_eq!((first.pop(), second.len()), (Ok(tasks), 0));
        });
    });
}

/// The waker of each buffer closes the next one.
#[test]
fn a_close_that_passes_through_a_row_of_buffers_does_not_nest() {
    watched(|| {
        rows(|tasks, calls| {
            let buffers = tasks.min(MANY / 10);
            let row: Vec<_> = (0..=buffers).map(|_| new(1)).collect();
            for pair in row.windows(2) {
                let (before, after) = (pair[0].clone(), pair[1].clone());
                InWake::start(Does::Poll, calls, async move {
                    before.closed().await;
                    after.close();
                });
            }
            row[0].close();
            calls.assert_one_by_one(buffers);
            assert!(row[buffers].is_closed());
        });
    });
}

/// The panic comes after the waker has released to the next task, whose waker is not called yet.
#[test]
fn a_waker_that_panics_in_the_middle_of_a_row_stops_no_other() {
    watched(|| {
        let (buffer, calls) = (new(1), Arc::default());
        for does in [Does::Drop, Does::DropThenPanic, Does::Drop, Does::DropThenPanic, Does::Drop] {
            InWake::start(does, &calls, pop(buffer.clone()));
        }
        buffer.push(7).unwrap();
        calls.assert_one_by_one(5);
        assert_eq!(buffer.pop(), Ok(7));

        // The next release of this thread calls its wakers itself.
        let last = waiting(buffer.pop_async());
        buffer.push(8).unwrap();
        assert_eq!(last.wakes(), 1);
    });
}

/// The thread that is inside a waker is not the one that pushes: each thread calls its own wakers.
#[test]
fn a_thread_calls_its_wakers_while_another_is_inside_one() {
    watched(|| {
        let (buffer, entered, left) = (new(2), new(1), new(1));
        let (enters, leaves) = (entered.clone(), left.clone());
        let blocks = waker(move || {
            enters.push(0).unwrap();
            leaves.pop().unwrap();
        });
        let mut first = buffer.pop_async();
        assert!(poll_with(&mut first, &blocks).is_pending());
        let second = waiting(buffer.pop_async());
        thread::scope(|threads| {
            threads.spawn(|| buffer.push(1).unwrap());
            entered.pop().unwrap();
            buffer.push(2).unwrap();
            assert_eq!(second.wakes(), 1, "the other thread is still inside the first waker");
            left.push(0).unwrap();
        });
    });
}

/// Pushes an item when the thread ends.
struct PushesAtEnd(Option<Buffer>);

impl Drop for PushesAtEnd {
    fn drop(&mut self) {
        if let Some(buffer) = self.0.take() {
            buffer.push(7).unwrap();
        }
    }
}

std::thread_local! {
    static BEFORE: Cell<PushesAtEnd> = const { Cell::new(PushesAtEnd(None)) };
    static AFTER: Cell<PushesAtEnd> = const { Cell::new(PushesAtEnd(None)) };
}

/// The queue of uncalled wakers belongs to the thread. One of the two values is dropped before it, and the other after it.
/// Both wake a task that passes the item on inside its waker.
#[test]
fn a_thread_that_ends_calls_the_wakers() {
    watched(|| {
        let to = [new(1), new(1), new(1)];
        let tasks = to.each_ref().map(|to| waiting(to.pop_async()));
        let [before, between, after] = to.each_ref().map(|to| {
            let (from, to) = (new(1), to.clone());
            let pops = from.clone();
            let passes_on = async move { to.push(pops.pop_async().await.unwrap()).unwrap() };
            InWake::start(Does::Poll, &Arc::default(), passes_on);
            from
        });
        thread::scope(|threads| {
            let thread = threads.spawn(|| {
                BEFORE.set(PushesAtEnd(Some(before.clone())));
                between.push(7).unwrap(); // the thread gets its queue
                AFTER.set(PushesAtEnd(Some(after.clone())));
            });
            thread.join().unwrap();
        });
        for mut task in tasks {
            assert_eq!(task.wakes(), 1);
            assert_eq!(task.poll(), Poll::Ready(Ok(7)));
        }
    });
}
