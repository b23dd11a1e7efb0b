//! The operations. Each is one line of the protocol in `buffer.rs`: whether it waits and for what, and which change of
//! `state.rs` it makes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::buffer::{BoundedBuffer, Limit, NotEmpty, NotFull};
use crate::error::{PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError};
use crate::iter::{Iter, TryIter};
use crate::state::State;
use crate::stats::Stats;

impl<T> BoundedBuffer<T> {
    /// Puts an item behind the others; waits while the buffer is full.
    ///
    /// # Errors
    ///
    /// Gives the item back if the buffer is closed, also if that happens while it waits.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// let buffer = BoundedBuffer::new(1);
    /// assert!(buffer.push("first").is_ok());
    /// buffer.close();
    /// assert_eq!(buffer.push("late").unwrap_err().into_inner(), "late");
    /// ```
    #[inline]
    pub fn push(&self, item: T) -> Result<(), PushError<T>> {
        self.when::<NotFull, _>(Limit::Never, |state| state.offer(item)).map_err(|error| PushError(error.into_inner()))
    }

    /// Puts an item behind the others if there is a free slot now; never waits for one.
    ///
    /// # Errors
    ///
    /// Gives the item back if the buffer is closed or else if it is full.
    ///
    /// ```
    /// # use bounded_buffer::{BoundedBuffer, TryPushError};
    /// let buffer = BoundedBuffer::new(1);
    /// assert_eq!(buffer.try_push(1), Ok(()));
    /// assert_eq!(buffer.try_push(2), Err(TryPushError::Full(2)));
    /// buffer.close();
    /// assert_eq!(buffer.try_push(3), Err(TryPushError::Closed(3)));
    /// ```
    #[inline]
    pub fn try_push(&self, item: T) -> Result<(), TryPushError<T>> {
        self.act(|state| state.offer(item))
    }

    /// Puts an item behind the others; waits while the buffer is full, but not longer than `timeout`.
    ///
    /// One attempt is always made, so a zero `timeout` still succeeds if it can. The deadline is fixed once.
    /// `Duration::MAX` waits forever.
    ///
    /// # Errors
    ///
    /// Gives the item back if the buffer is closed or else if the time is up.
    ///
    /// ```
    /// # use bounded_buffer::{BoundedBuffer, PushTimeoutError};
    /// # use std::time::Duration;
    /// let buffer = BoundedBuffer::new(1);
    /// assert_eq!(buffer.push_timeout(1, Duration::ZERO), Ok(()));
    /// assert_eq!(buffer.push_timeout(2, Duration::from_millis(1)), Err(PushTimeoutError::Timeout(2)));
    /// ```
    #[inline]
    pub fn push_timeout(&self, item: T, timeout: Duration) -> Result<(), PushTimeoutError<T>> {
        self.push_within(item, Limit::After(timeout))
    }

    /// As [`push_timeout`](Self::push_timeout), until a given moment.
    ///
    /// # Errors
    ///
    /// Gives the item back if the buffer is closed or else if the time is up.
    #[inline]
    pub fn push_deadline(&self, item: T, deadline: Instant) -> Result<(), PushTimeoutError<T>> {
        self.push_within(item, Limit::At(deadline))
    }

    #[inline]
    fn push_within(&self, item: T, limit: Limit) -> Result<(), PushTimeoutError<T>> {
        self.when::<NotFull, _>(limit, |state| state.offer(item)).map_err(|error| match error {
            TryPushError::Full(item) => PushTimeoutError::Timeout(item),
            TryPushError::Closed(item) => PushTimeoutError::Closed(item),
        })
    }

    /// Puts an item behind the others; if the buffer is full, throws the oldest out to make room and hands it back. Never
    /// waits. For readers that want the latest: the age of what they see is bounded, not its loss.
    ///
    /// # Errors
    ///
    /// Gives the new item back if the buffer is closed.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// let buffer = BoundedBuffer::new(2);
    /// assert_eq!(buffer.force_push('a'), Ok(None));
    /// assert_eq!(buffer.force_push('b'), Ok(None));
    /// assert_eq!(buffer.force_push('c'), Ok(Some('a')));
    /// assert_eq!(buffer.drain(), ['b', 'c']);
    /// ```
    pub fn force_push(&self, item: T) -> Result<Option<T>, PushError<T>> {
        self.act(|state| state.offer_by_force(item))
    }

    /// Moves all of `items` into the buffer, in order; waits whenever it is full. Says how many that were.
    ///
    /// Moves as many as fit under one lock, in time linear in their number. Other producers' items may come in between once
    /// the buffer was full. An empty deque is done at once.
    ///
    /// # Errors
    ///
    /// If the buffer is closed; what was not accepted is still in `items`.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// # use std::collections::VecDeque;
    /// let buffer = BoundedBuffer::new(4);
    /// let mut items = VecDeque::from([1, 2, 3]);
    /// assert_eq!(buffer.push_many(&mut items), Ok(3));
    /// assert!(items.is_empty());
    /// ```
    pub fn push_many(&self, items: &mut VecDeque<T>) -> Result<usize, PushError<()>> {
        let all = items.len();
        while !items.is_empty() {
            // Nothing can be refused but for close: `when` comes back only with room or closed.
            self.when::<NotFull, _>(Limit::Never, |state| state.offer_many(items)).map_err(|_| PushError(()))?;
        }
        Ok(all)
    }

    /// Moves as many of `items` into the buffer as fit now, in order and under one lock, and says how many.
    ///
    /// An empty deque is done at once.
    ///
    /// # Errors
    ///
    /// If the buffer is closed or else if it is full; all is then still in `items`.
    ///
    /// ```
    /// # use bounded_buffer::{BoundedBuffer, TryPushError};
    /// # use std::collections::VecDeque;
    /// let buffer = BoundedBuffer::new(2);
    /// let mut items = VecDeque::from([1, 2, 3]);
    /// assert_eq!(buffer.try_push_many(&mut items), Ok(2));
    /// assert_eq!(items, [3]);
    /// assert_eq!(buffer.try_push_many(&mut items), Err(TryPushError::Full(())));
    /// ```
    pub fn try_push_many(&self, items: &mut VecDeque<T>) -> Result<usize, TryPushError<()>> {
        if items.is_empty() {
            return Ok(0);
        }
        self.act(|state| state.offer_many(items))
    }

    /// Takes the oldest item; waits while the buffer is empty and open.
    ///
    /// # Errors
    ///
    /// If the buffer is closed and drained.
    ///
    /// ```
    /// # use bounded_buffer::{BoundedBuffer, PopError};
    /// let buffer = BoundedBuffer::new(1);
    /// buffer.push(7)?;
    /// buffer.close();
    /// assert_eq!(buffer.pop(), Ok(7)); // what was accepted is delivered
    /// assert_eq!(buffer.pop(), Err(PopError));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn pop(&self) -> Result<T, PopError> {
        self.when::<NotEmpty, _>(Limit::Never, State::take).map_err(|_| PopError)
    }

    /// Takes the oldest item if there is one now; never waits for one.
    ///
    /// # Errors
    ///
    /// If there is none, and whether one can still come.
    ///
    /// ```
    /// # use bounded_buffer::{BoundedBuffer, TryPopError};
    /// let buffer = BoundedBuffer::<u8>::new(1);
    /// assert_eq!(buffer.try_pop(), Err(TryPopError::Empty));
    /// buffer.close();
    /// assert_eq!(buffer.try_pop(), Err(TryPopError::Closed));
    /// ```
    #[inline]
    pub fn try_pop(&self) -> Result<T, TryPopError> {
        self.act(State::take)
    }

    /// Takes the oldest item; waits while the buffer is empty and open, but not longer than `timeout`.
    ///
    /// One attempt is always made, so a zero `timeout` still succeeds if it can. The deadline is fixed once.
    /// `Duration::MAX` waits forever.
    ///
    /// # Errors
    ///
    /// If the buffer is closed and drained, or else if the time is up.
    ///
    /// ```
    /// # use bounded_buffer::{BoundedBuffer, PopTimeoutError};
    /// # use std::time::Duration;
    /// let buffer = BoundedBuffer::<u8>::new(1);
    /// assert_eq!(buffer.pop_timeout(Duration::from_millis(1)), Err(PopTimeoutError::Timeout));
    /// ```
    #[inline]
    pub fn pop_timeout(&self, timeout: Duration) -> Result<T, PopTimeoutError> {
        self.when::<NotEmpty, _>(Limit::After(timeout), State::take).map_err(or_timeout)
    }

    /// As [`pop_timeout`](Self::pop_timeout), until a given moment.
    ///
    /// # Errors
    ///
    /// If the buffer is closed and drained, or else if the time is up.
    #[inline]
    pub fn pop_deadline(&self, deadline: Instant) -> Result<T, PopTimeoutError> {
        self.when::<NotEmpty, _>(Limit::At(deadline), State::take).map_err(or_timeout)
    }

    /// Moves the oldest items, at least one and at most `max`, to the end of `into` and says how many; waits while the
    /// buffer is empty and open.
    ///
    /// One lock for all of them, in time linear in their number. Room for `max` items, but not for more than the capacity,
    /// is made in `into` beforehand, so that nothing is allocated under the lock. A `max` of 0 takes nothing and does not
    /// wait.
    ///
    /// # Errors
    ///
    /// If the buffer is closed and drained.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// let buffer = BoundedBuffer::new(4);
    /// for item in 1..=3 {
    ///     buffer.push(item)?;
    /// }
    /// let mut taken = vec![0];
    /// assert_eq!(buffer.pop_many(&mut taken, 2), Ok(2));
    /// assert_eq!(taken, [0, 1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pop_many(&self, into: &mut Vec<T>, max: usize) -> Result<usize, PopError> {
        self.pop_many_within(into, max, Limit::Never).map_err(|_| PopError)
    }

    /// As [`pop_many`](Self::pop_many), but never waits.
    ///
    /// # Errors
    ///
    /// If there is no item, and whether one can still come.
    pub fn try_pop_many(&self, into: &mut Vec<T>, max: usize) -> Result<usize, TryPopError> {
        if max == 0 {
            return Ok(0);
        }
        self.make_room(into, max);
        self.act(|state| state.take_many(into, max))
    }

    /// As [`pop_many`](Self::pop_many), but waits for the first item no longer than `timeout`. Time-outs work as in
    /// [`pop_timeout`](Self::pop_timeout).
    ///
    /// # Errors
    ///
    /// If the buffer is closed and drained, or else if the time is up.
    pub fn pop_many_timeout(&self, into: &mut Vec<T>, max: usize, timeout: Duration) -> Result<usize, PopTimeoutError> {
        self.pop_many_within(into, max, Limit::After(timeout)).map_err(or_timeout)
    }

    /// As [`pop_many_timeout`](Self::pop_many_timeout), until a given moment.
    ///
    /// # Errors
    ///
    /// If the buffer is closed and drained, or else if the time is up.
    pub fn pop_many_deadline(
        &self,
        into: &mut Vec<T>,
        max: usize,
        deadline: Instant,
    ) -> Result<usize, PopTimeoutError> {
        self.pop_many_within(into, max, Limit::At(deadline)).map_err(or_timeout)
    }

    fn pop_many_within(&self, into: &mut Vec<T>, max: usize, limit: Limit) -> Result<usize, TryPopError> {
        if max == 0 {
            return Ok(0);
        }
        self.make_room(into, max);
        self.when::<NotEmpty, _>(limit, |state| state.take_many(into, max))
    }

    /// Waits for a first item, then keeps taking until there are `max`, or `linger` has passed since the first, or the
    /// buffer is closed and drained. Moves them to the end of `into` and says how many.
    ///
    /// The operation for writers that want large batches and may wait a little for them (a transaction, a disk write).
    /// Room and a `max` of 0 as in [`pop_many`](Self::pop_many).
    ///
    /// # Errors
    ///
    /// If the buffer is closed and drained before the first item. After it, what was taken is returned.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// # use std::time::Duration;
    /// let buffer = BoundedBuffer::new(4);
    /// buffer.push('x')?;
    /// let mut batch = Vec::new();
    /// assert_eq!(buffer.pop_batch(&mut batch, 10, Duration::from_millis(1)), Ok(1)); // nothing more came in time
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pop_batch(&self, into: &mut Vec<T>, max: usize, linger: Duration) -> Result<usize, PopError> {
        let mut count = self.pop_many(into, max)?;
        let end = Limit::After(linger).fixed();
        while count < max {
            match self.pop_many_within(into, max - count, end) {
                Ok(more) => count += more,
                Err(_) => break, // the time is up, or nothing more will come; what was taken is the result
            }
        }
        Ok(count)
    }

    /// Closes the buffer: from now on no item is accepted, what is there is still delivered, and everybody who waits is
    /// woken. Cannot be undone. True the first time only.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// let buffer = BoundedBuffer::<u8>::new(1);
    /// assert!(buffer.close());
    /// assert!(!buffer.close());
    /// ```
    pub fn close(&self) -> bool {
        self.act(|state| !std::mem::replace(&mut state.closed, true))
    }

    /// Closes the buffer and takes what was left, in one step: nothing is accepted after, nothing is popped in between.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// let buffer = BoundedBuffer::new(2);
    /// buffer.push(1)?;
    /// assert_eq!(buffer.close_and_drain(), [1]);
    /// assert!(buffer.is_closed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close_and_drain(&self) -> Vec<T> {
        self.take_all(true)
    }

    /// Takes what is there now, in one step, and leaves the buffer open. Possibly nothing; never waits.
    pub fn drain(&self) -> Vec<T> {
        self.take_all(false)
    }

    fn take_all(&self, close: bool) -> Vec<T> {
        let mut items = Vec::with_capacity(self.capacity);
        self.act(|state| {
            state.closed |= close;
            // Nothing there is no failure here: the caller gets an empty vector.
            _ = state.take_many(&mut items, self.capacity);
        });
        items
    }

    /// Makes room in `into` for what one batch can bring, so that nothing is allocated under the lock.
    fn make_room(&self, into: &mut Vec<T>, max: usize) {
        into.reserve(max.min(self.capacity));
    }

    /// Is the buffer closed? Once true, true forever.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// How many items are in the buffer; old news as soon as it is returned, if other threads use it.
    pub fn len(&self) -> usize {
        self.lock().ring.len()
    }

    /// Is no item there? As old as [`len`](Self::len).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Is no slot free? As old as [`len`](Self::len).
    pub fn is_full(&self) -> bool {
        self.remaining() == 0
    }

    /// How many slots the buffer has, exactly as asked for.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many slots are free. As old as [`len`](Self::len).
    pub fn remaining(&self) -> usize {
        self.capacity - self.len()
    }

    /// Takes items as they come, waiting for each; ends once the buffer is closed and drained. Go's `for item := range`.
    ///
    /// Several threads may iterate; each item goes to one of them. An iterator holds no lock between two items.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter::new(self)
    }

    /// Takes the items that are there, without waiting; ends at the first moment at which there is none.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter::new(self)
    }

    /// The counters, all of the same moment.
    pub fn stats(&self) -> Stats {
        self.lock().stats()
    }
}

fn or_timeout(error: TryPopError) -> PopTimeoutError {
    match error {
        TryPopError::Empty => PopTimeoutError::Timeout,
        TryPopError::Closed => PopTimeoutError::Closed,
    }
}
