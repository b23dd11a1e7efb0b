//! The handles of a buffer, split by side, and when they close it.
//!
//! The handles of each side are counted. When the last one is dropped, its side closes the buffer. The operations of
//! the handles are in `delegate.rs`.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering;

use crate::buffer::BoundedBuffer;
use crate::error::CapacityError;
use crate::spin::WaitStrategy;
use crate::sync::{Arc, AtomicUsize};
use crate::tasks::HasBuffer;

/// Creates a buffer of `capacity` slots and returns its first two handles. Clone them for more.
///
/// When the last [`Producer`] is dropped, the buffer closes, and consumers drain it. When the last [`Consumer`] is
/// dropped, the buffer closes and drops the remaining items, so that no producer waits without a consumer. A panicking
/// thread drops its handles, too.
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
#[doc(alias("channel", "sync_channel"))]
#[must_use]
#[track_caller]
pub fn bounded<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    handles(BoundedBuffer::new(capacity))
}

/// Creates a buffer and its handles as [`bounded`] does, and selects what threads do before they park.
///
/// # Panics
///
/// As [`BoundedBuffer::new`]. [`try_bounded_with`] returns an error instead.
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
#[track_caller]
pub fn bounded_with<T>(capacity: usize, strategy: WaitStrategy) -> (Producer<T>, Consumer<T>) {
    handles(BoundedBuffer::with_wait_strategy(capacity, strategy))
}

/// Creates a buffer and its handles as [`bounded`] does, for a capacity that comes from outside the program.
///
/// # Errors
///
/// As [`BoundedBuffer::try_new`].
///
/// ```
/// assert!(bounded_buffer::try_bounded::<u8>(0).is_err());
/// ```
pub fn try_bounded<T>(capacity: usize) -> Result<(Producer<T>, Consumer<T>), CapacityError> {
    BoundedBuffer::try_new(capacity).map(handles)
}

/// Creates a buffer and its handles as [`try_bounded`] does, and selects what threads do before they park.
///
/// # Errors
///
/// As [`BoundedBuffer::try_new`].
///
/// ```
/// use bounded_buffer::{CapacityError, WaitStrategy, try_bounded_with};
///
/// assert_eq!(try_bounded_with::<u8>(0, WaitStrategy::Park).unwrap_err(), CapacityError::Zero);
/// ```
pub fn try_bounded_with<T>(
    capacity: usize,
    strategy: WaitStrategy,
) -> Result<(Producer<T>, Consumer<T>), CapacityError> {
    BoundedBuffer::try_with_wait_strategy(capacity, strategy).map(handles)
}

fn handles<T>(buffer: BoundedBuffer<T>) -> (Producer<T>, Consumer<T>) {
    let shared = Arc::new(Shared { buffer, producers: HandleCount::one(), consumers: HandleCount::one() });
    (Producer { shared: shared.clone() }, Consumer { shared })
}

/// What all handles of a buffer refer to.
pub(crate) struct Shared<T> {
    pub(crate) buffer: BoundedBuffer<T>,
    pub(crate) producers: HandleCount,
    pub(crate) consumers: HandleCount,
}

/// The number of handles of one side. Once it is 0, it stays 0.
///
/// A count of its own, because an upgrade of a weak handle must fail after the last handle, and loom's `Arc` has no
/// `Weak`. It cannot overflow: each counted handle holds an `Arc`, which aborts the process at half of the range.
pub(crate) struct HandleCount(AtomicUsize);

impl HandleCount {
    #[track_caller] // the lab identifies an atomic by the place that creates it
    fn one() -> Self {
        Self(AtomicUsize::new(1))
    }

    /// Counts a clone of a handle.
    fn add(&self) {
        // Relaxed: the caller has a handle, so the count is not 0.
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts one more handle if there is one. Returns whether there was.
    pub(crate) fn add_unless_zero(&self) -> bool {
        // Relaxed: everything that the new handle reads is behind the mutex.
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| (count > 0).then(|| count + 1)).is_ok()
    }

    /// Counts one handle less. Returns whether it was the last.
    fn remove(&self) -> bool {
        // AcqRel: what a thread did before it dropped its handle happens before the close by the last one.
        self.0.fetch_sub(1, Ordering::AcqRel) == 1
    }

    pub(crate) fn get(&self) -> usize {
        // Relaxed: other threads may change the count at any time, so a caller can conclude nothing from it.
        self.0.load(Ordering::Relaxed)
    }
}

/// Closes a buffer when it is dropped. Created by [`BoundedBuffer::close_on_drop`].
#[must_use = "the buffer closes when the guard is dropped"]
#[derive(Debug)]
pub struct CloseOnDrop<'a, T>(&'a BoundedBuffer<T>);

impl<T> BoundedBuffer<T> {
    /// Returns a guard that closes the buffer when it is dropped, also by a panic.
    ///
    /// For a buffer that is shared by reference: without handles, nothing closes it when a thread panics, and the
    /// others would wait indefinitely.
    ///
    /// ```
    /// # use bounded_buffer::BoundedBuffer;
    /// let buffer = BoundedBuffer::new(2);
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| {
    ///         let _guard = buffer.close_on_drop();
    ///         buffer.push_all(1..=10) // the buffer closes after this, and if it panics
    ///     });
    ///     assert_eq!(buffer.iter().sum::<i32>(), 55);
    /// });
    /// ```
    pub fn close_on_drop(&self) -> CloseOnDrop<'_, T> {
        CloseOnDrop(self)
    }
}

impl<T> Drop for CloseOnDrop<'_, T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The pushing side of a buffer created by [`bounded`]. Clone it for more producers.
///
/// The buffer closes when the last producer is dropped. [`downgrade`](Self::downgrade) creates a handle that does not
/// keep it open.
///
/// It does not implement [`Extend`]: `extend` returns nothing, so it could not report a close or return the items that
/// were not pushed. [`push_all`](Self::push_all) does both. There is no `reserve`, either: [the
/// overview](crate#what-is-left-out-and-why) says why.
///
/// ```
/// use bounded_buffer::PushError;
///
/// let (producer, consumer) = bounded_buffer::bounded(2);
/// producer.push("first")?; // would block if both slots were taken
/// let second = producer.clone();
/// drop(producer);
/// second.push("second")?; // open: one producer is left
/// drop(consumer);
/// assert_eq!(second.push("third"), Err(PushError("third"))); // no consumer is left
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias("Sender", "SyncSender"))]
pub struct Producer<T> {
    pub(crate) shared: Arc<Shared<T>>,
}

/// The popping side of a buffer created by [`bounded`]. Clone it for more consumers.
///
/// When the last consumer is dropped, the buffer closes and the remaining items are dropped. If the destructors of
/// several items panic, all items are dropped and the first panic continues (with `Vec`, the process would abort).
///
/// [`downgrade`](Self::downgrade) creates a handle that does not keep the buffer open, and [`observer`](Self::observer)
/// one for statistics.
///
/// ```
/// use bounded_buffer::PopError;
///
/// let (producer, consumer) = bounded_buffer::bounded(2);
/// producer.push_all(["first", "second"])?;
/// drop(producer);
/// assert_eq!(consumer.pop(), Ok("first")); // would block if the buffer was empty and open
/// let second = consumer.clone();
/// assert_eq!(second.iter().collect::<Vec<_>>(), ["second"]);
/// assert_eq!(consumer.pop(), Err(PopError)); // closed and drained
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "Receiver")]
pub struct Consumer<T> {
    pub(crate) shared: Arc<Shared<T>>,
}

impl<T> Drop for Producer<T> {
    fn drop(&mut self) {
        if self.shared.producers.remove() {
            self.shared.buffer.close();
        }
    }
}

/// The remaining items are dropped here, outside the lock.
impl<T> Drop for Consumer<T> {
    fn drop(&mut self) {
        if self.shared.consumers.remove() {
            drop_each(self.shared.buffer.close_and_discard());
        }
    }
}

/// Drops each item, also if the destructors of several items panic, where dropping the `Vec` would abort the process.
///
/// The first panic continues after the last item. If the thread is panicking already, that panic continues and these
/// end here.
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

/// What both handles have.
macro_rules! counted {
    ($($handle:ident $count:ident),+) => {$(
        impl<T> $handle<T> {
            /// Returns the shared buffer.
            #[inline]
            #[must_use]
            pub fn buffer(&self) -> &BoundedBuffer<T> {
                &self.shared.buffer
            }
        }

        impl<T> HasBuffer for $handle<T> {
            type Item = T;
            fn buffer(&self) -> &BoundedBuffer<T> {
                self.buffer()
            }
        }

        // Written by hand, because a derive would require `T: Clone`.
        impl<T> Clone for $handle<T> {
            fn clone(&self) -> Self {
                self.shared.$count.add();
                Self { shared: self.shared.clone() }
            }
        }
    )+};
}

counted!(Producer producers, Consumer consumers);
