//! The textbook buffer with one bug: `if` instead of `while` around a wait.

use crate::queue::Item;
use crate::textbook::{Buffer, Textbook};

pub(crate) enum Bug {}

impl Textbook for Buffer<Bug> {
    fn pop(&self) -> Option<Item> {
        let mut items = self.items.lock();
        // BUG: the condition is not checked again. Another consumer can take the item before the woken one reacquires the lock.
        if items.is_empty() {
            self.not_empty.wait(&mut items);
        }
        let item = items.pop_front();
        self.not_full.notify_one();
        item
    }
}
