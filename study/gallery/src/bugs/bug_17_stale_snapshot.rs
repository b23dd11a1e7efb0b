//! The reference with one bug: `try_pop` trusts a stale snapshot.

use std::sync::atomic::Ordering::Relaxed;

use crate::queue::{Fail, Item};
use crate::reference::{Buffer, Reference};

pub(crate) enum Bug {}

impl Reference for Buffer<Bug> {
    fn try_pop(&self) -> Result<Item, Fail> {
        // BUG: trusts the snapshot. It can be old: no operation orders the push before this load.
        if self.len_snapshot.load(Relaxed) == 0 {
            return Err(Fail::Empty);
        }
        let state = self.state.lock();
        self.take(state)
    }
}
