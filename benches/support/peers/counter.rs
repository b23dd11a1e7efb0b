//! A mutex around a counter: an upper bound for a queue that acquires one lock per operation. It moves no items and does not
//! wait for any.

use parking_lot::Mutex;

use super::Queue;

pub(crate) struct Counter(Mutex<u64>);

impl Queue<u64> for Counter {
    fn new(_capacity: usize) -> Self {
        Self(Mutex::new(0))
    }
    #[inline]
    fn push(&self, _item: u64) {
        let mut count = self.0.lock();
        *count = count.wrapping_add(1);
    }
    #[inline]
    fn pop(&self) -> u64 {
        let mut count = self.0.lock();
        *count = count.wrapping_sub(1);
        *count
    }
}
