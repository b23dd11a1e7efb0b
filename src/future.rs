//! The futures of the operations that wait, for tasks of any executor.
//!
//! All of them can be cancelled: a future that is dropped before it is ready has pushed or popped nothing, except that
//! [`PushManyFuture`] may have pushed some of its items. A wake-up that it received goes to another waiter.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use crate::buffer::BoundedBuffer;
use crate::error::{PopError, PushError};
use crate::ops::NO_ITEMS;
use crate::state::{CONSUMERS, OBSERVERS, PRODUCERS, State, TakeManyError};
use crate::sync;
use crate::tasks::TaskWait;

const POLLED_AFTER_COMPLETION: &str = "the future was polled after its completion";

/// Appends an item when a slot is free. Created by [`BoundedBuffer::push_async`].
///
/// Dropping it before it is ready drops the item; [`into_item`](Self::into_item) returns it instead.
#[must_use = "futures do nothing unless polled"]
pub struct PushFuture<'a, T> {
    wait: TaskWait<&'a BoundedBuffer<T>, PRODUCERS>,
    /// `None` after completion.
    item: Option<T>,
}

/// Removes the oldest item when there is one. Created by [`BoundedBuffer::pop_async`].
#[must_use = "futures do nothing unless polled"]
pub struct PopFuture<'a, T> {
    wait: TaskWait<&'a BoundedBuffer<T>, CONSUMERS>,
    completed: bool,
}

/// Moves all items of a deque into the buffer. Created by [`BoundedBuffer::push_many_async`].
///
/// Dropping it before it is ready leaves the items that were not accepted in the deque.
#[must_use = "futures do nothing unless polled"]
pub struct PushManyFuture<'a, T> {
    wait: TaskWait<&'a BoundedBuffer<T>, PRODUCERS>,
    items: &'a mut VecDeque<T>,
    all: usize,
    completed: bool,
}

/// Moves the oldest items into a vector when there are any. Created by [`BoundedBuffer::pop_many_async`].
#[must_use = "futures do nothing unless polled"]
pub struct PopManyFuture<'a, T> {
    wait: TaskWait<&'a BoundedBuffer<T>, CONSUMERS>,
    into: &'a mut Vec<T>,
    max: usize,
    completed: bool,
}

/// Waits until the buffer is closed. Created by [`BoundedBuffer::closed`].
#[must_use = "futures do nothing unless polled"]
pub struct ClosedFuture<'a, T> {
    wait: TaskWait<&'a BoundedBuffer<T>, OBSERVERS>,
    completed: bool,
}

/// Operations for tasks.
impl<T> BoundedBuffer<T> {
    /// Appends an item as [`push`](Self::push) does. The task waits while the buffer is full; the thread does not
    /// block.
    ///
    /// Cancel-safe: if the future is dropped before it is ready, nothing was pushed, and the item is dropped with it.
    /// [`PushFuture::into_item`] returns the item instead: `timeout(d, push_async(item))` loses the item when the time
    /// is up, and `let mut push = push_async(item); timeout(d, &mut push)` followed by `push.into_item()` returns it.
    ///
    /// # Errors
    ///
    /// The future returns the item if the buffer is closed, also if it is closed while the task waits.
    ///
    /// # Panics
    ///
    /// The future panics if it is polled after its completion.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// # futures::executor::block_on(async {
    /// let buffer = BoundedBuffer::new(1);
    /// buffer.push_async("first").await?;
    /// let mut second = buffer.push_async("second"); // would wait for a slot
    /// # assert!(std::future::Future::poll(std::pin::Pin::new(&mut second), &mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending());
    /// assert_eq!(second.into_item(), Some("second"));
    /// assert_eq!(buffer.pop_async().await, Ok("first"));
    /// # Ok::<(), bounded_buffer::PushError<&str>>(())
    /// # }).unwrap();
    /// ```
    pub fn push_async(&self, item: T) -> PushFuture<'_, T> {
        PushFuture { wait: TaskWait::new(self), item: Some(item) }
    }

    /// Removes the oldest item as [`pop`](Self::pop) does. The task waits while the buffer is empty and open; the
    /// thread does not block.
    ///
    /// Cancel-safe: if the future is dropped before it is ready, it has taken no item.
    ///
    /// # Errors
    ///
    /// The future returns [`PopError`] if the buffer is closed and drained.
    ///
    /// # Panics
    ///
    /// The future panics if it is polled after its completion.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// let buffer = BoundedBuffer::new(1);
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| buffer.push(7)); // threads and tasks use the same buffer
    ///     assert_eq!(futures::executor::block_on(buffer.pop_async()), Ok(7));
    /// });
    /// ```
    pub fn pop_async(&self) -> PopFuture<'_, T> {
        PopFuture { wait: TaskWait::new(self), completed: false }
    }

    /// Moves all of `items` into the buffer as [`push_many`](Self::push_many) does. The task waits whenever the buffer
    /// is full.
    ///
    /// Cancel-safe: if the future is dropped before it is ready, the items that were not accepted are still in `items`.
    ///
    /// # Errors
    ///
    /// If the buffer is closed. The items that were not accepted stay in `items`.
    ///
    /// # Panics
    ///
    /// The future panics if it is polled after its completion.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (buffer, mut items) = (bounded_buffer::BoundedBuffer::new(4), [1, 2].into());
    /// assert_eq!(buffer.push_many_async(&mut items).await, Ok(2));
    /// # });
    /// ```
    pub fn push_many_async<'a>(&'a self, items: &'a mut VecDeque<T>) -> PushManyFuture<'a, T> {
        PushManyFuture { wait: TaskWait::new(self), all: items.len(), items, completed: false }
    }

    /// Moves the oldest items, at least one and at most `max`, to the end of `into`, as [`pop_many`](Self::pop_many)
    /// does. The task waits while the buffer is empty and open.
    ///
    /// Cancel-safe: if the future is dropped before it is ready, it has taken no item.
    ///
    /// # Errors
    ///
    /// If the buffer is closed and drained.
    ///
    /// # Panics
    ///
    /// If `max` is 0. The future panics if it is polled after its completion.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (buffer, mut taken) = (bounded_buffer::BoundedBuffer::new(4), Vec::new());
    /// buffer.push_all([1, 2, 3])?;
    /// assert_eq!(buffer.pop_many_async(&mut taken, 2).await, Ok(2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn pop_many_async<'a>(&'a self, into: &'a mut Vec<T>, max: usize) -> PopManyFuture<'a, T> {
        assert!(max > 0, "{NO_ITEMS}");
        PopManyFuture { wait: TaskWait::new(self), into, max, completed: false }
    }
}

/// Waiting for the close.
impl<T> BoundedBuffer<T> {
    /// Waits until the buffer is closed, for any reason: [`close`](Self::close), or the last handle of a side was
    /// dropped. Items may still be in it. The task waits; the thread does not block.
    ///
    /// For a producer that should stop to prepare an item that nobody will take, or for a supervisor.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let (producer, consumer) = bounded_buffer::bounded::<u8>(1);
    /// drop(consumer);
    /// producer.closed().await; // the last consumer is gone
    /// # });
    /// ```
    pub fn closed(&self) -> ClosedFuture<'_, T> {
        ClosedFuture { wait: TaskWait::new(self), completed: false }
    }

    /// Blocks the thread until the buffer is closed, for any reason. Items may still be in it.
    ///
    /// ```
    /// let (producer, consumer) = bounded_buffer::bounded::<u8>(1);
    /// let observer = producer.observer();
    /// std::thread::spawn(move || drop(producer));
    /// observer.wait_closed();
    /// # drop(consumer);
    /// ```
    pub fn wait_closed(&self) {
        _ = sync::block_on(self.closed(), None); // without a deadline, the future is ready
    }

    /// Blocks the thread until the buffer is closed, for at most `timeout`. Returns whether it is closed.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// # use std::time::Duration;
    /// let buffer = BoundedBuffer::<u8>::new(1);
    /// assert!(!buffer.wait_closed_timeout(Duration::from_millis(1)));
    /// buffer.close();
    /// assert!(buffer.wait_closed_timeout(Duration::ZERO));
    /// ```
    #[must_use]
    pub fn wait_closed_timeout(&self, timeout: Duration) -> bool {
        sync::block_on(self.closed(), Instant::now().checked_add(timeout)).is_some()
    }
}

impl<T> PushFuture<'_, T> {
    /// Cancels the push and returns the item. `None` if the future has completed: the item was pushed, or returned with
    /// an error.
    pub fn into_item(mut self) -> Option<T> {
        self.item.take()
    }
}

impl<T> Future for PushFuture<'_, T> {
    type Output = Result<(), PushError<T>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { wait, item } = self.get_mut();
        assert!(item.is_some(), "{POLLED_AFTER_COMPLETION}");
        // The only possible error is `Closed`: the wait ends with a free slot or a close.
        let result = ready!(wait.poll(context, |state| item.take().map(|item| state.offer(item))));
        Poll::Ready(result.expect("there is an item").map_err(|error| PushError(error.into_inner())))
    }
}

impl<T> Future for PopFuture<'_, T> {
    type Output = Result<T, PopError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { wait, completed } = self.get_mut();
        assert!(!*completed, "{POLLED_AFTER_COMPLETION}");
        let result = ready!(wait.poll(context, State::take));
        *completed = true;
        Poll::Ready(result.map_err(|_| PopError)) // the wait ends with an item or a close
    }
}

impl<T> Future for PushManyFuture<'_, T> {
    type Output = Result<usize, PushError<()>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { wait, items, all, completed } = self.get_mut();
        assert!(!*completed, "{POLLED_AFTER_COMPLETION}");
        let mut result = Ok(*all);
        while !items.is_empty() {
            if ready!(wait.poll(context, |state| state.offer_many(items))).is_err() {
                result = Err(PushError(())); // closed, as in `PushFuture`
                break;
            }
        }
        *completed = true;
        Poll::Ready(result)
    }
}

impl<T> Future for PopManyFuture<'_, T> {
    type Output = Result<usize, PopError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { wait, into, max, completed } = self.get_mut();
        assert!(!*completed, "{POLLED_AFTER_COMPLETION}");
        let result = loop {
            match ready!(wait.poll(context, |state| state.take_many(into, *max))) {
                Ok(count) => break Ok(count),
                Err(TakeManyError::NoRoom(count)) => into.reserve(count),
                Err(TakeManyError::Failed(_)) => break Err(PopError),
            }
        };
        *completed = true;
        Poll::Ready(result)
    }
}

impl<T> Future for ClosedFuture<'_, T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self { wait, completed } = self.get_mut();
        ready!(wait.poll(context, |_| ()));
        *completed = true;
        Poll::Ready(())
    }
}

/// Implements what all futures have in common.
macro_rules! futures {
    ($($future:ident { $($completed:tt)+ })+) => {$(
        // No field is pinned: a future stores its item, and polls only the registration.
        impl<T> Unpin for $future<'_, T> {}

        // Written by hand, because a derive would require `T: Debug`.
        impl<T> fmt::Debug for $future<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($future)).field("buffer", self.wait.buffer()).finish_non_exhaustive()
            }
        }

        /// For `futures::select!`.
        #[cfg(feature = "futures")]
        #[cfg_attr(docsrs, doc(cfg(feature = "futures")))]
        impl<T> futures_core::FusedFuture for $future<'_, T> {
            fn is_terminated(&self) -> bool {
                self.$($completed)+
            }
        }
    )+};
}

futures! {
    PushFuture { item.is_none() }
    PopFuture { completed }
    PushManyFuture { completed }
    PopManyFuture { completed }
    ClosedFuture { completed }
}
