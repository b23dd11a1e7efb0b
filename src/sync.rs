//! The facade over the primitives.
//!
//! Each other file imports its mutex, condition variable, atomics and reference counts from here. In a normal build
//! these are the types of parking_lot and std themselves, without a wrapper. Under `cfg(loom)` or `cfg(shuttle)` they
//! are models of them for [loom](https://docs.rs/loom) and [shuttle](https://docs.rs/shuttle), with parking_lot's
//! signatures (`bounded-buffer-model`), so that the code above the facade is the same in all builds.

#[cfg(not(any(all(loom, feature = "loom"), all(shuttle, feature = "shuttle"))))]
mod real {
    pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::OnceLock;
    use std::task::{Context, Poll, Wake, Waker};
    use std::thread::{self, Thread};
    use std::time::{Duration, Instant};

    pub(crate) use std::hint::spin_loop;
    pub(crate) use std::sync::Arc;
    pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize};
    pub(crate) use std::thread::yield_now;
    pub(crate) use std::thread_local;

    /// Reads a snapshot that may be stale. `Relaxed`, because the value only decides how long a thread spins; the
    /// thread reads the state again under the lock before it acts.
    #[inline]
    pub(crate) fn read_snapshot(snapshot: &AtomicUsize) -> usize {
        snapshot.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Returns whether the process may use one core only. Asked once, because the answer costs tens of microseconds. A
    /// process that is moved to other cores later loses speed only.
    pub(crate) fn is_single_core() -> bool {
        static SINGLE_CORE: OnceLock<bool> = OnceLock::new();
        *SINGLE_CORE.get_or_init(|| std::thread::available_parallelism().is_ok_and(|cores| cores.get() == 1))
    }

    /// Polls a future on this thread, which parks until it is ready or the deadline has passed.
    pub(crate) fn block_on<F: Future + Unpin>(mut future: F, deadline: Option<Instant>) -> Option<F::Output> {
        struct Unpark(Thread);
        impl Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(output) = Pin::new(&mut future).poll(&mut context) {
                return Some(output);
            }
            match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
                None => thread::park(),
                Some(Duration::ZERO) => return None,
                Some(remaining) => thread::park_timeout(remaining),
            }
        }
    }

    /// Whether time passes: not in a model.
    pub(crate) const HAS_CLOCK: bool = true;

    /// Returns the number of rounds of a bounded loop: all of them. The model runs one.
    #[inline]
    pub(crate) fn rounds(limit: u32) -> u32 {
        limit
    }
}

#[cfg(any(all(loom, feature = "loom"), all(shuttle, feature = "shuttle")))]
pub(crate) use bounded_buffer_model::*;
#[cfg(not(any(all(loom, feature = "loom"), all(shuttle, feature = "shuttle"))))]
pub(crate) use real::*;
