//! The model of the primitives for a checker, with parking_lot's signatures.
//!
//! The checker is loom, or shuttle for programs that are too large for loom. Both export what is used here under the
//! same names, and what the comments say of loom holds for both.
//!
//! loom's own `Condvar` never times out and wakes in strict first-in, first-out order, so it checks no timed wait. The
//! one here is built on `park` and `unpark`. A timed wait can expire at one point, which loom explores against every
//! notification, and [`set_wake_order`] selects the order of wake-ups. [`record`] keeps the events of an execution,
//! [`step`] lets a scheduler decide about each step, and [`task`] runs futures.
//!
//! Without the cfg of a checker and the feature of the same name, this crate is empty.

#![cfg(any(all(loom, feature = "loom"), all(shuttle, feature = "shuttle")))]
#![warn(missing_docs)]
#![allow(clippy::disallowed_types, reason = "state of the model itself is not part of what it models")]

#[cfg(not(loom))]
mod atomic;
pub mod record;
pub mod step;
pub mod task;
pub mod trace;

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt::Display;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::panic::{self, AssertUnwindSafe, Location};
use std::pin::Pin;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Instant;

#[cfg(loom)]
use loom as checker;
#[cfg(not(loom))]
use shuttle as checker;

use self::record::{Action, Origin, record, record_notification, record_on, record_unlock};
use self::step::Operation;

pub use checker::hint::spin_loop;
pub use checker::sync::Arc;
#[cfg(loom)]
pub use checker::sync::atomic::{AtomicBool, AtomicUsize};
pub use checker::thread;
pub use checker::thread_local;
/// Not modelled: they count the time of waits and what it teaches, which only speed depends on.
pub use std::sync::atomic::{AtomicU32, AtomicU64};

/// Whether time passes.
pub const HAS_CLOCK: bool = false;

#[cfg(not(loom))]
pub use self::atomic::{AtomicBool, AtomicUsize};

/// Lets other threads run.
#[track_caller]
pub fn yield_now() {
    step::before(Operation::Yield);
    checker::thread::yield_now();
}

/// How [`read_snapshot`] reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotRead {
    /// By a read-modify-write, which reads the newest value. After a plain load loom leaves out schedules (loom issue
    /// 392).
    Newest,
    /// By a plain load, for which loom explores each value that `Relaxed` permits.
    Stale,
}

/// Sets how the models that the calling thread starts read a length snapshot. Must not change while a model runs.
pub fn set_snapshot_read(read: SnapshotRead) {
    SNAPSHOT_READ.set(read);
}

/// Reads a length snapshot.
#[must_use]
#[track_caller]
pub fn read_snapshot(len_snapshot: &AtomicUsize) -> usize {
    let len = match SNAPSHOT_READ.get() {
        SnapshotRead::Newest => len_snapshot.fetch_add(0, Ordering::Relaxed),
        SnapshotRead::Stale => len_snapshot.load(Ordering::Relaxed),
    };
    record(Action::ReadSnapshot(len));
    len
}

/// Returns how many rounds of a bounded loop to run: at most one, because more rounds repeat the same schedules.
#[must_use]
pub fn rounds(limit: u32) -> u32 {
    limit.min(1)
}

/// Polls a future on this thread until it is ready. With a deadline, explores one expiry, after other threads could
/// run.
#[track_caller]
pub fn block_on<F: Future + Unpin>(mut future: F, deadline: Option<Instant>) -> Option<F::Output> {
    if deadline.is_none() {
        return Some(task::block_on(future));
    }
    let waker = task::waker();
    let mut context = Context::from_waker(&waker);
    for _ in 0..2 {
        if let Poll::Ready(output) = Pin::new(&mut future).poll(&mut context) {
            return Some(output);
        }
        yield_now();
    }
    None
}

/// Returns `false`, so that the models do not depend on the machine.
#[must_use]
pub fn is_single_core() -> bool {
    false
}

const OUTSIDE_A_MODEL: &str = "a bounded buffer was created outside a loom model: with `--cfg loom` and the feature \
    `loom`, a buffer works inside `loom::model` only (docs/loom.md of bounded-buffer)";

/// `parking_lot::Mutex` on the checker's mutex.
#[derive(Debug)]
pub struct Mutex<T> {
    raw: checker::sync::Mutex<T>,
    describe: fn(&T) -> String,
    show_numbers: fn(&T) -> String,
    /// Distinguishes the mutexes of an execution.
    number: usize,
}

impl<T> Mutex<T> {
    /// Creates an unlocked mutex. The recorder shows the value by its `Display`, and [`trace`] by the alternate form.
    pub fn new(value: T) -> Self
    where
        T: Display,
    {
        // loom's own message names its primitives, and no type of this crate.
        let raw = panic::catch_unwind(AssertUnwindSafe(|| checker::sync::Mutex::new(value)));
        let raw = raw.unwrap_or_else(|payload| match payload.downcast_ref::<&str>() {
            Some(message) if message.contains("outside a Loom model") => panic!("{OUTSIDE_A_MODEL}"),
            _ => panic::resume_unwind(payload),
        });
        Self { raw, describe: T::to_string, show_numbers: |value| format!("{value:#}"), number: record::next_mutex() }
    }

    /// Acquires the lock. Unlike in parking_lot, the checker panics if a thread has panicked while it held the lock;
    /// the buffer runs no code there that panics.
    #[track_caller]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { mutex: self, held: Some(self.acquire()) }
    }

    /// Acquires the lock, and blocks while another thread holds it: loom reports a failed `try_lock` as a deadlock
    /// (loom issue 376). A caller that locks after a failure loses no schedule by that.
    #[track_caller]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        Some(self.lock())
    }

    #[track_caller]
    fn acquire(&self) -> checker::sync::MutexGuard<'_, T> {
        step::before(Operation::Lock);
        record_on(self.number, Action::RequestLock);
        let held = self.raw.lock().unwrap_or_else(PoisonError::into_inner);
        record_on(self.number, Action::Lock);
        held
    }
}

/// Access to the value of a [`Mutex`].
#[derive(Debug)]
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// `None` only while a [`Condvar`] has released the lock.
    held: Option<checker::sync::MutexGuard<'a, T>>,
}

impl<T> MutexGuard<'_, T> {
    /// Releases the lock, parks the thread and reacquires the lock. Returns whether `park` timed out, as `park` reports
    /// it.
    #[track_caller]
    fn wait(&mut self, condvar: Origin, timed: bool, park: impl FnOnce() -> bool) -> bool {
        self.show_numbers();
        record_on(self.mutex.number, Action::Wait(condvar));
        self.held = None;
        step::before(Operation::Resume { timed });
        let timed_out = park();
        record(if timed_out { Action::TimeOut } else { Action::Wake });
        self.held = Some(self.mutex.acquire());
        timed_out
    }

    fn describe(&self) {
        if let Some(value) = self.held.as_deref() {
            record::set_state(|| (self.mutex.describe)(value));
        }
    }

    fn show_numbers(&self) {
        if let Some(value) = self.held.as_deref() {
            record::set_numbers(|| (self.mutex.show_numbers)(value));
        }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;
    #[track_caller]
    fn deref(&self) -> &T {
        step::uses_state();
        self.held.as_deref().expect("the lock is held")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        step::uses_state();
        self.describe(); // the value before this change, and so after the previous one
        self.held.as_deref_mut().expect("the lock is held")
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.describe();
        self.show_numbers();
        step::before(Operation::Unlock);
        record_unlock(self.mutex.number);
    }
}

/// Which waiter `notify_one` wakes. parking_lot promises no order, so a protocol must work with both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WakeOrder {
    /// The waiter that has waited longest.
    Fifo,
    /// The waiter that arrived last.
    Lifo,
}

std::thread_local! {
    // Thread-local, because loom runs all threads of a model on the thread that started it.
    static WAKE_ORDER: Cell<WakeOrder> = const { Cell::new(WakeOrder::Fifo) };
    static SNAPSHOT_READ: Cell<SnapshotRead> = const { Cell::new(SnapshotRead::Newest) };
}

/// Sets the order for the models that the calling thread starts. Must not change while a model runs.
pub fn set_wake_order(order: WakeOrder) {
    WAKE_ORDER.set(order);
}

/// `parking_lot::Condvar`, with time-outs that loom explores.
#[derive(Debug)]
pub struct Condvar {
    /// The waiters, in order of arrival. loom runs one thread at a time and cannot switch threads while this lock is
    /// held, so a std mutex suffices and adds no executions.
    queue: std::sync::Mutex<VecDeque<std::sync::Arc<Waiter>>>,
    /// No thread waits here. Each arrival and notification notifies it, which makes them dependent operations for loom:
    /// it then explores their orders.
    order: checker::sync::Condvar,
    origin: Origin,
}

#[derive(Debug)]
struct Waiter {
    thread: checker::thread::Thread,
    notified: std::sync::atomic::AtomicBool,
}

/// Whether a timed wait ended without a notification.
#[derive(Clone, Copy, Debug)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Returns `true` only if the waiter was not notified.
    #[must_use]
    pub fn timed_out(self) -> bool {
        self.0
    }
}

impl Default for Condvar {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl Condvar {
    /// Creates a condition variable without waiters.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self { queue: std::sync::Mutex::default(), order: checker::sync::Condvar::new(), origin: Location::caller() }
    }

    /// Releases the lock and parks until notified. No other thread can lock between the release and the arrival in the
    /// queue.
    #[track_caller]
    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        guard.describe();
        step::before(Operation::Wait(self.origin));
        let waiter = self.enqueue();
        guard.wait(self.origin, false, || {
            while !waiter.notified.load(Ordering::SeqCst) {
                checker::thread::park();
            }
            false
        });
    }

    /// As [`wait`](Self::wait), but can time out while the waiter is not notified. The model has no clock: it ignores
    /// the deadline, and explores an early and a late expiry.
    #[track_caller]
    pub fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, _deadline: Instant) -> WaitTimeoutResult {
        guard.describe();
        step::before(Operation::Wait(self.origin));
        let waiter = self.enqueue();
        WaitTimeoutResult(guard.wait(self.origin, true, || {
            self.order.notify_one();
            self.leave_queue(&waiter)
        }))
    }

    /// Wakes one waiter. Returns whether there was one.
    #[track_caller]
    pub fn notify_one(&self) -> bool {
        step::before(Operation::NotifyOne(self.origin));
        self.order.notify_one();
        let waiter = {
            let mut queue = self.queue();
            let last = queue.len().saturating_sub(1);
            let index = match (step::observer(), WAKE_ORDER.get()) {
                (Some(observer), _) => observer.chooses_waiter(queue.len()),
                (None, WakeOrder::Fifo) => 0,
                (None, WakeOrder::Lifo) => last,
            };
            queue.remove(index)
        };
        record_notification(self.origin, waiter.iter().map(|waiter| &waiter.thread));
        waiter.map(|waiter| waiter.notify()).is_some()
    }

    /// Wakes all waiters. Returns their number.
    #[track_caller]
    pub fn notify_all(&self) -> usize {
        step::before(Operation::NotifyAll(self.origin));
        self.order.notify_one();
        let waiters = std::mem::take(&mut *self.queue());
        record_notification(self.origin, waiters.iter().map(|waiter| &waiter.thread));
        waiters.iter().map(|waiter| waiter.notify()).count()
    }

    fn enqueue(&self) -> std::sync::Arc<Waiter> {
        self.order.notify_one();
        let waiter = std::sync::Arc::new(Waiter {
            thread: checker::thread::current(),
            notified: std::sync::atomic::AtomicBool::new(false),
        });
        self.queue().push_back(waiter.clone());
        waiter
    }

    /// Removes a waiter that was not notified. Returns whether it was still in the queue.
    fn leave_queue(&self, waiter: &std::sync::Arc<Waiter>) -> bool {
        let mut queue = self.queue();
        let position = queue.iter().position(|queued| std::sync::Arc::ptr_eq(queued, waiter));
        position.map(|position| queue.remove(position)).is_some()
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, VecDeque<std::sync::Arc<Waiter>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    fn notify(&self) {
        self.notified.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}
