//! The reference with one bug: the snapshot is not checked again under the lock.

use bounded_buffer_model::read_snapshot;

use crate::queue::{Fail, Item};
use crate::reference::{Buffer, Reference};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn try_pop(&self) -> Result<Item, Fail> {
        // BUG: relies on the snapshot also after it has the lock.
        if read_snapshot(&self.len_snapshot) == 0 {
            return Err(Fail::Empty);
        }
        let state = self.state.lock();
        Ok(self.take(state).expect("the snapshot showed an item"))
    }
}
