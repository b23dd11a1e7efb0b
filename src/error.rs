//! The errors of the operations.
//!
//! The error of a failed push owns the item; [`into_inner`](PushError::into_inner) returns it. `Debug`, `Display` and
//! `Error` are implemented for all `T`. To convert an error into a `Box<dyn Error + Send + Sync>` or `anyhow::Error` by
//! `?`, `T` itself must be  `Send + Sync + 'static`; [`without_item`](PushError::without_item) works for any `T`.

use std::error::Error;
use std::fmt;

/// The buffer was closed; the error contains the item.
///
/// Returned by [`push`](crate::BoundedBuffer::push), [`force_push`](crate::BoundedBuffer::force_push) and, with `()`
/// because the items stay in the deque, by [`push_many`](crate::BoundedBuffer::push_many).
///
/// ```
/// use bounded_buffer::{BoundedBuffer, PushError};
///
/// let buffer = BoundedBuffer::new(1);
/// buffer.close();
/// let error = buffer.push("tea").unwrap_err();
/// assert_eq!(error, PushError("tea"));
/// assert_eq!(error.to_string(), "the buffer is closed");
/// assert_eq!(error.into_inner(), "tea");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PushError<T>(pub T);

/// An item was not pushed, and the push did not wait.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum TryPushError<T> {
    /// No slot was free.
    Full(T),
    /// The buffer was closed. Reported also if it was full: waiting for a slot would be pointless.
    Closed(T),
}

/// An item was not pushed before the deadline.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum PushTimeoutError<T> {
    /// No slot became free before the deadline.
    Timeout(T),
    /// The buffer was closed.
    Closed(T),
}

/// The buffer is closed and drained: no further item can arrive.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PopError;

/// No item was popped, and the pop did not wait.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum TryPopError {
    /// The buffer had no item.
    Empty,
    /// The buffer is closed and drained: no further item can arrive.
    Closed,
}

/// No item was popped before the deadline.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum PopTimeoutError {
    /// No item arrived before the deadline.
    Timeout,
    /// The buffer is closed and drained: no further item can arrive.
    Closed,
}

/// A buffer of the requested capacity cannot be created.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CapacityError {
    /// The capacity is 0.
    Zero,
    /// The capacity is more than `u32::MAX`, or the slots do not fit into memory.
    TooLarge,
}

const CLOSED: &str = "the buffer is closed";
const DRAINED: &str = "the buffer is closed and drained";

impl<T> PushError<T> {
    /// Returns the item that was not pushed.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// Drops the item and keeps the reason. For `?` into a boxed error, which requires an item that is `Send + Sync`.
    ///
    /// ```
    /// fn send(producer: &bounded_buffer::Producer<std::cell::Cell<u8>>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    ///     producer.push(1.into()).map_err(|error| error.without_item())?;
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn without_item(self) -> PushError<()> {
        PushError(())
    }
}

impl<T> TryPushError<T> {
    /// Returns the item that was not pushed.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(item) | Self::Closed(item) => item,
        }
    }

    /// Returns whether no slot was free.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Returns whether the buffer was closed.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl<T> PushTimeoutError<T> {
    /// Returns the item that was not pushed.
    pub fn into_inner(self) -> T {
        match self {
            Self::Timeout(item) | Self::Closed(item) => item,
        }
    }

    /// Returns whether the time ran out.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout(_))
    }

    /// Returns whether the buffer was closed.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl TryPopError {
    /// Returns whether the buffer had no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// Returns whether the buffer is closed and drained.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        *self == Self::Closed
    }
}

impl PopTimeoutError {
    /// Returns whether the time ran out.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        *self == Self::Timeout
    }

    /// Returns whether the buffer is closed and drained.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        *self == Self::Closed
    }
}

impl<T> From<PushError<T>> for TryPushError<T> {
    fn from(PushError(item): PushError<T>) -> Self {
        Self::Closed(item)
    }
}

impl<T> From<PushError<T>> for PushTimeoutError<T> {
    fn from(PushError(item): PushError<T>) -> Self {
        Self::Closed(item)
    }
}

impl From<PopError> for TryPopError {
    fn from(PopError: PopError) -> Self {
        Self::Closed
    }
}

impl From<PopError> for PopTimeoutError {
    fn from(PopError: PopError) -> Self {
        Self::Closed
    }
}

/// Implements `Debug`, which prints `..` in place of the item, `Display` and `Error`. Printing the item would require
/// `T: Debug`.
macro_rules! impl_error {
    ($name:ident $(<$T:ident>)? { $($case:pat => $debug:literal, $text:expr;)+ }) => {
        impl $(<$T>)? fmt::Debug for $name $(<$T>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($case => $debug),+ })
            }
        }
        impl $(<$T>)? fmt::Display for $name $(<$T>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($case => $text),+ })
            }
        }
        impl $(<$T>)? Error for $name $(<$T>)? {}
    };
}

impl_error!(PushError<T> {
    Self(_) => "PushError(..)", CLOSED;
});
impl_error!(TryPushError<T> {
    Self::Full(_) => "Full(..)", "the buffer is full";
    Self::Closed(_) => "Closed(..)", CLOSED;
});
impl_error!(PushTimeoutError<T> {
    Self::Timeout(_) => "Timeout(..)", "timed out waiting for a free slot";
    Self::Closed(_) => "Closed(..)", CLOSED;
});
impl_error!(PopError {
    Self => "PopError", DRAINED;
});
impl_error!(TryPopError {
    Self::Empty => "Empty", "the buffer is empty";
    Self::Closed => "Closed", DRAINED;
});
impl_error!(PopTimeoutError {
    Self::Timeout => "Timeout", "timed out waiting for an item";
    Self::Closed => "Closed", DRAINED;
});
impl_error!(CapacityError {
    Self::Zero => "Zero", "the capacity of a bounded buffer must be at least 1";
    Self::TooLarge => "TooLarge",
        "the capacity of a bounded buffer must be at most 4294967295, and its slots must fit into memory";
});
