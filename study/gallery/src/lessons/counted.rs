//! The textbook buffer, but each side counts its waiting threads, and a thread notifies only if a thread waits.

use bounded_buffer_model::{Condvar, Mutex};

use crate::lessons::{Lesson, State};

pub(crate) struct Buffer {
    state: Mutex<State>,
    not_full: Condvar,
    not_empty: Condvar,
    capacity: usize,
}

impl Buffer {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { state: Mutex::new(State::default()), not_full: Condvar::new(), not_empty: Condvar::new(), capacity }
    }
}

impl Lesson for Buffer {
    fn push(&self, item: u32) {
        let mut state = self.state.lock();
        while state.items.len() == self.capacity {
            state.producers.waiting += 1;
            self.not_full.wait(&mut state);
            state.producers.waiting -= 1;
        }
        state.items.push_back(item);
        if state.consumers.waiting > 0 {
            self.not_empty.notify_one();
        }
    }

    fn pop(&self) -> Option<u32> {
        let mut state = self.state.lock();
        while state.items.is_empty() {
            state.consumers.waiting += 1;
            self.not_empty.wait(&mut state);
            state.consumers.waiting -= 1;
        }
        let item = state.items.pop_front();
        if state.producers.waiting > 0 {
            self.not_full.notify_one();
        }
        item
    }
}
