//! The buffer with the flag, for several consumers and for batches: a consumer that leaves an item wakes the next consumer.

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

    pub(crate) fn push_many(&self, items: &[u32]) {
        let mut state = self.state.lock();
        state.items.extend(items);
        if state.consumers.should_wake() {
            self.not_empty.notify_one();
        }
    }
}

impl Lesson for Buffer {
    fn push(&self, item: u32) {
        self.push_many(&[item]);
    }

    fn pop(&self) -> Option<u32> {
        let mut state = self.state.lock();
        while state.items.is_empty() {
            state.consumers.waiting += 1;
            self.not_empty.wait(&mut state);
            state.consumers.returned();
        }
        let item = state.items.pop_front();
        if !state.items.is_empty() && state.consumers.should_wake() {
            self.not_empty.notify_one();
        }
        item
    }
}
