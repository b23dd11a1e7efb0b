//! How the calls of tasks run: an executor for one future, and a future that is polled once.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

#[cfg(shuttle)]
pub use bounded_buffer_model::task::block_on;
#[cfg(not(any(loom, shuttle)))]
pub use futures::executor::block_on;

#[cfg(loom)]
pub use self::in_loom::block_on;

/// Polls a future with a waker that wakes nothing: the caller polls again, or drops the future.
pub fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[cfg(loom)]
mod in_loom {
    use std::future::Future;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Poll, Wake, Waker};

    use loom::thread::{self, Thread};

    /// Wakes the thread that runs the future.
    ///
    /// The flag belongs to one call of [`block_on`], so a wake-up of an earlier future ends no park of a later one: a missing wake-up
    /// stays visible as a deadlock. loom need not see the flag. Between the store and the `unpark` loom switches to no other thread,
    /// and `unpark` leaves a token, so `block_on` continues with the same poll whether it reads the flag before or after the store.
    /// What the poll finds depends on the order of the critical sections, and loom sees the lock.
    struct Unpark {
        thread: Thread,
        woken: AtomicBool,
    }

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.woken.store(true, Ordering::SeqCst);
            self.thread.unpark();
        }
    }

    /// Polls the future until it is ready. Polls again only after a wake-up.
    pub fn block_on<F: Future>(future: F) -> F::Output {
        let mut future = pin!(future);
        let task = Arc::new(Unpark { thread: thread::current(), woken: AtomicBool::new(false) });
        let waker = Waker::from(task.clone());
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            while !task.woken.swap(false, Ordering::SeqCst) {
                thread::park();
            }
        }
    }
}
