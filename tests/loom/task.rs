//! Tasks in a model: an executor for one future, and futures that are polled by hand.

use std::future::Future;
use std::task::Poll;

pub(crate) use linearizability::task::{block_on, poll};

/// Polls a future once and drops it. loom explores where the drop comes: while the task waits, at the wake-up, and after it.
pub(crate) fn poll_and_drop<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    match poll(&mut future) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
