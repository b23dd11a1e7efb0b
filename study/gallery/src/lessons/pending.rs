//! The buffer that counts its waiters, with a flag: at most one wake-up of the consumers is pending. Its program never fills it, so its
//! producers do not wait.

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
}

impl Lesson for Buffer {
    fn push(&self, item: u32) {
        let mut state = self.state.lock();
        state.items.push_back(item);
        if state.consumers.waiting > 0 && !state.consumers.wakeup_pending {
            state.consumers.wakeup_pending = true;
            self.not_empty.notify_one();
        }
    }

    fn pop(&self) -> Option<u32> {
        let mut state = self.state.lock();
        while state.items.is_empty() {
            state.consumers.waiting += 1;
            self.not_empty.wait(&mut state);
            state.consumers.waiting -= 1;
            state.consumers.wakeup_pending = false;
        }
        state.items.pop_front()
    }
}
