//! The reference with one bug: push accepted after close.

use bounded_buffer_model::MutexGuard;

use crate::queue::Fail;
use crate::reference::{Buffer, Reference, State};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn wait_for_room(&self) -> Result<MutexGuard<'_, State>, Fail> {
        let mut state = self.state.lock();
        while state.items.len() == self.capacity && !self.is_closed() {
            state.producers.waiting += 1;
            self.not_full.wait(&mut state);
            state.producers.returned();
        }
        // BUG: a free slot beats closed.
        if state.items.len() == self.capacity { Err(Fail::Closed) } else { Ok(state) }
    }
}
