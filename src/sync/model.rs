//! The primitives as a checker sees them, with parking_lot's signatures. The checker is loom, or shuttle for programs too
//! large for loom; both have the few things used here under the same names. What is said of loom holds for both.
//!
//! loom's own `Condvar` never times out and wakes in strict first-in, first-out order, so it says nothing about timed waits.
//! The one here is built on `park` and `unpark`: a timed wait may expire at one point that loom explores against every
//! notification, and the order of wake-ups is a switch, [`set_wake_order`]. What happens is written down in [`record`].

pub mod record;

use std::cell::Cell;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Instant;

#[cfg(loom)]
use loom as checker;
#[cfg(shuttle)]
use shuttle as checker;

use self::record::{Describe, Made, What, record};

pub use checker::hint::spin_loop;
pub use checker::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize},
};
pub use checker::thread::yield_now;

/// Reads a len_snapshot with a read-modify-write: loom sees no schedule between a plain load and what hangs on it (loom issue 392).
#[must_use]
pub fn read_snapshot(len_snapshot: &AtomicUsize) -> usize {
    let seen = len_snapshot.fetch_add(0, Ordering::Relaxed);
    record(What::Looks(seen));
    seen
}

/// The model's own condition variable records what it sends; nobody else asks.
pub fn count_notification() {}

/// How many rounds of a bounded loop to run: one. More rounds are the same schedules again.
#[must_use]
pub fn rounds(limit: u32) -> u32 {
    limit.min(1)
}

/// The model has cores enough, whatever machine it runs on.
#[must_use]
pub fn is_single_core() -> bool {
    false
}

/// `parking_lot::Mutex` over loom's.
#[derive(Debug)]
pub struct Mutex<T> {
    raw: checker::sync::Mutex<T>,
    describe: fn(&T, &mut String),
}

impl<T> Mutex<T> {
    /// An unlocked mutex.
    pub fn new(value: T) -> Self
    where
        T: Describe,
    {
        Self { raw: checker::sync::Mutex::new(value), describe: T::describe }
    }

    /// Waits for the lock. A panic under the lock does not poison it, as in parking_lot.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { mutex: self, held: Some(self.acquire()) }
    }

    /// Waits for the lock, too: loom takes a `try_lock` that fails for a deadlock (loom issue 376). Callers must not rely on
    /// a failure, so nothing they could do after one goes unexplored: they would lock.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        Some(self.lock())
    }

    fn acquire(&self) -> checker::sync::MutexGuard<'_, T> {
        record(What::Asks);
        let held = self.raw.lock().unwrap_or_else(PoisonError::into_inner);
        record(What::Locks);
        held
    }
}

/// Access to what a [`Mutex`] guards.
#[derive(Debug)]
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// `None` only while [`Condvar`] has let go of the lock.
    held: Option<checker::sync::MutexGuard<'a, T>>,
}

impl<T> MutexGuard<'_, T> {
    fn unlocked<R>(&mut self, waits: What, f: impl FnOnce() -> R) -> R {
        self.describe();
        record(waits);
        self.held = None;
        let result = f();
        self.held = Some(self.mutex.acquire());
        result
    }

    /// Takes note of the state, as it is before the next change.
    fn describe(&self) {
        if let Some(state) = self.held.as_deref() {
            record::state(|to| (self.mutex.describe)(state, to));
        }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.held.as_deref().expect("the lock is held")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.describe();
        self.held.as_deref_mut().expect("the lock is held")
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.describe();
        record(What::Unlocks);
    }
}

/// Whom `notify_one` wakes: parking_lot promises nothing, so a protocol must stand both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WakeOrder {
    /// The one that has waited longest.
    Fifo,
    /// The one that came last.
    Lifo,
}

std::thread_local! {
    /// loom runs all threads of a model on the one thread that started it, and tests run beside each other.
    static WAKE_ORDER: Cell<WakeOrder> = const { Cell::new(WakeOrder::Fifo) };
}

/// Sets the order for the models that this thread starts; to be left alone while one runs.
pub fn set_wake_order(order: WakeOrder) {
    WAKE_ORDER.set(order);
}

/// `parking_lot::Condvar`, with time-outs that loom explores.
#[derive(Debug)]
pub struct Condvar {
    /// Who waits, in order of arrival. loom runs one thread at a time and this lock is never held across a point at which
    /// it may switch, so a std mutex serves and adds no executions.
    queue: std::sync::Mutex<VecDeque<std::sync::Arc<Waiter>>>,
    /// Nobody ever waits here; notifying it is the event by which loom learns that arrival, notification and expiry on
    /// this condition variable depend on each other's order.
    order: checker::sync::Condvar,
    made: Made,
}

#[derive(Debug)]
struct Waiter {
    thread: checker::thread::Thread,
    chosen: std::sync::atomic::AtomicBool,
}

/// Did a timed wait end because nobody had chosen the waiter?
#[derive(Clone, Copy, Debug)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// True only if no notification chose this waiter.
    #[must_use]
    pub fn timed_out(self) -> bool {
        self.0
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}

impl Condvar {
    /// A condition variable nobody waits on.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self { queue: std::sync::Mutex::default(), order: checker::sync::Condvar::new(), made: Location::caller() }
    }

    /// Lets go of the lock and sleeps until chosen by a notification, in one step as seen by whoever takes the lock next.
    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let me = self.enqueue();
        guard.unlocked(What::Waits(self.made), || {
            while !me.chosen.load(Ordering::SeqCst) {
                checker::thread::park();
            }
            record(What::Wakes);
        });
    }

    /// As [`wait`](Self::wait), but may give up at any moment at which nobody has chosen the waiter. The model knows no
    /// time: `deadline` is ignored, and every deadline may expire early or late.
    pub fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, _deadline: Instant) -> WaitTimeoutResult {
        let me = self.enqueue();
        WaitTimeoutResult(guard.unlocked(What::Waits(self.made), || {
            self.order.notify_one();
            let timed_out = self.expire(&me);
            record(if timed_out { What::TimesOut } else { What::Wakes });
            timed_out
        }))
    }

    /// Chooses one waiter and wakes it. Says whether there was one.
    pub fn notify_one(&self) -> bool {
        self.order.notify_one();
        let waiter = {
            let mut queue = self.queue();
            match WAKE_ORDER.get() {
                WakeOrder::Fifo => queue.pop_front(),
                WakeOrder::Lifo => queue.pop_back(),
            }
        };
        record::notifies(self.made, waiter.iter().map(|waiter| &waiter.thread));
        waiter.map(|waiter| waiter.choose()).is_some()
    }

    /// Chooses every waiter and wakes them. Says how many there were.
    pub fn notify_all(&self) -> usize {
        self.order.notify_one();
        let waiters = std::mem::take(&mut *self.queue());
        record::notifies(self.made, waiters.iter().map(|waiter| &waiter.thread));
        waiters.iter().map(|waiter| waiter.choose()).count()
    }

    fn enqueue(&self) -> std::sync::Arc<Waiter> {
        self.order.notify_one();
        let me = std::sync::Arc::new(Waiter {
            thread: checker::thread::current(),
            chosen: std::sync::atomic::AtomicBool::new(false),
        });
        self.queue().push_back(me.clone());
        me
    }

    /// Leaves the queue if nobody chose this waiter, and says so.
    fn expire(&self, me: &std::sync::Arc<Waiter>) -> bool {
        let mut queue = self.queue();
        let still_there = queue.iter().position(|waiter| std::sync::Arc::ptr_eq(waiter, me));
        still_there.map(|at| queue.remove(at)).is_some()
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, VecDeque<std::sync::Arc<Waiter>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    fn choose(&self) {
        self.chosen.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}
