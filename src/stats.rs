//! The counters of a buffer.

use std::time::Duration;

/// The counters of a buffer, read under one lock acquisition. At any moment, also while other threads use the buffer:
///
/// ```text
/// pushed = popped + evicted + dropped + items in the buffer
/// ```
///
/// The counters start at 0 and are not reset. A *wait* is an operation that waited on a condition variable, or a future
/// that returned `Pending`, whether it then completed or was dropped. That includes an operation with a zero or past
/// deadline that found the buffer full or empty. An operation that succeeded while spinning is no wait.
///
/// ```
/// # use bounded_buffer::BoundedBuffer;
/// let buffer = BoundedBuffer::new(2);
/// buffer.push('a')?;
/// buffer.push('b')?;
/// buffer.force_push('c')?;
/// buffer.pop()?;
/// let stats = buffer.stats();
/// assert_eq!((stats.pushed, stats.popped, stats.evicted, stats.high_water), (3, 1, 1, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Number of accepted items.
    pub pushed: u64,
    /// Number of items returned to a caller.
    pub popped: u64,
    /// Number of items that [`force_push`](crate::BoundedBuffer::force_push) removed.
    pub evicted: u64,
    /// Number of accepted items that no caller got: the last [`Consumer`](crate::Consumer) was dropped, and they with
    /// it.
    pub dropped: u64,
    /// Largest number of items that were in the buffer at the same time.
    pub high_water: usize,
    /// Number of waits of push operations. A batch may wait several times.
    pub push_waits: u64,
    /// Number of waits of pop operations.
    pub pop_waits: u64,
    /// Total duration of the waits of push operations, from the first park to the return. Added when a wait ends.
    pub push_wait_time: Duration,
    /// Total duration of the waits of pop operations, from the first park to the return. Added when a wait ends.
    pub pop_wait_time: Duration,
    /// Number of wasted wake-ups: a waiter returned, another thread had taken the item or the slot first, and the
    /// waiter waited again.
    pub wasted_wakeups: u64,
    /// Number of notifications sent: calls of `notify_one` and of wakers. A close counts once for each side that has
    /// waiters.
    pub notifications: u64,
    /// Number of producers that wait: threads on the condition variable, and tasks until they are polled to completion
    /// or dropped, or the buffer is closed. Spinning threads are not counted. A thread whose wait has timed out is
    /// counted until it has reacquired the lock.
    pub waiting_producers: usize,
    /// Number of consumers that wait; counted as the producers are.
    pub waiting_consumers: usize,
}
