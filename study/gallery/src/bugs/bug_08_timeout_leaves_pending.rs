//! The reference with one bug: a timed-out waiter leaves the pending flag set.

use std::time::Instant;

use bounded_buffer_model::MutexGuard;

use crate::reference::{Buffer, Reference, State};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn wait_for_items(&self, deadline: Option<Instant>) -> MutexGuard<'_, State> {
        let mut state = self.state.lock();
        while state.items.is_empty() && !self.is_closed() {
            let mut timed_out = false;
            state.consumers.waiting += 1;
            match deadline {
                None => self.not_empty.wait(&mut state),
                Some(deadline) => timed_out = self.not_empty.wait_until(&mut state, deadline).timed_out(),
            }
            // BUG: a waiter that timed out does not clear the flag, although the flag may have been set for it.
            let pending = state.consumers.wakeup_pending && timed_out;
            state.consumers.returned();
            state.consumers.wakeup_pending = pending;
            if timed_out {
                return state;
            }
        }
        state
    }
}
