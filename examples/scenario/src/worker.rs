//! The threads of a run: the loop of a producer and the loop of a consumer.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

use bounded_buffer::{TryPopError, TryPushError};

use crate::channel::{Channel, PopEnd, PushEnd};
use crate::event::{Action, Observer, Worker};
use crate::item::Item;
use crate::log::{ConsumerLog, ThreadReport};
use crate::scenario::Failure;
use crate::shared::Shared;

impl<C: Channel, O: Observer> Shared<C, O> {
    /// Runs a producer's thread, until it has pushed its items or the run is closed.
    pub(crate) fn run_producer(&self, id: usize, end: C::Push) -> ThreadReport {
        let worker = Worker::Producer(id);
        let mut log = ThreadReport::new(id);
        let result = catch_unwind(AssertUnwindSafe(|| {
            self.emit(worker, Action::Began);
            self.produce(id, &end, &mut log);
        }));
        drop(end); // before the last event, so that an observer finds the channel without this producer
        self.finish(worker, result, &mut log);
        log
    }

    fn produce(&self, id: usize, end: &C::Push, log: &mut ThreadReport) {
        let worker = Worker::Producer(id);
        for (sequence, (value, delay)) in (0..self.scenario.items).zip(self.scenario.steps(self.seed, id)) {
            if self.is_closed_early() {
                return;
            }
            if self.scenario.fail == Some(Failure { producer: id, item: sequence + 1 }) {
                // A panic without the hook's message and backtrace, because it is planned.
                resume_unwind(Box::new(format!("made to fail at its item {}", sequence + 1)));
            }
            if !self.push(end, Item::new(id, sequence, value), log) {
                return;
            }
            self.emit(worker, Action::Pushed { sequence, value });
            self.wait_for(worker, delay);
        }
    }

    /// Pushes an item. Returns false if the channel is closed.
    fn push(&self, end: &C::Push, item: Item, log: &mut ThreadReport) -> bool {
        let accepted = match end.try_push(item) {
            Ok(()) => true,
            Err(TryPushError::Closed(_)) => false,
            Err(TryPushError::Full(item)) => {
                let (item, entered) = item.waiting();
                self.blocked(Worker::Producer(log.id), log, || {
                    let accepted = end.push(item).is_ok();
                    // Ignored: the cell is empty, because only this thread sets it.
                    _ = entered.set(Instant::now());
                    accepted
                })
            }
        };
        log.items += u64::from(accepted);
        accepted
    }

    /// Runs a consumer's thread, until the channel is closed and drained or the consumer should stop.
    pub(crate) fn run_consumer(&self, id: usize, end: C::Pop) -> ConsumerLog {
        let worker = Worker::Consumer(id);
        let mut log = ConsumerLog::new(id);
        let result = catch_unwind(AssertUnwindSafe(|| {
            self.emit(worker, Action::Began);
            self.consume(id, &end, &mut log);
        }));
        if result.is_err() {
            self.consumer_failed(); // before the end is dropped, so that the report says that the run was closed early
        }
        drop(end);
        self.finish(worker, result, &mut log.report);
        log
    }

    fn consume(&self, id: usize, end: &C::Pop, log: &mut ConsumerLog) {
        let worker = Worker::Consumer(id);
        for delay in self.scenario.delays(self.seed, id) {
            if self.should_stop() {
                return;
            }
            let popped = match end.try_pop() {
                Ok(item) => Some(item),
                Err(TryPopError::Closed) => None,
                Err(TryPopError::Empty) => self.blocked(worker, &mut log.report, || end.pop().ok()),
            };
            let Some(item) = popped else { return };
            let nanos = item.time_in_buffer(Instant::now()).as_nanos();
            let nanos = u64::try_from(nanos).expect("a run takes less than 500 years");
            log.times.record(nanos).expect("the histogram grows as needed");
            log.report.items += 1;
            log.tally.record(&item);
            let (producer, sequence, value) = (item.producer(), item.sequence(), item.value());
            self.emit(worker, Action::Popped { producer, sequence, value });
            self.wait_for(worker, delay);
        }
    }

    /// Calls an operation that waits, and measures how long it takes.
    fn blocked<R>(&self, worker: Worker, log: &mut ThreadReport, operation: impl FnOnce() -> R) -> R {
        let begin = Instant::now();
        self.emit(worker, Action::WaitBegan);
        let result = operation();
        log.blocked += 1;
        log.blocked_time += begin.elapsed();
        self.emit(worker, Action::WaitEnded);
        result
    }

    fn finish(&self, worker: Worker, result: Result<(), Box<dyn Any + Send>>, log: &mut ThreadReport) {
        match result {
            Ok(()) => self.emit(worker, Action::Ended),
            Err(panic) => {
                log.failure = Some(message(&*panic));
                self.emit(worker, Action::Failed);
            }
        }
    }
}

/// Returns the message of a panic.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message").to_owned()
}
