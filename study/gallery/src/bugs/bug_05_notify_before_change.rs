//! The reference with one bug: notification before the change.

use crate::queue::{Fail, Item};
use crate::reference::{Buffer, Reference};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn push(&self, item: Item) -> Result<(), Fail> {
        // BUG: notifies before the change, not after it.
        self.not_empty.notify_one();
        let mut state = self.wait_for_room()?;
        state.items.push_back(item);
        Ok(())
    }
}
