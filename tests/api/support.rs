//! What the tests share: a watchdog, waiting without guessing, and items that are counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, WaitStrategy};

/// Patience is counted in naps, not read off a clock: a process that was stopped for a minute has not hung for a minute.
const NAP: Duration = Duration::from_millis(100);

/// A test that takes longer hangs: 30 s.
const NAPS_A_TEST: u32 = 300;

/// A condition that takes longer will never come: 20 s, so that it is named before the watchdog ends the test.
const NAPS_A_CONDITION: u32 = 200;

/// Runs a test's body in a thread of its own, and fails the test if that hangs.
pub(crate) fn watched<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, end) = mpsc::channel::<()>();
    let test = thread::current().name().unwrap_or("a test").to_owned();
    let body = thread::Builder::new()
        .name(test.clone())
        .spawn(move || {
            let _done = done; // dropped when the body returns, and when it panics
            body()
        })
        .expect("a thread can be started");
    // Nothing is ever sent: the channel is disconnected, or the time is up.
    let over = (0..NAPS_A_TEST).any(|_| end.recv_timeout(NAP) == Err(RecvTimeoutError::Disconnected));
    assert!(over, "{test} hangs: not done within {:?}", NAP * NAPS_A_TEST);
    body.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// As [`watched`], once for each strategy: whatever waits is to be tested with both.
pub(crate) fn with_each_strategy(body: impl Fn(WaitStrategy) + Send + 'static) {
    watched(move || {
        for strategy in [WaitStrategy::Park, WaitStrategy::Adaptive] {
            println!("with {strategy:?}"); // shown if the test fails
            body(strategy);
        }
    });
}

/// Waits until the condition holds. `stats()` tells who sleeps exactly, so that no test has to sleep and hope.
#[track_caller]
pub(crate) fn until(condition: impl Fn() -> bool) {
    for _ in 0..NAPS_A_CONDITION {
        let nap = Instant::now();
        while nap.elapsed() < NAP {
            if condition() {
                return;
            }
            thread::yield_now();
        }
    }
    panic!("what is waited for here did not come within {:?}", NAP * NAPS_A_CONDITION);
}

#[track_caller]
pub(crate) fn until_producers_wait<T>(buffer: &BoundedBuffer<T>, count: usize) {
    until(|| buffer.stats().waiting_producers == count);
}

#[track_caller]
pub(crate) fn until_consumers_wait<T>(buffer: &BoundedBuffer<T>, count: usize) {
    until(|| buffer.stats().waiting_consumers == count);
}

/// A full buffer with the items `0, 1, …, capacity - 1`.
pub(crate) fn full(capacity: usize, strategy: WaitStrategy) -> BoundedBuffer<usize> {
    let buffer = BoundedBuffer::with_wait_strategy(capacity, strategy);
    for item in 0..capacity {
        buffer.try_push(item).expect("there is room");
    }
    buffer
}

/// Counts the items that it made and that are not dropped yet.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<AtomicUsize>);

/// An item that is counted while it lives.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) id: u32,
    live: Arc<AtomicUsize>,
}

impl Ledger {
    pub(crate) fn item(&self, id: u32) -> Counted {
        self.0.fetch_add(1, Ordering::SeqCst);
        Counted { id, live: self.0.clone() }
    }

    /// How many items live.
    pub(crate) fn live(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.live.fetch_sub(1, Ordering::SeqCst);
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
