//! The reference with one bug: one condition variable for both sides.

use std::sync::atomic::Ordering::Relaxed;

use bounded_buffer::sync::model::MutexGuard;

use crate::queue::Fail;
use crate::reference::{Buffer, Reference, State};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn wait_for_room(&self) -> Result<MutexGuard<'_, State>, Fail> {
        let mut state = self.state.lock();
        while state.items.len() == self.capacity && !self.is_closed() {
            state.pushers.waiting += 1;
            // BUG: both sides wait on one condition variable (`release` notifies there, too), so the wrong side can be woken.
            self.not_empty.wait(&mut state);
            state.pushers.returned();
        }
        if self.is_closed() { Err(Fail::Closed) } else { Ok(state) }
    }

    fn release(&self, mut state: MutexGuard<'_, State>) {
        self.len_snapshot.store(state.items.len(), Relaxed);
        if !state.items.is_empty() && state.poppers.should_wake() {
            self.not_empty.notify_one();
        }
        if state.items.len() < self.capacity && state.pushers.should_wake() {
            self.not_empty.notify_one();
        }
    }
}
