//! The reference with one bug: waiters counted in an earlier critical section.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use bounded_buffer::sync::model::{AtomicBool, AtomicUsize, Condvar, Mutex, MutexGuard};

use super::queue::{Fail, Item, Queue, waiting};

pub(crate) struct Buffer {
    state: Mutex<State>,
    not_full: Condvar,
    not_empty: Condvar,
    closed: AtomicBool,
    /// The number of items at the last release.
    len_snapshot: AtomicUsize,
    capacity: usize,
}

#[derive(Default)]
struct State {
    items: VecDeque<Item>,
    /// The producers that have not left.
    producers: usize,
    pushers: Side,
    poppers: Side,
}

/// The waiters of one side.
#[derive(Default)]
struct Side {
    waiting: usize,
    /// A wake-up was sent, and no waiter has returned since.
    wakeup_pending: bool,
}

impl Buffer {
    pub(crate) fn new(capacity: usize, producers: usize) -> Self {
        Self {
            state: Mutex::new(State { producers, ..State::default() }),
            not_full: Condvar::new(),
            not_empty: Condvar::new(),
            closed: AtomicBool::new(false),
            len_snapshot: AtomicUsize::new(0),
            capacity,
        }
    }
}

impl Queue for Buffer {
    fn push(&self, item: Item) -> Result<(), Fail> {
        // BUG: checks for waiters before it locks. A consumer can start to wait in between.
        let has_waiters = self.state.lock().poppers.waiting > 0;
        let mut state = self.wait_for_room()?;
        state.items.push_back(item);
        if has_waiters {
            self.release(state);
        }
        Ok(())
    }

    fn push_many(&self, mut items: VecDeque<Item>) -> Result<(), Fail> {
        while !items.is_empty() {
            let mut state = self.wait_for_room()?;
            let count = items.len().min(self.capacity - state.items.len());
            state.items.extend(items.drain(..count));
            self.release(state);
        }
        Ok(())
    }

    fn pop(&self, deadline: Option<Instant>) -> Result<Item, Fail> {
        let state = self.wait_for_items(deadline);
        self.take(state)
    }

    fn pop_many(&self, max: usize) -> Vec<Item> {
        let mut state = self.wait_for_items(None);
        let count = state.items.len().min(max);
        let items = state.items.drain(..count).collect();
        self.release(state);
        items
    }

    fn try_pop(&self) -> Result<Item, Fail> {
        let state = self.state.lock();
        self.take(state)
    }

    fn clear(&self) {
        let mut state = self.state.lock();
        let items = std::mem::take(&mut state.items);
        self.release(state);
        drop(items);
    }

    fn close(&self) {
        let _state = self.state.lock();
        self.closed.fetch_or(true, Relaxed);
        self.not_full.notify_all();
        self.not_empty.notify_all();
    }

    fn leave(&self) {
        let mut state = self.state.lock();
        state.producers -= 1;
        let last = state.producers == 0;
        drop(state);
        if last {
            self.close();
        }
    }
}

impl Buffer {
    fn wait_for_room(&self) -> Result<MutexGuard<'_, State>, Fail> {
        let mut state = self.state.lock();
        while state.items.len() == self.capacity && !self.is_closed() {
            state.pushers.waiting += 1;
            self.not_full.wait(&mut state);
            state.pushers.returned();
        }
        if self.is_closed() { Err(Fail::Closed) } else { Ok(state) }
    }

    /// Returns when there are items, the buffer is closed, or the time is up.
    fn wait_for_items(&self, deadline: Option<Instant>) -> MutexGuard<'_, State> {
        let mut state = self.state.lock();
        while state.items.is_empty() && !self.is_closed() {
            let mut timed_out = false;
            state.poppers.waiting += 1;
            match deadline {
                None => self.not_empty.wait(&mut state),
                Some(deadline) => timed_out = self.not_empty.wait_until(&mut state, deadline).timed_out(),
            }
            state.poppers.returned();
            if timed_out {
                return state;
            }
        }
        state
    }

    /// Items beat closed, so accepted items are delivered.
    fn take(&self, mut state: MutexGuard<'_, State>) -> Result<Item, Fail> {
        if let Some(item) = state.items.pop_front() {
            self.release(state);
            return Ok(item);
        }
        Err(if self.is_closed() { Fail::Closed } else { Fail::Empty })
    }

    /// Wakes one waiter of each side that can act, and unlocks. That waiter's own release wakes the next (chained wake-ups).
    fn release(&self, mut state: MutexGuard<'_, State>) {
        self.len_snapshot.store(state.items.len(), Relaxed);
        if !state.items.is_empty() && state.poppers.should_wake() {
            self.not_empty.notify_one();
        }
        if state.items.len() < self.capacity && state.pushers.should_wake() {
            self.not_full.notify_one();
        }
    }

    /// Read-modify-writes read the newest value, so memory orders play no role here.
    fn is_closed(&self) -> bool {
        self.closed.fetch_or(false, Relaxed)
    }
}

impl Side {
    /// Returns whether to send a wake-up, which is pending from then on.
    fn should_wake(&mut self) -> bool {
        self.waiting > 0 && !std::mem::replace(&mut self.wakeup_pending, true)
    }

    fn returned(&mut self) {
        self.waiting -= 1;
        self.wakeup_pending = false;
    }
}

/// The state as the timelines show it.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [producers, consumers] = [("producers", &self.pushers), ("consumers", &self.poppers)]
            .map(|(name, side)| waiting(name, side.waiting, side.wakeup_pending));
        write!(f, "{:?}{producers}{consumers}", self.items)
    }
}
