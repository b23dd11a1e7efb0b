//! The reference with one bug: close sets its flag without the lock.

use std::sync::atomic::Ordering::Relaxed;

use crate::reference::{Buffer, Reference};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn close(&self) {
        // BUG: without the lock, this can run between a waiter's check of the flag and its wait.
        self.closed.fetch_or(true, Relaxed);
        self.not_full.notify_all();
        self.not_empty.notify_all();
    }
}
