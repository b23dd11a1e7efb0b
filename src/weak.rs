//! Handles that keep no side open: weak ones, and observers. Also what a handle reports about other handles.
//!
//! They keep the memory of the slots, but no item: the last consumer drops the remaining items whether or not they
//! exist.

use std::fmt;

use crate::buffer::BoundedBuffer;
use crate::handle::{Consumer, Producer, Shared};
use crate::sync::Arc;

/// A handle that can become a [`Producer`] while there is one, and does not keep the buffer open. Created by
/// [`Producer::downgrade`].
///
/// For a thread that pushes rarely, such as a timer: it should not keep the consumers waiting after the last producer
/// is gone.
///
/// ```
/// let (producer, consumer) = bounded_buffer::bounded(4);
/// let weak = producer.downgrade();
/// weak.upgrade().expect("`producer` exists").push(1)?;
/// drop(producer);
/// assert!(weak.upgrade().is_none());
/// assert_eq!(consumer.iter().collect::<Vec<_>>(), [1]); // ends: `weak` does not keep the buffer open
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WeakProducer<T> {
    shared: Arc<Shared<T>>,
}

/// A handle that can become a [`Consumer`] while there is one, and does not keep the buffer open. Created by
/// [`Consumer::downgrade`].
///
/// For a thread that starts further consumers when the load rises: while it holds no consumer, producers do not wait
/// after the last consumer is gone.
///
/// ```
/// use bounded_buffer::PushError;
///
/// let (producer, consumer) = bounded_buffer::bounded(4);
/// let weak = consumer.downgrade();
/// let second = weak.upgrade().expect("`consumer` exists");
/// drop((consumer, second));
/// assert!(weak.upgrade().is_none());
/// assert_eq!(producer.push(1), Err(PushError(1))); // does not wait for a consumer
/// ```
pub struct WeakConsumer<T> {
    shared: Arc<Shared<T>>,
}

/// A handle that neither pushes nor pops, and does not keep the buffer open. Created by [`Producer::observer`] and
/// [`Consumer::observer`].
///
/// For metrics. A [`Consumer`] that a metrics thread keeps would let producers wait after the real consumers are gone.
///
/// ```
/// let (producer, consumer) = bounded_buffer::bounded(4);
/// let observer = producer.observer();
/// producer.push(1)?;
/// assert_eq!((observer.len(), observer.capacity(), observer.stats().pushed), (1, 4, 1));
/// assert_eq!((observer.producers(), observer.consumers()), (1, 1));
/// drop(producer);
/// assert!(observer.is_closed());
/// # drop(consumer);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Observer<T> {
    shared: Arc<Shared<T>>,
}

macro_rules! downgrade {
    ($($handle:ident $weak:ident),+) => {$(
        impl<T> $handle<T> {
            /// Creates a handle that does not keep the buffer open. Does not block.
            #[must_use = "this creates a weak handle and does not drop this one"]
            pub fn downgrade(&self) -> $weak<T> {
                $weak { shared: self.shared.clone() }
            }

            /// Creates a handle for metrics, which does not keep the buffer open. Does not block.
            #[must_use]
            pub fn observer(&self) -> Observer<T> {
                Observer { shared: self.shared.clone() }
            }
        }
    )+};
}

downgrade!(Producer WeakProducer, Consumer WeakConsumer);

impl<T> WeakProducer<T> {
    /// Returns a new producer, or `None` once the last producer was dropped. Does not block.
    ///
    /// The producer may find the buffer closed: by [`close`](Producer::close), or because the last consumer is gone.
    #[must_use]
    pub fn upgrade(&self) -> Option<Producer<T>> {
        self.shared.producers.add_unless_zero().then(|| Producer { shared: self.shared.clone() })
    }
}

impl<T> WeakConsumer<T> {
    /// Returns a new consumer, or `None` once the last consumer was dropped. Does not block.
    #[must_use]
    pub fn upgrade(&self) -> Option<Consumer<T>> {
        self.shared.consumers.add_unless_zero().then(|| Consumer { shared: self.shared.clone() })
    }
}

/// A handle of a buffer: an argument of `same_buffer`. Only the handles of this crate implement it.
pub trait Handle: sealed::Address {
    /// The type of the items.
    type Item;
}

mod sealed {
    pub trait Address {
        /// Returns an address that all handles of a buffer have in common.
        fn address(&self) -> *const ();
    }
}

macro_rules! every_handle {
    ($($handle:ident)+) => {$(
        impl<T> $handle<T> {
            /// Returns whether both handles refer to the same buffer.
            ///
            /// The other handle may be of any kind: a [`Producer`], a [`Consumer`], a weak one, or an [`Observer`].
            #[doc(alias = "same_channel")]
            #[must_use]
            pub fn same_buffer(&self, other: &(impl Handle<Item = T> + ?Sized)) -> bool {
                use sealed::Address;
                self.address() == other.address()
            }
        }

        impl<T> Handle for $handle<T> {
            type Item = T;
        }

        impl<T> sealed::Address for $handle<T> {
            fn address(&self) -> *const () {
                (&raw const *self.shared).cast()
            }
        }

        // Written by hand, because a derive would require `T: Debug`.
        impl<T> fmt::Debug for $handle<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($handle)).field(&self.shared.buffer).finish()
            }
        }
    )+};
}

every_handle!(Producer Consumer WeakProducer WeakConsumer Observer);

/// What a handle reports about the others of the same buffer.
macro_rules! counts {
    ($($handle:ident)+) => {$(
        impl<T> $handle<T> {
            /// Returns the number of producers: handles, not threads. Other threads may change it at any time. Takes no
            /// lock.
            ///
            /// Weak handles and observers do not count.
            #[doc(alias("sender_count", "strong_count"))]
            #[must_use]
            pub fn producers(&self) -> usize {
                self.shared.producers.get()
            }

            /// Returns the number of consumers: handles, not threads. Other threads may change it at any time. Takes no
            /// lock.
            ///
            /// Weak handles and observers do not count.
            #[doc(alias = "receiver_count")]
            #[must_use]
            pub fn consumers(&self) -> usize {
                self.shared.consumers.get()
            }
        }
    )+};
}

counts!(Producer Consumer Observer);

/// What handles have that keep no side open.
macro_rules! uncounted {
    ($($handle:ident)+) => {$(
        impl<T> $handle<T> {
            pub(crate) fn buffer(&self) -> &BoundedBuffer<T> {
                &self.shared.buffer
            }
        }

        // Written by hand, because a derive would require `T: Clone`.
        impl<T> Clone for $handle<T> {
            fn clone(&self) -> Self {
                Self { shared: self.shared.clone() }
            }
        }
    )+};
}

uncounted!(WeakProducer WeakConsumer Observer);
