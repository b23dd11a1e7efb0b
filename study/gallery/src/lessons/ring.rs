//! A ring behind a lock: an array, the slot of the oldest item, and the number of items. It is used by one thread, so it does
//! not wait.

use std::fmt;

use bounded_buffer_model::Mutex;

use crate::lessons::Lesson;

const SLOTS: usize = 2;

pub(crate) struct Buffer {
    ring: Mutex<Ring>,
}

struct Ring {
    slots: [Option<u32>; SLOTS],
    oldest: usize,
    count: usize,
}

impl Buffer {
    pub(crate) fn new() -> Self {
        Self { ring: Mutex::new(Ring { slots: [None; SLOTS], oldest: 0, count: 0 }) }
    }
}

impl Lesson for Buffer {
    fn push(&self, item: u32) {
        let mut ring = self.ring.lock();
        let free = (ring.oldest + ring.count) % SLOTS;
        ring.slots[free] = Some(item);
        ring.count += 1;
    }

    fn pop(&self) -> Option<u32> {
        let mut ring = self.ring.lock();
        let oldest = ring.oldest;
        ring.oldest = (oldest + 1) % SLOTS;
        ring.count -= 1;
        ring.slots[oldest].take()
    }
}

impl fmt::Display for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = (0..self.count).map(|place| self.slots[(self.oldest + place) % SLOTS].unwrap_or_default());
        f.debug_list().entries(items).finish()
    }
}
