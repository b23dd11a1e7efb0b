//! The scenario in virtual time: the clock jumps to the next event, so that a run of minutes takes a millisecond.
//!
//! The threads draw their delays from the runner's generators, so a virtual run and a real run with the same seed have the
//! same delays. Pushes and pops take no time here, and waiting threads are served in the order in which they began to wait.
//! With delays of milliseconds, the difference to the buffer's microseconds and to its unfair order is small.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::scenario::Scenario;

/// The result of a virtual run.
#[derive(Debug, Default, PartialEq)]
pub struct Outcome {
    pub items: u64,
    /// Until the last thread has ended, including its last delay.
    pub elapsed: Duration,
    pub producers: Spent,
    pub consumers: Spent,
}

/// The time of all threads on one side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    pub blocked: Duration,
    pub delayed: Duration,
}

impl Spent {
    /// Returns the fraction of the time that was spent blocked; 0 if no time was spent.
    pub fn blocked_fraction(&self) -> f64 {
        let all = (self.blocked + self.delayed).as_secs_f64();
        if all > 0.0 { self.blocked.as_secs_f64() / all } else { 0.0 }
    }
}

/// A thread, numbered from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thread {
    Producer(usize),
    Consumer(usize),
}

struct WaitingProducer {
    id: usize,
    since: Duration,
    /// The delay after the item. It is drawn with the item, before the push, as in the runner.
    delay: Duration,
}

struct WaitingConsumer {
    id: usize,
    since: Duration,
}

struct Run<'a, S, D> {
    now: Duration,
    /// The ends of the delays. The number orders delays that end at the same time by their begin.
    timers: BinaryHeap<Reverse<(Duration, u64, Thread)>>,
    timers_set: u64,
    /// The time at which each item in the buffer was pushed.
    buffer: VecDeque<Duration>,
    capacity: usize,
    waiting_producers: VecDeque<WaitingProducer>,
    waiting_consumers: VecDeque<WaitingConsumer>,
    steps: Vec<S>,
    delays: Vec<D>,
    /// Number of producers that are not done; at 0 the buffer is closed.
    active_producers: usize,
    in_buffer: &'a mut Histogram<u64>,
    outcome: Outcome,
}

/// Runs a valid scenario, and adds the nanoseconds that each item was in the buffer to the histogram.
pub fn run(scenario: &Scenario, seed: u64, in_buffer: &mut Histogram<u64>) -> Outcome {
    let items = usize::try_from(scenario.items).expect("the number of items is limited");
    let mut run = Run {
        now: Duration::ZERO,
        timers: BinaryHeap::new(),
        timers_set: 0,
        buffer: VecDeque::new(),
        capacity: scenario.capacity,
        waiting_producers: VecDeque::new(),
        waiting_consumers: VecDeque::new(),
        steps: (1..=scenario.producers).map(|id| scenario.steps(seed, id).take(items)).collect(),
        delays: (1..=scenario.consumers).map(|id| scenario.delays(seed, id)).collect(),
        active_producers: scenario.producers,
        in_buffer,
        outcome: Outcome::default(),
    };
    (0..scenario.producers).for_each(|id| run.set_timer(Duration::ZERO, Thread::Producer(id)));
    (0..scenario.consumers).for_each(|id| run.set_timer(Duration::ZERO, Thread::Consumer(id)));
    while let Some(Reverse((at, _, thread))) = run.timers.pop() {
        run.now = at;
        match thread {
            Thread::Producer(id) => run.resume_producer(id),
            Thread::Consumer(id) => run.resume_consumer(id),
        }
    }
    run.outcome.elapsed = run.now;
    run.outcome
}

impl<S: Iterator<Item = (u32, Duration)>, D: Iterator<Item = Duration>> Run<'_, S, D> {
    fn set_timer(&mut self, delay: Duration, thread: Thread) {
        self.timers_set += 1;
        self.timers.push(Reverse((self.now + delay, self.timers_set, thread)));
    }

    fn since(&self, earlier: Duration) -> Duration {
        self.now.checked_sub(earlier).expect("the clock does not go back")
    }

    fn resume_producer(&mut self, id: usize) {
        match self.steps[id].next() {
            None => {
                self.active_producers -= 1;
                if self.active_producers == 0 {
                    self.close();
                }
            }
            Some((_, delay)) if self.buffer.len() < self.capacity => self.push(id, delay),
            Some((_, delay)) => self.waiting_producers.push_back(WaitingProducer { id, since: self.now, delay }),
        }
    }

    fn push(&mut self, id: usize, delay: Duration) {
        self.buffer.push_back(self.now);
        self.outcome.producers.delayed += delay;
        self.set_timer(delay, Thread::Producer(id));
        if let Some(waiter) = self.waiting_consumers.pop_front() {
            self.outcome.consumers.blocked += self.since(waiter.since);
            self.pop(waiter.id);
        }
    }

    fn resume_consumer(&mut self, id: usize) {
        if !self.buffer.is_empty() {
            self.pop(id);
        } else if self.active_producers > 0 {
            self.waiting_consumers.push_back(WaitingConsumer { id, since: self.now });
        } // else the buffer is closed and drained, and the consumer has ended
    }

    fn pop(&mut self, id: usize) {
        let pushed = self.buffer.pop_front().expect("the caller has checked that there is an item");
        let nanos = u64::try_from(self.since(pushed).as_nanos()).expect("a run takes less than 500 years");
        self.in_buffer.record(nanos).expect("the histogram grows as needed");
        self.outcome.items += 1;
        let delay = self.delays[id].next().expect("the iterator is endless");
        self.outcome.consumers.delayed += delay;
        self.set_timer(delay, Thread::Consumer(id));
        if let Some(waiter) = self.waiting_producers.pop_front() {
            self.outcome.producers.blocked += self.since(waiter.since);
            self.push(waiter.id, waiter.delay);
        }
    }

    /// Ends the waits of consumers.
    fn close(&mut self) {
        for waiter in std::mem::take(&mut self.waiting_consumers) {
            self.outcome.consumers.blocked += self.since(waiter.since);
        }
    }
}
