//! Ladder step 6: back off before the lock. A thread that finds the lock taken spins for increasing times before it tries again,
//! so that the holder runs in a burst with a warm cache.
//!
//! The shipped buffer does not do this. The back-off gains only in a loop without work, as measured here; with work between the
//! operations it loses, because it waits longer than the lock is held.

use std::collections::VecDeque;

use super::Waits;
use super::sync::{AtomicUsize, Condvar, Mutex, MutexGuard, Ordering, read_snapshot, rounds, spin_loop, yield_now};

const PRODUCERS: usize = 0;
const CONSUMERS: usize = 1;

pub(crate) struct Buffer<T> {
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
    waits: Waits,
}

impl<T> Buffer<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let items = VecDeque::with_capacity(capacity);
        let state =
            State { items, closed: false, waiting: [0; 2], wakeup_pending: [false; 2], waits: Waits::default() };
        let condvars = [Condvar::new(), Condvar::new()];
        Self { state: Mutex::new(state), condvars, capacity, len_snapshot: AtomicUsize::new(0) }
    }

    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.wait(PRODUCERS);
        if state.closed {
            return Err(item); // close has woken all waiters
        }
        state.items.push_back(item);
        self.release(state);
        Ok(())
    }

    pub(crate) fn pop(&self) -> Option<T> {
        let mut state = self.wait(CONSUMERS);
        let item = state.items.pop_front();
        self.release(state);
        item
    }

    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.len_snapshot.store(usize::MAX, Ordering::Relaxed); // read again under the lock
        self.condvars.iter().for_each(|condvar| _ = condvar.notify_all());
    }

    fn can_act(&self, state: &State<T>, side: usize) -> bool {
        let able = if side == PRODUCERS { state.items.len() < self.capacity } else { !state.items.is_empty() };
        able || state.closed
    }

    /// Blocks until the side can act. Returns with the lock held.
    fn wait(&self, side: usize) -> MutexGuard<'_, State<T>> {
        let mut state = self.lock();
        let mut again = false;
        while !self.can_act(&state, side) {
            drop(state);
            self.spin_then_yield(side);
            state = self.lock();
            if self.can_act(&state, side) {
                break;
            }
            state.waits.count(&mut again);
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
        self.condvars.iter().zip(wake).filter(|(_, wake)| *wake).for_each(|(condvar, _)| _ = condvar.notify_one());
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        let again = |exponent| {
            (0..rounds(1_u32 << exponent)).for_each(|_| spin_loop());
            self.state.try_lock()
        };
        self.state.try_lock().or_else(|| (3..=6).find_map(again)).unwrap_or_else(|| self.state.lock())
    }

    pub(crate) fn waits(&self) -> Waits {
        self.lock().waits
    }
}
