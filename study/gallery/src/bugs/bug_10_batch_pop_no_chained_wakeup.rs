//! The reference with one bug: batch pop without chained wake-ups.

use crate::queue::{Fail, Item};
use crate::reference::{Buffer, Reference};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn push(&self, item: Item) -> Result<(), Fail> {
        let mut state = self.wait_for_room()?;
        state.items.push_back(item);
        // BUG: no chained wake-up. A push wakes consumers only, so the next producer waits although slots are free.
        if state.consumers.should_wake() {
            self.not_empty.notify_one();
        }
        Ok(())
    }
}
