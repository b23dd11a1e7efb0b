//! What the threads of a run do: the two loops of the scenario, and what they share.

use std::any::Any;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::channel::{Channel, PopEnd, PushEnd};
use super::event::{Action, Event, Observer, Worker};
use super::item::Item;
use super::report::ThreadReport;
use super::scenario::{Failure, Scenario};
use super::verdict::Tally;
use crate::sync::{AtomicUsize, Mutex, notifications_by_this_thread};
use crate::{BoundedBuffer, Stats, TryPopError, TryPushError, WaitStrategy};

/// What the threads of a run share, beside the channel.
pub(crate) struct Shared<C: Channel, O> {
    pub(crate) scenario: Scenario,
    pub(crate) seed: u64,
    pub(crate) observer: O,
    /// Set when the run is to end before its time.
    closed_early: OnceLock<()>,
    /// Where threads sleep: a pop with a time-out from a buffer into which nothing can be pushed. Closing it ends all sleeps.
    pillow: BoundedBuffer<Infallible>,
    /// How many consumers are to leave; each that does takes one off.
    leaving: AtomicUsize,
    pub(crate) desk: Mutex<Desk<C>>,
}

/// The ends that belong to nobody's loop.
pub(crate) struct Desk<C: Channel> {
    /// Keeps the channel open until all producers are joined.
    pub(crate) push: Option<C::Push>,
    /// For consumers yet to come. `None` if the channel admits one consumer only, or if all have failed.
    pub(crate) spare: Option<C::Pop>,
    /// Those that have not failed and are not asked to leave.
    pub(crate) consumers: usize,
}

/// What a consumer has to tell.
pub(crate) struct ConsumerLog {
    pub(crate) report: ThreadReport,
    pub(crate) tally: Tally,
    /// Nanoseconds.
    pub(crate) times: Histogram<u64>,
}

/// To three significant digits, and as wide as need be.
pub(crate) fn new_histogram() -> Histogram<u64> {
    Histogram::new(3).expect("3 is a precision that exists")
}

impl<C: Channel, O: Observer> Shared<C, O> {
    pub(crate) fn new(scenario: Scenario, seed: u64, observer: O, desk: Desk<C>) -> Self {
        Self {
            scenario,
            seed,
            observer,
            closed_early: OnceLock::new(),
            pillow: BoundedBuffer::with_wait_strategy(1, WaitStrategy::Park),
            leaving: AtomicUsize::new(0),
            desk: Mutex::new(desk),
        }
    }

    /// A producer's thread: all its items, or as many as it gets to.
    pub(crate) fn run_producer(&self, id: usize, end: C::Push) -> ThreadReport {
        let me = Worker::Producer(id);
        let mut log = ThreadReport::new(id);
        let result = catch_unwind(AssertUnwindSafe(|| {
            self.tell(me, Action::Began);
            self.produce(id, &end, &mut log);
        }));
        drop(end); // before anybody hears of it
        self.finish(me, result, &mut log);
        log
    }

    fn produce(&self, id: usize, end: &C::Push, log: &mut ThreadReport) {
        for (sequence, (value, pause)) in (0..self.scenario.items).zip(self.scenario.steps(self.seed, id)) {
            if self.is_closed_early() {
                return;
            }
            if self.scenario.fail == Some(Failure { producer: id, item: sequence + 1 }) {
                // A panic in all but the hook's message: who asked for it needs no backtrace.
                resume_unwind(Box::new(format!("made to fail at its item {}", sequence + 1)));
            }
            let sent = notifications_by_this_thread();
            let accepted = self.push(end, Item::new(id, sequence, value), log);
            if accepted {
                self.tell(Worker::Producer(id), Action::Pushed { sequence, value });
            }
            self.tell_of_wake_ups(Worker::Producer(id), sent);
            if !accepted {
                return;
            }
            self.sleep(pause);
        }
    }

    /// False if the channel was closed.
    fn push(&self, end: &C::Push, item: Item, log: &mut ThreadReport) -> bool {
        let accepted = match end.try_push(item) {
            Ok(()) => true,
            Err(TryPushError::Closed(_)) => false,
            Err(TryPushError::Full(item)) => {
                let (item, entered) = item.waiting();
                self.wait(Worker::Producer(log.id), log, || {
                    let accepted = end.push(item).is_ok();
                    // Nobody else sets it, and who has popped the item already does without.
                    _ = entered.set(Instant::now());
                    accepted
                })
            }
        };
        log.items += u64::from(accepted);
        accepted
    }

    /// A consumer's thread: until the channel is closed and drained, or it may leave.
    pub(crate) fn run_consumer(&self, id: usize, end: C::Pop) -> ConsumerLog {
        let me = Worker::Consumer(id);
        let mut log = ConsumerLog { report: ThreadReport::new(id), tally: Tally::default(), times: new_histogram() };
        let result = catch_unwind(AssertUnwindSafe(|| {
            self.tell(me, Action::Began);
            self.consume(id, &end, &mut log);
        }));
        if result.is_err() {
            self.one_consumer_less(); // before producers see that nobody is left, so that the report can tell why they ended
        }
        drop(end);
        self.finish(me, result, &mut log.report);
        log
    }

    fn consume(&self, id: usize, end: &C::Pop, log: &mut ConsumerLog) {
        let me = Worker::Consumer(id);
        for pause in self.scenario.pauses(self.seed, id) {
            if self.may_leave() {
                return;
            }
            let sent = notifications_by_this_thread();
            let popped = match end.try_pop() {
                Ok(item) => Some(item),
                Err(TryPopError::Closed) => None,
                Err(TryPopError::Empty) => self.wait(me, &mut log.report, || end.pop().ok()),
            };
            let Some(item) = popped else {
                self.tell_of_wake_ups(me, sent);
                return;
            };
            let nanos = item.time_in_buffer(Instant::now()).as_nanos();
            let nanos = u64::try_from(nanos).expect("no run lasts 500 years");
            log.times.record(nanos).expect("it grows to take any number");
            log.report.items += 1;
            log.tally.note(&item);
            self.tell(me, Action::Popped { producer: item.producer(), sequence: item.sequence(), value: item.value() });
            self.tell_of_wake_ups(me, sent);
            self.sleep(pause);
        }
    }

    /// Does what waits, and takes the time.
    fn wait<R>(&self, me: Worker, log: &mut ThreadReport, operation: impl FnOnce() -> R) -> R {
        let begin = Instant::now();
        self.tell(me, Action::WaitBegan);
        let result = operation();
        log.blocked += 1;
        log.blocked_time += begin.elapsed();
        self.tell(me, Action::WaitEnded);
        result
    }

    /// No longer than until the run is closed early.
    fn sleep(&self, pause: Duration) {
        if !pause.is_zero() {
            // Nothing can come out: it is always an error that ends the sleep.
            _ = self.pillow.pop_timeout(pause);
        }
    }

    fn finish(&self, me: Worker, result: Result<(), Box<dyn Any + Send>>, log: &mut ThreadReport) {
        match result {
            Ok(()) => self.tell(me, Action::Ended),
            Err(panic) => {
                log.failure = Some(message(&*panic));
                self.tell(me, Action::Failed);
            }
        }
    }

    fn tell(&self, worker: Worker, action: Action) {
        if self.observer.is_active() {
            self.observer.event(&Event { at: Instant::now(), worker, action });
        }
    }

    /// Those that this thread has sent beyond so many.
    fn tell_of_wake_ups(&self, me: Worker, sent: u64) {
        for _ in sent..notifications_by_this_thread() {
            self.tell(me, Action::Notified);
        }
    }

    /// Asks one consumer to leave, whichever comes first; not the last one, without which the run might never end.
    pub(crate) fn remove_consumer(&self) -> bool {
        let mut desk = self.desk.lock();
        if desk.consumers <= 1 {
            return false;
        }
        desk.consumers -= 1;
        // Relaxed, here and in `may_leave`: a count of its own, which guards nothing else.
        self.leaving.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// Is it this consumer that leaves?
    fn may_leave(&self) -> bool {
        self.leaving.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1)).is_ok()
    }

    /// A consumer failed. If one was to leave, it is this one. If it was the last, no producer may wait for it.
    fn one_consumer_less(&self) {
        if self.may_leave() {
            return;
        }
        let mut desk = self.desk.lock();
        desk.consumers -= 1;
        if desk.consumers == 0 {
            let spare = desk.spare.take();
            drop(desk);
            drop(spare);
            self.close_early();
        }
    }

    /// What the channel has counted so far, if it counts.
    pub(crate) fn stats(&self) -> Option<Stats> {
        self.desk.lock().spare.as_ref().and_then(C::Pop::stats)
    }

    /// Closes the channel, the first time.
    pub(crate) fn close(&self) {
        let push = self.desk.lock().push.take();
        if let Some(push) = push {
            let sent = notifications_by_this_thread();
            push.close();
            drop(push);
            self.tell(Worker::Runner, Action::Closed);
            self.tell_of_wake_ups(Worker::Runner, sent);
        }
    }

    /// Ends the run now: no further items, no more pauses; what was accepted is still popped.
    pub(crate) fn close_early(&self) {
        // Whether it was set before is the same to all.
        _ = self.closed_early.set(());
        self.close(); // before consumers wake and make room for items that are no longer wanted
        self.pillow.close();
    }

    pub(crate) fn is_closed_early(&self) -> bool {
        self.closed_early.get().is_some()
    }
}

/// What a panic said, if it was text.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked").to_owned()
}
