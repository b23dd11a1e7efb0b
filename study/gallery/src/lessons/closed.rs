//! The textbook buffer with a close flag: no item comes after it, and the items before it are delivered.

use bounded_buffer_model::{Condvar, Mutex};

use crate::lessons::{Lesson, State};

pub(crate) struct Buffer {
    state: Mutex<State>,
    not_empty: Condvar,
}

impl Buffer {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State::default()), not_empty: Condvar::new() }
    }

    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        self.not_empty.notify_all();
    }
}

impl Lesson for Buffer {
    fn push(&self, item: u32) {
        let mut state = self.state.lock();
        state.items.push_back(item);
        self.not_empty.notify_one();
    }

    fn pop(&self) -> Option<u32> {
        let mut state = self.state.lock();
        while state.items.is_empty() && !state.closed {
            self.not_empty.wait(&mut state);
        }
        state.items.pop_front()
    }
}
