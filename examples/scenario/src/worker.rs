//! The threads of a run: the state that they share, the loop of a producer and the loop of a consumer.

use std::any::Any;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, TryPopError, TryPushError, WaitStrategy};
use hdrhistogram::Histogram;

use crate::event::{Action, Event, Observer, Worker};
use crate::report::{ThreadReport, new_histogram};
use crate::scenario::{Failure, Scenario};
use crate::verdict::Tally;

/// An item: a value to print, and the origin and time that the report needs.
pub(crate) struct Item {
    /// Number of the producer that pushed it.
    producer: usize,
    /// Its number among the items of its producer, from 0.
    sequence: u64,
    value: u32,
    entered: Entered,
}

/// When an item entered the buffer.
enum Entered {
    /// Immediately: the time at which it was offered.
    At(Instant),
    /// After a wait for a slot. The producer sets the time when its push returns.
    AfterWait(Arc<OnceLock<Instant>>),
}

impl Item {
    /// Creates an item that is offered now.
    pub(crate) fn new(producer: usize, sequence: u64, value: u32) -> Self {
        Self { producer, sequence, value, entered: Entered::At(Instant::now()) }
    }

    /// Returns the same item for a push that waits, and the cell for the time at which that push returns.
    fn waiting(self) -> (Self, Arc<OnceLock<Instant>>) {
        let cell = Arc::new(OnceLock::new());
        (Self { entered: Entered::AfterWait(cell.clone()), ..self }, cell)
    }

    /// Returns how long it was in the buffer, if it was popped at `now`. The producer's wait for a slot does not count.
    ///
    /// An item that is popped before its producer returns from a push that waited counts as 0: it was in the buffer for less
    /// time than that return takes.
    fn time_in_buffer(&self, now: Instant) -> Duration {
        let entered = match &self.entered {
            Entered::At(time) => Some(time),
            Entered::AfterWait(cell) => cell.get(),
        };
        entered.map_or(Duration::ZERO, |entered| now.saturating_duration_since(*entered))
    }
}

/// The work of one consumer, with the data about its items.
pub(crate) struct ConsumerLog {
    pub(crate) report: ThreadReport,
    pub(crate) tally: Tally,
    /// Time in the buffer of each item, in nanoseconds.
    pub(crate) times: Histogram<u64>,
}

/// What the threads of a run share.
pub(crate) struct Shared {
    pub(crate) scenario: Scenario,
    seed: u64,
    observers: Vec<Observer>,
    pub(crate) begin: Instant,
    pub(crate) buffer: BoundedBuffer<Item>,
    /// Number of consumers that have not failed.
    consumers: AtomicUsize,
    /// Whether the run was closed before the producers were done.
    closed_early: AtomicBool,
    /// A buffer that stays empty. A pop with a time-out from it is a delay that `close_early` cuts short.
    timer: BoundedBuffer<Infallible>,
}

impl Shared {
    pub(crate) fn new(scenario: Scenario, seed: u64, observers: Vec<Observer>) -> Self {
        Self {
            seed,
            observers,
            begin: Instant::now(),
            buffer: BoundedBuffer::new(scenario.capacity),
            consumers: AtomicUsize::new(scenario.consumers),
            closed_early: AtomicBool::new(false),
            // Park: delays are longer than any spin.
            timer: BoundedBuffer::with_wait_strategy(1, WaitStrategy::Park),
            scenario,
        }
    }

    /// Runs a thread of a run, and reports its begin, its end and its panic.
    fn run(&self, worker: Worker, report: &mut ThreadReport, body: impl FnOnce(&mut ThreadReport)) {
        let result = catch_unwind(AssertUnwindSafe(|| {
            self.emit(worker, Action::Began);
            body(report);
        }));
        let Err(panic) = result else { return self.emit(worker, Action::Ended) };
        report.failure = Some(message(&*panic));
        // Without a consumer, a producer would block indefinitely. Relaxed: the count guards no other data.
        if matches!(worker, Worker::Consumer(_)) && self.consumers.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.close_early();
        }
        self.emit(worker, Action::Failed);
    }

    /// Runs a producer's thread, until it has pushed its items or the run is closed.
    pub(crate) fn run_producer(&self, id: usize) -> ThreadReport {
        let worker = Worker::Producer(id);
        let mut report = ThreadReport { id, ..ThreadReport::default() };
        self.run(worker, &mut report, |report| self.produce(worker, report));
        report
    }

    fn produce(&self, worker: Worker, report: &mut ThreadReport) {
        let id = report.id;
        for (sequence, (value, delay)) in (0..self.scenario.items).zip(self.scenario.steps(self.seed, id)) {
            if self.is_closed_early() {
                return;
            }
            if self.scenario.fail == Some(Failure { producer: id, item: sequence + 1 }) {
                // A panic without the hook's message and backtrace, because it is planned.
                resume_unwind(Box::new(format!("made to fail at its item {}", sequence + 1)));
            }
            if !self.push(worker, Item::new(id, sequence, value), report) {
                return;
            }
            report.items += 1;
            self.emit(worker, Action::Pushed { sequence, value });
            self.wait_for(worker, delay);
        }
    }

    /// Pushes an item. Returns false if the buffer is closed.
    ///
    /// The operation is first attempted without waiting, here and in `consume`. This shows which operations wait, and for how
    /// long.
    fn push(&self, worker: Worker, item: Item, report: &mut ThreadReport) -> bool {
        match self.buffer.try_push(item) {
            Ok(()) => true,
            Err(TryPushError::Closed(_)) => false,
            Err(TryPushError::Full(item)) => {
                let (item, entered) = item.waiting();
                self.blocked(worker, report, || {
                    let accepted = self.buffer.push(item).is_ok();
                    // Ignored: the cell is empty, because only this thread sets it.
                    _ = entered.set(Instant::now());
                    accepted
                })
            }
        }
    }

    /// Runs a consumer's thread, until the buffer is closed and drained.
    pub(crate) fn run_consumer(&self, id: usize) -> ConsumerLog {
        let worker = Worker::Consumer(id);
        let report = ThreadReport { id, ..ThreadReport::default() };
        let mut log = ConsumerLog { report, tally: Tally::default(), times: new_histogram() };
        let ConsumerLog { report, tally, times } = &mut log;
        self.run(worker, report, |report| self.consume(worker, report, tally, times));
        log
    }

    fn consume(&self, worker: Worker, report: &mut ThreadReport, tally: &mut Tally, times: &mut Histogram<u64>) {
        for delay in self.scenario.delays(self.seed, report.id) {
            let popped = match self.buffer.try_pop() {
                Ok(item) => Some(item),
                Err(TryPopError::Closed) => None,
                Err(TryPopError::Empty) => self.blocked(worker, report, || self.buffer.pop().ok()),
            };
            let Some(item) = popped else { return };
            let nanos = item.time_in_buffer(Instant::now()).as_nanos();
            let nanos = u64::try_from(nanos).expect("a run takes less than 500 years");
            times.record(nanos).expect("the histogram grows as needed");
            report.items += 1;
            let Item { producer, sequence, value, .. } = item;
            tally.record(producer, sequence);
            self.emit(worker, Action::Popped { producer, sequence, value });
            self.wait_for(worker, delay);
        }
    }

    /// Calls an operation that waits, and measures how long it takes.
    fn blocked<R>(&self, worker: Worker, report: &mut ThreadReport, operation: impl FnOnce() -> R) -> R {
        let begin = Instant::now();
        self.emit(worker, Action::WaitBegan);
        let result = operation();
        report.blocked += 1;
        report.blocked_time += begin.elapsed();
        self.emit(worker, Action::WaitEnded);
        result
    }

    /// Waits until the delay has passed or the run is closed early. The delay is longer in a phase in which the side is slow.
    fn wait_for(&self, worker: Worker, delay: Duration) {
        let phase = self.begin.elapsed().as_millis().checked_div(self.scenario.phase_ms.into());
        let is_slow = phase.is_some_and(|phase| phase % 2 == u128::from(matches!(worker, Worker::Producer(_))));
        let delay = if is_slow { delay.saturating_mul(Scenario::SLOWER) } else { delay };
        if !delay.is_zero() {
            // Ignored: the result is `Timeout` or `Closed`, and both end the delay.
            _ = self.timer.pop_timeout(delay);
        }
    }

    /// Sends an event to the observers. Without one, the clock is not read.
    fn emit(&self, worker: Worker, action: Action) {
        if !self.observers.is_empty() {
            let event = Event { at: Instant::now(), worker, action };
            self.observers.iter().for_each(|observer| observer(&event));
        }
    }

    /// Closes the buffer, once.
    pub(crate) fn close(&self) {
        if self.buffer.close() {
            self.emit(Worker::Runner, Action::Closed);
        }
    }

    /// Ends the run: producers push nothing more, delays end, and consumers pop the accepted items.
    pub(crate) fn close_early(&self) {
        // Relaxed, here and below: the flag guards no other data.
        self.closed_early.store(true, Ordering::Relaxed);
        self.close(); // before delays end, so that no producer finds a slot that a consumer has just freed
        self.timer.close();
    }

    pub(crate) fn is_closed_early(&self) -> bool {
        self.closed_early.load(Ordering::Relaxed)
    }
}

/// Returns the message of a panic.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_for_a_slot_is_no_time_in_the_buffer() {
        let item = Item::new(1, 0, 42);
        let offered = Instant::now();
        let (item, cell) = item.waiting();
        assert_eq!(item.time_in_buffer(offered + Duration::from_secs(9)), Duration::ZERO);

        cell.set(offered + Duration::from_secs(10)).expect("the cell is set once");
        assert_eq!(item.time_in_buffer(offered + Duration::from_secs(13)), Duration::from_secs(3));
    }
}
