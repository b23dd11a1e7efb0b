//! The protocol: how threads wait, which waiter a release wakes, and why no wake-up is lost.
//!
//! `state.rs` has the state behind the mutex, `spin.rs` what a thread does before it parks, `ops.rs` the operations.
//!
//! # Why no wake-up is lost
//!
//! A *waiter* is a thread that waits on a condition variable, or a task whose future returned `Pending`. The mutex
//! guards the ring, the close flag, and for each side the number of waiters and the wake-ups that are pending. A
//! wake-up is *pending* from the moment that `release` decides to send it until a waiter of that side holds the mutex
//! again; a flag of each side says so.
//!
//! The point is what the flag means: **some thread of this side is on its way to the lock and will look after the
//! rest.** Any waiter that returns may clear it, because it looks again before it leaves. If only threads wait, two
//! invariants hold whenever the mutex is free and the buffer is open:
//!
//! > **W1.** If the buffer has an item and a consumer waits, a wake-up is pending for a consumer.
//! >
//! > **W2.** If the buffer has a free slot and a producer waits, a wake-up is pending for a producer.
//!
//! They follow from steps 1 to 6. Steps 7 to 9 extend them to tasks, step 10 to batches that linger. The code cites the
//! steps by number.
//!
//! 1. **One lock.** The state is read and changed only while the mutex is held. An operation that finds the buffer
//!    full, empty or closed can rely on that until it releases the mutex.
//! 2. **Count, then wait.** A waiter starts to wait in the critical section that found its condition false, so the
//!    invariant of its side holds then. It is counted before it releases the mutex. The condition variable releases the
//!    mutex and enqueues the waiter in one step. The next thread that holds the mutex therefore reads the right count,
//!    and a later notification finds the waiter in the queue, unless the waiter has left it: notified or timed out.
//! 3. **Release restores the invariants.** A critical section that pushes, pops, closes, or ends a wait ends in the
//!    function `release`. Where W1 or W2 does not hold, `release` sets the pending flag of that side and notifies one
//!    waiter after it has unlocked the mutex. One pending wake-up per side is enough for any number of items
//!    (step 5). The notification may come after the unlock because the flag was set under the lock.
//! 4. **A waiter that returns clears the flag,** whether it was notified, timed out, or woke up without a reason. While
//!    the flag is set, a counted thread will reacquire the mutex and clear it: When the flag was set, a thread was
//!    counted. The notification wakes a thread, or it finds the queue empty because each counted thread has already
//!    been notified or has timed out. In both cases a thread reacquires the mutex after the flag was set, and clears
//!    it. A timed waiter that expires at the moment it is notified clears the flag, too.
//! 5. **Chained wake-ups.** A waiter that returned acts or gives up, and its own `release` checks both sides again: if
//!    an item and a waiting consumer remain, it wakes that consumer. A waiter that waits again found the condition of
//!    its side false, so the invariant of its side holds. Therefore a batch needs no `notify_all`.
//! 6. **Close wakes all waiters.** On a closed buffer, `release` notifies all waiters of both sides, and no waiter
//!    starts to wait. So each waiter returns. (One at a time would reach all of them, too, because each waiter that
//!    returns ends in `release`; all at once is faster.)
//!
//! A thread can hang only if it waits although it could act. If only threads wait, W1 and W2 say that a wake-up is then
//! pending, and step 4 that the wake-up arrives. At most one wake-up per side is pending for threads, which saves a
//! system call for most items.
//!
//! The wake-ups follow Mesa semantics: between a notification and the return of the waiter, another thread may take the
//! item (*barging*). Therefore the wait is a loop.
//!
//! Before a thread waits on the condition variable, it may spin on a snapshot of the length for a short time
//! (`spin.rs`). Such a thread is not counted as a waiter and needs no wake-up, because its spinning is bounded. It
//! registers under the lock as a thread that spins, and `release` writes the snapshot only while one is registered. A
//! spinning thread does not act on the snapshot: it takes the lock and checks the condition again.
//!
//! ## Tasks
//!
//! A notified thread returns soon. A task that was woken is polled when its executor gets to it, and a future that is
//! kept in a loop around `select!` may be polled much later, or dropped. So each woken task has its own wake-up, and
//! other waiters do not depend on it:
//!
//! 7. **A woken task covers one item.** A task that cannot act stores its waker in the list of its side, and is
//!    counted, in the critical section that found the condition false. A later poll with another waker replaces the
//!    waker. `release` takes the oldest waker out of the list and calls it after the unlock. From then until it is
//!    polled or dropped, the task is *woken*, and no longer counted among the waiters. With tasks, the invariants are:
//!
//!    > **W1.** If the buffer has more items than woken consumers, and a consumer waits, then a wake-up is pending for
//!    > a consumer thread, or a `release` that has unlocked is about to wake another consumer.
//!    >
//!    > **W2.** The same for free slots and producers.
//!
//!    So a woken task that is not polled covers one item or one slot, which no other waiter is woken for, and as many
//!    such tasks as there are slots cover all. Operations that find an item or a slot without waiting take it all the
//!    same.
//! 8. **A woken task is polled or dropped.** If it is polled, it acts, or it finds the condition false and waits again,
//!    at the end of the list. If its future is dropped, the destructor ends the wait and calls `release`: now fewer
//!    items are covered, and `release` wakes another waiter where W1 or W2 asks for one. A future that is dropped or
//!    acts before it was woken leaves the list and the count, and ends in `release` as well.
//! 9. **Threads and tasks take turns.** While both wait on one side, wake-ups go to them in turn, so each kind is
//!    woken. Tasks are woken in the order of the list. Barging can take the item first, as it can for threads, so no
//!    order of service is promised.
//!
//! ## Lingering batches
//!
//! 10. **A consumer that lingers is no waiter for one item.** `pop_batch` has its first items and waits for more. It is
//!     counted, and counted apart, with the number of items that ends its linger: what it still takes, at most the
//!     capacity. While there are fewer, W1 does not ask for a wake-up for it, so a batch costs one notification. It
//!     waits on `not_empty` like the others, so a notification that was sent for another consumer can reach it. Then it
//!     clears the flag as in step 4, takes what is there in that critical section, and its release restores W1 (step
//!     5). A time-out and a close end a linger as any wait.
//!
//! The steps assume that a waker returns without waiting for another operation of the buffer. A future that is leaked
//! (`std::mem::forget`) while it is registered covers an item or a slot from the moment that it is woken.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::error::CapacityError;
use crate::spin::{Experience, Wait, WaitStrategy, should_spin, spin_then_yield};
use crate::state::{CONSUMERS, OBSERVERS, PRODUCERS, State, Wake};
use crate::sync::{self, AtomicU64, AtomicUsize, Condvar, Mutex, MutexGuard};
use crate::wake;
use crate::wakers::WakerList;

/// A bounded first-in, first-out queue for several producers and consumers, with blocking operations.
///
/// The buffer is a ring of exactly `capacity` slots behind one mutex, two condition variables and a close flag. All
/// methods take `&self`. Share the buffer by reference between scoped threads, in an [`Arc`](std::sync::Arc), or
/// through the handles of [`bounded`](crate::bounded), which close it when the last handle of a side is dropped.
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
/// Why no wake-up is lost is a numbered argument at the head of
/// [the source of the protocol](../src/bounded_buffer/buffer.rs.html), and the code cites its steps.
///
/// # Panics
///
/// Only the constructors panic, batches of at most 0 items, and a future that is polled after its completion, except
/// that of [`closed`](Self::closed). A panic of a waker ends in the buffer. A thread that panics while it holds an item
/// or while it waits leaves the buffer usable: user code never runs while the mutex is held, and the mutex is not
/// poisoned.
///
/// Dropping a buffer drops its items as a `Vec` does: if two of their destructors panic, the process aborts. The
/// handles of [`bounded`](crate::bounded) handle that case; see [`Consumer`](crate::Consumer).
#[repr(C)] // in this order; the lock, both queues and the snapshot each start a cache line
pub struct BoundedBuffer<T> {
    /// The lock and the fields that each operation touches come first, see [`State`].
    state: Mutex<State<T>>,
    /// Each wait reads this and the next two while it holds the lock; they are seldom written. What shares their cache
    /// line is seldom written, too: the list of tasks that wait for the close. Next to the queues and the snapshot, they
    /// cost about 8 % of the throughput far, with up to 64 slots and 0 or 200 ns of work (AMD EPYC, two cores).
    pub(crate) capacity: usize,
    strategy: WaitStrategy,
    /// What the waits of each side have taught, for [`WaitStrategy::Adaptive`].
    experience: [Experience; 2],
    /// Producers wait here.
    not_full: WaitQueue,
    /// Consumers wait here.
    not_empty: WaitQueue,
    /// The length at the last release while a thread spun, or [`CLOSED`]. May be stale; read without the lock. Nothing
    /// shares its cache line, because spinning threads read it while others work under the lock.
    len_snapshot: AtomicUsize,
}

/// The queue in which the threads of one side wait, and what its waits add up to. Each wait writes it: with both sides
/// on one cache line, threads without work lost an eighth of the throughput near, a fifth far (AMD EPYC, two cores).
#[repr(align(64))] // a cache line of the processors that this was measured on
struct WaitQueue {
    condvar: Condvar,
    /// Total duration of the waits in nanoseconds. Outside the lock, because the end of a thread's wait is read from the
    /// clock after the release.
    time: AtomicU64,
}

impl WaitQueue {
    #[track_caller] // the models identify a condition variable by the place that creates it
    fn new() -> Self {
        Self { condvar: Condvar::new(), time: AtomicU64::new(0) }
    }
}

/// The length snapshot of a closed buffer: neither empty nor full, so that spinning ends on both sides.
const CLOSED: usize = usize::MAX;

impl Wake {
    fn notify_threads(&self, WaitQueue { condvar, .. }: &WaitQueue) {
        match self {
            Self::None | Self::Task(_) => {}
            // The result is ignored: if the queue was empty, each counted thread was notified or has timed out (step
            // 4).
            Self::Thread => _ = condvar.notify_one(),
            Self::All => _ = condvar.notify_all(),
        }
    }

    fn wake_task(self) {
        if let Self::Task(waker) = self {
            wake::call(Some(waker));
        }
    }
}

pub(crate) type Guard<'a, T> = MutexGuard<'a, State<T>>;

/// The protocol: lock, wait until the operation can act, change the state, release.
impl<T> BoundedBuffer<T> {
    pub(crate) fn create(capacity: usize, strategy: WaitStrategy) -> Result<Self, CapacityError> {
        _ = sync::is_single_core(); // asks the system for the first time here, where no lock is held
        Ok(Self {
            state: Mutex::new(State::try_new(capacity)?),
            capacity,
            strategy,
            experience: Default::default(),
            not_full: WaitQueue::new(),
            not_empty: WaitQueue::new(),
            len_snapshot: AtomicUsize::new(0),
        })
    }

    /// Runs an operation that does not wait.
    #[inline]
    pub(crate) fn act<R>(&self, change: impl FnOnce(&mut State<T>) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        self.release(state);
        result
    }

    /// Runs an operation that closes. Unlike `release`, it also wakes the tasks that wait for the close alone.
    pub(crate) fn act_and_close<R>(&self, change: impl FnOnce(&mut State<T>) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        if state.spinners > 0 {
            self.write_snapshot(&state);
        }
        self.release_and_wake(state);
        result
    }

    /// Runs an operation that waits. The change is made when the condition holds, when the buffer is closed, or when
    /// the time is up; it finds out which of these is the case, so it is also the last attempt of a wait that timed
    /// out.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "not inlined, 64 slots without work lost a quarter (AMD EPYC, near, 1x1)")]
    pub(crate) fn wait_then_act<R>(
        &self,
        side: usize,
        deadline: Option<Instant>,
        change: impl FnOnce(&mut State<T>) -> R,
    ) -> R {
        let mut state = self.lock();
        if !state.is_over(side) {
            return self.act_after_wait(side, state, deadline, change);
        }
        let result = change(&mut state);
        self.release(state);
        result
    }

    /// The clock is read after the release, because all that happens under the lock delays the other threads.
    #[cold]
    fn act_after_wait<'a, R>(
        &'a self,
        side: usize,
        state: Guard<'a, T>,
        deadline: Option<Instant>,
        change: impl FnOnce(&mut State<T>) -> R,
    ) -> R {
        let mut wait = Wait::default();
        let mut state = self.wait(side, state, deadline, &mut wait);
        let result = change(&mut state);
        self.release(state);
        if wait.teaches() {
            self.add_wait_time(side, wait.parked_at);
            if self.strategy == WaitStrategy::Adaptive {
                self.experience[side].learn(&wait);
            }
        }
        result
    }

    /// Waits for `want` items, or as many as there are slots, and makes the change then, when the buffer is closed, or
    /// when the time is up: step 10. Returns whether the linger is over.
    pub(crate) fn linger_then_act<R>(
        &self,
        want: usize,
        deadline: Option<Instant>,
        change: impl FnOnce(&mut State<T>) -> R,
    ) -> (R, bool) {
        let began = Instant::now();
        let mut state = self.lock();
        let want = want.min(self.capacity);
        let (waits, mut timed_out) = (state.ring.len() < want && !state.closed, false);
        if waits {
            state.begin_linger(want);
            timed_out = self.park(CONSUMERS, &mut state, deadline);
            state.end_linger();
            state.waits[CONSUMERS] += 1;
            state.wasted_wakeups += u64::from(!timed_out && !state.is_over(CONSUMERS));
        }
        let is_over = timed_out || state.closed;
        let result = change(&mut state);
        self.release(state);
        self.add_wait_time(CONSUMERS, waits.then_some(began));
        (result, is_over)
    }

    pub(crate) fn add_wait_time(&self, side: usize, waiting_since: Option<Instant>) {
        let Some(begin) = waiting_since.filter(|_| side != OBSERVERS) else { return };
        let nanos = u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX);
        // Relaxed: a statistic, which no decision depends on. 64 bits of nanoseconds last for 584 years.
        self.wait_queue(side).time.fetch_add(nanos, Ordering::Relaxed);
    }

    pub(crate) fn wait_time(&self, side: usize) -> Duration {
        Duration::from_nanos(self.wait_queue(side).time.load(Ordering::Relaxed)) // Relaxed: as above
    }

    fn wait_queue(&self, side: usize) -> &WaitQueue {
        if side == PRODUCERS { &self.not_full } else { &self.not_empty }
    }

    #[inline]
    #[track_caller] // the recorder of the models shows the caller
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.state.lock()
    }

    /// Unlocks, and wakes a waiter that can now act: step 3. No other function notifies.
    #[inline]
    pub(crate) fn release<'a>(&'a self, state: Guard<'a, T>) {
        if state.spinners > 0 {
            self.write_snapshot(&state);
        }
        if state.sides[PRODUCERS].waiting + state.sides[CONSUMERS].waiting > 0 {
            self.release_and_wake(state);
        }
    }

    /// Sends wake-ups until W1 and W2 hold. One round does, unless a batch leaves work for several tasks.
    #[cold]
    fn release_and_wake<'a>(&'a self, mut guard: Guard<'a, T>) {
        loop {
            let state = &mut *guard;
            let wake_consumers = state.wake(CONSUMERS); // W1
            let wake_producers = state.wake(PRODUCERS); // W2
            let tasks = state.take_tasks_if_closed();
            let again = state.lacks_wakeup(CONSUMERS) || state.lacks_wakeup(PRODUCERS);
            state.check();
            drop(guard);
            // Threads first: until a flagged notification is sent, all others rely on it, and a waker may take its
            // time.
            wake_consumers.notify_threads(&self.not_empty);
            wake_producers.notify_threads(&self.not_full);
            wake_consumers.wake_task();
            wake_producers.wake_task();
            if let Some(tasks) = tasks {
                wake::call(tasks.into_iter().flat_map(WakerList::into_wakers));
            }
            if !again {
                return;
            }
            guard = self.lock();
        }
    }

    /// The wait loop of both sides. Returns with the lock held, when the wait is over or the time is up.
    ///
    /// It spins before each park, not only before the first. A waiter whose wake-up was wasted, because another thread
    /// took the item, would otherwise park immediately, and the next wake-up would often be wasted too.
    fn wait<'a>(
        &'a self,
        side: usize,
        mut state: Guard<'a, T>,
        deadline: Option<Instant>,
        wait: &mut Wait,
    ) -> Guard<'a, T> {
        let may_spin = self.strategy == WaitStrategy::Adaptive && self.experience[side].permits_spinning();
        let moved = state.moved(side);
        loop {
            let should_spin = may_spin && should_spin(state.sides[side].yielded_waits) && state.spinners < u16::MAX;
            if should_spin || wait.parked_at.is_none() {
                state = self.spin(side, state, deadline, should_spin, wait);
                if state.is_over(side) {
                    break;
                }
                wait.parked_at = wait.parked_at.or(wait.spun_until);
            }
            let timed_out = self.park(side, &mut state, deadline);
            if state.is_over(side) || timed_out {
                break;
            }
            state.wasted_wakeups += 1;
        }
        // Most waits end here in a moment, and all that is read or written under the lock prolongs it.
        if wait.teaches() {
            state.waits[side] += u64::from(wait.parked_at.is_some());
            wait.moved = state.moved(side) - moved;
        }
        state
    }

    /// Unlocks, reads the clock, and spins on the snapshot for a bounded time if it `should_spin`. Returns with the
    /// lock held.
    ///
    /// The lock is dropped without `release`: nothing was changed, or this is the waiter of step 5 that cannot act.
    fn spin<'a>(
        &'a self,
        side: usize,
        mut state: Guard<'a, T>,
        deadline: Option<Instant>,
        should_spin: bool,
        wait: &mut Wait,
    ) -> Guard<'a, T> {
        if !should_spin {
            drop(state);
            wait.begin();
            return self.lock();
        }
        state.spinners += 1;
        wait.times_yields = self.experience[side].times_yields(state.sides[side].yielded_waits);
        self.write_snapshot(&state); // the snapshot may date from the last time that a thread spun
        drop(state);
        let yielded = spin_then_yield(self.capacity, deadline, || self.seems_over(side), wait);
        let mut state = self.lock();
        state.spinners -= 1;
        let yielded_waits = &mut state.sides[side].yielded_waits;
        *yielded_waits = if yielded { yielded_waits.saturating_add(1) } else { 0 };
        state
    }

    /// Returns whether a wait is over according to the length snapshot.
    fn seems_over(&self, side: usize) -> bool {
        sync::read_snapshot(&self.len_snapshot) != if side == PRODUCERS { self.capacity } else { 0 }
    }

    /// Waits on the condition variable until notified or until the deadline. Returns whether the deadline ended the
    /// wait.
    fn park(&self, side: usize, state: &mut Guard<'_, T>, deadline: Option<Instant>) -> bool {
        let condvar = &self.wait_queue(side).condvar;
        state.sides[side].waiting += 1; // step 2: count, then wait
        let timed_out = match deadline {
            None => {
                condvar.wait(state);
                false
            }
            Some(deadline) => condvar.wait_until(state, deadline).timed_out(),
        };
        let side = &mut state.sides[side];
        side.waiting -= 1;
        side.wakeup_pending = false; // step 4: however the wait ended
        side.yielded_waits = 0;
        timed_out
    }

    fn write_snapshot(&self, state: &State<T>) {
        // Relaxed: no other memory access depends on the snapshot, see `sync::read_snapshot`.
        self.len_snapshot.store(if state.closed { CLOSED } else { state.ring.len() }, Ordering::Relaxed);
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

// Between a change and its release no code runs that can panic, and no user code. So a caught panic leaves the
// invariants intact, whatever `T` is.
impl<T> UnwindSafe for BoundedBuffer<T> {}
impl<T> RefUnwindSafe for BoundedBuffer<T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::{Producer, bounded, bounded_with, try_bounded, try_bounded_with};

    // No operation here waits for another thread: no watchdog ends the tests of this file when a change breaks the
    // protocol.
    #[test]
    fn each_constructor_keeps_the_strategy() {
        type Buffer = BoundedBuffer<u8>;
        let strategies = |buffers: [Buffer; 2], producers: [Producer<u8>; 2]| {
            [buffers.map(|buffer| buffer.strategy), producers.map(|producer| producer.buffer().strategy)]
        };
        for strategy in [WaitStrategy::Park, WaitStrategy::Adaptive] {
            let buffers =
                [Buffer::with_wait_strategy(1, strategy), Buffer::try_with_wait_strategy(1, strategy).unwrap()];
            let producers = [bounded_with(1, strategy).0, try_bounded_with(1, strategy).unwrap().0];
            assert_eq!(strategies(buffers, producers), [[strategy; 2]; 2]);
        }
        let buffers = [Buffer::new(1), Buffer::try_new(1).unwrap()];
        assert_eq!(strategies(buffers, [bounded(1).0, try_bounded(1).unwrap().0]), [[WaitStrategy::Adaptive; 2]; 2]);
    }

    #[test]
    fn the_queue_of_each_side_and_the_snapshot_have_a_cache_line_each() {
        assert_eq!(std::mem::offset_of!(BoundedBuffer<u8>, not_empty) % 64, 0);
        assert_eq!(std::mem::offset_of!(BoundedBuffer<u8>, len_snapshot) % 64, 0);
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn what_each_wait_reads_shares_no_cache_line_with_the_tasks_of_a_side() {
        let tasks_of_sides = std::mem::offset_of!(BoundedBuffer<u8>, capacity) - size_of::<WakerList>();
        assert!((tasks_of_sides - 1) / 64 < std::mem::offset_of!(BoundedBuffer<u8>, capacity) / 64);
        assert!(std::mem::offset_of!(BoundedBuffer<u8>, experience) % 64 + size_of::<[Experience; 2]>() <= 64);
    }

    #[test]
    fn a_thread_beyond_the_largest_count_of_spinning_threads_does_not_spin() {
        let buffer = BoundedBuffer::<u8>::new(1);
        buffer.lock().spinners = u16::MAX;
        assert!(buffer.pop_timeout(Duration::ZERO).is_err());
        assert_eq!(buffer.lock().spinners, u16::MAX);
    }

    #[test]
    fn the_snapshot_is_written_only_while_a_thread_spins() {
        let buffer = BoundedBuffer::new(2);
        let seems_over = || (buffer.seems_over(CONSUMERS), buffer.seems_over(PRODUCERS));
        buffer.try_push(1).unwrap();
        buffer.try_push(2).unwrap();
        assert_eq!(seems_over(), (false, true), "no thread spins, and the snapshot is still 0");
        buffer.lock().spinners += 1;
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
