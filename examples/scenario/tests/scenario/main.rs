//! The documented scenario and the runner: seeds, runs with failures, and what is inferred from a run.

use scenario::Scenario;

mod data;
mod lanes;
mod runs;
mod virtual_run;

/// The documented scenario without delays.
fn quick() -> Scenario {
    Scenario { time_scale: 0.0, ..Scenario::default() }
}
