//! A buffer with a lock and a busy wait: a thread that cannot act releases the lock and tries again.

use std::collections::VecDeque;

use bounded_buffer::sync::model::{Mutex, yield_now};

use crate::lessons::{Items, Lesson};

pub(crate) struct Buffer {
    items: Mutex<Items>,
    capacity: usize,
}

impl Buffer {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { items: Mutex::new(Items(VecDeque::new())), capacity }
    }
}

impl Lesson for Buffer {
    fn push(&self, item: u32) {
        loop {
            let mut items = self.items.lock();
            if items.len() < self.capacity {
                items.push_back(item);
                return;
            }
            drop(items);
            yield_now();
        }
    }

    fn pop(&self) -> u32 {
        loop {
            let mut items = self.items.lock();
            if let Some(item) = items.pop_front() {
                return item;
            }
            drop(items);
            yield_now();
        }
    }
}
