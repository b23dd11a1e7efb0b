//! The reference with one bug: waiters counted in an earlier critical section.

use crate::queue::{Fail, Item};
use crate::reference::{Buffer, Reference};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn push(&self, item: Item) -> Result<(), Fail> {
        // BUG: checks for waiters before it locks. A consumer can start to wait in between.
        let has_waiters = self.state.lock().consumers.waiting > 0;
        let mut state = self.wait_for_room()?;
        state.items.push_back(item);
        if has_waiters {
            self.release(state);
        }
        Ok(())
    }
}
