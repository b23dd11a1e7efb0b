//! Ladder step 1, the textbook: one mutex, two condition variables, a `while` around each wait, on std's primitives.
//!
//! Correct. Each operation that finds the buffer full or empty parks its thread, which costs far more than a push. Each push
//! and each pop notifies, whether a thread waits or not.

use std::collections::VecDeque;

use crate::Waits;
use crate::counted::std_sync::{Condvar, Mutex, MutexGuard};

pub struct Buffer<T> {
    state: Mutex<State<T>>,
    not_full: Condvar,
    not_empty: Condvar,
    capacity: usize,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
}

impl<T> Buffer<T> {
    pub fn new(capacity: usize) -> Self {
        let state = State { items: VecDeque::with_capacity(capacity), closed: false };
        Self { state: Mutex::new(state), not_full: Condvar::new(), not_empty: Condvar::new(), capacity }
    }

    pub fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.lock();
        while state.items.len() == self.capacity && !state.closed {
            state = self.not_full.wait(state).expect("no thread panics while it holds the lock");
        }
        if state.closed {
            return Err(item);
        }
        state.items.push_back(item);
        drop(state);
        self.not_empty.notify_one();
        Ok(())
    }

    pub fn pop(&self) -> Option<T> {
        let mut state = self.lock();
        while state.items.is_empty() && !state.closed {
            state = self.not_empty.wait(state).expect("no thread panics while it holds the lock");
        }
        let item = state.items.pop_front();
        drop(state);
        self.not_full.notify_one();
        item
    }

    pub fn close(&self) {
        self.lock().closed = true;
        self.not_full.notify_all();
        self.not_empty.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().expect("no thread panics while it holds the lock")
    }
}

impl<T> Buffer<T> {
    /// For the measurement.
    pub fn waits(&self) -> Waits {
        self.state.waits()
    }
}
