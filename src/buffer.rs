//! The buffer and its protocol: how threads wait, which waiter a release wakes, and why no wake-up is lost. `state.rs` has the
//! state behind the mutex, `ops.rs` the operations.

use std::fmt;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::error::CapacityError;
use crate::state::{Side, State, Waits, Wake};
use crate::sync::{self, AtomicUsize, Condvar, Mutex, MutexGuard};
use crate::wait::{WaitStrategy, spin_then_yield};
use crate::wakers::WakerList;

/// A bounded first-in, first-out queue for several producers and consumers, with blocking operations.
///
/// The buffer is a ring of exactly `capacity` slots behind one mutex, two condition variables and a close flag. All methods
/// take `&self`. Share the buffer by reference between scoped threads, in an [`Arc`](std::sync::Arc), or through the handles
/// of [`bounded`](crate::bounded), which close it when the last handle of a side is dropped.
///
/// ```
/// use bounded_buffer::BoundedBuffer;
///
/// let buffer = BoundedBuffer::new(5);
/// std::thread::scope(|threads| {
///     threads.spawn(|| {
///         for item in 0..100 {
///             buffer.push(item).expect("only this thread closes the buffer");
///         }
///         buffer.close();
///     });
///     let sum: u32 = buffer.iter().sum(); // blocks for each item; ends when the buffer is closed and drained
///     assert_eq!(sum, 4950);
/// });
/// ```
///
/// # Why no wake-up is lost
///
/// A *waiter* is a thread that waits on a condition variable, or a task whose future returned `Pending`. The mutex guards the
/// ring, the close flag, and for each side the number of waiters and the wake-ups that are pending. A wake-up is *pending* from
/// the moment that `release` decides to send it until a waiter of that side holds the mutex again. If only threads wait, two
/// invariants hold whenever the mutex is free and the buffer is open:
///
/// > **W1.** If the buffer has an item and a consumer waits, a wake-up is pending for a consumer.
/// >
/// > **W2.** If the buffer has a free slot and a producer waits, a wake-up is pending for a producer.
///
/// They follow from steps 1 to 6. Steps 7 to 9 extend them to tasks. The code cites the steps by number.
///
/// 1. **One lock.** The state is read and changed only while the mutex is held. An operation that finds the buffer full,
///    empty or closed can rely on that until it releases the mutex.
/// 2. **Count, then wait.** A waiter starts to wait in the critical section that found its condition false, so the invariant of
///    its side holds then. It is counted before it releases the mutex. The condition variable releases the mutex and
///    enqueues the waiter in one step. The next thread that holds the mutex therefore reads the right count, and a later
///    notification finds the waiter in the queue, unless the waiter has left it: notified or timed out.
/// 3. **Release restores the invariants.** A critical section that pushes, pops, closes, or ends a wait ends in the function
///    `release`. Where W1 or W2 does not hold, `release` sets the pending flag of that side and notifies one waiter after it has
///    unlocked the mutex. One pending wake-up per side is enough for any number of items, by step 5. The notification may come
///    after the unlock because the flag was set under the lock.
/// 4. **A waiter that returns clears the flag,** whether it was notified, timed out, or woke up without a reason. While the flag
///    is set, a counted thread will reacquire the mutex and clear it: When the flag was set, a thread was counted. The notification
///    wakes a thread, or it finds the queue empty because each counted thread has already been notified or has timed out. In
///    both cases a thread reacquires the mutex after the flag was set, and clears it. A timed waiter that expires at the
///    moment it is notified clears the flag, too.
/// 5. **Chained wake-ups.** A waiter that returned acts or gives up, and its own `release` checks both sides again: if an item
///    and a waiting consumer remain, it wakes that consumer. A waiter that waits again found the condition of its side false, so
///    the invariant of its side holds. Therefore a batch needs no `notify_all`.
/// 6. **Close wakes all waiters.** On a closed buffer, `release` notifies all waiters of both sides, and no waiter starts to wait.
///    So each waiter returns. (One at a time would reach all of them, too, because each waiter that returns ends in `release`; all
///    at once is faster.)
///
/// A thread can hang only if it waits although it could act. If only threads wait, W1 and W2 say that a wake-up is then pending, and
/// step 4 that the wake-up arrives. At most one wake-up per side is pending for threads, which saves a system call for most items.
///
/// The wake-ups follow Mesa semantics: between a notification and the return of the waiter, another thread may take the item
/// (*barging*). Therefore the wait is a loop.
///
/// Before a thread waits on the condition variable, it may poll a snapshot of the length for a short time (`wait.rs`). Such a
/// thread is not counted as a waiter and needs no wake-up, because its polling is bounded. It registers as a *poller* under
/// the lock, and `release` writes the snapshot only while a poller is registered. The poller never acts on the snapshot: it
/// takes the lock and checks the condition again.
///
/// ## Tasks
///
/// A notified thread returns soon. A task that was woken is polled when its executor gets to it, and a future that is kept in a
/// loop around `select!` may be polled much later, or dropped. So each woken task has its own wake-up, and other waiters do not
/// depend on it:
///
/// 7. **A woken task has one item to itself.** A task that cannot act stores its waker in the list of its side, and is counted, in
///    the critical section that found the condition false. A later poll with another waker replaces the waker. `release` takes the
///    oldest waker out of the list and calls it after the unlock. From then until it is polled or dropped, the task is *woken*, and
///    no longer counted among the waiters. With tasks, the invariants are:
///
///    > **W1.** If the buffer has more items than woken consumers, and a consumer waits, then a wake-up is pending for a consumer
///    > thread, or a `release` that has unlocked is about to wake another consumer.
///    >
///    > **W2.** The same for free slots and producers.
///
///    So a woken task that is not polled withholds one item or one slot from those that wait, and as many such tasks as there
///    are slots withhold all. They withhold nothing from operations that find an item or a slot without waiting.
/// 8. **A woken task is polled or dropped.** If it is polled, it acts, or it finds the condition false and waits again, at the end of
///    the list. If its future is dropped, the destructor ends the wait and calls `release`: now fewer woken tasks have an item to
///    themselves, and `release` wakes another waiter where W1 or W2 asks for one. A future that is dropped or acts before it was
///    woken leaves the list and the count, and ends in `release` as well.
/// 9. **Threads and tasks take turns.** While both wait on one side, wake-ups go to them in turn, so each kind is woken. Tasks are
///    woken in the order of the list. Barging can take the item first, as it can for threads, so no order of service is promised.
///
/// The steps assume that a waker returns without waiting for another operation of the buffer. A future that is leaked
/// (`std::mem::forget`) while it is registered withholds an item or a slot from the moment that it is woken.
///
/// # Panics
///
/// Only the constructors panic, [`iter_many`](Self::iter_many) with a maximum of 0, and a future that is polled after its completion.
/// A panic of a waker ends in the buffer. A thread that panics while it holds an item or while it waits leaves the buffer usable: user
/// code never runs while the mutex is held, and the mutex is not poisoned.
///
/// Dropping a buffer drops its items as a `Vec` does: if two of their destructors panic, the process aborts. The handles of
/// [`bounded`](crate::bounded) handle that case; see [`Consumer`](crate::Consumer).
pub struct BoundedBuffer<T> {
    /// The lock and the fields that each operation touches start a cache line, see [`State`].
    state: CacheAligned<Mutex<State<T>>>,
    /// The length at the last release while a thread polled, or [`CLOSED`]. May be stale; read without the lock. On a cache
    /// line of its own, because pollers read it while other threads work under the lock.
    len_snapshot: CacheAligned<AtomicUsize>,
    /// Producers wait here.
    not_full: Condvar,
    /// Consumers wait here.
    not_empty: Condvar,
    pub(crate) capacity: usize,
    strategy: WaitStrategy,
}

/// Starts a value on a cache line of its own. 64 bytes on the processors that this was measured on.
#[repr(align(64))]
struct CacheAligned<T>(T);

/// The length snapshot of a closed buffer: neither empty nor full, so that polling ends on both sides.
const CLOSED: usize = usize::MAX;

/// How long an operation may wait.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    Never,
    After(Duration),
    At(Instant),
}

impl Limit {
    /// Returns the moment to give up. `None` means never: no limit, or one that an [`Instant`] cannot represent.
    fn deadline(self) -> Option<Instant> {
        match self {
            Self::Never => None,
            Self::After(timeout) => Instant::now().checked_add(timeout),
            Self::At(deadline) => Some(deadline),
        }
    }

    /// Returns the same limit as a fixed moment, for an operation that waits more than once.
    pub(crate) fn fixed(self) -> Self {
        self.deadline().map_or(Self::Never, Self::At)
    }
}

/// What the threads and tasks of one side wait for, and where.
pub(crate) trait Condition {
    /// Returns whether the wait is over: the operation can act, or it can never act again.
    fn is_over<T>(state: &State<T>) -> bool;
    /// Returns whether the wait is over according to the length snapshot.
    fn seems_over(snapshot: usize, capacity: usize) -> bool;
    fn condvar<T>(buffer: &BoundedBuffer<T>) -> &Condvar;
    fn side<T>(state: &mut State<T>) -> &mut Side;
    fn waits<T>(state: &mut State<T>) -> &mut Waits;
    fn tasks<T>(state: &mut State<T>) -> &mut WakerList;
}

/// What producers wait for.
pub(crate) struct NotFull;

/// What consumers wait for.
pub(crate) struct NotEmpty;

impl Condition for NotFull {
    #[inline]
    fn is_over<T>(state: &State<T>) -> bool {
        !state.ring.is_full() || state.closed
    }
    fn seems_over(snapshot: usize, capacity: usize) -> bool {
        snapshot != capacity
    }
    fn condvar<T>(buffer: &BoundedBuffer<T>) -> &Condvar {
        &buffer.not_full
    }
    fn side<T>(state: &mut State<T>) -> &mut Side {
        &mut state.producers
    }
    fn waits<T>(state: &mut State<T>) -> &mut Waits {
        &mut state.push_waits
    }
    fn tasks<T>(state: &mut State<T>) -> &mut WakerList {
        &mut state.push_tasks
    }
}

impl Condition for NotEmpty {
    #[inline]
    fn is_over<T>(state: &State<T>) -> bool {
        !state.ring.is_empty() || state.closed
    }
    fn seems_over(snapshot: usize, _capacity: usize) -> bool {
        snapshot != 0
    }
    fn condvar<T>(buffer: &BoundedBuffer<T>) -> &Condvar {
        &buffer.not_empty
    }
    fn side<T>(state: &mut State<T>) -> &mut Side {
        &mut state.consumers
    }
    fn waits<T>(state: &mut State<T>) -> &mut Waits {
        &mut state.pop_waits
    }
    fn tasks<T>(state: &mut State<T>) -> &mut WakerList {
        &mut state.pop_tasks
    }
}

impl Wake {
    fn notify_threads(&self, condvar: &Condvar) {
        match self {
            Self::None | Self::Task(_) => {}
            // The result is ignored: if the queue was empty, each counted thread was notified or has timed out (step 4).
            Self::Thread => _ = condvar.notify_one(),
            Self::All(_) => _ = condvar.notify_all(),
        }
    }

    fn wake_tasks(self) {
        match self {
            Self::None | Self::Thread => {}
            Self::Task(waker) => ignore_panic(|| waker.wake()),
            Self::All(wakers) => wakers.into_wakers().for_each(|waker| ignore_panic(|| waker.wake())),
        }
    }
}

/// Runs code of a waker. A panic ends here: the operation has succeeded, its result must not be lost, and others may have to be
/// woken.
pub(crate) fn ignore_panic(code: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
        std::mem::forget(payload); // its destructor may panic, too
    }
}

pub(crate) type Guard<'a, T> = MutexGuard<'a, State<T>>;

/// The protocol: lock, wait until the operation can act, change the state, release.
impl<T> BoundedBuffer<T> {
    /// Runs an operation that does not wait.
    #[inline]
    pub(crate) fn act<R>(&self, change: impl FnOnce(&mut State<T>) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        self.release(state);
        result
    }

    /// Runs an operation that waits. The change is made when the condition holds, when the buffer is closed, or when the time
    /// is up; it finds out which of these is the case, so it is also the last attempt of a wait that timed out.
    #[inline]
    pub(crate) fn wait_then_act<C: Condition, R>(&self, limit: Limit, change: impl FnOnce(&mut State<T>) -> R) -> R {
        let mut state = self.lock();
        if !C::is_over(&state) {
            state = self.wait::<C>(state, limit);
        }
        let result = change(&mut state);
        self.release(state);
        result
    }

    #[inline]
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.state.0.lock()
    }

    /// Unlocks, and wakes a waiter that can now act: step 3. No other function notifies.
    #[inline]
    pub(crate) fn release<'a>(&'a self, state: Guard<'a, T>) {
        if state.pollers > 0 {
            self.write_snapshot(&state);
        }
        if state.producers.waiting + state.consumers.waiting > 0 {
            self.release_and_wake(state);
        }
    }

    /// Sends wake-ups until W1 and W2 hold. One round does, unless a batch leaves work for several tasks.
    #[cold]
    fn release_and_wake<'a>(&'a self, mut guard: Guard<'a, T>) {
        loop {
            let state = &mut *guard;
            let wake_consumers = state.consumers.wake(&mut state.pop_tasks, state.ring.len(), state.closed); // W1
            let wake_producers = state.producers.wake(&mut state.push_tasks, state.ring.free(), state.closed); // W2
            for wake in [&wake_consumers, &wake_producers] {
                state.notifications += u64::from(!matches!(wake, Wake::None));
            }
            let again = !state.closed && state.lacks_wakeup();
            state.check();
            drop(guard);
            // Threads first: until a flagged notification is sent, all others rely on it, and a waker may take its time.
            wake_consumers.notify_threads(&self.not_empty);
            wake_producers.notify_threads(&self.not_full);
            wake_consumers.wake_tasks();
            wake_producers.wake_tasks();
            if !again {
                return;
            }
            guard = self.lock();
        }
    }

    /// The wait loop of both sides. Returns with the lock held, when the wait is over or the time is up.
    ///
    /// It spins before each park, not only before the first. A waiter whose wake-up was wasted, because another thread took
    /// the item, would otherwise park immediately, and the next wake-up would often be wasted too.
    #[cold]
    fn wait<'a, C: Condition>(&'a self, mut state: Guard<'a, T>, limit: Limit) -> Guard<'a, T> {
        let deadline = limit.deadline();
        let mut waiting_since = None;
        loop {
            if self.strategy.should_spin(C::side(&mut state).yielded_waits) && state.pollers < u16::MAX {
                state = self.poll::<C>(state, deadline);
                if C::is_over(&state) {
                    break;
                }
            }
            waiting_since.get_or_insert_with(Instant::now);
            let timed_out = self.park::<C>(&mut state, deadline);
            if C::is_over(&state) || timed_out {
                break;
            }
            state.wasted_wakeups += 1;
        }
        if let Some(begin) = waiting_since {
            let waits = C::waits(&mut state);
            waits.count += 1;
            waits.time += begin.elapsed();
        }
        state
    }

    /// Polls the snapshot without the lock for a bounded time.
    ///
    /// The lock is dropped without `release`: nothing was changed, or this is the waiter of step 5 that cannot act.
    fn poll<'a, C: Condition>(&'a self, mut state: Guard<'a, T>, deadline: Option<Instant>) -> Guard<'a, T> {
        state.pollers += 1;
        self.write_snapshot(&state); // the snapshot may date from the last time that a thread polled
        drop(state);
        let yielded = spin_then_yield(self.capacity, deadline, || {
            C::seems_over(sync::read_snapshot(&self.len_snapshot.0), self.capacity)
        });
        let mut state = self.lock();
        state.pollers -= 1;
        let side = C::side(&mut state);
        side.yielded_waits = if yielded { side.yielded_waits.saturating_add(1) } else { 0 };
        state
    }

    /// Waits on the condition variable until notified or until the deadline. Returns whether the deadline ended the wait.
    fn park<C: Condition>(&self, state: &mut Guard<'_, T>, deadline: Option<Instant>) -> bool {
        C::side(state).waiting += 1; // step 2
        let timed_out = match deadline {
            None => {
                C::condvar(self).wait(state);
                false
            }
            Some(deadline) => C::condvar(self).wait_until(state, deadline).timed_out(),
        };
        let side = C::side(state);
        side.waiting -= 1;
        side.wakeup_pending = false; // step 4
        side.yielded_waits = 0;
        timed_out
    }

    fn write_snapshot(&self, state: &State<T>) {
        // Relaxed: no other memory access depends on the snapshot, see `sync::read_snapshot`.
        self.len_snapshot.0.store(if state.closed { CLOSED } else { state.ring.len() }, Ordering::Relaxed);
    }
}

impl<T> BoundedBuffer<T> {
    /// Creates an empty, open buffer of exactly `capacity` slots, with [`WaitStrategy::Adaptive`].
    ///
    /// Allocates all slots here. Takes time linear in the capacity.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0, more than `u32::MAX`, or more than the memory can hold. (With 0 slots, a push would have to meet a
    /// pop: that is a rendezvous channel, which needs another protocol.) [`try_new`](Self::try_new) returns an error instead.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self::with_wait_strategy(capacity, WaitStrategy::default())
    }

    /// Creates a buffer as [`new`](Self::new) does, and selects what threads do before they park.
    ///
    /// ```
    /// use bounded_buffer::{BoundedBuffer, WaitStrategy};
    ///
    /// let quiet = BoundedBuffer::<u8>::with_wait_strategy(16, WaitStrategy::Park);
    /// assert_eq!(quiet.capacity(), 16);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    #[must_use]
    pub fn with_wait_strategy(capacity: usize, strategy: WaitStrategy) -> Self {
        Self::try_with_wait_strategy(capacity, strategy).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Creates a buffer as [`new`](Self::new) does, for a capacity that comes from outside the program.
    ///
    /// # Errors
    ///
    /// If `capacity` is 0, more than `u32::MAX`, or more than the memory can hold.
    ///
    /// ```
    /// use bounded_buffer::{BoundedBuffer, CapacityError};
    ///
    /// assert_eq!(BoundedBuffer::<u8>::try_new(0).unwrap_err(), CapacityError::Zero);
    /// assert_eq!(BoundedBuffer::<u8>::try_new(usize::MAX).unwrap_err(), CapacityError::TooLarge);
    /// assert!(BoundedBuffer::<u8>::try_new(5).is_ok());
    /// ```
    pub fn try_new(capacity: usize) -> Result<Self, CapacityError> {
        Self::try_with_wait_strategy(capacity, WaitStrategy::default())
    }

    /// Creates a buffer as [`try_new`](Self::try_new) does, and selects what threads do before they park.
    ///
    /// # Errors
    ///
    /// As [`try_new`](Self::try_new).
    pub fn try_with_wait_strategy(capacity: usize, strategy: WaitStrategy) -> Result<Self, CapacityError> {
        Ok(Self {
            state: CacheAligned(Mutex::new(State::try_new(capacity)?)),
            len_snapshot: CacheAligned(AtomicUsize::new(0)),
            not_full: Condvar::new(),
            not_empty: Condvar::new(),
            capacity,
            strategy,
        })
    }
}

impl<T> fmt::Debug for BoundedBuffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (len, closed) = {
            let state = self.lock();
            (state.ring.len(), state.closed)
        };
        // Printed after the unlock: a formatter is user code.
        f.debug_struct("BoundedBuffer")
            .field("len", &len)
            .field("capacity", &self.capacity)
            .field("closed", &closed)
            .finish_non_exhaustive()
    }
}

// Between a change and its release no code runs that can panic, and no user code. So a caught panic leaves the invariants
// intact, whatever `T` is.
impl<T> UnwindSafe for BoundedBuffer<T> {}
impl<T> RefUnwindSafe for BoundedBuffer<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    // No operation here waits: no watchdog ends the tests of this file when a change breaks the protocol.
    #[test]
    fn the_snapshot_is_written_only_while_a_thread_polls() {
        let buffer = BoundedBuffer::new(2);
        let seems_over = || {
            let snapshot = sync::read_snapshot(&buffer.len_snapshot.0);
            (NotEmpty::seems_over(snapshot, 2), NotFull::seems_over(snapshot, 2))
        };
        buffer.try_push(1).unwrap();
        buffer.try_push(2).unwrap();
        assert_eq!(seems_over(), (false, true), "no thread polls, and the snapshot is still 0");
        buffer.lock().pollers += 1;
        buffer.release(buffer.lock());
        assert_eq!(seems_over(), (true, false));
        buffer.try_pop().unwrap();
        assert_eq!(seems_over(), (true, true));
        buffer.drain();
        assert_eq!(seems_over(), (false, true));
        buffer.close();
        assert_eq!(seems_over(), (true, true));
    }
}
