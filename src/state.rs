//! The state behind the mutex, and the changes that operations make to it.
//!
//! Single-threaded: the caller of each function here holds the lock. Waiting and waking are in `buffer.rs`. The result
//! of a change says what it found: full, empty or closed.

use std::collections::VecDeque;
use std::fmt;
use std::task::Waker;

use crate::error::{CapacityError, PushError, TryPopError, TryPushError};
use crate::ring::Ring;
use crate::stats::Stats;
use crate::wakers::WakerList;

/// The sides of a buffer: indices into the arrays of two below.
pub(crate) const PRODUCERS: usize = 0;
pub(crate) const CONSUMERS: usize = 1;

/// What the tasks are that wait for the close: no side, because they are not counted, and only a close wakes them. They
/// have the third list of wakers.
pub(crate) const OBSERVERS: usize = 2;

/// Everything behind the mutex.
///
/// The fields down to `closed` are the ones that a push or a pop without waiting reads or writes. Together with the
/// lock they fill one cache line, which a test below checks: each further line that moves between two cores delays the
/// unlock by one transfer. The fields after `closed` change only when a thread or task waits or an item is evicted.
///
/// There are no counters of pushed and popped items: both follow from the ring's position (see [`Ring`]).
#[repr(C)]
pub(crate) struct State<T> {
    pub(crate) ring: Ring<T>,
    /// Largest length so far. Written only when it grows.
    high_water: u32,
    pub(crate) sides: [Side; 2],
    /// Number of threads that spin on the length snapshot. The snapshot is written only while there is one.
    pub(crate) spinners: u16,
    pub(crate) closed: bool,

    /// Number of consumer threads that wait for more items than one, among the waiting ones.
    lingering: u32,
    /// Number of items that ends a linger: the least that one of them still takes.
    linger_until: u32,
    evicted: u64,
    /// Number of items that were dropped with the last consumer.
    pub(crate) dropped: u64,
    pub(crate) wasted_wakeups: u64,
    pub(crate) notifications: u64,
    /// Number of waits of each side that have ended.
    pub(crate) waits: [u64; 3],
    pub(crate) tasks: [WakerList; 3],
}

/// The waiters of one side.
#[derive(Default)]
pub(crate) struct Side {
    /// Number of waiters: threads that wait on the condition variable, and tasks that wait and are not woken. 32 bits
    /// are enough.
    pub(crate) waiting: u32,
    /// A thread of this side was notified, and no thread of this side has returned from its wait since.
    pub(crate) wakeup_pending: bool,
    /// The last wake-up of this side went to a task, so the next goes to a thread if one waits: step 9.
    woke_task: bool,
    /// Number of consecutive waits that ended after a yield. Used by `spin.rs` only.
    pub(crate) yielded_waits: u8,
}

/// Which waiters of one side a release wakes.
pub(crate) enum Wake {
    None,
    Thread,
    Task(Waker),
    All,
}

/// Why a batch was not taken.
pub(crate) enum TakeManyError {
    /// The vector has no spare capacity for this many items. Nothing was taken.
    NoRoom(usize),
    Failed(TryPopError),
}

/// The changes: what one operation does to the state while it holds the lock.
impl<T> State<T> {
    pub(crate) fn try_new(capacity: usize) -> Result<Self, CapacityError> {
        Ok(Self {
            ring: Ring::try_new(capacity)?,
            high_water: 0,
            sides: Default::default(),
            spinners: 0,
            closed: false,
            lingering: 0,
            linger_until: u32::MAX,
            evicted: 0,
            dropped: 0,
            wasted_wakeups: 0,
            notifications: 0,
            waits: [0; 3],
            tasks: Default::default(),
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
            0 => Err(TakeManyError::Failed(self.empty_or_closed())),
            count => Ok(count),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            pushed: self.ring.taken() + self.ring.len() as u64,
            popped: self.ring.taken() - self.evicted - self.dropped,
            evicted: self.evicted,
            dropped: self.dropped,
            high_water: self.high_water as usize,
            push_waits: self.waits[PRODUCERS],
            pop_waits: self.waits[CONSUMERS],
            wasted_wakeups: self.wasted_wakeups,
            notifications: self.notifications,
            waiting_producers: self.registered(PRODUCERS),
            waiting_consumers: self.registered(CONSUMERS),
            ..Stats::default()
        }
    }

    /// Returns the number of waiters of a side, and of its woken tasks.
    fn registered(&self, side: usize) -> usize {
        (self.sides[side].waiting + self.tasks[side].woken()) as usize
    }

    /// Checks in debug builds what holds whenever the lock is free.
    pub(crate) fn check(&self) {
        for (side, tasks) in self.sides.iter().zip(&self.tasks) {
            debug_assert!(
                !side.wakeup_pending || side.waiting > tasks.waiting(),
                "a wake-up is pending for a side without a waiting thread"
            );
        }
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

/// The decisions of the protocol: when a wait is over, and which waiters a release wakes. The same for both sides.
impl<T> State<T> {
    /// Returns for how many waiters of a side there is work: free slots for producers, items for consumers.
    #[inline]
    pub(crate) fn work(&self, side: usize) -> usize {
        match side {
            PRODUCERS => self.ring.free(),
            CONSUMERS => self.ring.len(),
            _ => 0,
        }
    }

    /// Returns how many items the other side has moved so far: those pushed for consumers, those removed for producers.
    pub(crate) fn moved(&self, side: usize) -> u64 {
        self.ring.taken() + if side == CONSUMERS { self.ring.len() as u64 } else { 0 }
    }

    /// Returns whether a wait is over: the operation can act, or it can never act again.
    #[inline]
    pub(crate) fn is_over(&self, side: usize) -> bool {
        self.closed || self.work(side) > 0 // in this order: 3 instructions less a push and pop (`scripts/cost`)
    }

    /// Returns whether W1 (for consumers) or W2 (for producers) does not hold.
    ///
    /// Each woken task covers one of the items or slots, because its executor may poll it late. A thread that was
    /// notified returns soon and wakes the next waiter, so one such thread is enough for all of them.
    pub(crate) fn lacks_wakeup(&self, side: usize) -> bool {
        let Side { waiting, wakeup_pending, .. } = self.sides[side];
        !self.closed
            && waiting > self.unready(side)
            && self.work(side) > self.tasks[side].woken() as usize
            && !wakeup_pending
    }

    /// Returns how many waiters of a side wait for more items than there are: step 10.
    fn unready(&self, side: usize) -> u32 {
        if side == CONSUMERS && self.ring.len32() < self.linger_until { self.lingering } else { 0 }
    }

    /// A consumer waits from now on until there are `until` items.
    pub(crate) fn begin_linger(&mut self, until: usize) {
        self.lingering += 1;
        self.linger_until = self.linger_until.min(u32::try_from(until).unwrap_or(u32::MAX));
    }

    pub(crate) fn end_linger(&mut self) {
        self.lingering -= 1;
        if self.lingering == 0 {
            self.linger_until = u32::MAX;
        }
    }

    /// Step 3: decides which waiters of a side to wake, and notes that they are woken.
    #[inline]
    pub(crate) fn wake(&mut self, side: usize) -> Wake {
        if self.sides[side].waiting == 0 {
            return Wake::None;
        }
        let wake = self.choose(side);
        self.notifications += u64::from(!matches!(wake, Wake::None));
        wake
    }

    /// Step 6, for the tasks, those that wait for the close included.
    pub(crate) fn take_tasks_if_closed(&mut self) -> Option<[WakerList; 3]> {
        self.closed.then(|| std::mem::take(&mut self.tasks))
    }

    #[inline]
    fn choose(&mut self, side: usize) -> Wake {
        let (lacks_wakeup, unready) = (self.lacks_wakeup(side), self.unready(side));
        let (Side { waiting, wakeup_pending, woke_task, .. }, tasks) = (&mut self.sides[side], &mut self.tasks[side]);
        if self.closed {
            *waiting -= tasks.waiting();
            return Wake::All; // step 6: close wakes all waiters
        }
        if !lacks_wakeup {
            return Wake::None;
        }
        let is_turn_of_thread = *woke_task && *waiting > tasks.waiting() + unready; // step 9: threads and tasks take turns
        let oldest = if is_turn_of_thread { None } else { tasks.take_oldest() };
        *woke_task = oldest.is_some();
        if let Some(waker) = oldest {
            *waiting -= 1;
            return Wake::Task(waker);
        }
        *wakeup_pending = true;
        Wake::Thread
    }
}

/// The state as the recorded executions of the model checkers show it. The alternate form, `{:#}`, is for the comparison
/// with the proof: the numbers that `spec/trace.py` names.
impl<T> fmt::Display for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return self.write_numbers(f);
        }
        write!(f, "{} of {} slots taken", self.ring.len(), self.ring.capacity())?;
        if self.closed {
            f.write_str(", closed")?;
        }
        for (name, (side, tasks)) in ["producers", "consumers"].iter().zip(self.sides.iter().zip(&self.tasks)) {
            if side.waiting > 0 || side.wakeup_pending || tasks.woken() > 0 {
                write!(f, "; {name}: {} waiting", side.waiting)?;
            }
            if tasks.waiting() > 0 {
                write!(f, " (tasks in the list: {})", tasks.waiting())?;
            }
            if tasks.woken() > 0 {
                write!(f, ", tasks woken and not polled: {}", tasks.woken())?;
            }
            if side.wakeup_pending {
                f.write_str(", wake-up pending")?;
            }
        }
        Ok(())
    }
}

impl<T> State<T> {
    fn write_numbers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ring, lingering, linger_until, .. } = self;
        write!(f, "{} {} {} {lingering} {linger_until}", ring.len(), ring.capacity(), u8::from(self.closed))?;
        for side in [CONSUMERS, PRODUCERS] {
            let Side { waiting, wakeup_pending, woke_task, .. } = self.sides[side];
            write!(f, " {waiting} {} {}", u8::from(wakeup_pending), u8::from(woke_task))?;
        }
        for tasks in [CONSUMERS, PRODUCERS, OBSERVERS].map(|side| &self.tasks[side]) {
            write!(f, " {} {}", tasks.waiting(), tasks.woken())?;
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
        const LOCK: usize = align_of::<State<u8>>(); // parking_lot's lock is a byte in front of the state: 8 bytes, 4 on i686
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
            assert!(state.tasks[CONSUMERS].wait(&mut None, Waker::noop().clone()).is_err());
            assert_eq!(state.stats().popped, 4);
        });
        assert_eq!(allocations.count_total, 0);
    }

    #[test]
    fn display_names_the_waiters_of_each_side() {
        let mut state = State::try_new(2).unwrap_or_else(|error| panic!("{error}"));
        assert!(state.offer(0).is_ok());
        assert_eq!(state.to_string(), "1 of 2 slots taken");
        state.sides[CONSUMERS].waiting = 1;
        assert_eq!(state.to_string(), "1 of 2 slots taken; consumers: 1 waiting");
        let mut key = None;
        drop(state.tasks[CONSUMERS].add(WakerList::allocate(0)));
        assert!(state.tasks[CONSUMERS].wait(&mut key, Waker::noop().clone()).is_ok());
        assert_eq!(state.to_string(), "1 of 2 slots taken; consumers: 1 waiting (tasks in the list: 1)");
        state.sides[CONSUMERS].waiting = 0;
        assert!(state.tasks[CONSUMERS].take_oldest().is_some());
        assert_eq!(state.to_string(), "1 of 2 slots taken; consumers: 0 waiting, tasks woken and not polled: 1");
        drop(key.map(|key| state.tasks[CONSUMERS].remove(key)));
        state.sides[PRODUCERS].wakeup_pending = true;
        state.closed = true;
        assert_eq!(state.to_string(), "1 of 2 slots taken, closed; producers: 0 waiting, wake-up pending");
        assert_eq!(format!("{state:#}"), "1 2 1 0 4294967295 0 0 0 0 1 0 0 0 0 0 0 0");
    }
}
