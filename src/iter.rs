//! Iterators that remove items from a buffer. They hold a reference to it or a consumer, and no lock between two items.

use std::collections::VecDeque;
use std::fmt;
use std::iter::FusedIterator;

use crate::buffer::BoundedBuffer;
use crate::handle::Consumer;
use crate::ops::NO_ITEMS;
use crate::tasks::HasBuffer;

/// Iterators over the items.
impl<T> BoundedBuffer<T> {
    /// Returns an iterator that removes items, blocking for each. It ends when the buffer is closed and drained.
    ///
    /// This is Go's `for item := range channel`. Several threads may iterate; each item goes to one of them. An
    /// iterator holds no lock between two items.
    ///
    /// ```
    /// let buffer = bounded_buffer::BoundedBuffer::new(2);
    /// buffer.push_all([1, 2])?;
    /// buffer.close();
    /// assert_eq!(buffer.iter().sum::<i32>(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self)
    }

    /// Returns an iterator that removes items one by one like [`iter`](Self::iter), but takes up to `max` present items
    /// under one lock acquisition.
    ///
    /// It blocks for the first item only and does not wait for more, so it adds no delay. Where items arrive faster
    /// than they are processed one by one, it saves most lock acquisitions. Items that the iterator has taken and not
    /// yet yielded count as popped: other consumers cannot get them. If the iterator is dropped early, they are dropped
    /// with it; [`IterMany::into_remaining`] returns them instead.
    ///
    /// # Panics
    ///
    /// If `max` is 0.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// let buffer = BoundedBuffer::new(4);
    /// buffer.push_many(&mut (1..=4).collect())?;
    /// buffer.close();
    /// let mut items = buffer.iter_many(3);
    /// assert_eq!(items.next(), Some(1)); // takes 1, 2 and 3
    /// assert_eq!(items.into_remaining(), [2, 3]);
    /// assert_eq!(buffer.pop(), Ok(4));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn iter_many(&self, max: usize) -> IterMany<'_, T> {
        assert!(max > 0, "{NO_ITEMS}");
        IterMany { source: self, max, taken: VecDeque::new() }
    }

    /// Returns an iterator that removes the present items without waiting. It ends when it finds the buffer empty.
    ///
    /// ```
    /// let buffer = bounded_buffer::BoundedBuffer::new(2);
    /// buffer.push_all([1, 2])?;
    /// assert_eq!(buffer.try_iter().sum::<i32>(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }
}

/// Removes items, blocking for each; ends when the buffer is closed and drained. Created by [`BoundedBuffer::iter`].
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct Iter<'a, T>(&'a BoundedBuffer<T>);

/// Removes items, blocking for each; ends when the buffer is closed and drained. Owns its consumer, so it may move into
/// a thread.
///
/// Created by `consumer.into_iter()`. Dropping it drops the consumer, and takes no further item.
///
/// ```
/// let (producer, consumer) = bounded_buffer::bounded(4);
/// let sum = std::thread::spawn(move || {
///     let mut sum = 0;
///     for item in consumer {
///         sum += item;
///     }
///     sum
/// });
/// producer.push_all([1, 2, 3])?;
/// drop(producer);
/// assert_eq!(sum.join().unwrap(), 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct IntoIter<T>(Consumer<T>);

/// Implements both iterators that take one item at a time.
macro_rules! one_by_one {
    ($($name:literal $iterator:ty),+) => {$(
        impl<T> Iterator for $iterator {
            type Item = T;

            fn next(&mut self) -> Option<T> {
                self.0.pop().ok()
            }
        }

        /// A buffer that is closed and drained stays so.
        impl<T> FusedIterator for $iterator {}

        // Written by hand, because a derive would require `T: Debug`.
        impl<T> fmt::Debug for $iterator {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple($name).field(self.0.buffer()).finish()
            }
        }
    )+};
}

one_by_one!("Iter" Iter<'_, T>, "IntoIter" IntoIter<T>);

/// Removes items one by one, up to a maximum of them under one lock acquisition. Created by
/// [`BoundedBuffer::iter_many`].
///
/// Dropping it drops the items that it has taken and not yet yielded; [`into_remaining`](Self::into_remaining) returns
/// them.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct IterMany<'a, T> {
    source: &'a BoundedBuffer<T>,
    max: usize,
    taken: VecDeque<T>,
}

impl<T> IterMany<'_, T> {
    /// Returns the items that were taken from the buffer and not yet yielded, oldest first. They count as popped.
    #[must_use]
    pub fn into_remaining(self) -> VecDeque<T> {
        self.taken
    }
}

/// An [`IterMany`] that owns its consumer, so it may move into a thread. Created by [`Consumer::into_iter_many`].
///
/// Dropping it drops the consumer, and the items that it has taken and not yet yielded.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct IntoIterMany<T> {
    source: Consumer<T>,
    max: usize,
    taken: VecDeque<T>,
}

impl<T> Consumer<T> {
    /// Converts the consumer into an iterator that takes up to `max` present items under one lock acquisition.
    ///
    /// # Panics
    ///
    /// If `max` is 0.
    ///
    /// ```
    /// let (producer, consumer) = bounded_buffer::bounded(4);
    /// let sum = std::thread::spawn(move || consumer.into_iter_many(16).sum::<i32>());
    /// producer.push_all([1, 2, 3])?;
    /// drop(producer);
    /// assert_eq!(sum.join().unwrap(), 6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn into_iter_many(self, max: usize) -> IntoIterMany<T> {
        assert!(max > 0, "{NO_ITEMS}");
        IntoIterMany { source: self, max, taken: VecDeque::new() }
    }
}

/// Takes the next items into the empty deque. The conversions keep its allocation.
#[cold]
fn refill<T>(taken: &mut VecDeque<T>, buffer: &BoundedBuffer<T>, max: usize) -> Option<T> {
    let mut items = Vec::from(std::mem::take(taken));
    let result = buffer.pop_many(&mut items, max);
    *taken = items.into();
    result.ok()?;
    taken.pop_front()
}

/// Implements both iterators that take many items at a time.
macro_rules! many_at_a_time {
    ($($name:literal $iterator:ty),+) => {$(
        impl<T> Iterator for $iterator {
            type Item = T;

            #[inline]
            fn next(&mut self) -> Option<T> {
                self.taken.pop_front().or_else(|| refill(&mut self.taken, self.source.buffer(), self.max))
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                (self.taken.len(), None)
            }
        }

        /// A buffer that is closed and drained stays so.
        impl<T> FusedIterator for $iterator {}

        // Written by hand, because a derive would require `T: Debug`.
        impl<T> fmt::Debug for $iterator {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct($name)
                    .field("buffer", self.source.buffer())
                    .field("taken", &self.taken.len())
                    .finish_non_exhaustive()
            }
        }
    )+};
}

many_at_a_time!("IterMany" IterMany<'_, T>, "IntoIterMany" IntoIterMany<T>);

/// Removes items without waiting; ends when it finds the buffer empty. Created by [`BoundedBuffer::try_iter`].
///
/// Not fused: after it has ended, it yields items that were pushed in the meantime.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct TryIter<'a, T>(&'a BoundedBuffer<T>);

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.try_pop().ok()
    }
}

impl<'a, T> IntoIterator for &'a BoundedBuffer<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a Consumer<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Consumer<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}

// Written by hand, because a derive would require `T: Clone` and `T: Debug`.

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<T> fmt::Debug for TryIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TryIter").field(self.0).finish()
    }
}
