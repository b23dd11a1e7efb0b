//! The operations of the handles. Each calls the method of the same name of the buffer, which has its documentation.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::error::{PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError};
use crate::future::{ClosedFuture, PopFuture, PopManyFuture, PushFuture, PushManyFuture};
use crate::handle::{Consumer, Producer};
use crate::iter::{Iter, IterMany, TryIter};
use crate::stats::Stats;
use crate::weak::{Observer, WeakConsumer, WeakProducer};

/// Implements methods of a handle by the buffer's methods of the same name, with a link to their documentation. The
/// names that other libraries use are aliases here, so that a search finds the handles.
macro_rules! delegate {
    ($($(#[$attribute:meta])+ $name:ident$(<$life:lifetime>)?($($arg:ident: $type:ty),*) -> $result:ty;)+) => {$(
        $(#[$attribute])+
        #[doc = ""]
        #[doc = concat!("See [`BoundedBuffer::", stringify!($name), "`](crate::BoundedBuffer::", stringify!($name), ").")]
        #[allow(clippy::missing_errors_doc, clippy::missing_panics_doc, reason = "on the method that it calls")]
        #[inline]
        pub fn $name$(<$life>)?(&$($life)? self, $($arg: $type),*) -> $result {
            self.buffer().$name($($arg),*)
        }
    )+};
}

impl<T> Producer<T> {
    delegate! {
        /// Appends an item, blocking the thread while the buffer is full. A task uses [`push_async`](Self::push_async).
        #[doc(alias("send", "blocking_send", "send_blocking", "put"))]
        push(item: T) -> Result<(), PushError<T>>;
        /// Appends an item if a slot is free. Does not wait for a slot.
        #[doc(alias("try_send", "offer"))]
        try_push(item: T) -> Result<(), TryPushError<T>>;
        /// Appends an item, blocking while the buffer is full, for at most `timeout`.
        #[doc(alias = "send_timeout")]
        push_timeout(item: T, timeout: Duration) -> Result<(), PushTimeoutError<T>>;
        /// Appends an item, blocking while the buffer is full, until `deadline` at the latest.
        #[doc(alias = "send_deadline")]
        push_deadline(item: T, deadline: Instant) -> Result<(), PushTimeoutError<T>>;
        /// Appends an item. If the buffer is full, removes the oldest item to make room and returns it. Does not wait.
        #[doc(alias = "force_send")]
        force_push(item: T) -> Result<Option<T>, PushError<T>>;
        /// Moves all of `items` into the buffer, in order, blocking whenever the buffer is full. Returns their number.
        push_many(items: &mut VecDeque<T>) -> Result<usize, PushError<()>>;
        /// Moves all of `items` into the buffer, in order, blocking for at most `timeout` in all. Returns their number.
        push_many_timeout(items: &mut VecDeque<T>, timeout: Duration) -> Result<usize, PushTimeoutError<()>>;
        /// Moves all of `items` into the buffer, in order, blocking until `deadline` at the latest. Returns their
        /// number.
        push_many_deadline(items: &mut VecDeque<T>, deadline: Instant) -> Result<usize, PushTimeoutError<()>>;
        /// Collects the items of an iterator, then moves all of them into the buffer, in order, blocking whenever it is
        /// full. Returns their number.
        #[doc(alias("extend", "send_all"))]
        push_all(items: impl IntoIterator<Item = T>) -> Result<usize, PushError<VecDeque<T>>>;
        /// Moves as many of `items` into the buffer as fit, without waiting. Returns their number.
        try_push_many(items: &mut VecDeque<T>) -> Result<usize, TryPushError<()>>;
        /// Appends an item; the task waits while the buffer is full. Cancel-safe.
        #[doc(alias("send", "send_async"))]
        push_async(item: T) -> PushFuture<'_, T>;
        /// Moves all of `items` into the buffer; the task waits whenever the buffer is full. Cancel-safe.
        push_many_async<'a>(items: &'a mut VecDeque<T>) -> PushManyFuture<'a, T>;
    }
}

impl<T> Consumer<T> {
    delegate! {
        /// Removes the oldest item, blocking the thread while the buffer is empty and open. A task uses
        /// [`pop_async`](Self::pop_async).
        #[doc(alias("recv", "blocking_recv", "recv_blocking", "take"))]
        pop() -> Result<T, PopError>;
        /// Removes the oldest item if there is one. Does not wait for an item.
        #[doc(alias("try_recv", "poll"))]
        try_pop() -> Result<T, TryPopError>;
        /// Removes the oldest item, blocking while the buffer is empty and open, for at most `timeout`.
        #[doc(alias = "recv_timeout")]
        pop_timeout(timeout: Duration) -> Result<T, PopTimeoutError>;
        /// Removes the oldest item, blocking while the buffer is empty and open, until `deadline` at the latest.
        #[doc(alias = "recv_deadline")]
        pop_deadline(deadline: Instant) -> Result<T, PopTimeoutError>;
        /// Moves the oldest items, at least one and at most `max`, to the end of `into`, blocking for the first.
        /// Returns their number.
        #[doc(alias("recv_many", "blocking_recv_many"))]
        #[track_caller]
        pop_many(into: &mut Vec<T>, max: usize) -> Result<usize, PopError>;
        /// Moves at most `max` of the oldest items to the end of `into`, without waiting. Returns their number.
        #[track_caller]
        try_pop_many(into: &mut Vec<T>, max: usize) -> Result<usize, TryPopError>;
        /// Moves at most `max` of the oldest items to the end of `into`, blocking for the first for at most `timeout`.
        /// Returns their number.
        #[track_caller]
        pop_many_timeout(into: &mut Vec<T>, max: usize, timeout: Duration) -> Result<usize, PopTimeoutError>;
        /// Moves at most `max` of the oldest items to the end of `into`, blocking for the first until `deadline` at the
        /// latest. Returns their number.
        #[track_caller]
        pop_many_deadline(into: &mut Vec<T>, max: usize, deadline: Instant) -> Result<usize, PopTimeoutError>;
        /// Blocks for a first item, then takes items until there are `max` or until `linger` has passed since the
        /// first. Moves them to the end of `into` and returns their number.
        #[track_caller]
        pop_batch(into: &mut Vec<T>, max: usize, linger: Duration) -> Result<usize, PopError>;
        /// Takes a batch as [`pop_batch`](Self::pop_batch) does, blocking for the first item for at most `timeout`.
        #[track_caller]
        pop_batch_timeout(
            into: &mut Vec<T>,
            max: usize,
            linger: Duration,
            timeout: Duration
        ) -> Result<usize, PopTimeoutError>;
        /// Takes all present items in one critical section, without closing the buffer. Does not wait.
        drain() -> Vec<T>;
        /// Returns an iterator that removes items, blocking the thread for each. It ends when the buffer is closed and
        /// drained.
        iter() -> Iter<'_, T>;
        /// Returns an iterator that removes items one by one, but takes up to `max` present items under one lock
        /// acquisition.
        #[track_caller]
        iter_many(max: usize) -> IterMany<'_, T>;
        /// Returns an iterator that removes the present items without waiting.
        try_iter() -> TryIter<'_, T>;
        /// Removes the oldest item; the task waits while the buffer is empty and open. Cancel-safe.
        #[doc(alias("recv", "recv_async"))]
        pop_async() -> PopFuture<'_, T>;
        /// Moves the oldest items, at least one and at most `max`, to the end of `into`; the task waits for the first.
        /// Cancel-safe.
        #[doc(alias = "recv_many")]
        #[track_caller]
        pop_many_async<'a>(into: &'a mut Vec<T>, max: usize) -> PopManyFuture<'a, T>;
    }
}

/// Closing, which each kind of handle can do.
macro_rules! closing {
    ($($handle:ident)+) => {$(
        impl<T> $handle<T> {
            delegate! {
                /// Closes the buffer: later pushes fail, pops drain the remaining items, and all waiters wake up.
                /// Returns `true` the first time only.
                #[doc(alias("disconnect", "shutdown"))]
                close() -> bool;
                /// Closes the buffer and takes the remaining items in one critical section.
                close_and_drain() -> Vec<T>;
                /// Returns whether the buffer is closed.
                #[doc(alias("is_disconnected", "is_terminated"))]
                #[must_use]
                is_closed() -> bool;
                /// Waits until the buffer is closed, for any reason; the task waits.
                closed() -> ClosedFuture<'_, T>;
                /// Blocks the thread until the buffer is closed, for any reason.
                wait_closed() -> ();
                /// Blocks the thread until the buffer is closed, for at most `timeout`. Returns whether it is closed.
                #[must_use]
                wait_closed_timeout(timeout: Duration) -> bool;
            }
        }
    )+};
}

closing!(Producer Consumer WeakProducer WeakConsumer Observer);

/// What can be asked about the buffer.
macro_rules! queries {
    ($($handle:ident)+) => {$(
        impl<T> $handle<T> {
            delegate! {
                /// Returns the number of items. Other threads may change it at any time.
                #[must_use]
                len() -> usize;
                /// Returns whether the buffer has no item. Other threads may change that at any time.
                #[must_use]
                is_empty() -> bool;
                /// Returns whether the buffer has no free slot. Other threads may change that at any time.
                #[must_use]
                is_full() -> bool;
                /// Returns the number of free slots. Other threads may change it at any time.
                #[must_use]
                remaining() -> usize;
                /// Returns the number of slots. Takes no lock.
                #[doc(alias = "max_capacity")]
                #[must_use]
                capacity() -> usize;
                /// Returns the counters of the buffer, all read under one lock acquisition.
                #[must_use]
                stats() -> Stats;
            }
        }
    )+};
}

queries!(Producer Consumer Observer);
