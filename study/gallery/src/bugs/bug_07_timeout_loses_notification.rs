//! The reference with one bug: a timed waiter loses a notification.

use std::time::Instant;

use crate::queue::{Fail, Item};
use crate::reference::{Buffer, Reference};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn pop(&self, deadline: Option<Instant>) -> Result<Item, Fail> {
        let state = self.wait_for_items(deadline);
        // BUG: decides by the clock. A notified waiter can return after its deadline: it gives up, and its wake-up is lost.
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Fail::Empty);
        }
        self.take(state)
    }
}
