//! Checks whether a history of calls is linearizable: the calls can be put into one sequence, so that a call that returned
//! before another began comes first, and a sequential queue returns the same outcomes.
//!
//! The checker is Wing and Gong's search: it tries the orders of the calls that real time allows, until the queue returns the
//! recorded outcomes in one. A point of the search that was reached in another order is not searched again (Lowe).
//!
//! Used by the models, for each explored execution, and by the tests on real threads.

mod call;
#[cfg(all(test, not(any(loom, shuttle))))]
mod examples;
mod queue;
pub mod task;

pub use call::{Call, Outcome};
pub use queue::Queue;

use std::collections::HashSet;

use bounded_buffer::BoundedBuffer;
use queue::Step;

/// One call, as its thread recorded it.
#[derive(Clone, Debug)]
pub struct Event {
    pub call: Call,
    pub outcome: Outcome,
    pub invoked: usize,
    pub returned: usize,
}

/// Makes the calls one after the other. `now` is a clock that all threads share.
pub fn record(
    buffer: &BoundedBuffer<u32>,
    calls: impl IntoIterator<Item = Call>,
    now: impl Fn() -> usize,
) -> Vec<Event> {
    let make = |call: Call| {
        let invoked = now();
        let outcome = call.make(buffer);
        Event { call, outcome, invoked, returned: now() }
    };
    calls.into_iter().map(make).collect()
}

/// A point of the search: the queue after some calls, and the remaining calls.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Point {
    queue: Queue,
    /// The items that a call has moved so far; `None` once it has returned.
    calls: Vec<Option<Vec<u32>>>,
}

/// Panics with the history if no order explains it.
#[track_caller]
pub fn check(queue: &Queue, mut history: Vec<Event>) {
    history.sort_by_key(|event| event.invoked);
    let explained = linearizable(queue.clone(), &history);
    assert!(explained, "not linearizable, from {queue:?}:\n{}", timetable(&history));
}

fn linearizable(queue: Queue, history: &[Event]) -> bool {
    let begin = Point { queue, calls: vec![Some(Vec::new()); history.len()] };
    explains(begin, history, &mut HashSet::new())
}

fn explains(point: Point, history: &[Event], seen: &mut HashSet<Point>) -> bool {
    let open = || (0..history.len()).filter(|&at| point.calls[at].is_some());
    // A call that began after another had returned comes after it in every order.
    let Some(first_return) = open().map(|at| history[at].returned).min() else { return true };
    if seen.contains(&point) {
        return false;
    }
    for at in open().filter(|&at| history[at].invoked < first_return) {
        let mut next = point.clone();
        let moved = next.calls[at].take().unwrap_or_default();
        match next.queue.step(&history[at].call, &moved) {
            Step::Waits => continue,
            Step::Moved(moved) => next.calls[at] = Some(moved),
            Step::Returns(outcome) if outcome != history[at].outcome => continue,
            Step::Returns(_) => {}
        }
        if explains(next, history, seen) {
            return true;
        }
    }
    seen.insert(point);
    false
}

fn timetable(history: &[Event]) -> String {
    let line = |event: &Event| {
        format!("{:3} to {:3}: {:?} -> {:?}\n", event.invoked, event.returned, event.call, event.outcome)
    };
    history.iter().map(line).collect()
}
