//! The reference with one bug: closed is checked before items.

use bounded_buffer_model::MutexGuard;

use crate::queue::{Fail, Item};
use crate::reference::{Buffer, Reference, State};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn take(&self, mut state: MutexGuard<'_, State>) -> Result<Item, Fail> {
        // BUG: checks `closed` first, so accepted items are not delivered.
        if self.is_closed() {
            return Err(Fail::Closed);
        }
        if let Some(item) = state.items.pop_front() {
            self.release(state);
            return Ok(item);
        }
        Err(if self.is_closed() { Fail::Closed } else { Fail::Empty })
    }
}
