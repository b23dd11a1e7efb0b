//! The documented scenario and the runner: seeds, runs with failures, and what is inferred from a run.

use std::sync::mpsc;

use scenario::{Event, Observer, Scenario};

mod data;
mod lanes;
mod runs;
mod virtual_run;

/// The documented scenario without delays.
fn quick() -> Scenario {
    Scenario { time_scale: 0.0, ..Scenario::default() }
}

/// One producer without delays, and one consumer whose first delay lasts until the run is closed.
fn stuck() -> Scenario {
    Scenario { producers: 1, consumers: 1, produce_ms: 0..1, consume_ms: u64::MAX - 1..u64::MAX, ..Scenario::default() }
}

/// An observer, and the receiver of its events. The receiver ends when all threads of the run have ended.
fn recorder() -> (Observer, mpsc::Receiver<Event>) {
    let (sender, events) = mpsc::channel();
    // An error: the test has dropped the receiver.
    (Box::new(move |event| _ = sender.send(*event)), events)
}
