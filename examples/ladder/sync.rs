//! Where the steps take their primitives from: here parking_lot; in `tests/loom/ladder.rs` the model of them.

pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};
pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync as std_sync;
pub(crate) use std::sync::atomic::AtomicUsize;
pub(crate) use std::thread::yield_now;

/// Reads a len_snapshot. Relaxed: nothing is concluded from it but how long to keep looking.
pub(crate) fn read_snapshot(len_snapshot: &AtomicUsize) -> usize {
    len_snapshot.load(std::sync::atomic::Ordering::Relaxed)
}

/// How many rounds of a bounded loop to run: all. (A model runs one.)
pub(crate) fn rounds(limit: u32) -> u32 {
    limit
}
