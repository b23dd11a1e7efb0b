//! The operations of the handles. Each calls the method of the same name of the buffer.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::error::{PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError};
use crate::future::{PopFuture, PopManyFuture, PushFuture, PushManyFuture};
use crate::handle::{Consumer, Producer};
use crate::iter::{Iter, IterMany, TryIter};
use crate::stats::Stats;

/// Implements methods of a handle by the buffer's methods of the same name, and adds a link to their documentation.
macro_rules! delegate {
    ($($(#[doc = $doc:literal])+ $name:ident($($arg:ident: $type:ty),*) -> $result:ty;)+) => {
        $(
            $(#[doc = $doc])+
            #[doc = ""]
            #[doc = concat!("See [`BoundedBuffer::", stringify!($name), "`](crate::BoundedBuffer::", stringify!($name), ").")]
            #[inline]
            pub fn $name(&self, $($arg: $type),*) -> $result {
                self.buffer().$name($($arg),*)
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
        /// Moves all of `items` into the buffer, in order, blocking whenever the buffer is full, for at most `timeout` in all.
        /// Returns their number.
        ///
        /// # Errors
        ///
        /// `Closed` if the buffer is closed, otherwise `Timeout` when the time is up. The items that were not accepted stay in
        /// `items`.
        push_many_timeout(items: &mut VecDeque<T>, timeout: Duration) -> Result<usize, PushTimeoutError<()>>;
        /// Moves all of `items` into the buffer, in order, blocking whenever the buffer is full, until `deadline` at the latest.
        /// Returns their number.
        ///
        /// # Errors
        ///
        /// `Closed` if the buffer is closed, otherwise `Timeout` when the deadline has passed. The items that were not accepted
        /// stay in `items`.
        push_many_deadline(items: &mut VecDeque<T>, deadline: Instant) -> Result<usize, PushTimeoutError<()>>;
        /// Collects the items of an iterator, then moves all of them into the buffer, in order, blocking whenever the buffer is
        /// full. Returns their number.
        ///
        /// # Errors
        ///
        /// Returns the items that were not accepted if the buffer is closed.
        push_all(items: impl IntoIterator<Item = T>) -> Result<usize, PushError<VecDeque<T>>>;
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
    /// See [`BoundedBuffer::push_many_async`](crate::BoundedBuffer::push_many_async).
    ///
    /// # Errors
    ///
    /// If the buffer is closed. The items that were not accepted stay in `items`.
    pub fn push_many_async<'a>(&'a self, items: &'a mut VecDeque<T>) -> PushManyFuture<'a, T> {
        self.buffer().push_many_async(items)
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
        /// Takes a batch as [`pop_batch`](Self::pop_batch) does, blocking for the first item for at most `timeout`.
        ///
        /// # Errors
        ///
        /// `Closed` if the buffer is closed and drained before the first item, otherwise `Timeout` when the time is up.
        pop_batch_timeout(
            into: &mut Vec<T>,
            max: usize,
            linger: Duration,
            timeout: Duration
        ) -> Result<usize, PopTimeoutError>;
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
    /// See [`BoundedBuffer::pop_many_async`](crate::BoundedBuffer::pop_many_async).
    ///
    /// # Errors
    ///
    /// If the buffer is closed and drained.
    pub fn pop_many_async<'a>(&'a self, into: &'a mut Vec<T>, max: usize) -> PopManyFuture<'a, T> {
        self.buffer().pop_many_async(into, max)
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
                /// Closes the buffer and takes the remaining items in one critical section.
                close_and_drain() -> Vec<T>;
                /// Returns whether the buffer is closed.
                is_closed() -> bool;
                /// Returns the number of items. Other threads may change it at any time.
                len() -> usize;
                /// Returns whether the buffer has no item. Other threads may change that at any time.
                is_empty() -> bool;
                /// Returns whether the buffer has no free slot. Other threads may change that at any time.
                is_full() -> bool;
                /// Returns the number of free slots. Other threads may change it at any time.
                remaining() -> usize;
                /// Returns the number of slots.
                capacity() -> usize;
                /// Returns the counters of the buffer.
                stats() -> Stats;
            }
        }
    )+};
}

both_sides!(Producer Consumer);
