//! The reference: a textbook bounded buffer (one mutex, two condition variables, each wait in a loop) with a close flag and
//! the two parts of the shipped protocol that a textbook omits, the pending flag and chained wake-ups. It notifies while it
//! holds the lock.
//!
//! The code is the provided functions of the trait [`Reference`]. A bug is a type [`Variant`](Buffer) whose buffer overrides one
//! of them. A trait has no fields, so these are in [`Parts`], and `self.state` in the trait is the field there.
//!
//! `closed` and `len_snapshot` are outside the mutex only so that a bug can misuse them. The reference writes them with the
//! lock held, and takes no decision from the snapshot.

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use bounded_buffer_model::{AtomicBool, AtomicUsize, Condvar, Mutex, MutexGuard};

use crate::queue::{Fail, Item, Queue, waiting};

pub(crate) struct Parts {
    pub(crate) state: Mutex<State>,
    pub(crate) not_full: Condvar,
    pub(crate) not_empty: Condvar,
    pub(crate) closed: AtomicBool,
    /// The number of items at the last release.
    pub(crate) len_snapshot: AtomicUsize,
    pub(crate) capacity: usize,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) items: VecDeque<Item>,
    /// The producers that have not left.
    pub(crate) remaining: usize,
    pub(crate) producers: Side,
    pub(crate) consumers: Side,
}

/// The waiters of one side.
#[derive(Default)]
pub(crate) struct Side {
    pub(crate) waiting: usize,
    /// A wake-up was sent, and no waiter has returned since.
    pub(crate) wakeup_pending: bool,
}

pub(crate) trait Reference: Deref<Target = Parts> + Send + Sync {
    fn push(&self, item: Item) -> Result<(), Fail> {
        let mut state = self.wait_for_room()?;
        state.items.push_back(item);
        self.release(state);
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
        state.remaining -= 1;
        let last = state.remaining == 0;
        drop(state);
        if last {
            self.close();
        }
    }

    fn wait_for_room(&self) -> Result<MutexGuard<'_, State>, Fail> {
        let mut state = self.state.lock();
        while state.items.len() == self.capacity && !self.is_closed() {
            state.producers.waiting += 1;
            self.not_full.wait(&mut state);
            state.producers.returned();
        }
        if self.is_closed() { Err(Fail::Closed) } else { Ok(state) }
    }

    /// Returns when there are items, the buffer is closed, or the time is up.
    fn wait_for_items(&self, deadline: Option<Instant>) -> MutexGuard<'_, State> {
        let mut state = self.state.lock();
        while state.items.is_empty() && !self.is_closed() {
            let mut timed_out = false;
            state.consumers.waiting += 1;
            match deadline {
                None => self.not_empty.wait(&mut state),
                Some(deadline) => timed_out = self.not_empty.wait_until(&mut state, deadline).timed_out(),
            }
            state.consumers.returned();
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
        if !state.items.is_empty() && state.consumers.should_wake() {
            self.not_empty.notify_one();
        }
        if state.items.len() < self.capacity && state.producers.should_wake() {
            self.not_full.notify_one();
        }
    }

    /// Read-modify-writes read the newest value, so memory orders play no role here.
    fn is_closed(&self) -> bool {
        self.closed.fetch_or(false, Relaxed)
    }
}

/// A buffer of the reference's code, or of a variant of it.
pub(crate) struct Buffer<Variant> {
    parts: Parts,
    variant: PhantomData<Variant>,
}

/// The reference itself.
pub(crate) enum Unchanged {}

impl Reference for Buffer<Unchanged> {}

impl<Variant> Buffer<Variant> {
    pub(crate) fn new(capacity: usize, producers: usize) -> Self {
        let parts = Parts {
            state: Mutex::new(State { remaining: producers, ..State::default() }),
            not_full: Condvar::new(),
            not_empty: Condvar::new(),
            closed: AtomicBool::new(false),
            len_snapshot: AtomicUsize::new(0),
            capacity,
        };
        Self { parts, variant: PhantomData }
    }
}

impl<Variant> Deref for Buffer<Variant> {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// What the programs call.
impl<Variant> Queue for Buffer<Variant>
where
    Self: Reference,
{
    fn push(&self, item: Item) -> Result<(), Fail> {
        Reference::push(self, item)
    }
    fn push_many(&self, items: VecDeque<Item>) -> Result<(), Fail> {
        Reference::push_many(self, items)
    }
    fn pop(&self, deadline: Option<Instant>) -> Result<Item, Fail> {
        Reference::pop(self, deadline)
    }
    fn pop_many(&self, max: usize) -> Vec<Item> {
        Reference::pop_many(self, max)
    }
    fn try_pop(&self) -> Result<Item, Fail> {
        Reference::try_pop(self)
    }
    fn clear(&self) {
        Reference::clear(self);
    }
    fn close(&self) {
        Reference::close(self);
    }
    fn leave(&self) {
        Reference::leave(self);
    }
}

impl Side {
    /// Returns whether to send a wake-up, which is pending from then on.
    pub(crate) fn should_wake(&mut self) -> bool {
        self.waiting > 0 && !std::mem::replace(&mut self.wakeup_pending, true)
    }

    pub(crate) fn returned(&mut self) {
        self.waiting -= 1;
        self.wakeup_pending = false;
    }
}

/// The state as the timelines show it.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [producers, consumers] = [("producers", &self.producers), ("consumers", &self.consumers)]
            .map(|(name, side)| waiting(name, side.waiting, side.wakeup_pending));
        write!(f, "{:?}{producers}{consumers}", self.items)
    }
}
