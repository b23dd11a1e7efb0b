//! Ladder step 4: at most one wake-up per side is pending. The woken thread acts, and its own release wakes the next waiter if
//! there is more to do (chained wake-ups).
//!
//! A woken thread takes long to run, and more items arrive meanwhile. Without this limit each of them would send another
//! notification. A returning waiter clears the flag, so the flag does not outlive its wake-up.

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
    wakeup_pending: [bool; 2],
}

impl<T> Buffer<T> {
    pub fn new(capacity: usize) -> Self {
        let items = VecDeque::with_capacity(capacity);
        let state = State { items, closed: false, waiting: [0; 2], wakeup_pending: [false; 2] };
        Self { state: Mutex::new(state), condvars: [Condvar::new(), Condvar::new()], capacity }
    }

    pub fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.wait(PRODUCERS);
        if state.closed {
            return Err(item); // close has woken all waiters
        }
        state.items.push_back(item);
        self.release(state);
        Ok(())
    }

    pub fn pop(&self) -> Option<T> {
        let mut state = self.wait(CONSUMERS);
        let item = state.items.pop_front();
        self.release(state);
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
            state.wakeup_pending[side] = false;
        }
        state
    }

    /// Unlocks. Wakes one waiter of each side that can act, unless a wake-up of that side is pending.
    fn release(&self, mut state: MutexGuard<'_, State<T>>) {
        let wake = [PRODUCERS, CONSUMERS].map(|side| {
            let should_wake = self.can_act(&state, side) && state.waiting[side] > 0 && !state.wakeup_pending[side];
            state.wakeup_pending[side] |= should_wake;
            should_wake
        });
        drop(state);
        self.condvars.iter().zip(wake).filter(|(_, wake)| *wake).for_each(|(condvar, _)| condvar.notify_one());
    }
}

impl<T> Buffer<T> {
    /// For the measurement.
    pub fn waits(&self) -> Waits {
        self.state.waits()
    }
}
