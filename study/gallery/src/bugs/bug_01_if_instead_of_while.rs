//! The reference with one bug: `if` instead of `while` around a wait.

use std::time::Instant;

use bounded_buffer::sync::model::MutexGuard;

use crate::reference::{Buffer, Reference, State};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn wait_for_items(&self, deadline: Option<Instant>) -> MutexGuard<'_, State> {
        let mut state = self.state.lock();
        // BUG: the condition is not checked again. Another consumer can take the item before the woken one reacquires the lock.
        if state.items.is_empty() && !self.is_closed() {
            let mut timed_out = false;
            state.poppers.waiting += 1;
            match deadline {
                None => self.not_empty.wait(&mut state),
                Some(deadline) => timed_out = self.not_empty.wait_until(&mut state, deadline).timed_out(),
            }
            state.poppers.returned();
            if timed_out {
                return state;
            }
        }
        state
    }
}
