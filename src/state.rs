//! The state behind the mutex, and the changes that operations make to it.
//!
//! Single-threaded: whoever calls anything here holds the lock, and nothing here knows of waiting or waking. What a change
//! returns says what it found: full, empty or closed.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use crate::error::{PushError, TryPopError, TryPushError};
use crate::ring::Ring;
use crate::stats::Stats;

/// Everything behind the mutex.
///
/// What every operation touches comes first and together, so that it moves between cores in as few cache lines as possible.
/// `pushed` and `popped` are not here: the ring knows how many items were taken, and numbers that are derived cannot
/// disagree.
#[repr(C)]
pub(crate) struct State<T> {
    pub(crate) ring: Ring<T>,
    pub(crate) closed: bool,
    pub(crate) producers: Side,
    pub(crate) consumers: Side,
    pub(crate) high_water: usize,
    pub(crate) evicted: u64,
    pub(crate) futile_wakeups: u64,
    pub(crate) notifications: u64,
    pub(crate) push_waits: Waits,
    pub(crate) pop_waits: Waits,
}

/// Those who wait on one side.
#[derive(Default)]
pub(crate) struct Side {
    /// How many are waiting. Threads, so 32 bits are plenty.
    pub(crate) waiting: u32,
    /// A wake-up was sent and nobody has come back since.
    pub(crate) wakeup_pending: bool,
    /// How many waits in a row ended because a yield let the other side run; for `wait.rs` alone.
    pub(crate) yielded_waits: u32,
}

/// How often and how long one side slept.
#[derive(Default)]
pub(crate) struct Waits {
    pub(crate) count: u64,
    pub(crate) time: Duration,
}

/// Whom a release wakes on one side.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    None,
    One,
    All,
}

/// The changes: each is what one operation does to the state while it holds the lock, and knows nothing of waiting.
impl<T> State<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            ring: Ring::new(capacity),
            closed: false,
            producers: Side::default(),
            consumers: Side::default(),
            high_water: 0,
            evicted: 0,
            futile_wakeups: 0,
            notifications: 0,
            push_waits: Waits::default(),
            pop_waits: Waits::default(),
        }
    }

    /// Closed beats full: waiting would not help.
    #[inline]
    pub(crate) fn offer(&mut self, item: T) -> Result<(), TryPushError<T>> {
        if self.closed {
            return Err(TryPushError::Closed(item));
        }
        if self.ring.is_full() {
            return Err(TryPushError::Full(item));
        }
        self.ring.push(item);
        self.note_high_water();
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
        self.note_high_water();
        Ok(count)
    }

    pub(crate) fn offer_by_force(&mut self, item: T) -> Result<Option<T>, PushError<T>> {
        if self.closed {
            return Err(PushError(item));
        }
        let evicted = if self.ring.is_full() { self.ring.pop() } else { None };
        self.evicted += u64::from(evicted.is_some());
        self.ring.push(item);
        self.note_high_water();
        Ok(evicted)
    }

    /// Items beat closed: what was accepted is delivered. Both are decided here, under one hold of the lock.
    #[inline]
    pub(crate) fn take(&mut self) -> Result<T, TryPopError> {
        self.ring.pop().ok_or_else(|| self.why_nothing())
    }

    pub(crate) fn take_many(&mut self, into: &mut Vec<T>, max: usize) -> Result<usize, TryPopError> {
        match self.ring.pop_many(into, max) {
            0 => Err(self.why_nothing()),
            count => Ok(count),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            pushed: self.ring.taken() + self.ring.len() as u64,
            popped: self.ring.taken() - self.evicted,
            evicted: self.evicted,
            high_water: self.high_water,
            push_waits: self.push_waits.count,
            pop_waits: self.pop_waits.count,
            push_wait_time: self.push_waits.time,
            pop_wait_time: self.pop_waits.time,
            futile_wakeups: self.futile_wakeups,
            notifications: self.notifications,
            waiting_producers: self.producers.waiting as usize,
            waiting_consumers: self.consumers.waiting as usize,
        }
    }

    /// In debug builds, what must hold whenever the lock is let go.
    pub(crate) fn check(&self) {
        let owed = |side: &Side, work: bool| side.waiting > 0 && work && !side.wakeup_pending && !self.closed;
        debug_assert!(!owed(&self.consumers, !self.ring.is_empty()), "W1: a consumer sleeps beside items");
        debug_assert!(!owed(&self.producers, !self.ring.is_full()), "W2: a producer sleeps beside free slots");
        let to_nobody = |side: &Side| side.waiting == 0 && side.wakeup_pending;
        debug_assert!(!to_nobody(&self.consumers) && !to_nobody(&self.producers), "a wake-up is pending to nobody");
        debug_assert!(self.ring.len() <= self.high_water && self.high_water <= self.ring.capacity());
    }

    fn why_nothing(&self) -> TryPopError {
        if self.closed { TryPopError::Closed } else { TryPopError::Empty }
    }

    #[inline]
    fn note_high_water(&mut self) {
        self.high_water = self.high_water.max(self.ring.len());
    }
}

impl Side {
    /// Step 3: whom to wake on this side, if there is `work` for it; marks it where that is one of several.
    pub(crate) fn wake(&mut self, work: bool, closed: bool) -> Wake {
        if self.waiting == 0 {
            Wake::None
        } else if closed {
            Wake::All // step 6
        } else if work && !self.wakeup_pending {
            self.wakeup_pending = true;
            Wake::One
        } else {
            Wake::None
        }
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
