//! Handles that close by themselves.
//!
//! Each handle holds a share of its *side*; a side closes the buffer when its last share is dropped. So the number of
//! producers is the reference count of their side, kept by `Arc`, and there is no counter here to get wrong.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use crate::buffer::BoundedBuffer;
use crate::error::{PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError};
use crate::iter::{Iter, TryIter};
use crate::sync::Arc;

/// A buffer of `capacity` slots and its first two handles, to be cloned for more.
///
/// When the last [`Producer`] is dropped, the buffer closes and consumers drain it. When the last [`Consumer`] is dropped,
/// it closes, too, and drops what was left: no producer waits for nobody, and no item is stranded. A thread that panics
/// drops its handles, so it counts as gone.
///
/// # Panics
///
/// As [`BoundedBuffer::new`]: if `capacity` is 0.
///
/// ```
/// let (producer, consumer) = bounded_buffer::bounded(5);
/// let threads: Vec<_> = (0..2)
///     .map(|id| {
///         let producer = producer.clone();
///         std::thread::spawn(move || (0..10).try_for_each(|item| producer.push((id, item))))
///     })
///     .collect();
/// drop(producer); // the threads have theirs
/// assert_eq!(consumer.iter().count(), 20); // ends when both threads are done
/// # threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
/// ```
#[must_use]
pub fn bounded<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    let buffer = Arc::new(BoundedBuffer::new(capacity));
    (
        Producer { buffer: buffer.clone(), share: Arc::new(ProducerSide(buffer.clone())) },
        Consumer { buffer: buffer.clone(), share: Arc::new(ConsumerSide(buffer)) },
    )
}

/// Closes when the last producer is gone.
struct ProducerSide<T>(Arc<BoundedBuffer<T>>);

impl<T> Drop for ProducerSide<T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Closes when the last consumer is gone, and drops what nobody will take: here, outside the lock.
struct ConsumerSide<T>(Arc<BoundedBuffer<T>>);

impl<T> Drop for ConsumerSide<T> {
    fn drop(&mut self) {
        drop(self.0.close_and_drain());
    }
}

/// The pushing end of a buffer made by [`bounded`]. Clone it for more producers.
pub struct Producer<T> {
    buffer: Arc<BoundedBuffer<T>>,
    /// Held for its drop.
    share: Arc<ProducerSide<T>>,
}

/// The popping end of a buffer made by [`bounded`]. Clone it for more consumers.
pub struct Consumer<T> {
    buffer: Arc<BoundedBuffer<T>>,
    /// Held for its drop.
    share: Arc<ConsumerSide<T>>,
}

/// Gives a handle the operations of the buffer that belong to its side.
macro_rules! delegate {
    ($($name:ident($($arg:ident: $type:ty),*) -> $result:ty;)+) => {
        $(
            #[doc = concat!("[`BoundedBuffer::", stringify!($name), "`] of the shared buffer.")]
            #[allow(clippy::missing_errors_doc, reason = "the page linked to tells them")]
            #[inline]
            pub fn $name(&self, $($arg: $type),*) -> $result {
                self.buffer.$name($($arg),*)
            }
        )+
    };
}

impl<T> Producer<T> {
    delegate! {
        push(item: T) -> Result<(), PushError<T>>;
        try_push(item: T) -> Result<(), TryPushError<T>>;
        push_timeout(item: T, timeout: Duration) -> Result<(), PushTimeoutError<T>>;
        push_deadline(item: T, deadline: Instant) -> Result<(), PushTimeoutError<T>>;
        force_push(item: T) -> Result<Option<T>, PushError<T>>;
        push_many(items: &mut VecDeque<T>) -> Result<usize, PushError<()>>;
        try_push_many(items: &mut VecDeque<T>) -> Result<usize, TryPushError<()>>;
        close() -> bool;
    }

    /// The shared buffer, for all that belongs to no side: `len`, `stats`, `is_closed` and so on.
    #[must_use]
    pub fn buffer(&self) -> &BoundedBuffer<T> {
        &self.buffer
    }
}

impl<T> Consumer<T> {
    delegate! {
        pop() -> Result<T, PopError>;
        try_pop() -> Result<T, TryPopError>;
        pop_timeout(timeout: Duration) -> Result<T, PopTimeoutError>;
        pop_deadline(deadline: Instant) -> Result<T, PopTimeoutError>;
        pop_many(into: &mut Vec<T>, max: usize) -> Result<usize, PopError>;
        try_pop_many(into: &mut Vec<T>, max: usize) -> Result<usize, TryPopError>;
        pop_many_timeout(into: &mut Vec<T>, max: usize, timeout: Duration) -> Result<usize, PopTimeoutError>;
        pop_many_deadline(into: &mut Vec<T>, max: usize, deadline: Instant) -> Result<usize, PopTimeoutError>;
        pop_batch(into: &mut Vec<T>, max: usize, linger: Duration) -> Result<usize, PopError>;
        close() -> bool;
        close_and_drain() -> Vec<T>;
        drain() -> Vec<T>;
        iter() -> Iter<'_, T>;
        try_iter() -> TryIter<'_, T>;
    }

    /// The shared buffer, for all that belongs to no side: `len`, `stats`, `is_closed` and so on.
    #[must_use]
    pub fn buffer(&self) -> &BoundedBuffer<T> {
        &self.buffer
    }
}

impl<'a, T> IntoIterator for &'a Consumer<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

// Written out, because a derive would ask `T: Clone` and `T: Debug`.

impl<T> Clone for Producer<T> {
    fn clone(&self) -> Self {
        Self { buffer: self.buffer.clone(), share: self.share.clone() }
    }
}

impl<T> Clone for Consumer<T> {
    fn clone(&self) -> Self {
        Self { buffer: self.buffer.clone(), share: self.share.clone() }
    }
}

impl<T> fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Producer").field(&self.buffer).finish()
    }
}

impl<T> fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Consumer").field(&self.buffer).finish()
    }
}
