//! This crate's buffer, with each of its wait strategies.

use bounded_buffer::{BoundedBuffer, WaitStrategy};

use super::Queue;

/// The default: spins and yields for a bounded time before it parks.
pub(crate) struct Adaptive<T>(pub(crate) BoundedBuffer<T>);

/// Parks immediately.
pub(crate) struct Park<T>(BoundedBuffer<T>);

impl<T: Send + 'static> Queue<T> for Adaptive<T> {
    fn new(capacity: usize) -> Self {
        Self(BoundedBuffer::new(capacity))
    }
    #[inline]
    fn push(&self, item: T) {
        self.0.push(item).expect("the queue stays open");
    }
    #[inline]
    fn pop(&self) -> T {
        self.0.pop().expect("the queue stays open")
    }
}

impl<T: Send + 'static> Queue<T> for Park<T> {
    fn new(capacity: usize) -> Self {
        Self(BoundedBuffer::with_wait_strategy(capacity, WaitStrategy::Park))
    }
    #[inline]
    fn push(&self, item: T) {
        self.0.push(item).expect("the queue stays open");
    }
    #[inline]
    fn pop(&self) -> T {
        self.0.pop().expect("the queue stays open")
    }
}
