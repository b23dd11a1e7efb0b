//! The buffer and its protocol: how to wait, whom to wake, and why no wake-up is lost. The operations built on it are in
//! `ops.rs`, the state it guards in `state.rs`.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::state::{Side, State, Waits, Wake};
use crate::sync::{self, AtomicUsize, Condvar, Mutex, MutexGuard};
use crate::wait::WaitStrategy;

/// A bounded first-in, first-out queue that threads share: a push waits while it is full, a pop waits while it is empty.
///
/// One mutex, two condition variables and a close flag around a ring of exactly `capacity` slots. All methods take `&self`;
/// share it by reference (scoped threads), in an [`Arc`](std::sync::Arc), or through the handles of
/// [`bounded`](crate::bounded), which close it by themselves.
///
/// ```
/// use bounded_buffer::BoundedBuffer;
///
/// let buffer = BoundedBuffer::new(5);
/// std::thread::scope(|threads| {
///     threads.spawn(|| {
///         for item in 0..100 {
///             buffer.push(item).expect("nobody else closes it");
///         }
///         buffer.close();
///     });
///     let sum: u32 = buffer.iter().sum(); // waits for items; ends when the buffer is closed and drained
///     assert_eq!(sum, 4950);
/// });
/// ```
///
/// # Why no wake-up is lost
///
/// The state behind the mutex: the ring, whether the buffer is closed, and for each side how many of its threads are waiting
/// and whether a wake-up is *pending* to one of them. Two invariants hold whenever the mutex is free:
///
/// > **W1.** If there are items and a consumer is waiting, a wake-up is pending to a consumer.
/// >
/// > **W2.** If there are free slots and a producer is waiting, a wake-up is pending to a producer.
///
/// They follow from six steps, which the code cites:
///
/// 1. **One lock.** State is read and changed only with the mutex held, so what an operation decides (full, empty, closed)
///    is still true when it acts on it.
/// 2. **Counted, then waiting.** A waiter is counted before it lets go of the mutex, and the condition variable lets go and
///    enters the waiter in its queue in one step. Whoever holds the mutex next sees the count, and a notification sent from
///    then on finds the waiter, unless it has left the queue by itself: woken or timed out, it is coming.
/// 3. **Release restores.** Every critical section that changed the state ends in the one function `release`. Where an
///    invariant fails, it marks the side *pending* and, after unlocking, notifies one waiter. One mark a side is enough,
///    however many items came: the rest is step 5. Notifying after the unlock is sound, because the mark was set under it.
/// 4. **Every waiter that comes back clears the mark,** whether it was chosen, timed out, or was woken for nothing. So a mark
///    never outlives its wake-up: the side had a waiter counted when it was marked; the notification wakes one, or finds the
///    queue empty because all that were counted are coming by themselves (step 2). Either way somebody takes the mutex
///    after the mark was set, and clears it. A waiter that timed out just as it was chosen takes no wake-up with it.
/// 5. **The baton.** A waiter that came back acts, and its own release looks at both sides again: are there still items and
///    sleeping consumers, the next one is woken. One that can do nothing found its side's condition false, so the side's
///    invariant holds as it is, and sleeps again. That is why a batch needs no `notify_all`.
/// 6. **Close wakes all.** Once closed, release notifies everybody waiting. Nobody goes to sleep on a closed buffer. (The
///    baton alone would do, one after the other, since on a closed buffer everybody can act; all at once is sooner.)
///
/// Before it sleeps, a thread may look at a len_snapshot of the length for a bounded while (`wait.rs`). It is not counted and nobody
/// owes it a wake-up, because it comes back by itself; what it believes to have seen is decided again under the lock.
///
/// Many threads wait as long as somebody is waiting who could act; W1 and W2 say that then a wake-up is pending, and step 4
/// that it arrives. The throttle (one wake-up in flight a side) costs no liveness and saves a system call an item. The wake-ups
/// are Mesa-style: between the notification and the waiter's return any thread may barge in and take the item, so the wait
/// is a loop.
///
/// # Panics
///
/// Nothing but the constructors panics. A thread that panics while it holds an item or waits leaves the buffer usable: no
/// code of the user's runs under the lock, and the mutex does not poison.
pub struct BoundedBuffer<T> {
    state: Mutex<State<T>>,
    /// Where producers wait.
    not_full: Condvar,
    /// Where consumers wait.
    not_empty: Condvar,
    /// The length at the last release, or [`CLOSED`]: what threads look at before they sleep. Never trusted.
    len_snapshot: AtomicUsize,
    pub(crate) capacity: usize,
    strategy: WaitStrategy,
}

/// The len_snapshot of a closed buffer: more than any length, so that nobody keeps looking.
const CLOSED: usize = usize::MAX;

/// How long an operation may wait.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    Never,
    After(Duration),
    At(Instant),
}

impl Limit {
    /// The moment to give up; `None` if it will never come, also because it lies beyond what an [`Instant`] can tell.
    fn deadline(self) -> Option<Instant> {
        match self {
            Self::Never => None,
            Self::After(timeout) => Instant::now().checked_add(timeout),
            Self::At(deadline) => Some(deadline),
        }
    }

    /// The same limit, counted from now on and no longer from each use.
    pub(crate) fn fixed(self) -> Self {
        self.deadline().map_or(Self::Never, Self::At)
    }
}

/// What a side waits for, and where.
pub(crate) trait Condition {
    /// Is there an end to the waiting: can the operation act, or never act again?
    fn is_over<T>(state: &State<T>) -> bool;
    /// How far the len_snapshot says it is over: the items or the free slots there seem to be. 0 is not over.
    fn progress(len_snapshot: usize, capacity: usize) -> usize;
    fn condvar<T>(buffer: &BoundedBuffer<T>) -> &Condvar;
    fn side<T>(state: &mut State<T>) -> &mut Side;
    fn waits<T>(state: &mut State<T>) -> &mut Waits;
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
    fn progress(len_snapshot: usize, capacity: usize) -> usize {
        if len_snapshot == CLOSED { CLOSED } else { capacity - len_snapshot }
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
}

impl Condition for NotEmpty {
    #[inline]
    fn is_over<T>(state: &State<T>) -> bool {
        !state.ring.is_empty() || state.closed
    }
    fn progress(len_snapshot: usize, _capacity: usize) -> usize {
        len_snapshot
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
}

impl Wake {
    fn send(self, condvar: &Condvar) {
        match self {
            Self::None => return,
            // Whether anybody was there is ignored: if not, everybody counted is coming by itself (step 4).
            Self::One => _ = condvar.notify_one(),
            Self::All => _ = condvar.notify_all(),
        }
        sync::count_notification();
    }
}

type Guard<'a, T> = MutexGuard<'a, State<T>>;

/// The protocol: lock, wait until it can act, change, release.
impl<T> BoundedBuffer<T> {
    /// One operation that does not wait.
    #[inline]
    pub(crate) fn act<R>(&self, change: impl FnOnce(&mut State<T>) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        self.release(state);
        result
    }

    /// One operation that waits: the change is made when the condition holds, the buffer is closed, or the time is up, and
    /// finds out for itself which it is.
    #[inline]
    pub(crate) fn when<C: Condition, R>(&self, limit: Limit, change: impl FnOnce(&mut State<T>) -> R) -> R {
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
        match self.state.try_lock() {
            Some(state) => state,
            None => self.strategy.lock(&self.state),
        }
    }

    /// Unlocks, and wakes whoever can now do something: step 3, and the only place that wakes.
    #[inline]
    fn release(&self, state: Guard<'_, T>) {
        // Relaxed: a len_snapshot orders nothing, see `sync::read_snapshot`.
        self.len_snapshot.store(if state.closed { CLOSED } else { state.ring.len() }, Ordering::Relaxed);
        if state.producers.waiting + state.consumers.waiting > 0 {
            self.release_and_wake(state);
        }
    }

    #[cold]
    fn release_and_wake(&self, mut guard: Guard<'_, T>) {
        let state = &mut *guard;
        let wake_consumers = state.consumers.wake(!state.ring.is_empty(), state.closed); // W1
        let wake_producers = state.producers.wake(!state.ring.is_full(), state.closed); // W2
        for wake in [wake_consumers, wake_producers] {
            state.notifications += u64::from(wake != Wake::None);
        }
        state.check();
        drop(guard);
        wake_consumers.send(&self.not_empty);
        wake_producers.send(&self.not_full);
    }

    /// The one wait loop. Returns with the lock held, when the wait is over or the time is up.
    ///
    /// It looks before each sleep, not only the first: a waiter that was woken for nothing, because another thread barged
    /// in, would else sleep again at once and have the next release send it the next wake-up for nothing.
    #[cold]
    fn wait<'a, C: Condition>(&'a self, mut state: Guard<'a, T>, limit: Limit) -> Guard<'a, T> {
        let deadline = limit.deadline();
        let mut waiting_since = None;
        loop {
            if self.strategy.looks(C::side(&mut state).yielded_waits) {
                drop(state); // not released: nothing was changed, or it is step 5's waiter that can do nothing
                let yielded = WaitStrategy::look(self.capacity, deadline, || self.progress::<C>());
                state = self.lock();
                let side = C::side(&mut state);
                side.yielded_waits = if yielded { side.yielded_waits + 1 } else { 0 };
                if C::is_over(&state) {
                    break;
                }
            }
            waiting_since.get_or_insert_with(Instant::now);
            let timed_out = self.sleep::<C>(&mut state, deadline);
            if C::is_over(&state) || timed_out {
                break;
            }
            state.futile_wakeups += 1;
        }
        if let Some(begin) = waiting_since {
            let waits = C::waits(&mut state);
            waits.count += 1;
            waits.time += begin.elapsed();
        }
        state
    }

    /// Sleeps until notified or until the deadline, and says whether it was the deadline.
    fn sleep<C: Condition>(&self, state: &mut Guard<'_, T>, deadline: Option<Instant>) -> bool {
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

    /// What the len_snapshot says of the condition; see [`Condition::progress`].
    fn progress<C: Condition>(&self) -> usize {
        C::progress(sync::read_snapshot(&self.len_snapshot), self.capacity)
    }
}

impl<T> BoundedBuffer<T> {
    /// An empty, open buffer of exactly `capacity` slots, with [`WaitStrategy::Adaptive`].
    ///
    /// Allocates the slots here and nothing later.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0: a hand-over without a slot is a rendezvous, another thing with another protocol. Also if the
    /// slots would not fit into memory.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self::with_wait_strategy(capacity, WaitStrategy::default())
    }

    /// As [`new`](Self::new), with a say in what threads do before they sleep.
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
        assert!(capacity > 0, "the capacity of a bounded buffer must be at least 1");
        Self {
            state: Mutex::new(State::new(capacity)),
            not_full: Condvar::new(),
            not_empty: Condvar::new(),
            len_snapshot: AtomicUsize::new(0),
            capacity,
            strategy,
        }
    }
}

impl<T> fmt::Debug for BoundedBuffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (len, closed) = {
            let state = self.lock();
            (state.ring.len(), state.closed)
        };
        // Printed after the lock is gone: a formatter is the user's code.
        f.debug_struct("BoundedBuffer")
            .field("len", &len)
            .field("capacity", &self.capacity)
            .field("closed", &closed)
            .finish_non_exhaustive()
    }
}

// No code that can panic, and none of the user's, runs between a change and its release, so a caught panic finds no broken
// invariant here, whatever `T` is.
impl<T> UnwindSafe for BoundedBuffer<T> {}
impl<T> RefUnwindSafe for BoundedBuffer<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_tells_the_items_the_free_slots_and_the_close() {
        let buffer = BoundedBuffer::new(8);
        let progress = || (buffer.progress::<NotEmpty>(), buffer.progress::<NotFull>());
        assert_eq!(progress(), (0, 8));
        buffer.push_many(&mut (0..6).collect()).unwrap();
        assert_eq!(progress(), (6, 2));
        buffer.pop().unwrap();
        assert_eq!(progress(), (5, 3));
        buffer.close();
        assert!(progress() >= (8, 8), "more than any length");
        assert!(buffer.progress::<NotFull>() > 8);
    }
}
