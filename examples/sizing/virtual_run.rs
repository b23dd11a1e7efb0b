//! The scenario in virtual time: a clock that jumps to whatever happens next, so that a run of minutes takes a millisecond.
//!
//! The threads draw their pauses from the runner's own generators, so with the same seed a virtual run and a real one pause
//! alike. Pushing and popping take no time here, and waiters are served first come, first served. Where the pauses are
//! milliseconds, the buffer's own microseconds and a thread that barges in now and then do not show.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use bounded_buffer::runner::Scenario;
use hdrhistogram::Histogram;

/// What became of a virtual run.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) items: u64,
    /// Until the last thread had ended, its last pause included.
    pub(crate) elapsed: Duration,
    pub(crate) producers: Spent,
    pub(crate) consumers: Spent,
}

/// What the threads of one side did with their time, all of them together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Spent {
    pub(crate) blocked: Duration,
    pub(crate) paused: Duration,
}

impl Spent {
    /// Which part of the time was waiting; 0 if there was no time at all.
    pub(crate) fn blocked_share(&self) -> f64 {
        let all = (self.blocked + self.paused).as_secs_f64();
        if all > 0.0 { self.blocked.as_secs_f64() / all } else { 0.0 }
    }
}

/// Whose pause is over. Numbered from 0 here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Producer(usize),
    Consumer(usize),
}

struct WaitingProducer {
    id: usize,
    since: Duration,
    /// Drawn with the item, before the push, as the runner does.
    pause: Duration,
}

struct WaitingConsumer {
    id: usize,
    since: Duration,
}

struct Run<'a, S, P> {
    now: Duration,
    /// Who comes back when. The number in the middle lets those of one moment come in the order in which they left.
    agenda: BinaryHeap<Reverse<(Duration, u64, Who)>>,
    departures: u64,
    /// For each item in the buffer, when it was pushed.
    buffer: VecDeque<Duration>,
    capacity: usize,
    full: VecDeque<WaitingProducer>,
    empty: VecDeque<WaitingConsumer>,
    steps: Vec<S>,
    pauses: Vec<P>,
    /// How many producers are not done; at 0 the buffer is closed.
    producing: usize,
    in_buffer: &'a mut Histogram<u64>,
    outcome: Outcome,
}

/// Runs a valid scenario, and adds the nanoseconds that each item was in the buffer to the histogram.
pub(crate) fn run(scenario: &Scenario, seed: u64, in_buffer: &mut Histogram<u64>) -> Outcome {
    let items = usize::try_from(scenario.items).expect("no more items than can be counted");
    let mut run = Run {
        now: Duration::ZERO,
        agenda: BinaryHeap::new(),
        departures: 0,
        buffer: VecDeque::new(),
        capacity: scenario.capacity,
        full: VecDeque::new(),
        empty: VecDeque::new(),
        steps: (1..=scenario.producers).map(|id| scenario.steps(seed, id).take(items)).collect(),
        pauses: (1..=scenario.consumers).map(|id| scenario.delays(seed, id)).collect(),
        producing: scenario.producers,
        in_buffer,
        outcome: Outcome::default(),
    };
    (0..scenario.producers).for_each(|id| run.comes_back_after(Duration::ZERO, Who::Producer(id)));
    (0..scenario.consumers).for_each(|id| run.comes_back_after(Duration::ZERO, Who::Consumer(id)));
    while let Some(Reverse((at, _, who))) = run.agenda.pop() {
        run.now = at;
        match who {
            Who::Producer(id) => run.producer_is_back(id),
            Who::Consumer(id) => run.consumer_is_back(id),
        }
    }
    run.outcome.elapsed = run.now;
    run.outcome
}

impl<S: Iterator<Item = (u32, Duration)>, P: Iterator<Item = Duration>> Run<'_, S, P> {
    fn comes_back_after(&mut self, pause: Duration, who: Who) {
        self.departures += 1;
        self.agenda.push(Reverse((self.now + pause, self.departures, who)));
    }

    fn since(&self, earlier: Duration) -> Duration {
        self.now.checked_sub(earlier).expect("the clock does not go back")
    }

    fn producer_is_back(&mut self, id: usize) {
        match self.steps[id].next() {
            None => {
                self.producing -= 1;
                if self.producing == 0 {
                    self.close();
                }
            }
            Some((_, pause)) if self.buffer.len() < self.capacity => self.push(id, pause),
            Some((_, pause)) => self.full.push_back(WaitingProducer { id, since: self.now, pause }),
        }
    }

    fn push(&mut self, id: usize, pause: Duration) {
        self.buffer.push_back(self.now);
        self.outcome.producers.paused += pause;
        self.comes_back_after(pause, Who::Producer(id));
        if let Some(waiter) = self.empty.pop_front() {
            self.outcome.consumers.blocked += self.since(waiter.since);
            self.pop(waiter.id);
        }
    }

    fn consumer_is_back(&mut self, id: usize) {
        if !self.buffer.is_empty() {
            self.pop(id);
        } else if self.producing > 0 {
            self.empty.push_back(WaitingConsumer { id, since: self.now });
        } // else closed and drained: it has ended
    }

    fn pop(&mut self, id: usize) {
        let pushed = self.buffer.pop_front().expect("who pops has seen that there is an item");
        let nanos = u64::try_from(self.since(pushed).as_nanos()).expect("no run lasts 500 years");
        self.in_buffer.record(nanos).expect("it grows to take any number");
        self.outcome.items += 1;
        let pause = self.pauses[id].next().expect("pauses have no end");
        self.outcome.consumers.paused += pause;
        self.comes_back_after(pause, Who::Consumer(id));
        if let Some(waiter) = self.full.pop_front() {
            self.outcome.producers.blocked += self.since(waiter.since);
            self.push(waiter.id, waiter.pause);
        }
    }

    /// Those who wait for an item then wait no longer, and end.
    fn close(&mut self) {
        for waiter in std::mem::take(&mut self.empty) {
            self.outcome.consumers.blocked += self.since(waiter.since);
        }
    }
}
