//! The textbook buffer, but a consumer reads a snapshot of the length and yields before it waits.

use std::sync::atomic::Ordering::Relaxed;

use bounded_buffer_model::{AtomicUsize, Condvar, Mutex, read_snapshot, yield_now};

use crate::lessons::{Lesson, State};

pub(crate) struct Buffer {
    state: Mutex<State>,
    not_empty: Condvar,
    len_snapshot: AtomicUsize,
}

impl Buffer {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State::default()), not_empty: Condvar::new(), len_snapshot: AtomicUsize::new(0) }
    }
}

impl Lesson for Buffer {
    fn push(&self, item: u32) {
        let mut state = self.state.lock();
        state.items.push_back(item);
        self.len_snapshot.store(state.items.len(), Relaxed);
        self.not_empty.notify_one();
    }

    fn pop(&self) -> Option<u32> {
        if read_snapshot(&self.len_snapshot) == 0 {
            yield_now(); // gives a producer time to push
        }
        let mut state = self.state.lock();
        while state.items.is_empty() {
            self.not_empty.wait(&mut state);
        }
        self.len_snapshot.store(state.items.len() - 1, Relaxed);
        state.items.pop_front()
    }
}
