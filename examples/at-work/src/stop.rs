//! The request to stop, which a source of work polls or waits for.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bounded_buffer::{BoundedBuffer, PopTimeoutError};

/// Asks the sources of a program to stop. The later stages follow: the last source drops its handle, which closes the buffer.
///
/// Nothing is pushed into the buffer inside. Closing it wakes all threads that wait in it, as closing a `done` channel does
/// in Go.
#[derive(Clone)]
pub struct Stop(Arc<BoundedBuffer<Infallible>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(BoundedBuffer::new(1)))
    }
}

impl Stop {
    /// Requests the stop and wakes the threads in `sleep`.
    pub fn request(&self) {
        self.0.close();
    }

    /// Returns true once the stop was requested.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.0.is_closed()
    }

    /// Waits for the request, in a task.
    pub async fn requested(&self) {
        _ = self.0.pop_async().await; // there are no items: it ends when the buffer closes
    }

    /// Sleeps for `time` or until the request, whichever comes first. Returns true if the stop was requested.
    #[must_use]
    pub fn sleep(&self, time: Duration) -> bool {
        self.0.pop_timeout(time) == Err(PopTimeoutError::Closed)
    }
}
