//! Stops for a scheduler that decides about each step of a model.
//!
//! The facade announces each operation before it happens. An observer can then let other threads run first: the lab
//! (`study/lab`) explores all orders of these steps. Without an observer, nothing happens here.

use std::cell::RefCell;
use std::rc::Rc;

use crate::record::Origin;

/// The operation that the current thread is about to execute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Acquires the lock.
    Lock,
    /// Releases the lock.
    Unlock,
    /// Releases the lock and waits on the condition variable of this origin.
    Wait(Origin),
    /// Returns from the wait: a timed wait may also time out.
    Resume {
        /// Whether the wait has a deadline.
        timed: bool,
    },
    /// Wakes one waiter of the condition variable of this origin.
    NotifyOne(Origin),
    /// Wakes all waiters of the condition variable of this origin.
    NotifyAll(Origin),
    /// Loads the atomic of this origin.
    Load(Origin),
    /// Stores to the atomic of this origin.
    Store(Origin),
    /// Reads the newest value of the atomic of this origin and writes it, in one step.
    Modify(Origin),
    /// Yields the processor.
    Yield,
    /// Calls the waker of a task.
    CallWaker,
    /// Polls a future again: possible after its waker was called.
    Poll,
}

/// Observes the threads of a model.
pub trait Observer {
    /// Runs before each operation; the thread executes it when this returns.
    fn before(&self, operation: Operation, location: Origin);
    /// Returns which of these waiters, in order of arrival, a notification wakes.
    fn chooses_waiter(&self, waiters: usize) -> usize;
    /// Runs when a thread uses the value behind the mutex.
    fn uses_state(&self, location: Origin);
    /// Runs when a thread creates an atomic or writes it.
    fn writes(&self, atomic: Origin, value: usize);
    /// Runs when a thread reads an atomic. Returns the value that the thread reads: the newest, or for a load an older
    /// one.
    fn reads(&self, atomic: Origin, newest: usize) -> usize;
}

std::thread_local! {
    static OBSERVER: RefCell<Option<Rc<dyn Observer>>> = const { RefCell::new(None) };
}

/// Sets the observer of the models that the calling thread starts.
pub fn set_observer(observer: Option<Rc<dyn Observer>>) {
    OBSERVER.set(observer);
}

/// The observer, unless the thread panics: a failed execution has no next step.
pub(crate) fn observer() -> Option<Rc<dyn Observer>> {
    if std::thread::panicking() { None } else { OBSERVER.with_borrow(Clone::clone) }
}

#[track_caller]
pub(crate) fn before(operation: Operation) {
    if let Some(observer) = observer() {
        observer.before(operation, std::panic::Location::caller());
    }
}

#[track_caller]
pub(crate) fn uses_state() {
    if let Some(observer) = observer() {
        observer.uses_state(std::panic::Location::caller());
    }
}
