//! The documented scenario and the runner: what a seed promises, what a run survives, and that the verdict sees a fault.

use std::sync::mpsc;

use bounded_buffer::runner::{Event, Observer, Scenario};

mod data;
mod faults;
mod peers;
mod runs;
mod staff;

/// The documented scenario without pauses.
fn quick() -> Scenario {
    Scenario { time_scale: 0.0, ..Scenario::default() }
}

/// One producer that does not pause, one consumer that pauses forever: until the run is closed.
fn stuck() -> Scenario {
    Scenario { producers: 1, consumers: 1, produce_ms: 0..1, consume_ms: u64::MAX - 1..u64::MAX, ..Scenario::default() }
}

/// An observer, and where to read what it was told. The reading ends when all threads of the run are gone.
fn recorder() -> (impl Observer, mpsc::Receiver<Event>) {
    let (sender, events) = mpsc::channel();
    // A test that has seen enough no longer listens.
    (move |event: &Event| _ = sender.send(*event), events)
}
