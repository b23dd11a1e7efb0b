//! The state behind the mutex, and the changes that operations make to it.
//!
//! Single-threaded: the caller of each function here holds the lock. Waiting and waking are in `buffer.rs`. The result of a
//! change says what it found: full, empty or closed.

use std::collections::VecDeque;
use std::fmt;
use std::task::Waker;
use std::time::Duration;

use crate::error::{CapacityError, PushError, TryPopError, TryPushError};
use crate::ring::Ring;
use crate::stats::Stats;
use crate::wakers::WakerList;

/// Everything behind the mutex.
///
/// The fields down to `closed` are the ones that a push or a pop without waiting reads or writes. Together with the lock they
/// fill one cache line, which a test below checks: each further line that moves between two cores delays the unlock by one
/// transfer. The fields after `closed` change only when a thread or task waits or an item is evicted.
///
/// There are no counters of pushed and popped items: both follow from the ring's position (see [`Ring`]).
#[repr(C)]
pub(crate) struct State<T> {
    pub(crate) ring: Ring<T>,
    /// Largest length so far. Written only when it grows.
    high_water: u32,
    pub(crate) producers: Side,
    pub(crate) consumers: Side,
    /// Number of threads that poll the length snapshot. The snapshot is written only while there is one.
    pub(crate) pollers: u16,
    pub(crate) closed: bool,

    evicted: u64,
    pub(crate) wasted_wakeups: u64,
    pub(crate) notifications: u64,
    pub(crate) push_waits: Waits,
    pub(crate) pop_waits: Waits,
    pub(crate) push_tasks: WakerList,
    pub(crate) pop_tasks: WakerList,
}

/// The waiters of one side.
#[derive(Default)]
pub(crate) struct Side {
    /// Number of waiters: threads that wait on the condition variable, and tasks that wait and are not woken. 32 bits are enough.
    pub(crate) waiting: u32,
    /// A thread of this side was notified, and no thread of this side has returned from its wait since.
    pub(crate) wakeup_pending: bool,
    /// The last wake-up of this side went to a task, so the next goes to a thread if one waits: step 9.
    woke_task: bool,
    /// Number of consecutive waits that ended after a yield. Used by `wait.rs` only.
    pub(crate) yielded_waits: u8,
}

/// Number and total duration of the waits of one side.
#[derive(Default)]
pub(crate) struct Waits {
    pub(crate) count: u64,
    pub(crate) time: Duration,
}

/// Which waiters of one side a release wakes.
pub(crate) enum Wake {
    None,
    Thread,
    Task(Waker),
    All(WakerList),
}

/// Why a batch was not taken.
pub(crate) enum TakeManyError {
    /// The vector has no spare capacity for this many items. Nothing was taken.
    NoRoom(usize),
    Empty,
    Closed,
}

/// The changes: what one operation does to the state while it holds the lock.
impl<T> State<T> {
    pub(crate) fn try_new(capacity: usize) -> Result<Self, CapacityError> {
        Ok(Self {
            ring: Ring::try_new(capacity)?,
            high_water: 0,
            producers: Side::default(),
            consumers: Side::default(),
            pollers: 0,
            closed: false,
            evicted: 0,
            wasted_wakeups: 0,
            notifications: 0,
            push_waits: Waits::default(),
            pop_waits: Waits::default(),
            push_tasks: WakerList::default(),
            pop_tasks: WakerList::default(),
        })
    }

    /// Closed beats full: on a closed buffer, waiting for a slot is pointless.
    #[inline]
    pub(crate) fn offer(&mut self, item: T) -> Result<(), TryPushError<T>> {
        if self.closed {
            return Err(TryPushError::Closed(item));
        }
        if self.ring.is_full() {
            return Err(TryPushError::Full(item));
        }
        self.ring.push(item);
        self.update_high_water();
        Ok(())
    }

    pub(crate) fn offer_many(&mut self, items: &mut VecDeque<T>) -> Result<usize, TryPushError<()>> {
        if self.closed {
            return Err(TryPushError::Closed(()));
        }
        if self.ring.is_full() {
            return Err(TryPushError::Full(()));
        }
        let count = self.ring.push_many(items);
        self.update_high_water();
        Ok(count)
    }

    pub(crate) fn offer_evicting(&mut self, item: T) -> Result<Option<T>, PushError<T>> {
        if self.closed {
            return Err(PushError(item));
        }
        let evicted = if self.ring.is_full() { self.ring.pop() } else { None };
        self.evicted += u64::from(evicted.is_some());
        self.ring.push(item);
        self.update_high_water();
        Ok(evicted)
    }

    /// Items beat closed: accepted items are delivered. Both are decided in one critical section.
    #[inline]
    pub(crate) fn take(&mut self) -> Result<T, TryPopError> {
        self.ring.pop().ok_or_else(|| self.empty_or_closed())
    }

    /// Takes at most `max` items, and all or none of those that are present: none if `into` would have to grow, because
    /// nothing is allocated under the lock.
    pub(crate) fn take_many(&mut self, into: &mut Vec<T>, max: usize) -> Result<usize, TakeManyError> {
        let count = self.ring.len().min(max);
        if into.capacity() - into.len() < count {
            return Err(TakeManyError::NoRoom(count));
        }
        match self.ring.pop_many(into, count) {
            0 => Err(self.empty_or_closed().into()),
            count => Ok(count),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            pushed: self.ring.taken() + self.ring.len() as u64,
            popped: self.ring.taken() - self.evicted,
            evicted: self.evicted,
            high_water: self.high_water as usize,
            push_waits: self.push_waits.count,
            pop_waits: self.pop_waits.count,
            push_wait_time: self.push_waits.time,
            pop_wait_time: self.pop_waits.time,
            futile_wakeups: self.wasted_wakeups,
            notifications: self.notifications,
            waiting_producers: (self.producers.waiting + self.push_tasks.woken()) as usize,
            waiting_consumers: (self.consumers.waiting + self.pop_tasks.woken()) as usize,
        }
    }

    /// Returns whether W1 or W2 does not hold.
    pub(crate) fn lacks_wakeup(&self) -> bool {
        self.consumers.lacks_wakeup(&self.pop_tasks, self.ring.len())
            || self.producers.lacks_wakeup(&self.push_tasks, self.ring.free())
    }

    /// Checks in debug builds what holds whenever the lock is free.
    pub(crate) fn check(&self) {
        let without_thread = |side: &Side, tasks: &WakerList| side.waiting == tasks.waiting() && side.wakeup_pending;
        debug_assert!(
            !without_thread(&self.consumers, &self.pop_tasks) && !without_thread(&self.producers, &self.push_tasks),
            "a wake-up is pending for a side without a waiting thread"
        );
        debug_assert!(self.ring.len() <= self.high_water as usize && self.high_water as usize <= self.ring.capacity());
    }

    fn empty_or_closed(&self) -> TryPopError {
        if self.closed { TryPopError::Closed } else { TryPopError::Empty }
    }

    #[inline]
    fn update_high_water(&mut self) {
        if self.ring.len() > self.high_water as usize {
            self.high_water = self.ring.len32();
        }
    }
}

impl From<TryPopError> for TakeManyError {
    fn from(error: TryPopError) -> Self {
        match error {
            TryPopError::Empty => Self::Empty,
            TryPopError::Closed => Self::Closed,
        }
    }
}

impl Side {
    /// Returns whether a waiter of this side can act and no wake-up is pending for it, if there is `work` for so many waiters.
    ///
    /// Each woken task has one of the items or slots to itself, because its executor may poll it late. A thread that was notified
    /// returns soon and wakes the next waiter, so one such thread is enough for all of them.
    fn lacks_wakeup(&self, tasks: &WakerList, work: usize) -> bool {
        self.waiting > 0 && work > tasks.woken() as usize && !self.wakeup_pending
    }

    /// Step 3: decides which waiters of this side to wake if there is `work` for so many waiters, and notes that they are woken.
    pub(crate) fn wake(&mut self, tasks: &mut WakerList, work: usize, closed: bool) -> Wake {
        if self.waiting == 0 {
            return Wake::None;
        }
        if closed {
            self.waiting -= tasks.waiting();
            return Wake::All(std::mem::take(tasks)); // step 6
        }
        if !self.lacks_wakeup(tasks, work) {
            return Wake::None;
        }
        let is_turn_of_thread = self.woke_task && self.waiting > tasks.waiting(); // step 9
        if !is_turn_of_thread && let Some(waker) = tasks.take_oldest() {
            self.woke_task = true;
            self.waiting -= 1;
            return Wake::Task(waker);
        }
        self.woke_task = false;
        self.wakeup_pending = true;
        Wake::Thread
    }
}

/// The state as the recorded executions of the model checkers show it.
impl<T> fmt::Display for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} slots taken", self.ring.len(), self.ring.capacity())?;
        if self.closed {
            f.write_str(", closed")?;
        }
        for (name, side) in [("producers", &self.producers), ("consumers", &self.consumers)] {
            if side.waiting > 0 || side.wakeup_pending {
                write!(f, "; {name}: {} waiting", side.waiting)?;
            }
            if side.wakeup_pending {
                f.write_str(", wake-up pending")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::Mutex;

    #[test]
    fn lock_and_hot_fields_fit_into_one_cache_line() {
        const LOCK: usize = 8; // parking_lot's lock is a byte in front of the state, whose alignment is 8
        assert_eq!(size_of::<Mutex<State<u8>>>(), LOCK + size_of::<State<u8>>());
        assert!(LOCK + std::mem::offset_of!(State<u8>, closed) < 64);
        assert!(LOCK + std::mem::offset_of!(State<[u64; 9]>, closed) < 64, "whatever the size of an item");
    }
    /// The lock is held during each of these, and an allocation would make the other threads wait for it.
    #[test]
    fn no_change_allocates() {
        let mut state = State::try_new(4).unwrap_or_else(|error| panic!("{error}"));
        let (mut to_push, mut full, mut empty) = (VecDeque::from([1, 2, 3]), Vec::new(), Vec::with_capacity(4));
        let allocations = allocation_counter::measure(|| {
            assert!(state.offer(0).is_ok());
            assert_eq!(state.offer_many(&mut to_push), Ok(3));
            assert!(state.offer(4).is_err());
            assert_eq!(state.offer_evicting(4), Ok(Some(0)));
            assert_eq!(state.take(), Ok(1));
            assert!(matches!(state.take_many(&mut full, 9), Err(TakeManyError::NoRoom(3))));
            assert!(matches!(state.take_many(&mut empty, 9), Ok(3)));
            assert!(state.pop_tasks.wait(&mut None, Waker::noop().clone()).is_err());
            assert_eq!(state.stats().popped, 4);
        });
        assert_eq!(allocations.count_total, 0);
    }

    #[test]
    fn display_names_the_waiters_of_each_side() {
        let mut state = State::try_new(2).unwrap_or_else(|error| panic!("{error}"));
        assert!(state.offer(0).is_ok());
        assert_eq!(state.to_string(), "1 of 2 slots taken");
        state.consumers.waiting = 1;
        assert_eq!(state.to_string(), "1 of 2 slots taken; consumers: 1 waiting");
        state.consumers.waiting = 0;
        state.producers.wakeup_pending = true;
        state.closed = true;
        assert_eq!(state.to_string(), "1 of 2 slots taken, closed; producers: 0 waiting, wake-up pending");
    }
}
