//! Ladder step 6: batches. Many items share one lock acquisition and one wake-up. Chained wake-ups replace `notify_all`.
//! The shipped buffer adds time-outs, counters and handles, and writes the snapshot only while a thread spins.

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

    /// Moves all of `items` into the buffer. Returns false if it is closed; the rest stays in `items`.
    pub fn push_many(&self, items: &mut VecDeque<T>) -> bool {
        while !items.is_empty() {
            let mut state = self.wait(PRODUCERS);
            if state.closed {
                return false;
            }
            let count = items.len().min(self.capacity - state.items.len());
            state.items.extend(items.drain(..count));
            self.release(state);
        }
        true
    }

    /// Moves at least one and at most `max` items to the end of `into`, or none if closed and drained.
    pub fn pop_many(&self, into: &mut Vec<T>, max: usize) {
        let mut state = self.wait(CONSUMERS);
        let count = state.items.len().min(max);
        into.extend(state.items.drain(..count));
        self.release(state);
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
