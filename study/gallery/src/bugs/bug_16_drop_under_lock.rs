//! The reference with one bug: an item dropped while the lock is held.

use crate::reference::{Buffer, Reference};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn clear(&self) {
        let mut state = self.state.lock();
        // BUG: an item's `Drop` is user code, and it runs while the lock is held.
        state.items.clear();
        self.release(state);
    }
}
