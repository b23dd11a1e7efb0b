//! The primitives of the steps: parking_lot here, the model in `tests/loom/ladder.rs`.

pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};
pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync as std_sync;
pub(crate) use std::sync::atomic::{AtomicUsize, Ordering};
pub(crate) use std::thread::yield_now;

/// Reads a length snapshot. Relaxed, because the length is read again under the lock.
pub(crate) fn read_snapshot(len_snapshot: &AtomicUsize) -> usize {
    len_snapshot.load(Ordering::Relaxed)
}

/// Returns the number of rounds of a bounded loop. (The model runs one.)
pub(crate) fn rounds(limit: u32) -> u32 {
    limit
}
