//! crossbeam-queue's `ArrayQueue`: lock-free, without blocking operations. Here it **spins** with `yield_now`, so it uses a core
//! where the others park. It shows the cost of a queue without a way to wait.

use std::thread::yield_now;

use super::Queue;

pub(crate) struct ArrayQueue<T>(crossbeam_queue::ArrayQueue<T>);

impl<T: Send + 'static> Queue<T> for ArrayQueue<T> {
    fn new(capacity: usize) -> Self {
        Self(crossbeam_queue::ArrayQueue::new(capacity))
    }
    #[inline]
    fn push(&self, mut item: T) {
        while let Err(refused) = self.0.push(item) {
            item = refused;
            yield_now();
        }
    }
    #[inline]
    fn pop(&self) -> T {
        loop {
            match self.0.pop() {
                Some(item) => return item,
                None => yield_now(),
            }
        }
    }
}
