//! Tasks of the models: a thread that polls a future, and parks between polls until its waker is called.
//!
//! A waker can be called while its thread runs, or while it is blocked on the lock. loom would wake such a thread from
//! the lock, so a waker unparks its thread only if the thread is parked here.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};

use crate::checker::sync::Condvar;
use crate::checker::thread::{self, Thread};
use crate::record::{self, Action, record};
use crate::step::{self, Operation};

/// Polls a future to its end. The thread parks between polls until the waker of the last poll is called.
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    let task = Task::of_this_thread();
    let waker = Waker::from(task.clone());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        task.park();
    }
}

/// Returns a waker of this thread, for a future that is not polled by [`block_on`].
#[must_use]
pub fn waker() -> Waker {
    Waker::from(Task::of_this_thread())
}

/// Returns the name of the thread that this waker wakes, if it is a waker of [`block_on`] or [`waker()`].
#[must_use]
pub fn thread_of(waker: &Waker) -> Option<String> {
    TASKS.with_borrow(|tasks| {
        let task = tasks.iter().find(|task| task.as_ptr().cast() == waker.data())?.upgrade()?;
        Some(task.name.clone())
    })
}

std::thread_local! {
    /// The tasks of the running execution, and some of earlier ones. Thread-local, as the log in [`record`].
    static TASKS: RefCell<Vec<Weak<Task>>> = const { RefCell::new(Vec::new()) };
}

#[derive(Debug)]
struct Task {
    thread: Thread,
    /// A copy: the log cannot be asked while the value behind the mutex describes itself.
    name: String,
    woken: AtomicBool,
    parked: AtomicBool,
    /// As in [`Condvar`](crate::Condvar): makes the park and each call of the waker dependent operations for loom.
    order: Condvar,
}

impl Task {
    fn of_this_thread() -> Arc<Self> {
        let thread = thread::current();
        let task = Arc::new(Self {
            name: record::name_of(&thread),
            thread,
            woken: AtomicBool::new(false),
            parked: AtomicBool::new(false),
            order: Condvar::new(),
        });
        TASKS.with_borrow_mut(|tasks| {
            tasks.retain(|task| task.strong_count() > 0);
            tasks.push(Arc::downgrade(&task));
        });
        task
    }

    #[track_caller]
    fn park(&self) {
        record(Action::Suspend);
        step::before(Operation::Poll);
        self.order.notify_one();
        self.parked.store(true, SeqCst);
        while !self.woken.swap(false, SeqCst) {
            thread::park();
        }
        self.parked.store(false, SeqCst);
        record(Action::Wake);
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        step::before(Operation::CallWaker);
        self.order.notify_one();
        record::record_call_of_waker(&self.thread);
        self.woken.store(true, SeqCst);
        if self.parked.load(SeqCst) {
            self.thread.unpark();
        }
    }
}
