//! What a buffer has done so far.

use std::time::Duration;

/// A snapshot of a buffer's counters, taken under its lock, so that they add up exactly at any moment:
///
/// ```text
/// pushed = popped + evicted + items in the buffer
/// ```
///
/// The counters are `u64` and never reset. A *wait* is an operation that went to sleep on a condition variable, if only until
/// a deadline that had passed; one that got by with spinning is not counted, and neither is its time.
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
    /// Items accepted.
    pub pushed: u64,
    /// Items handed to a taker: popped, drained, or taken by the closing last consumer.
    pub popped: u64,
    /// Items that [`force_push`](crate::BoundedBuffer::force_push) threw out.
    pub evicted: u64,
    /// The most items that were ever in the buffer at once.
    pub high_water: usize,
    /// Push operations that slept.
    pub push_waits: u64,
    /// Pop operations that slept.
    pub pop_waits: u64,
    /// How long pushes slept, in sum over all threads; a sleep is added when it ends.
    pub push_wait_time: Duration,
    /// How long pops slept, in sum over all threads; a sleep is added when it ends.
    pub pop_wait_time: Duration,
    /// Wake-ups after which there was nothing to do: another thread had been faster, and the woken one slept again.
    pub futile_wakeups: u64,
    /// Wake-ups sent: calls of `notify_one`, and of `notify_all` by close.
    pub notifications: u64,
    /// Producers waiting right now. Counted under the lock: a producer seen here does wait.
    pub waiting_producers: usize,
    /// Consumers waiting right now. Counted under the lock: a consumer seen here does wait.
    pub waiting_consumers: usize,
}
