//! A buffer with a lock and a busy wait: a thread that cannot act releases the lock and tries again.

use bounded_buffer_model::{Mutex, yield_now};

use crate::lessons::{Lesson, State};

pub(crate) struct Buffer {
    state: Mutex<State>,
    capacity: usize,
}

impl Buffer {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { state: Mutex::new(State::default()), capacity }
    }
}

impl Lesson for Buffer {
    fn push(&self, item: u32) {
        loop {
            let mut state = self.state.lock();
            if state.items.len() < self.capacity {
                state.items.push_back(item);
                return;
            }
            drop(state);
            yield_now();
        }
    }

    fn pop(&self) -> Option<u32> {
        loop {
            let mut state = self.state.lock();
            if !state.items.is_empty() {
                return state.items.pop_front();
            }
            drop(state);
            yield_now();
        }
    }
}
