//! The scenario in virtual time: the clock jumps to the next event, so that a run of minutes takes a millisecond.
//!
//! The threads draw their delays from the runner's generators, so a virtual run and a real run with the same seed have the
//! same delays. Pushes and pops take no time here, and waiting threads are served in the order in which they began to wait.
//! With delays of milliseconds, the difference to the buffer's microseconds and to its unfair order is small.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use crate::scenario::Scenario;

/// The result of a virtual run.
#[derive(Debug, Default, PartialEq)]
pub struct Outcome {
    /// How long each item was in the buffer.
    pub in_buffer: Vec<Duration>,
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

/// The threads of one side, numbered from 0, by the time at which their delay ends. The number before the thread's orders delays
/// that end at the same time by their begin.
type Threads = BinaryHeap<Reverse<(Duration, usize, usize)>>;

/// Runs a valid scenario.
///
/// Threads that wait are served in the order in which their delays have ended. So the next item is pushed by the producer whose
/// delay ends first, as soon as a slot is free, and popped by the consumer whose delay ends first.
pub fn run(scenario: &Scenario, seed: u64) -> Outcome {
    let items = usize::try_from(scenario.items).expect("the number of items is limited");
    let mut steps: Vec<_> = (1..=scenario.producers).map(|id| scenario.steps(seed, id).take(items)).collect();
    let mut delays: Vec<_> = (1..=scenario.consumers).map(|id| scenario.delays(seed, id)).collect();
    let threads = |count| -> Threads { (0..count).map(|id| Reverse((Duration::ZERO, id, id))).collect() };
    let (mut producers, mut consumers) = (threads(scenario.producers), threads(scenario.consumers));
    // The times at which the free slots became free, and those that will.
    let mut slots: VecDeque<_> = std::iter::repeat_n(Duration::ZERO, scenario.capacity).collect();
    let mut outcome = Outcome::default();
    let mut closed = Duration::ZERO;
    let mut number = Scenario::MAX_THREADS; // more than those at the begin
    while let Some(Reverse((offered, _, producer))) = producers.pop() {
        let Some((_, delay)) = steps[producer].next() else {
            closed = offered; // this producer is done, and perhaps the last one
            continue;
        };
        let pushed = offered.max(slots.pop_front().expect("each item that is popped frees a slot"));
        outcome.producers.blocked += pushed.saturating_sub(offered);
        outcome.producers.delayed += delay;
        producers.push(Reverse((pushed + delay, number, producer)));

        let Reverse((wanted, _, consumer)) = consumers.pop().expect("a consumer that pops returns");
        let popped = pushed.max(wanted);
        let delay = delays[consumer].next().expect("the iterator is endless");
        outcome.consumers.blocked += popped.saturating_sub(wanted);
        outcome.consumers.delayed += delay;
        consumers.push(Reverse((popped + delay, number, consumer)));

        slots.push_back(popped);
        outcome.in_buffer.push(popped.saturating_sub(pushed));
        number += 1;
    }
    outcome.elapsed = closed;
    for Reverse((wanted, ..)) in consumers {
        outcome.consumers.blocked += closed.saturating_sub(wanted);
        outcome.elapsed = outcome.elapsed.max(wanted);
    }
    outcome
}
