//! The facade of the steps over the primitives: those of parking_lot and std, or their model under `--cfg loom`.

#[cfg(not(all(loom, feature = "loom")))]
mod real {
    use std::sync::atomic::Ordering;

    pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};
    pub(crate) use std::hint::spin_loop;
    pub(crate) use std::sync as std_sync;
    pub(crate) use std::sync::atomic::AtomicUsize;
    pub(crate) use std::thread::yield_now;

    /// Reads a length snapshot. Relaxed, because the length is read again under the lock.
    pub(crate) fn read_snapshot(len_snapshot: &AtomicUsize) -> usize {
        len_snapshot.load(Ordering::Relaxed)
    }

    /// Returns the number of rounds of a bounded loop. (The model runs one.)
    pub(crate) fn rounds(limit: u32) -> u32 {
        limit
    }
}

#[cfg(all(loom, feature = "loom"))]
mod model {
    pub(crate) use bounded_buffer_model::{
        AtomicUsize, Condvar, Mutex, MutexGuard, read_snapshot, rounds, spin_loop, yield_now,
    };
    pub(crate) use loom::sync as std_sync;
}

#[cfg(all(loom, feature = "loom"))]
pub(crate) use model::*;
#[cfg(not(all(loom, feature = "loom")))]
pub(crate) use real::*;
pub(crate) use std::sync::atomic::Ordering;
