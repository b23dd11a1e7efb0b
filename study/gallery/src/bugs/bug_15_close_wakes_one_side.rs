//! The reference with one bug: close wakes one side only.

use std::sync::atomic::Ordering::Relaxed;

use crate::reference::{Buffer, Reference};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn close(&self) {
        let _state = self.state.lock();
        self.closed.fetch_or(true, Relaxed);
        // BUG: wakes the consumers only.
        self.not_empty.notify_all();
    }
}
