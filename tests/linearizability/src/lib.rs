//! Checks whether a history of calls is linearizable: the calls can be put into one sequence, so that a call that returned
//! before another began comes first, and a sequential queue returns the same outcomes.
//!
//! Used by the models, for each explored execution, and by the tests on real threads.

mod call;
mod checker;
#[cfg(all(test, not(any(loom, shuttle))))]
mod examples;
mod queue;
pub mod task;

pub use call::{Call, Outcome};
pub use checker::check;
pub use queue::Queue;

use bounded_buffer::BoundedBuffer;

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
