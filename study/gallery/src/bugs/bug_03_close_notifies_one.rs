//! The reference with one bug: `notify_one` in close.
//!
//! The second consumer hangs because a pop from a closed, empty reference buffer returns without `release`: the consumer that
//! was woken wakes no other. The same change is harmless in the shipped buffer, where each operation ends in `release`. On a
//! closed buffer `release` wakes the remaining waiters, so each waiter that returns wakes the next.

use std::sync::atomic::Ordering::Relaxed;

use crate::reference::{Buffer, Reference};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn close(&self) {
        let _state = self.state.lock();
        self.closed.fetch_or(true, Relaxed);
        self.not_full.notify_all();
        // BUG: wakes one consumer only.
        self.not_empty.notify_one();
    }
}
