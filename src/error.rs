//! What an operation says when it could not do its work.
//!
//! A failed push owns the item it could not place, so that nothing is lost; [`into_inner`](PushError::into_inner) gives it
//! back. None of these types asks anything of `T` to be printed or boxed as an error.

use std::error::Error;
use std::fmt;

/// The buffer was closed; the item comes back.
///
/// Returned by [`push`](crate::BoundedBuffer::push), [`force_push`](crate::BoundedBuffer::force_push) and, with `()` because
/// the items stayed in the deque, by [`push_many`](crate::BoundedBuffer::push_many).
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
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PushError<T>(pub T);

/// No item was placed, and the push did not wait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TryPushError<T> {
    /// There was no free slot.
    Full(T),
    /// The buffer was closed. Reported even if it was full, too: waiting would not help.
    Closed(T),
}

/// No item was placed before the deadline.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PushTimeoutError<T> {
    /// No slot became free in time.
    Timeout(T),
    /// The buffer was closed.
    Closed(T),
}

/// The buffer is closed and drained: no item will ever come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PopError;

/// No item was taken, and the pop did not wait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TryPopError {
    /// There was no item.
    Empty,
    /// The buffer is closed and drained: no item will ever come.
    Closed,
}

/// No item was taken before the deadline.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PopTimeoutError {
    /// No item came in time.
    Timeout,
    /// The buffer is closed and drained: no item will ever come.
    Closed,
}

const CLOSED: &str = "the buffer is closed";
const DRAINED: &str = "the buffer is closed and drained";
const FULL: &str = "the buffer is full";
const EMPTY: &str = "the buffer is empty";
const PUSH_TIMEOUT: &str = "timed out waiting for a free slot";
const POP_TIMEOUT: &str = "timed out waiting for an item";

impl<T> PushError<T> {
    /// The item that was not placed.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> TryPushError<T> {
    /// The item that was not placed.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(item) | Self::Closed(item) => item,
        }
    }

    /// Was there no free slot?
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Was the buffer closed?
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl<T> PushTimeoutError<T> {
    /// The item that was not placed.
    pub fn into_inner(self) -> T {
        match self {
            Self::Timeout(item) | Self::Closed(item) => item,
        }
    }

    /// Did the time run out?
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout(_))
    }

    /// Was the buffer closed?
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl TryPopError {
    /// Was there no item?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// Is the buffer closed and drained?
    #[must_use]
    pub fn is_closed(&self) -> bool {
        *self == Self::Closed
    }
}

impl PopTimeoutError {
    /// Did the time run out?
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        *self == Self::Timeout
    }

    /// Is the buffer closed and drained?
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

/// `Display` with one text a case, `Debug` with the case's name in place of the item, and `Error` for each type. The item
/// itself is never printed: that would ask `T: Debug`.
macro_rules! say {
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

say!(PushError<T> {
    Self(_) => "PushError(..)", CLOSED;
});
say!(TryPushError<T> {
    Self::Full(_) => "Full(..)", FULL;
    Self::Closed(_) => "Closed(..)", CLOSED;
});
say!(PushTimeoutError<T> {
    Self::Timeout(_) => "Timeout(..)", PUSH_TIMEOUT;
    Self::Closed(_) => "Closed(..)", CLOSED;
});
say!(PopError {
    Self => "PopError", DRAINED;
});
say!(TryPopError {
    Self::Empty => "Empty", EMPTY;
    Self::Closed => "Closed", DRAINED;
});
say!(PopTimeoutError {
    Self::Timeout => "Timeout", POP_TIMEOUT;
    Self::Closed => "Closed", DRAINED;
});
