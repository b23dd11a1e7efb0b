//! A run: its threads, what they share, and how it is closed.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::OnceLock;
use std::thread::{self, Builder, ScopedJoinHandle};
use std::time::{Duration, Instant};

use bounded_buffer::{BoundedBuffer, Stats, TryPopError, TryPushError, WaitStrategy};

use crate::event::{Action, Event, Worker};
use crate::report::Report;
use crate::scenario::{Failure, Scenario, random_seed};

/// A run of a [`Scenario`], to be executed once. Meanwhile, other threads can read its counters and close it.
pub struct Run {
    scenario: Scenario,
    seed: u64,
    buffer: BoundedBuffer<Item>,
    /// A buffer that stays empty. A pop with a time-out from it is a delay that `close` cuts short.
    timer: BoundedBuffer<Infallible>,
    /// When the buffer was closed.
    closed: OnceLock<Instant>,
}

/// An item: a value to print, and its origin.
struct Item {
    /// Number of the producer that pushed it.
    producer: usize,
    /// Its number among the items of its producer, from 0.
    sequence: u64,
    value: u32,
}

impl Scenario {
    /// Runs the scenario, and blocks until it ends.
    pub fn run(&self) -> Result<Report, String> {
        Run::new(self)?.execute(|_| {})
    }
}

impl Run {
    /// Creates a run of a valid scenario.
    pub fn new(scenario: &Scenario) -> Result<Self, String> {
        scenario.validate()?;
        let seed = scenario.seed.unwrap_or_else(random_seed);
        Ok(Self {
            scenario: Scenario { seed: Some(seed), ..scenario.clone() },
            seed,
            buffer: BoundedBuffer::new(scenario.capacity),
            // Park: delays are longer than any spin.
            timer: BoundedBuffer::with_wait_strategy(1, WaitStrategy::Park),
            closed: OnceLock::new(),
        })
    }

    /// Starts the threads, joins the producers, closes the buffer and joins the consumers.
    ///
    /// The observer receives each event in the thread that caused it, immediately after it happened, except a close by another
    /// thread. Many threads call it concurrently, and the time it takes delays the calling thread. A push can be reported after the
    /// pop of the same item, because the consumer may run before the producer returns from its push.
    ///
    /// ```
    /// use scenario::{Action, Run, Scenario};
    ///
    /// let scenario = Scenario { time_scale: 0.0, ..Scenario::default() };
    /// let report = Run::new(&scenario)?.execute(|event| {
    ///     if let Action::Popped { value, .. } = event.action {
    ///         println!("{} consumed: {value}", event.worker);
    ///     }
    /// })?;
    /// assert!(report.verdict.holds());
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the operating system does not start a thread. Threads that were already started then stop.
    pub fn execute(&self, observer: impl Fn(&Event) + Sync) -> Result<Report, String> {
        let begin = Instant::now();
        let observer: &(dyn Fn(&Event) + Sync) = &observer;
        thread::scope(|scope| {
            let spawn = |worker: Worker| {
                let thread = Thread { run: self, worker, begin, observer, events: Vec::new() };
                let builder = Builder::new().name(worker.to_string());
                builder.spawn_scoped(scope, || thread.run()).map_err(|error| {
                    self.close();
                    format!("cannot start a thread: {error}")
                })
            };
            let producers = (1..=self.scenario.producers).map(|id| spawn(Worker::Producer(id)));
            let producers = producers.collect::<Result<_, _>>()?;
            let consumers = (1..=self.scenario.consumers).map(|id| spawn(Worker::Consumer(id)));
            let consumers = consumers.collect::<Result<_, _>>()?;

            let mut events = join(producers);
            let (at, is_early) = self.close_buffer();
            let closed = Event { at, worker: Worker::Runner, action: Action::Closed };
            observer(&closed);
            events.push(closed);
            events.extend(join(consumers));
            let elapsed = begin.elapsed();
            // Stable: the events of one thread keep their order.
            events.sort_by_key(|event| event.at);
            Ok(Report::new(self.scenario.clone(), events, elapsed, is_early, self.buffer.stats()))
        })
    }

    /// Ends the run early, without blocking: producers push nothing more, delays end, and consumers pop the accepted items.
    pub fn close(&self) {
        self.close_buffer(); // before delays end, so that no producer finds a slot that a consumer has just freed
        self.timer.close();
    }

    /// Closes the buffer, if it is open. Returns when it was closed, and whether it was closed before this call.
    fn close_buffer(&self) -> (Instant, bool) {
        let mut was_closed = true;
        let at = self.closed.get_or_init(|| {
            was_closed = false;
            self.buffer.close();
            Instant::now()
        });
        (*at, was_closed)
    }

    /// Returns the number of slots of the buffer.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Returns the buffer's own counters so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.buffer.stats()
    }
}

/// Joins the threads, and returns their events.
fn join(threads: Vec<ScopedJoinHandle<'_, Vec<Event>>>) -> Vec<Event> {
    threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
}

/// A thread of a run, and what it has done.
struct Thread<'a> {
    run: &'a Run,
    worker: Worker,
    begin: Instant,
    observer: &'a (dyn Fn(&Event) + Sync),
    events: Vec<Event>,
}

impl Thread<'_> {
    fn run(mut self) -> Vec<Event> {
        self.emit(Action::Began);
        // Unwind safe: after a panic, only the events are used.
        let result = catch_unwind(AssertUnwindSafe(|| match self.worker {
            Worker::Producer(id) => self.produce(id),
            Worker::Consumer(id) => self.consume(id),
            Worker::Runner => unreachable!("it starts the others"),
        }));
        self.emit(if result.is_ok() { Action::Ended } else { Action::Failed });
        self.events
    }

    /// Pushes the items of a producer, until all are pushed or the buffer is closed.
    ///
    /// An operation is first attempted without waiting, here and in `consume`. This shows which operations wait, and for how
    /// long.
    fn produce(&mut self, producer: usize) {
        let Run { scenario, seed, buffer, .. } = self.run;
        for (sequence, (value, delay)) in (0..scenario.items).zip(scenario.steps(*seed, producer)) {
            if scenario.fail == Some(Failure { producer, item: sequence + 1 }) {
                // A panic without the hook's message and backtrace, because it is planned.
                resume_unwind(Box::new("a planned failure"));
            }
            let accepted = match buffer.try_push(Item { producer, sequence, value }) {
                Err(TryPushError::Full(item)) => self.wait(|| buffer.push(item).is_ok()),
                result => result.is_ok(),
            };
            if !accepted {
                return;
            }
            self.emit(Action::Pushed { sequence, value });
            self.delay(delay);
        }
    }

    /// Pops items, until the buffer is closed and drained.
    fn consume(&mut self, consumer: usize) {
        let Run { scenario, seed, buffer, .. } = self.run;
        for delay in scenario.delays(*seed, consumer) {
            let popped = match buffer.try_pop() {
                Err(TryPopError::Empty) => self.wait(|| buffer.pop().ok()),
                result => result.ok(),
            };
            let Some(Item { producer, sequence, value }) = popped else { return };
            self.emit(Action::Popped { producer, sequence, value });
            self.delay(delay);
        }
    }

    /// Calls an operation that waits.
    fn wait<R>(&mut self, operation: impl FnOnce() -> R) -> R {
        self.emit(Action::WaitBegan);
        let result = operation();
        self.emit(Action::WaitEnded);
        result
    }

    /// Waits until the delay has passed or the run is closed early. The delay is longer in a phase in which the side is slow.
    fn delay(&self, delay: Duration) {
        let phase = self.begin.elapsed().as_millis().checked_div(self.run.scenario.phase_ms.into());
        let is_slow = phase.is_some_and(|phase| phase % 2 == u128::from(matches!(self.worker, Worker::Producer(_))));
        let delay = if is_slow { delay.saturating_mul(Scenario::SLOWER) } else { delay };
        if !delay.is_zero() {
            // Ignored: the result is `Timeout` or `Closed`, and both end the delay.
            _ = self.run.timer.pop_timeout(delay);
        }
    }

    fn emit(&mut self, action: Action) {
        let event = Event { at: Instant::now(), worker: self.worker, action };
        (self.observer)(&event);
        self.events.push(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Verdict;

    /// Runs one producer and then, after something has been done to the buffer, one consumer.
    fn verdict(fault: impl Fn(&BoundedBuffer<Item>) + Sync) -> Verdict {
        let scenario = Scenario { producers: 1, consumers: 1, capacity: 20, time_scale: 0.0, ..Scenario::default() };
        let run = Run::new(&scenario).unwrap();
        let begin = BoundedBuffer::<()>::new(1);
        let observer = |event: &Event| match (event.worker, event.action) {
            (Worker::Producer(_), Action::Ended) => {
                fault(&run.buffer);
                begin.close();
            }
            (Worker::Consumer(_), Action::Began) => assert!(begin.pop().is_err()),
            _ => {}
        };
        let verdict = run.execute(observer).unwrap().verdict;
        assert_eq!(verdict.holds(), verdict == Verdict::default());
        verdict
    }

    #[test]
    fn the_verdict_names_the_fault_of_a_broken_buffer() {
        let item = |sequence| Item { producer: 1, sequence, value: 0 };
        let good = Verdict::default();
        assert_eq!(verdict(|_| {}), good);
        assert_eq!(verdict(|buffer| drop(buffer.pop())), Verdict { lost: 1, ..good });
        assert_eq!(verdict(|buffer| drop(buffer.drain())), Verdict { lost: 10, ..good });
        let without_last = |buffer: &BoundedBuffer<Item>| {
            buffer.drain().into_iter().take(9).for_each(|item| assert!(buffer.push(item).is_ok()));
        };
        assert_eq!(verdict(without_last), Verdict { lost: 1, ..good });
        assert_eq!(verdict(|buffer| assert!(buffer.push(item(9)).is_ok())), Verdict { duplicated: 1, ..good });
        assert_eq!(verdict(|buffer| assert!(buffer.push(item(10)).is_ok())), Verdict { unaccepted: 1, ..good });
        assert_eq!(verdict(|buffer| assert!(buffer.push(item(12)).is_ok())), Verdict { unaccepted: 1, ..good });
        let moved = verdict(|buffer| assert!(buffer.push(buffer.pop().unwrap()).is_ok()));
        assert_eq!(moved, Verdict { reordered: 1, ..good });
        assert_eq!(moved.to_string(), "BROKEN: 0 lost, 0 duplicated, 0 not accepted, 1 out of order");
    }
}
