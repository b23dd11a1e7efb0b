//! The textbook buffer with a pop that has a deadline.

use std::time::Instant;

use bounded_buffer_model::{Condvar, Mutex};

use crate::lessons::{Lesson, State};

pub(crate) struct Buffer {
    state: Mutex<State>,
    not_empty: Condvar,
    deadline: Instant,
}

impl Buffer {
    pub(crate) fn new(deadline: Instant) -> Self {
        Self { state: Mutex::new(State::default()), not_empty: Condvar::new(), deadline }
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
        while state.items.is_empty() {
            if self.not_empty.wait_until(&mut state, self.deadline).timed_out() {
                break;
            }
        }
        state.items.pop_front()
    }
}
