//! The reference with one bug: batch push without chained wake-ups.

use bounded_buffer_model::MutexGuard;

use crate::queue::{Fail, Item};
use crate::reference::{Buffer, Reference, State};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn take(&self, mut state: MutexGuard<'_, State>) -> Result<Item, Fail> {
        if let Some(item) = state.items.pop_front() {
            // BUG: no chained wake-up. A pop wakes producers only, so the next consumer waits although items are left.
            if state.producers.should_wake() {
                self.not_full.notify_one();
            }
            return Ok(item);
        }
        Err(if self.is_closed() { Fail::Closed } else { Fail::Empty })
    }
}
