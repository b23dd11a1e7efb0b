//! A buffer with a lock and two condition variables: a thread that cannot act waits until it is notified.

use std::collections::VecDeque;

use bounded_buffer::sync::model::{Condvar, Mutex};

use crate::lessons::{Items, Lesson};

pub(crate) struct Buffer {
    items: Mutex<Items>,
    not_full: Condvar,
    not_empty: Condvar,
    capacity: usize,
}

impl Buffer {
    pub(crate) fn new(capacity: usize) -> Self {
        let items = Mutex::new(Items(VecDeque::new()));
        Self { items, not_full: Condvar::new(), not_empty: Condvar::new(), capacity }
    }
}

impl Lesson for Buffer {
    fn push(&self, item: u32) {
        let mut items = self.items.lock();
        while items.len() == self.capacity {
            self.not_full.wait(&mut items);
        }
        items.push_back(item);
        self.not_empty.notify_one();
    }

    fn pop(&self) -> u32 {
        let mut items = self.items.lock();
        while items.is_empty() {
            self.not_empty.wait(&mut items);
        }
        let item = items.pop_front().expect("the loop ends when there is an item");
        self.not_full.notify_one();
        item
    }
}
