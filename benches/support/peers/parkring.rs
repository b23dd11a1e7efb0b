//! parkring's two queues: `BlockingQueue`, a mutex and two condition variables as here, and `LockFreeQueue`.

use ::parkring::{BlockingQueue, LockFreeQueue};

use super::Queue;

pub(crate) struct Blocking<T>(BlockingQueue<T>);
pub(crate) struct LockFree<T>(LockFreeQueue<T>);

impl<T: Send + 'static> Queue<T> for Blocking<T> {
    fn new(capacity: usize) -> Self {
        Self(BlockingQueue::new(capacity))
    }
    #[inline]
    fn push(&self, item: T) {
        assert!(self.0.push(item).is_ok(), "the queue stays open");
    }
    #[inline]
    fn pop(&self) -> T {
        self.0.pop().expect("the queue stays open")
    }
}

impl<T: Send + 'static> Queue<T> for LockFree<T> {
    fn new(capacity: usize) -> Self {
        Self(LockFreeQueue::new(capacity))
    }
    #[inline]
    fn push(&self, item: T) {
        assert!(self.0.push(item).is_ok(), "the queue stays open");
    }
    #[inline]
    fn pop(&self) -> T {
        self.0.pop().expect("the queue stays open")
    }
}
