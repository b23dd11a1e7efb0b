//! Ladder step 5: spin, then yield, then park. An item passes between two running threads in less than a microsecond; a park
//! costs many times that. A thread that cannot act spins on a snapshot of the length outside the lock for a bounded time before it
//! parks.
//!
//! The snapshot may be stale, so the condition is checked again under the lock.

use std::collections::VecDeque;

use crate::Waits;
use crate::counted::{Condvar, Mutex, MutexGuard};
use crate::sync::{AtomicUsize, Ordering, read_snapshot, rounds, spin_loop, yield_now};

const PRODUCERS: usize = 0;
const CONSUMERS: usize = 1;

pub struct Buffer<T> {
    state: Mutex<State<T>>,
    condvars: [Condvar; 2],
    capacity: usize,
    /// The length at the last release; `usize::MAX` after close.
    len_snapshot: AtomicUsize,
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
        let condvars = [Condvar::new(), Condvar::new()];
        Self { state: Mutex::new(state), condvars, capacity, len_snapshot: AtomicUsize::new(0) }
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
        self.len_snapshot.store(usize::MAX, Ordering::Relaxed); // read again under the lock
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
            drop(state);
            self.spin_then_yield(side);
            state = self.state.lock();
            if self.can_act(&state, side) {
                break;
            }
            state.waiting[side] += 1;
            self.condvars[side].wait(&mut state);
            state.waiting[side] -= 1;
            state.wakeup_pending[side] = false;
        }
        state
    }

    fn spin_then_yield(&self, side: usize) {
        let blocked_at = if side == PRODUCERS { self.capacity } else { 0 };
        let is_blocked = || read_snapshot(&self.len_snapshot) == blocked_at;
        (0..rounds(48)).take_while(|_| is_blocked()).for_each(|_| spin_loop());
        (0..rounds(20)).take_while(|_| is_blocked()).for_each(|_| yield_now());
    }

    /// Unlocks. Wakes one waiter of each side that can act, unless a wake-up of that side is pending.
    fn release(&self, mut state: MutexGuard<'_, State<T>>) {
        let wake = [PRODUCERS, CONSUMERS].map(|side| {
            let should_wake = self.can_act(&state, side) && state.waiting[side] > 0 && !state.wakeup_pending[side];
            state.wakeup_pending[side] |= should_wake;
            should_wake
        });
        self.len_snapshot.store(if state.closed { usize::MAX } else { state.items.len() }, Ordering::Relaxed);
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
