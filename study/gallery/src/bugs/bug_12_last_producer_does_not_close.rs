//! The reference with one bug: the last producer does not close.

use crate::reference::{Buffer, Reference};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn leave(&self) {
        let mut state = self.state.lock();
        state.remaining -= 1;
        // BUG: the last producer does not close.
    }
}
