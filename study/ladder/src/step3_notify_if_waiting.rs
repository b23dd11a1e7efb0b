//! Ladder step 3: notify only if a thread waits. The waiters are counted under the lock.
//!
//! Saves the access to the condition variable's queue; with std's primitives it would save a system call. Ladder step 4
//! needs the count. From here on the two sides differ only in their condition, so they use one wait loop.

use std::collections::VecDeque;

use crate::Waits;
use crate::counted::{Condvar, Mutex, MutexGuard};

const PRODUCERS: usize = 0;
const CONSUMERS: usize = 1;

pub struct Buffer<T> {
    state: Mutex<State<T>>,
    condvars: [Condvar; 2],
    capacity: usize,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
    waiting: [usize; 2],
}

impl<T> Buffer<T> {
    pub fn new(capacity: usize) -> Self {
        let items = VecDeque::with_capacity(capacity);
        let state = State { items, closed: false, waiting: [0; 2] };
        Self { state: Mutex::new(state), condvars: [Condvar::new(), Condvar::new()], capacity }
    }

    pub fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.wait(PRODUCERS);
        if state.closed {
            return Err(item);
        }
        state.items.push_back(item);
        self.release(state, CONSUMERS);
        Ok(())
    }

    pub fn pop(&self) -> Option<T> {
        let mut state = self.wait(CONSUMERS);
        let item = state.items.pop_front();
        self.release(state, PRODUCERS);
        item
    }

    pub fn close(&self) {
        self.state.lock().closed = true;
        self.condvars.iter().for_each(Condvar::notify_all);
    }

    fn can_act(&self, state: &State<T>, side: usize) -> bool {
        let able = if side == PRODUCERS { state.items.len() < self.capacity } else { !state.items.is_empty() };
        able || state.closed
    }

    /// Blocks until the side can act. Returns with the lock held.
    fn wait(&self, side: usize) -> MutexGuard<'_, State<T>> {
        let mut state = self.state.lock();
        while !self.can_act(&state, side) {
            state.waiting[side] += 1;
            self.condvars[side].wait(&mut state);
            state.waiting[side] -= 1;
        }
        state
    }

    /// Unlocks, and wakes one waiter of the `other` side if there is one.
    fn release(&self, state: MutexGuard<'_, State<T>>, other: usize) {
        let wake = state.waiting[other] > 0;
        drop(state);
        if wake {
            self.condvars[other].notify_one();
        }
    }
}

impl<T> Buffer<T> {
    /// For the measurement.
    pub fn waits(&self) -> Waits {
        self.state.waits()
    }
}
