//! The one door to the primitives.
//!
//! Every other file takes its mutex, condition variable, atomics and reference counts from here: parking_lot and std in a
//! normal build, unwrapped, so that there is no layer to read through; the model of them under `cfg(loom)` or `cfg(shuttle)`,
//! seen by [loom](https://docs.rs/loom) or [shuttle](https://docs.rs/shuttle), with parking_lot's own signatures, so that the
//! code above the door is the same to the letter.

#[cfg(not(any(loom, shuttle)))]
mod real {
    pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};
    use std::sync::OnceLock;

    pub(crate) use std::hint::spin_loop;
    pub(crate) use std::sync::{Arc, atomic::AtomicUsize};
    pub(crate) use std::thread::yield_now;

    /// Reads a len_snapshot: a number that may be old by the time it is looked at. `Relaxed`, because nothing is concluded from a
    /// len_snapshot but how long to keep looking; what counts is read again under the lock.
    #[inline]
    pub(crate) fn read_snapshot(len_snapshot: &AtomicUsize) -> usize {
        len_snapshot.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Does this process have one core only? Asked once: the answer costs tens of microseconds, and a process that is moved
    /// to other cores later loses speed, not correctness.
    pub(crate) fn is_single_core() -> bool {
        static ONE_CORE: OnceLock<bool> = OnceLock::new();
        *ONE_CORE.get_or_init(|| std::thread::available_parallelism().is_ok_and(|cores| cores.get() == 1))
    }

    #[cfg(feature = "runner")]
    thread_local! {
        static SENT: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
    }

    /// Told of every wake-up that this thread has sent. It is the runner that asks, to draw who woke others when: a number of
    /// the thread's own, beside a system call. Without the runner nothing is counted.
    #[inline]
    pub(crate) fn count_notification() {
        #[cfg(feature = "runner")]
        SENT.set(SENT.get() + 1);
    }

    /// How many wake-ups this thread has sent, through whichever buffer.
    #[cfg(feature = "runner")]
    pub(crate) fn notifications_by_this_thread() -> u64 {
        SENT.get()
    }

    /// How many rounds of a bounded loop to run: all of them; the model has its own answer.
    #[inline]
    pub(crate) fn rounds(limit: u32) -> u32 {
        limit
    }
}

#[cfg(not(any(loom, shuttle)))]
pub(crate) use real::*;

#[cfg(any(loom, shuttle))]
#[allow(clippy::disallowed_types, reason = "what the model keeps for itself is not part of what it models")]
pub mod model;

#[cfg(any(loom, shuttle))]
pub(crate) use model::*;
