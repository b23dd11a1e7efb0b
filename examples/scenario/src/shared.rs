//! The state that the threads of a run share: the ends of the channel, the number of consumers, the timer for delays, and
//! the observer.

use std::convert::Infallible;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, Stats, WaitStrategy};
use parking_lot::Mutex;

use crate::channel::{Channel, PopEnd, PushEnd};
use crate::event::{Action, Event, Observer, Worker};
use crate::scenario::Scenario;

/// Shared state of a run.
pub(crate) struct Shared<C: Channel, O> {
    pub(crate) scenario: Scenario,
    pub(crate) seed: u64,
    observer: O,
    begin: Instant,
    pub(crate) pool: Mutex<Pool<C>>,
    /// Number of consumers that should stop. A consumer that stops decrements it.
    to_stop: AtomicUsize,
    /// Set when the run is closed before the producers are done.
    closed_early: OnceLock<()>,
    /// A buffer that stays empty. A pop with a time-out from it is a delay that `close` cuts short.
    timer: BoundedBuffer<Infallible>,
}

/// The ends of the channel that no thread of the run holds, and the number of consumers.
pub(crate) struct Pool<C: Channel> {
    /// Keeps the channel open until the producers are joined.
    pub(crate) push: Option<C::Push>,
    /// Cloned for each consumer that is added. `None` if the channel supports only one consumer, or if all have failed.
    pub(crate) pop: Option<C::Pop>,
    /// Number of consumers that have not failed and need not stop.
    pub(crate) consumers: usize,
}

impl<C: Channel, O: Observer> Shared<C, O> {
    pub(crate) fn new(scenario: Scenario, seed: u64, observer: O, pool: Pool<C>) -> Self {
        Self {
            scenario,
            seed,
            observer,
            begin: Instant::now(),
            pool: Mutex::new(pool),
            to_stop: AtomicUsize::new(0),
            closed_early: OnceLock::new(),
            // Park: delays are longer than any spin.
            timer: BoundedBuffer::with_wait_strategy(1, WaitStrategy::Park),
        }
    }

    /// Waits until the delay has passed or the run is closed early. The delay is longer in a phase in which the side is slow.
    pub(crate) fn wait_for(&self, worker: Worker, delay: Duration) {
        let delay = if self.is_slow(worker) { delay.saturating_mul(Scenario::SLOWER) } else { delay };
        if !delay.is_zero() {
            // Ignored: the result is `Timeout` or `Closed`, and both end the delay.
            _ = self.timer.pop_timeout(delay);
        }
    }

    fn is_slow(&self, worker: Worker) -> bool {
        let phase = self.begin.elapsed().as_millis().checked_div(self.scenario.phase_ms.into());
        phase.is_some_and(|phase| phase % 2 == u128::from(matches!(worker, Worker::Producer(_))))
    }

    /// Sends an event to the observer.
    pub(crate) fn emit(&self, worker: Worker, action: Action) {
        if self.observer.is_active() {
            self.observer.event(&Event { at: Instant::now(), worker, action });
        }
    }

    /// Makes the consumer that next begins a pop stop instead. Returns false for the last consumer, because without one the
    /// run might not end.
    pub(crate) fn remove_consumer(&self) -> bool {
        let mut pool = self.pool.lock();
        if pool.consumers <= 1 {
            return false;
        }
        pool.consumers -= 1;
        // Relaxed, here and in `should_stop`: the count guards no other data.
        self.to_stop.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// Returns whether the calling consumer should stop.
    pub(crate) fn should_stop(&self) -> bool {
        self.to_stop.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1)).is_ok()
    }

    /// Accounts for a consumer that panicked. It counts as the one that should stop, if there is one. After the last
    /// consumer, the run is closed, because a producer would block indefinitely.
    pub(crate) fn consumer_failed(&self) {
        if self.should_stop() {
            return;
        }
        let mut pool = self.pool.lock();
        pool.consumers -= 1;
        if pool.consumers == 0 {
            let pop = pool.pop.take();
            drop(pool);
            drop(pop); // may drop items, so outside the lock
            self.close_early();
        }
    }

    /// Returns the channel's own counters, if it has any.
    pub(crate) fn stats(&self) -> Option<Stats> {
        self.pool.lock().pop.as_ref().and_then(C::Pop::stats)
    }

    /// Closes the channel, once.
    pub(crate) fn close(&self) {
        let push = self.pool.lock().push.take();
        if let Some(push) = push {
            push.close();
            drop(push);
            self.emit(Worker::Runner, Action::Closed);
        }
    }

    /// Ends the run: producers push nothing more, delays end, and consumers pop the accepted items.
    pub(crate) fn close_early(&self) {
        // Ignored: a second call finds it set.
        _ = self.closed_early.set(());
        self.close(); // before delays end, so that no producer finds a slot that a consumer has just freed
        self.timer.close();
    }

    pub(crate) fn is_closed_early(&self) -> bool {
        self.closed_early.get().is_some()
    }
}
