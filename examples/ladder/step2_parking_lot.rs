//! Step 2, the same on parking_lot: a lock of one byte that is taken and given back without a system call, and a `notify_one`
//! that makes one only if somebody waits.
//!
//! What is left is the sleeps: each still costs a system call to fall waiting and one to be woken.

use std::collections::VecDeque;

use super::Slept;
use super::sync::{Condvar, Mutex, MutexGuard};

pub(crate) struct Buffer<T> {
    state: Mutex<State<T>>,
    not_full: Condvar,
    not_empty: Condvar,
    capacity: usize,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
    slept: Slept,
}

impl<T> Buffer<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State { items: VecDeque::with_capacity(capacity), closed: false, slept: Slept::default() };
        Self { state: Mutex::new(state), not_full: Condvar::new(), not_empty: Condvar::new(), capacity }
    }

    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.lock();
        let mut again = false;
        while state.items.len() == self.capacity && !state.closed {
            state.slept.count(&mut again);
            self.not_full.wait(&mut state);
        }
        if state.closed {
            return Err(item);
        }
        state.items.push_back(item);
        drop(state);
        self.not_empty.notify_one();
        Ok(())
    }

    pub(crate) fn pop(&self) -> Option<T> {
        let mut state = self.lock();
        let mut again = false;
        while state.items.is_empty() && !state.closed {
            state.slept.count(&mut again);
            self.not_empty.wait(&mut state);
        }
        let item = state.items.pop_front();
        drop(state);
        self.not_full.notify_one();
        item
    }

    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.not_full.notify_all();
        self.not_empty.notify_all();
    }

    pub(crate) fn slept(&self) -> Slept {
        self.lock().slept
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock()
    }
}
