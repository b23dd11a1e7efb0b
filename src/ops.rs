//! The operations. Each is one line of the protocol in `buffer.rs`: whether it waits and for what, and which change of
//! `state.rs` it makes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::buffer::BoundedBuffer;
use crate::error::{CapacityError, PopError, PopTimeoutError, PushError, PushTimeoutError, TryPopError, TryPushError};
use crate::spin::WaitStrategy;
use crate::state::{CONSUMERS, PRODUCERS, State, TakeManyError};
use crate::stats::Stats;

/// Constructors.
impl<T> BoundedBuffer<T> {
    /// Creates an empty, open buffer of exactly `capacity` slots, with [`WaitStrategy::Adaptive`].
    ///
    /// Allocates all slots here. Takes time linear in the capacity.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0, more than `u32::MAX`, or more than the memory can hold. (With 0 slots, a push would have to
    /// meet a pop: that is a rendezvous channel, which needs another protocol.) [`try_new`](Self::try_new) returns an
    /// error instead.
    ///
    /// ```
    /// let buffer = bounded_buffer::BoundedBuffer::<u8>::new(5);
    /// assert_eq!(buffer.capacity(), 5);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        Self::with_wait_strategy(capacity, WaitStrategy::default())
    }

    /// Creates a buffer as [`new`](Self::new) does, and selects what threads do before they park.
    ///
    /// ```
    /// use bounded_buffer::{BoundedBuffer, WaitStrategy};
    ///
    /// let quiet = BoundedBuffer::<u8>::with_wait_strategy(16, WaitStrategy::Park);
    /// assert_eq!(quiet.capacity(), 16);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    #[must_use]
    #[track_caller]
    pub fn with_wait_strategy(capacity: usize, strategy: WaitStrategy) -> Self {
        match Self::try_with_wait_strategy(capacity, strategy) {
            Ok(buffer) => buffer,
            Err(error) => panic!("{error}"), // not in a closure, which would hide the caller
        }
    }

    /// Creates a buffer as [`new`](Self::new) does, for a capacity that comes from outside the program.
    ///
    /// # Errors
    ///
    /// If `capacity` is 0, more than `u32::MAX`, or more than the memory can hold.
    ///
    /// ```
    /// use bounded_buffer::{BoundedBuffer, CapacityError};
    ///
    /// assert_eq!(BoundedBuffer::<u8>::try_new(0).unwrap_err(), CapacityError::Zero);
    /// assert_eq!(BoundedBuffer::<u8>::try_new(usize::MAX).unwrap_err(), CapacityError::TooLarge);
    /// assert!(BoundedBuffer::<u8>::try_new(5).is_ok());
    /// ```
    pub fn try_new(capacity: usize) -> Result<Self, CapacityError> {
        Self::try_with_wait_strategy(capacity, WaitStrategy::default())
    }

    /// Creates a buffer as [`try_new`](Self::try_new) does, and selects what threads do before they park.
    ///
    /// # Errors
    ///
    /// As [`try_new`](Self::try_new).
    ///
    /// ```
    /// use bounded_buffer::{BoundedBuffer, WaitStrategy};
    /// assert!(BoundedBuffer::<u8>::try_with_wait_strategy(5, WaitStrategy::Park).is_ok());
    /// ```
    pub fn try_with_wait_strategy(capacity: usize, strategy: WaitStrategy) -> Result<Self, CapacityError> {
        Self::create(capacity, strategy)
    }
}

/// Operations that push items.
impl<T> BoundedBuffer<T> {
    /// Appends an item, blocking while the buffer is full.
    ///
    /// # Errors
    ///
    /// Returns the item if the buffer is closed, also if it is closed while the push waits.
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
        self.wait_then_act(PRODUCERS, None, |state| state.offer(item)).map_err(|error| PushError(error.into_inner()))
    }

    /// Appends an item if a slot is free. Does not wait for a slot.
    ///
    /// # Errors
    ///
    /// Returns the item as `Closed` if the buffer is closed, otherwise as `Full` if it is full.
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

    /// Appends an item, blocking while the buffer is full, for at most `timeout`.
    ///
    /// The push is attempted at least once, so a zero `timeout` succeeds if a slot is free. The deadline is computed
    /// once. `Duration::MAX` waits indefinitely.
    ///
    /// # Errors
    ///
    /// Returns the item as `Closed` if the buffer is closed, otherwise as `Timeout` when the time is up.
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
        self.push_within(item, after(timeout))
    }

    /// Appends an item as [`push_timeout`](Self::push_timeout) does, blocking until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns the item as `Closed` if the buffer is closed, otherwise as `Timeout` when the deadline has passed.
    ///
    /// ```
    /// # use bounded_buffer::{BoundedBuffer, PushTimeoutError};
    /// # use std::time::Instant;
    /// let buffer = BoundedBuffer::new(1);
    /// assert_eq!(buffer.push_deadline(1, Instant::now()), Ok(()));
    /// assert_eq!(buffer.push_deadline(2, Instant::now()), Err(PushTimeoutError::Timeout(2)));
    /// ```
    #[inline]
    pub fn push_deadline(&self, item: T, deadline: Instant) -> Result<(), PushTimeoutError<T>> {
        self.push_within(item, Some(deadline))
    }

    #[inline]
    fn push_within(&self, item: T, deadline: Option<Instant>) -> Result<(), PushTimeoutError<T>> {
        self.wait_then_act(PRODUCERS, deadline, |state| state.offer(item)).map_err(or_push_timeout)
    }

    /// Appends an item. If the buffer is full, removes the oldest item to make room and returns it. Does not wait.
    ///
    /// Use it where consumers want recent items and may miss old ones: it bounds the age of what they read.
    ///
    /// # Errors
    ///
    /// Returns the new item if the buffer is closed.
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
        self.act(|state| state.offer_evicting(item))
    }

    /// Moves all of `items` into the buffer, in order, blocking whenever the buffer is full. Returns their number.
    ///
    /// Each lock acquisition moves as many items as fit, in time linear in their number. Once the buffer was full,
    /// items of other producers may come between. An empty deque returns immediately.
    ///
    /// # Errors
    ///
    /// If the buffer is closed. The items that were not accepted stay in `items`.
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
        // The only possible error is `Closed`: without a limit, the wait ends with a free slot or a close.
        self.push_many_within(items, None).map_err(|_| PushError(()))
    }

    /// Moves all of `items` into the buffer as [`push_many`](Self::push_many) does, blocking for at most `timeout` in
    /// all.
    ///
    /// The deadline is computed once, and items are moved at least once: a zero `timeout` moves as many items as fit.
    /// `Duration::MAX` waits indefinitely.
    ///
    /// # Errors
    ///
    /// `Closed` if the buffer is closed, otherwise `Timeout` when the time is up. `Ok` means that all items were
    /// accepted, so an error does not mean that none was: the items that were not accepted stay in `items`, the others
    /// are in the buffer.
    ///
    /// ```
    /// # use bounded_buffer::{BoundedBuffer, PushTimeoutError};
    /// # use std::collections::VecDeque;
    /// # use std::time::Duration;
    /// let buffer = BoundedBuffer::new(2);
    /// let mut items = VecDeque::from([1, 2, 3]);
    /// let result = buffer.push_many_timeout(&mut items, Duration::from_millis(1));
    /// assert_eq!(result, Err(PushTimeoutError::Timeout(())));
    /// assert_eq!(items, [3]); // two were accepted
    /// ```
    pub fn push_many_timeout(&self, items: &mut VecDeque<T>, timeout: Duration) -> Result<usize, PushTimeoutError<()>> {
        self.push_many_within(items, after(timeout)).map_err(or_push_timeout)
    }

    /// Moves all of `items` into the buffer as [`push_many_timeout`](Self::push_many_timeout) does, blocking until
    /// `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// `Closed` if the buffer is closed, otherwise `Timeout` when the deadline has passed. The items that were not
    /// accepted stay in `items`.
    ///
    /// ```
    /// # use std::time::Instant;
    /// let buffer = bounded_buffer::BoundedBuffer::new(2);
    /// let mut items = [1, 2, 3].into();
    /// assert!(buffer.push_many_deadline(&mut items, Instant::now()).is_err());
    /// assert_eq!(items, [3]); // two were accepted
    /// ```
    pub fn push_many_deadline(
        &self,
        items: &mut VecDeque<T>,
        deadline: Instant,
    ) -> Result<usize, PushTimeoutError<()>> {
        self.push_many_within(items, Some(deadline)).map_err(or_push_timeout)
    }

    fn push_many_within(&self, items: &mut VecDeque<T>, deadline: Option<Instant>) -> Result<usize, TryPushError<()>> {
        let all = items.len();
        while !items.is_empty() {
            self.wait_then_act(PRODUCERS, deadline, |state| state.offer_many(items))?;
        }
        Ok(all)
    }

    /// Collects `items`, then moves all of them into the buffer as [`push_many`](Self::push_many) does. Returns their
    /// number.
    ///
    /// For a `Vec`, an array or any other iterator. It runs to its end before the first push, because user code never
    /// runs while the lock is held: it must be finite, and its items need memory meanwhile. A `Vec` is converted
    /// without a copy. If the iterator panics, nothing was pushed. Reuse a deque with `push_many` to avoid the
    /// allocation.
    ///
    /// # Errors
    ///
    /// Returns the items that were not accepted if the buffer is closed.
    ///
    /// ```
    /// # use bounded_buffer::{BoundedBuffer, PushError};
    /// let buffer = BoundedBuffer::new(4);
    /// assert_eq!(buffer.push_all(vec!["a", "b"]), Ok(2));
    /// buffer.close();
    /// let PushError(unsent) = buffer.push_all(["c"]).unwrap_err();
    /// assert_eq!(unsent, ["c"]);
    /// ```
    pub fn push_all(&self, items: impl IntoIterator<Item = T>) -> Result<usize, PushError<VecDeque<T>>> {
        let mut items = items.into_iter().collect();
        self.push_many(&mut items).map_err(|_| PushError(items))
    }

    /// Moves as many of `items` into the buffer as fit, in order and under one lock acquisition. Returns their number.
    ///
    /// Does not wait. An empty deque returns immediately.
    ///
    /// # Errors
    ///
    /// `Closed` if the buffer is closed, otherwise `Full` if it is full. All items then stay in `items`.
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
}

/// Operations that pop items.
impl<T> BoundedBuffer<T> {
    /// Removes the oldest item, blocking while the buffer is empty and open.
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
    /// assert_eq!(buffer.pop(), Ok(7)); // accepted items are delivered
    /// assert_eq!(buffer.pop(), Err(PopError));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn pop(&self) -> Result<T, PopError> {
        self.wait_then_act(CONSUMERS, None, State::take).map_err(|_| PopError)
    }

    /// Removes the oldest item if there is one. Does not wait for an item.
    ///
    /// # Errors
    ///
    /// `Closed` if the buffer is closed and drained, `Empty` if it is empty and open.
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

    /// Removes the oldest item, blocking while the buffer is empty and open, for at most `timeout`.
    ///
    /// The pop is attempted at least once, so a zero `timeout` succeeds if an item is present. The deadline is computed
    /// once. `Duration::MAX` waits indefinitely.
    ///
    /// # Errors
    ///
    /// `Closed` if the buffer is closed and drained, otherwise `Timeout` when the time is up.
    ///
    /// ```
    /// # use bounded_buffer::{BoundedBuffer, PopTimeoutError};
    /// # use std::time::Duration;
    /// let buffer = BoundedBuffer::<u8>::new(1);
    /// assert_eq!(buffer.pop_timeout(Duration::from_millis(1)), Err(PopTimeoutError::Timeout));
    /// ```
    #[inline]
    pub fn pop_timeout(&self, timeout: Duration) -> Result<T, PopTimeoutError> {
        self.wait_then_act(CONSUMERS, after(timeout), State::take).map_err(or_pop_timeout)
    }

    /// Removes the oldest item as [`pop_timeout`](Self::pop_timeout) does, blocking until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// `Closed` if the buffer is closed and drained, otherwise `Timeout` when the deadline has passed.
    ///
    /// ```
    /// # use std::time::Instant;
    /// let buffer = bounded_buffer::BoundedBuffer::<u8>::new(1);
    /// assert!(buffer.pop_deadline(Instant::now()).unwrap_err().is_timeout());
    /// ```
    #[inline]
    pub fn pop_deadline(&self, deadline: Instant) -> Result<T, PopTimeoutError> {
        self.wait_then_act(CONSUMERS, Some(deadline), State::take).map_err(or_pop_timeout)
    }

    /// Moves the oldest items, at least one and at most `max`, to the end of `into`, blocking while the buffer is empty
    /// and open. Returns their number.
    ///
    /// Takes all present items up to `max` in one critical section, in time linear in their number. `into` grows by
    /// what is needed for the present items, while the lock is not held: if it has too little spare capacity, the
    /// operation unlocks, reserves and tries again. Reuse the vector to avoid this.
    ///
    /// # Errors
    ///
    /// If the buffer is closed and drained.
    ///
    /// # Panics
    ///
    /// If `max` is 0.
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
    #[track_caller]
    pub fn pop_many(&self, into: &mut Vec<T>, max: usize) -> Result<usize, PopError> {
        self.pop_many_within(into, max, None).map_err(|_| PopError)
    }

    /// Moves items as [`pop_many`](Self::pop_many) does, without waiting for the first.
    ///
    /// # Errors
    ///
    /// `Closed` if the buffer is closed and drained, `Empty` if it is empty and open.
    ///
    /// # Panics
    ///
    /// If `max` is 0.
    ///
    /// ```
    /// # use bounded_buffer::{BoundedBuffer, TryPopError};
    /// let (buffer, mut taken) = (BoundedBuffer::<u8>::new(1), Vec::new());
    /// assert_eq!(buffer.try_pop_many(&mut taken, 10), Err(TryPopError::Empty));
    /// ```
    #[track_caller]
    pub fn try_pop_many(&self, into: &mut Vec<T>, max: usize) -> Result<usize, TryPopError> {
        assert!(max > 0, "{NO_ITEMS}");
        take_with_room(into, |into| self.act(|state| state.take_many(into, max)))
    }

    /// Moves items as [`pop_many`](Self::pop_many) does, blocking for the first one for at most `timeout`. Time-outs
    /// work as in [`pop_timeout`](Self::pop_timeout).
    ///
    /// # Errors
    ///
    /// `Closed` if the buffer is closed and drained, otherwise `Timeout` when the time is up.
    ///
    /// # Panics
    ///
    /// If `max` is 0.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let (buffer, mut taken) = (bounded_buffer::BoundedBuffer::<u8>::new(1), Vec::new());
    /// assert!(buffer.pop_many_timeout(&mut taken, 10, Duration::ZERO).unwrap_err().is_timeout());
    /// ```
    #[track_caller]
    pub fn pop_many_timeout(&self, into: &mut Vec<T>, max: usize, timeout: Duration) -> Result<usize, PopTimeoutError> {
        self.pop_many_within(into, max, after(timeout)).map_err(or_pop_timeout)
    }

    /// Moves items as [`pop_many_timeout`](Self::pop_many_timeout) does, blocking until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// `Closed` if the buffer is closed and drained, otherwise `Timeout` when the deadline has passed.
    ///
    /// # Panics
    ///
    /// If `max` is 0.
    ///
    /// ```
    /// # use std::time::Instant;
    /// let (buffer, mut taken) = (bounded_buffer::BoundedBuffer::<u8>::new(1), Vec::new());
    /// assert!(buffer.pop_many_deadline(&mut taken, 10, Instant::now()).unwrap_err().is_timeout());
    /// ```
    #[track_caller]
    pub fn pop_many_deadline(
        &self,
        into: &mut Vec<T>,
        max: usize,
        deadline: Instant,
    ) -> Result<usize, PopTimeoutError> {
        self.pop_many_within(into, max, Some(deadline)).map_err(or_pop_timeout)
    }

    #[track_caller]
    fn pop_many_within(&self, into: &mut Vec<T>, max: usize, deadline: Option<Instant>) -> Result<usize, TryPopError> {
        assert!(max > 0, "{NO_ITEMS}");
        take_with_room(into, |into| self.wait_then_act(CONSUMERS, deadline, |state| state.take_many(into, max)))
    }

    /// Blocks for a first item, then takes items until there are `max`, until `linger` has passed since the first, or
    /// until the buffer is closed and drained. Moves them to the end of `into` and returns their number.
    ///
    /// For writers that prefer large batches and can wait a little for them, such as a transaction or a disk write. A
    /// consumer that lingers is woken once, when its batch is complete. Next to others that wait in [`pop`](Self::pop),
    /// it may be woken in place of one of them, because all wait in one queue; it then takes the items that are there.
    /// `into` grows as in [`pop_many`](Self::pop_many). For threads only: a task combines
    /// [`pop_many_async`](Self::pop_many_async) with a timer of its executor.
    ///
    /// # Errors
    ///
    /// If the buffer is closed and drained before the first item. A close after that ends the batch.
    ///
    /// # Panics
    ///
    /// If `max` is 0.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// # use std::time::Duration;
    /// let buffer = BoundedBuffer::new(4);
    /// buffer.push('x')?;
    /// let mut batch = Vec::new();
    /// assert_eq!(buffer.pop_batch(&mut batch, 10, Duration::from_millis(1)), Ok(1)); // no second item within 1 ms
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn pop_batch(&self, into: &mut Vec<T>, max: usize, linger: Duration) -> Result<usize, PopError> {
        self.pop_batch_within(into, max, linger, None).map_err(|_| PopError)
    }

    /// Takes a batch as [`pop_batch`](Self::pop_batch) does, blocking for the first item for at most `timeout`. The
    /// linger begins with the first item, so the call may last for the sum of both.
    ///
    /// For a writer that has other work when no item arrives, such as a flush. Time-outs work as in
    /// [`pop_timeout`](Self::pop_timeout).
    ///
    /// # Errors
    ///
    /// `Closed` if the buffer is closed and drained before the first item, otherwise `Timeout` when the time is up. A
    /// close after the first item ends the batch.
    ///
    /// # Panics
    ///
    /// If `max` is 0.
    ///
    /// ```
    /// # use bounded_buffer::{BoundedBuffer, PopTimeoutError};
    /// # use std::time::Duration;
    /// let buffer = BoundedBuffer::<u8>::new(4);
    /// let (linger, timeout) = (Duration::from_secs(5), Duration::from_millis(1));
    /// let mut batch = Vec::new();
    /// assert_eq!(buffer.pop_batch_timeout(&mut batch, 10, linger, timeout), Err(PopTimeoutError::Timeout));
    /// ```
    #[track_caller]
    pub fn pop_batch_timeout(
        &self,
        into: &mut Vec<T>,
        max: usize,
        linger: Duration,
        timeout: Duration,
    ) -> Result<usize, PopTimeoutError> {
        self.pop_batch_within(into, max, linger, after(timeout)).map_err(or_pop_timeout)
    }

    #[track_caller]
    fn pop_batch_within(
        &self,
        into: &mut Vec<T>,
        max: usize,
        linger: Duration,
        deadline: Option<Instant>,
    ) -> Result<usize, TryPopError> {
        let mut count = self.pop_many_within(into, max, deadline)?;
        let (end, mut is_over) = (after(linger), false);
        while count < max && !is_over {
            let most = max - count;
            // Nothing, if the buffer is closed and drained, or if others took the items: the batch is what was taken.
            count += take_with_room(into, |into| {
                let taken;
                (taken, is_over) = self.linger_then_act(most, end, |state| state.take_many(into, most));
                taken
            })
            .unwrap_or(0);
        }
        Ok(count)
    }

    /// Takes all present items in one critical section, without closing the buffer. Does not wait; may return no items.
    ///
    /// Allocates for the present items, while the lock is not held. Moves them while it is held, in time linear in
    /// their number; other threads wait meanwhile.
    ///
    /// ```
    /// let buffer = bounded_buffer::BoundedBuffer::new(3);
    /// buffer.push_all([1, 2])?;
    /// assert_eq!(buffer.drain(), [1, 2]);
    /// assert!(!buffer.is_closed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn drain(&self) -> Vec<T> {
        self.take_all(|_, _| {})
    }
}

/// Closing, and what can be asked about a buffer.
impl<T> BoundedBuffer<T> {
    /// Closes the buffer: later pushes fail, pops drain the remaining items, and all waiting threads wake up.
    /// Irreversible.
    ///
    /// Returns `true` the first time only.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// let buffer = BoundedBuffer::<u8>::new(1);
    /// assert!(buffer.close());
    /// assert!(!buffer.close());
    /// ```
    pub fn close(&self) -> bool {
        self.act_and_close(|state| !std::mem::replace(&mut state.closed, true))
    }

    /// Closes the buffer and takes the remaining items in one critical section: no item is accepted or popped in
    /// between.
    ///
    /// Allocates for the present items, while the lock is not held.
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
        self.take_all(|state, _| state.closed = true)
    }

    /// Closes the buffer and takes the remaining items, which no caller gets.
    pub(crate) fn close_and_discard(&self) -> Vec<T> {
        self.take_all(|state, count| {
            state.closed = true;
            state.dropped += count as u64;
        })
    }

    /// Takes the present items. `also` runs in the critical section that takes them, with their number, so that both
    /// are one step.
    fn take_all(&self, also: impl Fn(&mut State<T>, usize)) -> Vec<T> {
        let mut items = Vec::new();
        // An empty buffer is no error here: the vector stays empty.
        _ = take_with_room(&mut items, |items| {
            self.act_and_close(|state| {
                let taken = state.take_many(items, usize::MAX);
                if !matches!(taken, Err(TakeManyError::NoRoom(_))) {
                    also(state, items.len());
                }
                taken
            })
        });
        items
    }

    /// Returns whether the buffer is closed. Once `true`, it stays `true`.
    ///
    /// Takes the lock: if it returns `true`, everything that the closing thread did before [`close`](Self::close)
    /// happens before this call returns.
    ///
    /// ```
    /// assert!(!bounded_buffer::BoundedBuffer::<u8>::new(1).is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Returns the number of items. Other threads may change it at any time.
    ///
    /// ```
    /// assert_eq!(bounded_buffer::BoundedBuffer::<u8>::new(1).len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().ring.len()
    }

    /// Returns whether the buffer has no item. Other threads may change that at any time.
    ///
    /// ```
    /// assert!(bounded_buffer::BoundedBuffer::<u8>::new(1).is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether the buffer has no free slot. Other threads may change that at any time.
    ///
    /// ```
    /// assert!(!bounded_buffer::BoundedBuffer::<u8>::new(1).is_full());
    /// ```
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.remaining() == 0
    }

    /// Returns the number of slots, exactly as given to the constructor. Takes no lock.
    ///
    /// ```
    /// assert_eq!(bounded_buffer::BoundedBuffer::<u8>::new(5).capacity(), 5);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Returns the number of free slots. Other threads may change it at any time.
    ///
    /// ```
    /// assert_eq!(bounded_buffer::BoundedBuffer::<u8>::new(5).remaining(), 5);
    /// ```
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.capacity - self.len()
    }

    /// Returns the counters, all read under one lock acquisition.
    ///
    /// ```
    /// let buffer = bounded_buffer::BoundedBuffer::new(1);
    /// buffer.push('a')?;
    /// assert_eq!(buffer.stats().pushed, 1);
    /// # Ok::<(), bounded_buffer::PushError<char>>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            push_wait_time: self.wait_time(PRODUCERS),
            pop_wait_time: self.wait_time(CONSUMERS),
            ..self.lock().stats()
        }
    }
}

/// Why a maximum of 0 panics: a loop over such batches would run forever and take nothing.
pub(crate) const NO_ITEMS: &str = "at most 0 items at a time would never be one";

/// Returns the deadline of an operation that begins now. `None` means never: an [`Instant`] cannot represent it.
fn after(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}

/// Repeats an attempt to take items with more room until they fit, so that nothing is allocated under the lock.
///
/// Items may arrive between two attempts. It still ends: the room grows each time, and no attempt needs more than the
/// capacity of the buffer.
fn take_with_room<T>(
    into: &mut Vec<T>,
    mut attempt: impl FnMut(&mut Vec<T>) -> Result<usize, TakeManyError>,
) -> Result<usize, TryPopError> {
    loop {
        match attempt(into) {
            Ok(count) => return Ok(count),
            Err(TakeManyError::NoRoom(count)) => into.reserve(count),
            Err(TakeManyError::Failed(error)) => return Err(error),
        }
    }
}

fn or_push_timeout<T>(error: TryPushError<T>) -> PushTimeoutError<T> {
    match error {
        TryPushError::Full(item) => PushTimeoutError::Timeout(item),
        TryPushError::Closed(item) => PushTimeoutError::Closed(item),
    }
}

fn or_pop_timeout(error: TryPopError) -> PopTimeoutError {
    match error {
        TryPopError::Empty => PopTimeoutError::Timeout,
        TryPopError::Closed => PopTimeoutError::Closed,
    }
}
