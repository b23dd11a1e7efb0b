//! Is a history of calls linearizable: could each call have happened at one moment between its start and its return, so that
//! a plain sequential queue would have answered the same?
//!
//! Shared by the models (every explored execution, a model's clock) and the tests on real threads (what happens to happen).

mod call;
mod checker;
#[cfg(not(loom))]
mod examples;
mod queue;

pub(crate) use call::{Call, Outcome};
pub(crate) use checker::check;
pub(crate) use queue::Queue;

use bounded_buffer::BoundedBuffer;

/// One call, as its thread saw it.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) call: Call,
    pub(crate) outcome: Outcome,
    pub(crate) invoked: usize,
    pub(crate) returned: usize,
}

/// Makes the calls one after the other. `now` counts up, for all threads together.
pub(crate) fn record(
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
