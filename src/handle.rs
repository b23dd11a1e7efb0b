//! The handles of a buffer, split by side.
//!
//! Each handle holds a reference count of its side. When the count reaches 0, the side closes the buffer. `Arc` keeps the
//! count, so this file has no counter of its own that could be wrong.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use crate::buffer::BoundedBuffer;
use crate::error::{CapacityError, PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError};
use crate::future::{PopFuture, PopManyFuture, PushFuture, PushManyFuture};
use crate::iter::{Iter, IterMany, TryIter};
use crate::stats::Stats;
use crate::sync::Arc;
use crate::wait::WaitStrategy;

/// Creates a buffer of `capacity` slots and returns its first two handles. Clone them for more.
///
/// When the last [`Producer`] is dropped, the buffer closes, and consumers drain it. When the last [`Consumer`] is dropped, the
/// buffer closes and drops the remaining items, so that no producer waits without a consumer. A panicking thread drops its
/// handles, too.
///
/// # Panics
///
/// As [`BoundedBuffer::new`]. [`try_bounded`] returns an error instead.
///
/// ```
/// let (producer, consumer) = bounded_buffer::bounded(5);
/// let threads: Vec<_> = (0..2)
///     .map(|id| {
///         let producer = producer.clone();
///         std::thread::spawn(move || (0..10).try_for_each(|item| producer.push((id, item))))
///     })
///     .collect();
/// drop(producer); // the threads hold clones
/// assert_eq!(consumer.iter().count(), 20); // ends when both threads are done
/// # threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
/// ```
#[must_use]
pub fn bounded<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    handles(BoundedBuffer::new(capacity))
}

/// Creates a buffer and its handles as [`bounded`] does, and selects what threads do before they park.
///
/// # Panics
///
/// As [`BoundedBuffer::new`].
///
/// ```
/// use bounded_buffer::{WaitStrategy, bounded_with};
///
/// let (producer, consumer) = bounded_with(5, WaitStrategy::Park);
/// producer.push(1)?;
/// assert_eq!(consumer.pop(), Ok(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn bounded_with<T>(capacity: usize, strategy: WaitStrategy) -> (Producer<T>, Consumer<T>) {
    handles(BoundedBuffer::with_wait_strategy(capacity, strategy))
}

/// Creates a buffer and its handles as [`bounded`] does, for a capacity that comes from outside the program.
///
/// # Errors
///
/// As [`BoundedBuffer::try_new`].
pub fn try_bounded<T>(capacity: usize) -> Result<(Producer<T>, Consumer<T>), CapacityError> {
    BoundedBuffer::try_new(capacity).map(handles)
}

fn handles<T>(buffer: BoundedBuffer<T>) -> (Producer<T>, Consumer<T>) {
    let buffer = Arc::new(buffer);
    (
        Producer { buffer: buffer.clone(), side: Arc::new(ProducerSide(buffer.clone())) },
        Consumer { buffer: buffer.clone(), side: Arc::new(ConsumerSide(buffer)) },
    )
}

/// Closes the buffer when the last producer is dropped.
struct ProducerSide<T>(Arc<BoundedBuffer<T>>);

impl<T> Drop for ProducerSide<T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Closes the buffer when the last consumer is dropped, and drops the remaining items, outside the lock.
struct ConsumerSide<T>(Arc<BoundedBuffer<T>>);

impl<T> Drop for ConsumerSide<T> {
    fn drop(&mut self) {
        drop_each(self.0.close_and_drain());
    }
}

/// Drops each item, also if the destructors of several items panic, where dropping the `Vec` would abort the process.
///
/// The first panic continues after the last item. If the thread is panicking already, that panic continues and these end here.
fn drop_each<T>(items: Vec<T>) {
    let mut first: Option<Box<dyn Any + Send>> = None;
    for item in items {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(item))) {
            match first {
                None => first = Some(panic),
                // Forgotten, because the destructor of a payload may panic, too.
                Some(_) => std::mem::forget(panic),
            }
        }
    }
    match first {
        Some(panic) if std::thread::panicking() => std::mem::forget(panic),
        Some(panic) => resume_unwind(panic),
        None => {}
    }
}

/// The pushing side of a buffer created by [`bounded`]. Clone it for more producers.
///
/// The buffer closes when the last producer is dropped.
pub struct Producer<T> {
    buffer: Arc<BoundedBuffer<T>>,
    /// Held for its drop.
    side: Arc<ProducerSide<T>>,
}

/// The popping side of a buffer created by [`bounded`]. Clone it for more consumers.
///
/// When the last consumer is dropped, the buffer closes and the remaining items are dropped. If the destructors of several
/// items panic, all items are dropped and the first panic continues (with `Vec`, the process would abort).
pub struct Consumer<T> {
    buffer: Arc<BoundedBuffer<T>>,
    /// Held for its drop.
    side: Arc<ConsumerSide<T>>,
}

/// Implements methods of a handle by the buffer's methods of the same name, and adds a link to their documentation.
macro_rules! delegate {
    ($($(#[doc = $doc:literal])+ $name:ident($($arg:ident: $type:ty),*) -> $result:ty;)+) => {
        $(
            $(#[doc = $doc])+
            #[doc = ""]
            #[doc = concat!("See [`BoundedBuffer::", stringify!($name), "`].")]
            #[inline]
            pub fn $name(&self, $($arg: $type),*) -> $result {
                self.buffer.$name($($arg),*)
            }
        )+
    };
}

impl<T> Producer<T> {
    delegate! {
        /// Appends an item, blocking while the buffer is full.
        ///
        /// # Errors
        ///
        /// Returns the item if the buffer is closed, also if it is closed while the push waits.
        push(item: T) -> Result<(), PushError<T>>;
        /// Appends an item if a slot is free. Does not wait for a slot.
        ///
        /// # Errors
        ///
        /// Returns the item as `Closed` if the buffer is closed, otherwise as `Full` if it is full.
        try_push(item: T) -> Result<(), TryPushError<T>>;
        /// Appends an item, blocking while the buffer is full, for at most `timeout`.
        ///
        /// # Errors
        ///
        /// Returns the item as `Closed` if the buffer is closed, otherwise as `Timeout` when the time is up.
        push_timeout(item: T, timeout: Duration) -> Result<(), PushTimeoutError<T>>;
        /// Appends an item, blocking while the buffer is full, until `deadline` at the latest.
        ///
        /// # Errors
        ///
        /// Returns the item as `Closed` if the buffer is closed, otherwise as `Timeout` when the deadline has passed.
        push_deadline(item: T, deadline: Instant) -> Result<(), PushTimeoutError<T>>;
        /// Appends an item. If the buffer is full, removes the oldest item to make room and returns it. Does not wait.
        ///
        /// # Errors
        ///
        /// Returns the new item if the buffer is closed.
        force_push(item: T) -> Result<Option<T>, PushError<T>>;
        /// Moves all of `items` into the buffer, in order, blocking whenever the buffer is full. Returns their number.
        ///
        /// # Errors
        ///
        /// If the buffer is closed. The items that were not accepted stay in `items`.
        push_many(items: &mut VecDeque<T>) -> Result<usize, PushError<()>>;
        /// Moves as many of `items` into the buffer as fit, without waiting. Returns their number.
        ///
        /// # Errors
        ///
        /// `Closed` if the buffer is closed, otherwise `Full` if it is full. All items then stay in `items`.
        try_push_many(items: &mut VecDeque<T>) -> Result<usize, TryPushError<()>>;
        /// Appends an item; the task waits while the buffer is full. Cancel-safe.
        ///
        /// # Errors
        ///
        /// The future returns the item if the buffer is closed, also if it is closed while the task waits.
        push_async(item: T) -> PushFuture<'_, T>;
    }

    /// Moves all of `items` into the buffer; the task waits whenever the buffer is full. Cancel-safe.
    ///
    /// See [`BoundedBuffer::push_many_async`].
    ///
    /// # Errors
    ///
    /// If the buffer is closed. The items that were not accepted stay in `items`.
    pub fn push_many_async<'a>(&'a self, items: &'a mut VecDeque<T>) -> PushManyFuture<'a, T> {
        self.buffer.push_many_async(items)
    }
}

impl<T> Consumer<T> {
    delegate! {
        /// Removes the oldest item, blocking while the buffer is empty and open.
        ///
        /// # Errors
        ///
        /// If the buffer is closed and drained.
        pop() -> Result<T, PopError>;
        /// Removes the oldest item if there is one. Does not wait for an item.
        ///
        /// # Errors
        ///
        /// `Closed` if the buffer is closed and drained, `Empty` if it is empty and open.
        try_pop() -> Result<T, TryPopError>;
        /// Removes the oldest item, blocking while the buffer is empty and open, for at most `timeout`.
        ///
        /// # Errors
        ///
        /// `Closed` if the buffer is closed and drained, otherwise `Timeout` when the time is up.
        pop_timeout(timeout: Duration) -> Result<T, PopTimeoutError>;
        /// Removes the oldest item, blocking while the buffer is empty and open, until `deadline` at the latest.
        ///
        /// # Errors
        ///
        /// `Closed` if the buffer is closed and drained, otherwise `Timeout` when the deadline has passed.
        pop_deadline(deadline: Instant) -> Result<T, PopTimeoutError>;
        /// Moves the oldest items, at least one and at most `max`, to the end of `into`, blocking while the buffer is empty
        /// and open. Returns their number.
        ///
        /// # Errors
        ///
        /// If the buffer is closed and drained.
        pop_many(into: &mut Vec<T>, max: usize) -> Result<usize, PopError>;
        /// Moves at most `max` of the oldest items to the end of `into`, without waiting. Returns their number.
        ///
        /// # Errors
        ///
        /// `Closed` if the buffer is closed and drained, `Empty` if it is empty and open.
        try_pop_many(into: &mut Vec<T>, max: usize) -> Result<usize, TryPopError>;
        /// Moves at most `max` of the oldest items to the end of `into`, blocking for the first for at most `timeout`.
        /// Returns their number.
        ///
        /// # Errors
        ///
        /// `Closed` if the buffer is closed and drained, otherwise `Timeout` when the time is up.
        pop_many_timeout(into: &mut Vec<T>, max: usize, timeout: Duration) -> Result<usize, PopTimeoutError>;
        /// Moves at most `max` of the oldest items to the end of `into`, blocking for the first until `deadline` at the
        /// latest. Returns their number.
        ///
        /// # Errors
        ///
        /// `Closed` if the buffer is closed and drained, otherwise `Timeout` when the deadline has passed.
        pop_many_deadline(into: &mut Vec<T>, max: usize, deadline: Instant) -> Result<usize, PopTimeoutError>;
        /// Blocks for a first item, then takes items until there are `max`, until `linger` has passed since the first, or
        /// until the buffer is closed and drained. Moves them to the end of `into` and returns their number.
        ///
        /// # Errors
        ///
        /// If the buffer is closed and drained before the first item.
        pop_batch(into: &mut Vec<T>, max: usize, linger: Duration) -> Result<usize, PopError>;
        /// Closes the buffer and takes the remaining items in one critical section.
        close_and_drain() -> Vec<T>;
        /// Takes all present items in one critical section, without closing the buffer. Does not wait.
        drain() -> Vec<T>;
        /// Returns an iterator that removes items, blocking for each. It ends when the buffer is closed and drained.
        iter() -> Iter<'_, T>;
        /// Returns an iterator that removes items one by one, but takes up to `max` present items under one lock
        /// acquisition.
        ///
        /// # Panics
        ///
        /// If `max` is 0.
        iter_many(max: usize) -> IterMany<'_, T>;
        /// Returns an iterator that removes the present items without waiting.
        try_iter() -> TryIter<'_, T>;
        /// Removes the oldest item; the task waits while the buffer is empty and open. Cancel-safe.
        ///
        /// # Errors
        ///
        /// The future returns [`PopError`] if the buffer is closed and drained.
        pop_async() -> PopFuture<'_, T>;
    }

    /// Moves the oldest items, at least one and at most `max`, to the end of `into`; the task waits while the buffer is empty and
    /// open. Cancel-safe.
    ///
    /// See [`BoundedBuffer::pop_many_async`].
    ///
    /// # Errors
    ///
    /// If the buffer is closed and drained.
    pub fn pop_many_async<'a>(&'a self, into: &'a mut Vec<T>, max: usize) -> PopManyFuture<'a, T> {
        self.buffer.pop_many_async(into, max)
    }
}

/// The methods that both handles have.
macro_rules! both_sides {
    ($($handle:ident)+) => {$(
        impl<T> $handle<T> {
            delegate! {
                /// Closes the buffer: later pushes fail, pops drain the remaining items, and all waiting threads wake up.
                /// Returns `true` the first time only.
                close() -> bool;
                /// Returns whether the buffer is closed.
                is_closed() -> bool;
                /// Returns the number of items. Other threads may change it at any time.
                len() -> usize;
                /// Returns whether the buffer has no item. Other threads may change that at any time.
                is_empty() -> bool;
                /// Returns whether the buffer has no free slot. Other threads may change that at any time.
                is_full() -> bool;
                /// Returns the number of slots.
                capacity() -> usize;
                /// Returns the counters of the buffer.
                stats() -> Stats;
            }

            /// Returns the shared buffer.
            #[must_use]
            pub fn buffer(&self) -> &BoundedBuffer<T> {
                &self.buffer
            }
        }

        // Written by hand, because a derive would require `T: Clone` and `T: Debug`.

        impl<T> Clone for $handle<T> {
            fn clone(&self) -> Self {
                Self { buffer: self.buffer.clone(), side: self.side.clone() }
            }
        }

        impl<T> fmt::Debug for $handle<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($handle)).field(&self.buffer).finish()
            }
        }
    )+};
}

both_sides!(Producer Consumer);

impl<'a, T> IntoIterator for &'a Consumer<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}
