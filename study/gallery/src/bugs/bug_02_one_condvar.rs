//! The textbook buffer with one bug: one condition variable for both sides.

use crate::queue::Item;
use crate::textbook::{Buffer, Textbook};

pub(crate) enum Bug {}

impl Textbook for Buffer<Bug> {
    fn push(&self, item: Item) {
        let mut items = self.items.lock();
        while items.len() == self.capacity {
            // BUG: both sides wait on one condition variable (`pop` notifies there, too), so the wrong side can be woken.
            self.not_empty.wait(&mut items);
        }
        items.push_back(item);
        self.not_empty.notify_one();
    }

    fn pop(&self) -> Option<Item> {
        let mut items = self.items.lock();
        while items.is_empty() {
            self.not_empty.wait(&mut items);
        }
        let item = items.pop_front();
        self.not_empty.notify_one();
        item
    }
}
